"""The same story from several outlets: found when it comes, one passage, all outlets cited."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from newsdesk.index.library import Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.types import Article, Question
from newsdesk.index.update import PassageEncoderLoader, Report, Storing, publish
from tests.helpers.support import SmallAsking, SmallEncoder, small

LOCK = (
    "The great lock of Aldport was closed on Tuesday after a barge struck its lower gate. "
    "Divers found a crack of 4 metres below the waterline, the canal company said. "
    "Some 60 ships are waiting on both sides, many of them laden with grain. "
    "The company expects to lift the gate out on Friday with a floating crane from Brisk. "
    "\n\n"
    "Farmers in the valley fear that their harvest will come too late to the mills. "
    "The harbour master called the damage the worst in 30 years and asked captains for patience. "
    "A spokeswoman for the barge's owner said that its steering had failed without warning. "
    "The inquiry is led by the waterways office, which will question the crew this week. "
)
CUT = LOCK[: LOCK.index("Farmers")].strip()
OTHER = (
    "Beekeepers of Kelby have counted more swarms this spring than in any year since the war. "
    "The mild winter brought early blossom, and colonies grew faster than boxes could be built. "
    "The guild lends new members a hive and a veil, and asks for one jar of honey in return."
)
CLOSED = "why was the lock of Aldport closed, divers crack?"


def article(name: str, text: str, source: str, day: int = 3, title: str = "") -> Article:
    return Article(name, title or name, text, f"/{name}", date(2026, 3, day), source)


LONG = article("long", LOCK, "Gazette", 4, "Lock closed")
SHORT = article("short", f"(Agency) - {CUT}", "Herald", 3, "Sixty ships wait")
BEES = article("bees", OTHER, "Post", 5)


def change(home: Path, put: list[Article], remove: list[str] = []) -> None:  # noqa: B006
    """Change the library, and publish it."""
    encoder = SmallEncoder()
    with Library(home, create=True) as library:
        storing = Storing(small(home), library, encoder.model.hash)
        with library.transaction():
            for each in put:
                storing.put(each)
            for article_id in remove:
                library.remove(article_id)
        loader = PassageEncoderLoader(encoder.model.name, SmallEncoder, lambda *_: None)
        publish(small(home), library, loader, Report(), lambda *_: None, home / "models")


def groups(home: Path) -> list[tuple[str, ...]]:
    with Library(home) as library:
        return [ids for _, ids in library.stories.groups()]


def asked(home: Path, question: str, *sources: str) -> list[tuple[str, list[str]]]:
    """The articles of the passages of an answer, each with those that are cited beside it."""
    with Searcher(small(home), load=SmallAsking) as searcher:
        answer = searcher.ask(Question(question, sources=sources))
        return [
            (shown.citation.article.id, [other.article.id for other in shown.also])
            for shown in answer.passages
        ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    change(tmp_path / "home", [SHORT, LONG, BEES])
    return tmp_path / "home"


def test_copies_are_one_passage_with_all_outlets(home: Path) -> None:
    assert groups(home) == [("short", "long")]
    first, *rest = asked(home, CLOSED)
    assert first == ("long", ["short"])
    assert all("short" not in (name, *also) for name, also in rest if name != "long")


def test_a_cut_copy_is_not_cited_for_what_it_left_out(home: Path) -> None:
    answers = dict(asked(home, "what do farmers fear for their harvest and the mills?"))
    with Searcher(small(home), load=SmallAsking) as searcher:
        shown = searcher.ask("what do farmers fear for their harvest and the mills?").passages
    farmers = next(s for s in shown if "Farmers" in s.hit.passage.text)
    assert "long" in answers
    for other in farmers.also:
        cited = other.article.text[other.start : other.end]
        assert cited and cited in other.article.text


def test_a_filter_by_source_finds_that_sources_copy(home: Path) -> None:
    assert asked(home, "why was the lock of Aldport closed?", "Herald") == [("short", [])]
    found = asked(home, "why was the lock of Aldport closed?", "Gazette")
    assert {name for name, _ in found} == {"long"} and not any(also for _, also in found)


def test_a_source_that_the_question_names_speaks_for_the_story(home: Path) -> None:
    found = asked(home, "why was the lock closed, as reported by the Herald?")
    assert found[0][0] == "short" and "long" in found[0][1]


def test_when_a_copy_is_removed_the_other_takes_its_place(home: Path) -> None:
    change(home, [], ["long"])
    assert groups(home) == []
    assert asked(home, "why was the lock of Aldport closed?")[0] == ("short", [])
    change(home, [LONG])
    assert groups(home) == [("short", "long")]
    assert asked(home, CLOSED)[0] == (
        "long",
        ["short"],
    )


def test_each_copy_stays_stored_and_opens(home: Path) -> None:
    with Searcher(small(home), load=SmallAsking) as searcher:
        assert searcher.article("short") == SHORT and searcher.article("long") == LONG
        assert searcher.collection.articles == 3


def test_a_copy_that_was_changed_into_something_else_is_none(home: Path) -> None:
    change(home, [article("short", OTHER.replace("Kelby", "Norby"), "Herald")])
    assert groups(home) == []


def test_one_that_joins_two_cut_copies_makes_them_one_story(tmp_path: Path) -> None:
    home = tmp_path / "home"
    head, tail = LOCK[:400], LOCK[200:]
    change(home, [article("head", head, "A"), article("tail", tail, "B")])
    before = groups(home)
    change(home, [LONG])
    assert {"head", "long"} <= set(groups(home)[0])
    assert len(groups(home)) <= 1 and before in ([], [("head", "tail")])


def test_a_library_of_before_is_looked_through_once(home: Path) -> None:
    with Library(home) as library, library.transaction():
        library.change("DELETE FROM texts")
        library.change("DELETE FROM bands")
    change(home, [])
    assert groups(home) == [("short", "long")]
    assert asked(home, CLOSED)[0] == (
        "long",
        ["short"],
    )


def test_what_was_found_by_other_rules_is_looked_for_anew(home: Path) -> None:
    with Library(home) as library, library.transaction():
        library.change("UPDATE texts SET story = number")
        library.change("UPDATE meta SET value = 'before' WHERE key = 'copies'")
    change(home, [])
    assert groups(home) == [("short", "long")]


def test_what_is_new_tells_a_story_once(home: Path) -> None:
    found = asked(home, "what is new?")
    assert [name for name, _ in found].count("long") + [n for n, _ in found].count("short") == 1


def test_measuring_ranks_each_copy(home: Path) -> None:
    from newsdesk.index.types import Query

    with Searcher(small(home), load=SmallAsking) as searcher:
        ranked = [name for name, _ in searcher.articles(Query("lock of Aldport closed"), 3)]
    assert ranked[:2] == ["long", "short"]
