"""The picture that shows a finding, a match or a file, with its caption and what to outline in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scanner.clock import clock
from scanner.match_ids import match_id
from scanner.model import Box, Kind, Match, Record, Sense
from scanner.reports.pictures.pictures import (
    does_not_pass,
    frame_name,
    match_frame,
    pair_name,
    picture_name,
    shown_frames,
    thumbnail_frame,
    wants_pair,
    wants_picture,
)
from scanner.reports.wording import trim

__all__ = ["Illustration", "PictureKind", "illustrations_of", "thumbnail_of"]

_NAME = 120


class PictureKind(StrEnum):
    """What a picture shows."""

    FILE = "file"
    """The whole picture, or a frame of a programme without a place."""
    FRAME = "frame"
    PAIR = "pair"
    """A picture beside the reference."""
    WAVEFORM = "waveform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustration:
    """One picture of the run."""

    name: str
    """Its name in `pictures/`."""
    kind: PictureKind
    caption: str
    alt: str
    """The text for people who do not see it."""
    outlines: tuple[Box, ...] = ()
    """Where the finding is in the picture."""


def thumbnail_of(record: Record, found: Mapping[str, Illustration]) -> Illustration | None:
    """The thumbnail of a file; None where no picture of it is wanted, or its findings have pictures of their own, which
    are `found`."""
    if found or not wants_picture(record):
        return None
    boxes = (one.at.box for one in record.findings if one.at)
    frame = thumbnail_frame(record)
    words = f"Frame {frame} of the file" if frame is not None else "The file"
    return Illustration(
        name=picture_name(record), kind=PictureKind.FILE, caption="", alt=words, outlines=tuple(filter(None, boxes))
    )


def illustrations_of(record: Record) -> Mapping[str, Illustration]:
    """Finding or match → its picture, for those that have one of their own."""
    if not does_not_pass(record):
        return {}
    found: dict[str, Illustration] = {}
    if wants_picture(record):
        found.update(_frames(record))
    found.update({match_id(match): _pair(record, match) for match in wants_pair(record)})
    return found


def _frames(record: Record) -> Mapping[str, Illustration]:
    """Frames of a programme, each once: a second finding at the same frame refers to nothing of its own."""
    found: dict[str, Illustration] = {}
    seen: set[int] = set()
    first, shown = thumbnail_frame(record), shown_frames(record)
    for finding in record.findings:
        frame = shown.get(finding.id)
        if frame is None or frame in seen:
            continue
        seen.add(frame)
        at = _at(record, frame)
        boxes = (it.at.box for it in record.findings if it.at and shown.get(it.id) == frame)
        found[finding.id] = Illustration(
            name=picture_name(record) if frame == first else frame_name(record, frame),
            kind=PictureKind.FRAME,
            caption=at,
            alt=f"This file at {at}",
            outlines=tuple(filter(None, boxes)),
        )
    return found


def _pair(record: Record, match: Match) -> Illustration:
    reference = trim(match.reference, _NAME)
    facts = match.facts
    is_part = facts.reference_in is not None and facts.reference_out is not None
    times = f", {facts.reference_in:.3f}–{facts.reference_out:.3f} s" if is_part else ""
    if facts.sense == Sense.SOUND:
        words = f"The sound of this file; the matching part is marked. Below: {reference}{trim(times, 60)}."
        return Illustration(name=pair_name(record, match), kind=PictureKind.WAVEFORM, caption=words, alt=words)
    frame = match_frame(record, match)
    at = f" at {_at(record, frame)}" if frame is not None and record.examination.asset.kind is not Kind.AUDIO else ""
    words = f"Left: this file{at}. Right: {reference}{trim(times, 60)}, aligned with it."
    if match.alteration and match.alteration.regions:
        words += " Yellow: what differs from the reference."
    return Illustration(name=pair_name(record, match), kind=PictureKind.PAIR, caption=words, alt=words)


def _at(record: Record, frame: int) -> str:
    """`01:00:28:10 (frame 682)`."""
    origin = clock(record.examination)
    return f"{origin + frame} (frame {frame})" if origin else f"frame {frame}"
