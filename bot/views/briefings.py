"""Briefings as Telegram messages: stories in a line each, and each of them by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsdesk.bot.transport.html import Page, cut, isolated, shortened, units
from newsdesk.index.brief import Story, StorySentence, moment
from newsdesk.index.text.passages import paragraphs
from newsdesk.index.types import Article, place_in

from . import citations

PER_PAGE = 7  # stories: a row of numbers below them, see keyboards
# Units of a story's sentence in the list: the first with which the page fits into a message.
_SENTENCES = (330, 280, 220, 160, 110, 70, 30)
_HEADLINE = 200  # units of a headline
_TOPIC = 80  # and of a topic
_LISTED = 12  # articles of one story
_PARAGRAPH = 1000  # units of the paragraph around a sentence
_ROOM = 120  # units that are left for what must still be said
_GAP = "\n\n"


def overview(
    title: str,
    since: datetime,
    until: datetime,
    stories: Sequence[tuple[str, Story]],
    notes: Sequence[str] = (),
    per_page: int = PER_PAGE,
    beyond: int = 0,
) -> list[str]:
    """The pages of a briefing. Each story comes with the name of the topic that it fits.

    `beyond` counts stories that stand on no page.
    """
    pages = []
    for first in range(0, len(stories), per_page):
        shown = stories[first : first + per_page]
        more = len(stories) - first - len(shown)
        head = title, since, until, notes if not first else ()
        pages.append(_page(head, first, shown, more + beyond))
    return pages


def _page(
    head: tuple[str, datetime, datetime, Sequence[str]],
    first: int,
    stories: Sequence[tuple[str, Story]],
    more: int,
) -> str:
    """One page, its sentences as long as the message has room for."""
    for sentence in _SENTENCES:
        page = Page()
        _head(page, *head)
        _lines(page, first, stories, sentence, head[1])
        if more:
            page.add(f"{_GAP}… and {more:,} more", "i")
        if page.left >= 0:
            break
    return page.html


def nothing(title: str, since: datetime, until: datetime, notes: Sequence[str] = ()) -> str:
    """That nothing is new."""
    page = Page()
    _head(page, title, since, until, notes)
    page.add(f"{_GAP}All quiet: nothing new.")
    return page.html


def story(shown: Story, zone: str, number: int) -> str:
    """One story: its sentences where they stand, and every article that carries it."""
    page = Page()
    page.add(f"{number}. ", "b")
    page.add(isolated(shortened(shown.headline, _HEADLINE)), "b")
    if shown.update_of:
        page.add("\nUpdate: what is new in it", "i")
    for place, sentence in enumerate(shown.sentences, start=1):
        page.add(_GAP)
        _quote(page, sentence)
        at = place_in(sentence.article, sentence.start, sentence.paragraph)
        citations.cite(page, place, sentence.article, sentence.link, at)
    _carried(page, shown, zone)
    return page.html


def period(since: datetime, until: datetime) -> str:
    """Two moments of one time zone, as people say them."""
    same_day = since.date() == until.date()
    last = f"{until:%H:%M}" if same_day else _said(until)
    return f"{_said(since)} to {last}"


def _head(page: Page, title: str, since: datetime, until: datetime, notes: Sequence[str]) -> None:
    page.add(f"Briefing: {shortened(title, _HEADLINE)}" if title else "Briefing", "b")
    page.add("\n").add(period(since, until), "i")
    for note in notes:
        page.add("\n").add(note, "i")


def _lines(
    page: Page, first: int, stories: Sequence[tuple[str, Story]], most: int, since: datetime
) -> None:
    several = len({name for name, _ in stories}) > 1
    before = None
    for place, (name, each) in enumerate(stories, start=first + 1):
        page.add(_GAP)
        if several and name != before:
            page.add(shortened(name or "everything", min(_TOPIC, most)), "u").add("\n")
        before = name
        _line(page, place, each, most, since)


def _line(page: Page, number: int, shown: Story, most: int, since: datetime) -> None:
    """A story: its number, its sentence, and the article that it stands in as a link."""
    sentence = shown.sentences[0]
    page.add(f"{number}.", "b").add(" ")
    if shown.update_of:
        page.add("Update:", "i").add(" ")
    page.add(isolated(shortened(" ".join(sentence.text.split()), most)))
    source = shortened(_source(sentence.article), min(citations.NAME, most))
    page.add(" — ").add(isolated(source), *citations.tags(sentence.link, sentence.article.url))
    more = len(shown.sources) - 1
    if more > 0:
        page.add(f" and {more} more")
    page.add(_own_date(shown, since))


def _own_date(shown: Story, since: datetime) -> str:
    """The day of a story that is older than what a briefing is of; empty for any other."""
    if shown.last is None:
        return ", undated"
    if not isinstance(shown.last, datetime):
        return _dated(shown.last) if shown.last < since.date() else ""
    when = moment(shown.last)
    return _dated(when.astimezone(since.tzinfo)) if when < since else ""


def _dated(day: date) -> str:
    return f", {day:%a} {day.day} {day:%b}"


def _source(article: Article) -> str:
    return shortened(
        article.source or article.author or article.title or article.id, citations.NAME
    )


def _quote(page: Page, sentence: StorySentence) -> None:
    """The sentence in its paragraph, underlined."""
    text = sentence.article.text
    around = next(p for p in paragraphs(text) if p.start <= sentence.start < p.end)
    before, after = (
        text[around.start : sentence.start],
        text[sentence.end : max(sentence.end, around.end)],
    )
    end = cut(after, max(0, _PARAGRAPH - units(before) - units(sentence.text)))
    if units(before) + units(sentence.text) > _PARAGRAPH:
        before = ""
    words = sentence.text[: cut(sentence.text, 2 * _PARAGRAPH)]
    page.open("blockquote expandable").add(before).add(words, "u").add(after[:end])
    page.close("blockquote").add("\n")


def _carried(page: Page, shown: Story, zone: str) -> None:
    count = len(shown.articles)
    sources = len(shown.sources)
    words = f"{count} article{'s' * (count > 1)}"
    words += f" by {sources} outlets" if sources > 1 else ""
    page.add(f"{_GAP}{words}:")
    for place, article in enumerate(shown.articles):
        line = _carrier(article, zone)
        if place == _LISTED or units(line) + units(article.title) > page.left - _ROOM:
            page.add(f"\n… and {count - place} more")
            return
        page.add("\n• ")
        page.add(
            isolated(shortened(article.title or article.id, citations.TITLE)),
            *citations.tags(article.url),
        )
        page.add(line)


def _carrier(article: Article, zone: str) -> str:
    when = article.published
    facts = [isolated(shortened(article.source or article.author, citations.NAME))]
    if isinstance(when, datetime):
        facts.append(_said(moment(when).astimezone(ZoneInfo(zone))))
    elif when:
        facts.append(citations.dated(when))
    return "".join(f" · {fact}" for fact in facts if fact)


def _said(when: datetime) -> str:
    return f"{when:%a} {when.day} {when:%b}, {when:%H:%M}"
