"""Final Cut Pro 7 XML (`xmeml` 1–5), as Premiere, Resolve and Hiero write it. Streamed.

Source: Apple, "Final Cut Pro XML Interchange Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

from media import safe_xml
from media.errors import MediaError
from media.safe_xml import Element, child, local, text, where
from media.timecode import Timecode
from media.timelines.event import MAX_EVENTS, Event, Said, Title, Words

__all__ = ["xmeml"]

_WANTED = frozenset({"clipitem", "sequence", "marker"})


@dataclass(frozen=True, slots=True)
class _File:
    """A `<file>`: told in full once, later by its id."""

    name: str
    path: str
    reel: str
    start: int | None
    """First frame's number, from its timecode."""
    rate: Fraction | None


@dataclass(frozen=True, slots=True)
class _Clip:
    """An event whose record positions still wait for its sequence's start timecode."""

    event: Event
    start: int | None
    end: int | None


def xmeml(file: BinaryIO) -> Iterator[Said]:
    """Clip items in document order, a sequence at a time."""
    files: dict[str, _File] = {}
    waiting: dict[int, list[_Clip]] = {}
    fault: MediaError | None = None
    try:
        for kind, element in safe_xml.events(file):
            name = local(element)
            if kind != "end" or name not in _WANTED:
                continue
            if name == "marker":
                yield from _marker(element)
            elif name == "clipitem":
                _learn(element, files)
                # A clip in a browser item or a nested clip has no sequence: it is told without positions.
                home = next((id(above) for above in element.iterancestors() if local(above) == "sequence"), 0)
                waiting.setdefault(home, []).append(_clip(element, files))
            else:
                yield from _sequence(element, waiting.pop(id(element), []))
            element.clear()
    except MediaError as error:
        fault = error
    for clips in waiting.values():
        yield from (clip.event for clip in clips)
    if fault is not None:
        raise fault


def _learn(clip: Element, files: dict[str, _File]) -> None:
    for item in clip.iterchildren():
        if local(item) != "file":
            continue
        key = str(item.get("id", ""))
        if len(item) and key not in files and len(files) < MAX_EVENTS:
            code = child(item, "timecode")
            files[key] = _File(
                name=text(item, "name"),
                path=text(item, "pathurl"),
                reel=text(code, "reel", "name"),
                start=_frames(text(code, "frame")),
                rate=_rate(code) or _rate(item),
            )


def _clip(item: Element, files: dict[str, _File]) -> _Clip:
    said = child(item, "file")
    source = files.get(str(said.get("id", ""))) if said is not None else None
    rate = _rate(item)
    first, last = _frames(text(item, "in")), _frames(text(item, "out"))
    start = source.start if source is not None else None
    event = Event(
        name=text(item, "name") or (source.name if source else "") or "(no name)",
        where=where(item),
        file=source.path if source else "",
        reel=source.reel if source else "",
        track=_track(item),
        source_in=_label(start, first, rate) if source and source.rate == rate else "",
        source_out=_label(start, last, rate) if source and source.rate == rate else "",
        rate=str(rate or ""),
        is_misplaced=any(map(_is_misplaced, (text(item, edge) for edge in ("in", "out", "start", "end")))),
    )
    return _Clip(event, _frames(text(item, "start")), _frames(text(item, "end")))


def _sequence(element: Element, clips: list[_Clip]) -> Iterator[Said]:
    """The sequence's events; -1 stands for an edge that a transition hides."""
    if name := text(element, "name"):
        yield Title(name, where(element))
    code = child(element, "timecode")
    rate = _rate(code) or _rate(element)
    start = _frames(text(code, "frame")) or 0
    drop = text(code, "displayformat") == "DF"
    for clip in clips:
        into, out = _label(start, clip.start, rate, drop), _label(start, clip.end, rate, drop)
        yield replace(clip.event, record_in=into, record_out=out, rate=str(rate or clip.event.rate))


def _marker(element: Element) -> Iterator[Words]:
    said = " ".join(filter(None, (text(element, "name"), text(element, "comment"))))
    if said:
        yield Words("note", said, where(element))


def _track(item: Element) -> str:
    """`video 2`: which track of its kind, from 1."""
    track = item.getparent()
    if track is None or local(track) != "track":
        return ""
    kind = track.getparent()
    number = 1 + sum(1 for before in track.itersiblings(preceding=True) if local(before) == "track")
    return f"{local(kind) if kind is not None else ''} {number}".strip()


def _rate(element: Element | None) -> Fraction | None:
    base = _frames(text(element, "rate", "timebase"))
    if not base or base > 1000:
        return None
    return Fraction(base * 1000, 1001) if text(element, "rate", "ntsc").upper() == "TRUE" else Fraction(base)


def _frames(said: str) -> int | None:
    """A frame count; some writers put `86400.0`."""
    whole, _, rest = said.partition(".")
    return int(whole) if whole.lstrip("-").isdecimal() and len(whole) < 12 and not rest.strip("0") else None


def _is_misplaced(said: str) -> bool:
    """Whether it is said, and no frame; -1 stands for an edge that a transition hides."""
    frame = _frames(said)
    return bool(said) and (frame is None or frame < -1)


def _label(start: int | None, frame: int | None, rate: Fraction | None, drop: bool = False) -> str:
    if start is None or frame is None or frame < 0 or rate is None:
        return ""
    try:
        return str(Timecode(start + frame, rate, drop))
    except ValueError:
        return str(Timecode(start + frame, rate))
