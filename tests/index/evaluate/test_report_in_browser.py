"""The page of `eval --report` in a real browser, with the keyboard, and on a narrow screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsdesk.index import evaluate
from newsdesk.index.evaluate import Dataset, Run, report
from newsdesk.index.settings import Reading, Settings
from tests.helpers.support import SEEDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install .[test]"
)
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        BROWSER is None, reason="no chromium on PATH, so that the page cannot be driven"
    ),
]
ROWS = ".asked > summary"
CONTRASTS = """() => {
    const probe = document.body.appendChild(document.createElement("i"));
    const straight = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const light = (name) => {
        probe.style.color = `var(--${name})`;
        const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).map((v) => straight(v / 255));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const found = { dark: light("paper") < 0.1 };
    const inks = ["ink", "soft", "word", "good", "bad", "c0"];
    const pairs = [["ink", "lit"], ["word", "lit"], ["ink", "faint"], ["soft", "faint"]];
    for (const ink of inks) pairs.push([ink, "paper"], [ink, "card"]);
    for (const [ink, on] of pairs) found[`${ink} on ${on}`] = ratio(light(ink), light(on));
    return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    rights = ["--no-sandbox"] if os.geteuid() == 0 else []  # which root does without
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=BROWSER, args=rights)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def measured(seeds_home: Path) -> tuple[Dataset, list[Run]]:
    """Questions of the seeds, 120 of them, under two configurations. No passage is read: it takes
    long, and the page shows whatever came back."""
    whole = evaluate.load(SEEDS)
    without = [one for one in whole.questions if one.unanswerable]
    able = [one for one in whole.questions if not one.unanswerable]
    dataset = replace(whole, questions=(*able[:80], *without[:40]))
    settings = Settings(home=seeds_home, reader=Reading(model="none"))
    return dataset, [evaluate.evaluate(dataset, settings, mode) for mode in ("hybrid", "lexical")]


@pytest.fixture(scope="module")
def file(measured: tuple[Dataset, list[Run]], seeds_home: Path) -> Path:
    made = seeds_home.parent / "in-browser.html"
    report.write(made, [measured])
    return made


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    yield from watched(browser.new_context(viewport={"width": 1100, "height": 800}), file)


@pytest.fixture(params=["light", "dark"])
def coloured(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    yield from watched(browser.new_context(color_scheme=request.param), file)


@pytest.fixture
def phone(browser: Browser, file: Path) -> Iterator[Page]:
    with_ = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield from watched(with_, file)


def watched(context: BrowserContext, file: Path) -> Iterator[Page]:
    """The page opened; at the end, nothing went wrong in it and nothing else was asked for."""
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("svg")
    yield page
    context.close()
    assert not said
    assert asked == [file.as_uri()]


def rows(page: Page) -> list[str]:
    """The questions that are listed."""
    return page.locator(".asked .q").all_text_contents()


def expected(measured: tuple[Dataset, list[Run]], name: str) -> set[str]:
    """The questions that a filter is for, by the outcomes of the first run."""
    found = set()
    for one, other in zip(*(run.outcomes for run in measured[1]), strict=True):
        gold, verdict = set(one.question.relevant), one.answer.verdict
        place, others = ([i for i, _ in o.ranking if i][:100] for o in (one, other))
        at, theirs = (
            min((r.index(g) for g in gold if g in r), default=999) for r in (place, others)
        )
        is_so = {
            "lost": bool(gold) and theirs < at,
            "deep": bool(gold) and at > 9,
            "refused": bool(gold) and verdict == "none",
            "answered": verdict == "answered" and not one.right_sentence,
            "sentence": bool(gold) and verdict != "none" and not one.right_sentence,
        }
        if is_so[name]:
            found.add(one.question.text)
    return found


@pytest.mark.parametrize("name", ["lost", "deep", "refused", "answered", "sentence"])
def test_a_filter_leaves_the_questions_it_is_for(
    phone: Page, measured: tuple[Dataset, list[Run]], name: str
) -> None:
    button = phone.locator(f"[data-filter={name}]")
    wanted = expected(measured, name)
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert set(rows(phone)) == wanted
    assert button.locator("b").inner_text() == str(len(wanted))
    button.click()
    assert len(rows(phone)) == 100  # and a button for the rest


def test_words_narrow_the_list_and_more_can_be_shown(page: Page) -> None:
    assert len(rows(page)) == 100
    page.locator("#more").click()
    assert len(rows(page)) == 120
    assert page.evaluate("document.activeElement.closest('.asked') !== null")
    page.locator("#words").fill("B9")
    assert 0 < len(rows(page)) < 20
    assert all("b9" in one.lower() for one in rows(page))
    page.locator("#words").fill("nothing is like this")
    assert rows(page) == []
    assert "No question" in page.locator("#list").inner_text()


def test_a_question_opens_with_what_came_back(
    page: Page, measured: tuple[Dataset, list[Run]]
) -> None:
    first = measured[1][0].outcomes[0].answer
    assert first.sentence
    assert not page.locator(".passage").count()  # nothing is drawn before it is opened
    page.locator(ROWS).first.click()
    body = page.locator(".asked .body").first
    body.locator(".passage").first.wait_for()
    assert body.locator(".passage").count() == len(first.passages)
    lit = body.locator("mark")
    assert " ".join(lit.inner_text().split()) == " ".join(first.sentence.text.split())
    told = body.locator(".passage").first.inner_text()
    hit = first.passages[0].hit
    for value in (hit.score, hit.signals["bm25"], hit.signals["dense"]):
        assert f"{value:.3f}" in told
    shown = first.passages[0]
    words = body.locator(".passage").first.locator(".word").all_text_contents()
    assert words == [span.of(hit.article.text) for span in shown.highlights]
    body.locator(".other > summary").click()
    lexical = measured[1][1].outcomes[0].answer
    body.locator(".other .passage").first.wait_for()
    assert body.locator(".other .passage").count() == len(lexical.passages)


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type("summit")
    found = len(rows(page))
    assert 0 < found < 100
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.filter || ''"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert [one for one in seen if one] == ["lost", "deep", "refused", "answered", "sentence"]
    page.keyboard.press("Enter")
    page.locator(".asked[open] .passage").first.wait_for()


@pytest.mark.parametrize("width", [360, 320])
def test_nothing_scrolls_sideways_on_a_phone(phone: Page, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 740})
    for summary in phone.locator("details.data > summary").all():
        summary.click()
    phone.locator(ROWS).first.click()
    phone.locator(".other > summary").first.click()
    assert phone.evaluate("document.documentElement.scrollWidth") == width


def test_every_drawing_has_a_title_and_says_its_numbers(page: Page) -> None:
    charts = page.locator("svg").all()
    assert len(charts) > 12
    for chart in charts:
        title, told = chart.locator("> title"), chart.locator("> desc")
        assert title.text_content()
        assert any(character.isdigit() for character in told.text_content() or "")
        names = f"{title.get_attribute('id')} {told.get_attribute('id')}"
        assert chart.get_attribute("aria-labelledby") == names


def test_dark_is_dark_and_text_can_be_read(coloured: Page) -> None:
    """4.5 to 1, as WCAG asks of text, for what is set on the page's own grounds."""
    found = coloured.evaluate(CONTRASTS)
    assert found.pop("dark") == coloured.evaluate(
        "matchMedia('(prefers-color-scheme: dark)').matches"
    )
    assert {name: ratio for name, ratio in found.items() if ratio < 4.5} == {}


def test_a_link_to_a_question_opens_it_though_filters_hide_it(
    page: Page, measured: tuple[Dataset, list[Run]]
) -> None:
    last = measured[0].questions[-1]
    page.locator("#words").fill("nothing is like this")
    page.evaluate(f"location.hash = '#q={last.id}'")
    page.wait_for_selector(f"[data-id='{last.id}'][open]")
    assert page.evaluate("document.activeElement.parentElement.dataset.id") == last.id


def test_runs_can_be_switched_off_in_the_charts(page: Page) -> None:
    lexical = page.locator(".legend button").nth(1)
    lexical.click()
    assert lexical.get_attribute("aria-pressed") == "false"
    assert page.locator(".card .big").count() > 5  # with one run left, its values stand large
    page.locator(".legend button").first.click()  # the last one stays
    assert page.locator(".legend button").first.get_attribute("aria-pressed") == "true"


def test_two_thousand_questions_stay_usable(
    browser: Browser, measured: tuple[Dataset, list[Run]], tmp_path: Path
) -> None:
    dataset, (run, _) = measured
    outcomes = [
        replace(one, question=replace(one.question, id=f"{n}-{one.question.id}"))
        for n in range(17)
        for one in run.outcomes
    ][:2000]
    many = replace(run, outcomes=tuple(outcomes), measures=evaluate.measure(outcomes))
    file = tmp_path / "many.html"
    report.write(file, [(replace(dataset, questions=tuple(o.question for o in outcomes)), [many])])
    for page in watched(browser.new_context(), file):
        assert page.locator("#count").inner_text() == "All 2,000 questions"
        assert page.evaluate("document.getElementsByTagName('*').length") < 5000
        page.locator("#words").fill("16-")
        assert 0 < len(rows(page)) <= 100
