"""How well articles are read off web pages: text, title and date.

    python -m tests.benchmarks.pages              # our reader
    python -m tests.benchmarks.pages --others     # and other extractors, those that are installed
    python -m tests.benchmarks.pages --each       # and every page by itself

On the pages of `tests/index/readers/pages`. Text is measured by the F1 of its word quadruples (as
in Scrapinghub's article extraction benchmark), mean over pages; title and date by the share that
is right. A page without an article is right if it is refused.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index import readers
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article

PAGES = Path(__file__).parent.parent / "index" / "readers" / "pages"
_SHINGLE = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Read:
    """What was read off a page; empty where there is nothing."""

    title: str = ""
    date: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one page was read; each from 0 to 1."""

    page: str
    text: float
    title: float
    date: float


Extractor = Callable[[Path], Read]


def ours(file: Path) -> Read:
    """By our reader, as a file in a folder."""
    for item in readers.read(file, file.parent, Readers()):
        if isinstance(item, Article):
            return Read(item.title, str(item.published or "")[:10], item.text)
    return Read()


def trafilatura_alone(file: Path) -> Read:
    """By trafilatura with its own defaults."""
    import trafilatura

    document = trafilatura.bare_extraction(
        file.read_bytes(), include_comments=False, with_metadata=True
    )
    told = document.as_dict() if document and not isinstance(document, dict) else {}
    return Read(told.get("title") or "", told.get("date") or "", told.get("text") or "")


def readability(file: Path) -> Read:
    """By readability-lxml, which reads no dates."""
    import readability as library
    from lxml import html
    from lxml.etree import LxmlError

    try:
        document = library.Document(file.read_bytes())
        text = html.fromstring(document.summary()).text_content()
        return Read(document.short_title(), "", text)
    except (LxmlError, library.Unparseable, ValueError, TypeError):
        return Read()


def newspaper(file: Path) -> Read:
    """By newspaper4k."""
    import newspaper as library

    article = library.Article("https://example.org/a")
    article.download(input_html=file.read_bytes())
    article.parse()
    return Read(article.title, str(article.publish_date or "")[:10], article.text)


OTHERS: Mapping[str, Extractor] = {
    "trafilatura alone": trafilatura_alone,
    "readability-lxml": readability,
    "newspaper4k": newspaper,
}


def measure(extract: Extractor, pages: Path = PAGES) -> list[Score]:
    """The score of each page."""
    wanted = json.loads((pages / "expected.json").read_text("utf-8"))
    return [
        _score(name, Read(**each), extract(pages / f"{name}.html")) for name, each in wanted.items()
    ]


def means(scores: Sequence[Score]) -> tuple[float, float, float]:
    """The means for text, title and date; title and date of the pages that hold an article."""
    count = len(scores)
    return (
        sum(score.text for score in scores) / count,
        sum(score.title for score in scores) / count,
        sum(score.date for score in scores) / count,
    )


def _score(name: str, wanted: Read, given: Read) -> Score:
    if not wanted.text:  # not an article: all is right, if nothing was read
        right = float(not given.text)
        return Score(name, right, right, right)
    title = float(_words(wanted.title) == _words(given.title))
    return Score(name, _f1(wanted.text, given.text), title, float(wanted.date == given.date))


def _f1(wanted: str, given: str) -> float:
    first, second = _shingles(wanted), _shingles(given)
    shared = sum((first & second).values())
    return 2 * shared / max(1, sum(first.values()) + sum(second.values()))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _words(text)
    size = min(_SHINGLE, max(1, len(words)))
    return Counter(tuple(words[n : n + size]) for n in range(len(words) - size + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    extractors = {"Newsdesk": ours, **(OTHERS if given.others else {})}
    for name, extract in extractors.items():
        try:
            scores = measure(extract)
        except ImportError:
            print(f"{name}: not installed")
            continue
        text, title, date = means(scores)
        print(
            f"{name}: {len(scores)} pages, text F1 {text:.3f}, title {title:.3f}, date {date:.3f}"
        )
        for score in scores if given.each else ():
            if min(score.text, score.title, score.date) < 1:
                print(f"  {score.page}: {score.text:.3f} {score.title:.0f} {score.date:.0f}")


if __name__ == "__main__":
    main()
