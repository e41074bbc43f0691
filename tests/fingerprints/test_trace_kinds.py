"""Edits that programmes are made of: each is found, to the frame, and nothing else is."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from fingerprints.programmes.programme import read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import open_item
from fingerprints.programmes.trace import trace
from tests.fingerprints.films import SIZE, Frame, film, hold, moving, picture

CLIP = moving(60, 300)


def _on_a_set(frames: list[Frame], *, sway: float = 0.0) -> list[Frame]:
    """On a screen that is seen at an angle, in a room; `sway` is how far a hand moves the camera, in pixels."""
    start = np.array([[0, 0], [SIZE[0], 0], [SIZE[0], SIZE[1]], [0, SIZE[1]]], np.float32)
    corners = np.array([[44, 12], [284, 30], [280, 152], [40, 170]], np.float32)
    matrix = cv2.getPerspectiveTransform(start, corners)
    mask = cv2.warpPerspective(np.full(SIZE[::-1], 255, np.uint8), matrix, SIZE)[..., None] > 127
    room = hold(picture(88), len(frames))
    made = []
    for n, (frame, behind) in enumerate(zip(frames, room, strict=True)):
        laid = np.where(mask, cv2.warpPerspective(frame, matrix, SIZE, flags=cv2.INTER_AREA), behind).astype(np.uint8)
        move = np.array([[1, 0, sway * np.sin(n / 5)], [0, 1, sway * np.cos(n / 7)]])
        made.append(cv2.warpAffine(laid, move, SIZE, borderMode=cv2.BORDER_REPLICATE))
    return made


def _beside(frames: list[Frame]) -> list[Frame]:
    """The middle of each on the left, another film on the right."""
    other, half = moving(89, len(frames)), SIZE[0] // 2
    return [
        np.hstack([frame[:, half // 2 : half // 2 + half], behind[:, :half]])
        for frame, behind in zip(frames, other, strict=True)
    ]


def _titled(frames: list[Frame]) -> list[Frame]:
    """Under two lines that take the width."""
    made = []
    for frame in frames:
        titled = frame.copy()
        for words, y in (("THE LONG", 80), ("AUTUMN", 150)):
            cv2.putText(titled, words, (12, y), cv2.FONT_HERSHEY_DUPLEX, 1.9, (245, 240, 230), 6)
        made.append(titled)
    return made


def _found(folder: Path, *parts: list[Frame]) -> tuple[Segment, ...]:
    """Where the clip is in a programme of these parts."""
    clip = film(folder / "clip.mov", CLIP)
    programme = film(folder / "ep.mov", [frame for part in parts for frame in part])
    return trace([open_item(clip, "clip")], [read(programme)])


@pytest.mark.parametrize(
    ("draw", "count", "speed", "off"),
    [
        pytest.param(lambda: CLIP[270:130:-1], 140, -1.0, 0, id="reversed"),
        pytest.param(lambda: CLIP[20:260:4], 60, 4.0, 0, id="time-lapse", marks=pytest.mark.thorough),
        pytest.param(lambda: CLIP[100:112], 12, 1.0, 0, id="12 frames", marks=pytest.mark.thorough),
        pytest.param(lambda: CLIP[100:106], 6, 1.0, 0, id="6 frames"),
        pytest.param(
            lambda: _on_a_set(CLIP[100:160]), 60, 1.0, 2, id="on a set at an angle", marks=pytest.mark.thorough
        ),
        pytest.param(lambda: _on_a_set(CLIP[100:160], sway=6.0), 60, 1.0, 2, id="and from the hand"),
        pytest.param(lambda: _titled(CLIP[100:160]), 60, 1.0, 2, id="large titles"),
        pytest.param(lambda: _beside(CLIP[100:160]), 60, 1.0, 2, id="split screen", marks=pytest.mark.thorough),
    ],
)
def test_a_kind_is_found_where_it_is(
    draw: Callable[[], list[Frame]], count: int, speed: float, off: int, tmp_path: Path
) -> None:
    (one,) = _found(tmp_path, moving(71, 45), draw(), moving(72, 45))
    assert (one.in_frame, one.out_frame) == pytest.approx((45, 45 + count), abs=off)
    assert one.speed == pytest.approx(speed, rel=0.12)
    assert one.reference_in < one.reference_out


def test_a_still_of_two_frames_is_found(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "still.png"), picture(50)[..., ::-1])
    frames = [*moving(71, 41), *hold(picture(50), 2), *moving(72, 40)]
    (one,) = trace([open_item(tmp_path / "still.png", "still")], [read(film(tmp_path / "ep.mov", frames))])
    assert (one.in_frame, one.out_frame) == (41, 43)


def test_other_references_do_not_change_what_is_found(tmp_path: Path) -> None:
    clip = open_item(film(tmp_path / "clip.mov", CLIP), "clip")
    programme = read(film(tmp_path / "ep.mov", [*moving(71, 45), *_on_a_set(CLIP[100:160]), *moving(72, 45)]))
    for seed in range(100, 130):
        cv2.imwrite(str(tmp_path / f"{seed}.png"), picture(seed)[..., ::-1])
    others = [open_item(path, path.name) for path in sorted(tmp_path.glob("*.png"))]
    alone, among = trace([clip], [programme]), trace([*others, clip], [programme])
    assert alone
    assert alone == tuple(one for one in among if one.reference == "clip")
