"""Kinds of text that once were misread: cuttings, bylines, dates, Markdown, code pages, tables."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsdesk.index import readers
from newsdesk.index.readers import Refusal
from newsdesk.index.readers.cleaning import clean
from newsdesk.index.readers.dates import read_date
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article
from tests.helpers.support import write

TITLE = "Old Mill to Become a School"
BODY = "The mill by the river will be a school, the council said.\n\nIt was built in 1911."


def article(folder: Path, name: str, content: str | bytes) -> Article:
    *_, found = readers.read(write(folder, {name: content}) / name, folder, Readers())
    assert isinstance(found, Article), found
    return found


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        (f"LIVE\n\n{TITLE}\n\n{BODY}", TITLE, BODY),
        (f"World news\n\n{TITLE}\n\n{BODY}", TITLE, BODY),
        (f"9 March 2021\n\n{TITLE}\n\n{BODY}", TITLE, BODY),
        (f"EXCLUSIVE\n{TITLE}\n{BODY}", TITLE, BODY),
        (f"{TITLE}\n{BODY}", TITLE, BODY),
        (
            f"Old Mill to Become\na School by May\n\n{BODY}",
            "Old Mill to Become a School by May",
            BODY,
        ),
        (BODY, "a", BODY),
        (f"{TITLE}\n\n{TITLE}, it was said.\n\n{BODY}", TITLE, f"{TITLE}, it was said.\n\n{BODY}"),
        (f"MILL CLOSES\n\n{BODY}", "MILL CLOSES", BODY),
    ],
)
def test_the_headline_is_told_from_what_stands_around_it(
    tmp_path: Path, content: str, title: str, text: str
) -> None:
    found = article(tmp_path, "a.txt", content)
    assert (found.title, found.text) == (title, text)


@pytest.mark.parametrize(
    ("line", "author", "source", "day"),
    [
        ("By Jo Hay | Channel 4 News", "Jo Hay", "Channel 4 News", ""),
        ("By Jo Hay | 2 days ago", "Jo Hay", "", ""),
        ("By Jo Hay • 7 min read", "Jo Hay", "", ""),
        ("By Jo Hay | Last modified 9 March 2021", "Jo Hay", "", "2021-03-09"),
        ("By Jo Hay | River Post | March 9, 2021", "Jo Hay", "River Post", "2021-03-09"),
        ("By Jo Hay\nEducation correspondent\n\n9 March 2021", "Jo Hay", "", "2021-03-09"),
        ("By J. P. van der Hay", "J. P. van der Hay", "", ""),
        ("By Omar al-Hay and Ana de Paz", "Omar al-Hay and Ana de Paz", "", ""),
        ("By Jo Hay | 31 February 2021", "Jo Hay", "", ""),
    ],
)
def test_a_byline_never_loses_the_article(
    tmp_path: Path, line: str, author: str, source: str, day: str
) -> None:
    found = article(tmp_path, "a.txt", f"{TITLE}\n\n{line}\n\n{BODY}")
    assert (found.author, found.source, str(found.published or "")) == (author, source, day)
    assert found.text == BODY


@pytest.mark.parametrize(
    ("words", "language", "wanted"),
    [
        ("9 März 2021", "", "2021-03-09"),
        ("9 de marzo de 2021", "es", "2021-03-09"),
        ("9 mars 2021", "fr", "2021-03-09"),
        ("09.03.2021", "", "2021-03-09"),
        ("9-Mar-21", "", "2021-03-09"),
        ("Tue, 9 Mar 21 14:55 GMT", "", "2021-03-09 14:55:00+00:00"),
        ("1º de maio de 2021", "pt", "2021-05-01"),
        ("09/03/2021", "de", "2021-03-09"),
        ("9 Mar 2021 17:00 MT", "", "2021-03-09 17:00:00-07:00"),
        ("9 Jul 2021 17:00 PT", "", "2021-07-09 17:00:00-07:00"),
        ("9 Jul 2021 17:00 IST", "", "2021-07-09 17:00:00+05:30"),
        ("9 March 2021, 5 p.m. IST", "", "2021-03-09 17:00:00+05:30"),
    ],
)
def test_a_date_is_read_in_its_language_and_zone(words: str, language: str, wanted: str) -> None:
    assert str(read_date(words, language)) == wanted


def test_dates_of_one_file_are_read_in_one_order(tmp_path: Path) -> None:
    rows = [{"text": f"It is {day}.", "date": day} for day in ("05/07/2022", "25/07/2022")]
    file = write(tmp_path, {"a.jsonl": "\n".join(map(json.dumps, rows))}) / "a.jsonl"
    found = [each for each in readers.read(file, tmp_path, Readers()) if isinstance(each, Article)]
    assert [str(each.published) for each in found] == ["2022-07-05", "2022-07-25"]


def _dated(source: str, day: str, suffix: str) -> str:
    """An article of a source and a day in one of the formats."""
    fields = {"text": "The mill burned.", "source": source, "date": day}
    return {
        ".txt": f"{TITLE}\n\nBy Jo Hay | {source} | {day}\n\n{BODY}",
        ".md": f"---\nsource: {source}\ndate: {day}\n---\n# {TITLE}\n\n{BODY}",
        ".jsonl": json.dumps(fields),
        ".csv": f"source,date,text\n{source},{day},The mill burned.",
        ".html": f'<html><meta property="og:site_name" content="{source}">\n'
        f'<meta name="date" content="{day}">\n<article><h1>{TITLE}</h1><p>{BODY * 3}</p></article>',
    }[suffix]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".jsonl", ".csv", ".html"])
@pytest.mark.parametrize("evidence", [".txt", ".jsonl", ".csv"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_source_writes_its_dates_in_one_order_wherever_they_lie(
    tmp_path: Path, suffix: str, evidence: str, is_packed: bool
) -> None:
    files = {
        f"a/1{suffix}": _dated("River Post", "12/07/2022", suffix),
        f"b/2{evidence}": _dated("River Post", "13/07/2022", evidence),
        f"b/3{suffix}": _dated("Ocean Press", "07/12/2022", suffix),
        f"c/4{evidence}": _dated("Ocean Press", "07/13/2022", evidence),
    }
    if is_packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
            for name, content in files.items():
                packed.writestr(name, content)
    else:
        write(tmp_path, files)
    found = [*readers.find(tmp_path)]
    orders = readers.DayOrders.of_files(lambda: found)
    days = [
        str(each.published)
        for file in found
        for each in readers.read(file, tmp_path, Readers(), orders)
        if isinstance(each, Article)
    ]
    assert days == ["2022-07-12", "2022-07-13", "2022-07-12", "2022-07-13"]


def test_the_order_of_dates_can_be_set_and_is_month_first_without_evidence(tmp_path: Path) -> None:
    place = write(tmp_path, {"a.txt": _dated("River Post", "12/07/2022", ".txt")}) / "a.txt"
    for order, day in (("auto", "2022-12-07"), ("day", "2022-07-12"), ("month", "2022-12-07")):
        (found,) = readers.read(place, tmp_path, Readers(date_order=order))
        assert isinstance(found, Article)
        assert str(found.published) == day


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("1918. The war ended.", "1918. The war ended."),
        ("A box of 2*4*8 feet.", "A box of 2*4*8 feet."),
        ("12. The jury sat.\n\n19. It rose.", "12. The jury sat."),
        ("1. Mai ist ein Feiertag.", "1. Mai ist ein Feiertag."),
        ("It is (2*3)*4*5 feet.", "It is (2*3)*4*5 feet."),
        ("What the h*ll is it, a*b*c?", "What the h*ll is it, a*b*c?"),
        (
            "It was *really* old, un*frigging*believable.",
            "It was really old, unfriggingbelievable.",
        ),
    ],
)
def test_markdown_keeps_its_words(tmp_path: Path, marked: str, words: str) -> None:
    assert words in article(tmp_path, "a.md", f"# {TITLE}\n\n{marked}").text


def test_front_matter_stays_as_it_was_written(tmp_path: Path) -> None:
    head = "---\ntitle: Off\nid: 010\nauthor: 1.10\n---\n# Mill burns\n\nIt did."
    found = article(tmp_path, "a.md", head)
    assert (found.title, found.id, found.author) == ("Off", "010", "1.10")
    assert found.text == "Mill burns\n\nIt did."


@pytest.mark.parametrize(
    "title",
    [
        *("Mill: the end", "Mill #1 burns", "* Mill * burns", "! Mill", "{Old} mill burns"),
        *('"Old" mill burns', "'Old' mill burns", "[Exclusive] Mill burns", "@mayor: no", "No"),
        *("% of mills", "`mill`", "Mill? Because: money", "Mühle: das Ende", "- mill", "12:30"),
    ],
)
@pytest.mark.parametrize("marks", ["---\n{}\n---\n", "\ufeff---\r\n{}\r\n---\r\n"])
def test_a_value_of_front_matter_is_taken_as_it_is_written(
    tmp_path: Path, title: str, marks: str
) -> None:
    head = f"title: {title}\nsource: River Post: Online # its name\ntags: [a, b]"
    found = article(tmp_path, "a.md", f"{marks.format(head)}\nIt burned.")
    assert (found.title, found.source, found.text) == (title, "River Post: Online", "It burned.")


@pytest.mark.parametrize(
    ("matter", "title", "author"),
    [
        ("Title: Mill burns\nAuthor: Jo Hay", "Mill burns", "Jo Hay"),
        ("headline: Mill burns\nauthors:\n  - Jo Hay\n  - Al Poe", "Mill burns", "Jo Hay, Al Poe"),
        ("title: >-\n  Mill\n  burns\nauthor: [Jo Hay, Al Poe]", "Mill burns", "Jo Hay, Al Poe"),
        ("title:Mill burns\nauthor: Jo Hay", "Mill burns", "Jo Hay"),
        ("\ttitle: Mill burns\n\tauthor: Jo Hay", "Mill burns", "Jo Hay"),
    ],
)
def test_front_matter_is_read_in_other_spellings(
    tmp_path: Path, matter: str, title: str, author: str
) -> None:
    found = article(tmp_path, "a.md", f"---\n{matter}\n---\nIt burned.")
    assert (found.title, found.author, found.text) == (title, author, "It burned.")


def test_front_matter_in_toml_is_read_or_refused(tmp_path: Path) -> None:
    matter = '+++\ntitle = "Mill: the end"\ndate = 2021-03-09\n+++\nIt burned.'
    found = article(tmp_path, "a.md", matter)
    assert (found.title, str(found.published), found.text) == (
        *("Mill: the end", "2021-03-09"),
        "It burned.",
    )
    file = write(tmp_path, {"b.md": "+++\ntitle = Mill\n+++\nIt burned."}) / "b.md"
    (refused,) = readers.read(file, tmp_path, Readers())
    assert isinstance(refused, Refusal)
    assert article(tmp_path, "c.md", "+++ Mill burns +++\n\nIt did.").text.startswith("+++ Mill")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1250", "Škola bude v květnu zavřena, řekla rada města. Děti zůstanou doma."),
        ("cp1250", "Szkoła będzie zamknięta w maju, powiedziała rada. Dzieci się cieszą."),
        ("cp1251", "Школа закроется в мае, сказал совет. Дети остались дома."),
        ("cp1254", "Okul Mayıs'ta kapanacak, dedi başkan. Çocuklar için bu çok güç."),
        ("mac_roman", "L’école sera fermée en mai, a déclaré le maire. Les élèves sont fâchés."),
        ("koi8_r", "Школа закроется в мае, сказал совет. Дети остались дома."),
        ("mac_turkish", "Okul Mayıs ayında kapanacak."),
        ("mac_cyrillic", "Училището ще бъде затворено."),
        ("mac_roman", "Færgen standser i maj."),
        ("cp1257", "Mokykla bus uždaryta gegužę."),
        ("iso8859_13", "Skola būs slēgta maijā."),
        ("cp850", "Færgen standser i maj."),
        ("mac_roman", "Die Fähre hält im Mai."),
        ("cp857", "Ada vapuru durduruluyor, dedi başkan. Halk üzgün ve çözüm bekliyor."),
        ("cp852", "Prom na wyspę przestanie pływać w maju. Mieszkańcy są źli."),
        ("cp866", "Паром отменён."),
    ],
)
def test_a_code_page_is_told_by_what_it_says(tmp_path: Path, page: str, text: str) -> None:
    (found,) = readers.read(
        write(tmp_path, {"a.txt": text.encode(page)}) / "a.txt", tmp_path, Readers()
    )
    assert isinstance(found, Refusal) or (isinstance(found, Article) and found.text == text)


def test_rows_and_items_stay_apart() -> None:
    assert clean("<tr><td>Kyiv<td>12<td>345</tr>") == "Kyiv – 12 – 345"
    assert clean("It sells:\n* tea\n* milk\n\nEnd") == "It sells:\n\n* tea\n\n* milk\n\nEnd"
    for first, then in (("→", "→"), ("✓", "✓"), ("(1)", "(2)"), ("i.", "ii."), ("h)", "i)")):
        assert clean(f"{first} tea\n{then} milk\n\nEnd") == f"{first} tea\n\n{then} milk\n\nEnd"
    assert clean("Monday: rain\nTuesday: sun\n\nEnd") == "Monday: rain\n\nTuesday: sun\n\nEnd"
    assert clean("Reds\t12\t345\nBlues\t8\t200\n\nEnd").startswith("Reds – 12 – 345\n\nBlues")


def test_a_zone_has_summer_time() -> None:
    read = read_date("1 Aug 2021 12:00 ET")
    assert isinstance(read, datetime)
    assert read.astimezone(UTC).hour == 16
