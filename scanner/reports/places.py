"""Where something is and how large, in words. Pure.

Law: what is unknown is said as it was given; no figure is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.reports.wording import trim

__all__ = ["place", "size", "spans"]

_SPANS = 6


def place(at: Mapping[str, Any] | None) -> str:
    """Frames, timecode range or box in words: `01:00:28:10–01:00:31:02 (frames 682–745)`.

    The out label is an edit list's: the frame after the last. Frame numbers are those that are in it.
    """
    if not at:
        return ""
    rest = dict(at)
    words: list[str] = []
    if "in" in rest:
        words.append(f"{rest.pop('in')}–{rest.pop('out', '?')}")
    if "in_frame" in rest:
        told = _frames(rest.pop("in_frame"), rest.pop("out_frame", "?"))
        words.append(f"({told})" if words else told)
    if "frames" in rest:
        told = spans(rest.pop("frames"))
        words.append(f"{'frame' if told.isdigit() else 'frames'} {told}")
    if {"x", "y", "w", "h"} <= rest.keys():
        x, y, w, h = (rest.pop(name) for name in "xywh")
        words.append(f"box {x},{y} {w}×{h} {rest.pop('unit', '')}".rstrip())
    rest.pop("rate", None)
    words.extend(f"{name} {value}" for name, value in rest.items())
    return trim(" ".join(words), 200)


def _frames(first: Any, after: Any) -> str:
    if not (isinstance(first, int) and isinstance(after, int)):
        return f"frames {first}–{after}"
    return f"frame {first}" if after <= first + 1 else f"frames {first}–{after - 1}"


def spans(ranges: Any) -> str:
    """Inclusive ranges: `1001–1006, 1008`."""
    try:
        shown = [f"{first}" if first == last else f"{first}–{last}" for first, last in ranges]
    except (TypeError, ValueError):  # another provscan's record may say it otherwise
        return str(ranges)
    more = f" and {len(shown) - _SPANS} more ranges" if len(shown) > _SPANS else ""
    return ", ".join(shown[:_SPANS]) + more


def size(count: int) -> str:
    """`3.1 MB`, decimal as disks and deliveries are counted."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.95 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
