"""Asking only articles in a language: by an option, by words, and what is said where none is."""

from __future__ import annotations

import pytest

from newsdesk.index.cli import app as cli
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from tests.helpers.support import SmallAsking, index, small, write
from tests.index.cli.commands import in_this_process

TEXT = {
    "en": "The dam at Kelmer broke on Monday. The dam was built by the council of Kelmer.",
    "de-AT": "The dam at Kelmer held, writes the valley's own paper. The dam is older than that.",
    "ro": "A dam was opened in Sulina. The dam at Sulina cost four million.",
    "": "Nobody knows what the dam at Kelmer cost. The dam was insured.",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("spoken")
    files: dict[str, str | bytes] = {
        f"{code or 'unsaid'}.md": f"---\nsource: Post\n{f'language: {code}' if code else 'x: y'}\n"
        f"date: 2026-11-2{place}\n---\n\n{text}\n"
        for place, (code, text) in enumerate(TEXT.items())
    }
    settings = small(folder / "home")
    index(settings.home, write(folder / "news", files))
    return settings


@pytest.fixture
def searcher(home: Settings) -> Searcher:
    return Searcher(home, load=SmallAsking)


def shown(searcher: Searcher, question: Question | str) -> set[str]:
    answer = searcher.ask(question)
    return {one.citation.article.id for one in answer.passages}


@pytest.mark.parametrize(
    ("languages", "found"),
    [(("de",), {"de-AT"}), (("German",), {"de-AT"}), (("ro", "en-GB"), {"ro", "en"}), ((), None)],
)
def test_only_articles_that_say_they_are_in_it_are_searched(
    searcher: Searcher, languages: tuple[str, ...], found: set[str] | None
) -> None:
    everything = {code or "unsaid" for code in TEXT}
    asked = Question("what of the dam?", now=None, languages=languages)
    assert shown(searcher, asked) == (everything if found is None else found)


def test_words_narrow_as_the_option_does(searcher: Searcher) -> None:
    answer = searcher.ask(Question("did the dam break, in German?", now=None))
    assert answer.understood.kept == ("in German",)
    assert answer.understood.query.languages == ("de",)
    assert {one.citation.article.id for one in answer.passages} == {"de-AT"}
    newest = searcher.ask(Question("any news in Romanian?", now=None))
    assert newest.understood.newest
    assert [one.citation.article.id for one in newest.passages] == ["ro"]


def test_a_language_that_no_article_is_in_is_said_with_those_that_are(searcher: Searcher) -> None:
    for asked in (
        Question("what of the dam?", now=None, languages=("fi",)),
        Question("what of the dam, in Finnish?", now=None),
    ):
        answer = searcher.ask(asked)
        assert (answer.verdict, answer.passages) == ("none", ())
        assert answer.no_match
        assert answer.no_match.kind == "language"
        assert answer.no_match.words.startswith("There are no articles in Finnish; ")
        assert set(answer.no_match.nearest) == {"English", "German", "Romanian"}


def test_an_option_and_words_that_exclude_each_other_leave_nothing(searcher: Searcher) -> None:
    answer = searcher.ask(Question("the dam, in German", now=None, languages=("en",)))
    assert answer.no_match
    assert answer.no_match.words == (
        "No article can be in English and in German; leave one of them out."
    )
    everything = Question("what of the dam, in German", now=None, everything=True)
    assert len(shown(searcher, everything)) == len(TEXT)


def test_the_command_line_lists_by_language(
    home: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    newsdesk = in_this_process(cli.run, home.home, capsys, monkeypatch)
    listed = newsdesk("list", "--language", "German", "--json").told["articles"]
    assert [one["id"] for one in listed] == ["de-AT"]
    unheld = newsdesk("list", "--language", "fi")
    assert unheld.code == 1
    assert "--language Finnish: no such article; there are " in unheld.err
