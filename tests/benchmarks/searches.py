"""What a question costs that is searched for more than once, beside a plain one.

    python -m tests.benchmarks.searches [--questions 25] DATASET …

Each question of a dataset is asked in three forms, in turns: as it is; with a year and the name of
a source that may as well be what is asked about, so that the answers with and without them are
compared; and with the next question of the dataset behind it, each of which is answered. Each form
is asked once before. A searcher remembers the vectors of 256 texts: with 25 questions all three
forms are warm, with 80 every search encodes its own words. Prints the ratio of the medians.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from newsdesk.index import evaluate
from newsdesk.index.query.filters import narrow
from newsdesk.index.query.parts import split_questions
from newsdesk.index.search.searcher import MODELS, Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Answer, Question

from .side_by_side import HEAD, in_turns, show

PLAIN, DOUBTFUL, PARTS = "plain", "doubtful filters", "two questions"
NOW = datetime(2022, 1, 31, 12, tzinfo=UTC)
_WARM = 5  # questions before those that count


def main() -> None:
    """Ask each dataset's questions in all forms, print what each takes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=25, help="of each; default: 25")
    parser.add_argument("--home", type=Path, default=Path(".newsdesk"))
    given = parser.parse_args()
    for path in given.datasets:
        measured(evaluate.load(path), given.home, given.questions)


def measured(dataset: evaluate.Dataset, home: Path, questions: int) -> None:
    """Print what the forms of a dataset's questions take, and their ratios."""
    own, _ = evaluate.index(dataset, Settings(home=home), lambda *_: None)
    with Searcher(own, models=home / MODELS) as searcher:
        sources = searcher.engine.source_names()
        asked = list(forms(dataset, sources))[: questions + _WARM]
        contenders = {
            name: asking(searcher, place) for place, name in enumerate((PLAIN, DOUBTFUL, PARTS))
        }
        for three in asked:
            for ask in contenders.values():
                ask(three)
        taken = in_turns(contenders, asked, _WARM)
    show(
        [f"{dataset.name}, {len(asked) - _WARM} questions", *HEAD, "times"],
        [
            [*times.row(name), f"{times.median / taken[PLAIN].median:.2f}"]
            for name, times in taken.items()
        ],
    )


def asking(searcher: Searcher, place: int) -> Callable[[Sequence[str]], Answer]:
    """What asks one of the forms of a question."""
    return lambda forms: searcher.ask(Question(forms[place], now=NOW))


def forms(dataset: evaluate.Dataset, sources: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each question as it is, with doubtful filters, and with the next one behind it."""
    source = next(name for name in sources if name)
    texts = [question.text.rstrip("?!. ") for question in dataset.questions]
    for text, following in pairwise(texts):
        doubtful = f"{text} from {source} last year, by the way?"
        both = f"{text}? And {following}?"
        is_doubtful = len(list(narrow(doubtful, NOW, sources).trials())) > 1
        if is_doubtful and len(split_questions(both)) == 2 and not narrow(text, NOW, sources):
            yield f"{text}?", doubtful, both


if __name__ == "__main__":
    main()
