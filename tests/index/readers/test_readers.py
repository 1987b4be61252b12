"""Readers: a cutting, Markdown with front matter, JSONL, and how another is added."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index import readers
from newsdesk.index.errors import Refused, UsageError
from newsdesk.index.readers import Refusal, Remark
from newsdesk.index.readers.cleaning import clean, clean_line
from newsdesk.index.readers.dates import read_date
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article
from tests.helpers.examples import examples
from tests.helpers.support import ROOT, SEEDS, SHARED, write


def read(file: Path, root: Path | None = None) -> list[Article | Refusal | Remark]:
    return list(readers.read(file, root or file.parent, Readers()))


def article(folder: Path, name: str, content: str | bytes) -> Article:
    """The one article of a file."""
    (found,) = read(write(folder, {name: content}) / name, folder)
    assert isinstance(found, Article), found
    return found


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


# Cuttings

HEADLINE = "Harbour Council Votes to Rebuild the Old Lighthouse"
CAPTION = (
    "This picture of March 02, 2021 shows the lighthouse before the storm. (Ann Reed/Harbour News)"
)
STORY = [
    "The council of Marsh Harbour plans to rebuild its lighthouse, a spokeswoman said Monday.",
    "Some 1,400 people had signed a petition – nine out of ten who live there.",
    'She said that "nobody wants another winter without it," the paper reports.',
    "“We’ve waited long enough,” said Mayor O’Hara, whose father kept the light until 1987.",
]
CUTTING = "\n\n".join(
    [
        HEADLINE,
        f"{HEADLINE} {HEADLINE} {CAPTION}",
        "By Jane Doe | Monday, 08 March 2021 09:05 PM",
        *STORY,
        "Original Article",
    ]
)


def test_a_cutting_gives_headline_byline_caption_and_body_each_once(tmp_path: Path) -> None:
    found = article(tmp_path, "lighthouse.txt", CUTTING)
    assert found.title == HEADLINE
    assert found.author == "Jane Doe"
    assert found.published == datetime(2021, 3, 8, 21, 5)
    assert found.caption == CAPTION
    assert paragraphs(found.text) == STORY
    assert found.id == "lighthouse"
    assert found.path == str(tmp_path / "lighthouse.txt")


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="needs shared/seeds beside the clone")
def test_the_real_cutting_comes_out_whole() -> None:
    (file,) = (SHARED / "seeds").iterdir()
    (found,) = read(file)
    assert isinstance(found, Article)
    raw = file.read_text("utf-8")
    body = paragraphs(found.text)
    assert found.title == raw.split("\n", 1)[0]
    assert raw.count(found.title) == 3
    assert found.title not in found.text + found.caption
    assert found.author == "Brian Freeman"
    assert found.published == datetime(2021, 12, 29, 14, 55)
    assert len(body) == 11
    assert found.caption.startswith("This combination of pictures")
    assert found.caption.endswith("via Getty)")
    assert found.caption not in found.text
    assert "Original Article" not in found.text
    assert "Brian Freeman" not in found.text
    for mark in '’–"':
        assert found.text.count(mark) == raw.count(mark)
    assert all(paragraph in raw for paragraph in body)


@pytest.mark.parametrize(
    ("head", "author", "source", "published"),
    [
        ("By Jane Doe", "Jane Doe", "", None),
        ("BY JANE DOE", "JANE DOE", "", None),
        ("by Jane van der Berg and Seán O’Hara", "Jane van der Berg and Seán O’Hara", "", None),
        ("By Jane Doe | Reuters", "Jane Doe", "Reuters", None),
        ("By Jane Doe | 8 March 2021", "Jane Doe", "", date(2021, 3, 8)),
        ("By Jane Doe | March 8, 2021 9:05 p.m.", "Jane Doe", "", datetime(2021, 3, 8, 21, 5)),
        ("By Jane Doe\n\n8 March 2021", "Jane Doe", "", date(2021, 3, 8)),
        ("8 March 2021\n\nBy Jane Doe", "Jane Doe", "", date(2021, 3, 8)),
        ("Published: March 8, 2021", "", "", date(2021, 3, 8)),
        ("Last updated on Mar. 8, 2021", "", "", date(2021, 3, 8)),
        ("Monday, 08 March 2021 09:05 PM", "", "", datetime(2021, 3, 8, 21, 5)),
        ("2021-03-08", "", "", date(2021, 3, 8)),
    ],
)
def test_a_byline_is_read_however_it_is_written(
    tmp_path: Path, head: str, author: str, source: str, published: date | None
) -> None:
    found = article(tmp_path, "a.txt", "\n\n".join([HEADLINE, head, *STORY]))
    assert (found.author, found.source) == (author, source)
    assert found.published == published
    assert paragraphs(found.text) == STORY


@pytest.mark.parametrize(
    "first",
    [
        "By noon the streets were empty.",
        "By Monday the streets of Marsh Harbour were empty.",
        "By Monday Marsh Harbour Stood.",
        "By 2014 it was gone",
        "It was gone in March 2014",
        "In March 2014 it was gone.",
        "It was gone on 8 March 2014, said those who had seen it go.",
    ],
)
def test_a_first_paragraph_is_not_taken_for_a_byline(tmp_path: Path, first: str) -> None:
    found = article(tmp_path, "a.txt", "\n\n".join([HEADLINE, first, *STORY]))
    assert found.author == ""
    assert found.published is None
    assert paragraphs(found.text) == [first, *STORY]


def test_a_headline_is_dropped_where_it_is_repeated_without_a_byline(tmp_path: Path) -> None:
    blocks = [HEADLINE, HEADLINE, f"{HEADLINE} {CAPTION}", *STORY]
    found = article(tmp_path, "a.txt", "\n\n".join(blocks))
    assert (found.title, found.caption) == (HEADLINE, CAPTION)
    assert paragraphs(found.text) == STORY


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("Harbour", "votes on Monday."),
        ("Harbour", "Mayor O’Hara said so."),
        ("The council of Marsh Harbour", "votes on Monday."),
    ],
)
def test_a_headline_that_begins_the_story_is_left_in_it(
    tmp_path: Path, title: str, rest: str
) -> None:
    first = f"{title} {rest}"
    found = article(tmp_path, "a.txt", f"{title}\n\n{first}\n\n{STORY[1]}")
    assert found.title == title
    assert paragraphs(found.text) == [first, STORY[1]]


def test_a_headline_named_again_later_in_the_story_is_left_in_it(tmp_path: Path) -> None:
    later = f"{HEADLINE} The paper wrote no more than that."
    found = article(tmp_path, "a.txt", "\n\n".join([HEADLINE, "By Jane Doe", *STORY, later]))
    assert paragraphs(found.text) == [*STORY, later]


def test_a_date_or_a_name_later_in_the_story_is_left_in_it(tmp_path: Path) -> None:
    story = [STORY[0], "8 March 2014", STORY[1], "By Ann Reed", STORY[2]]
    found = article(tmp_path, "a.txt", "\n\n".join([HEADLINE, "By Jane Doe", *story]))
    assert (found.author, found.published) == ("Jane Doe", None)
    assert paragraphs(found.text) == story


def test_a_line_above_the_byline_that_is_no_caption_stays_in_the_body(tmp_path: Path) -> None:
    found = article(
        tmp_path, "a.txt", "\n\n".join([HEADLINE, "A long wait.", "By Jane Doe", *STORY])
    )
    assert paragraphs(found.text) == ["A long wait.", *STORY]


@pytest.mark.parametrize(
    "end", ["Original Article", "View the original article.", "Read Original Article"]
)
def test_the_words_of_a_link_at_the_end_are_dropped(tmp_path: Path, end: str) -> None:
    found = article(tmp_path, "a.txt", "\n\n".join([HEADLINE, *STORY, end]))
    assert paragraphs(found.text) == STORY


def test_lines_of_a_wrapped_text_are_joined_to_paragraphs(tmp_path: Path) -> None:
    found = article(tmp_path, "a.txt", f"{HEADLINE}\n\nOne line\nand the next.\n \nAnother\r\none.")
    assert found.text == "One line and the next.\n\nAnother one."


def test_lines_of_a_text_without_empty_lines_are_paragraphs(tmp_path: Path) -> None:
    found = article(tmp_path, "a.txt", f"{HEADLINE}\r\nOne line.\r\nAnother line.")
    assert (found.title, found.text) == (HEADLINE, "One line.\n\nAnother line.")


def test_a_text_of_one_paragraph_is_titled_by_its_file(tmp_path: Path) -> None:
    found = article(tmp_path, "news/old-harbour_light.txt", STORY[0])
    assert (found.title, found.text) == ("old harbour light", STORY[0])
    assert found.id == "news/old-harbour_light"


def test_a_long_first_paragraph_is_no_headline(tmp_path: Path) -> None:
    found = article(tmp_path, "a.txt", f"{' '.join(STORY)}\n\n{STORY[0]}")
    assert found.title == "a"
    assert len(paragraphs(found.text)) == 2


# Markdown

MARKDOWN = """---
title: "Harbour’s lighthouse: a vote"
author: [Jane Doe, Ann Reed]
source: Harbour News
date: 2021-03-08 21:05
url: https://harbour.example/light
caption: The lighthouse
id: light-1
language: en
---

# Harbour’s lighthouse: a vote

The council **voted** on [Monday](https://example.org), it
said – 1,400 people had asked for it.

## Why now

* It is old.
* It is *dark*.

1. First one.

> “We’ve waited,” he said.

| Year | Light |
|------|-------|
| 1987 | out   |

![a picture](light.png)

`No` code &amp; no markup.
"""


def test_markdown_gives_its_front_matter_and_its_words_without_markup(tmp_path: Path) -> None:
    found = article(tmp_path, "light.md", MARKDOWN)
    assert found == Article(
        id="light-1",
        title="Harbour’s lighthouse: a vote",
        text="\n\n".join(
            [
                "The council voted on Monday, it said – 1,400 people had asked for it.",
                "Why now",
                "It is old.",
                "It is dark.",
                "First one.",
                "“We’ve waited,” he said.",
                "Year – Light",
                "1987 – out",
                "No code & no markup.",
            ]
        ),
        path=str(tmp_path / "light.md"),
        published=datetime(2021, 3, 8, 21, 5),
        source="Harbour News",
        author="Jane Doe, Ann Reed",
        url="https://harbour.example/light",
        caption="The lighthouse",
        language="en",
    )


def test_markdown_without_front_matter_is_titled_by_its_heading(tmp_path: Path) -> None:
    found = article(tmp_path, "light.md", f"# {HEADLINE}\n\n{STORY[0]}\n\n# Another\n\n{STORY[1]}")
    assert found.title == HEADLINE
    assert paragraphs(found.text) == [STORY[0], "Another", STORY[1]]


def test_a_heading_below_the_first_paragraph_is_no_title(tmp_path: Path) -> None:
    found = article(tmp_path, "light.md", f"{STORY[0]}\n\n# Another\n\n{STORY[1]}")
    assert found.title == "light"
    assert paragraphs(found.text) == [STORY[0], "Another", STORY[1]]


@pytest.mark.parametrize("between", ["A line between two rules.", "- one\n- two", ""])
def test_what_stands_between_two_rules_is_not_lost(tmp_path: Path, between: str) -> None:
    found = article(tmp_path, "light.md", f"---\n\n{between}\n\n---\n\n{STORY[0]}")
    for words in ("A line between two rules.", "one", "two"):
        assert (words in found.text) == (words in between)
    assert STORY[0] in found.text


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("title: a\n  b: c", "front matter, line 3: mapping values are not allowed here; put the "),
        ("title: *a", "front matter"),
        ("id: {a: b}", "'id' is neither text nor a list of texts"),
        ("a: &a [x, x]\nid: {b: *a}", "'id' is neither"),
        ("id: !!python/object:os.system {}", "'id' is neither"),
        ("title: " + "[" * 2000 + "]" * 2000, "front matter: nested too deeply"),
    ],
)
def test_front_matter_that_cannot_be_read_is_refused(
    tmp_path: Path, matter: str, reason: str
) -> None:
    (found,) = read(write(tmp_path, {"a.md": f"---\n{matter}\n---\n{STORY[0]}"}) / "a.md")
    assert isinstance(found, Refusal)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("date: 2021-13-45", "without its date: date '2021-13-45' is no date; write it as"),
        ("date: soon", "without its date: date 'soon' is no date"),
        ("date: [2021, 3]", "without its date: date 'a list' is no date"),
        ("title: {a: b}", "without its title: 'title' is neither text nor a list of texts"),
        ("author: !!python/object:os.system {}", "without its author: 'author' is neither"),
    ],
)
def test_a_field_that_is_not_understood_is_left_empty_and_remarked(
    tmp_path: Path, matter: str, reason: str
) -> None:
    remark, found = read(write(tmp_path, {"a.md": f"---\n{matter}\n---\n{STORY[0]}"}) / "a.md")
    assert isinstance(remark, Remark)
    assert reason in remark.reason
    assert isinstance(found, Article)
    assert (found.title, found.author, found.published) == ("a", "", None)
    assert found.text == STORY[0]


def test_a_long_story_between_two_rules_is_no_front_matter(tmp_path: Path) -> None:
    deep = "{" * 200_000  # YAML's loader in C would crash on it
    found = article(tmp_path, "a.md", f"---\n\n{deep} end\n\n---\n{STORY[0]}")
    assert "end" in found.text


def test_front_matter_that_unfolds_without_end_is_not_unfolded(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    found = article(tmp_path, "a.md", f"---\n{bomb}author: *a11\ntitle: T\n---\n{STORY[0]}")
    assert (found.title, found.author) == ("T", "")


# JSONL


def lines(
    folder: Path, rows: Sequence[object], name: str = "news.jsonl"
) -> list[Article | Refusal | Remark]:
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    packed = gzip.compress(content.encode()) if name.endswith(".gz") else content
    return read(write(folder, {name: packed}) / name, folder)


ROW = {
    "id": "light-1",
    "title": HEADLINE,
    "text": "\n\n".join(STORY),
    "date": "2021-03-08T21:05:00Z",
    "source": "Harbour News",
    "author": "Jane Doe",
    "url": "https://harbour.example/light",
}


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz", "NEWS.JSONL", "NEWS.JSONL.GZ"])
def test_jsonl_gives_every_field(tmp_path: Path, name: str) -> None:
    content = json.dumps(ROW).encode()
    packed = gzip.compress(content) if name.lower().endswith(".gz") else content
    (found,) = read(write(tmp_path, {name: packed}) / name)
    assert found == Article(
        id="light-1",
        title=HEADLINE,
        text="\n\n".join(STORY),
        path=f"{tmp_path / name}#1",
        published=datetime(2021, 3, 8, 21, 5, tzinfo=UTC),
        source="Harbour News",
        author="Jane Doe",
        url="https://harbour.example/light",
    )


def test_jsonl_needs_a_text_and_nothing_else(tmp_path: Path) -> None:
    first, second = lines(tmp_path, [{"text": STORY[0]}, {"text": STORY[1], "title": None}])
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.id.startswith("news-")
    assert first.id != second.id
    assert (first.title, first.text) == ("news", STORY[0])
    assert second.path.endswith("news.jsonl#2")


def test_jsonl_understands_what_others_call_the_fields_and_prefers_our_own(tmp_path: Path) -> None:
    row = {"headline": HEADLINE, "Body": STORY[0], "datePublished": "2021-03-08", "outlet": "Quay"}
    (found,) = lines(tmp_path, [{**row, "byline": "Jane Doe", "link": "https://quay.example/1"}])
    assert isinstance(found, Article)
    assert (found.title, found.text, found.source) == (HEADLINE, STORY[0], "Quay")
    assert (found.author, found.url) == ("Jane Doe", "https://quay.example/1")
    (named,) = lines(tmp_path, [{**ROW, "headline": "Another", "uuid": "7"}])
    assert isinstance(named, Article)
    assert (named.id, named.title) == ("light-1", HEADLINE)
    (unnamed,) = lines(tmp_path, [{"text": STORY[0], "key": "shared by all lines"}])
    assert isinstance(unnamed, Article)
    assert unnamed.id.startswith("news-")


def test_jsonl_of_beir_names_its_articles_otherwise(tmp_path: Path) -> None:
    (found,) = lines(tmp_path, [{"_id": 17, "text": STORY[0], "metadata": {}}], "corpus.jsonl.gz")
    assert isinstance(found, Article)
    assert found.id == "17"


def test_jsonl_of_numbers_and_lists_is_taken_as_text(tmp_path: Path) -> None:
    row = {"id": 3.5, "title": 2021, "author": ["Jane Doe", "Ann Reed"], "text": STORY[0]}
    (found,) = lines(tmp_path, [row])
    assert isinstance(found, Article)
    assert (found.id, found.title, found.author) == ("3.5", "2021", "Jane Doe, Ann Reed")


def test_empty_lines_of_jsonl_count_as_lines(tmp_path: Path) -> None:
    file = write(tmp_path, {"a.jsonl": '\n{"text": "One."}\n\n\n{"text": "Two."}\n'}) / "a.jsonl"
    assert [one.path.rpartition("#")[2] for one in read(file)] == ["2", "5"]


# Text


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p>One &amp; two.</p><p>Three.</p>", "One & two.\n\nThree."),
        ("<P CLASS='a>b'>One</P >\n<br/>Two<br>Three", "One\n\nTwo\n\nThree"),
        ('A <b>bold</b> <a href="x?a=1&b=2">link</a>.', "A bold link."),
        ("Wo<b>rd</b>", "Word"),
        ("<table><tr><td>Kyiv</td><td>Minsk</td></tr></table>", "Kyiv – Minsk"),
        ("a<script>var x = '<p>';</script>b<style>p {}</style>c", "abc"),
        ("a<!-- <p>no</p> -->b", "ab"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body>B</body></html>", "T\n\nB"),
        ("Fewer than <5 percent, or 3 < 4 > 2, wrote to <ann@example.org>", None),
        ("A <script> without end, and <!-- so on", "A without end, and <!-- so on"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("AT&T and R&D; a &nosuch; thing", None),
        ("tab\tand  blanks\u3000here", "tab and blanks here"),
        ("a\x00b\x1b[31mc\x7f\x9b\ufeff", "ab[31mc"),
        ("soft\u00ad hy\u00adphen, zero\u200bwidth", "soft hyphen, zerowidth"),
        ("10\u00a0000 and 5\u202fp.m.", None),
        ("“curly” ‘quotes’ – and — dashes … stay", None),
        ("שלום \u202bمرحبا\u202c 👩\u200d🚀 é नमस्ते", None),
        ("a\u2028b\x85c\x0bd\x0ce", "a\n\nb\n\nc\n\nd\n\ne"),
    ],
)
def test_a_text_is_cleaned_of_markup_and_control_characters_only(
    given: str, wanted: str | None
) -> None:
    assert clean(given) == (given if wanted is None else wanted)


@given(st.text(st.characters(exclude_characters="<&", exclude_categories=["Cs"])))
@examples(300)
def test_cleaning_twice_is_cleaning_once_and_loses_no_letter(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert [c for c in cleaned if c.isalnum()] == [c for c in text if c.isalnum()]
    assert "\n" not in cleaned.replace("\n\n", "")
    assert clean_line(text) == " ".join(cleaned.split())


@given(st.text() | st.text("<>/!-ab\"' =&;#x19p\n\ud800", max_size=80))
@examples(500)
def test_any_text_can_be_cleaned(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == cleaned.strip()
    cleaned.encode("utf-8")


# Dates


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (None, None),
        ("", None),
        (" ", None),
        ("2021-12-29", date(2021, 12, 29)),
        (20211229, date(2021, 12, 29)),
        ("2021-12-29 14:55", datetime(2021, 12, 29, 14, 55)),
        ("2021-12-29T14:55:00Z", datetime(2021, 12, 29, 14, 55, tzinfo=UTC)),
        ("Wednesday, 29 December 2021 02:55 PM", datetime(2021, 12, 29, 14, 55)),
        ("29 Dec 2021", date(2021, 12, 29)),
        ("Dec. 29, 2021", date(2021, 12, 29)),
        ("December 29th, 2021, 2:55 p.m.", datetime(2021, 12, 29, 14, 55)),
        (date(2021, 12, 29), date(2021, 12, 29)),
    ],
)
def test_a_date_is_read_as_people_write_it(given: object, wanted: date | None) -> None:
    assert read_date(given) == wanted
    assert isinstance(read_date(given), datetime) == isinstance(wanted, datetime)


@pytest.mark.parametrize(
    "given",
    [
        *("soon", "3", "yesterday", "2021", "December 2021", "31 February 2021", "2021-02-30"),
        *("29/13/2021", "1640789700", "0000-00-00", "x" * 10_000, "9" * 5_000),
        *(1640789700, True, [2021], {}),
    ],
)
def test_what_is_no_date_is_refused_with_the_way_to_write_one(given: object) -> None:
    with pytest.raises(Refused, match=r"^date .{1,70} is no date; write it as 2021-12-29 or "):
        read_date(given)


@given(st.text() | st.text("0123456789 :/-.,TZJanFebMarchpm+", max_size=40))
@examples(300)
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        found = read_date(text)
    except Refused:
        return
    assert found is None or isinstance(found, date)


# Finding files, and more readers


def test_files_are_found_in_order_and_what_holds_no_articles_is_passed_over(tmp_path: Path) -> None:
    kept = ["a.txt", "b/c.md", "b/license-plates.txt", "questions-for-putin.txt", "readme-first.md"]
    passed = ["README.md", "LICENSE", ".hidden.txt", ".git/a.txt", "questions.jsonl"]
    passed += ["queries.jsonl.gz", "questions-in-other-words.jsonl", "b/ReadMe.txt"]
    write(tmp_path, dict.fromkeys([*kept, *passed], "x"))
    assert sorted(str(f.relative_to(tmp_path)) for f in readers.find(tmp_path)) == sorted(kept)
    assert list(readers.find(tmp_path)) == list(readers.find(tmp_path))


def test_a_file_that_is_named_is_found_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path, {"README.md": "x"}) / "README.md"
    assert list(readers.find(file)) == [file]


def test_a_path_to_nothing_is_wrong_use(tmp_path: Path) -> None:
    for path in (tmp_path / "none", write(tmp_path, {"a.txt": "x"}) / "a.txt" / "b"):
        with pytest.raises(UsageError, match=f"{path}: no such file or folder"):
            list(readers.find(path))


def test_every_seed_is_read_with_a_true_date_and_a_length(tmp_path: Path) -> None:
    found = [one for file in readers.find(SEEDS) for one in read(file, SEEDS)]
    assert len(found) >= 24
    for one in found:
        assert isinstance(one, Article)
        assert one.published is not None
        assert date(2008, 1, 1) <= date(one.published.year, one.published.month, 1)
        assert 150 <= len(one.text.split()) <= 600
        assert one.title not in one.text
    assert {Path(one.path).suffix for one in found} == {".txt", ".md"}


def test_an_id_keeps_full_stops_that_begin_no_ending(tmp_path: Path) -> None:
    assert article(tmp_path, "U.S. talks.txt", STORY[0]).id == "U.S. talks"
    assert article(tmp_path, "U.K. talks.txt", STORY[0]).id == "U.K. talks"
    assert article(tmp_path, "a/2021.12.29.md", STORY[0]).id == "a/2021.12.29"


READER = """
from .source import SourceFile
SUFFIXES = (".shout",)
MEDIA_TYPES = ("text/x-shout",)
def read(source: SourceFile):
    yield source.article(text=source.read_text().lower(), title="Shouted")
"""


def test_another_reader_is_a_module_and_its_name_in_one_list(tmp_path: Path) -> None:
    package = tmp_path / "newsdesk" / "index"
    shutil.copytree(ROOT / "index", package, ignore=shutil.ignore_patterns("__pycache__"))
    front = package / "readers" / "__init__.py"
    write(package / "readers", {"shout.py": READER})
    named = front.read_text("utf-8")
    named = named.replace("    plain_text,\n", "    plain_text,\n    shout,\n", 1)
    front.write_text(named.replace("[ReaderModule, ...] = (", "[ReaderModule, ...] = (shout, "))
    write(tmp_path / "news", {"a.shout": "IT IS OVER.", "b.txt": "It is not."})
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.split("\n")[:2] == ["a: it is over.", "b: It is not."]


READ_ALL = """
from pathlib import Path
from newsdesk.index import readers
from newsdesk.index.settings import Readers
for file in readers.find(Path("news")):
    for article in readers.read(file, Path("news"), Readers()):
        print(f"{article.id}: {article.text}")
"""
