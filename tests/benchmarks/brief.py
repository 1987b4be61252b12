"""A briefing of many articles: what the first of a period takes, and what the next ones do.

    python -m tests.benchmarks.brief [--articles 500 5000] [--runs 5]

The articles are the labelled week's (tests/week/) as often as it takes, each with half of its words
changed for made-up ones, so that they are as long as real ones and tell different stories; the
vectors are at hand, made of hashed words, since no model is what is measured. "First" is a
briefing by a process that has read none of the articles yet, "again" one of another topic in the
same period. The bound: 500 articles in under 5 seconds. Exits with 1 if it is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from newsdesk.index.brief import Briefer, BriefQuery, Topic
from newsdesk.index.search.searcher import Searcher
from tests.helpers.support import WEEK, SmallAsking, index, small

from .side_by_side import Language, show, verdict

MOST = 5.0  # s
COUNTED = 500  # articles, that the bound is for
SINCE = datetime(2026, 3, 2, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=7)
TOPICS = ("floods", "who is on strike?", "interest rates", "space")


def main() -> None:
    """Measure each size, say whether the bound is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--runs", type=int, default=5, help="of each; default: 5")
    given = parser.parse_args()
    rows, kept = [], []
    for count in sorted(given.articles):
        first, again, stories = measured(count, given.runs)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = [f"{first:.2f}", f"{1000 * again:.0f}", f"{stories:,}", f"{peak:.0f}"]
        rows.append([f"{count:,} articles", *told])
        if count <= COUNTED:
            kept.append((f"seconds for {count:,} articles", first, MOST))
    show(["a briefing, median", "first s", "again ms", "stories", "MB at most"], rows)
    sys.exit(0 if all(verdict(*one) for one in kept) else 1)


def measured(count: int, runs: int) -> tuple[float, float, int]:
    """Seconds of a first briefing and of another, and how many stories there are."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        write(Path(scratch, "articles.jsonl"), count)
        index(home, Path(scratch, "articles.jsonl"))
        first, again, stories = [], [], 0
        for _ in range(runs):
            briefer = Briefer(Searcher(small(home), load=SmallAsking))
            seconds, stories = timed(briefer, "")
            first.append(seconds)
            again += [timed(briefer, topic)[0] for topic in TOPICS]
        return median(first), median(again), stories


def timed(briefer: Briefer, topic: str) -> tuple[float, int]:
    """Seconds that a briefing takes, and how many stories it has."""
    begun = time.perf_counter()
    brief = briefer.brief(BriefQuery(Topic(topic), SINCE, UNTIL))
    return time.perf_counter() - begun, len(brief.stories) + brief.left_out


def write(file: Path, count: int) -> None:
    """Write articles of the week, each with half of its words changed."""
    chance = random.Random(1)
    words = Language().words
    lines = [line for one in sorted(WEEK.glob("articles*")) for line in _lines(one)]
    with file.open("w", encoding="utf-8") as stream:
        for number in range(count):
            fields = {**json.loads(lines[number % len(lines)]), "id": f"a{number:06}", "url": ""}
            for name in ("title", "text"):
                fields[name] = _changed(fields[name].split(" "), words, chance)
            stream.write(json.dumps(fields) + "\n")


def _changed(text: Sequence[str], words: Sequence[str], chance: random.Random) -> str:
    return " ".join(
        words[int(len(words) ** chance.random()) - 1] if chance.random() < 0.5 else word
        for word in text
    )


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines()


if __name__ == "__main__":
    main()
