"""Final Cut Pro X XML (`fcpxml` 1.x). Source: Apple, "FCPXML Reference".

Compound clips, multicam clips, synchronised clips, storylines and auditions are opened: each use of an asset is an
event where it is seen. A clip that was not opened, because it loops, nests too deep or is missing, is an event that
states so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from media.safe_xml import Element, child, document, local, where
from media.timecode import rate_of
from media.timelines.event import MAX_NAME, Event, Said, Title, Words, label, rate_or_none
from media.timelines.window import Window

__all__ = ["fcpxml"]

_USES = frozenset({"asset-clip", "video", "audio"})
_WRAPS = frozenset({"clip", "sync-clip"})
_EMPTY = frozenset({"gap", "title"})
_EXPANDED = frozenset({"ref-clip", "mc-clip"})
_STORY = _USES | _WRAPS | _EMPTY | _EXPANDED | {"audition", "spine"}
_HOMES = frozenset({"project", "media", "multicam"})
_TIME = re.compile(r"(\d{1,18})(?:/(\d{1,18}))?s|(\d{1,12}\.\d{1,9})s")
_MAX_NESTING = 12
"""Compound clips in compound clips."""
_MAX_DEPTH = 400
"""Elements in elements, compounds opened."""
_MAX_OPENED = 30_000
"""Elements that are looked at in compound clips, those not seen aside. A feature's reel has some thousands."""
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a sequence's labels count by."""

    rate: Fraction | None
    drop: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """An element of a story, and the window through which what holds it is seen."""

    element: Element
    window: Window | None
    """The window on the time of its container; None where nothing has a place: a clip outside any sequence, or under a
    speed that changes."""
    offset: Fraction
    """Where on that time it begins."""
    clock: _Clock
    lane: str = "0"
    name: str = ""
    """Of the clip that wraps it."""
    sense: str = ""
    """`audio` or `video` where only that of it is used."""
    media: tuple[str, ...] = ()
    """The compound clips that were opened on the way here: their ids,"""
    within: tuple[str, ...] = ()
    """and their names."""
    top: _Spot | None = None
    """The outermost compound clip."""
    depth: int = 0
    is_off: bool = False
    is_variable: bool = False
    """Behind a speed that changes."""


def fcpxml(data: bytes) -> Iterator[Said]:
    """Words; clips outside any project; then each project with every use of an asset in its cut."""
    root = document(data)
    yield from _words(root)
    story = _Story(root)
    tops: list[tuple[str, Element]] = []
    loose: list[Element] = []
    for element in root.iter():
        name = local(element)
        if name != "sequence" and (name not in _STORY or name == "spine"):
            continue
        above = {local(entry) for entry in element.iterancestors()}
        if name == "sequence" and above.isdisjoint({"media", "multicam"}):
            tops.append((_title(element), element))
        elif name != "sequence" and above.isdisjoint(_STORY | _HOMES | {"sequence"}):
            loose.append(element)
    for element in loose:
        yield from story.events(_Spot(element, None, _ZERO, _Clock(None, False)))
    if not tops and not loose:
        tops = [
            (str(media.get("name") or ""), entry)
            for media in story.media.values()
            for entry in media.iter()
            if local(entry) in ("sequence", "mc-angle")
        ]
    for title, sequence in tops:
        if title:
            yield Title(title, where(sequence))
        yield from story.cut(sequence)


def _words(root: Element) -> Iterator[Words]:
    for element in root.iter():
        name = local(element)
        if name in ("marker", "chapter-marker") and (said := element.get("value") or element.get("note")):
            yield Words("note", str(said), where(element))
        elif name == "note" and element.text and element.text.strip():
            yield Words("note", element.text.strip(), where(element))


def _title(sequence: Element) -> str:
    return next((str(above.get("name") or "") for above in sequence.iterancestors() if local(above) == "project"), "")


class _Story:
    """The resources of a file, and the walk through what uses them."""

    def __init__(self, root: Element) -> None:
        held = [element for element in root.iter() if local(element) in ("asset", "format", "media")]
        self.assets = {str(entry.get("id")): entry for entry in held if local(entry) == "asset"}
        self.formats = {str(entry.get("id")): entry for entry in held if local(entry) == "format"}
        self.media = {str(entry.get("id")): entry for entry in held if local(entry) == "media"}
        self._opened = 0

    def cut(self, sequence: Element) -> Iterator[Event]:
        """The events of a sequence on its own clock."""
        start = _time(sequence.get("tcStart")) or _ZERO
        clock = self._clock(sequence)
        for spot in self._in_order(sequence, _Spot(sequence, Window(_ZERO, _ZERO), start, clock), start):
            yield from self.events(spot)

    def events(self, spot: _Spot) -> Iterator[Event]:
        """What a story element shows, in document order; walked with an own stack."""
        waiting = [spot]
        while waiting:
            at = waiting.pop()
            if at.top is not None:
                self._opened += 1
                if self._opened > _MAX_OPENED:
                    waiting = [spot for spot in waiting if spot.top is not at.top]
                    yield self._unopened(at.top, f"compound clips of more than {_MAX_OPENED} elements")
                    continue
            if local(at.element) in _EXPANDED and (fault := self._cannot_open(at)):
                yield self._unopened(at, fault)
                below = self._anchored(at)
            elif at.depth > _MAX_DEPTH:
                yield self._unopened(at, f"elements nested more than {_MAX_DEPTH} deep")
                continue
            else:
                yield from self._uses(at)
                below = self._below(at)
            waiting.extend(reversed(list(below)))

    # What lies in an element

    def _below(self, at: _Spot) -> Iterator[_Spot]:
        name = local(at.element)
        if name == "spine":  # a storyline counts from its own begin
            window = at.window and at.window.moved(-at.offset)
            yield from self._in_order(at.element, replace(at, window=window, depth=at.depth + 1), _ZERO)
        elif name == "audition":  # the first is the pick, the others lie beside it
            pick = next((entry for entry in at.element if local(entry) in _STORY), None)
            if pick is not None:
                yield replace(at, element=pick, depth=at.depth + 1, is_off=at.is_off or _is_off(pick))
        elif name in _EXPANDED:
            yield from self._content(at)
            yield from self._anchored(at)
        elif name in _WRAPS:
            inside = self._inside(at)
            yield from self._in_order(at.element, inside, self._start(at.element), contained=True) if inside else ()
            yield from self._anchored(at)
        elif name in _EMPTY | _USES:
            yield from self._anchored(at)

    def _in_order(self, holder: Element, at: _Spot, start: Fraction, *, contained: bool = False) -> Iterator[_Spot]:
        """The story elements in a holder, each where it says or behind the one before it. `contained`: without those
        that are only connected, which have a lane."""
        running = start
        for entry in holder:
            if local(entry) not in _STORY or (contained and entry.get("lane", "0") != "0"):
                continue
            offset = _time(entry.get("offset"))
            # The primary storyline of a sequence lies on the sequence's clock; it has no offset of its own.
            here = offset if offset is not None else running
            length = self._length(entry)
            running = here + (length or _ZERO)
            if not len(entry) and at.window is not None and at.window.seen(here, length) is None:
                continue
            if local(entry) == "spine" and offset is None:
                yield from self._in_order(entry, replace(at, depth=at.depth + 1), start)
                continue
            lane = entry.get("lane", "0")
            yield replace(
                at,
                element=entry,
                offset=here,
                lane=lane if lane != "0" else at.lane,
                is_off=at.is_off or _is_off(entry),
            )

    def _anchored(self, at: _Spot) -> Iterator[_Spot]:
        """The items that are connected to a clip: they are on the clip's time, with lengths of their own."""
        start, wraps = self._start(at.element), local(at.element) in _WRAPS
        connected = replace(at, window=at.window and at.window.moved(start - at.offset), depth=at.depth + 1)
        if wraps or local(at.element) in _EXPANDED:
            connected = replace(connected, name="")
        inside: _Spot | None = None
        for entry in at.element:
            lane = entry.get("lane", "0")
            if local(entry) not in _STORY or (wraps and lane == "0"):
                continue
            offset, spot = _time(entry.get("offset")) or _ZERO, connected
            # What begins before its clip is seen is a part of it, as a sound that was synchronised, and not connected.
            if wraps and offset < start:
                inside = inside or self._inside(at)
                if inside is None:
                    continue
                spot = inside
            lane = lane if lane != "0" else at.lane
            yield replace(spot, element=entry, offset=offset, lane=lane, is_off=at.is_off or _is_off(entry))

    def _inside(self, at: _Spot) -> _Spot | None:
        """The spot for what a clip holds: seen for the clip's length, at its speed. None where it is not seen."""
        window, variable = at.window, at.is_variable
        own = at.element.get("name")
        if window is not None:
            seen = window.seen(at.offset, self._length(at.element))
            if seen is None:
                return None
            window = window.cut(*seen).moved(self._start(at.element) - at.offset)
            window = _behind_map(at.element, window)
            variable = window is None
        within = replace(at, window=window, is_variable=variable, depth=at.depth + 1)
        return replace(within, name=str(own)) if own and local(at.element) in _WRAPS else within

    def _content(self, at: _Spot) -> Iterator[_Spot]:
        """What a compound or multicam clip shows."""
        inside = self._inside(at)
        media = self.media[str(at.element.get("ref"))]
        if inside is None:
            return
        inside = replace(
            inside, media=(*at.media, str(at.element.get("ref"))), name="", top=at.top or at,
            within=(*at.within, str(at.element.get("name") or media.get("name") or "compound clip")[:MAX_NAME]),
        )  # fmt: skip
        if local(at.element) == "ref-clip":
            sequence = child(media, "sequence")
            if sequence is not None:
                inside = replace(inside, sense=_sense(at.element, at.sense))
                yield from self._in_order(sequence, inside, _time(sequence.get("tcStart")) or _ZERO)
            return
        multicam = child(media, "multicam")
        angles = [entry for entry in multicam if local(entry) == "mc-angle"] if multicam is not None else []
        start = _time(multicam.get("tcStart")) if multicam is not None else None
        for angle, sense in _chosen(at.element, angles):
            inside = replace(inside, sense=sense if sense != "all" else at.sense)
            yield from self._in_order(angle, inside, start or _ZERO)

    def _cannot_open(self, at: _Spot) -> str:
        """Why what a compound clip holds stays unknown; empty where it does not."""
        ref = str(at.element.get("ref"))
        media = self.media.get(ref)
        if media is None or child(media, "sequence" if local(at.element) == "ref-clip" else "multicam") is None:
            return "its content is not in the file"
        if ref in at.media:
            return "it contains itself"
        if len(at.media) >= _MAX_NESTING:
            return f"compound clips nested more than {_MAX_NESTING} deep"
        return ""

    # Events

    def _uses(self, at: _Spot) -> Iterator[Event]:
        element = at.element
        asset = self.assets.get(str(element.get("ref"))) if local(element) in _USES else None
        if asset is None or (at.sense and local(element) in ("video", "audio") and local(element) != at.sense):
            return
        length = self._length(element)
        event = Event(
            name=self._name(at, asset),
            where=_cited(at),
            file=_source(asset),
            track=f"{_kind(element, asset, at.sense)} {at.lane}",
            rate=at.clock.rate,
            is_enabled=not at.is_off,
            within=" / ".join(at.within),
            speed=None if at.is_variable else Fraction(1),
            is_misplaced=element.get("duration") is not None and length is None,
        )
        if at.window is None or event.is_misplaced:
            start = self._start(element)
            free = at.window is None and not at.is_variable and not event.is_misplaced
            yield self._sourced(event, asset, at, start, length, Fraction(1)) if free else event
            return
        seen = at.window.seen(at.offset, length)
        if seen is None:
            return
        begin, end = seen
        event = replace(
            event, record_in=label(begin, at.clock.rate, drop=at.clock.drop),
            record_out=label(end, at.clock.rate, drop=at.clock.drop),
        )  # fmt: skip
        window = _behind_map(element, at.window.cut(begin, end).moved(self._start(element) - at.offset))
        if window is None:
            yield replace(event, speed=None)
            return
        first, last = window.inner_at(begin), None if end is None else window.inner_at(end)
        lower = first if last is None else min(first, last)
        yield self._sourced(event, asset, at, lower, None if last is None else abs(last - first), window.speed)

    def _sourced(
        self, event: Event, asset: Element, at: _Spot, first: Fraction, length: Fraction | None, speed: Fraction
    ) -> Event:
        """The event with its source's labels, at the source's rate: none of a still, nor where the rates were conformed
        in a way that the file leaves open."""
        rate = self._rate_of(str(asset.get("format"))) or at.clock.rate
        event = replace(event, speed=speed, rate=event.rate or rate)
        if at.clock.rate is not None and rate != at.clock.rate:
            event = replace(event, source_rate=rate)
        conform = child(at.element, "conform-rate")
        is_conformed = (
            conform is not None
            and conform.get("scaleEnabled", "1") != "0"
            and (stated := rate_or_none(str(conform.get("srcFrameRate")))) is not None
            and stated != at.clock.rate
        )
        if is_conformed or rate is None or _time(asset.get("duration")) == _ZERO:
            return event
        drop = at.element.get("tcFormat") == "DF"
        last = None if length is None else first + (length if speed else 1 / rate)
        return replace(event, source_in=label(first, rate, drop=drop), source_out=label(last, rate, drop=drop))

    def _unopened(self, at: _Spot, fault: str) -> Event:
        seen = at.window.seen(at.offset, self._length(at.element)) if at.window is not None else None
        begin, end = seen or (None, None)
        media = self.media.get(str(at.element.get("ref")))
        name = at.element.get("name") or (media.get("name") if media is not None else "")
        return Event(
            name=str(name or "(no name)"),
            where=_cited(at),
            track=f"av {at.lane}",
            record_in=label(begin, at.clock.rate, drop=at.clock.drop),
            record_out=label(end, at.clock.rate, drop=at.clock.drop),
            rate=at.clock.rate,
            is_enabled=not at.is_off,
            within=" / ".join(at.within),
            unexpanded=fault,
        )

    def _name(self, at: _Spot, asset: Element) -> str:
        own = str(at.element.get("name") or "")
        names = (own, at.name) if local(at.element) == "asset-clip" else (at.name, own)
        return next(filter(None, (*names, str(asset.get("name") or ""))), "(no name)")

    def _start(self, element: Element) -> Fraction:
        """The begin of an element's own time: stated, or that of the asset or compound."""
        if (stated := _time(element.get("start"))) is not None:
            return stated
        ref = str(element.get("ref"))
        if local(element) in _USES and (asset := self.assets.get(ref)) is not None:
            return _time(asset.get("start")) or _ZERO
        if local(element) in _EXPANDED and (media := self.media.get(ref)) is not None:
            held = next((entry for entry in media if entry.get("tcStart")), None)
            return (_time(held.get("tcStart")) if held is not None else None) or _ZERO
        return _ZERO

    def _length(self, element: Element) -> Fraction | None:
        """How long an element is: as stated, or as its pick, its asset or its compound goes on from where it begins."""
        if (stated := element.get("duration")) is not None:
            return _time(stated)
        if local(element) == "audition":
            pick = next((entry for entry in element if local(entry) in _STORY), None)
            return self._length(pick) if pick is not None and local(pick) != "audition" else None
        ref = str(element.get("ref"))
        if local(element) in _USES and (asset := self.assets.get(ref)) is not None:
            whole, begin = _time(asset.get("duration")), _time(asset.get("start")) or _ZERO
        elif local(element) in _EXPANDED and (media := self.media.get(ref)) is not None:
            held = next((entry for entry in media if local(entry) in ("sequence", "multicam")), None)
            whole, begin = (
                (_time(held.get("duration")), _time(held.get("tcStart")) or _ZERO)
                if held is not None
                else (None, _ZERO)
            )
        else:
            return None
        left = whole - (self._start(element) - begin) if whole else None
        return left if left is not None and left > 0 else None

    def _clock(self, sequence: Element) -> _Clock:
        return _Clock(self._rate_of(str(sequence.get("format"))), sequence.get("tcFormat") == "DF")

    def _rate_of(self, name: str) -> Fraction | None:
        form = self.formats.get(name)
        frame = _time(form.get("frameDuration")) if form is not None else None
        try:
            return rate_of(1 / frame) if frame else None
        except ValueError:
            return None


def _chosen(clip: Element, angles: list[Element]) -> Iterator[tuple[Element, str]]:
    """The angles that a multicam clip uses, each with what of it; the first where it chooses none."""
    chosen = [entry for entry in clip if local(entry) == "mc-source"]
    if not chosen:
        yield from ((angle, "all") for angle in angles[:1])
    for source in chosen:
        sense = source.get("srcEnable", "all")
        for angle in angles:
            if angle.get("angleID") == source.get("angleID") and sense != "none":
                yield angle, str(sense)


def _behind_map(element: Element, window: Window) -> Window | None:
    """The window on what a clip's `timeMap` shows; None where its speed changes within what is seen."""
    mapped = child(element, "timeMap")
    if mapped is None:
        return window
    points = [
        (time, value, entry.get("interp", "smooth2"))
        for entry in mapped
        if local(entry) == "timept"
        and (time := _time(entry.get("time"))) is not None
        and (value := _time(entry.get("value"))) is not None
    ]
    begin = window.begin if window.begin is not None else window.anchor
    ends = [window.inner_at(time) for time in (begin, window.end) if time is not None]
    for one, two in pairwise(points):
        straight = len(points) == 2 or (one[2] == two[2] == "linear" and one[0] <= min(ends) and max(ends) <= two[0])
        if straight and two[0] > one[0]:
            return window.retimed(one[0], one[1], (two[1] - one[1]) / (two[0] - one[0]))
    return None


def _sense(clip: Element, above: str) -> str:
    """`audio` or `video` where a clip uses only that of what it holds."""
    own = clip.get("srcEnable", "all")
    return str(own) if own in ("audio", "video") else above


def _kind(element: Element, asset: Element, sense: str) -> str:
    """What of an asset a use has: `video`, `audio`, or `av` for both."""
    if local(element) != "asset-clip":
        return local(element)
    if sense := _sense(element, sense):
        return sense
    has = [name for name, flag in (("video", "hasVideo"), ("audio", "hasAudio")) if asset.get(flag) == "1"]
    return has[0] if len(has) == 1 else "av"


def _is_off(element: Element) -> bool:
    return element.get("enabled") == "0"


def _cited(at: _Spot) -> str:
    return ", in ".join((where(at.element), *reversed(at.within)))


def _source(asset: Element) -> str:
    """1.0–1.8 state `src` on the asset, 1.9 and later on its `media-rep`."""
    own = asset.get("src")
    held: Iterable[Element] = (entry for entry in asset if local(entry) == "media-rep")
    return str(own or next((entry.get("src") for entry in held), "") or "")


def _time(said: object) -> Fraction | None:
    """`1001/30000s`, `5s`, `5.5s`."""
    found = _TIME.fullmatch(str(said))
    if found is None:
        return None
    if found[3]:
        return Fraction(found[3])
    return Fraction(int(found[1]), int(found[2] or 1)) if int(found[2] or 1) else None
