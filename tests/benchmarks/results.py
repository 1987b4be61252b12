"""Write the measured sections of tests/benchmarks/RESULTS.md, by `newsdesk eval`.

    python -m tests.benchmarks.results                      # what lies in this repository
    python -m tests.benchmarks.results --only seeds week    # these sections
    python -m tests.benchmarks.results --datasets DIR       # and the sets that lie below DIR

Each measured section stands between two comments that name it, and only what stands between them
is replaced; all other sections are records of single runs, and stay as they are. No times are
written: those of one machine say little about another. Libraries are made in NEWSDESK_HOME, or
.newsdesk, and kept, so that a second run is quick.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk.index import evaluate

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).with_name("RESULTS.md")
EVAL = (sys.executable, "-m", "newsdesk.bot.cli", "eval")
MODES = ("--mode", "lexical,dense,hybrid")
OFF_TOPIC = ("--off-topic", "tests/week")  # seeds/ and tests/week/ have theirs by default
COLUMNS = {
    "nDCG@10": "nDCG@10",
    "hit@1": "hit@1",
    "hit@5": "hit@5",
    "MRR@10": "MRR@10",
    "sentence@1": "sentence@1",
    "auroc": "AUROC",
    "answered_precision": "precision of answered",
    "answered_coverage": "coverage of answered",
    "false_refusals": "answerable refused",
    "off_topic_shown": "off-topic shown",
}
Measures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Section:
    """A table that `newsdesk eval` gives.

    `paths` are datasets, below the repository, or, if `shared`, below the folder of `--datasets`.
    """

    key: str
    title: str
    says: str
    paths: tuple[str, ...]
    options: tuple[str, ...] = MODES
    shared: bool = False

    @property
    def transposed(self) -> bool:
        """Whether measures are rows: of briefings there are many measures and two parts."""
        return "--brief" in self.options


SECTIONS = (
    Section(
        "seeds",
        "Questions to the seeds",
        "Hybrid ranks better than either half; nearly every question finds its article. The models "
        "of the sentence and of answerability learned from `questions.jsonl`, beside two public "
        "sets; `questions-held-out.jsonl` was written by someone who had not seen the system.",
        ("seeds/questions.jsonl", "seeds/questions-held-out.jsonl"),
    ),
    Section(
        "week",
        "Questions to the labelled week",
        "Written to be hard: five articles may tell one story, one of them has the detail, and "
        "the words are mostly not those of the text. The models of the sentence and of the verdict "
        "learned from `questions.jsonl` too; nothing was learned from the held-out ones.",
        ("tests/week/questions.jsonl", "tests/week/questions-held-out.jsonl"),
    ),
    Section(
        "briefings",
        "Briefings of the labelled week",
        "Stories and topics hold on the held-out part; topics of a word or two miss a third of "
        "what fits them there. Stories by B-cubed precision, recall and F1; telling: the sentence "
        "chosen tells the story; moved on, told: a story with new facts is told again; update "
        "told: of these, by what is new; idle, told: a story is told again without new facts (less "
        "is better).",
        ("tests/week",),
        ("--brief",),
    ),
    Section(
        "public",
        "Public sets",
        "Hybrid ranks best on each. The refusals are a warning: answerability is too strict for "
        "questions unlike those it learned from.",
        ("squad2_sample", "xquad/en", "time_magazine"),
        (*MODES, *OFF_TOPIC),
        shared=True,
    ),
    Section(
        "languages",
        "Languages",
        "The 240 paragraphs and 1,190 questions of xquad/en, translated by people. Words carry "
        "each language; the embedding model knows English, so that vectors add little or do harm, "
        "and many questions that have an answer are refused.",
        ("xquad/es", "xquad/de", "xquad/ru", "xquad/ar", "xquad/zh"),
        ("--mode", "lexical,hybrid", *OFF_TOPIC),
        shared=True,
    ),
)


def main() -> None:
    """Measure the sections that were asked for and write them into RESULTS.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    keys = [section.key for section in SECTIONS]
    parser.add_argument("--only", nargs="+", choices=keys, metavar="KEY", help=", ".join(keys))
    parser.add_argument("--datasets", type=Path, metavar="DIR", help="where the public sets lie")
    given = parser.parse_args()
    for section in SECTIONS:
        if given.only and section.key not in given.only:
            continue
        folder = given.datasets if section.shared else ROOT
        missing = [path for path in section.paths if not folder or not (folder / path).exists()]
        if missing:
            print(f"{section.key}: left out, no {', '.join(missing)}", file=sys.stderr)
            continue
        text = measured(section, folder.resolve())
        RESULTS.write_text(replaced(RESULTS.read_text("utf-8"), section.key, text), "utf-8")
        print(f"{section.key}: written to {RESULTS.name}", file=sys.stderr)


def measured(section: Section, folder: Path) -> str:
    """A section in Markdown: its title, what it says, how it was measured, and the table."""
    rows: list[tuple[str, Measures]] = []
    for path in section.paths:
        rows += _rows(path, _eval(section.options, folder / path))
    return "\n\n".join(
        [
            f"## {section.title}",
            section.says,
            _origin(section, folder),
            table(rows, section.transposed),
        ]
    )


def replaced(document: str, key: str, text: str) -> str:
    """The document with `text` between the comments of `key`; at its end where there are none."""
    head, foot = f"<!-- measured: {key} -->", f"<!-- end: {key} -->"
    section = f"{head}\n{text}\n{foot}"
    pattern = re.compile(f"{re.escape(head)}.*?{re.escape(foot)}", re.DOTALL)
    if pattern.search(document):
        return pattern.sub(lambda _: section, document)
    return f"{document.rstrip()}\n\n{section}\n"


def table(rows: Sequence[tuple[str, Measures]], transposed: bool = False) -> str:
    """A Markdown table of named rows; columns that no row has a value for are left out."""
    names = {name: name for _, measures in rows for name in measures} if transposed else COLUMNS
    kept = [n for n in names if any(measures.get(n) is not None for _, measures in rows)]
    if transposed:
        head = ["measure", *(label for label, _ in rows)]
        body = [[name, *(_cell(measures, name) for _, measures in rows)] for name in kept]
    else:
        head = ["set, mode", *(names[name] for name in kept)]
        body = [[label, *(_cell(measures, name) for name in kept)] for label, measures in rows]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(measures: Measures, name: str) -> str:
    value = measures.get(name)
    return "–" if value is None else f"{value:.3f}"


def _eval(options: Sequence[str], path: Path) -> dict[str, Any]:
    """What `newsdesk eval --json` prints for one dataset. Raises CalledProcessError."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / ".namespace")}
    command = [*EVAL, "--json", *options, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environ, cwd=ROOT)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _rows(path: str, told: Mapping[str, Any]) -> Iterator[tuple[str, Measures]]:
    """The runs of a dataset, or the parts of the labelled week."""
    if "runs" not in told:
        yield from told.items()
        return
    name = path.removesuffix(".jsonl")
    for run in told["runs"]:
        yield f"`{name}` {run.get('name') or run['mode']}", run["measures"]


def _origin(section: Section, folder: Path) -> str:
    """The command, the commit, and the checksums of the data."""
    command = " ".join(["newsdesk eval", *section.options, *section.paths])
    data = ", ".join(f"{path} `{_checksum(section, folder / path)}`" for path in section.paths)
    return f"`{command}`, at commit {commit()}. Data: {data}."


def _checksum(section: Section, path: Path) -> str:
    """The first 12 hex digits of a SHA-256; of a dataset as in tests/gate.toml."""
    if not section.transposed:
        return evaluate.load(path).checksum.removeprefix("sha256:")[:12]
    digest = hashlib.sha256()
    for file in (*sorted(path.glob("articles*.jsonl")), *sorted(path.glob("stories*.jsonl"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def commit() -> str:
    """The commit of this checkout, with a plus sign where files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "index", "seeds", "tests/week")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


if __name__ == "__main__":
    main()
