"""Where something is, how long and how large, in words. Pure.

Rule: what is unknown is printed as it was given; no figure is made up.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model import Box, Place
from scanner.reports.wording import trim

__all__ = ["join_first", "place", "running_time", "size", "spans"]

_SPANS = 6


def place(at: Place | None) -> str:
    """Frames, timecode range and box in words: `01:00:28:10–01:00:31:02 (frames 682–745) · box 0,12.5 100×75 percent`.

    The out timecode is that of the frame after the last, as in an edit list. The frame numbers are inclusive.
    """
    if at is None:
        return ""
    times = ["–".join(at.labels)] if at.labels else []
    if at.frames:
        shown = spans((first, after - 1) for first, after in at.frames)
        numbers = f"{'frame' if shown.isdigit() else 'frames'} {shown}"
        times.append(f"({numbers})" if times and not at.is_numbered else numbers)
    return trim(" · ".join(filter(None, (" ".join(times), _box(at.box)))), 200)


def _box(box: Box | None) -> str:
    """`full frame` where it is all of the picture, to half a percent."""
    if box is None:
        return ""
    if max(box.x, box.y) <= 0.5 and min(box.w, box.h) >= 99:
        return "full frame"
    return f"box {box.x:g},{box.y:g} {box.w:g}×{box.h:g} percent"


def spans(ranges: Iterable[tuple[int, int]]) -> str:
    """Inclusive ranges: `1001–1006, 1008`."""
    shown = [f"{first}" if first == last else f"{first}–{last}" for first, last in ranges]
    more = f" and {len(shown) - _SPANS} more ranges" if len(shown) > _SPANS else ""
    return ", ".join(shown[:_SPANS]) + more


def join_first(where: Iterable[str], most: int) -> str:
    """Join places, each once: the first `most`, and how many more there are. Empty ones are left out."""
    shown = list(dict.fromkeys(filter(None, where)))
    return ", ".join(shown[:most]) + f" and {len(shown) - most} more" * (len(shown) > most)


def running_time(seconds: float) -> str:
    """`1:02:03`, to the second."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def size(count: int) -> str:
    """`3.1 MB`, decimal, as disks and deliveries are measured."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
