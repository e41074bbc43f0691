"""A process that is killed while it writes what it covered never fails a run that passed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import coverage
import pytest

from tests.coverage_data import remove_torn_data


def _cover(path: Path) -> bytes:
    data = coverage.CoverageData(str(path))
    data.add_arcs({"/code/module.py": [(number, number + 1) for number in range(400)]})
    data.close()
    return path.read_bytes()


def _drop_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE arc")


def test_what_is_whole_is_combined_and_what_is_torn_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    whole = _cover(tmp_path / ".coverage.whole")
    (tmp_path / ".coverage.empty").write_bytes(b"")
    (tmp_path / ".coverage.zeros").write_bytes(bytes(4096))
    (tmp_path / ".coverage.words").write_bytes(b"no database" * 99)
    (tmp_path / ".coverage.cut").write_bytes(whole[: len(whole) // 2])
    _cover(tmp_path / ".coverage.table")
    _drop_table(tmp_path / ".coverage.table")
    (tmp_path / ".coverage").write_bytes(b"not one of a process")
    removed = {path.suffix for path in remove_torn_data(tmp_path)}
    assert removed == {".empty", ".zeros", ".words", ".cut", ".table"}

    (tmp_path / ".coverage").unlink()
    data = coverage.CoverageData(str(tmp_path / ".coverage"))
    coverage.data.combine_parallel_data(data, strict=True)
    assert data.arcs("/code/module.py")


def test_the_tables_are_those_of_the_coverage_that_is_installed(tmp_path: Path) -> None:
    _cover(tmp_path / ".coverage.one")
    assert remove_torn_data(tmp_path) == []
