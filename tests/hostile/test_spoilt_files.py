"""Whatever happened to a file, looking at it ends in a record: problems, never an exception, never a bug."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.mutants import FAULTS, SEEDS, flipped, inspect, mutant, seed

CUTS = 5
FLIPS = 5
MUTANTS = 4


def _told(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    seen = inspect(path)
    assert {problem.code for problem in seen.problems} <= FAULTS, seen.problems
    assert seen.looks
    assert len({item.id for item in seen.evidence}) == len(seen.evidence)


@pytest.mark.parametrize("name", SEEDS)
def test_spoilt_file_is_told_and_nothing_breaks(name: str, tmp_path: Path) -> None:
    data, path = seed(name), tmp_path / name
    for number in range(CUTS):
        _told(path, data[: len(data) * (number + 1) // (CUTS + 1)])
    for number in range(FLIPS):
        _told(path, flipped(data, min(len(data) - 1, 4 + number * number * len(data) // FLIPS**2)))
    for number in range(MUTANTS):
        _told(path, mutant(name, number))
