"""The duration of picture and sound after the edit lists of an ISO or QuickTime movie (ISO/IEC 14496-12 §8.6.6)."""

from __future__ import annotations

import struct
from itertools import islice
from typing import BinaryIO

from media.containers import bmff
from media.containers.boxes import boxes
from media.containers.part import Part
from media.errors import MediaError

__all__ = ["edited_seconds", "edits_of", "list_tracks", "movie_parts", "read_box", "times_of"]

_SHOWN = frozenset({b"vide", b"soun"})
_MAX_BOXES, _MAX_PARTS, _MAX_EDITS = 4096, 20_000, 100_000


def edited_seconds(file: BinaryIO, size: int) -> float | None:
    """From the first start to the last end of the tracks of picture and sound; None where the header does not state it,
    where fragments follow, or where an edit has a speed other than 1."""
    try:
        parts = movie_parts(file, size)
        if not parts:
            return None
        scale, _ = times_of(file, next(part for part in parts if part.name == "mvhd"))
        spans = [_span(file, track, scale) for track in list_tracks(parts) if _is_shown(file, track)]
    except (MediaError, StopIteration, struct.error, IndexError, ZeroDivisionError):
        return None
    known = [span for span in spans if span is not None]
    if not known or len(known) < len(spans):
        return None
    return max(end for _, end in known) - min(begin for begin, _ in known)


def movie_parts(file: BinaryIO, size: int) -> list[Part]:
    """The boxes of the movie header; none without a header, or where fragments follow. Raises `MediaError`."""
    movie = next((box for box in islice(boxes(file, 0, size), _MAX_BOXES) if box.code == "moov"), None)
    parts = list(islice(bmff.walk_between(file, movie.offset, movie.end), _MAX_PARTS)) if movie is not None else []
    return [] if any(part.name.startswith("mvex") for part in parts) else parts


def list_tracks(parts: list[Part]) -> list[dict[str, Part]]:
    """The boxes of each track by their path in it."""
    tracks: list[dict[str, Part]] = []
    for part in parts:
        if part.name == "trak":
            tracks.append({})
        elif tracks and part.name.startswith("trak/"):
            tracks[-1].setdefault(part.name.removeprefix("trak/"), part)
    return tracks


def _is_shown(file: BinaryIO, track: dict[str, Part]) -> bool:
    handler = track.get("mdia/hdlr")
    return handler is not None and read_box(file, handler, 12)[8:12] in _SHOWN


def _span(file: BinaryIO, track: dict[str, Part], scale: int) -> tuple[float, float] | None:
    """Begin and end of one track on the movie's clock; None where they cannot be known."""
    header = track.get("mdia/mdhd")
    own, length = times_of(file, header) if header is not None else (0, 0)
    if not own or not length:
        return None
    edits = edits_of(file, track["edts"]) if "edts" in track else []
    if any(begin >= 0 and rate != 1 for _, begin, rate in edits):
        return None  # a held or retimed edit, which FFmpeg decodes at its own speed
    first, end = 0.0, 0.0
    for lasts, begin, _ in edits or [(0, 0, 1.0)]:
        if begin < 0:
            first += lasts / scale if first == end else 0.0
            end += lasts / scale
        else:  # composition may begin late: the media's length counts from the begin that is named
            end += min(lasts / scale, length / own) if lasts else length / own
    return (first, end) if end > first else None


def edits_of(file: BinaryIO, holder: Part) -> list[tuple[int, int, float]]:
    """Duration on the movie's clock, begin on the media's (-1: nothing is shown), rate."""
    found = next((box for box in boxes(file, holder.offset, holder.offset + holder.size) if box.code == "elst"), None)
    if found is None:
        return []
    part = Part("elst", found.offset, found.size)
    head = read_box(file, part, 8)
    form = ">Qqi" if head[0] == 1 else ">Iii"
    count = min(int.from_bytes(head[4:8]), _MAX_EDITS, (part.size - 8) // struct.calcsize(form))
    body = read_box(file, part, 8 + count * struct.calcsize(form))[8:]
    return [(lasts, begin, rate / 65536) for lasts, begin, rate in struct.iter_unpack(form, body)]


def times_of(file: BinaryIO, part: Part) -> tuple[int, int]:
    """Units a second and length of a movie or media header."""
    body = read_box(file, part, 32)
    scale, length = struct.unpack_from(">IQ", body, 20) if body[0] == 1 else struct.unpack_from(">II", body, 12)
    return scale, length


def read_box(file: BinaryIO, part: Part, size: int) -> bytes:
    """The first bytes of a box, `size` at most."""
    file.seek(part.offset)
    return file.read(min(size, part.size))
