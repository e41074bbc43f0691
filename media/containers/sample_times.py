"""When the pictures of an ISO or QuickTime movie are shown, as its sample tables state (ISO/IEC 14496-12 §8.6)."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from media.containers.edits import edits_of, list_tracks, movie_parts, read_box, times_of
from media.containers.part import Part
from media.errors import MediaError

__all__ = ["picture_times"]

_MAX_SAMPLES = 2_000_000
_TABLE: Final = "mdia/minf/stbl/"


def picture_times(file: BinaryIO, size: int) -> NDArray[np.float64] | None:
    """Seconds after the first picture at which each one is shown, ascending, of the first track of pictures.

    None where the tables do not state it, where two pictures share a time, where fragments follow, or where an edit
    list hides, repeats or retimes a picture.
    """
    try:
        parts = movie_parts(file, size)
        if not parts:
            return None
        scale, _ = times_of(file, next(part for part in parts if part.name == "mvhd"))
        track = next(one for one in list_tracks(parts) if read_box(file, one["mdia/hdlr"], 12)[8:12] == b"vide")
        return _shown(file, track, scale)
    except (MediaError, StopIteration, KeyError, struct.error, IndexError, ValueError, ZeroDivisionError):
        return None


def _shown(file: BinaryIO, track: dict[str, Part], scale: int) -> NDArray[np.float64] | None:
    own, _ = times_of(file, track["mdia/mdhd"])
    lasts = _runs(file, track[_TABLE + "stts"], ">u4")
    begins = np.cumsum(lasts) - lasts
    if (late := track.get(_TABLE + "ctts")) is not None:
        begins = begins + _runs(file, late, ">i4")
    ticks = np.sort(begins)
    if not len(ticks) or (np.diff(ticks) <= 0).any():
        return None
    end = int(ticks[-1]) + int(lasts[-1])
    edits = edits_of(file, track["edts"]) if "edts" in track else []
    shown = [(length / scale, begin, rate) for length, begin, rate in edits if begin >= 0]
    if len(shown) > 1:
        return None
    for seconds, begin, rate in shown:
        is_cut = seconds and seconds < (end - int(ticks[0]) - int(lasts[-1]) / 2) / own
        if rate != 1 or begin > ticks[0] or is_cut:
            return None
    return np.asarray((ticks - ticks[0]) / own, np.float64)


def _runs(file: BinaryIO, box: Part, kind: str) -> NDArray[np.int64]:
    """The value of each sample, from runs of a count and a value."""
    count = int.from_bytes(read_box(file, box, 8)[4:8])
    if count * 8 > box.size - 8:
        raise ValueError("it promises more entries than it holds")
    body: NDArray[Any] = np.frombuffer(read_box(file, box, 8 + count * 8)[8:], [("n", ">u4"), ("of", kind)])
    lengths = body["n"].astype(np.int64)
    if int(lengths.sum()) > _MAX_SAMPLES:
        raise ValueError("it has too many samples")
    return np.repeat(body["of"].astype(np.int64), lengths)
