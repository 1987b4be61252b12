"""Articles from records of named fields: lines of JSONL, rows of CSV, objects of a JSON array."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from newsdesk.index.types import Article, stamp

from .cleaning import clean_line
from .dates import numeric_order
from .source import Remark, SourceFile, field_text, title_from_id

# What others call our fields, without capitals, blanks and marks; the first that is there counts.
_NAMES = {
    "text": "text body content articlebody fulltext story articletext bodytext maintext "
    "contenttext contenthtml html description summary abstract",
    "title": "title headline heading name subject",
    "date": "date published publishedat datepublished publicationdate pubdate publishdate "
    "publishedtime publisheddate datetime timestamp createdat created webpublicationdate",
    "source": "source outlet publisher newspaper publication site sitename feed medium",
    "author": "author authors byline creator writer journalist",
    "url": "url link permalink href canonicalurl weburl articleurl uri sourceurl",
    "caption": "caption imagecaption",
    "language": "language lang inlanguage locale",
    "id": "id guid articleid uuid key docid documentid",
}
_MARKS = re.compile(r"[\W_]+")


@dataclass
class Records:
    """What the records of one file have in common; `rows` gives all that can be read."""

    source: SourceFile
    rows: Callable[[], Iterator[Mapping[str, Any]]]
    given: dict[str, str] = field(default_factory=dict)  # ids made here, and of which text

    def articles(self, number: int, fields: Mapping[str, Any]) -> Iterator[Article | Remark]:
        """The article of a record, after what is remarked of it. Raises Refused."""
        path = f"{self.source.shown}#{number}"
        named = field_text("id", fields.get("id", fields.get("_id")))
        optional, remarks = self.source.optional_fields(fields, path, self._day_first(fields))
        article = self.source.article(**optional, id=named, path=path, text=fields["text"])
        yield from remarks
        yield article if clean_line(named) else self._identified(article)

    def _identified(self, article: Article) -> Article:
        made = line_id(self.source.id, article)
        if self.given.setdefault(made, article.text) != article.text:
            made = f"{made}-{_short_hash(article.text)}"  # of one address
        return replace(article, id=made)

    def _day_first(self, fields: Mapping[str, Any]) -> Callable[[], bool]:
        def told() -> bool:
            order = self.source.settings.date_order
            if order != "auto":
                return order == "day"
            name = str(fields.get("source") or "")
            if seen := self._orders.get(name):
                return True in seen
            return self.source.is_day_first(name, of_one=False) or True in self._orders[""]

        return told

    @cached_property
    def _orders(self) -> dict[str, set[bool]]:
        """The orders of day and month that some dates leave no doubt of, by source; all by ""."""
        orders: defaultdict[str, set[bool]] = defaultdict(set)
        for fields in self.rows():
            order = numeric_order(str(fields.get("date", fields.get("published")))[:80])
            if order is not None:
                orders[str(fields.get("source") or "")].add(order)
                orders[""].add(order)
        return orders


def known_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an article, whatever they are called; those that are no article's are left out.

    >>> known_fields({"Headline": "Canal reopens", "Article Body": "It did.", "views": 3})
    {'text': 'It did.', 'title': 'Canal reopens'}
    """
    plain = {_MARKS.sub("", str(name)).lower(): value for name, value in given.items()}
    fields: dict[str, Any] = {}
    for name, others in _NAMES.items():
        values = [plain[other] for other in others.split() if plain.get(other) not in (None, "")]
        if values:
            fields[name] = values[0]
    return fields


def line_id(source_id: str, article: Article) -> str:
    """The id of an article whose line names none: the file's, and a hash of what the line says.

    Of its address, where it has one; else of its title, date and text.

    >>> line_id("news", Article("?", "Canal reopens", "It did.", "news.jsonl#7"))
    'news-ec9c6253c6'
    """
    said = [article.url]
    if not article.url:
        titled = article.title != title_from_id(source_id)
        said = [article.title if titled else "", stamp(article.published), article.text]
    return f"{source_id}-{_short_hash(*said)}"


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:10]
