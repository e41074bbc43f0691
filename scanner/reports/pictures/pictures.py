"""Names and contents of the pictures of a record, which records get them, and how a report reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from scanner.clock import clock, places
from scanner.match_ids import match_id
from scanner.model import Finding, Kind, Match, Outcome, Record

__all__ = ["MOST_FRAMES", "MOST_PAIRS", "NoPictures", "PictureFolder", "Pictures", "does_not_pass", "frame_name",
           "match_frame", "pair_name", "picture_name", "shown_frames", "thumbnail_frame", "wants_pair",
           "wants_picture"]  # fmt: skip

MOST_PAIRS: Final = 12
MOST_FRAMES: Final = 12
"""Frames of one programme, beside its thumbnail."""
_LARGEST: Final = 4_000_000
"""Bytes of a file in `pictures/`; what is larger was not drawn by provscan."""
_JPEG: Final = b"\xff\xd8\xff"


class Pictures(Protocol):
    """The pictures of a run, by their names in `pictures/`."""

    def size(self, name: str) -> int:
        """Bytes of it; 0 where there is none."""

    def read(self, name: str) -> bytes:
        """A JPEG; empty where there is none."""


class NoPictures:
    """The pictures of a run that drew none."""

    def size(self, name: str) -> int:
        """See `Pictures`."""
        return 0

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        return b""


class PictureFolder:
    """The `pictures/` of an output folder. A file that is not a JPEG, or is larger than any that provscan draws, is not
    read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, name: str) -> int:
        """See `Pictures`."""
        try:
            path = self._folder / name
            return path.stat().st_size if path.is_file() and not path.is_symlink() else 0
        except OSError:
            return 0

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        if not 0 < self.size(name) <= _LARGEST:
            return b""
        try:
            data = (self._folder / name).read_bytes()
        except OSError:
            return b""
        return data if data.startswith(_JPEG) else b""


def picture_name(record: Record) -> str:
    """The file in `pictures/`: a digest of root and path, so that any name gives a plain one."""
    asset = record.examination.asset
    words = f"{asset.root}\0{asset.path}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=10).hexdigest() + ".jpg"


def pair_name(record: Record, match: Match) -> str:
    """The file in `pictures/` that shows a match beside its reference."""
    return f"{picture_name(record).removesuffix('.jpg')}-{match_id(match)}.jpg"


def frame_name(record: Record, frame: int) -> str:
    """The file in `pictures/` that shows a frame of a programme."""
    return f"{picture_name(record).removesuffix('.jpg')}-frame{frame}.jpg"


def wants_pair(record: Record) -> tuple[Match, ...]:
    """Whether a match is shown beside its reference; others are listed in words."""
    return record.matches[:MOST_PAIRS]


def does_not_pass(record: Record) -> bool:
    """Whether a record needs action: then its matches are shown."""
    return record.verdict.outcome is not Outcome.PASS


def wants_picture(record: Record) -> bool:
    """Whether a person will want to see the record: it is a picture, and needs action."""
    return record.examination.asset.kind in (Kind.IMAGE, Kind.VIDEO) and does_not_pass(record)


def shown_frames(record: Record) -> dict[str, int]:
    """Finding → the frame that shows it: the middle of its first place, counted as records count. The first findings
    only."""
    if record.examination.asset.kind is not Kind.VIDEO and record.examination.asset.frames is None:
        return {}
    found: dict[str, int] = {}
    frames: set[int] = set()
    for finding in record.findings:
        frame = _middle(record, finding)
        if frame is not None and (frame in frames or len(frames) < MOST_FRAMES):
            frames.add(frame)
            found[finding.id] = frame
    return found


def match_frame(record: Record, match: Match) -> int | None:
    """The frame that is shown beside the reference: the one that was judged, otherwise the middle of its place."""
    frame = match.alteration.frame if match.alteration else None
    return frame if isinstance(frame, int) else _middle(record, match)


def thumbnail_frame(record: Record) -> int | None:
    """The frame of the first finding that has a place, else of the first such match; None where none has."""
    return next(_frames(record), None)


def _frames(record: Record) -> Iterator[int]:
    marks: tuple[Finding | Match, ...] = (*record.findings, *record.matches)
    for mark in marks:
        if (frame := _middle(record, mark)) is not None:
            yield frame


def _middle(record: Record, mark: Finding | Match) -> int | None:
    spans = places(mark.at, clock(record.examination))
    return (spans[0][0] + spans[0][1]) // 2 if spans else None
