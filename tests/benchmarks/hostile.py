"""Whether splitting and analysing stay in proportion to a text's length, whatever is in it.

    python -m tests.benchmarks.hostile [--characters 400000]

Prints, for texts of one repeated piece, the seconds for a quarter of the length, for all of it,
and their ratio: 4 is in proportion, 16 would be the square.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.text.passages import split
from tests.helpers.support import HOSTILE


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time of some work on a text."""
    start = time.process_time()
    work(text)
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--characters", type=int, default=400_000)
    characters = parser.parse_args().characters
    words = Analyzer()
    works: dict[str, Callable[[str], object]] = {
        "split": lambda text: split("x", text),
        "terms": words.query_terms,
    }
    print(f"{'work':<7}{'text':<12}{'quarter':>10}{'whole':>10}{'ratio':>8}")
    for name, work in works.items():
        for unit in HOSTILE:
            text = (unit * characters)[:characters]
            quarter, whole = seconds(work, text[: characters // 4]), seconds(work, text)
            ratio = whole / max(quarter, 1e-4)
            print(f"{name:<7}{unit!r:<12}{quarter:>10.3f}{whole:>10.3f}{ratio:>8.1f}")


if __name__ == "__main__":
    main()
