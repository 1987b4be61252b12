"""How everything grows with the collection: libraries of 10,000, 100,000 and 1,000,000 passages.

    python -m tests.benchmarks.scale --home DIR [--datasets ../shared/datasets]
        [--passages 10000 100000 1000000] [--only make,open,ask,words,vectors,add,encode] [--anew]

Real articles of the datasets come first, as far as they go, then text made to their statistics;
some passages have real vectors, the others mixtures of real ones (`scaled/made.py` says how). It is
said which is which. What was made and measured lies in DIR and is not done again without --anew;
what is stopped goes on. At the end growth is shown as a table and drawn into DIR/growth.svg: an
exponent of 1 means ten times as much for ten times the passages, 0 that nothing grows. A peer that
is not installed (bm25s, numba, tantivy, faiss, usearch, hnswlib) is said to be missing, left out.

With --bare, words and vectors are measured on indexes alone, without a library: a minute's work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from newsdesk.index.generation import Generation, build, open_current
from newsdesk.index.library import Library

from .scaled import adding as adding_
from .scaled import asking, bare, drawing, encoding, made, neighbours, real, words
from .scaled.filling import fill
from .side_by_side import show

Figures = dict[str, Any]
_ENCODED = 2_000  # real passages


def main() -> None:
    """Make the libraries, measure, show how things grow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--passages", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--encoded", type=int, default=_ENCODED, help="real vectors")
    parser.add_argument("--only", default=",".join(STEPS), help=f"of {','.join(STEPS)}")
    parser.add_argument("--anew", action="store_true", help="measure again what was measured")
    parser.add_argument("--peers", default="all", help="who is compared with; default: all")
    parser.add_argument("--bare", action="store_true", help="words and vectors without a library")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    given = parser.parse_args()
    unknown = [step for step in given.only.split(",") if step not in STEPS]
    if unknown:
        parser.error(f"--only: no step is called {', '.join(unknown)}; they are {', '.join(STEPS)}")
    if given.step:
        print(json.dumps(STEPS[given.step](given, given.passages[0])))
        return
    for count in given.passages:
        for step in given.only.split(","):
            _measured(given, step, count)
    grown = {n: kept for n in _made(given.home) if (kept := _kept(given.home / str(n)))}
    _show(grown)
    drawing.draw(given.home / "growth.svg", {n: _flat(kept) for n, kept in grown.items()})


def _made(home: Path) -> list[int]:
    return sorted(int(path.name) for path in home.iterdir() if path.name.isdecimal())


def _measured(given: argparse.Namespace, step: str, count: int) -> None:
    """Do a step in a process of its own, so that its memory is its own, unless it was done."""
    place = given.home / str(count)
    place.mkdir(parents=True, exist_ok=True)
    kept = _kept(place)
    if step in kept and not given.anew:
        return
    command = [
        *(sys.executable, "-m", "tests.benchmarks.scale", "--home", str(given.home)),
        *("--datasets", str(given.datasets), "--passages", str(count)),
        *("--encoded", str(given.encoded), "--step", step, "--peers", given.peers),
        *(["--bare"] if given.bare else []),
    ]
    print(f"{count:,} passages: {step}; load {os.getloadavg()[0]:.1f}", flush=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stdout or ():
            if last:
                print(last, end="", flush=True)
            last = line
    if process.returncode:
        raise SystemExit(f"{step} failed")
    found = {**json.loads(last.rpartition("\r")[2]), "load": os.getloadavg()[0]}
    kept = _kept(place) | {step: found}
    (place / "figures.json").write_text(json.dumps(kept, indent=1), "utf-8")
    show([step, ""], [[name, _said(value)] for name, value in found.items()])


def _kept(place: Path) -> dict[str, Figures]:
    file = place / "figures.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def _said(value: Any) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and value < 1_000 else f"{value:,}"


def _make(given: argparse.Namespace, count: int) -> Figures:
    """Fill a library and build a generation of it."""
    home = given.home / str(count)
    place = real.read(given.home, given.datasets)
    models = real.export_model(given.home)
    real.encode(place, models, given.encoded)
    known = _known(given)
    vectors = made.Vectors(*real.vectors(place))
    for name, some in (("real", real.vectors(place)[0]), ("made", vectors.like_real())):
        cosines = ", ".join(f"{one:.3f}" for one in made.neighbours(some))
        print(f"{len(some):,} {name} vectors: cosine of the nearest 1, 10, 50: {cosines}")
    begun = time.perf_counter()
    counts = fill(home, place, count, made.Texts(known), vectors)
    filled = time.perf_counter() - begun
    code = (
        "import sys; from pathlib import Path; from tests.benchmarks.scale import build_in\n"
        "build_in(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)], check=True, stdout=subprocess.PIPE, text=True
    )
    built: Figures = json.loads(done.stdout)
    opened = open_current(home)
    return {
        **counts,
        "filling s": filled,
        **built,
        "articles": opened.manifest.articles,
        "terms": len(opened.column("term_ends")) - 1,
        "postings": len(opened.column("docs")),
        "generation MB": opened.bytes / 1e6,
        "library.db MB": (home / "library.db").stat().st_size / 1e6,
        "factor": vectors.factor,
    }


def build_in(home: Path) -> None:
    """Build a generation, and print what that took."""
    begun, used = time.perf_counter(), time.process_time()
    with Library(home) as library:
        build(home, library, real.model())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "build s": time.perf_counter() - begun,
                "build processor s": time.process_time() - used,
                "build peak MB": peak,
            }
        )
    )


def _open(given: argparse.Namespace, count: int) -> Figures:
    return asking.opening(given.home / str(count), real.export_model(given.home))


def _ask(given: argparse.Namespace, count: int) -> Figures:
    questions = real.questions(given.datasets, 120)
    return asking.asked(given.home / str(count), real.export_model(given.home), questions)


def _words(given: argparse.Namespace, count: int) -> Figures:
    home = given.home / str(count)
    opened = bare.words(home / "bare", count, _known(given)) if given.bare else open_current(home)
    return words.compared(home, opened, real.questions(given.datasets, 150), _peers(given, words))


def _vectors(given: argparse.Namespace, count: int) -> Figures:
    opened: Generation | bare.Bare
    if given.bare:
        model = made.Vectors(*real.vectors(given.home / "real"))
        opened = bare.vectors(given.home / str(count) / "bare", count, model)
    else:
        opened = open_current(given.home / str(count))
    questions = real.questions(given.datasets, 25)
    return neighbours.compared(given.home, opened, questions, _peers(given, neighbours))


def _known(given: argparse.Namespace) -> made.Statistics:
    place = real.read(given.home, given.datasets)
    return made.statistics(place, given.home / "statistics.npz")


def _peers(given: argparse.Namespace, module: ModuleType) -> list[str]:
    names = given.peers.split(",")
    return [name for name in module.PEERS if given.peers == "all" or name in names]


def _add(given: argparse.Namespace, count: int) -> Figures:
    return adding_.added(given.home / str(count), real.export_model(given.home))


def _encode(given: argparse.Namespace, _: int) -> Figures:
    real.read(given.home, given.datasets)
    return encoding.measured(given.home, real.questions(given.datasets, 120))


STEPS: dict[str, Callable[[argparse.Namespace, int], Figures]] = {
    "make": _make,
    "open": _open,
    "ask": _ask,
    "words": _words,
    "vectors": _vectors,
    "add": _add,
    "encode": _encode,
}
# What is shown to grow, step and figure.
GROWING = (
    ("make", "build processor s"),
    ("make", "build peak MB"),
    ("make", "generation MB"),
    ("make", "library.db MB"),
    ("open", "opening ms"),
    ("open", "private MB"),
    ("words", "ours processor ms"),
    ("vectors", "ours processor ms"),
    ("vectors", "ours recall"),
    ("ask", "question processor ms"),
    ("ask", "with reader processor ms"),
    ("add", "processor s"),
)


def _flat(kept: dict[str, Figures]) -> dict[str, float]:
    found = {f"{s}: {f}": kept.get(s, {}).get(f) for s, f in GROWING}
    return {name: float(value) for name, value in found.items() if value}


def _show(grown: dict[int, dict[str, Figures]]) -> None:
    """A table of what each size takes, and the exponent of the growth."""
    flat = {n: _flat(kept) for n, kept in grown.items()}
    rows = []
    for name in dict.fromkeys(name for each in flat.values() for name in each):
        sizes = [n for n in flat if name in flat[n]]
        values = [flat[n][name] for n in sizes]
        exponent = "–"
        if len(sizes) > 1:
            exponent = f"{np.polyfit(np.log(sizes), np.log(values), 1)[0]:.2f}"
        cells = [_said(flat[n][name]) if name in flat[n] else "–" for n in flat]
        rows.append([name, *cells, exponent])
    if rows:
        show(["passages", *(f"{n:,}" for n in flat), "exponent"], rows)


if __name__ == "__main__":
    main()
