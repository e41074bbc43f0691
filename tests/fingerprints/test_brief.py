"""Shots of a second and less: their frames decide, at whatever time of a clip they lie."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.programmes.align import Alignment, FrameVectors
from fingerprints.programmes.brief import settle_brief


def _standing(count: int, seed: int) -> FrameVectors:
    """A camera that stands still: one picture, and a little that changes from frame to frame."""
    place, draw = np.random.default_rng(1).normal(size=256), np.random.default_rng(seed)
    moves = np.cumsum(draw.normal(0, 0.06, (count, 256)), axis=0)
    values = (place + moves - moves.mean(axis=0) * 0.9).astype(np.float32)
    return FrameVectors(np.arange(count) / 25, values / np.linalg.norm(values, axis=1, keepdims=True))


def _shown(clip: FrameVectors, first: int, count: int, at: float) -> FrameVectors:
    return FrameVectors(at + np.arange(count) / 25, clip.values[first : first + count])


def test_a_short_shot_is_found_far_from_where_its_hits_say() -> None:
    clip = _standing(200, 2)
    shot = _shown(clip, 150, 12, 30.0)
    guess = Alignment(1.0, 30.0 - 20 / 25, 30.0, 30.44, 1)
    line = settle_brief(shot, clip, guess)
    assert line is not None
    assert line.offset == pytest.approx(30.0 - 150 / 25, abs=0.021)
    assert line.score > 0.9


def test_another_moment_of_the_place_is_none() -> None:
    clip, other = _standing(200, 2), _standing(200, 3)
    assert settle_brief(_shown(other, 50, 12, 30.0), clip, Alignment(1.0, 28.0, 30.0, 30.44, 1)) is None
