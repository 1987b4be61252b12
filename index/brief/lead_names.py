"""The names of an article's lead, by which like stories are told apart.

Two fires told in like words are two stories if their leads name other places, people and figures,
and one ship is one story whatever words tell of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.text.analyzer import Token
from newsdesk.index.types import Article

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LEAD = 320  # code points of a text: about two sentences
_LETTERS = 5  # of a name that count, so that Portugal and Portuguese are one
_ENDS = ".!?…:;\n"  # what a sentence begins behind
_QUOTES = " \t\"“”„«»‘’'(["
_HEADLINE_CASE = 0.6  # share of a title's longer words with a capital, from which all have one
_ALL_CAPITALS = 0.4  # share of capitals within sentences from which they mark no names
# Where nouns have capitals as well, a name stands beside another capital, or where a place does
# without an article.
_NOUNS_HAVE_CAPITALS = frozenset({"de", "lb"})
_BEFORE_PLACES = frozenset({"in", "aus", "bei", "zu"})
# Not names, though English and German write them with a capital.
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december montag dienstag mittwoch donnerstag "
    "freitag samstag sonnabend sonntag januar februar märz mai juni juli oktober dezember".split()
)

_USUAL = 0.7  # share of a lead's names that another report of the same story may leave out

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


Before = tuple[str, str]  # the two words that a name follows
Phrase = tuple[str, ...]  # the keys of a name of one word or more


class Lead(NamedTuple):
    """What an article's lead names, and what its title and text mention at all; as keys."""

    names: frozenset[str]  # empty where capitals do not tell names
    mentions: frozenset[str]
    headline: frozenset[str]  # those of the names that stand in the headline
    phrases: frozenset[tuple[Before, Phrase]]  # whole names, each with the words before it


class LeadMatrices(NamedTuple):
    """The leads of n articles: rows with a weight for each key, of sum 1 (or 0), and mentions."""

    names: csr_array
    mentions: csr_array  # 1 for each key that an article mentions
    headlines: csr_array  # 1 for each name of its headline
    slots: csr_array  # 1 for each pair of words that a name follows
    filled: csr_array  # 1 for each such pair with its name
    leads: Sequence[Lead]


def lead(article: Article, title: Sequence[Token], body: Sequence[Token]) -> Lead:
    """The names of an article's lead; `title` and `body` are its tokens."""
    strict = article.language.casefold().split("-")[0] in _NOUNS_HAVE_CAPITALS
    in_lead = [token for token in body if token.end <= _LEAD]
    marked = {*_names(article.text, body, strict)}
    phrases = {*_phrases(article.text, in_lead, marked)}
    if not _is_headline_case(article.title, title):
        marked.update(_names(article.title, title, strict))
        phrases.update(_phrases(article.title, title, marked))
    if _is_all_capitals(article.text, body) and not strict:
        marked, phrases = set(), set()
    keys = {key for token in (*title, *in_lead) for key in _keys(token)}
    names = frozenset(key for key in keys & marked if not key[0].isdecimal())
    return Lead(
        names=names,
        headline=names.intersection(key for token in title for key in _keys(token)),
        mentions=frozenset(key for token in (*title, *body) for key in _keys(token)),
        phrases=frozenset(phrases),
    )


def matrices(leads: Sequence[Lead], weight: Mapping[str, float]) -> LeadMatrices:
    """The leads of a window's articles; `weight` is that of a term, a rare one's being higher."""
    from scipy.sparse import csr_array

    by_key: dict[str, float] = {}
    for term, value in weight.items():
        by_key[_key(term)] = max(value, by_key.get(_key(term), 0.0))
    places = {key: place for place, key in enumerate(by_key)}

    def rows(of: Iterable[frozenset[str]], shared: bool) -> csr_array:
        columns, values, ends = [], [], [0]
        for keys in of:
            known = [key for key in keys if key in places]
            whole = sum(by_key[key] for key in known) or 1.0
            columns += [places[key] for key in known]
            values += [by_key[key] / whole if shared else 1.0 for key in known]
            ends.append(len(columns))
        shape = (len(ends) - 1, max(1, len(places)))
        return csr_array((values, columns, ends), shape=shape, dtype=np.float32)

    return LeadMatrices(
        rows((lead.names for lead in leads), shared=True),
        rows((lead.mentions for lead in leads), shared=False),
        rows((lead.headline for lead in leads), shared=False),
        _present([{before for before, _ in lead.phrases} for lead in leads]),
        _present([lead.phrases for lead in leads]),
        leads,
    )


def _present(of: Sequence[Set[Hashable]]) -> csr_array:
    """Shape (n, things), 1 where one of n sets holds a thing."""
    from scipy.sparse import csr_array

    places = {thing: place for place, thing in enumerate({one for things in of for one in things})}
    columns = [places[thing] for things in of for thing in things]
    ends = np.cumsum([0, *map(len, of)])
    shape = (len(of), max(1, len(places)))
    return csr_array((np.ones(len(columns), np.float32), columns, ends), shape=shape)


def conflict(leads: LeadMatrices, rows: Rows, columns: Rows) -> Floats:
    """How much of what two leads name the other article does not mention, 0 to 1.

    The less of both directions, since the later report often leaves out what the first one named;
    0 up to a share that reports of one story have as well, and where a lead names nothing. Returns
    shape (rows, columns).
    """
    own, mentions = leads.names, leads.mentions
    there = (own[rows] @ mentions[columns].T).toarray()
    back = (own[columns] @ mentions[rows].T).toarray().T
    beyond = np.maximum(1 - np.maximum(there, back) - _USUAL, 0) / (1 - _USUAL)
    apart: Floats = np.where(unnamed(leads, rows, columns) > 0, 0, beyond).astype(np.float32)
    return apart


def headlines(leads: LeadMatrices, rows: Rows, columns: Rows) -> Floats:
    """How far two headlines name what the other article does not mention: 0, a third or 1.

    1 where neither mentions a name of the other's headline, as of two fires in two towns of one
    country; a third where either leaves one out. Returns shape (rows, columns).
    """
    named, mentions = leads.headlines, leads.mentions
    there = (named[rows] @ mentions[columns].T).toarray()
    back = (named[columns] @ mentions[rows].T).toarray().T
    count = np.asarray(named.sum(axis=1)).ravel()
    own, other = count[rows][:, None], count[columns][None, :]
    one_lacks, all_lack = (there < own) & (back < other), (there + back == 0) & (own > 0)
    parted = one_lacks / 3 + (one_lacks & all_lack) * (2 / 3)
    apart: Floats = parted.astype(np.float32)
    return apart


def exchanged(leads: LeadMatrices, rows: Rows, columns: Rows) -> Floats:
    """1 where two leads have other names behind the same words, else 0; shape (rows, columns).

    "burned down in Port Ella" and "burned down in Port Anna" are told in like words and are two
    stories, though half of the name is the same. What either name has of its own must be mentioned
    nowhere in the other article: one that speaks of the town and then of its country is no other.
    """
    apart: Floats = np.zeros((len(rows), len(columns)), dtype=np.float32)
    both = leads.slots[rows] @ leads.slots[columns].T
    alike = leads.filled[rows] @ leads.filled[columns].T
    differing = (both - alike).tocoo()
    for row, column in zip(differing.row, differing.col, strict=True):
        one, other = leads.leads[rows[row]], leads.leads[columns[column]]
        apart[row, column] = _is_exchanged(one, other)
    return apart


def _is_exchanged(one: Lead, other: Lead) -> bool:
    names = dict(other.phrases)
    for before, phrase in one.phrases:
        own, others = set(phrase), set(names.get(before, phrase))
        if (own - others and others - own) and not (
            (own - others) & other.mentions or (others - own) & one.mentions
        ):
            return True
    return False


def unnamed(leads: LeadMatrices, rows: Rows, columns: Rows) -> Floats:
    """1 where one of two leads names nothing, else 0; shape (rows, columns).

    Such a report says of a story that others tell with names what happened, in other words: with
    no names to share, it is alike at a lower similarity.
    """
    bare = np.asarray(leads.names.sum(axis=1)).ravel() == 0
    either: Floats = (bare[rows][:, None] | bare[columns][None, :]).astype(np.float32)
    return either


def _names(text: str, tokens: Sequence[Token], strict: bool) -> Iterator[str]:
    """The keys of words that have a capital within a sentence, and are names where nouns do too."""
    for number, token in enumerate(tokens):
        if not text[token.start].isupper() or _begins(text, token.start):
            continue
        word = text[token.start : token.end].casefold()
        if word.removesuffix("’s").removesuffix("'s") in _CALENDAR:
            continue
        beside = tokens[max(0, number - 1) : number + 2 : 2] if number else tokens[1:2]
        if not strict or any(_goes_with(text, token, other) for other in beside):
            yield from _keys(token)


def _phrases(
    text: str, tokens: Sequence[Token], marked: Set[str]
) -> Iterator[tuple[Before, Phrase]]:
    """Whole names behind two words of which one tells something: "burned in", not "and in"."""
    for number, token in enumerate(tokens[2:], start=2):
        if not _is_name(text, token, marked) or _joins(text, tokens[number - 1], token, marked):
            continue
        phrase, end = [*_keys(token)], number
        while end + 1 < len(tokens) and _joins(text, tokens[end], tokens[end + 1], marked):
            end += 1
            phrase += _keys(tokens[end])
        first, second = tokens[number - 2 : number]
        if (first.terms or second.terms) and "." not in text[first.end : token.start]:
            words = (text[each.start : each.end].casefold() for each in (first, second))
            yield (next(words), next(words)), tuple(phrase)


def _is_name(text: str, token: Token, marked: Set[str]) -> bool:
    return text[token.start].isupper() and not marked.isdisjoint(_keys(token))


def _joins(text: str, first: Token, second: Token, marked: Set[str]) -> bool:
    """Whether two tokens side by side are of one name."""
    if text[first.end : second.start] != " ":
        return False
    return _is_name(text, first, marked) and _is_name(text, second, marked)


def _goes_with(text: str, token: Token, other: Token) -> bool:
    """Whether a word with a capital is a name because of the one beside it."""
    first, last = sorted((token, other), key=lambda t: t.start)
    if text[first.end : last.start] != " ":
        return False
    if text[other.start].isupper():
        return not _begins(text, other.start)
    return other is first and text[other.start : other.end] in _BEFORE_PLACES


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins there."""
    before = text[max(0, start - 4) : start].rstrip(_QUOTES)
    return not before or before[-1] in _ENDS


def _is_headline_case(title: str, tokens: Sequence[Token]) -> bool:
    longer = [title[t.start] for t in tokens if t.end - t.start > 3]
    return sum(letter.isupper() for letter in longer) > _HEADLINE_CASE * len(longer)


def _is_all_capitals(text: str, tokens: Sequence[Token]) -> bool:
    """Whether too many words have a capital within sentences for it to mark names."""
    within = [text[token.start] for token in tokens if not _begins(text, token.start)]
    return sum(letter.isupper() for letter in within) > _ALL_CAPITALS * len(within)


def _keys(token: Token) -> Iterator[str]:
    return map(_key, token.terms)


def _key(term: str) -> str:
    return term if term[0].isdecimal() else term[:_LETTERS]
