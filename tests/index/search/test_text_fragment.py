"""Links to a page: a browser marks the cited words, and no others that begin like them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.index.search.text_fragment import TextDirective, directive, link
from newsdesk.index.text.passages import sentences
from newsdesk.index.types import Article, Span
from tests.helpers.text_directive import marked

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

# Texts that say things again, with what is cited of them: the last place of these words.
AGAIN = {
    "two paragraphs that begin alike": (
        "The mayor of Elmby said the bridge is safe and would stay open in June.\n\n"
        "The mayor of Elmby said the ferry will stop and would not come back in June.",
        "The mayor of Elmby said the ferry will stop and would not come back in June.",
    ),
    "a long beginning that is the same": (
        "In a statement on Monday the council of the town of Elmby said that the bridge is safe."
        "\n\n"
        "In a statement on Monday the council of the town of Elmby said that the ferry will stop.",
        "In a statement on Monday the council of the town of Elmby said that the ferry will stop.",
    ),
    "a short sentence said twice": (
        "Was it safe? He said yes. Would it stay open? He said yes.",
        "He said yes.",
    ),
    "the same sentence in two paragraphs": (
        "The bridge is shut.\nThe council said that it knew of no other way to mend it.\n\n"
        "The ferry is shut.\nThe council said that it knew of no other way to mend it.",
        "The council said that it knew of no other way to mend it.",
    ),
    "one that holds a shorter one": (
        "He said no more of it to them.\n\nHe said no more.",
        "He said no more.",
    ),
    "an end that is said in between": (
        "The mayor said that the bridge opens in the month of June. It stays so.\n\nThe mayor said "
        "that the ferry opens in the month of June. It will be shut in the month of June.",
        "The mayor said that the ferry opens in the month of June. It will be shut in the month of "
        "June.",
    ),
    "in capitals and without accents": (
        "LE MAIRE A DIT: LE CAFE EST FERME.\n\nLe maire a dit : le café est fermé.",
        "Le maire a dit : le café est fermé.",
    ),
    "what is syntax in a fragment": (
        "Non-stop, he said - then left.\n\nNon-stop, he said - then came.",
        "Non-stop, he said - then came.",
    ),
    "a passage of two paragraphs": (
        "A tram ran.\n\nA tram stood.\n\nA tram ran.\n\nA bus came.",
        "A tram ran.\n\nA bus came.",
    ),
    "told apart by what comes after": (
        "Two things are said here again. It rains.\n\nAll of it once more.\n"
        "Two things are said here again. It snows.",
        "Two things are said here again.",
    ),
}
WORDS = st.sampled_from(["the", "mayor", "The", "said", "a", "über", "no-one", "5,000"])
TEXTS = st.lists(
    st.lists(st.lists(WORDS, min_size=1, max_size=12), min_size=1, max_size=4),
    min_size=1,
    max_size=5,
)


def linked(url: str, words: str) -> str:
    return link(Article("a", "T", words, "/news/a.txt", url=url), words, 0)


def test_a_link_to_a_page_scrolls_to_the_words() -> None:
    short = linked("https://example.org/a", "Prices rose, again.")
    assert short == "https://example.org/a#:~:text=Prices%20rose%2C%20again."
    long = linked("https://example.org/a", "one two-two three four five six seven eight nine ten")
    assert long.endswith("#:~:text=one%20two%2Dtwo%20three%20four,seven%20eight%20nine%20ten")
    assert linked("https://example.org/a#top", "word").endswith("/a#top:~:text=word")


@given(st.text(min_size=1).filter(str.strip))
def test_a_text_fragment_says_the_words_and_only_them(words: str) -> None:
    fragment = linked("https://example.org/a", words).split("#:~:text=", 1)[1]
    assert not set(fragment) & set(' #&"<>')
    parts = [unquote(part) for part in fragment.split(",")]
    split = words.split()
    assert len(parts) in {1, 2}
    assert parts[0].split() == split[: len(parts[0].split())]
    assert parts[-1].split() == split[-len(parts[-1].split()) :]


def test_an_article_without_a_page_links_to_its_file() -> None:
    assert linked("", "words") == "file:///news/a.txt"
    assert linked("javascript:alert(1)", "words") == "file:///news/a.txt"
    lined = Article("a", "T", "words", "/news/all.jsonl#7")
    assert link(lined, "words", 0) == "file:///news/all.jsonl"


@pytest.mark.parametrize(("text", "words"), AGAIN.values(), ids=AGAIN)
def test_the_first_match_is_the_cited_place(text: str, words: str) -> None:
    start = text.rindex(words)
    made = directive(text, Span(start, start + len(words)))
    assert marked(text, str(made)) == (start, start + len(words))


@given(TEXTS, st.data())
@example([[["a"], ["a", "a"], ["a"]]], None)
def test_the_first_match_is_the_cited_place_wherever_there_is_a_way_to_say_it(
    paragraphs: list[list[list[str]]], data: st.DataObject | None
) -> None:
    """Of made-up texts that say the same words again and again, each sentence by its directive."""
    text = "\n\n".join(
        " ".join(f"{' '.join(words)}." for words in paragraph) for paragraph in paragraphs
    )
    spans = sentences(text)
    span = data.draw(st.sampled_from(spans)) if data else spans[0]
    made = directive(text, span)
    place = marked(text, str(made))
    assert place == (span.start, span.end) or not distinct(text, span)


def distinct(text: str, span: Span) -> bool:
    """Whether the words, with the rest of their line before and behind them, are there once."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    line = text[start : end if end >= 0 else len(text)]
    few = len(line.split()) <= 24
    return few and text.casefold().count(line.casefold()) == 1 and line.count(span.of(text)) == 1


@pytest.mark.parametrize(
    ("title", "text", "words"),
    [
        ("Ferry will stop in May", "Ferry will stop in May, the council of Elmby said.", ""),
        (
            "Ferry will stop in May",
            "Ferry will stop in May.\n\nIt has sailed since 1962.",
            "Ferry will stop in May.",
        ),
        ("FERRY STOPS", "Ferry stops. It has sailed since 1962.", "Ferry stops."),
        ("Ferry stops", "Ferry stops\n\nIt has sailed since 1962.", "Ferry stops"),
    ],
)
def test_the_headline_above_the_text_is_not_what_is_marked(
    title: str, text: str, words: str
) -> None:
    page, words = f"{title}\n{text}", words or text
    start = page.rindex(words)
    made = directive(text, Span(0, len(words)), title)
    assert marked(page, str(made)) == (start, start + len(words))


def test_a_directive_is_short_where_few_words_do() -> None:
    text, words = AGAIN["two paragraphs that begin alike"]
    assert directive(text, Span(0, 71)) == TextDirective("The mayor of Elmby", "stay open in June.")
    start = text.index(words)
    assert directive(text, Span(start, len(text))).words < len(words.split())


def test_a_text_of_one_word_over_and_over_is_no_trouble() -> None:
    text = "a " * 100_000 + "a."
    assert directive(text, Span(199_000, 199_101)).start.startswith("a a a a")


# a real browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install .[test]"
    )
    if BROWSER is None:
        pytest.skip("no chromium on PATH, so that no page can be opened")
    rights = ["--no-sandbox"] if os.geteuid() == 0 else []  # which root does without
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=BROWSER, args=[*rights, *quiet])
        yield opened
        opened.close()


PAGE = """<!doctype html><meta charset="utf-8"><title>T</title><style>
p {{ font: 16px monospace; width: 700px }}
::target-text {{ background: red; color: white }}
::highlight(cited) {{ background: red; color: white }}
</style><h1>News</h1>{body}"""
LIGHT_UP = """([first, start, last, end]) => {
    const lines = [...document.querySelectorAll("p")].map((p) => p.firstChild);
    const range = new Range();
    range.setStart(lines[first], start);
    range.setEnd(lines[last], end);
    CSS.highlights.set("cited", new Highlight(range));
}"""


@pytest.mark.slow
@pytest.mark.parametrize(("text", "words"), AGAIN.values(), ids=AGAIN)
def test_a_browser_marks_the_cited_words(browser: Browser, text: str, words: str) -> None:
    """The page looks as one does whose cited words are lit up by their place."""
    body = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line)
    start = text.rindex(words)
    made = directive(text, Span(start, start + len(words)))
    with browser.new_context(viewport={"width": 800, "height": 900}) as context:
        context.route("**/*", lambda route: route.fulfill(
            body=PAGE.format(body=body), content_type="text/html; charset=utf-8"
        ))  # fmt: skip
        page = context.new_page()
        page.goto(f"http://news.example/a#:~:text={made}")
        page.wait_for_timeout(300)
        by_browser = page.screenshot()
        page.goto("about:blank")
        page.goto("http://news.example/a")
        plain = page.screenshot()
        page.evaluate(LIGHT_UP, [*place(text, start), *place(text, start + len(words))])
        by_place = page.screenshot()
    assert by_browser != plain
    assert by_browser == by_place


def place(text: str, at: int) -> tuple[int, int]:
    """The number of the line that is not empty, and the place in it, of a place in a text."""
    lines = [line for line in text[:at].split("\n") if line]
    if at and text[at - 1] == "\n":
        lines.append("")
    return len(lines) - 1 if at else 0, len(lines[-1]) if at else 0
