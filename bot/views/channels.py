"""What administrators are asked about channels."""

from __future__ import annotations

from newsdesk.bot.transport.html import Page, isolated, shortened

_TITLE = 120  # units


def asked(title: str) -> str:
    """Whether a channel is to be read."""
    page = Page().add("I am in the channel ").add(isolated(shortened(title, _TITLE)), "b")
    page.add(". Shall I read its posts into the library, from now on? Whoever asks me may then get")
    return page.add(" them as answers. Until you say so, none is read.").html


def decided(title: str, is_read: bool) -> str:
    """What was decided about a channel."""
    page = Page().add(isolated(shortened(title, _TITLE)), "b")
    if is_read:
        page.add(": its posts are read from now on. /feeds lists the channel, /remove ends it.")
    else:
        page.add(": its posts are not read. To be asked again, add me to the channel anew.")
    return page.html
