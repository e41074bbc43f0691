"""Four times the parts take about four times as long to inspect, in every format; sixteen times is a fault."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from media.containers.gif import walk
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from tests.hostile.many_parts import MAKERS

MORE = 4
ALLOWED, SLACK = 8.0, 0.5
"""Times the processor time of the smaller file, and seconds besides: halfway between 4 and 16 times as much."""


def seconds(path: Path, data: bytes) -> float:
    """Of the processor, for examining it."""
    path.write_bytes(data)
    (asset,) = discover([path])
    began = process_time()
    examine(asset, ExamineSettings())
    return process_time() - began


@pytest.mark.parametrize("name", MAKERS)
def test_time_grows_with_the_parts_and_no_faster(name: str, tmp_path: Path) -> None:
    file, make, count = MAKERS[name]
    path = tmp_path / file
    seconds(path, make(10))  # what is loaded at first use
    few = seconds(path, make(count))
    assert seconds(path, make(MORE * count)) < ALLOWED * few + SLACK


def test_many_short_comments_are_read_as_they_lie(tmp_path: Path) -> None:
    """No more than a few hundred bytes for each: a window of 64 KiB a comment is 1.3 GB for this file."""
    path = tmp_path / "a.gif"
    path.write_bytes(MAKERS["GIF comments"][1](20_000))
    with path.open("rb", buffering=0) as file:
        counted = _Counted(file)
        assert sum(1 for _ in walk(counted, path.stat().st_size)) == 20_000  # type: ignore[arg-type]
    assert counted.read_bytes < 20_000 * 400


class _Counted:
    """A file that counts what is read of it."""

    def __init__(self, file: object) -> None:
        self._file = file
        self.read_bytes = 0

    def seek(self, at: int) -> int:
        return self._file.seek(at)  # type: ignore[attr-defined,no-any-return]

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)  # type: ignore[attr-defined]
        self.read_bytes += len(data)
        return data
