"""Judges what was changed in a library's picture where an asset shows it. Runs in a sealed worker, for recognised
material.

Only references of quality master or scan are compared so; otherwise the record states that they were not, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from fingerprints.library.library import Library
from fingerprints.model import Reference
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment
from fingerprints.stills.alteration import GRAVE, JUDGED, Alteration, compare
from fingerprints.stills.geometry import Matrix
from fingerprints.stills.graphics.overlays import static_overlay
from fingerprints.stills.marks import shows_mark_of
from fingerprints.stills.match import Matcher
from fingerprints.stills.placing import PictureMatch
from fingerprints.vocabulary import Grade, Quality, Relation
from media.still import DETAIL_SIDE, Picture
from scanner.model import Comparison

__all__ = ["OR_ANOTHER_RECORDING", "altered_in_picture", "altered_in_segment", "comparison_of", "doubted_in_picture",
           "gravity", "is_equal", "judge_frames", "relation_of", "shows_watermark",
           "shows_watermark_in_segment"]  # fmt: skip

_FRAMES: Final = 5
"""Of a segment, from which captions that stand still are found."""
_DOUBTED: Final = (
    "parts of it are displaced: an altered copy, or another photograph of the same place; compare it with the reference"
    " by eye"
)
OR_ANOTHER_RECORDING: Final = Comparison(
    judged=True,
    grade=Grade.UNCERTAIN,
    reason="the camera stands still and nothing that moves shows the same moment: this clip, or another recording of"
    " the same view; compare the two by eye",
)
"""Of a clip that looks like its reference, where nothing distinguishes the two recordings."""
_UNSEEN: Final = Alteration(judged=False, reason="cannot judge: its frames could not be laid over the reference")


def altered_in_picture(picture: Picture, found: PictureMatch, shown: Picture | None, quality: Quality) -> Alteration:
    """Judge a picture that shows a key image of a reference; `shown` is that key image's picture, of this quality."""
    if shown is None:
        return Alteration(judged=False, reason="cannot judge: the library was exported without its picture")
    seen = np.asarray(255 - picture, np.uint8) if found.negative else picture
    return compare(seen, shown, found.matrix, quality=quality)


def doubted_in_picture(
    picture: Picture, found: PictureMatch, shown: Picture | None, quality: Quality
) -> Alteration | None:
    """The judgement of a match of which nobody but a person can tell: it never states what was altered.

    None where the two cannot be compared: then nothing indicates a copy.
    """
    altered = altered_in_picture(picture, found, shown, quality if quality in JUDGED else Quality.MASTER)
    return _doubted(altered, quality) if altered.judged else None


def _doubted(altered: Alteration, quality: Quality) -> Alteration:
    """Uncertain, whatever differs; beside a preview no difference says anything."""
    if not altered.judged or quality not in JUDGED:
        return Alteration(judged=True, reason=_DOUBTED, grade=Grade.UNCERTAIN)
    harmless = tuple(relation for relation in altered.relations if relation not in GRAVE)
    return replace(altered, grade=Grade.UNCERTAIN, reason=_DOUBTED, relations=harmless)


def is_equal(picture: Picture, shown: Picture | None) -> bool:
    """Whether a picture holds exactly the pixels of the key image that it shows."""
    return shown is not None and picture.shape == shown.shape and bool((picture == shown).all())


def shows_watermark(picture: Picture, found: PictureMatch, shown: Picture | None) -> bool:
    """Whether a picture shows a watermarked preview with its mark, wherever it is: a clean master differs there."""
    return shown is not None and shows_mark_of(picture, shown, found.matrix)


def shows_watermark_in_segment(programme: Programme, segment: Segment, reference: Reference, library: Library) -> bool:
    """Whether the middle frame of a segment shows a watermarked preview with its mark."""
    if reference.details.quality is not Quality.WATERMARKED:
        return False
    frame = programme.frame((segment.in_frame + segment.out_frame) // 2, side=DETAIL_SIDE)
    found = next((one for one in Matcher(library).match(frame) if one.reference == reference.id), None)
    if found is None:
        return False
    return shows_watermark(frame, found, library.picture(reference, found.ordinal, at_least=DETAIL_SIDE))


def altered_in_segment(
    programme: Programme, segment: Segment, reference: Reference, library: Library
) -> tuple[Alteration, int]:
    """Of the frame of a segment that shows most of a change, and its number: a move over a still may show it late.

    Of a doubtful segment, and where every frame that was compared is doubtful, it is *uncertain*.
    """
    frames = {number: programme.frame(number, side=DETAIL_SIDE) for number in _spread(segment)}
    matcher, quality = Matcher(library), reference.details.quality
    sure: list[bool] = []

    def find(frame: Picture) -> tuple[Matrix, Picture] | None:
        every = matcher.match(frame, with_doubtful=True)
        found = next((one for one in every if one.reference == reference.id), None)
        shown = library.picture(reference, found.ordinal, at_least=DETAIL_SIDE) if found else None
        if found is None or shown is None:
            return None
        sure.append(not found.is_doubtful)
        return found.matrix, shown

    is_asked = segment.is_doubtful and quality not in JUDGED
    altered, number = judge_frames(frames, find, Quality.MASTER if is_asked else quality)
    if segment.is_doubtful or (sure and not any(sure)):
        return _doubted(altered, quality), number
    return altered, number


def judge_frames(
    frames: Mapping[int, Picture], find: Callable[[Picture], tuple[Matrix, Picture] | None], quality: Quality
) -> tuple[Alteration, int]:
    """The gravest judgement of a shot's frames, and the number of its frame.

    `find` locates the reference in a frame: the homography (fractions of the reference to fractions of the frame) and
    its picture. What only one of several frames shows may be a transition: it is *uncertain*.
    """
    numbers = list(frames)
    asked = numbers[:: max(1, len(numbers) // 2)]
    placed = {number: found for number in asked if (found := find(frames[number])) is not None}
    overlay = static_overlay(
        list(frames.values()), [(frames[number], matrix) for number, (matrix, _) in placed.items()]
    )
    judged = [
        (compare(frames[number], shown, matrix, quality=quality, overlay=overlay), number)
        for number, (matrix, shown) in placed.items()
    ]
    if not judged:
        return _UNSEEN, numbers[len(numbers) // 2]
    worst, number = max(judged, key=lambda one: (one[0].judged, gravity(one[0].grade), one[0].area_percent))
    others = [one for one, other in judged if other != number and one.judged]
    if worst.grade is Grade.ALTERED and others and all(one.grade is Grade.NONE for one in others):
        worst = replace(worst, grade=Grade.UNCERTAIN)
    return worst, number


def gravity(grade: Grade | None) -> int:
    """How strict a grade is: the higher, the stricter."""
    return [None, Grade.NONE, Grade.UNCERTAIN, Grade.ALTERED].index(grade)


def comparison_of(altered: Alteration, *, frame: int | None = None) -> Comparison:
    """An alteration as a record keeps it, with the frame of a programme that was compared."""
    if not altered.judged:
        return Comparison(judged=False, reason=altered.reason, frame=frame)
    return Comparison(
        judged=True, reason=altered.reason, grade=altered.grade, relations=altered.relations,
        area_percent=altered.area_percent, regions=altered.regions, graphics_percent=altered.graphics_percent,
        frame=frame,
    )  # fmt: skip


def relation_of(found: Relation, altered: Alteration) -> Relation:
    """The relation of a match, as records name it, by its place and by what was changed in it."""
    worst = altered.relation
    if worst is None:
        return found
    if altered.grade is Grade.ALTERED and worst in GRAVE:
        return worst
    if found in (Relation.EXACT, Relation.NEAR):
        kept = [one for one in altered.relations if one in _IN_PLACE]
        return kept[-1] if kept else Relation.NEAR
    return found


_IN_PLACE: Final = (Relation.EXACT, Relation.NEAR, Relation.GRADED, Relation.ENHANCED)


def _spread(segment: Segment) -> list[int]:
    """Frames evenly inside a segment."""
    length = segment.out_frame - segment.in_frame
    return [segment.in_frame + length * (2 * number + 1) // (2 * _FRAMES) for number in range(_FRAMES)]
