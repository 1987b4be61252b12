"""A large library, made up: how long it takes to build, to open, and to answer a question.

    python -m tests.benchmarks.large [--passages 1000000] [--home FOLDER]

The library is real (SQLite, a generation on disk); words and vectors are made up (`made_up.py`),
and so a question's vector costs nothing: what is measured is everything but the model. With
--home it is kept there and used again. The bounds, at 200,000 passages: opening takes under a
second and does not read the library whole (here: a tenth of it), and a question in the open
prompt takes under 30 ms, median. Exits with 1 if one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from newsdesk.index.generation import Generation, open_current
from newsdesk.index.indexes.bm25 import best
from newsdesk.index.indexes.dense import Matrix, Vectors, encode_bits
from newsdesk.index.search import answer, fusion
from newsdesk.index.search.engine import EngineQuery
from newsdesk.index.search.local_engine import LocalEngine
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.text.analyzer import Analyzer
from newsdesk.index.types import Query
from newsdesk.index.update import update

from . import made_up
from .side_by_side import HEAD, Taken, in_turns, show, verdict

OPENING = 1.0  # s
READING = 0.1  # of the generation's bytes
ASKING = 30.0  # ms
_STEPS = {
    "reading": "reading and splitting, into the library",
    "encoding": "keeping vectors that cost nothing",
    "building": "building the generation",
}
_WHOLE = "a question"
_WARM = 5  # questions before those that count
_OPENINGS = 5
_SINCE = date(2010, 1, 1)
_LOADED = 15  # passages that a question for five loads, see `search`
_DEPTHS = (10, 50)
_RESCORED = (500, 1_000, 2_000, 4_000)


def main() -> None:
    """Make the library, measure, say whether the bounds are kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=200_000, help="default: 200,000")
    parser.add_argument("--questions", type=int, default=101, help="default: 101")
    parser.add_argument("--home", type=Path, help="where to keep the library; default: nowhere")
    parser.add_argument("--opening", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.opening:
        print(json.dumps(_opened(given.home)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch, "home")
        if not (home / "CURRENT").exists():
            _make(home, Path(scratch, "made-up.jsonl"), given.passages)
        kept = [*_open(home), *_ask(home, given.questions)]
        _compare_nearest(home, given.questions)
    sys.exit(0 if all(kept) else 1)


def _make(home: Path, articles: Path, passages: int) -> None:
    made_up.write(articles, -(-passages // made_up.PASSAGES))
    begun: dict[str, float] = {}

    def watch(step: str, _: int, __: int, /) -> None:
        begun.setdefault(step, time.perf_counter())

    update(made_up.settings(home), [articles], watch, load=made_up.Encoder)
    ends = [*begun.values(), time.perf_counter()]
    opened = open_current(home)
    whole = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    sizes = {"reading": whole - opened.bytes, "building": opened.bytes}
    rows = [
        [_STEPS[step], f"{end - start:.1f}", f"{sizes[step] / 1e6:,.0f}" if step in sizes else ""]
        for step, (start, end) in zip(begun, pairwise(ends), strict=True)
        if step in _STEPS
    ]
    show([f"indexing {opened.manifest.passages:,} passages", "s", "MB"], rows)


# Opening, each time in a process of its own


def _open(home: Path) -> list[bool]:
    """Open it with nothing in the system's cache, then again; several times each."""
    runs: dict[str, list[dict[str, float]]] = {"from disk": [], "cached": []}
    for _ in range(_OPENINGS):
        _forget(home)
        for found in runs.values():
            command = [sys.executable, __file__, "--opening", "--home", str(home)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found.append(json.loads(printed))
    size = open_current(home).bytes / 1e6
    middle = {
        name: {key: median(run[key] for run in found) for key in found[0]}
        for name, found in runs.items()
    }
    rows = [[name, *(f"{value:.1f}" for value in one.values())] for name, one in middle.items()]
    show([f"opening {size:,.0f} MB", *middle["cached"]], rows)
    slowest, most = (max(run[key] for run in middle.values()) for key in ("ms", "MB resident"))
    return [
        verdict("seconds to open", slowest / 1000, OPENING),
        verdict("share of it in memory when open", most / size, READING),
    ]


def _opened(home: Path) -> dict[str, float]:
    """What opening takes in this process, and its first question."""
    before = _read()
    asking = made_up.Asked()
    begun = time.perf_counter()
    searcher = Searcher(made_up.settings(home), load=lambda _: asking)
    opened = time.perf_counter()
    after = _read()
    (question,) = asking.add(open_current(home), 1)
    asked = time.perf_counter()
    searcher.answer_query(Query(question))
    answered = time.perf_counter()
    return {
        "ms": 1000 * (opened - begun),
        "MB read from disk": (after["disk"] - before["disk"]) / 1e6,
        "MB resident": (after["resident"] - before["resident"]) / 1e6,
        "first question, ms": 1000 * (answered - asked),
    }


def _read() -> dict[str, int]:
    """Bytes this process made the disk read, and bytes of files that it has in memory."""
    try:
        io, status = (Path("/proc/self", name).read_text() for name in ("io", "status"))
    except OSError:  # no Linux
        return {"disk": 0, "resident": 0}
    named = dict(line.split(":", 1) for line in (io + status).splitlines())
    return {"disk": int(named["read_bytes"]), "resident": 1024 * int(named["RssFile"].split()[0])}


def _forget(home: Path) -> None:
    """Have the system drop the generation's files from its cache, where it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return
    for file in open_current(home).folder.iterdir():
        handle = os.open(file, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


# Asking


def _ask(home: Path, count: int) -> list[bool]:
    """What a question takes, as a whole and by parts, and with what makes it harder."""
    asking = made_up.Asked()
    with Searcher(made_up.settings(home), load=lambda _: asking) as searcher:
        plain = [Query(text) for text in asking.add(open_current(home), count + _WARM)]
        misspelt = [Query(_misspelt(asking, one.text)) for one in plain]
        narrowed = [replace(one, since=_SINCE, sources=("Paper 3", "Paper 4")) for one in plain]
        found = {_WHOLE: _times(searcher, plain)}
        for name, taken in _by_parts(searcher, asking, plain).items():
            found[f"  {name}"] = taken
        found["one with a misspelt word"] = _times(searcher, misspelt)
        found["one with a date and two sources"] = _times(searcher, narrowed)
    show(
        ["asking, everything but the model", *HEAD],
        [taken.row(name) for name, taken in found.items()],
    )
    return [verdict("ms a question", found[_WHOLE].median, ASKING)]


def _times(searcher: Searcher, queries: Sequence[Query]) -> Taken:
    return in_turns({"": searcher.answer_query}, queries, _WARM)[""]


def _misspelt(asking: made_up.Asked, text: str) -> str:
    """The question with two letters of its longest word swapped."""
    word = max(text.split(), key=len)
    changed = text.replace(word, word[:3] + word[4] + word[3] + word[5:])
    asking.vectors[changed] = asking.vectors[text]
    return changed


def _by_parts(
    searcher: Searcher, asking: made_up.Asked, queries: Sequence[Query]
) -> dict[str, Taken]:
    """The steps of `Searcher.answer_query`, one by one."""
    settings, words = searcher.settings, Analyzer()
    opened = open_current(settings.home)
    engine = LocalEngine(opened, settings)
    lexical = opened.lexical(settings.lexical.k1, settings.lexical.b)
    dense = _vectors(opened, settings.dense.exact_up_to, settings.dense.rescore)
    taken: defaultdict[str, Taken] = defaultdict(Taken)
    for query in queries:
        terms = taken["terms"].time(partial(_terms, engine, words, query))
        request = EngineQuery(terms, asking.encode(query.text), settings.fusion.depth)
        scores = taken["lexical: scores"].time(partial(lexical.get_scores, terms))
        taken["lexical: the best"].time(partial(best, scores, request.depth))
        taken["dense"].time(partial(dense.nearest, request.vector, request.depth))
        found = engine.candidates(request)
        taken["fuse"].time(partial(fusion.weighted_sum, found, settings.fusion.weight))
        nearest = sorted(found, key=lambda one: -one.dense)[:_LOADED]
        taken["load"].time(partial(engine.load, request, [one.key for one in nearest]))
        hits, weights = searcher.consider(query)
        taken["compose"].time(partial(answer.compose, query, hits, weights, words, settings.answer))
    return {name: one.warm(_WARM) for name, one in taken.items()}


def _terms(engine: LocalEngine, words: Analyzer, query: Query) -> tuple[str, ...]:
    return tuple(engine.spell(words.query_terms(query.text)))


# Nearest neighbours


def _compare_nearest(home: Path, count: int) -> None:
    """All vectors compared, beside 1-bit codes first and some compared."""
    asking, opened = made_up.Asked(), open_current(home)
    asking.add(opened, count + _WARM)
    questions = list(asking.vectors.values())
    exact = _vectors(opened, opened.manifest.passages, 0)
    rescored = {n: _vectors(opened, 0, n) for n in _RESCORED}
    search = {"exact": exact, **{f"codes, {n:,} compared": one for n, one in rescored.items()}}
    n = max(_DEPTHS)
    nearest = {name: partial(_nearest, one, n=n) for name, one in search.items()}
    taken = in_turns(nearest, questions, _WARM)
    truth = [_nearest(exact, vector, n) for vector in questions]
    rows = []
    for name, one in search.items():
        found = [_nearest(one, vector, n) for vector in questions]
        recalls = [f"{_recall(found, truth, depth):.3f}" for depth in _DEPTHS]
        rows.append([*taken[name].row(name), *recalls])
    head = [f"nearest {n} of {opened.manifest.passages:,}", *HEAD]
    show([*head, *(f"recall@{depth}" for depth in _DEPTHS)], rows)


def _vectors(opened: Generation, exact_up_to: int, rescore: int) -> Vectors:
    vectors = opened.column("vectors")
    return Vectors(vectors, encode_bits(vectors), exact_up_to, rescore)


def _nearest(among: Vectors, vector: Matrix, n: int) -> list[int]:
    return [place for place, _ in among.nearest(vector, n)]


def _recall(found: list[list[int]], truth: list[list[int]], depth: int) -> float:
    pairs = zip(found, truth, strict=True)
    return float(np.mean([len({*a[:depth]} & {*b[:depth]}) / depth for a, b in pairs]))


if __name__ == "__main__":
    main()
