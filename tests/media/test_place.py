"""Places: what is one, and that the words of a record are the place again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from media.place import Box, Place
from scanner.records.place_json import at_json, box_json
from scanner.records.upgrade import read_place


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": ((5, 5),)}, {"frames": ((9, 3),)}, {"frames": ((-1, 3),)}, {"frames": ((0, 1 << 60),)},
        {"frames": ((0, 1),), "rate": "0"}, {"rate": "fast"}, {"labels": ("01:00:00:00", "later")},
        {"box": Box(0, 0, float("nan"), 1)}, {"box": Box(0, 0, float("inf"), 1)}, {"box": Box(1e9, 0, 1, 1)},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_place_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Place(**wrong)


@pytest.mark.parametrize(
    ("at", "place"),
    [
        (
            {"in": "10:00:01:00", "out": "10:00:02:00", "in_frame": 24, "out_frame": 48, "rate": "24000/1001"},
            Place(frames=((24, 48),), rate="24000/1001", labels=("10:00:01:00", "10:00:02:00")),
        ),
        ({"frames": [[1001, 1006], [1008, 1008]]}, Place(frames=((1001, 1007), (1008, 1009)), is_numbered=True)),
        ({"in": "00:00:01;00", "out": "00:00:02;00"}, Place(labels=("00:00:01;00", "00:00:02;00"))),
    ],
    ids=["a span on a clock", "frames of a sequence", "labels alone"],
)
def test_the_words_of_a_record_are_the_place(at: dict[str, Any], place: Place) -> None:
    assert read_place(at) == place
    assert at_json(place) == at
    region = {"unit": "percent", "x": 0.0, "y": 12.5, "w": 100.0, "h": 75.0}
    boxed = read_place(at, region)
    assert boxed is not None
    assert (boxed.frames, boxed.box) == (place.frames, Box(0, 12.5, 100, 75))
    assert (at_json(boxed), {"unit": "percent", **box_json(boxed.box)}) == (at, region)


@pytest.mark.parametrize("region", [{"unit": "pixel", "x": 1, "y": 1, "w": 9, "h": 9}, {"x": 1}, {"x": "a"}, [], 5])
def test_a_box_that_is_not_in_percent_is_left_out(region: Any) -> None:
    assert read_place({"in_frame": 3}, region) == Place(frames=((3, 4),))
    assert read_place(None, region) is None


def test_a_box_is_the_smallest_around_points() -> None:
    box = Box.around(np.array([[0.1, 0.5], [0.4, 0.25], [0.2, 0.3]]))
    assert box == Box(10, 25, 30, 25)
    assert box.area_percent == pytest.approx(7.5)
    assert box.lies_in(Box(10, 25, 30, 25))
    assert box.lies_in(Box(10.9, 25.9, 30, 25)), "to a percent"
    assert not box.lies_in(Box(12, 25, 30, 25))
