"""What stands around a headline, in every order and with or without empty lines, is all read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.readers import Refusal, Remark, plain_text
from newsdesk.index.readers.source import SourceFile
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

TITLES = [
    *("Island ferry to stop in May", "Island Ferry to Stop in May as Licence Lapses"),
    *("Will the ferry stop?", "Ferry boss: 'We will not sail'", "Harbour Votes"),
    *("Mayor says no to 3 new ferries in 2027", "FERRY STOPS IN MAY"),
]
KICKERS = ["BREAKING", "World news", "EXCLUSIVE:", "Opinion", "Home > News > Coast"]
BYLINES = {
    "By Ann Reed": "Ann Reed",
    "by Ann Reed": "Ann Reed",
    "BY ANN REED": "ANN REED",
    "By\nAnn Reed": "Ann Reed",
    "By: Ann Reed": "Ann Reed",
    "Written by Ann Reed": "Ann Reed",
    "By Maria van der Reed": "Maria van der Reed",
    "By J. P. O’Reed-Smith": "J. P. O’Reed-Smith",
    "By Ann Reed and Bob Lee": "Ann Reed and Bob Lee",
    "By Ann Reed and\nBob Lee": "Ann Reed and Bob Lee",
    "By Ann Reed, political editor": "Ann Reed",
    "By Ann Reed\nPolitical correspondent": "Ann Reed",
    "By Ann Reed in Leedham": "Ann Reed",
}
SOURCES = {
    "Coast Post": "Coast Post",
    "Leedham Evening Herald": "Leedham Evening Herald",
    "Reuters": "Reuters",
    "The Sun": "The Sun",
    "(Reuters)": "Reuters",
    "coastpost.example": "coastpost.example",
    "Source: Leedham Today": "Leedham Today",
}
DATES = [
    *("3 March 2026", "March 3, 2026", "Tuesday 3 March 2026", "2026-03-03", "3/3/2026"),
    *("Published 3 March 2026", "Published\n3 March 2026", "Published: March 3, 2026 at 10:15 am"),
    *("Tue 3 Mar 2026 14.05 GMT", "Last updated: 3 March 2026", "Mar. 3, 2026", "3.3.2026"),
    *("3 March 2026 • Updated 4 March 2026", "March 3, 2026 | 5 min read", "3rd March 2026"),
]
ASIDES = ["5 min read", "Share", "3 hours ago", "12 comments", "Listen"]
BODIES = [
    "The ferry to the island will stop running in May, the council said.\n\nIt lost its licence.",
    "The ferry to the island will stop running in May, the council said.\nIt lost its licence.",
    "The ferry to the island will stop running in May, the council said.",
    "The ferry to the island will stop running in May, the council said on\nMonday. It had been "
    "planned for some time, and the mayor was told of it\nby letter.\n\nIt lost its licence.",
    "“We will stop,” said the mayor. The ferry lost its licence.\n\nIt was built in 1911.",
]


@dataclass(frozen=True)
class Header:
    """A cutting, and what is to be read from it."""

    content: str
    title: str
    author: str
    source: str
    day: str
    body: str


@st.composite
def headers(draw: st.DrawFn) -> Header:
    """Cuttings whose headline has any of the other lines above or below it."""
    parts = {
        "title": draw(st.sampled_from(TITLES)),
        "kicker": draw(st.sampled_from(KICKERS)),
        "author": draw(st.sampled_from(sorted(BYLINES))),
        "source": draw(st.sampled_from(sorted(SOURCES))),
        "day": draw(st.sampled_from(DATES)),
        "aside": draw(st.sampled_from(ASIDES)),
    }
    either = draw(st.permutations(["author", "source", "day"]))
    either = either[: draw(st.integers(0, 3))]
    cut = draw(st.integers(0, len(either)))
    above, below = list(either[:cut]), list(either[cut:])
    if draw(st.booleans()):
        above.insert(draw(st.integers(0, len(above))), "kicker")
    if draw(st.booleans()):
        below.insert(draw(st.integers(0, len(below))), "aside")
    order = [*above, "title", *below]
    gap = draw(st.sampled_from([st.just("\n"), st.just("\n\n"), st.sampled_from(["\n", "\n\n"])]))
    body = draw(st.sampled_from(BODIES))
    return Header(
        "".join(parts[name] + draw(gap) for name in order) + body,
        parts["title"],
        BYLINES[parts["author"]] if "author" in order else "",
        SOURCES[parts["source"]] if "source" in order else "",
        "2026-03-03" if "day" in order else "",
        body,
    )


def read(content: str) -> list[Article | Refusal | Remark]:
    file = SourceFile(Path("a.txt"), Path(), Readers(), content.encode())
    return list(plain_text.read(file))


def article(content: str) -> Article:
    *_, found = read(content)
    assert isinstance(found, Article)
    return found


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@given(headers())
def test_every_part_of_a_header_is_read_in_any_order_and_spacing(header: Header) -> None:
    (found,) = read(header.content)
    assert isinstance(found, Article)
    assert (found.title, found.author, found.source) == (header.title, header.author, header.source)
    assert str(found.published or "")[:10] == header.day
    assert words(found.text) == words(header.body)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("lines", "author", "source"),
    [
        (["By Ann Reed | Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["3 March 2026", "By Ann Reed | Coast Post"], "Ann Reed", "Coast Post"),
        (["Ann Reed", "3 March 2026"], "Ann Reed", ""),
        (["Ann Reed", "Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["Ann Reed, Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["Ann Reed | Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["Coast Post – Ann Reed", "March 3rd, 2026"], "Ann Reed", "Coast Post"),
        (["Ann Reed | Coast Post | 3 March 2026"], "Ann Reed", "Coast Post"),
        (["By Ann Reed of The Coast Post", "3 March 2026"], "Ann Reed", "The Coast Post"),
        (["By Ann Reed | Digi24", "3 March 2026"], "Ann Reed", "Digi24"),
        (["Av Kari Reed | NRK | 3. mars 2026"], "Kari Reed", "NRK"),
        (["Von Anna von Reed | Küstenzeitung | 3. März 2026"], "Anna von Reed", "Küstenzeitung"),
        (["Di Anna Della Valle | La Stampa | 3 marzo 2026"], "Anna Della Valle", "La Stampa"),
        (["Vor 3 Stunden", "Von Anna Reed", "3. März 2026"], "Anna Reed", ""),
        (["il y a 3 heures", "Par Anne Reed", "3 mars 2026"], "Anne Reed", ""),
        (["Lesezeit: 5 Minuten", "Von Anna Reed", "3. März 2026"], "Anna Reed", ""),
        (["Ann Reed Transport correspondent", "3 March 2026"], "Ann Reed", ""),
        (["By Ann Reed", "Editor, Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["By Ann Reed in Leedham for Coast Post", "3 March 2026"], "Ann Reed", "Coast Post"),
        (["By Reuters", "3 March 2026"], "Reuters", "Reuters"),
        (["Coast Post, March 3, 2026"], "", "Coast Post"),
        (
            ["Date: 3 March 2026", "Source: Coast Post", "Author: Ann Reed"],
            "Ann Reed",
            "Coast Post",
        ),
    ],
)
def test_a_byline_in_parts_or_lines_is_read(
    lines: list[str], author: str, source: str, gap: str
) -> None:
    found = article(gap.join(["Ferry stops", *lines, BODIES[0]]))
    assert (found.title, found.author, found.source) == ("Ferry stops", author, source)
    assert str(found.published) == "2026-03-03"
    assert words(found.text) == words(BODIES[0])


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        (["LEEDHAM, 3 March 2026"], "LEEDHAM"),
        (["Leedham | 3 March 2026"], "Leedham"),
        (["3 March 2026, Leedham"], "Leedham"),
        (["By Ann Reed | Coast Post | Leedham", "3 March 2026"], "Leedham"),
        (["By Ann Reed | 31 February 2021", "3 March 2026"], "31 February 2021"),
    ],
)
def test_words_of_a_header_that_no_field_holds_are_remarked(lines: list[str], lost: str) -> None:
    remark, found = read("\n".join(["Ferry stops", *lines, BODIES[0]]))
    assert isinstance(remark, Remark)
    assert repr(lost) in remark.reason
    assert isinstance(found, Article)
    assert str(found.published) == "2026-03-03"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("other", ["Leedham", "Staff and agencies", "Harbour page"])
def test_a_line_that_says_something_else_hides_no_date_and_stays(other: str, gap: str) -> None:
    for lines in ([other, "3 March 2026"], ["By Ann Reed", other, "3 March 2026"]):
        found = article(gap.join(["Ferry stops", *lines, BODIES[0]]))
        assert str(found.published) == "2026-03-03"
        assert words(f"{found.title} {found.text}") == words(f"Ferry stops {other} {BODIES[0]}")


@pytest.mark.parametrize("kicker", ["Kommentar", "In brief", "UPDATE 2", "Watch live"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_kicker_is_no_headline(kicker: str, gap: str) -> None:
    found = article(gap.join([kicker, TITLES[0], "By Ann Reed", BODIES[0]]))
    assert (found.title, found.author) == (TITLES[0], "Ann Reed")


def test_a_section_above_a_headline_stays_in_the_text() -> None:
    found = article(f"Lokales\n\n{TITLES[0]}\n\n{BODIES[0]}")
    assert (found.title, found.text) == (TITLES[0], f"Lokales\n\n{BODIES[0]}")


def test_a_line_that_begins_anew_below_a_headline_is_text() -> None:
    standfirst = "No other boat goes there, and 300 people need it"
    found = article(f"{TITLES[0]}\n{standfirst}\nBy Ann Reed\n3 March 2026\n{BODIES[0]}")
    assert (found.title, found.author, str(found.published)) == (
        TITLES[0],
        "Ann Reed",
        "2026-03-03",
    )
    assert found.text == f"{standfirst}\n\n{BODIES[0]}"
    found = article(f"Island Ferry to Stop in May\nAs Its Licence Lapses\nBy Ann Reed\n{BODIES[0]}")
    assert found.title == "Island Ferry to Stop in May As Its Licence Lapses"


@pytest.mark.parametrize(
    ("begin", "source", "day"),
    [
        ("LEEDHAM, 3 March 2026 (Reuters) - ", "Reuters", "2026-03-03"),
        ("LEEDHAM, March 3 (Reuters) — ", "Reuters", "None"),
        ("NORTH QUAY, Leedham (AP) — ", "AP", "None"),
        ("(Coast Post) – ", "Coast Post", "None"),
        ("The ferry (built in 1911) - ", "", "None"),
    ],
)
def test_a_dateline_is_read_and_stays_in_the_text(begin: str, source: str, day: str) -> None:
    found = article(f"Ferry stops\n\n{begin}{BODIES[0]}")
    assert (found.source, str(found.published)) == (source, day)
    assert found.text == f"{begin}{BODIES[0]}"


@pytest.mark.parametrize(
    "content",
    [
        "Coast Post\n\nThe Coast Post, a newspaper of Elmby, was closed on Monday.\n\nIt is old.",
        "Coast Post Closes\n\nThe paper was closed on Monday.",
        "Mayor Sues BBC News\n\nShe seeks a million\n\nThe mayor said so on Monday.",
        "Bad News\n\nThe shop is shut.\n\nIt was old.",
        "Ferry stops\n\nAnn Reed\n\nThe mayor, Ann Reed, said it on Monday.",
        "Ferry stops\n\nThe Guardian of the harbour\n\nSo the mayor called it on Monday.",
        "Ferry stops\n\nBy Ann Reed Street the ferry waits.\n\nIt will not sail.",
    ],
)
def test_headlines_and_paragraphs_are_not_taken_for_a_header(content: str) -> None:
    found = article(content)
    assert (found.author, found.source) == ("", "")
    assert words(f"{found.title} {found.text}") == words(content)
