"""Answers as Telegram messages: HTML that fits, with every word of an answer out of an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from newsdesk.bot.transport.html import (
    CAPTION,
    ENTITIES,
    Page,
    cut,
    isolated,
    pieces,
    room,
    shortened,
    units,
)
from newsdesk.index.generation import SourceSummary
from newsdesk.index.text.passages import paragraphs
from newsdesk.index.types import (
    Answer,
    Article,
    Collection,
    Sentence,
    Shown,
    Span,
    Understanding,
    counted,
    place_in,
)

from . import citations

_SENTENCE = 1200  # units of the sentence that answers
_NOTE = 200  # units of a remark
_MEND = 600  # units of why there was nothing to search in
_AROUND = 2  # paragraphs shown before and after a passage
_SOURCES = 40  # listed
_FIXED_ENTITIES = 6  # of a message; and of a passage with its citations
_GAP = "\n\n"


def first_page(answer: Answer, remarks: Sequence[str] = ()) -> str:
    """An answer: remarks and how it was understood, the verdict, the passages."""
    page = Page()
    for remark in remarks:
        page.add(remark, "i").add("\n\n")
    _notes(page, answer.understood)
    if answer.sentence is None:
        _not_found(page, answer)
        return page.html
    _verdict(page, answer, answer.sentence)
    for sentence in answer.further:
        page.add("\n").add(_line(sentence), *(("b",) if answer.verdict == "answered" else ()))
        page.add(f" [{sentence.passage}]")
    _passages(page, answer.passages, answer.sentences)
    return page.html


def further_page(question: str, shown: Sequence[Shown]) -> str:
    """The next passages for a question."""
    page = Page()
    page.add(shortened(f"More on: {question}", _NOTE), "i")
    _passages(page, shown, ())
    return page.html


def numbered(shown: Shown, number: int) -> Shown:
    """A passage under the number that it has among all that were shown."""
    return replace(
        shown,
        hit=replace(shown.hit, rank=number),
        citation=replace(shown.citation, number=number),
    )


def in_context(article: Article, span: Span, number: int, link: str, paragraph: int) -> str:
    """A passage among its paragraphs."""
    page = Page()
    page.add(isolated(shortened(article.title or article.id, citations.TITLE)), "b").add(_GAP)
    tail = citations.length(article) + 2 * units(_GAP)
    passage = span.of(article.text)
    before, after = _around(article.text, span)
    passage = passage[: cut(passage, (page.left - tail) * 2 // 3)]
    spare = page.left - tail - units(passage)
    before = _last(before, spare // 2)
    after = after[: cut(after, spare - units(before))]
    page.add(before.strip()).add("\n" if before.strip() else "")
    if passage.strip():
        page.add(passage, "blockquote")
    page.add("\n" if after.strip() else "").add(after.strip()).add(_GAP)
    citations.cite(page, number, article, link, place_in(article, span.start, paragraph))
    return page.html


def caption(article: Article) -> str:
    """The caption of an article sent as a file."""
    page = Page(CAPTION)
    page.add(
        isolated(shortened(article.title or article.id, citations.TITLE)),
        *citations.tags(article.url),
    )
    page.add(citations.behind(article))
    return page.html


def document(article: Article) -> str:
    """An article whole, with all that is known of it, as plain text."""
    facts = [
        ("Title", article.title),
        ("Author", article.author),
        ("Source", article.source),
        ("Date", citations.dated(article.published)),
        ("Link", article.url),
        ("Picture", article.caption),
        ("Id", article.id),
    ]
    head = "\n".join(f"{name}: {value}" for name, value in facts if value)
    return f"{head}\n\n{article.text}\n"


def result(answer: Answer, shown: Shown) -> str:
    """One passage with its citation, for any chat; the sentence of it that answers comes first."""
    page = Page()
    own = next((each for each in answer.sentences if each.passage == shown.hit.rank), None)
    if own:
        page.add(f"{answer.label}: ", "i")
        page.add(_line(own), *(("b",) if answer.verdict == "answered" else ()))
    _passages(page, [shown], (own,) if own else ())
    return page.html


def described(shown: Shown) -> str:
    """A passage in a line: what article it is of, and its words."""
    article = shown.citation.article
    facts = (article.title, article.source or article.author, citations.dated(article.published))
    head = " · ".join(fact for fact in facts if fact)
    return " ".join(f"{head} — {shown.hit.passage.text}".split())


def sources(summaries: Sequence[SourceSummary], held: Collection) -> str:
    """What the library holds, by source."""
    page = Page()
    page.add(_counted(held), "b").add("\n")
    for place, source in enumerate(summaries):
        name = isolated(shortened(source.name or "without a source", citations.NAME))
        line = f"\n{name}: {source.articles:,}{_span(source.first, source.last)}"
        if place == _SOURCES or units(line) > page.left - _NOTE:
            page.add(f"\n… and {len(summaries) - place:,} more")
            break
        page.add(line)
    return page.html


def _notes(page: Page, understood: Understanding) -> None:
    if understood.carried:
        page.add(shortened(f"Understood with: {understood.carried}", _NOTE), "i").add("\n")
    if understood.kept:
        page.add(shortened(f"Only articles {', '.join(understood.kept)}", _NOTE), "i").add("\n")
    for note in understood.notes:
        page.add(shortened(note, _NOTE), "i").add("\n")
    if understood.carried or understood.kept or understood.notes:
        page.add("\n")


def _not_found(page: Page, answer: Answer) -> None:
    page.add(f"I did not find this in {_counted(answer.collection)}.{_GAP}")
    if answer.no_match:
        page.add(shortened(answer.no_match.words, _MEND)).add("\n")
    if answer.understood.kept:
        page.add("Try it without that narrowing, or in other words.")
    else:
        page.add("Try other words, or a name or place it is about. /sources shows what is here.")


def _counted(held: Collection) -> str:
    period = (
        f" (from {citations.dated(held.period[0])} to {citations.dated(held.period[1])})"
        if held.period
        else ""
    )
    return f"{counted(held.articles, 'article')}{period}"


def _line(sentence: Sentence) -> str:
    return shortened(" ".join(sentence.text.split()), _SENTENCE)


def _verdict(page: Page, answer: Answer, sentence: Sentence) -> None:
    page.add(f"{answer.label}: ", "i")
    page.add(_line(sentence), *(("b",) if answer.verdict == "answered" else ()))
    page.add(f" [{sentence.passage}]")


def _passages(page: Page, shown: Sequence[Shown], sentences: Sequence[Sentence]) -> None:
    """Each passage in a quotation that unfolds, and its citations; all of them fit."""
    fixed = sum(
        citations.length(each.citation.article) + 2 * units(_GAP) + citations.length_of_also(each)
        for each in shown
    )
    texts = [each.hit.passage.text for each in shown]
    shares = _shares([units(text) for text in texts], page.left - fixed)
    free = (ENTITIES - page.entities - _FIXED_ENTITIES * len(shown)) // max(1, len(shown))
    for each, text, share in zip(shown, texts, shares, strict=True):
        page.add(_GAP if page.units else "")
        of_passage = (s for s in sentences if s.passage == each.hit.rank)
        own = next((s for s in of_passage if not s.in_title), None)
        _quote(page, each, text[: cut(text, share)], own, free)
        citation = each.citation
        at = own or citation
        place = place_in(citation.article, at.start, at.paragraph)
        citations.cite(page, citation.number, citation.article, citation.link, place)
        citations.cite_all_also(page, each.also)


def _quote(page: Page, shown: Shown, text: str, sentence: Sentence | None, free: int) -> None:
    """A passage, or as much of it as fits, with matched words bold and the sentence underlined."""
    if not text.strip():
        return
    start, whole = shown.hit.passage.start, shown.hit.passage.text
    page.open("blockquote expandable")
    edges = [0, len(text)]
    if sentence and start <= sentence.start and sentence.end - start <= len(text):
        edges = [0, sentence.start - start, sentence.end - start, len(text)]
    for place, (first, last) in enumerate(pairwise(edges)):
        inside = len(edges) > 2 and place == 1
        if inside:
            page.open("u")
        used = page.entities
        for words, lit in pieces(text[first:last], start + first, shown.highlights, max(0, free)):
            page.add(words, *(("b",) if lit else ()))
        free -= page.entities - used
        if inside:
            page.close("u")
    page.add(" …" if len(text) < len(whole) else "")
    page.close("blockquote").add("\n")


def _shares(needs: Sequence[int], total: int) -> list[int]:
    """Room for each: what it needs where that is less than an even share; the rest is split."""
    shares = [0] * len(needs)
    left, order = max(0, total), sorted(range(len(needs)), key=lambda i: needs[i])
    for done, place in enumerate(order):
        shares[place] = min(needs[place], left // (len(needs) - done))
        left -= shares[place]
    return shares


def _around(text: str, span: Span) -> tuple[str, str]:
    """What stands before and after a passage, two paragraphs each way."""
    all_ = paragraphs(text)
    first = max((i for i, part in enumerate(all_) if part.start <= span.start), default=0)
    last = max((i for i, part in enumerate(all_) if part.start < span.end), default=0)
    start = all_[max(0, first - _AROUND)].start
    end = all_[min(len(all_) - 1, last + _AROUND)].end
    return text[min(start, span.start) : span.start], text[span.end : max(end, span.end)]


def _last(text: str, most: int) -> str:
    """The end of a text, from the beginning of a word on."""
    if units(text) <= most:
        return text
    backwards = text[::-1]
    kept = backwards[: room(backwards, most - 2)]
    words = kept.rstrip()
    at = max((i for i, character in enumerate(words) if character.isspace()), default=0)
    return f"… {words[:at][::-1].lstrip()}" if at else ""


def _span(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    return (
        f", {citations.dated(first)}"
        if first == last
        else f", {citations.dated(first)} to {citations.dated(last)}"
    )
