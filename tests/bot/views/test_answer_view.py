"""Answers as messages: whatever an article and a question hold, Telegram takes them, and every
word that is shown of a passage is one of the article's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.bot.store.models import KeptAnswer, Narrowed, StoredCitation
from newsdesk.bot.transport.html import fit
from newsdesk.bot.transport.keyboard_markup import inline_keyboard
from newsdesk.bot.views import answers
from newsdesk.bot.views.keyboards import of_answer
from newsdesk.index.generation import SourceSummary
from newsdesk.index.text.passages import paragraph_at, split
from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    Collection,
    Hit,
    NoMatch,
    Passage,
    Query,
    Sentence,
    Shown,
    Span,
    Understanding,
    Verdict,
)
from tests.bot.transport.test_html import is_inside
from tests.botapi import Chat, StandIn
from tests.botapi.entities import Entity, units
from tests.botapi.methods import _read as read
from tests.helpers.examples import examples

# Of what fails; the warning would be told in its place.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
FEW = examples(40)  # each is several articles
_BOLD = 26  # matched words that a passage has room for, whatever stands beside it
HELD = Collection(1240, (date(2021, 11, 3), date(2022, 1, 19)), "000007-1f2e3d4c5b6a", "small")
WORDS = [
    *("the", "Biden", "B9", "<b>", "</blockquote>", "&amp;", "a<b", "R&D", '"no"', "'s", "👍🏽"),
    *("👩‍👩‍👧", "🇷🇴🇺🇦", "שלום", "العربية", "\u202eevil", "\u2067open", "é", "e\u0301", "x\u0338"),
    *(
        "中文字幕在这里。",
        "ภาษาไทยน้ำใจ",
        "か\u3099くせい",
        "\ud83d",
        "\udc00\ud800",
        "\x00",
        "a\x07b",
    ),
    *("W" * 80, "😀" * 40, "W" * 3000, "😀" * 2500, "中" * 3000, "https://example.org/?a=1&b=2"),
    *("\u0301" * 20, "1.", "Mr.", "No.", "—", "\ufffe", "\u2028", "\xa0", "\x85"),
]
words = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
sentences = st.one_of(
    st.lists(words, max_size=30).map(" ".join),
    st.tuples(words, st.integers(1, 900)).map(lambda one: " ".join([one[0][:40]] * one[1])),
)
texts = (
    st.lists(st.lists(sentences, min_size=1, max_size=5).map(". ".join), min_size=1, max_size=8)
    .map("\n\n".join)
    # The splitter of the library panics at a wide space between a capital and a full stop.
    .map(lambda text: re.sub(r"[^\S\n]+\.", ".", text))
    .filter(str.strip)
)
lines = st.one_of(st.text(max_size=40), st.lists(words, max_size=12).map(" ".join))
links = st.one_of(
    st.just(""),
    lines.map(lambda one: f"https://example.org/{one}"),
    st.sampled_from(
        ["HTTP://x.org/a?b=1&c=\"'<>", "ftp://x", "javascript:x", "https://" + "a" * 2000]
    ),
)
days = st.one_of(st.none(), st.dates(), st.datetimes())


@dataclass(frozen=True)
class Case:
    """An answer as the library may give it, with what the bot knows beside it."""

    answer: Answer
    carried: str
    narrowed: Narrowed


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return Article(
        id=draw(lines.filter(lambda one: bool(fit(one).strip()))),
        title=draw(lines.map(lambda one: one if fit(one).strip() else "")),
        text=draw(texts),
        path="a.txt",
        published=draw(days),
        source=draw(lines),
        author=draw(lines),
        url=draw(links),
    )


@st.composite
def passages(draw: st.DrawFn, article: Article) -> Passage:
    """One that the library would make, or all of the article as one."""
    whole = Span(0, len(article.text))
    found = split(article.id, article.text)
    found.append(Passage(article.id, 0, 0, len(article.text), article.text, (whole,)))
    return draw(st.sampled_from(found))


@st.composite
def shown(draw: st.DrawFn, number: int) -> Shown:
    article = draw(articles())
    passage = draw(passages(article))
    spans = list(token_spans(passage))
    some = st.lists(st.sampled_from(spans), unique=True) if spans else st.just([])
    lit = draw(st.one_of(st.just(spans), st.just(spans[::2]), some))  # side by side, they join
    citation = Citation(number, article, passage.start, passage.end, 7, draw(links))
    also = tuple(
        replace(citation, article=other, link=other.url)
        for other in draw(st.lists(articles(), max_size=draw(st.sampled_from([0, 0, 1, 3]))))
    )
    hit = Hit(passage, article, number, 1.0, {"bm25": 1.0, "dense": 1.0})
    return Shown(hit, citation, also, tuple(sorted(lit, key=lambda one: one.start)))


def token_spans(passage: Passage) -> Iterator[Span]:
    """Every word of a passage, in the article's text; all of it where it has none."""
    at = 0
    for word in passage.text.split():
        start = passage.text.index(word, at)
        at = start + len(word)
        yield Span(passage.start + start, passage.start + at)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    every = [draw(shown(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    verdict: Verdict = draw(st.sampled_from(["answered", "weak", "none"]))
    sentence = None
    if verdict != "none":
        lead = draw(st.sampled_from(every))
        span = draw(st.sampled_from(lead.hit.passage.sentences))
        words_ = span.of(lead.hit.article.text)
        sentence = Sentence(words_, lead.hit.rank, span.start, span.end, 3)
        title = lead.hit.article.title
        if title.strip() and draw(st.booleans()):
            sentence = Sentence(title, lead.hit.rank, 0, len(title), 0, in_title=True)
    narrowed = Narrowed(said=tuple(draw(st.lists(lines, max_size=2))))
    answer = Answer(draw(lines), verdict, 0.5, sentence, tuple(every))
    return Case(answer, draw(lines), narrowed)


def taken(html: str, most: int = 4096) -> tuple[str, list[Entity]]:
    """What Telegram makes of a message; raises Refusal if it would not take it."""
    return read(html, {"parse_mode": "HTML"}, most, "message text is empty")


def of(text: str, entity: Entity) -> str:
    packed = text.encode("utf-16-le")
    return packed[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def parts(text: str, found: Sequence[Entity], kind: str) -> list[str]:
    return [of(text, one) for one in found if one.type == kind]


def within(inner: Entity, outer: Entity) -> bool:
    end = outer.offset + outer.length
    return outer.offset <= inner.offset and inner.offset + inner.length <= end


def quotes(html: str, every: Sequence[Shown]) -> list[tuple[Shown, Entity]]:
    """The quotations of a message, each with its passage, whose beginning it is."""
    text, found = taken(html)
    left = iter(every)
    pairs = []
    for quote in (one for one in found if one.type == "blockquote"):
        said = of(text, quote)
        # Of a passage that is left out, not even a word had room.
        passage = next((one for one in left if is_beginning(said, one.hit.passage.text)), None)
        assert passage, f"{said!r} is no beginning"
        check_lit(text, found, quote, passage)
        pairs.append((passage, quote))
    return pairs


def is_beginning(said: str, whole: str) -> bool:
    """Whether it is the whole of a passage, or its beginning up to the end of a word."""
    kept = said.removesuffix(" …")
    if said == fit(whole):
        return True
    return said != kept and fit(whole).startswith(kept) and not is_inside(whole, len(kept))


def check_lit(text: str, found: Sequence[Entity], quote: Entity, one: Shown) -> None:
    """Bold are the matched words; where there are too many to show, the first of them."""
    said = of(text, quote).removesuffix(" …")
    start = one.hit.passage.start
    wanted = {
        i
        for span in one.highlights
        for i in range(span.start - start, min(len(said), span.end - start))
        if not one.hit.passage.text[i].isspace()
    }
    bolds = [e for e in found if e.type == "bold" and within(e, quote)]
    lit: set[int] = set()
    for bold in bolds:
        before = len(of(text, replace(quote, length=bold.offset - quote.offset)))
        lit |= {before + i for i in range(len(of(text, bold)))}
    lit = {i for i in lit if i < len(said) and not one.hit.passage.text[i].isspace()}
    blank = {i for i in wanted if said[i].isspace()}  # replaced; bold all the same, for nobody
    dark = wanted - lit - blank
    assert lit <= wanted
    if len(bolds) + len(blank) < _BOLD:
        assert not dark
    else:
        assert max(lit, default=-1) < min(dark, default=len(said))


def page(answer: Answer, carried: str, kept: tuple[str, ...]) -> str:
    understood = Understanding(Query(answer.question), carried, kept)
    return answers.first_page(replace(answer, understood=understood, collection=HELD))


def test_a_filter_that_matches_nothing_is_said_with_the_mend() -> None:
    no_match = NoMatch("source", "from Reutrs", nearest=("Reuters", "<The Times>"))
    html = page(replace(Answer("B9?", "none", 0.0, None, ()), no_match=no_match), "", ())
    text, _ = taken(html)
    assert "no source of that name (from Reutrs); the nearest are Reuters, <The Times>." in text


def test_all_outlets_of_a_story_are_named() -> None:
    """Two in full, the others by name, each once."""
    text = "The lock of Aldport was closed on Tuesday after a barge struck its gate."
    outlets = ("Gazette", "Herald", "Post", "Wire <Central>", "Post", "Echo")
    articles_ = [Article(f"a{n}", "Lock", text, "/a", source=o) for n, o in enumerate(outlets)]
    citations = [Citation(1, each, 0, len(text), 1, "https://a.example/1") for each in articles_]
    passage = split("a0", text)[0]
    hit = Hit(passage, articles_[0], 1, 1.0, {"bm25": 1.0, "dense": 1.0})
    sentence = Sentence(text, 1, 0, len(text), 1)
    every = (Shown(hit, citations[0], tuple(citations[1:]), ()),)
    told, _ = taken(page(Answer("why?", "answered", 0.9, sentence, every), "", ()))
    assert told.count("also in Lock") == 2
    assert told.rstrip().endswith("and in Wire <Central>, Echo")


def test_a_headline_that_answers_is_lit_up_in_no_text() -> None:
    text = "The ship lay across the canal. Now it is afloat, and the queue is moving again."
    article = Article("a", "Ship Freed After Six Days", text, "/a")
    (passage,) = split("a", text)
    hit = Hit(passage, article, 1, 1.0, {"bm25": 1.0, "dense": 1.0})
    citation = Citation(1, article, 0, len(text), 1, "https://a.example/1")
    sentence = Sentence(article.title, 1, 0, len(article.title), 0, in_title=True)
    shown_ = (Shown(hit, citation, (), ()),)
    told, found = taken(page(Answer("how long?", "answered", 0.9, sentence, shown_), "", ()))
    assert told.startswith("Answer, in a headline: Ship Freed After Six Days [1]")
    assert "underline" not in {one.type for one in found}
    assert "paragraph 1" in told


@FEW
@given(cases())
def test_any_answer_is_a_message_that_telegram_takes(case: Case) -> None:
    html = page(case.answer, case.carried, case.narrowed.said)
    text, found = taken(html)
    if case.answer.verdict == "none":
        assert {one.type for one in found} <= {"italic"}
        assert "I did not find this in 1,240 articles (from 3 November 2021 to 19" in text
        assert not re.search(r"<a |<blockquote| · paragraph ", html)
    else:
        check_sentence(text, found, case.answer, quotes(html, case.answer.passages))
        assert text.count(" · paragraph ") >= len(case.answer.passages)


def check_sentence(
    text: str, found: Sequence[Entity], answer: Answer, quoted: Sequence[tuple[Shown, Entity]]
) -> None:
    """The sentence comes first, with its number; it is underlined where it stands in a text."""
    assert answer.sentence
    sentence = answer.sentence
    words_ = fit(" ".join(sentence.text.split()))
    assert f" [{sentence.passage}]\n" in text[: 1200 + 500]
    label = {"answered": "Answer", "weak": "Closest I found"}[answer.verdict]
    label += ", in a headline: " if sentence.in_title else ": "
    assert label in parts(text, found, "italic")
    if units(words_) <= 1200 and words_.strip():
        assert (words_ in parts(text, found, "bold")) >= (answer.verdict == "answered")
    underlined = [one for one in found if one.type == "underline"]
    for one, quote in quoted:
        if one.hit.rank == sentence.passage and words_.strip():
            length = len(of(text, quote).removesuffix(" …"))
            here = [of(text, line) for line in underlined if within(line, quote)]
            fits = sentence.end - one.hit.passage.start <= length and not sentence.in_title
            assert here == ([fit(sentence.text)] if fits else [])
    assert len(underlined) <= 1


@FEW
@given(lines, st.lists(st.integers(1, 30), min_size=1, max_size=3), st.data())
def test_any_further_page_is_a_message_that_telegram_takes(
    question: str, numbers: list[int], data: st.DataObject
) -> None:
    every = [answers.numbered(data.draw(shown(1)), number) for number in numbers]
    html = answers.further_page(question, every)
    quotes(html, every)
    text, found = taken(html)
    assert all(f"[{number}]" in parts(text, found, "bold") for number in numbers)


@FEW
@given(cases())
def test_any_passage_can_be_sent_from_an_inline_query(case: Case) -> None:
    for one in case.answer.passages:
        html = answers.result(case.answer, one)
        quotes(html, [one])
        own = any(each.passage == one.hit.rank for each in case.answer.sentences)
        assert (f"<i>{case.answer.label}: </i>" in html) == own
        assert "\n" not in answers.described(one)


@FEW
@given(articles(), st.data())
def test_any_passage_can_be_shown_in_its_context(article: Article, data: st.DataObject) -> None:
    passage = data.draw(passages(article))
    span = Span(passage.start, passage.end)
    number = paragraph_at(article.text, span.start)
    html = answers.in_context(article, span, 3, data.draw(links), number)
    text, found = taken(html)
    assert text.endswith(f" · paragraph {number}")
    assert "[3]" in parts(text, found, "bold")
    for quote in (one for one in found if one.type == "blockquote"):
        said = of(text, quote)
        assert fit(passage.text).startswith(said)
        assert len(said) == len(passage.text) or not is_inside(passage.text, len(said))
        check_around(text, quote, article, span)


def check_around(text: str, quote: Entity, article: Article, span: Span) -> None:
    """What stands before the passage ends where it begins, and what follows goes on from it."""
    text, whole = text.encode("utf-16-le").decode("utf-16-le"), fit(article.text)
    head = text[: len(of(text, Entity("", 0, quote.offset)))]
    tail = text[len(head) + len(of(text, quote)) :]
    before = head.partition("\n\n")[2] if "\n" not in article.title + article.id else ""
    before = before.strip().removeprefix("…").strip()
    there = whole[: span.start].rstrip()
    assert there.endswith(before)
    if before and len(before) < len(there.strip()):
        assert not is_inside(there, len(there) - len(before))
    after = tail.rpartition("\n\n")[0].strip()
    if "\n" not in article.title + article.id + article.source + article.author:
        rest = whole[span.end :].strip()
        assert rest.startswith(after)
        if after and len(after) < len(rest):
            assert not is_inside(rest, len(after))


@given(articles())
def test_any_article_has_a_caption_and_a_document(article: Article) -> None:
    taken(answers.caption(article), 1024)
    assert article.text in answers.document(article)
    assert article.url in answers.document(article)


@given(
    st.lists(
        st.builds(SourceSummary, lines, st.integers(0, 9_999_999), *2 * [st.none() | st.dates()]),
        max_size=60,
    )
)
def test_any_list_of_outlets_is_a_message(found: list[SourceSummary]) -> None:
    taken(answers.sources(found, HELD))


def test_many_outlets_with_long_names_fit_and_the_rest_is_counted() -> None:
    first, last = date(2021, 9, 30), date(2022, 11, 30)
    found = [SourceSummary(f"{i:03} " + "شبكة " * 11, 1_234_567, first, last) for i in range(90)]
    text, _ = taken(answers.sources(found, HELD))
    listed = [line for line in text.splitlines() if "1,234,567" in line]
    assert all(
        line.endswith(": 1,234,567, 30 September 2021 to 30 November 2022") for line in listed
    )
    assert text.endswith(f"\n… and {90 - len(listed)} more")


@pytest.mark.parametrize("count", [1, 3])
def test_of_thousands_of_matched_words_the_first_are_bold_up_to_a_hundred_entities(
    count: int,
) -> None:
    text = "the B9 " * 2000
    article = Article("a", "Title", text, "a.txt", url="https://example.org/a")
    passage = Passage("a", 0, 0, len(text), text, (Span(0, 6),))
    hit = Hit(passage, article, 1, 1.0, {"bm25": 1.0, "dense": 1.0})
    lit = tuple(Span(at + 4, at + 6) for at in range(0, len(text), 7))
    cited = Citation(1, article, 0, len(text), 1, article.url)
    one = Shown(hit, cited, (cited, cited), lit)
    every = tuple(answers.numbered(one, number) for number in range(1, count + 1))
    answer = Answer("B9?", "answered", 0.9, Sentence("the B9", 1, 0, 6, 1), every)
    html = page(answer, "B9", ("since Monday",))
    shown_text, found = taken(html)
    quoted = quotes(html, every)
    assert len(quoted) == count
    assert 90 <= len(found) <= 100
    for _, quote in quoted:
        bold = [of(shown_text, e) for e in found if e.type == "bold" and within(e, quote)]
        assert set(bold) == {"B9"}
        assert len(bold) >= _BOLD


@pytest.fixture(scope="module")
def api() -> Iterator[StandIn]:
    with StandIn() as made:
        yield made


@pytest.fixture(scope="module")
def chat(api: StandIn) -> Chat:
    return api.private(api.person("Ann"))


@given(case=cases())
@examples(20)
def test_any_answer_goes_over_the_line_with_its_buttons(
    api: StandIn, chat: Chat, case: Case
) -> None:
    shown_ = case.answer.passages
    kept = KeptAnswer(
        key="k3y",
        chat=chat.id,
        user=1,
        asked=0.0,
        typed=case.answer.question,
        verdict=case.answer.verdict,
        places=[
            StoredCitation(one.hit.article.id, "", 0, 1, one.hit.article.title) for one in shown_
        ],
        pages=[page(case.answer, case.carried, case.narrowed.said)],
        more=True,
    )
    plain = {"chat_id": chat.id, "parse_mode": "HTML"}
    sent = call(api, "sendMessage", {**plain, "text": kept.pages[0], "reply_markup": keys(kept)})
    number = shown_[-1].hit.rank
    article, passage = shown_[-1].hit.article, shown_[-1].hit.passage
    context = answers.in_context(article, Span(passage.start, passage.end), number, "", 1)
    edit = {**plain, "message_id": sent["message_id"]}
    call(api, "editMessageText", {**edit, "text": context, "reply_markup": keys(kept, number)})
    choice = {"reply_markup": keys(kept, choosing=True)}
    call(api, "editMessageText", {**edit, "text": kept.pages[0], **choice})
    file = {"document": ("a.txt", answers.document(article).encode("utf-8", "replace"))}
    call(api, "sendDocument", {**plain, "caption": answers.caption(article)}, file)


def keys(kept: KeptAnswer, context: int = 0, choosing: bool = False) -> str:
    markup = inline_keyboard(of_answer(kept, context, choosing))
    return str(markup.to_json()) if markup else ""


def call(
    api: StandIn,
    method: str,
    given_: dict[str, object],
    file: dict[str, tuple[str, bytes]] | None = None,
) -> dict[str, int]:
    form = {name: str(value) for name, value in given_.items()}
    answer = httpx.post(f"{api.url}/bot{api.token}/{method}", data=form, files=file)
    told = answer.json()
    assert told["ok"], told
    found: dict[str, int] = told["result"]
    return found
