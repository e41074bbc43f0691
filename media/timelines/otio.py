"""OpenTimelineIO files, read as plain JSON, so that any schema version and any plugin's is accepted.

Source: OpenTimelineIO, "File Format Specification".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from media.encoding import decode_text
from media.errors import Malformed, TooLarge
from media.timelines.event import Event, Said, Title, Words, label, rate_or_none
from media.timelines.window import Window

__all__ = ["otio"]

_MAX_DEPTH = 64
_ZERO = Fraction(0)
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item stands, and how to find it in the file."""

    window: Window | None
    """On the time of what holds it; None where it has no place."""
    at: Fraction | None
    """Where on that time it begins."""
    path: str
    track: str = ""
    depth: int = 0
    is_off: bool = False
    is_variable: bool = False
    """Behind a speed that changes."""


def otio(data: bytes) -> Iterator[Said]:
    """Clips in document order, placed by the lengths of the items before them; one timeline at a time."""
    root = _parsed(data)
    if not isinstance(root, dict):
        raise Malformed("not an OpenTimelineIO object")
    yield from _timelines(root, "", 0)


def _timelines(item: Table, path: str, depth: int) -> Iterator[Said]:
    """A timeline, or those of a collection."""
    if depth > _MAX_DEPTH:
        raise TooLarge(f"collections nested more than {_MAX_DEPTH} deep")
    if _schema(item) == "SerializableCollection":
        for index, child in enumerate(_tables(item.get("children"))):
            yield from _timelines(child, f"{path}children[{index}].", depth + 1)
        return
    if name := _string(item.get("name")):
        yield Title(name, f"{path}name")
    tracks = item.get("tracks")
    top = tracks if isinstance(tracks, dict) else item
    start = item.get("global_start_time")
    window = Window(_seconds(start) or _ZERO, _ZERO)
    where = f"{path}tracks" if top is tracks else path.rstrip(".") or "$"
    yield from _walk(top, _Place(window, _ZERO, where), _rate(start))


def _parsed(data: bytes) -> Any:
    try:
        # OpenTimelineIO writes `Inf` where Python's JSON reads `Infinity`.
        return json.loads(re.sub(r"(?<=[\s:\[,-])Inf(?=[\s,\]}])", "Infinity", decode_text(data)))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not valid JSON: {str(error)[:160]}") from error


def _walk(item: Table, place: _Place, rate: Fraction | None) -> Iterator[Said]:
    if place.depth > _MAX_DEPTH:
        raise TooLarge(f"compositions nested more than {_MAX_DEPTH} deep")
    schema = _schema(item)
    for number, marker in enumerate(_tables(item.get("markers"))):
        said = " ".join(filter(None, (_string(marker.get("name")), _string(marker.get("comment")))))
        if said:
            yield Words("note", said, f"{place.path}.markers[{number}]")
    if item.get("enabled") is False:
        place = replace(place, is_off=True)
    if schema == "Clip":
        event = _event(item, place, rate)
        if event is not None:
            yield event
        return
    inside = _inside(item, place)
    if inside is None:
        return
    numbers: dict[str, int] = {}
    at: Fraction | None = _ZERO
    for index, child in enumerate(_tables(item.get("children"))):
        track = place.track
        if _schema(child) == "Track":
            kind = _string(child.get("kind")).lower() or "track"
            numbers[kind] = numbers.get(kind, 0) + 1
            track = f"{kind} {numbers[kind]}"
        yield from _walk(child, replace(inside, at=at, track=track, path=f"{place.path}.children[{index}]"), rate)
        if schema in ("Track", "Sequence") and at is not None:
            length = _length(child)
            at = None if length is None else at + length


def _inside(item: Table, place: _Place) -> _Place | None:
    """The place of what a composition holds: trimmed to its range, at its speed. None where nothing of it is seen."""
    inside = replace(place, depth=place.depth + 1)
    speed = _speed(item)
    if speed is None:
        return replace(inside, window=None, is_variable=True)
    if place.window is None or place.at is None:
        return replace(inside, window=None)
    start, span = _start(item) or _ZERO, _table(item.get("source_range"))
    window = place.window
    if span:
        seen = window.seen(place.at, _seconds(span.get("duration")))
        if seen is None:
            return None
        window = window.cut(*seen)
    return replace(inside, window=window.moved(start - place.at).retimed(start, start, speed))


def _speed(item: Table) -> Fraction | None:
    """How fast an item's time effects run its source; None where they change, or are not known."""
    speed = Fraction(1)
    for effect in _tables(item.get("effects")):
        schema = _schema(effect)
        scalar = effect.get("time_scalar")
        if effect.get("enabled") is False or schema in ("Effect", "MissingEffect"):
            continue
        if schema == "FreezeFrame":
            speed = _ZERO
        elif schema == "LinearTimeWarp" and isinstance(scalar, (int, float)) and abs(scalar) < 1e6:
            speed *= Fraction(scalar).limit_denominator(100_000)
        elif schema in ("TimeEffect", "LinearTimeWarp"):
            return None
    return speed


def _event(clip: Table, place: _Place, rate: Fraction | None) -> Event | None:
    media = _media(clip)
    span = _table(clip.get("source_range")) or _table(media.get("available_range"))
    first, length = _seconds(span.get("start_time")), _seconds(span.get("duration"))
    rate, source_rate = rate or _rate(span.get("duration")), _rate(span.get("start_time"))
    file = _string(media.get("target_url")) or _sequence_url(media)
    speed = None if place.is_variable else _speed(clip)
    event = Event(
        name=_string(clip.get("name")) or _string(media.get("name")) or file or "(no name)",
        where=place.path,
        file=file,
        reel=_reel(clip, media),
        track=place.track,
        rate=rate,
        is_enabled=not place.is_off,
        speed=speed,
        is_misplaced=bool(_table(clip.get("source_range"))) and (first is None or length is None or length < 0),
    )
    if event.is_misplaced or place.window is None or place.at is None:
        return event if speed is None or speed != 1 else _sourced(event, first, length, source_rate, rate)
    seen = place.window.seen(place.at, length)
    if seen is None:
        return None
    begin, end = seen
    event = replace(event, record_in=label(begin, rate), record_out=label(end, rate))
    if speed is None or first is None:
        return event
    if speed < 0 and speed != -1:  # at which end of its range it begins is nowhere defined
        return event
    window = place.window.moved(first - place.at)
    if speed == -1:  # the same range, from its end
        window = window.retimed(first, first + (length or _ZERO), speed)
    else:
        window = window.retimed(first, first, speed)
    event = replace(event, speed=window.speed)
    ends = [window.inner_at(begin), window.inner_at(end if end is not None else begin)]
    shown = None if end is None else abs(ends[1] - ends[0])
    if window.speed == 0 and source_rate:
        shown = 1 / source_rate
    return _sourced(event, min(ends), shown, source_rate, rate)


def _sourced(
    event: Event, first: Fraction | None, length: Fraction | None, source_rate: Fraction | None, rate: Fraction | None
) -> Event:
    return replace(
        event,
        source_in=label(first, source_rate),
        source_out=label(None if first is None or length is None else first + length, source_rate),
        source_rate=source_rate if source_rate != rate else None,
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
    schema = _schema(item)
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


def _schema(item: Table) -> str:
    return _string(item.get("OTIO_SCHEMA")).partition(".")[0]


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
