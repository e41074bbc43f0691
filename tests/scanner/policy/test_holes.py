"""A frame sequence with holes: what the verdict makes of it, and that it names the frames."""

from __future__ import annotations

import pytest

from scanner.model import Action, Category, Frames, Outcome
from tests.scanner.policy.world import judged, still


def reel(category: Category, *missing: tuple[int, int]):
    frames = Frames(ranges=((1001, 1002), (1004, 1100)), missing=missing)
    return still("reel/EP101.%04d.dpx", category, media_type="image/x-dpx", frames=frames)


@pytest.mark.parametrize(
    ("category", "outcome"),
    [
        (Category.FINAL_PICTURE, Outcome.ISSUE),
        (Category.UNCATEGORISED, Outcome.ISSUE),
        (Category.VFX_ELEMENT, Outcome.FYI),
        (Category.TEMP, Outcome.PASS),
    ],
)
def test_holes_by_category(category: Category, outcome: Outcome) -> None:
    assert judged(reel(category, (1003, 1003))).outcome is outcome
    assert judged(reel(category)).outcome is Outcome.PASS


def test_the_reason_names_the_frames_and_asks_for_them() -> None:
    verdict = judged(reel(Category.FINAL_PICTURE, (1003, 1003), (1010, 1012)))
    (reason,) = verdict.reasons
    assert reason.rule == "delivery.frames-missing-in-final"
    assert "(4 missing: 1003, 1010–1012)" in reason.text
    assert verdict.actions == (Action.FIX,)


def test_many_holes_are_counted() -> None:
    holes = tuple((number, number) for number in range(1003, 1023, 2))
    assert "(10 missing: 1003, 1005, 1007, 1009, 1011 and 5 more ranges)" in (
        judged(reel(Category.FINAL_PICTURE, *holes)).reasons[0].text
    )
