"""Columns whose rows are read when they are asked for."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from newsdesk.index.errors import LibraryDamaged
from newsdesk.index.generation.columns import Column, Rows


def written(folder: Path) -> Rows:
    with Column(folder, "numbers", "<i4", 2) as column:
        column.rows(np.arange(20).reshape(10, 2))
        seal = column.close()
    return Rows(folder / "numbers", seal, verify=True)


def test_rows_are_those_that_were_written(tmp_path: Path) -> None:
    rows = written(tmp_path)
    assert rows.rows(3, 5).tolist() == [[6, 7], [8, 9]]
    assert rows.rows(0, 10).shape == (10, 2)
    assert rows.rows(4, 4).shape == (0, 2)
    assert rows.raw(9, 10) == np.array([18, 19], dtype="<i4").tobytes()
    with pytest.raises(ValueError, match="read-only"):
        rows.rows(0, 1)[0] = 1


def test_a_file_that_is_cut_while_it_is_open_is_told_and_never_read_short(tmp_path: Path) -> None:
    rows = written(tmp_path)
    rows.check()
    os.truncate(tmp_path / "numbers", 30)
    assert rows.rows(0, 3).tolist() == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(LibraryDamaged, match="numbers: damaged or foreign: cut before row 4"):
        rows.rows(3, 4)
    with pytest.raises(LibraryDamaged, match="cut to 30 bytes where 80 were written"):
        rows.check()


def test_a_file_that_is_removed_is_read_to_its_end_and_closed_with_its_column(
    tmp_path: Path,
) -> None:
    rows = written(tmp_path)
    (tmp_path / "numbers").unlink()
    assert rows.rows(9, 10).tolist() == [[18, 19]]
    file = rows._file
    os.fstat(file)
    del rows
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
