"""What a person looks at and listens to around a finding: frames and sound of the file and of its reference, and the
reference laid over a picture. Sealed workers make all of it, into a folder that is removed with the desk.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

from media.errors import LibraryError, MediaError, MissingDependency
from media.timecode import Timecode, rate_of
from media.work import Lost, run_sealed
from scanner.clock import clock, places
from scanner.desk.decoding import excerpt_frames, excerpt_sound
from scanner.match_ids import match_id
from scanner.model import Asset, Finding, Kind, Match, Record
from scanner.reports.pictures.illustrate import Job, frame_job, thumbnail
from scanner.reports.pictures.pairs import Pair, open_source

__all__ = ["Excerpt", "ExcerptFolder", "ExcerptSpan", "excerpt_of", "marks_of", "reference_excerpt_of"]

_AROUND: Final = Fraction(2)
"""Seconds before and after."""
_LONGEST: Final = Fraction(14)
_SECONDS: Final = 120.0
"""For one excerpt in its worker."""
_SIDE: Final = 960
_KEPT: Final = 12
_SOUND: Final = "sound.wav"
_Subject = TypeVar("_Subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptSpan:
    """A stretch of one file."""

    path: Path
    start: Fraction
    seconds: Fraction
    rate: Fraction
    first: int
    """The number of its first frame, as records count."""
    origin: Timecode | None
    """Of frame 0, where the file has one."""
    marked: tuple[int, int]
    """First frame of the finding and the frame after its last."""
    has_picture: bool
    frames: tuple[Job, ...] = ()
    """Of a frame sequence: each frame's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What was made of a span."""

    key: str
    frames: int
    has_sound: bool
    span: ExcerptSpan

    def to_json(self, base: str) -> dict[str, Any]:
        """For the script of the player: addresses below `base`, and a label for each frame."""
        span = self.span
        return {
            "frames": [f"{base}/{self.key}/{number}.jpg" for number in range(self.frames)],
            "sound": f"{base}/{self.key}/{_SOUND}" if self.has_sound else None,
            "rate": float(span.rate),
            "labels": [_label(span, number) for number in range(max(self.frames, 1))],
            "from": max(span.marked[0] - span.first, 0),
            "to": max(span.marked[1] - span.first, 1),
        }


def marks_of(record: Record) -> Iterator[tuple[str, Finding | Match]]:
    """Findings and matches by their ids."""
    yield from ((finding.id, finding) for finding in record.findings)
    yield from ((match_id(match), match) for match in record.matches)


def excerpt_of(record: Record, mark: Finding | Match, location: Path) -> ExcerptSpan | None:
    """The seconds around a finding; None where the file is not a programme, or the place is not known."""
    seen, asset = record.examination, record.examination.asset
    origin = clock(seen)
    if origin is None or asset.kind not in (Kind.VIDEO, Kind.AUDIO, Kind.IMAGE):
        return None
    spans = places(mark.at, origin)
    if not spans and asset.kind is Kind.IMAGE and asset.frames is None:
        return None
    begin, after = spans[0] if spans else (0, round(origin.rate * 4))
    first = max(0, begin - round(origin.rate * _AROUND))
    if asset.frames:
        first = max(first, asset.frames.ranges[0][0])
    last = min(after + round(origin.rate * _AROUND), first + round(origin.rate * _LONGEST))
    jobs: tuple[Job, ...] = ()
    if asset.frames:
        jobs = tuple(job for number in range(first, last) if (job := frame_job(record, location, number)) is not None)
    # Half a frame early: the first frame that is shown then is the wanted one, however its time was rounded.
    start = max(Fraction(0), (first - Fraction(1, 2)) / origin.rate)
    return ExcerptSpan(
        path=location / asset.path, start=start, seconds=(last - first) / origin.rate, rate=origin.rate, first=first,
        origin=origin, marked=(begin, after), has_picture=asset.kind is not Kind.AUDIO, frames=jobs,
    )  # fmt: skip


def reference_excerpt_of(match: Match, reference: Asset, rate: Fraction | None) -> ExcerptSpan | None:
    """The seconds of a reference of the run that a match shows; None where it is not a programme."""
    facts = match.facts
    if reference.frames is not None or reference.kind not in (Kind.VIDEO, Kind.AUDIO):
        return None
    into = Fraction(facts.reference_in or 0).limit_denominator(100_000)
    out = Fraction(facts.reference_out).limit_denominator(100_000) if facts.reference_out is not None else into + 8
    pace = rate or rate_of("25")
    start = max(Fraction(0), into - _AROUND)
    seconds = min(out - start + _AROUND, _LONGEST)
    first = round(start * pace)
    return ExcerptSpan(
        path=Path(reference.location, reference.path), start=max(Fraction(0), start - 1 / (2 * pace)), seconds=seconds,
        rate=pace, first=first, origin=None, marked=(round(into * pace), round(out * pace)),
        has_picture=reference.kind is Kind.VIDEO,
    )  # fmt: skip


def _label(span: ExcerptSpan, number: int) -> str:
    frame = span.first + number
    return f"{span.origin + frame} · frame {frame}" if span.origin is not None else f"{float(frame / span.rate):.3f} s"


class ExcerptFolder:
    """Makes excerpts and keeps the last ones. Safe for threads; one is made at a time."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._made: OrderedDict[str, frozenset[str]] = OrderedDict()
        """Key → the names of its files."""

    def cut(self, span: ExcerptSpan) -> Excerpt | str:
        """The excerpt of a span; a sentence where none can be made."""
        made = self._make(draw_excerpt, span)
        if isinstance(made, str):
            return f"The excerpt could not be made: {made}"
        key, names = made
        has_sound = _SOUND in names
        return Excerpt(key=key, frames=len(names) - has_sound, has_sound=has_sound, span=span)

    def lay(self, pair: Pair) -> tuple[str, frozenset[str]] | str:
        """The key of a picture and its reference laid over it, and the names of both files, `left.jpg` and `right.jpg`;
        a sentence where that fails."""
        made = self._make(draw_overlaid, pair)
        return f"The two cannot be laid over each other: {made}" if isinstance(made, str) else made

    def _make(
        self, draw: Callable[[_Subject], dict[str, bytes] | str], subject: _Subject
    ) -> tuple[str, frozenset[str]] | str:
        """The key of what was drawn and the names of its files; why there are none."""
        key = hashlib.blake2b(repr(subject).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        with self._lock:
            if key not in self._made:
                drawn = run_sealed(draw, _SECONDS, subject)
                if isinstance(drawn, Lost):
                    return drawn.brief
                if isinstance(drawn, str):
                    return drawn
                self._keep(key, drawn)
            self._made.move_to_end(key)
            return key, self._made[key]

    def read(self, key: str, name: str) -> bytes | None:
        """A file of an excerpt; None where there is none."""
        folder = self._folder
        if folder is None or name not in self._made.get(key, ()):
            return None
        try:
            return (folder / key / name).read_bytes()
        except OSError:
            return None

    def close(self) -> None:
        """Remove all of it."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._made.clear()

    def _keep(self, key: str, files: Mapping[str, bytes]) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="provscan-desk-"))
        folder = self._folder / key
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self._made[key] = frozenset(files)
        while len(self._made) > _KEPT:
            old, _ = self._made.popitem(last=False)
            shutil.rmtree(self._folder / old, ignore_errors=True)


def draw_excerpt(span: ExcerptSpan) -> dict[str, bytes] | str:
    """In the worker: frames by their numbers, and the sound, as files by their names; or why there are none."""
    sound = b""
    try:
        if span.frames:
            frames = [picture for job in span.frames if (picture := thumbnail(job))]
        else:
            start, seconds = float(span.start), float(span.seconds)
            frames = excerpt_frames(span.path, start, seconds, side=_SIDE) if span.has_picture else []
            sound = _try(lambda: excerpt_sound(span.path, start + float(1 / (2 * span.rate)), seconds))
    except (MediaError, MissingDependency, OSError, MemoryError) as error:
        return str(error)
    files = {f"{number}.jpg": picture for number, picture in enumerate(frames)}
    return files | ({_SOUND: sound} if sound else {}) or "nothing there can be shown or heard."


def _try(make: Callable[[], bytes]) -> bytes:
    """A picture without its sound is better than neither."""
    try:
        return make()
    except MediaError:
        return b""


def draw_overlaid(pair: Pair) -> dict[str, bytes] | str:
    """In the worker: the picture, and the reference laid the same way, as JPEGs of one size; or why there are none."""
    from fingerprints.stills.match import geometry
    from fingerprints.stills.side_by_side import laid_over
    from media.still import jpeg

    try:
        shown, reference = open_source(pair.shown), open_source(pair.reference)
        if (matrix := geometry(shown, reference)) is None:
            return "too few points of the one are found in the other."
        left, right = laid_over(shown, reference, matrix)
        return {"left.jpg": jpeg(left, quality=88), "right.jpg": jpeg(right, quality=88)}
    except (MediaError, LibraryError, MissingDependency, OSError, MemoryError) as error:
        return str(error)
