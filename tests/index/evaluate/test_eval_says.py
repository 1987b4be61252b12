"""What eval says of datasets and runs whose parts do not fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers.support import write
from tests.index.evaluate.test_evaluate import run


def test_judgements_of_what_is_not_there_are_said(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any
) -> None:
    write(beir, {"qrels/test.tsv": "q1\td1\t1\nq1\tgone-1\t1\nq2\td3\t1\nlost\td1\t1\n"})
    arguments = (str(beir), "--qrels", "dev")
    code, _, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    assert "queries.jsonl, line 1: relevant, but no article of the dataset: 1 ('gone-1')" in err
    assert "test.tsv: 1 ('lost') judged and not among the queries" in err
    assert "no dev.tsv there; judged by test.tsv" in err


def test_each_of_several_datasets_is_compared_with_its_own_runs(
    beir: Path, home: Path, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {
        "other/questions.jsonl": '{"id": "x1", "question": "who came?", "article": "a"}\n',
        "other/a.txt": "Ferry\n\nA ferry came on Tuesday.",
        "x.run": "x1 Q0 a 1 9 x\n",
        "q.run": "q1 Q0 d1 1 9 x\nq2 Q0 d3 1 9 x\n",
        "z.run": "z1 Q0 d1 1 9 x\n",
    }
    write(tmp_path, files)
    runs = [argument for n in "qx" for argument in ("--with-run", str(tmp_path / f"{n}.run"))]
    arguments = [str(beir), str(tmp_path / "other"), *runs]
    code, out, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert (code, out.count("q.run, against"), out.count("x.run, against")) == (0, 1, 1)
    assert ".run:" not in err
    arguments += ["--with-run", str(tmp_path / "z.run")]
    code, _, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 1
    assert "z.run: none of its queries, 1 ('z1'), is one of tiny's" in err


def test_ids_with_blanks_go_through_files_of_trec_and_back(
    home: Path, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {
        "d/questions.jsonl": (
            '{"id": "the 1st", "question": "who came on Tuesday?", "article": "100% a b"}\n'
        ),
        "d/articles.jsonl": (
            '{"id": "100% a b", "title": "Ferry", "text": "A ferry came on Tuesday."}\n'
            '{"id": "c d", "title": "Tram", "text": "A tram stood still on Friday."}\n'
        ),
    }
    folder, file = str(write(tmp_path, files) / "d"), tmp_path / "a.run"
    run(folder, "--run", str(file), home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert {len(line.split()) for line in file.read_text("utf-8").splitlines()} == {6}
    arguments = (folder, "--with-run", str(file), "--json")
    _, out, err = run(*arguments, home=home, capsys=capsys, monkeypatch=monkeypatch)
    assert out.count('"hit@1": 1.0') == 2
    assert ".run:" not in err
