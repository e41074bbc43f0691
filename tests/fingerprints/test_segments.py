"""What is one instance: parts of one line are joined, other lines and other places stay apart."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from fingerprints.programmes.segments import Segment, apart
from fingerprints.programmes.sound.sounds import Heard, strongest
from fingerprints.programmes.sound.tempo import Variant
from fingerprints.vocabulary import Measure, Sense

RATE = Fraction(25)


def segment(first: int, end: int, start: float, *, score: float = 0.9, speed: float = 1.0) -> Segment:
    """`start` is the second of the reference that the first frame shows."""
    return Segment(
        programme="EP101.mov",
        reference="EP100.mov",
        kind=Sense.PICTURE,
        in_frame=first,
        out_frame=end,
        in_seconds=first / 25,
        out_seconds=end / 25,
        rate=RATE,
        reference_in=start,
        reference_out=start + (end - first) / 25 * speed,
        speed=speed,
        score=score,
        threshold=0.45,
        by=Measure.MOTION,
    )


LONG = segment(1000, 3000, 100.0, score=0.8)


@pytest.mark.parametrize("first", [2000, 2500, 3000])
def test_two_parts_of_one_recap_are_one_from_end_to_end(first: int) -> None:
    tail = segment(first, 3600, 100.0 + (first - 1000) / 25 + 0.02)
    (one,) = apart([tail, LONG])
    assert (one.in_frame, one.out_frame, one.score) == (1000, 3600, 0.8)
    assert (one.in_seconds, one.out_seconds, one.reference_in) == (40.0, 144.0, 100.0)
    assert one.reference_out == pytest.approx(204.02)
    assert apart([replace(tail, speed=2.0), LONG, tail])[0].out_frame == 3600


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(segment(3001, 3600, 180.04), id="with a hole between"),
        pytest.param(segment(2900, 3600, 300.0), id="of another time"),
        pytest.param(segment(2900, 3600, 176.0, speed=2.0), id="at another speed"),
        pytest.param(replace(segment(2900, 3600, 176.0), flip=True), id="mirrored"),
        pytest.param(replace(segment(2900, 3600, 176.0), reference="EP099.mov"), id="of another reference"),
        pytest.param(replace(segment(2900, 3600, 176.0), kind=Sense.SOUND, by=Measure.LANDMARKS), id="of the ear"),
    ],
)
def test_what_is_not_one_line_stays_two(other: Segment) -> None:
    assert apart([LONG, other]) == sorted([LONG, other], key=lambda one: one.in_frame)


def test_what_is_seen_at_two_places_stays_two() -> None:
    here, there = (replace(LONG, region=region) for region in ((0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0)))
    assert len(apart([here, there])) == 2


def test_a_still_is_joined_with_nothing() -> None:
    stills = [replace(segment(first, first + 50, 0.0), reference_out=0.0, by=Measure.INLIERS) for first in (0, 50, 90)]
    assert apart(stills) == stills


def alike(reference: str, score: float, first: int = 1000, end: int = 1100, **said: object) -> Segment:
    return replace(segment(first, end, 5.0, score=score), reference=reference, by=Measure.LIKENESS, **said)  # type: ignore[arg-type]


BEST = alike("21.mp4", 0.9995)


@pytest.mark.parametrize(
    ("other", "stays"),
    [
        pytest.param(alike("12.mp4", 0.92), False, id="the same place at another time"),
        pytest.param(alike("12.mp4", 0.92, 1000, 1060, speed=0.5), False, id="for a part of it, at any speed"),
        pytest.param(alike("21 copy.mp4", 0.9985), True, id="a copy, encoded anew"),
        pytest.param(replace(alike("12.mp4", 0.92), by=Measure.MOTION), True, id="it moves alike"),
        pytest.param(alike("12.mp4", 0.92, 1060, 1200), True, id="most of it elsewhere"),
        pytest.param(alike("12.mp4", 0.92, programme="EP102.mov"), True, id="in another programme"),
    ],
)
def test_where_nothing_moves_the_clip_that_is_most_alike_is_seen(other: Segment, stays: bool) -> None:
    assert (other in apart([other, BEST]), BEST in apart([other, BEST])) == (stays, True)
    moving = replace(BEST, by=Measure.MOTION)
    assert (other in apart([other, moving])) == stays


@pytest.mark.parametrize(("score", "stays"), [(0.54, False), (0.8, True)])
def test_where_nothing_moves_what_hardly_moves_alike_is_noise(score: float, stays: bool) -> None:
    other = replace(alike("25.mp4", score), by=Measure.MOTION)
    assert (other in apart([other, BEST]), BEST in apart([other, BEST])) == (stays, True)
    assert len(apart([other, replace(BEST, by=Measure.MOTION)])) == 2


@pytest.mark.parametrize(
    ("told", "stays"), [({"by": Measure.MOTION}, False), ({}, False), ({"is_doubtful": True}, True)]
)
def test_a_clip_that_only_shows_the_view_is_not_seen_beside_one_that_shows_the_moment(
    told: dict[str, object], stays: bool
) -> None:
    doubtful = alike("12.mp4", 0.999, is_doubtful=True)
    other = replace(alike("13.mp4", 0.998), **told)  # type: ignore[arg-type]
    assert (doubtful in apart([doubtful, other]), other in apart([doubtful, other])) == (stays, True)


def test_parts_of_one_sound_are_one() -> None:
    long, tail = Heard(0, 10, 70, 110, 170, Variant(), 900, 40), Heard(0, 50, 95, 150.02, 195.02, Variant(), 600, 30)
    assert strongest([tail, long]) == [Heard(0, 10, 95, 110, 195.02, Variant(), 900, 40)]
    within, elsewhere = Heard(0, 20, 40, 120, 140, Variant(), 90, 30), Heard(1, 50, 95, 150, 195, Variant(), 600, 30)
    assert strongest([long, within, elsewhere]) == [long, elsewhere]
    assert strongest([long, replace(tail, reference_start=400, reference_end=445)]) == [long]
