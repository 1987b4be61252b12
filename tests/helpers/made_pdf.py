"""Makes PDFs for tests: lines at places, in Helvetica."""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Sequence
from typing import NamedTuple


class At(NamedTuple):
    """A line of a page: its place in points from the bottom left, its size, its words."""

    left: int
    bottom: int
    size: int
    words: str


def made_pdf(pages: Sequence[Sequence[At]], title: str = "", author: str = "") -> bytes:
    """A PDF of some pages; one without lines has no text, as a scan has none."""
    font, root, catalog, info = 1, 2, 3, 4
    objects = {
        font: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        catalog: b"<< /Type /Catalog /Pages %d 0 R >>" % root,
        info: b"<< /Title (%s) /Author (%s) /CreationDate (D:20210309102000+01'00') >>"
        % (_escaped(title), _escaped(author)),
    }
    kids = []
    for lines in pages:
        drawn = zlib.compress(b"BT\n%s\nET" % b"\n".join(map(_drawn, lines)))
        content = len(objects) + 2
        objects[content] = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (
            len(drawn),
            drawn,
        )
        objects[content + 1] = (
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 %d 0 R >> >> >>" % (root, content, font)
        )
        kids.append(b"%d 0 R" % (content + 1))
    objects[root] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _file(objects, catalog, info)


def flowing(paragraphs: Sequence[str], width: int = 80, head: str = "") -> list[list[At]]:
    """Paragraphs set in lines, on as many pages as they need, each with a head and its number."""
    pages: list[list[At]] = [[]]
    place = 780
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, width):
            if place < 60:
                pages.append([])
                place = 780
            pages[-1].append(At(60, place, 11, line))
            place -= 14
        place -= 10
    for number, page in enumerate(pages, start=1):
        page.insert(0, At(60, 815, 8, head or " "))
        page.append(At(280, 30, 8, f"Page {number}"))
    return pages


def _file(objects: dict[int, bytes], catalog: int, info: int) -> bytes:
    out = b"%PDF-1.5\n"
    offsets = []
    for number in sorted(objects):
        offsets.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, b"".join(offsets))
    trailer = b"trailer << /Size %d /Root %d 0 R /Info %d 0 R >>" % (
        len(objects) + 1,
        catalog,
        info,
    )
    return out + table + trailer + b"\nstartxref\n%d\n%%%%EOF" % len(out)


def _drawn(line: At) -> bytes:
    return b"/F1 %d Tf 1 0 0 1 %d %d Tm (%s) Tj" % (
        line.size,
        line.left,
        line.bottom,
        _escaped(line.words),
    )


def _escaped(words: str) -> bytes:
    data = words.encode("cp1252", "replace")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
