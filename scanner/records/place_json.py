"""A `Place` as the JSON values of a record, and back.

`at`: `frames` are pairs of first and last, by the numbers in a sequence's file names; `in_frame` and `out_frame`, `in`
and `out` are the first frame and the one after the last. `region` is a box in percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from media.place import Box, Place, checked_box
from media.timecode import is_label, rate_of

__all__ = ["at_json", "box_json", "read_box", "read_place"]


def at_json(place: Place | None) -> dict[str, Any] | None:
    """When it is, as JSON values; None where it holds for all frames."""
    if place is None:
        return None
    stated: dict[str, Any] = dict(zip(("in", "out"), place.labels, strict=True)) if place.labels else {}
    if place.is_numbered:
        stated["frames"] = [[first, after - 1] for first, after in place.frames]
    elif place.frames:
        stated |= {"in_frame": place.frames[0][0], "out_frame": place.frames[0][1]}
    return ({**stated, "rate": place.rate} if place.rate else stated) or None


def box_json(box: Box) -> dict[str, float]:
    """The four numbers of a box, by name."""
    return {"x": box.x, "y": box.y, "w": box.w, "h": box.h}


def read_place(at: Mapping[str, Any] | None, region: Mapping[str, Any] | None = None) -> Place | None:
    """Read `at` and `region` of schema 1. A value of another program that is not a place is left out, as are unknown
    words."""
    at = at or {}
    frames, is_numbered = _frames(at)
    place = Place(
        frames=frames, is_numbered=is_numbered, rate=_rate(at), labels=_labels(at), box=read_box(region or at)
    )
    return place if place.frames or place.labels or place.box else None


def read_box(region: Any) -> Box | None:
    """A box in percent; None for anything else."""
    if not isinstance(region, Mapping) or region.get("unit", "percent") != "percent":
        return None
    try:
        return checked_box(Box(*(float(region[name]) for name in "xywh")))
    except (KeyError, TypeError, ValueError):
        return None


def _frames(at: Mapping[str, Any]) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Half-open spans, and whether they are numbers of files; none where the rate that they are counted at is none."""
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
    labels = (at.get("in"), at.get("out", at.get("in")))
    into, out = labels
    return (into, out) if isinstance(into, str) and isinstance(out, str) and is_label(into) and is_label(out) else None


def _rate(at: Mapping[str, Any]) -> str:
    rate = at.get("rate", "")
    try:
        return rate if isinstance(rate, str) and rate and rate_of(rate) else ""
    except ValueError:
        return ""
