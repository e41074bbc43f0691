"""A `Place` as the JSON values of a record.

`at`: `frames` are pairs of first and last, by the numbers in a sequence's file names; `in_frame` and `out_frame`, `in`
and `out` are the first frame and the one after the last. `region` is a box in percent.
"""

from __future__ import annotations

from typing import Any

from media.place import Box, Place

__all__ = ["at_json", "box_json"]


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
