"""What was changed in a library's picture, where an asset shows it. Runs in a sealed worker, for what was recognised.

Law: judged only against references of quality master or scan; else the record says that it was not, and why.
"""

from __future__ import annotations

from typing import Final

from fingerprints.alteration import GRAVE, Alteration, compare
from fingerprints.library import Library
from fingerprints.match import Matcher, PictureMatch, Relation
from fingerprints.model import Reference
from fingerprints.overlays import static_overlay
from fingerprints.programme import Programme
from fingerprints.segments import Segment
from media.still import DETAIL_SIDE, Picture

__all__ = ["altered_in_picture", "altered_in_segment", "relation_of"]

_FRAMES: Final = 5
"""Of a segment, from which captions that stand still are told."""


def altered_in_picture(picture: Picture, found: PictureMatch, reference: Reference, library: Library) -> Alteration:
    """Of a picture that shows a plate of a reference."""
    shown = library.picture(reference, found.ordinal, at_least=DETAIL_SIDE)
    if shown is None:
        return Alteration(judged=False, reason="cannot judge: the library was handed over without its picture")
    return compare(picture, shown, found.matrix, quality=reference.details.quality)


def altered_in_segment(
    programme: Programme, segment: Segment, reference: Reference, library: Library
) -> tuple[Alteration, int]:
    """Of the frame of a segment that shows most of a change, and its number: a move over a still may show it late."""
    frames = {number: programme.frame(number, side=DETAIL_SIDE) for number in _spread(segment)}
    overlay, matcher = static_overlay(list(frames.values())), Matcher(library)
    told = []
    for number, frame in list(frames.items())[:: _FRAMES // 2]:
        found = next((one for one in matcher.match(frame) if one.reference == reference.id), None)
        shown = library.picture(reference, found.ordinal, at_least=DETAIL_SIDE) if found else None
        if found is not None and shown is not None:
            altered = compare(frame, shown, found.matrix, quality=reference.details.quality, overlay=overlay)
            told.append((altered, number))
    unseen = Alteration(judged=False, reason="cannot judge: its frames could not be laid over the reference")
    middle = (unseen, (segment.in_frame + segment.out_frame) // 2)
    return max(told, key=lambda one: (one[0].judged, one[0].relation in GRAVE, one[0].area_percent), default=middle)


def relation_of(found: str, altered: Alteration) -> str:
    """The relation of a match, as records name it, by where it lies and by what was changed in it."""
    told = altered.relation
    if told is None:
        return found
    if told in GRAVE:
        return str(Relation.RECOLOURED if told is Relation.RECOLOURED else Relation.ALTERED)
    return found


def _spread(segment: Segment) -> list[int]:
    """Frames evenly inside a segment."""
    length = segment.out_frame - segment.in_frame
    return [segment.in_frame + length * (2 * number + 1) // (2 * _FRAMES) for number in range(_FRAMES)]
