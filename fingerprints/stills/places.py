"""Places where a registered picture differs from its reference, and how sure it is that content was changed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fingerprints.stills.differences import Maps, blurred
from fingerprints.stills.registered import AlignedPair, Levels, Mask
from fingerprints.vocabulary import Grade

__all__ = ["LEAST_AREA", "Blob", "find_places", "find_smoothed", "grade_places"]

LEAST_AREA = 0.0025
"""Part of the shared area: a smaller region is not distinguished from the traces of encoding."""
_LEAST_STARK = (0.0012, 10.0, 5.0)
"""The same of a region that is quite another, by its strength and excess at least: a mouth in a medium shot."""
_LEAST_DOUBTED = 0.0045
"""The same of a region that is no more than uncertain."""
_LEAST_DOUBTED_COLOUR = 0.01
"""The same where colour differs a little: what is crushed takes colour too."""
_LEAST_COLOUR = 0.004
"""The same of a region that differs in colour only: encoders spare colour first."""
_SURE = (4.0, 4.4, 5.5, 8.5)
"""Strength of a region that is altered (see `differences.Maps.score`): a constant, what is added for each unit of the
picture's own score that a fifth of it exceeds, the least and the most."""
_SUSPECT = 0.72
"""Of that: from which a person should look."""
_BEYOND = 2.4
"""Logarithm over what finishing leaves from which it leaves no such thing."""
_WITHIN, _SAME_STRUCTURE = 0.8, 0.97
"""Logarithm within what finishing leaves, and correlation, where nothing but light differs."""
_LOST_SURELY, _LOST = (5.0, 0.75, 0.8), (4.0, 0.8, 0.85)
"""Strength, correlation and gain of a place beyond that, whose structure is surely lost, or perhaps."""
_PLAINLY, _CLEARLY, _STILL_LIKE = 3.2, 1.5, 0.85
"""Logarithm over what finishing leaves that tells by itself, or where the correlation is no more than that."""
_DIM = 0.45
"""Gain where so little light is left that encoding takes structure too."""
_STILL_THERE = (0.65, 0.85, 1.4)
"""Correlation and gain from which the reference's structure is still there; times the limit that it then takes."""
_VIVID = 0.6
"""Part of a place whose colour is far from the reference's, from which it has another colour; half of that where its
structure differs too."""
_DIM_COLOUR = 0.6
"""Gain below which colour goes with the light."""
_WIDELY, _KEPT = 0.55, 0.7
"""Excess over three tenths of the picture that tells a transition; gain of structure that is still there."""
_IN_CORNER = (12, 1.2)
"""Pixels within which a place lies at two borders, and times the limit that it then takes: light falls off most in
corners, and windows look at one side only."""
_FADING = 1.6
"""Usual spreads by which faint detail is less, where something may be smoothed."""
_SMOOTH = (0.008, 2.7, 0.9, 0.9, 11.0)
"""Of what is judged; loss, strength, correlation of fine detail at most, and its energy, where it is smoothed."""
_SMOOTH_SURELY = ((0.03, 4.0), (0.08, 2.7))
"""Of what is judged, and loss: surely smoothed."""
_OUTLINED = 0.85
"""Least correlation of middle and coarse detail of what is smoothed and no more."""
_GROWN = 0.5
"""Of a region's strength: what is joined to it."""
_ALIKE = 0.8
"""Correlation of detail in a region whose structure is the reference's."""
_RIM = 0.25
"""Of a region's own difference in levels: what differs by less is its rim."""
_COLOUR = 14.0
"""Steps of a or b, as OpenCV scales them."""
_TINTED = 2.0
"""The same, over half of a grey picture that was coloured: what encoding leaves in a grey one is less."""


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A connected place that stands out, and by how much."""

    region: Mask
    area: float
    """Part of the judged area."""
    strength: float
    """Times the usual spread."""
    excess: float
    """Logarithm over the most that finishing leaves."""
    likeness: float
    """Least correlation of middle and coarse detail."""
    gain: float
    """Part of the reference's structure that is kept."""
    by_colour: bool
    vivid: float
    """Part whose colour is far from the reference's."""
    alike: float
    """Correlation of middle and fine detail, as a median."""
    lit: float = 1.0
    """Gain around it relative to the picture's usual one: low where light falls off."""


def find_places(maps: Maps, pair: AlignedPair, shown: Mask, least: float) -> Iterator[Blob]:
    """Places whose strength is at least `least`, or whose colour differs."""
    coloured, vivid = _colours(pair, shown)
    total = float(shown.sum())
    seeds = (maps.score > 0.77 * least) & shown | coloured
    tidy = cv2.morphologyEx(seeds.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(tidy)
    apart = blurred(np.abs(pair.picture - pair.reference).max(axis=2), 1.5)
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] < _LEAST_STARK[0] * total:
            continue
        region = labels == number
        strength = float(np.quantile(maps.score[region], 0.9))
        alike = float(np.median(maps.alike[region]))
        by_colour = float(coloured[region].mean()) > 0.5 and (strength < least or alike > _ALIKE)
        if not by_colour:
            region &= maps.score > _GROWN * strength
            region = _drawn_in(region, apart)
            if not region.any():
                continue
        area, excess = float(region.sum()) / total, float(np.quantile(maps.excess[region], 0.9))
        if area < _least_area(strength, excess, by_colour=by_colour) or (not by_colour and strength < least):
            continue
        likeness, gain, _ = maps.kept(region)
        yield Blob(
            region=region,
            area=area,
            strength=strength,
            excess=excess,
            likeness=likeness,
            gain=gain,
            by_colour=by_colour,
            vivid=float(vivid[region].mean()),
            alike=alike,
            lit=float(np.median(maps.bands[1].wide[region])),
        )


def _least_area(strength: float, excess: float, *, by_colour: bool) -> float:
    """Of what is judged: the least that a place takes which stands out by so much."""
    if by_colour:
        return _LEAST_COLOUR
    area, strong, beyond = _LEAST_STARK
    return area if strength >= strong and excess >= beyond else LEAST_AREA


def grade_places(maps: Maps, pair: AlignedPair, shown: Mask) -> Iterator[tuple[Blob, Grade]]:
    """Places that differ, of structure or of colour alone, and how sure that is: *uncertain* or *altered*."""
    sure, suspect = _limits(maps, shown)
    for place in find_places(maps, pair, shown, min(suspect, _LOST[0])):
        times = _IN_CORNER[1] if _is_in_corner(place, pair.valid) else 1.0
        grade = _grade_of(place, times * sure, suspect, times * max(_LOST_SURELY[0], suspect))
        if grade is Grade.ALTERED and maps.widely >= _WIDELY and _is_of_transition(place):
            # Another picture shines through all of it, and the reference's structure is there too.
            grade = Grade.UNCERTAIN
        least = _LEAST_DOUBTED_COLOUR if place.by_colour else _LEAST_DOUBTED
        if grade is Grade.ALTERED or (grade is Grade.UNCERTAIN and place.area >= least):
            yield place, grade


def _is_of_transition(place: Blob) -> bool:
    """Whether a place may be what a dissolve leaves, where one goes on."""
    return not place.by_colour and place.gain >= _KEPT


def _is_in_corner(place: Blob, valid: Mask) -> bool:
    """Whether a place reaches an upright and a level border of what both pictures show."""
    (left, top, wide, high), (x, y, across, down) = (
        cv2.boundingRect(one.astype(np.uint8)) for one in (valid, place.region)
    )
    reach = _IN_CORNER[0]
    beside = x <= left + reach or x + across >= left + wide - reach
    return beside and (y <= top + reach or y + down >= top + high - reach)


def _grade_of(place: Blob, sure: float, suspect: float, lost: float) -> Grade:
    """By how far a place stands out; by less (`lost`) where finishing leaves nothing like it and structure is lost."""
    if place.by_colour:
        least = _VIVID if place.likeness > _SAME_STRUCTURE and place.excess < _PLAINLY else _VIVID / 2
        return Grade.ALTERED if place.vivid > least and place.lit >= _DIM_COLOUR else Grade.UNCERTAIN
    if place.excess < _WITHIN and place.likeness > _SAME_STRUCTURE:
        return Grade.NONE
    is_unlike = place.excess >= _PLAINLY or (place.excess >= _CLEARLY and place.likeness <= _STILL_LIKE)
    if place.lit < _DIM and place.strength < _SURE[3]:
        return Grade.UNCERTAIN if place.strength >= suspect else Grade.NONE
    is_kept = place.likeness >= _STILL_THERE[0] and place.gain >= _STILL_THERE[1]
    if place.strength >= sure * (_STILL_THERE[2] if is_kept else 1):
        return Grade.ALTERED if is_unlike else Grade.UNCERTAIN
    if place.excess >= _BEYOND and place.area >= _LEAST_DOUBTED:
        for grade, (strength, likeness, gain) in ((Grade.ALTERED, _LOST_SURELY), (Grade.UNCERTAIN, _LOST)):
            least = lost if grade is Grade.ALTERED else strength
            if place.strength >= least and place.likeness <= likeness and place.gain <= gain:
                return grade
    return Grade.UNCERTAIN if place.strength >= suspect else Grade.NONE


def find_smoothed(maps: Maps, shown: Mask) -> Iterator[tuple[Blob, Grade]]:
    """Places that lost fine detail and kept their outlines, as a beautified face does."""
    fading = (blurred(np.clip(maps.loss, -3, 6).astype(np.float32), 3.0) > _FADING) & shown
    seeds = cv2.morphologyEx(fading.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    total = float(shown.sum())
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds)
    for number in range(1, count):
        area = float(stats[number, cv2.CC_STAT_AREA]) / total
        if area < _SMOOTH[0]:
            continue
        region = labels == number
        loss, strength = float(np.median(maps.loss[region])), float(np.quantile(maps.score[region], 0.9))
        likeness, gain, _ = maps.kept(region)
        fine, energy = maps.fine(region)
        least = (loss >= _SMOOTH[1], strength >= _SMOOTH[2], fine <= _SMOOTH[3], energy >= _SMOOTH[4])
        if not all(least) or likeness < _OUTLINED:
            continue
        is_sure = any(area >= most and loss >= lost for most, lost in _SMOOTH_SURELY)
        excess = float(np.quantile(maps.excess[region], 0.9))
        place = Blob(region, area, strength, excess, likeness, gain, by_colour=False, vivid=0.0, alike=likeness)
        yield place, Grade.ALTERED if is_sure else Grade.UNCERTAIN


def _drawn_in(region: Mask, apart: Levels) -> Mask:
    """A region without the rim that the windows of comparison add to it."""
    if not region.any():
        return region
    tight = region & (apart > _RIM * float(np.quantile(apart[region], 0.9)))
    return np.asarray(cv2.morphologyEx(tight.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)) > 0) & region


def _limits(maps: Maps, shown: Mask) -> tuple[float, float]:
    """Strengths from which a region is altered, and from which it is uncertain: higher where all is rough."""
    tail = float(np.quantile(maps.score[shown], 0.8))
    sure = float(np.clip(_SURE[0] + _SURE[1] * tail, *_SURE[2:]))
    return sure, _SUSPECT * sure


def _colours(pair: AlignedPair, shown: Mask) -> tuple[Mask, Mask]:
    """Where colours are not what the grade makes of the reference's, and where they are far from it."""
    if not pair.has_colour[1]:
        return np.zeros_like(shown), np.zeros_like(shown)
    apart = np.hypot(*(blurred(pair.picture[..., one] - pair.reference[..., one], 3.0) for one in (1, 2)))
    if not pair.has_colour[0] and float(np.median(apart[shown])) >= _TINTED:
        # A grey picture that is in colour nearly everywhere. One with a coloured name on it is grey elsewhere.
        return shown.copy(), shown.copy()
    limit = max(_COLOUR, 3.0 * float(np.quantile(apart[shown], 0.85)))
    found = cv2.morphologyEx(((apart > limit) & shown).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    return np.asarray(found), np.asarray(found & (apart > 1.6 * limit))
