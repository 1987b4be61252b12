"""Reads mail, as newsletters come, and web pages saved as mail (.mhtml).

Python's own parser takes what breaks the rules. The text is that of the HTML part where there is
one, since the plain one is often only a note that there is HTML.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import date, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from newsdesk.index.errors import Refused
from newsdesk.index.types import Article

from . import markup, web_page
from .addresses import absolute
from .cleaning import clean, clean_line
from .dates import plausible, read_date
from .encoding import decode
from .source import Refusal, Remark, SourceFile

SUFFIXES: tuple[str, ...] = (".eml", ".mhtml", ".mht")
MEDIA_TYPES: tuple[str, ...] = ("message/rfc822", "multipart/related")

_MOST_PARTS = 200  # parts that are looked at
_BOUNDARY = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_INVISIBLE = re.compile(  # what a newsletter shows in the list of mails only
    r"<(?P<tag>div|span|p|td)\b[^<>]{0,2000}?display\s*:\s*none[^<>]{0,2000}>.{0,5000}?</(?P=tag)>",
    re.IGNORECASE | re.DOTALL,
)
_AROUND = re.compile(  # a paragraph that is no part of a newsletter's text
    r"(?:view (?:this |it )?(?:e?mail |newsletter )?(?:in|on) (?:your |a |the )?(?:web )?browser|"
    r"view (?:web|online) version|(?:read|open|view) (?:it |this )?(?:online|in (?:the )?app)|"
    r"(?:click here to )?unsubscribe\b|you(?:'re| are) receiving this|you received this|"
    r"this (?:e-?mail|message|newsletter) was sent|update (?:your )?(?:e-?mail )?preferences|"
    r"manage (?:your )?(?:subscription|preferences)|forward(?:ed)? (?:this|to a friend)|"
    r"sign up here|was this forwarded|©|copyright ©|all rights reserved|privacy policy|"
    r"im browser (?:ansehen|öffnen)|"
    r"newsletter abbestellen|abmelden|se désabonner|voir dans le navigateur|share (?:this|on)|"
    r"follow us|(?:facebook|twitter|instagram|linkedin|youtube)\b.{0,40}\Z)",
    re.IGNORECASE,
)
_SHORT = 200  # characters at most of such a paragraph
_ZERO_WIDTH = re.compile(r"[\u034f\u200b-\u200f\u2007\u2060\ufeff]")


def read(source: SourceFile) -> Iterator[Article | Refusal | Remark]:
    """The one article of a mail, or of a page saved as one. Raises Refused for one without text."""
    data = source.read_whole()
    if len(_BOUNDARY.findall(data)) > _MOST_PARTS:
        raise Refused("parts within parts without end; save the newsletter as HTML instead")
    try:
        # Not the newer policy: its parser of headers raises what it likes, and can take for ever.
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    except RecursionError as error:
        raise Refused("parts within parts without end; save the newsletter as HTML") from error
    parts = _parts(message)
    if not message.keys() or not parts:
        raise Refused("no mail, or one without text; save it as .eml from the mail program")
    html, plain = (_first(parts, kind, source) for kind in ("text/html", "text/plain"))
    if source.name.endswith((".mhtml", ".mht")) and html:
        yield from web_page.read_text(source, html, _header(message, "Snapshot-Content-Location"))
        return
    text = _newsletter(clean(_INVISIBLE.sub("", markup.tame(html).html)))
    if len(text) < len(plain) // 10 or not text:
        text = _newsletter(clean(plain))
    if not text:
        raise Refused("a mail without text; save the page behind it instead")
    published, remarks = _published(message, source)
    yield from remarks
    name, address = parseaddr(_header(message, "From"))
    yield source.article(
        text=text,
        cleaned=True,
        title=_header(message, "Subject"),
        published=published,
        source=name or address,
        url=absolute(_header(message, "Archived-At").strip("<>")),
        language=_header(message, "Content-Language"),
    )


def _parts(message: Message) -> list[Message]:
    """The parts that hold text and are no attachments, in order."""
    parts: list[Message] = []
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            break
        kind = part.get_content_type()
        attached = _header(part, "Content-Disposition").lower().startswith("attachment")
        if kind in ("text/html", "text/plain") and not attached and not part.is_multipart():
            parts.append(part)
    return parts


def _first(parts: list[Message], kind: str, source: SourceFile) -> str:
    """The text of the first part of a kind; empty where there is none."""
    for part in parts:
        if part.get_content_type() == kind:
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                source.check_size(len(payload))
                return decode(payload, charset=_charset(part))
    return ""


def _charset(part: Message) -> str | None:
    charset = part.get_param("charset")
    return charset if isinstance(charset, str) else None


def _header(message: Message, name: str) -> str:
    """A header in one line; empty for none."""
    given = message.get(name, "")
    try:
        return clean_line(str(make_header(decode_header(given))))
    except (HeaderParseError, ValueError, LookupError):
        return clean_line(str(given))  # encoded wrongly: as it is


def _newsletter(text: str) -> str:
    """A newsletter's text without what stands around: how to read it elsewhere, how to leave it."""
    paragraphs = _ZERO_WIDTH.sub("", text).split("\n\n")
    return "\n\n".join(
        paragraph.strip()
        for paragraph in paragraphs
        if paragraph.strip() and not (len(paragraph) < _SHORT and _AROUND.match(paragraph.strip()))
    )


def _published(message: Message, source: SourceFile) -> tuple[date | None, list[Remark]]:
    """When a mail was sent."""
    words = _header(message, "Date")
    if not words:
        return None, []
    try:
        sent: date | None = email.utils.parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        sent = None
    try:
        sent = sent if isinstance(sent, datetime) else read_date(words)
        return plausible(sent), []
    except Refused as error:
        return None, [Remark(source.shown, f"taken without its date: {error}")]
