"""The central types: frozen dataclasses that check their own invariants.

Offsets are code points into `Article.text` as stored. Identity is an article's id and a span.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Verdict = Literal["answered", "weak", "none"]

LABELS: Mapping[Verdict, str] = {
    "answered": "Answer",
    "weak": "Closest I found",
    "none": "Not found",
}  # what people are told of a verdict

IN_ARCHIVE = "#/"  # between the path of a .zip and the name of what lies in it
DIGEST_VERSION = "1"  # of `Article.digest`: raise it when a field is added


@dataclass(frozen=True, slots=True)
class Span:
    """A range of code points, `start` inclusive, `end` exclusive; never empty. ValueError if it is.

    >>> Span(0, 4).of("News today")
    'News'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The part of `text` in this span."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Article:
    """One article as stored. One empty line separates the paragraphs of `text`.

    Raises ValueError without an id or a text.

    >>> Article("b9", "B9", "The B9 met in Bucharest.", "b9.txt").published is None
    True
    """

    id: str
    title: str
    text: str
    path: str  # where it was read: FILE or FILE#LINE
    published: date | None = None  # a datetime if the time of day is known
    source: str = ""
    author: str = ""
    url: str = ""
    caption: str = ""  # captions of its pictures, not part of `text`
    language: str = ""  # BCP 47 tag, such as "de"
    pages: tuple[int, ...] = ()  # where in `text` each page of a PDF begins, the first at 0

    def __post_init__(self) -> None:
        if not self.id or not self.text.strip():
            raise ValueError("an article needs an id and a text")

    @property
    def digest(self) -> str:
        """Versioned SHA-256 of every field but `path`: changes when the article does."""
        parts = [self.id, self.title, self.text, stamp(self.published), self.source]
        parts += [self.author, self.url, self.caption, self.language]
        if self.pages:  # not of others: their digests are as they were before there were pages
            parts.append(",".join(map(str, self.pages)))
        packed = "\x1f".join(parts).encode()
        return f"{DIGEST_VERSION}:{hashlib.sha256(packed).hexdigest()}"

    @property
    def said_language(self) -> str:
        """The language that it says it is in, without the country; empty where it says none.

        >>> Article("canal", "Kanal", "Es regnete.", "canal.txt", language="de-AT").said_language
        'de'
        """
        return self.language.replace("_", "-").partition("-")[0].strip().casefold()

    def page_at(self, offset: int) -> int | None:
        """The number of the page that holds a code point of the text, 1 for the first.

        None for an article without pages.

        >>> Article("report", "Report", "One.\\n\\nTwo.", "report.pdf", pages=(0, 6)).page_at(6)
        2
        """
        return bisect_right(self.pages, offset) or None if self.pages else None


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article: `article.text[start:end] == text`, always.

    >>> Passage("canal", 0, 0, 10, "It rained.", (Span(0, 10),)).id
    'canal:0-10'
    """

    article_id: str
    ordinal: int  # 0 for the article's first passage
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]  # in the article's text, in order, within start..end

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"passage {self.id}: its text does not fill its span")

    @property
    def id(self) -> str:
        """The article's id and the span, such as "canal:0-412"."""
        return f"{self.article_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles are meant: those that pass all of these; all where there are none.

    Days are inclusive, and an article without a date is in no period. Names of sources count
    whatever their case. `languages` are codes such as "de"; an article that does not say its
    language is in none.

    >>> bool(Filters()), bool(Filters(languages=("de",)))
    (False, True)
    """

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.sources or self.languages)

    def places(self, outlets: Iterable[tuple[str, str]]) -> list[int] | None:
        """The places of the sources with a language that pass; None for all.

        >>> Filters(sources=("Reuters",)).places([("Post", "de"), ("REUTERS", "en")])
        [1]
        """
        if not (self.sources or self.languages):
            return None
        wanted = {source.casefold() for source in self.sources}
        return [
            place
            for place, (source, language) in enumerate(outlets)
            if (not wanted or source.casefold() in wanted)
            and (not self.languages or language in self.languages)
        ]


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, and what narrows it. Dates are inclusive.

    >>> from datetime import date
    >>> Query("who is in the B9?", k=3, since=date(2021, 12, 1)).k
    3
    """

    text: str
    k: int = 5
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    context: str = ""  # an earlier question that this one goes on from: searched with, not answered
    asked: date | None = None  # the day it is asked on; articles from shortly before are likelier
    current: bool = False  # whether it asks how things are now: the newest that answers is meant
    languages: tuple[str, ...] = ()  # codes such as "de"

    @property
    def filters(self) -> Filters:
        """What narrows it."""
        return Filters(self.since, self.until, self.sources, self.languages)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was answered, as the next may go on from it.

    `Answer.turn` makes one.

    >>> Turn("who is in the B9?").sentence
    ''
    """

    question: str  # as it was understood, so that chains of them work, see `chained`
    sentence: str = ""  # that answered it
    title: str = ""  # of the article it stands in


def chained(question: str, context: str) -> str:
    """A question with what it was understood with, as the next may go on from them.

    One to a line, the newest first. Of a long talk only the newest and the first are kept: the
    first says what it is about, and with all of them each question would weigh less than the last.

    >>> chained("where is it?", "how old is it?\\nwho leads it?\\nwhat is the B9?").split("\\n")
    ['where is it?', 'what is the B9?']
    """
    turns = [" ".join(question.split()), *filter(None, context.split("\n"))]
    return "\n".join(dict.fromkeys((turns[0], turns[-1])))


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a person put it, with all that bears on what it means.

    `text` may name filters ("since Monday", "from Reuters") and may go on from `previous` ("and
    who leads it?"). `k` is how many passages are wanted at most, by default as the settings have
    it. `since` and `until` (inclusive), `sources` (names, whatever their case) and `languages`
    (codes or names: "de", "German") hold whatever the words say. `now` is when it is asked, in the
    time zone of whoever asks, by default this moment here; with None no day is known: articles from
    shortly before are no likelier, and words that count from today, such as "last week", are no
    filters.

    >>> with Searcher(load_settings()) as searcher:
    ...     first = searcher.ask("who is in the B9?")
    ...     then = searcher.ask(Question("where does its name come from?", previous=first.turn))
    >>> then.understood.carried
    'who is in the B9?'
    """

    text: str
    k: int | None = None
    previous: Turn | None = None
    now: datetime | None = field(default_factory=_now)
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    everything: bool = False  # its words narrow nothing, and those that would are left out
    raw: bool = False  # its words are searched for as they are: no filters, no earlier question
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a question was understood.

    >>> Understanding(Query("who is in the B9?"), kept=("from Newsdesk World",)).given_up
    ()
    """

    query: Query  # that was searched with
    carried: str = ""  # the earlier question that it was understood with, as it was typed
    kept: tuple[str, ...] = ()  # filters in its words, each as it follows "only articles"
    given_up: tuple[str, ...] = ()  # filters in its words that were no help, so not applied
    hard: tuple[str, ...] = ()  # filters given beside its words
    newest: bool = False  # whether it asked for no more than what is new, and got that
    since: date | None = None  # that its words name, whether it was kept or given up
    until: date | None = None
    notes: tuple[str, ...] = ()  # sentences that tell what of it could not be done as it was asked


NoMatchKind = Literal["source", "language", "since", "until", "period", "together"]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """A filter that no article passes, and what there is instead.

    >>> NoMatch("source", "from Reutrs", nearest=("Reuters",)).words
    'There is no source of that name (from Reutrs); the nearest is Reuters.'
    """

    kind: NoMatchKind
    said: str  # the filters, as they follow "only articles"
    nearest: tuple[str, ...] = ()  # names of sources, the most alike first; or of languages held
    oldest: date | None = None  # article that the other filters leave
    newest: date | None = None

    @property
    def words(self) -> str:
        """One sentence that names the filter and the mend."""
        if self.kind == "source":
            plural = "nearest are" if len(self.nearest) > 1 else "nearest is"
            mend = f"; the {plural} {', '.join(self.nearest)}" if self.nearest else ""
            return f"There is no source of that name ({self.said}){mend}."
        if self.kind == "language":
            held = f"those there are say they are in {', '.join(self.nearest)}"
            none = "none says in which language it is, so leave that out"
            return f"There are no articles {self.said}; {held if self.nearest else none}."
        if self.kind == "together":
            return f"No article can be {self.said}; leave one of them out."
        return f"There are no articles {self.said}; {self._instead}."

    @property
    def _instead(self) -> str:
        if self.oldest is None or self.newest is None:
            return "none has a date, so leave the time out"
        if self.kind == "since":
            return f"the newest is of {in_words(self.newest)}"
        if self.kind == "until":
            return f"the oldest is of {in_words(self.oldest)}"
        return f"those there are reach from {in_words(self.oldest)} to {in_words(self.newest)}"


@dataclass(frozen=True, slots=True)
class Collection:
    """What was asked: how many articles, of which days, in which state.

    >>> with Searcher(load_settings()) as searcher:
    ...     searcher.collection.articles
    30
    """

    articles: int
    period: tuple[date, date] | None  # days of the first and the last article that has one
    generation: str  # the name of the state of the library
    model: str  # the name of the embedding model


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader says of a question and a passage, see `reading/`.

    >>> Reading(2.0, (-0.1, -2.4)).evidence.index(-0.1)
    0
    """

    answers: float  # the logit of how probable it is that the passage answers
    evidence: tuple[float, ...]  # the log of each sentence's share in that
    # The log of the title's share where it counts as a sentence too.
    title: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search, with its scores.

    >>> with Searcher(load_settings()) as searcher:
    ...     hits = searcher.search(Query("who is in the B9?", k=2))
    >>> [hit.rank for hit in hits]
    [1, 2]
    """

    passage: Passage
    article: Article
    rank: int  # 1 for the first
    score: float  # after fusion and reading; higher is better
    signals: Mapping[str, float]  # "bm25" and "dense" (cosine), as the indexes gave them
    sentence_cosines: tuple[float, ...] = ()  # question to each of passage.sentences, -1 to 1
    matched: Mapping[str, float] = field(
        default_factory=dict
    )  # shared terms with their BM25 scores
    reading: Reading | None = None  # None if no reader has read it
    story: tuple[int | str, ...] = ()  # the engine's keys of the copies of its article, and its own


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a passage stands in its article, so that a reader can check it.

    >>> with Searcher(load_settings()) as searcher:
    ...     citation = searcher.ask("who is in the B9?").passages[0].citation
    >>> citation.number, citation.article.id
    (1, 'bucharest-nine-explained')
    """

    number: int  # as displayed, 1 for the first passage
    article: Article
    start: int
    end: int
    paragraph: int  # in which it begins, 1 for the first
    link: str  # the article's URL with a text fragment, or its file

    @property
    def page(self) -> int | None:
        """The page on which the passage begins, 1 for the first; None where there are none."""
        return self.article.page_at(self.start)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence that answers, in one of the passages of the answer; or its article's headline.

    >>> Sentence("The B9 met.", 1, 0, 11, 1).passage
    1
    """

    text: str
    passage: int  # number of its passage, 1 for the first
    start: int
    end: int
    paragraph: int  # 0 of a headline
    in_title: bool = False

    def text_of(self, article: Article) -> str:
        """What its offsets count in: the article's text, or its title."""
        return article.title if self.in_title else article.text


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage of an answer, with citations of all articles that have it, and highlights.

    >>> with Searcher(load_settings()) as searcher:
    ...     shown = searcher.ask("who is in the B9?").passages[0]
    >>> [span.of(shown.citation.article.text) for span in shown.highlights]
    ['B9']
    """

    hit: Hit
    citation: Citation
    also: tuple[Citation, ...]  # of other outlets' copies, and others with nearly the same passage
    highlights: tuple[Span, ...]  # matched words, in the article's text


_NOWHERE = Collection(0, None, "", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gets. `none` carries no sentence; its passages are only what was nearest.

    >>> Answer("who?", "none", 0.0, None, ()).turn
    Turn(question='who?', sentence='', title='')
    """

    question: str
    verdict: Verdict
    probability: float  # that the collection holds the answer, by `answerability`
    sentence: Sentence | None
    passages: tuple[Shown, ...]
    signals: Mapping[str, float] = field(default_factory=dict)  # what the verdict was made of
    understood: Understanding = Understanding(Query(""))
    no_match: NoMatch | None = None  # the filter that left nothing to search in
    further: tuple[Sentence, ...] = ()  # that answer the other questions, of several asked in one
    collection: Collection = _NOWHERE

    def __post_init__(self) -> None:
        if (self.sentence is None) != (self.verdict == "none"):
            raise ValueError(f"verdict {self.verdict} with sentence {self.sentence}")
        if self.further and not self.sentence:
            raise ValueError("further sentences without a first")

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences that answer, the first question's first."""
        return (self.sentence, *self.further) if self.sentence else ()

    @property
    def label(self) -> str:
        """The verdict in words, as it stands before the sentence; with its day if asked for "now".

        >>> Answer("who?", "none", 0.0, None, ()).label
        'Not found'
        """
        words = LABELS[self.verdict]
        if self.sentence and self.sentence.in_title:
            words += ", in a headline"
        if self.sentence is None or not self.understood.query.current:
            return words
        day = self.passages[self.sentence.passage - 1].citation.article.published
        return f"{words}, as of {in_words(day)}" if day else words

    @property
    def turn(self) -> Turn:
        """This exchange, for a question that may go on from it."""
        context = self.understood.query.context
        sentence = self.sentence.text if self.sentence else ""
        title = self.passages[0].citation.article.title if self.passages else ""
        return Turn(chained(self.question, context), sentence, title)


def by_language(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """How many articles each language has, most first, of counts of sources' articles.

    >>> by_language([("de", 1), ("", 7), ("en", 2), ("de", 3), ("fi", 0)])
    {'de': 4, 'en': 2}
    """
    found: Counter[str] = Counter()
    for code, count in counted:
        found[code] += count if code else 0
    return {code: count for code, count in found.most_common() if count}


def counted(count: int, one: str, several: str = "") -> str:
    """A number with its noun, as people read it.

    >>> counted(1, "article"), counted(2000, "article"), counted(2, "story", "stories")
    ('1 article', '2,000 articles', '2 stories')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def in_words(day: date) -> str:
    """A day as people write it: "21 January 2022"."""
    return f"{day.day} {day:%B %Y}"


def place_in(article: Article, offset: int, paragraph: int) -> str:
    """Where in an article something stands, for people: its page, if it has any, or paragraph.

    >>> place_in(Article("b9", "B9", "The B9 met in Bucharest.", "b9.txt"), 0, 1)
    'paragraph 1'
    """
    page = article.page_at(offset)
    return f"paragraph {paragraph}" if page is None else f"p. {page}"


def stamp(published: date | None) -> str:
    """Format a date as ISO 8601, to the minute if it has a time; empty for None.

    >>> stamp(datetime(2021, 12, 29, 14, 55)), stamp(None)
    ('2021-12-29T14:55', '')
    """
    if isinstance(published, datetime):
        return published.isoformat(timespec="minutes")
    return published.isoformat() if published else ""


def file_of(path: str) -> str:
    """The file of an article's path, without the number of a line or the name in a .zip.

    >>> file_of("news.jsonl#12"), file_of("news.zip#/sub/a.jsonl#3")
    ('news.jsonl', 'news.zip')
    """
    archive, mark, _ = path.partition(IN_ARCHIVE)
    if mark and archive.lower().endswith(".zip"):
        return archive
    head, mark, line = path.rpartition("#")
    return head if mark and line.isdecimal() else path
