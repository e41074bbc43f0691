"""Values of schema 1, read as records have them now. There facts were texts, and lists had lines.

What another program wrote there and is no place, number or word is left out, as it was not understood before either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, TypeVar

from media.place import Box, Place, checked_box
from media.timecode import is_label, rate_of
from scanner.model import (
    Claim,
    Comparison,
    CutFacts,
    Grade,
    LineUp,
    MatchFacts,
    Measure,
    Quality,
    Relation,
    Says,
    Sense,
)

__all__ = ["read_comparison", "read_facts", "read_place"]

T = TypeVar("T")
_TEXTS: Final = (
    "library", "digest", "title", "source", "licence", "ai_terms", "valid_until", "uses", "territory", "written",
)  # fmt: skip
_CUT: Final = {
    "timeline_event": "event", "source_clip": "clip", "source_reel": "reel", "source_in": "source_in",
    "source_out": "source_out",
}  # fmt: skip


def read_facts(stated: Mapping[str, str]) -> MatchFacts:
    """Read the facts of a match. A value of another type is left out, as are unknown names."""
    return MatchFacts(
        **{name: stated.get(name, "") for name in _TEXTS},
        quality=_word(Quality, stated.get("quality")),
        copies=tuple(stated.get("copies", "").splitlines()),
        claim=_read(Claim, stated.get("claim")),
        shows_watermark=stated.get("watermark") == "seen",
        is_negative=stated.get("negative") == "seen",
        sense=_word(Sense, stated.get("sense")),
        measure=_word(Measure, stated.get("by")),
        reference_in=_read(_finite, stated.get("reference_in")),
        reference_out=_read(_finite, stated.get("reference_out")),
        speed=_read(_finite, stated.get("speed")) or 1.0,
        pitch=_read(_finite, stated.get("pitch")) or 1.0,
        line_up=_word(LineUp, stated.get("line_up")) or LineUp.NO,
        cut=_read_cut(stated),
    )


def _read_cut(stated: Mapping[str, str]) -> CutFacts | None:
    says = _read(Says, stated.get("timeline_says"))
    if says is None or "timeline" not in stated:
        return None
    known: dict[str, Any] = {field: stated[name] for name, field in _CUT.items() if name in stated}
    return CutFacts(timeline=stated["timeline"], says=says, **known)


def _word(vocabulary: Callable[[str], T], text: str | None) -> T | None:
    return vocabulary(text) if text else None


def _read(kind: Callable[[str], T], text: str | None) -> T | None:
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def read_comparison(stated: Mapping[str, Any] | None) -> Comparison | None:
    """The comparison again; None where there was none."""
    if not stated:
        return None
    regions, relations = stated.get("regions"), stated.get("relations")
    grade, reason, frame = stated.get("grade"), stated.get("reason"), stated.get("frame")
    return Comparison(
        judged=bool(stated.get("judged")),
        reason=reason if isinstance(reason, str) else "",
        grade=Grade(grade) if isinstance(grade, str) else None,
        relations=tuple(Relation(str(one)) for one in relations) if isinstance(relations, list) else (),
        area_percent=_number(stated.get("area_percent")),
        regions=tuple(filter(None, map(_read_box, regions))) if isinstance(regions, list | tuple) else (),
        graphics_percent=_number(stated.get("graphics_percent")) or 0.0,
        frame=frame if isinstance(frame, int) else None,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


# Places


def read_place(at: Mapping[str, Any] | None, region: Mapping[str, Any] | None = None) -> Place | None:
    """What `at` and `region` of schema 1 state. What another program wrote and is no place is left out, as are words
    that provscan does not know."""
    at = at or {}
    frames, is_numbered = _frames(at)
    place = Place(
        frames=frames, is_numbered=is_numbered, rate=_rate(at), labels=_labels(at), box=_read_box(region or at)
    )
    return place if place.frames or place.labels or place.box else None


def _read_box(region: Any) -> Box | None:
    """A box in percent; None for anything else."""
    if not isinstance(region, Mapping) or region.get("unit", "percent") != "percent":
        return None
    try:
        return checked_box(Box(*(float(region[name]) for name in "xywh")))
    except (KeyError, TypeError, ValueError):
        return None


def _frames(at: Mapping[str, Any]) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Half-open spans, and whether they are numbers of files; no spans where the stated rate is not a rate."""
    is_numbered = "frames" in at
    if "rate" in at and not _rate(at):
        return (), False
    try:
        if is_numbered:
            pairs = [(int(first), int(last) + 1) for first, last in at["frames"]]
        elif "in_frame" in at:
            first = int(at["in_frame"])
            pairs = [(first, int(at.get("out_frame", first + 1)))]
        else:
            return (), False
        spans = tuple((first, max(after, first + 1)) for first, after in pairs)
        Place(frames=spans)
    except (TypeError, ValueError, OverflowError):
        return (), False
    return spans, is_numbered and bool(spans)


def _labels(at: Mapping[str, Any]) -> tuple[str, str] | None:
    into, out = at.get("in"), at.get("out", at.get("in"))
    return (into, out) if isinstance(into, str) and isinstance(out, str) and is_label(into) and is_label(out) else None


def _rate(at: Mapping[str, Any]) -> str:
    rate = at.get("rate", "")
    try:
        return rate if isinstance(rate, str) and rate and rate_of(rate) else ""
    except ValueError:
        return ""
