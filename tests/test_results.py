"""RESULTS.md: a measurement replaces its own section only, and what is quoted stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks import results
from tests.helpers.support import ROOT

DOCUMENT = results.RESULTS.read_text("utf-8")
HEADINGS = {line.removeprefix("## ") for line in DOCUMENT.splitlines() if line.startswith("## ")}
# "RESULTS.md, 'Recency'", perhaps with a line's end and a comment's mark in between.
REFERENCE = re.compile(r"RESULTS\.md,[\s#]+['\"“]([^'\"”]+)['\"”]")


def test_only_the_section_that_was_measured_is_written_anew() -> None:
    written = results.replaced(DOCUMENT, "week", "## New\n\nwith \\1 in it")
    head, foot = "<!-- measured: week -->", "<!-- end: week -->"
    before, after = DOCUMENT.partition(head)[0], DOCUMENT.partition(foot)[2]
    assert written == f"{before}{head}\n## New\n\nwith \\1 in it\n{foot}{after}"


def test_a_section_that_is_new_stands_at_the_end() -> None:
    written = results.replaced("# Results\n", "sort", "## Of a new sort")
    assert written == "# Results\n\n<!-- measured: sort -->\n## Of a new sort\n<!-- end: sort -->\n"
    assert results.replaced(written, "sort", "## Of a new sort") == written


def test_a_table_leaves_out_what_no_row_has() -> None:
    rows: list[tuple[str, results.Measures]] = [
        ("`a` hybrid", {"hit@1": 0.5, "auroc": None}),
        ("`b` hybrid", {"hit@1": None, "auroc": None}),
    ]
    assert results.table(rows).splitlines() == [
        "| set, mode | hit@1 |",
        "| --- | --- |",
        "| `a` hybrid | 0.500 |",
        "| `b` hybrid | – |",
    ]


WRITTEN = [section for section in results.SECTIONS if f"<!-- end: {section.key} -->" in DOCUMENT]


def test_what_lies_in_this_repository_was_measured() -> None:
    assert {section.key for section in WRITTEN} >= {"seeds", "week", "briefings"}


@pytest.mark.parametrize("section", WRITTEN, ids=lambda section: str(section.key))
def test_each_measured_section_has_its_command_commit_and_checksums(
    section: results.Section,
) -> None:
    pattern = f"<!-- measured: {section.key} -->\n(.*?)\n<!-- end: {section.key} -->"
    found = re.search(pattern, DOCUMENT, re.DOTALL)
    assert found
    assert f"## {section.title}\n\n{section.says}\n\n`newsdesk eval " in found[1]
    assert re.search(r"at commit [0-9a-f]{7,}\+?\. Data: ", found[1])
    assert len(re.findall(r"`[0-9a-f]{12}`", found[1])) == len(section.paths)


def test_the_sections_that_the_code_refers_to_are_there() -> None:
    texts = [file.read_text("utf-8") for room in ("index", "bot", "tests") for file in _code(room)]
    named = {name for text in texts for name in REFERENCE.findall(text)}
    assert not named - HEADINGS


def test_the_readmes_figures_stand_in_the_results() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    figures = re.findall(r"\| (\d\.\d{3}) ", readme)
    assert len(figures) > 10
    assert not [figure for figure in figures if figure not in DOCUMENT]


def _code(room: str) -> list[Path]:
    own = ROOT / "tests" / "test_results.py"
    return [file for file in (ROOT / room).rglob("*.py") if file != own]
