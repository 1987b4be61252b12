"""Kill `sync` at random moments while a reader keeps asking.

`python -m tests.benchmarks.killed_sync --kills 100 --articles 2000` prints what came of it; it
fails if an article that was reported as added is missing, or an answer was wrong.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.helpers.killed_sync import Trial


def main() -> None:
    """Run it as told on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=14)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        figures = Trial(Path(place) / "home", given.articles, given.kills, given.seed).run()
    print(
        f"{figures.kills} kills, {figures.ended} syncs ended before theirs; "
        f"{figures.reported} articles reported as added, {len(figures.lost)} of them missing; "
        f"{figures.articles} of {given.articles} articles at the end, "
        f"{figures.passages_amiss} not as published last; "
        f"{figures.asked} questions over {figures.generations} generations, "
        f"{len(figures.wrong)} answered wrongly; {time.monotonic() - began:.0f} s"
    )
    for line in (*figures.lost, *figures.wrong)[:10]:
        print(line)
    if figures.lost or figures.wrong or figures.passages_amiss:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
