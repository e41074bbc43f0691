"""OpenTimelineIO files: plain JSON, read as such, so that any schema version and any plugin's will do.

Source: OpenTimelineIO, "File Format Specification".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media.encoding import decode_text
from media.errors import Malformed, TooLarge
from media.timelines.event import Event, Said, Title, Words, label, rate_or_none

__all__ = ["otio"]

_MAX_DEPTH = 64
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item stands: its time on the record side, its track, and how to find it in the file."""

    at: Fraction | None
    track: str
    path: str
    depth: int


def otio(data: bytes) -> Iterator[Said]:
    """Clips in document order, placed by the lengths of what comes before them."""
    root = _parsed(data)
    if not isinstance(root, dict):
        raise Malformed("not an OpenTimelineIO object")
    if name := _string(root.get("name")):
        yield Title(name, "name")
    start = _seconds(root.get("global_start_time")) or Fraction(0)
    rate = _rate(root.get("global_start_time"))
    tracks = root.get("tracks")
    top = tracks if isinstance(tracks, dict) else root
    yield from _walk(top, _Place(start, "", "tracks" if top is tracks else "$", 0), rate)


def _parsed(data: bytes) -> Any:
    try:
        # OpenTimelineIO writes `Inf` where Python's JSON reads `Infinity`.
        return json.loads(re.sub(r"(?<=[\s:\[,-])Inf(?=[\s,\]}])", "Infinity", decode_text(data)))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not sound JSON: {str(error)[:160]}") from error


def _walk(item: Table, place: _Place, rate: Fraction | None) -> Iterator[Said]:
    if place.depth > _MAX_DEPTH:
        raise TooLarge(f"compositions nested more than {_MAX_DEPTH} deep")
    schema = _string(item.get("OTIO_SCHEMA")).partition(".")[0]
    for number, marker in enumerate(_tables(item.get("markers"))):
        said = " ".join(filter(None, (_string(marker.get("name")), _string(marker.get("comment")))))
        if said:
            yield Words("note", said, f"{place.path}.markers[{number}]")
    if schema == "Clip":
        yield _event(item, place, rate)
        return
    at = place.at
    if at is not None and (trim := _start(item)) is not None:
        at -= trim
    numbers: dict[str, int] = {}
    for index, child in enumerate(_tables(item.get("children"))):
        track = place.track
        if _string(child.get("OTIO_SCHEMA")).startswith("Track"):
            kind = _string(child.get("kind")).lower() or "track"
            numbers[kind] = numbers.get(kind, 0) + 1
            track = f"{kind} {numbers[kind]}"
        yield from _walk(child, _Place(at, track, f"{place.path}.children[{index}]", place.depth + 1), rate)
        if schema in ("Track", "Sequence", "SerializableCollection") and at is not None:
            length = _length(child)
            at = None if length is None else at + length


def _event(clip: Table, place: _Place, rate: Fraction | None) -> Event:
    media = _media(clip)
    span = _table(clip.get("source_range")) or _table(media.get("available_range"))
    first, length = _seconds(span.get("start_time")), _seconds(span.get("duration"))
    rate = rate or _rate(span.get("duration"))
    file = _string(media.get("target_url")) or _sequence_url(media)
    return Event(
        name=_string(clip.get("name")) or _string(media.get("name")) or file or "(no name)",
        where=place.path,
        file=file,
        reel=_reel(clip, media),
        track=place.track,
        record_in=label(place.at, rate),
        record_out=label(None if place.at is None or length is None else place.at + length, rate),
        source_in=label(first, _rate(span.get("start_time"))),
        source_out=label(None if first is None or length is None else first + length, _rate(span.get("start_time"))),
        rate=str(rate or ""),
        is_misplaced=bool(_table(clip.get("source_range"))) and (first is None or length is None or length < 0),
    )


def _media(clip: Table) -> Table:
    """Clip.1 has one reference, Clip.2 several under keys, one of them active."""
    several = _table(clip.get("media_references"))
    active = _string(clip.get("active_media_reference_key")) or "DEFAULT_MEDIA"
    return _table(several.get(active)) or _table(clip.get("media_reference"))


def _sequence_url(media: Table) -> str:
    base, prefix = _string(media.get("target_url_base")), _string(media.get("name_prefix"))
    padding = media.get("frame_zero_padding")
    if not prefix:
        return ""
    width = padding if isinstance(padding, int) and 0 < padding < 20 else 0
    return f"{base}{prefix}%0{width}d{_string(media.get('name_suffix'))}"


def _reel(clip: Table, media: Table) -> str:
    """Where adapters keep the reel: metadata of the clip or of its medium."""
    for holder in (clip, media):
        for said in _table(holder.get("metadata")).values():
            if isinstance(said, dict) and (reel := _string(said.get("reel"))):
                return reel
    return ""


def _length(item: Table, depth: int = 0) -> Fraction | None:
    schema = _string(item.get("OTIO_SCHEMA")).partition(".")[0]
    if schema == "Transition":
        return Fraction(0)
    if span := _table(item.get("source_range")):
        return _seconds(span.get("duration"))
    if schema in ("Stack", "Track", "Sequence") and depth < 4:
        lengths = [_length(child, depth + 1) for child in _tables(item.get("children"))]
        known = [length for length in lengths if length is not None]
        if len(known) < len(lengths):
            return None
        return max(known, default=Fraction(0)) if schema == "Stack" else sum(known, Fraction(0))
    return _seconds(_table(_media(item).get("available_range")).get("duration"))


def _start(item: Table) -> Fraction | None:
    return _seconds(_table(item.get("source_range")).get("start_time"))


def _seconds(time: Any) -> Fraction | None:
    said = _table(time)
    rate, value = _rate(said), said.get("value")
    if rate is None or isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e15:
        return None
    return Fraction(value) / rate if value == value else None  # noqa: PLR0124 - NaN is not itself


def _rate(time: Any) -> Fraction | None:
    said = _table(time).get("rate")
    return rate_or_none(said) if isinstance(said, (int, float)) else None


def _table(value: Any) -> Table:
    return value if isinstance(value, dict) else {}


def _tables(value: Any) -> list[Table]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
