"""A final that shows the view of a temporary clip, where nothing shows which recording it is: an issue, no blocker."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Call
from tests.e2e.demo import records_of
from tests.fingerprints.films import film, moving
from tests.fingerprints.test_moments import standing


def test_another_take_of_a_standing_camera_is_an_issue(call: Call, tmp_path: Path) -> None:
    root, out = tmp_path / "EP", tmp_path / "out"
    for folder in ("Temp", "Final"):
        (root / folder).mkdir(parents=True)
    film(root / "Temp/temp_view.mp4", standing(5, 75))
    film(root / "Final/EP_MASTER.mp4", [*moving(72, 30), *standing(6, 60), *moving(73, 30)])
    call("scan", root, "--policy", "netflix-2025", "--out", out)
    record = records_of(out)["Final/EP_MASTER.mp4"]
    [match] = record["matches"]
    assert match["alteration"]["grade"] == "uncertain"
    assert "another recording" in match["alteration"]["reason"]
    assert [(one["rule"], one["outcome"]) for one in record["verdict"]["reasons"]] == [
        ("delivery.same-clip-not-shown", "issue")
    ]
