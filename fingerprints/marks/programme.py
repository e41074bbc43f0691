"""The marks of a programme or a frame sequence: what stands still over its pictures is read once and followed.

Some frames are looked at; in and out of a mark are then found to the frame, by decoding only what lies between two of
them. A mark that hops about is one mark with several boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf
from time import monotonic
from typing import Final

from fingerprints.marks.extents import find_extents
from fingerprints.marks.firmness import is_at_edge, is_firm
from fingerprints.marks.glimpses import FrameSource, Glimpse
from fingerprints.marks.logos import Logo, find_logos
from fingerprints.marks.ocr import Line, read_one
from fingerprints.marks.overlays import StandingPart, StandingParts
from fingerprints.marks.patches import Pixels, overlap_of, read_cut
from fingerprints.marks.scenes import SceneMark, SceneMarks, lines_of_frame
from fingerprints.marks.screens import find_screens
from fingerprints.marks.still import SAME, TextLines, VisibleMark, marks_of
from fingerprints.marks.words import classify
from media.errors import MediaError
from media.place import Box
from media.timecode import Span

__all__ = ["ProgrammeMarks", "ShownMark", "marks_of_programme"]

STOOD: Final = 1.5
"""Seconds: what moves slowly can seem to stand for less."""
TOGETHER: Final = 12
"""Standing parts that are read on one sheet."""
JOINED: Final = 0.5
"""Seconds between two stretches of one mark that are one."""
ONE_LINE: Final = 72
"""Pixels: a part of this height is tried as one line first."""
LOGO_WIDTH: Final = 2.2
"""Of its height, up to which what stands still may be a logo."""
LEAST_SCORE: Final = 0.6
"""Of a line that fills its part; one that does not is looked for in it."""
MOST: Final = 400
"""Stretches of marks that are kept of a programme."""


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A mark, and where a programme shows it without a break."""

    mark: VisibleMark
    frames: Span
    """Counted from the first frame, half-open."""
    boxes: tuple[tuple[Span, Box], ...]
    """One for each place that it holds, in order."""
    seen: int
    looked: int
    """In how many of the frames that were looked at, from just before it to just after it."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A mark in one place, in seconds of the file."""

    mark: VisibleMark
    overlay: StandingPart
    start: float
    end: float
    """Begin of the last frame that shows it."""


@dataclass(frozen=True, slots=True)
class ProgrammeMarks:
    """What was found in a programme."""

    marks: tuple[ShownMark, ...]
    """In the order of showing."""
    fault: MediaError | None = None
    """Why not all of it was looked at."""


def marks_of_programme(source: FrameSource, *, limit_seconds: float = inf) -> ProgrammeMarks:
    """The marks of a programme or a sequence.

    After `limit_seconds` no in and out is refined: those that are left are as exact as the frames looked at.
    """
    until = monotonic() + limit_seconds
    reading = _Reading()
    times: list[float] = []
    fault: MediaError | None = None
    try:
        for glimpse in source.glimpses():
            times.append(glimpse.seconds)
            reading.take(glimpse)
    except MediaError as error:
        fault = error
    reading.close()
    found = list(islice(reading.stretches(), MOST))
    extents = find_extents(source, [one.overlay for one in found], times[-1], until) if found else []
    stretches = [
        _placed(source, replace(one, start=start, end=end), until)
        for one, (start, end) in zip(found, extents, strict=True)
    ]
    return ProgrammeMarks(tuple(_all_shown(stretches, reading.scenes.found(), times, float(source.rate))), fault)


def _all_shown(
    stretches: Sequence[_Stretch], scenes: Sequence[SceneMark], times: Sequence[float], rate: float
) -> list[ShownMark]:
    """What stands over the pictures and what the scenes show, in the order of showing; each mark once at a time."""
    over = list(_joined(stretches, times[0], rate)) if stretches else []
    shown = [_of_scene(one, times, rate) for one in scenes]
    alone = [one for one in shown if not any(_is_same(one, other) for other in over)]
    return sorted([*over, *alone], key=lambda one: one.frames)


def _is_same(one: ShownMark, other: ShownMark) -> bool:
    is_named = (one.mark.kind, one.mark.name) == (other.mark.kind, other.mark.name)
    return is_named and one.frames[0] < other.frames[1] and other.frames[0] < one.frames[1]


def _of_scene(one: SceneMark, times: Sequence[float], rate: float) -> ShownMark:
    """As exact as the frames that were looked at."""
    frames = [round((seconds - times[0]) * rate) for seconds, _ in one.seen]
    ends = [*frames[1:], frames[-1] + 1]
    boxes = tuple(((frame, end), box) for frame, end, (_, box) in zip(frames, ends, one.seen, strict=True))
    return ShownMark(one.mark, (frames[0], ends[-1]), boxes, len(frames), len(frames))


class _Reading:
    """Standing parts as they are found and read."""

    def __init__(self) -> None:
        self.scenes = SceneMarks()
        self._overlays = StandingParts()
        self._waiting: list[StandingPart] = []
        self._read: list[tuple[StandingPart, Line]] = []
        self._logos: list[tuple[StandingPart, Logo]] = []

    def take(self, glimpse: Glimpse) -> None:
        self.scenes.take(glimpse)
        self._overlays.take(glimpse)
        self._waiting += self._overlays.fresh
        self._see_logos(glimpse, self._overlays.fresh)
        self._overlays.fresh.clear()
        if len(self._waiting) >= TOGETHER:
            self._read_waiting()

    def _see_logos(self, glimpse: Glimpse, fresh: list[StandingPart]) -> None:
        """Look for logos where something compact stands in a lower corner, in the right one at once."""
        compact = [
            one
            for one in fresh
            if one.part.w < LOGO_WIDTH * one.part.h and one.is_low and is_at_edge(one.box, near=14.0)
        ]
        if not compact:
            return
        for logo in find_logos(glimpse.picture):
            for one in compact:
                if overlap_of(logo.box, one.box) > 0.3:
                    self._logos.append((one, logo))
                    break

    def close(self) -> None:
        self._overlays.close()
        self._read_waiting()

    def _read_waiting(self) -> None:
        waiting = [one for one in self._waiting if one.is_written and not self._read_line(one)]
        cuts = [(one.cut, Pixels(0, 0, one.cut.shape[1], one.cut.shape[0])) for one in waiting]
        for number, line in read_cut(cuts, margin=0):
            overlay = waiting[number]
            self._read.append((overlay, replace(line, box=overlay.lift(line.box))))
        self._waiting.clear()

    def _read_line(self, overlay: StandingPart) -> bool:
        """Whether it was read as one line of text that fills its part."""
        part, at = overlay.part, overlay.within
        if part.h > ONE_LINE or part.w < part.h * 1.2 or overlay.has_rows():
            return False
        text, score = "", 0.0
        for room in (part.h // 3, at.x + at.w):  # alone, and with the digits that run at its sides
            left, right = max(0, part.x - room - at.x), min(at.w, part.x + part.w + room - at.x)
            top, bottom = max(0, part.y - part.h // 4 - at.y), min(at.h, part.y + part.h + part.h // 4 - at.y)
            again, sure = read_one(overlay.cut[top:bottom, left:right])
            if sure >= LEAST_SCORE and (not text or (classify(again) and not classify(text))):
                text, score = again, sure
            if classify(text) or sum(map(str.isdigit, text)) < 2:
                break
        if score < LEAST_SCORE:
            return False
        self._read.append((overlay, Line(text, overlay.box, score)))
        return True

    def stretches(self) -> Iterator[_Stretch]:
        """The marks among what was read and seen."""
        for overlay, logo in self._logos:
            mark = VisibleMark(logo.kind, logo.name, logo.name, logo.box, logo.is_firm, is_logo=True)
            yield _Stretch(mark, overlay, overlay.seen[0], overlay.seen[-1])
        for overlay, line in self._read:
            if classify(line.text) is None:
                continue
            around = self._shown_with(overlay, line)
            for mark in marks_of(TextLines((line, *around)), stands=_stands(overlay)):
                if mark.box == line.box or mark.text == line.text:
                    yield _Stretch(mark, overlay, overlay.seen[0], overlay.seen[-1])
                    break

    def _shown_with(self, overlay: StandingPart, line: Line) -> list[Line]:
        """The other lines that are shown at some time when an overlay is; of several readings of one, one."""
        found: list[Line] = []
        for one, other in self._read:
            is_shown = other.score >= LEAST_SCORE and len(other.text) > 2 and _are_together(one, overlay)
            if is_shown and all(overlap_of(other.box, known.box) <= SAME for known in (line, *found)):
                found.append(other)
        return found


def _are_together(one: StandingPart, other: StandingPart) -> bool:
    return one.seen[0] <= other.seen[-1] and other.seen[0] <= one.seen[-1]


def _placed(source: FrameSource, found: _Stretch, until: float) -> _Stretch:
    """With what a whole frame shows: text around a firm mark, and a screen of the scene around one that moves with it.

    What is at an edge stands over the picture.
    """
    mark, overlay = found.mark, found.overlay
    is_known = mark.is_logo or is_at_edge(mark.box) or not (mark.is_firm or not overlay.over_motion)
    if is_known or monotonic() > until:
        return found
    at = overlay.seen[len(overlay.seen) // 2]
    try:
        frame = next(iter(source.between(at, at)), None)
    except MediaError:
        return found
    if frame is None:
        return found
    firm = mark.is_firm and (mark.copies > 1 or _is_firm_among(mark, frame, stands=_stands(overlay)))
    screens = find_screens(frame.picture) if not overlay.over_motion else ()
    is_embedded = any(mark.box.lies_in(screen) for screen in screens)
    return replace(found, mark=replace(mark, is_firm=firm, is_embedded=is_embedded))


def _is_firm_among(mark: VisibleMark, frame: Glimpse, *, stands: bool) -> bool:
    """Whether it is still firm among all lines of a frame."""
    word, line = classify(mark.text), Line(mark.text, mark.box, 1.0)
    others = [one for one in lines_of_frame(frame.picture) if overlap_of(one.box, mark.box) <= SAME]
    return word is not None and is_firm(line, word, [line, *others], stands=stands)


def _stands(overlay: StandingPart) -> bool:
    return overlay.over_motion and overlay.seen[-1] - overlay.seen[0] >= STOOD


def _joined(stretches: Iterable[_Stretch], origin: float, rate: float) -> Iterator[ShownMark]:
    """Stretches of one mark that touch or overlap, as one; in the order of showing."""
    groups: dict[tuple[str, str, bool], list[list[_Stretch]]] = {}
    for one in sorted(stretches, key=lambda one: one.start):
        runs = groups.setdefault((one.mark.kind, one.mark.name, one.mark.is_logo), [])
        if runs and one.start <= max(each.end for each in runs[-1]) + JOINED + 1 / rate:
            runs[-1].append(one)
        else:
            runs.append([one])
    shown = [_shown(run, origin, rate) for runs in groups.values() for run in runs]
    yield from sorted(shown, key=lambda one: one.frames)


def _shown(run: list[_Stretch], origin: float, rate: float) -> ShownMark:
    spans = [(round((one.start - origin) * rate), round((one.end - origin) * rate) + 1) for one in run]
    best = max(run, key=lambda one: (one.mark.is_firm, one.overlay.over_motion, len(one.overlay.seen)))
    boxes = [(span, one.mark.box) for span, one in zip(spans, run, strict=True)]
    seen = {seconds for one in run for seconds in one.overlay.seen}
    missed = {one.overlay.before for one in run} | {one.overlay.after for one in run}
    return ShownMark(
        best.mark,
        (min(first for first, _ in spans), max(after for _, after in spans)),
        tuple(boxes),
        len(seen),
        len(seen | {seconds for seconds in missed if seconds is not None}),
    )
