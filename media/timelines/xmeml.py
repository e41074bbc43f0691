"""Final Cut Pro 7 XML (`xmeml` 1–5), as Premiere, Resolve and Hiero write it. Streamed.

Source: Apple, "Final Cut Pro XML Interchange Format". Nested sequences are opened: their clips are in the cut where
they are seen. Such a sequence is written completely where it is first used, and by its id alone later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import BinaryIO

from media import safe_xml
from media.errors import MediaError
from media.safe_xml import Element, child, local, text, where
from media.timecode import Timecode
from media.timelines.event import MAX_EVENTS, MAX_NAME, Event, Said, Title, Words

__all__ = ["xmeml"]

_WANTED = frozenset({"clipitem", "sequence", "marker"})
_MAX_OPENED = 20_000
"""Clips of one sequence with those of the sequences in it."""
_MAX_NESTING = 12
"""Sequences in sequences."""
_PERCENT = re.compile(r"-?\d{1,9}(?:\.\d{0,9})?")
_HIDDEN = -1
"""An edge that a transition hides."""


@dataclass(frozen=True, slots=True)
class _File:
    """A `<file>`: stated in full once, later by its id."""

    name: str
    path: str
    reel: str
    start: int | None
    """First frame's number, from its timecode."""
    rate: Fraction | None


@dataclass(frozen=True, slots=True)
class _Clip:
    """An event whose record positions still wait for its sequence's start timecode. All in frames."""

    event: Event
    start: int | None
    end: int | None
    first: int | None = None
    """What the source shows, from and up to, on its own labels."""
    last: int | None = None
    source_rate: Fraction | None = None
    nested: str | None = None
    """The id of the sequence that it stands for; its frames from `inner` on."""
    inner: int | None = None
    item: Element | None = None
    """Where its transitions are found."""

    def within(self, outer: _Clip) -> _Clip | None:
        """The visible part of it in a sequence inside another; None where it is not seen."""
        nest = outer.event.name[:MAX_NAME]
        named = replace(
            self.event,
            track=outer.event.track,
            is_enabled=self.event.is_enabled and outer.event.is_enabled,
            within=" / ".join(filter(None, (nest, self.event.within))),
            where=f"{self.event.where}, in {nest}",
        )
        known = (self.start, self.end, outer.start, outer.end, outer.inner)
        if None in known or outer.event.speed != 1 or self.event.rate != outer.event.rate:
            return replace(self, event=named, start=None, end=None, first=None, last=None)
        start, end, begin, after, inner = (edge or 0 for edge in known)
        moved = begin - inner
        into, out = max(start + moved, begin), min(end + moved, after)
        if out <= into:
            return None
        first, last = self.first, self.last
        if first is not None and last is not None:
            is_plain = last - first == end - start and self.event.speed == 1
            first, last = (first + into - start - moved, last + out - end - moved) if is_plain else (None, None)
        return replace(self, event=named, start=into, end=out, first=first, last=last)


def xmeml(file: BinaryIO) -> Iterator[Said]:
    """Clip items in document order, one sequence at a time."""
    read = _Reader()
    fault: MediaError | None = None
    try:
        for kind, element in safe_xml.events(file):
            name = local(element)
            if kind != "end" or name not in _WANTED:
                continue
            if name == "marker":
                yield from _marker(element)
            elif name == "clipitem":
                read.clip(element)
            else:
                yield from read.sequence(element)
            element.clear()
    except MediaError as error:
        fault = error
    yield from read.rest()
    if fault is not None:
        raise fault


class _Reader:
    """The files and sequences that were stated so far, and the clips that wait for their sequence's end."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._sequences: dict[str, list[_Clip] | None] = {}
        """By id; None where it holds too many."""
        self._waiting: dict[Element | None, list[_Clip]] = {}
        self._ended: dict[Element, str] = {}
        """The ids of sequences whose clip has yet to end: they are emptied before it."""

    def clip(self, item: Element) -> None:
        """Take a clip item over before it is emptied."""
        _learn(item, self._files)
        # A clip in a browser item has no sequence: it has no position.
        home = next((above for above in item.iterancestors() if local(above) == "sequence"), None)
        clip = _clip(item, self._files)
        nested = child(item, "sequence")
        if nested is not None and nested in self._ended:
            clip = replace(clip, nested=self._ended.pop(nested))
        self._waiting.setdefault(home, []).append(clip)

    def sequence(self, element: Element) -> Iterator[Said]:
        """A sequence's title and events; nothing yet for one that is only inside another."""
        clips = self._waiting.pop(element, [])
        name = str(element.get("id", ""))
        is_nested = any(local(above) == "clipitem" for above in element.iterancestors())
        if is_nested:
            self._ended[element] = name
        if not len(element):
            return
        rate = _rate(child(element, "timecode")) or _rate(element)
        placed = [_placed(clip, rate) for clip in clips]
        opened = [inner for clip in placed for inner in self._opened(clip)]
        if name and name not in self._sequences and len(self._sequences) < MAX_EVENTS:
            self._sequences[name] = opened if len(opened) <= _MAX_OPENED else None
        if not is_nested:
            yield from _on_clock(element, opened, rate)

    def rest(self) -> Iterator[Event]:
        """The clips whose sequence never ended."""
        for clips in self._waiting.values():
            for clip in clips:
                yield _labelled(clip, None, 0, drop=False)

    def _opened(self, clip: _Clip) -> Iterator[_Clip]:
        """What a clip that stands for a sequence shows; itself, where it does not."""
        if clip.nested is None:
            yield clip
            return
        held, fault = self._sequences.get(clip.nested), ""
        if held is None:
            fault = "its content is not in the file, or contains it"
            if clip.nested in self._sequences:
                fault = f"nested sequences of more than {_MAX_OPENED} clips"
        elif any(inner.event.within.count(" / ") >= _MAX_NESTING for inner in held):
            fault = f"sequences nested more than {_MAX_NESTING} deep"
        if held is None or fault:
            yield replace(clip, event=replace(clip.event, unexpanded=fault))
            return
        kind = clip.event.track.partition(" ")[0]
        for inner in held:
            if inner.event.track.partition(" ")[0] == kind and (seen := inner.within(clip)) is not None:
                yield seen


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
    said, nested = child(item, "file"), child(item, "sequence")
    source = files.get(str(said.get("id", ""))) if said is not None else None
    rate = _rate(item)
    first, last = _frames(text(item, "in")), _frames(text(item, "out"))
    speed, shown = _retimed(item, first, last)
    start = source.start if source is not None and source.rate == rate else None
    event = Event(
        name=text(item, "name") or (source.name if source else "") or "(no name)",
        where=where(item),
        file=source.path if source else "",
        reel=source.reel if source else "",
        track=_track(item),
        rate=rate,
        speed=speed,
        is_enabled=text(item, "enabled").upper() != "FALSE",
        is_misplaced=any(map(_is_misplaced, (text(item, edge) for edge in ("in", "out", "start", "end")))),
    )
    return _Clip(
        event,
        _frames(text(item, "start")),
        _frames(text(item, "end")),
        None if start is None or shown is None else start + shown[0],
        None if start is None or shown is None else start + shown[1],
        rate,
        None if nested is None else str(nested.get("id", "")),
        first,
        item,
    )


def _retimed(item: Element, first: int | None, last: int | None) -> tuple[Fraction | None, tuple[int, int] | None]:
    """A clip item's speed, None where it varies or is not known; and the source's frames that it shows, or None.

    `in` and `out` count the retimed clip. Its source frames stand in the effect's graph, `when` beside `value`.
    """
    if first is None or last is None or first < 0:
        return Fraction(1), None
    effects = [effect for entry in item if local(entry) == "filter" for effect in entry if local(effect) == "effect"]
    effect = next((entry for entry in effects if text(entry, "effectid") == "timeremap"), None)
    if effect is None:
        return Fraction(1), (first, last)
    parameters = {text(entry, "parameterid"): entry for entry in effect if local(entry) == "parameter"}
    stated = {name: text(entry, "value").upper() for name, entry in parameters.items()}
    if stated.get("variablespeed") in ("1", "TRUE"):
        return None, None
    ends = [_graphed(parameters.get("graphdict"), edge) for edge in (first, last)]
    if last > first and ends[0] is not None and ends[1] is not None:
        speed = ((ends[1] - ends[0]) / (last - first)).limit_denominator(1000)
        if speed < 0:  # the frame that begins it is the last of the range, the frame that ends it the first
            return speed, (floor(ends[1] - speed), floor(ends[0]) + 1)
        return speed, (floor(ends[0]), max(floor(ends[1]), floor(ends[0]) + 1))
    percent = stated.get("speed") or "100"
    if not _PERCENT.fullmatch(percent):
        return None, None
    speed = Fraction(percent) / 100
    speed = -abs(speed) if stated.get("reverse") == "TRUE" else speed
    return speed, (first, last) if speed == 1 else None


def _graphed(graph: Element | None, when: int) -> Fraction | None:
    """The source frame in a graph of key frames."""
    keys = [
        (at, value)
        for entry in (graph if graph is not None else ())
        if local(entry) == "keyframe"
        and (at := _frames(text(entry, "when"))) is not None
        and (value := _frames(text(entry, "value"))) is not None
    ]
    for (one, first), (two, last) in pairwise(sorted(keys)):
        if one <= when <= two and one < two:
            return first + Fraction((last - first) * (when - one), two - one)
    return None


def _placed(clip: _Clip, rate: Fraction | None) -> _Clip:
    """The clip with the edges that transitions hide, and whether its track is switched off."""
    start, end, item = clip.start, clip.end, clip.item
    track = item.getparent() if item is not None else None
    event = replace(clip.event, rate=rate or clip.event.rate)
    if item is not None and track is not None:
        if start == _HIDDEN and (before := item.getprevious()) is not None and local(before) == "transitionitem":
            start = _frames(text(before, "start"))
        if end == _HIDDEN and (after := item.getnext()) is not None and local(after) == "transitionitem":
            end = _frames(text(after, "end"))
        if text(track, "enabled").upper() == "FALSE":
            event = replace(event, is_enabled=False)
    start, end = (None if edge is None or edge < 0 else edge for edge in (start, end))
    return replace(clip, event=event, start=start, end=end, item=None)


def _on_clock(element: Element, clips: list[_Clip], rate: Fraction | None) -> Iterator[Said]:
    """The sequence's events, on its labels."""
    if name := text(element, "name"):
        yield Title(name, where(element))
    code = child(element, "timecode")
    start = _frames(text(code, "frame")) or 0
    drop = text(code, "displayformat") == "DF"
    for clip in clips:
        yield _labelled(clip, rate, start, drop=drop)


def _labelled(clip: _Clip, rate: Fraction | None, start: int, *, drop: bool) -> Event:
    source_rate = clip.source_rate if clip.first is not None else None
    return replace(
        clip.event,
        record_in=_label(start, clip.start, rate, drop),
        record_out=_label(start, clip.end, rate, drop),
        source_in=_label(0, clip.first, clip.source_rate),
        source_out=_label(0, clip.last, clip.source_rate),
        source_rate=source_rate if source_rate != clip.event.rate else None,
    )


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
    """Whether it is stated, and not a frame; -1 stands for an edge that a transition hides."""
    frame = _frames(said)
    return bool(said) and (frame is None or frame < -1)


def _label(start: int | None, frame: int | None, rate: Fraction | None, drop: bool = False) -> str:
    if start is None or frame is None or frame < 0 or rate is None:
        return ""
    try:
        return str(Timecode(start + frame, rate, drop))
    except ValueError:
        return str(Timecode(start + frame, rate))
