"""The measurement of a long watch in its short form: deliveries at random moments, and what the service holds after."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.watching import series_table, watched

pytestmark = pytest.mark.thorough


def test_a_watch_holds_no_more_after_several_deliveries_than_after_the_first(tmp_path: Path) -> None:
    seen = watched(tmp_path, tmp_path / "series.tsv", deliveries=4, minutes=0.2, every=1.0)
    assert set(seen.standings.values()) == {"done"}
    assert seen.counters["scanned"] == 4
    assert (seen.exit_code, seen.left) == (130, 0)
    idle = [one for one in seen.samples if not one.scanning and one.scanned]
    assert {one.files for one in idle} == {idle[0].files}
    assert idle[-1].resident < idle[0].resident + 10
    assert idle[-1].temporary == 0
    assert len((tmp_path / "series.tsv").read_text().splitlines()) == len(seen.samples) + 1
    assert "child processes" in series_table(seen.samples)
