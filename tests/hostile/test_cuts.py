"""A file that was cut off is never inspected as if it were whole, and a whole one is never called cut."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hostile.cuts import FORMATS, PAGE, RELIABILITY, Format, cuts_of, is_seen, summary
from tests.hostile.mutants import inspect

_QUICK, _ALL = 3, 60


def _hold(each: Format, count: int, folder: Path, *, every: bool = False) -> None:
    data = each.make()
    missed = [at for at in set(cuts_of(each, count, every=every)) if not is_seen(each, at, folder)]
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
    _hold(each, _ALL, tmp_path, every=True)


def test_page_names_every_format_and_its_summary_is_fresh() -> None:
    page = PAGE.read_text()
    assert [each.name for each in FORMATS if f"| {each.name} " not in page] == []
    assert summary(page) in RELIABILITY.read_text()
    assert "although the format shows the cut" in summary(page)
    assert re.search(r"\n0 of them although", summary(page))
