"""How well copies of one story are found among many articles, and how long that takes.

    python -m tests.benchmarks.same_story [--articles 20000] [--datasets ../shared/datasets]

The articles are those of `seeds/`, of the labelled week and of real news (realtimeqa_2022, if it is
there), with copies, follow-ups and framed reports made of them by `made_copies`. They are put into
a real library, and the copies found as `newsdesk sync` finds them. A pair counts as found if both
are of one story in the end, so that two stories wrongly made one count with all their pairs.
Articles of the data that are found to be copies of each other are not of our making: they are
listed, to be read, and count neither way. Exits with 1 below the floors.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from newsdesk.index import readers
from newsdesk.index.library import Library
from newsdesk.index.readers import Refusal, Remark
from newsdesk.index.settings import Readers
from newsdesk.index.types import Article
from newsdesk.index.update.copies import find_copies
from tests.helpers.support import SEEDS, SHARED, WEEK

from . import made_copies
from .made_copies import CHANGES, Made

_PRECISION, _RECALL, _SECONDS = 0.99, 0.95, 60.0
_FRAMED = 0.2  # of all articles
_REAL = "realtimeqa_2022"


def _seeds() -> Iterator[tuple[str, str]]:
    for file in sorted(SEEDS.iterdir()):
        if file.suffix in (".txt", ".md"):
            for each in readers.read(file, SEEDS, Readers()):
                if not isinstance(each, Refusal | Remark):
                    yield f"seeds/{each.id}", each.text


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    packed = file.read_bytes()
    for line in (gzip.decompress(packed) if file.suffix == ".gz" else packed).splitlines():
        given = json.loads(line)
        yield f"{file.parent.name}/{given.get('_id') or given['id']}", given["text"]


def _originals(datasets: Path) -> list[tuple[str, str]]:
    found = [*_seeds(), *_lines(WEEK / "articles.jsonl")]
    real = datasets / _REAL / "corpus.jsonl.gz"
    if real.is_file():
        found += _lines(real)
    else:
        print(f"{real}: not there; without real news")
    return found


def make(originals: list[tuple[str, str]], count: int, chance: random.Random) -> list[Made]:
    """So many articles: the originals, copies of some, what only looks like one, and frames."""
    made = list(made_copies.framed(round(_FRAMED * count), chance))
    for turn in range(100):
        for name, text in chance.sample(originals, len(originals)):
            if len(made) >= count:
                return made[:count]
            made += _of(f"{name}#{turn}" if turn else name, text, turn, chance)
    return made


def _of(name: str, text: str, turn: int, chance: random.Random) -> list[Made]:
    """What is made of one original: itself with copies, or two articles in place of it.

    Not both: the original has all that the two have. In a later turn, of other articles only.
    """
    if turn:
        return []
    kind = chance.random()
    pair = None
    if kind < 0.15:
        pair = made_copies.follow_up(name, text, chance)
    elif kind < 0.25:
        pair = made_copies.grown(name, text, chance)
    if pair:
        return [*pair, *made_copies.copies(pair[0].story, pair[0].text, 1, chance)]
    newer = made_copies.newer(name, text, chance) if kind < 0.35 else None
    copies = made_copies.copies(name, text, chance.choice((0, 1, 2, 3, 5)), chance)
    return [Made(name, "original", "", text), *copies, *([newer] if newer else [])]


def _put(library: Library, made: list[Made]) -> None:
    for start in range(0, len(made), 1_000):
        with library.transaction():
            for number, each in enumerate(made[start : start + 1_000], start):
                library.put(Article(f"{number:06}", each.title, each.text, f"/{number}"), [], "")


def _pairs(groups: Iterable[Iterable[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def _cpu() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def main() -> None:
    """Run it as told on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--datasets", type=Path, default=SHARED / "datasets")
    parser.add_argument("--seed", type=int, default=14)
    given = parser.parse_args()
    originals = _originals(given.datasets)
    made = make(originals, given.articles, random.Random(given.seed))
    random.Random(given.seed).shuffle(made)  # a copy may come before what it was made of
    print(f"{len(made):,} articles: {dict(Counter(each.kind for each in made))}", flush=True)
    with tempfile.TemporaryDirectory() as place, Library(Path(place), create=True) as library:
        _put(library, made)
        began, used = time.monotonic(), _cpu()
        find_copies(library)
        seconds, used = time.monotonic() - began, _cpu() - used
        found = _pairs([map(int, ids) for _, ids in library.stories.groups()])
    stories: defaultdict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(made):
        stories[each.story].append(number)
    wanted = _pairs(stories.values())
    natural = {pair for pair in found - wanted if {made[n].kind for n in pair} == {"original"}}
    wrong = found - wanted - _beside(natural, wanted)
    right = found & wanted
    precision, recall = len(right) / max(1, len(right | wrong)), len(right) / max(1, len(wanted))
    _tell(made, right, wrong, wanted, natural)
    print(
        f"{len(found):,} pairs found of {len(wanted):,}: precision {precision:.4f}, recall "
        f"{recall:.4f}; {seconds:.1f} s, {used:.1f} s of one processor"
    )
    if precision < _PRECISION or recall < _RECALL or used > _SECONDS:
        raise SystemExit(1)


def _beside(natural: set[tuple[int, int]], wanted: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs of copies of two articles that are copies of each other by nature."""
    copies: defaultdict[int, set[int]] = defaultdict(set)
    for first, second in wanted:
        copies[first].add(second)
        copies[second].add(first)
    both = [({a, *copies[a]}, {b, *copies[b]}) for a, b in natural]
    return {(min(x, y), max(x, y)) for own, other in both for x in own for y in other}


def _tell(
    made: list[Made],
    right: set[tuple[int, int]],
    wrong: set[tuple[int, int]],
    wanted: set[tuple[int, int]],
    natural: set[tuple[int, int]],
) -> None:
    """By kind of copy what was found, and by kinds of pair what was wrong."""
    for kind in CHANGES:
        own = [p for p in wanted if {made[n].kind for n in p} in ({"original", kind}, {kind})]
        if own:
            print(f"  {kind}: {sum(p in right for p in own) / len(own):.3f} of {len(own):,}")
    for kinds, count in Counter(
        " and ".join(sorted(made[n].kind for n in pair)) for pair in wrong
    ).most_common():
        print(f"  wrong: {count} of {kinds}")
    print(f"  {len(natural)} pairs of the data itself:")
    for first, second in sorted(natural)[:40]:
        print(f"    {made[first].story} {made[second].story}")


if __name__ == "__main__":
    main()
