"""What administrators are asked about channels."""

from __future__ import annotations

from newsdesk.bot.transport.html import Page, isolated, shortened

_TITLE = 120  # units


def asked(title: str) -> str:
    """Whether a channel is to be read."""
    page = Page().add("I am in the channel ").add(isolated(shortened(title, _TITLE)), "b")
    page.add(". Shall I read its posts into the library, from now on? Whoever asks me may then get")
    page.add(
        " them as answers. Until you say so none is read; the newest wait, for a week at most."
    )
    return page.html


def decided(title: str, is_read: bool, held: int = 0) -> str:
    """What was decided about a channel, of which so many posts waited."""
    page = Page().add(isolated(shortened(title, _TITLE)), "b")
    if is_read:
        waited = f", and {held} that waited" if held else ""
        page.add(f": its posts are read from now on{waited}. /feeds lists the channel, ")
        page.add("/remove ends it.")
    else:
        page.add(": its posts are not read. To be asked again, add me to the channel anew.")
    return page.html
