"""A file that was cut off is never inspected as if it were whole, and a whole one is never called cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.cuts import FORMATS, Format, cuts_of, is_seen
from tests.hostile.mutants import inspect

_QUICK, _ALL = 3, 60


def _hold(each: Format, count: int, folder: Path) -> None:
    data = each.make()
    missed = [at for at in set(cuts_of(each, count)) if not is_seen(each, at, folder)]
    assert [at for at in missed if not each.is_unseen(data, at)] == [], f"{each.name} of {len(data)} bytes"


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_whole_file_is_inspected_and_a_cut_one_is_not(each: Format, tmp_path: Path) -> None:
    path = tmp_path / f"whole{each.suffix}"
    path.write_bytes(each.make())
    assert [problem.message for problem in inspect(path).problems if problem.blocking] == []
    _hold(each, _QUICK, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_cut_at_every_boundary_and_at_random(each: Format, tmp_path: Path) -> None:
    _hold(each, _ALL, tmp_path)
