"""The measurement of a killed season in its short form: the same records as without kills."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.audits import differences, disturb, moments
from tests.reliability.season import make_season

pytestmark = pytest.mark.thorough


def test_an_audit_that_is_killed_again_and_again_has_the_records_of_one_that_is_not(tmp_path: Path) -> None:
    season = make_season(tmp_path, episodes=2, assets=12, seconds=5, pictures=2)
    (end,) = disturb(season, tmp_path / "undisturbed")
    assert (end.what, end.code, end.left) == ("end", 1, 0)
    events = disturb(season, tmp_path / "disturbed", moments(tmp_path / "undisturbed.log", 3))
    assert [event.what for event in events] == ["worker", "run", "run", "end"]
    assert events[-1].code == 1
    assert sum(event.left for event in events) == 0
    assert differences(tmp_path / "undisturbed", tmp_path / "disturbed") == []
