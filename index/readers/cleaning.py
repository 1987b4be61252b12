"""A text without markup and control characters, its paragraphs parted by one empty line."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Only what is known to be a tag is one: "<5 percent" and "<ann@example.org>" are words, which a
# parser would drop (and Beautiful Soup takes the square of how deep tags are nested).
_BLOCKS = (
    "p|br|hr|div|h[1-6]|ul|ol|li|dl|dt|dd|table|tr|caption|blockquote|pre|section|article|header|"
    "footer|main|aside|nav|figure|figcaption|form|html|body|head|title"
)
_CELLS = "td|th"
_INLINE = (
    "span|a|b|i|u|s|em|strong|small|mark|del|ins|sup|sub|font|center|code|abbr|cite|q|time|img|"
    "picture|source|video|audio|iframe|svg|path|button|input|label|meta|link|thead|tbody|tfoot|"
    r"script|style|noscript|[a-z]+:[a-z]+(?=[\s/>])"
)
_TAG = re.compile(
    rf"</?(?:(?P<block>{_BLOCKS})|(?P<cell>{_CELLS})|(?:{_INLINE}))\b"
    r"(?:(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>|[^<>]*+>)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"<(?:(?P<name>script|style)\b[^<>]*>|!--|!doctype\b)", re.IGNORECASE)
_HIDDEN_END = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "!--": re.compile("-->"),
    "!doctype": re.compile(">"),
}
_CONTROL = re.compile(  # and what only says where a line may break
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(r"\n[^\S\n]*+\n\s*+")
_SPACES = re.compile(r"[^\S\n\u00a0\u202f\u2009]+")


def clean(text: str) -> str:
    """A body: no markup, no control characters, paragraphs parted by one empty line.

    Lines of a text with empty lines in it are taken as wrapped, and joined; without any, every
    line is a paragraph.
    """
    text = _NEWLINE.sub("\n", _strip_markup(text))
    blocks = _BLANK.split(text.strip())
    if len(blocks) == 1:
        blocks = text.split("\n")
    lines = (_SPACES.sub(" ", block.replace("\n", " ")).strip() for block in blocks)
    return "\n\n".join(line for line in lines if line)


def clean_line(text: str) -> str:
    """A title or a name: as `clean`, in one line."""
    return " ".join(clean(text).split())


def _strip_markup(text: str) -> str:
    if "<" in text:
        text = _TAG.sub(_replacement, "".join(_without_hidden(text)))
    if "&" in text:
        text = html.unescape(text)
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))


def _without_hidden(text: str) -> Iterator[str]:
    """The text without scripts, styles and comments; one that never ends is kept."""
    behind = 0
    endless: set[str] = set()
    for match in _HIDDEN.finditer(text):
        kind = (match["name"] or match.group()[1:]).lower()
        if match.start() < behind or kind in endless:
            continue
        end = _HIDDEN_END[kind].search(text, match.end())
        if end is None:
            endless.add(kind)
            continue
        yield text[behind : match.start()]
        behind = end.end()
    yield text[behind:]


def _replacement(tag: re.Match[str]) -> str:
    """What parts the words where a tag stood."""
    return "\n\n" if tag["block"] else " " if tag["cell"] else ""
