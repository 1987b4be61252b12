"""Briefings as messages: Telegram takes them whatever the articles are, and each word is theirs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.views import briefings
from newsdesk.index.brief import Story, StorySentence
from newsdesk.index.types import Article
from tests.botapi.entities import units
from tests.helpers.examples import examples

from .test_answer_view import of, taken

NOW = datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
FEW = examples(60)
ODD = ["<b>", "&amp;", "&", "\U0001f985", "שלום", "\n\n", "\x07", "\u202e", "…", '"', "Zażółć"]
words = st.lists(
    st.one_of(st.sampled_from([*ODD, "strike", "Gdańsk", "x" * 300]), st.text(max_size=12)),
    min_size=1,
    max_size=40,
).map(" ".join)
LONG = "so \U0001f985 long " * 60
words = st.one_of(words, st.just(LONG))
names = st.one_of(words, st.just(""), st.just("Wire"))


def seen(text: str) -> str:
    """A text as it is compared: what no message can hold and how it is spaced is no matter."""
    return "".join(
        re.sub(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff\ufffe\uffff]", " ", text).split()
    )


@st.composite
def articles(draw: st.DrawFn, number: int) -> Article:
    sentence = draw(words.filter(seen))
    before, after = draw(st.sampled_from(["", "Before. ", "One.\n\n"])), draw(names)
    day = st.sampled_from([NOW, NOW.date(), NOW.replace(tzinfo=None), None])
    link = st.sampled_from(
        ["", "https://example.org/a?b=1&c", "ftp://x", "https://e.org/" + "a" * 2000]
    )
    return Article(
        f"a{number}",
        draw(names),
        f"{before}{sentence.strip()} {after}",
        "a.txt",
        published=draw(day),
        source=draw(names),
        author=draw(names),
        url=draw(link),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    found = (
        [draw(articles(n)) for n in range(draw(st.sampled_from([1, 2, 3, 30])))]
        if (draw(st.booleans()))
        else [draw(articles(0))] * draw(st.sampled_from([1, 40]))
    )
    told = []
    for article in found[: draw(st.sampled_from([1, 2]))]:
        text = article.text
        start = len(text) - len(text.lstrip())
        least = next(end for end in range(start + 1, len(text) + 1) if seen(text[start:end]))
        end = draw(st.integers(least, len(text)))
        told.append(StorySentence(text[start:end], article, start, end, 1, article.url))
    before = ("a0",) if draw(st.booleans()) else ()
    return Story(found[0].title, tuple(told), tuple(found), 1.0, 1.0, before=before)


@FEW
@given(st.lists(stories(), min_size=1, max_size=16), names, st.lists(names, max_size=2))
def test_every_page_of_a_briefing_is_taken_and_tells_seven_stories_at_most(
    found: list[Story], title: str, notes: list[str]
) -> None:
    named = [(f"topic {n % 3}", one) for n, one in enumerate(found)]
    since = NOW - timedelta(days=1)
    pages = briefings.overview(title, since, NOW, named, [note[:200] for note in notes])
    assert len(pages) == -(-len(found) // briefings.PER_PAGE)
    for first, html in zip(range(0, len(found), briefings.PER_PAGE), pages, strict=True):
        text, entities = taken(html)
        assert 0 < units(text) <= 4096
        assert len(entities) <= 100
        for number, one in enumerate(found[first : first + 7], start=first + 1):
            told = one.sentences[0].text
            shown = seen(text)
            beginning = seen(" ".join(told.split()))
            assert f"{number}." in text
            assert beginning in shown or any(
                beginning.startswith(part) for part in _between(shown, number)
            )


def test_seven_stories_of_the_longest_words_fit_on_one_page() -> None:
    article = Article("a", LONG, LONG.strip(), "a.txt", source=LONG, url="https://e.org/a")
    told = StorySentence(article.text, article, 0, len(article.text), 1, "https://e.org/a")
    one = Story(LONG, (told,), (article,) * 3, 1.0, 1.0, before=("a",))
    named = [(f"{n} {LONG}", one) for n in range(7)]
    (html,) = briefings.overview(LONG, NOW - timedelta(days=1), NOW, named, ["late"])
    text, entities = taken(html)
    assert [n for n in range(1, 9) if f"{n}. Update:" in text] == list(range(1, 8))
    assert len(entities) <= 100


def _between(shown: str, number: int) -> list[str]:
    """What stands behind a story's number and ends in an ellipsis, as it may begin a sentence."""
    found = []
    for match in re.finditer(rf"{number}\.(?:Update:)?\u2068?", shown):
        rest = shown[match.end() :]
        found += [rest[: one.start()] for one in re.finditer("…", rest[:500])]
    return found


@FEW
@given(stories())
def test_the_page_of_a_story_is_taken_and_its_sentences_stand_in_their_articles(
    found: Story,
) -> None:
    text, entities = taken(briefings.story(found, "Europe/Bucharest", 28))
    assert units(text) <= 4096
    assert len(entities) <= 100
    underlined = [one for one in entities if one.type == "underline"]
    assert len(underlined) <= len(found.sentences)
    for one, told in zip(underlined, found.sentences, strict=False):
        assert seen(told.text).startswith(seen(of(text, one)))


def test_that_nothing_is_new_is_said_in_a_message_that_fits() -> None:
    text, _ = taken(briefings.nothing("x " * 5000, NOW - timedelta(days=1), NOW, ["Late."]))
    assert units(text) <= 4096
    assert text.endswith("All quiet: nothing new.")
