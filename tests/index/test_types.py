"""The central types are frozen and sure of their own invariants."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newsdesk.index import errors, types
from newsdesk.index.errors import NewsdeskError, UsageError
from newsdesk.index.types import Answer, Article, Passage, Sentence, Span, file_of, stamp


def article(**fields: Any) -> Article:
    given = {"id": "a", "title": "T", "text": "It is over.", "path": "a.txt", **fields}
    return Article(**given)


@given(st.integers(-5, 50), st.integers(-5, 50))
def test_a_span_begins_before_it_ends_and_not_before_the_text(start: int, end: int) -> None:
    if 0 <= start < end:
        assert Span(start, end).of("x" * 50) == "x" * (end - start)
    else:
        with pytest.raises(ValueError, match="not a span"):
            Span(start, end)


@pytest.mark.parametrize("fields", [{"id": ""}, {"text": ""}, {"text": " \n\u00a0"}])
def test_an_article_has_an_id_and_a_text(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs an id and a text"):
        article(**fields)


@given(st.integers(0, 9), st.integers(0, 9), st.text(max_size=9))
def test_a_passage_fills_its_span(start: int, end: int, text: str) -> None:
    if text and end - start == len(text):
        assert Passage("a", 0, start, end, text, ()).id == f"a:{start}-{end}"
    else:
        with pytest.raises(ValueError, match="does not fill its span"):
            Passage("a", 0, start, end, text, ())


def test_an_answer_has_a_sentence_unless_there_is_none() -> None:
    sentence = Sentence("It is over.", 1, 0, 11, 1)
    for verdict in ("answered", "weak"):
        assert Answer("q", verdict, 0.9, sentence, ()).sentence is sentence
        with pytest.raises(ValueError, match=f"verdict {verdict} with sentence None"):
            Answer("q", verdict, 0.9, None, ())
    assert Answer("q", "none", 0.1, None, ()).sentence is None
    with pytest.raises(ValueError, match="verdict none with sentence"):
        Answer("q", "none", 0.1, sentence, ())


def classes() -> list[type]:
    found = [one for one in vars(types).values() if isinstance(one, type)]
    return [one for one in found if one.__module__ == types.__name__]


@pytest.mark.parametrize("one", classes(), ids=lambda one: one.__name__)
def test_every_central_type_is_frozen(one: type) -> None:
    assert dataclasses.is_dataclass(one)
    blank = object.__new__(one)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(blank, dataclasses.fields(one)[0].name, "changed")


CHANGES = {
    "id": "b",
    "title": "U",
    "text": "It is not.",
    "published": date(2021, 12, 29),
    "source": "S",
    "author": "A",
    "url": "https://u.example",
    "caption": "C",
    "language": "de",
    "pages": (0, 5),
}


def test_the_digest_shows_a_change_of_any_field_but_the_path() -> None:
    names = {field.name for field in dataclasses.fields(Article)}
    assert names == {*CHANGES, "path"}
    digests = {article(**{name: given}).digest for name, given in CHANGES.items()}
    assert len(digests | {article().digest}) == len(CHANGES) + 1
    assert article(path="b.txt#3").digest == article().digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (date(2021, 12, 29), datetime(2021, 12, 29)),
        (datetime(2021, 12, 29, 14, 55), datetime(2021, 12, 29, 14, 55, tzinfo=UTC)),
        (datetime(2021, 12, 29, 14, 55), datetime(2021, 12, 29, 14, 56)),
    ],
)
def test_the_digest_shows_a_change_of_the_date(one: date, other: date) -> None:
    assert article(published=one).digest != article(published=other).digest


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_two_articles_have_one_digest_only_if_they_are_the_same(
    title: str, other_title: str, source: str, other_source: str
) -> None:
    one, other = (
        article(title=title, source=source),
        article(title=other_title, source=other_source),
    )
    assume("\x1f" not in title + other_title + source + other_source)  # no reader lets it through
    assert (one == other) == (one.digest == other.digest)


def test_the_digest_is_the_same_tomorrow() -> None:
    """A changed digest means that every library is encoded anew: raise DIGEST_VERSION then."""
    assert article(published=date(2021, 12, 29)).digest == (
        "1:3ed078e82c69673036963defb87615b731f3b8e728faadcbe22b504a445f5e96"
    )


@pytest.mark.parametrize(
    ("published", "wanted"),
    [
        (None, ""),
        (date(2021, 12, 29), "2021-12-29"),
        (datetime(2021, 12, 29, 14, 55), "2021-12-29T14:55"),
        (datetime(2021, 12, 29, 14, 55, 7), "2021-12-29T14:55"),
        (datetime(2021, 12, 29, 14, 55, tzinfo=UTC), "2021-12-29T14:55+00:00"),
        (
            datetime(2021, 12, 29, 14, 55, tzinfo=timezone(timedelta(hours=2))),
            "2021-12-29T14:55+02:00",
        ),
    ],
)
def test_a_date_is_stamped_as_iso_8601(published: date | None, wanted: str) -> None:
    assert stamp(published) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.txt", "a.txt"),
        ("news/a.jsonl#17", "news/a.jsonl"),
        ("#3.txt", "#3.txt"),
        ("a#b.txt", "a#b.txt"),
        ("a#1.jsonl#2", "a#1.jsonl"),
        ("", ""),
    ],
)
def test_the_file_of_an_article_is_its_path_without_the_line(path: str, wanted: str) -> None:
    assert file_of(path) == wanted


def leaves(one: type[NewsdeskError] = NewsdeskError) -> list[type[NewsdeskError]]:
    below = one.__subclasses__()
    return [one, *(leaf for each in below for leaf in leaves(each))]


def test_the_errors_are_the_tree_that_their_docstring_draws() -> None:
    drawn = errors.__doc__ or ""
    for one in leaves():
        if one.__module__ == errors.__name__:
            assert one.__name__ in drawn
        assert one.exit_code == (2 if issubclass(one, UsageError) else 1)


def test_only_the_readers_catch_what_the_readers_refuse() -> None:
    package = Path(types.__file__).parent
    catching = [
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if "except Refused" in file.read_text("utf-8")
    ]
    assert catching
    assert all(name.startswith("readers/") for name in catching)
