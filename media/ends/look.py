"""Decodes first, middle and last frame of each stream of a programme: what a person checks before signing.

Streams of one length are decoded together, in one read of each place. Formats that state where a time is are set to a
time, others to a byte, from which the decoder finds the next key frame or the next frame of sound. Each place and the
whole have a time limit: what remains undecoded is returned in words. See `aim` for one stream at one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from media.ends.aim import UNHEARD, Aim, Checkpoint, Start
from media.ends.encryption import encrypted_tracks
from media.errors import Malformed, TimedOut, Unsupported
from media.probe import Stream, codec_tag, demuxed, lasting, opened, seek, seek_byte, stream_of

__all__ = ["MAX_STREAMS", "NotDecoded", "decode_ends"]

PLACE_SECONDS, FILE_SECONDS = 8.0, 16.0
"""How long one place, and all of a file, may be decoded."""
MAX_STREAMS = 64
"""The number of streams of a file that are decoded: the mono tracks of a master in four languages."""
LAST_SECONDS, BACK_SECONDS = 0.5, 10.0
"""So much of the end of a sound is sought before its last frame; and of any stream, where nothing came of that."""
TOGETHER_SECONDS = 1.0
"""Streams whose starts and ends are this near to each other are decoded together."""
FIRST_WINDOW, LAST_WINDOW = 1 << 20, 64 << 20
"""Bytes before the end of a file in which the last frame is looked for: from, to, times eight each time."""

_TIMED = frozenset({"mov", "matroska", "mxf", "avi", "flv", "wav", "w64", "flac", "aiff", "caf", "ogg", "asf"})
"""FFmpeg's demultiplexers of formats that state where a time is and how long they last."""
_BYTED = frozenset(
    {"mpegts", "mpeg", "mpegvideo", "mp3", "aac", "ac3", "eac3", "dts", "h264", "hevc", "m4v", "vc1", "dv"}
)
"""And those of formats that can be entered at any byte; of others the first frame alone is decoded."""
_NAMES = {"video": "picture", "audio": "sound"}


class NotDecoded(NamedTuple):
    """What was not decoded of a file whose other parts are undamaged."""

    text: str
    """A clause: the place and stream, and why."""
    is_late: bool = False
    """Whether the time limit was reached; otherwise the format, or the file, does not allow access to it."""


def decode_ends(path: Path) -> tuple[NotDecoded, ...]:
    """What was not decoded of them; empty where all was.

    Raises `Malformed` with the name of each stream and place that fails, `Unsupported` where the picture, or the sound
    of a file without picture, is encrypted.
    """
    faults: list[str] = []
    left: list[NotDecoded] = []
    is_open = False
    try:
        with opened(path) as container:
            is_open = True
            look = _Look(container, path)
            look.decode()
            faults, left = look.faults, look.left
    except Malformed:
        if is_open:  # what cannot be opened is reported by who reads its tags
            raise
    except TimedOut as error:
        left.append(NotDecoded(f"what follows: {error}", is_late=True))
    if faults:
        raise Malformed("; ".join(faults))
    return tuple(left)


class _Shown(NamedTuple):
    """A stream of picture or sound that is decoded."""

    stream: Any
    facts: Stream
    name: str

    length: float
    """Seconds: of its own, else of its container; 0 where neither is stated."""

    @property
    def end(self) -> float:
        """Seconds."""
        return self.facts.start + self.length

    @property
    def stated_end(self) -> float | None:
        """Seconds; None where only the container states one."""
        return self.end if self.facts.duration else None


class _Look:
    """One open container, its streams, and what came of decoding them."""

    def __init__(self, container: Any, path: Path) -> None:
        self.faults: list[str] = []
        self.left: list[NotDecoded] = []
        self._container, self._size = container, path.stat().st_size
        self._until = monotonic() + FILE_SECONDS
        self._formats = frozenset(container.format.name.split(","))
        self._is_loose = not self._formats & (_TIMED - {"asf"})  # of ASF an index has seconds, where there is one
        self._shown = self._streams(encrypted_tracks(path) if "mov" in self._formats else frozenset())

    def decode(self) -> None:
        """All places of all streams, those of the first picture or sound first."""
        if self._formats & _BYTED and self._shown:
            self._decode_byted(self._shown)
            return
        for group in _groups(self._shown):
            self._decode_timed(group)

    def _streams(self, encrypted: frozenset[int]) -> list[_Shown]:
        """Those that can be decoded, pictures first; the index of a stream is that of its track."""
        found = [(stream, stream_of(stream)) for stream in self._container.streams]
        stated = lasting(self._container)
        kinds = {kind: [one for one in found if one[1].kind == kind] for kind in _NAMES}
        shown: list[_Shown] = []
        for kind, streams in kinds.items():
            reasons: list[str] = []
            for number, (stream, facts) in enumerate(streams, 1):
                name = _NAMES[kind] if len(streams) == 1 else f"{_NAMES[kind]} {number}"
                if stream.index in encrypted:
                    reasons.append(f"its {name}, which is encrypted")
                elif stream.codec_context is None:
                    said = codec_tag(stream).strip("\0 ") or facts.codec
                    self.left.append(NotDecoded(f"its {name}: nothing here decodes its kind ({said})"))
                elif len(shown) < MAX_STREAMS:
                    shown.append(_Shown(stream, facts, f"{name} ({facts.codec})", facts.duration or stated))
                else:
                    self.left.append(NotDecoded(f"its {name}: {MAX_STREAMS} streams of a file are decoded"))
            if streams and len(reasons) == len(streams) and not (kind == "audio" and kinds["video"]):
                raise Unsupported(f"{' and '.join(reasons)}, could not be inspected")
            self.left.extend(map(NotDecoded, reasons))
        return shown

    def _decode_timed(self, group: Sequence[_Shown]) -> None:
        lead = group[0]
        start = lead.facts.start
        begin = min(one.facts.start for one in self._shown)
        is_there = lead is self._shown[0] and start - begin <= TOGETHER_SECONDS
        self._at_time(group, Checkpoint.FIRST, None if is_there else start)
        if self.faults:
            return
        if not self._formats & _TIMED or not lead.length:  # nothing can be sought: one frame after the other
            self._at_time(group, Checkpoint.LAST, start)
            return
        before = 2 / float(Fraction(lead.facts.rate)) if lead.facts.rate else LAST_SECONDS
        self._at_time(group, Checkpoint.MIDDLE, start + lead.length / 2)
        self._at_time(group, Checkpoint.LAST, start + max(0.0, lead.length - before))

    def _at_time(self, group: Sequence[_Shown], place: Checkpoint, seconds: float | None) -> None:
        """One read for all of them; then each alone that did not come up in it."""
        if seconds is not None and not seek(self._container, group[0].stream, seconds):
            self.left.extend(NotDecoded(f"the {place} frame of its {one.name}: seeking to it failed") for one in group)
            return
        for one, aim in zip(group, self._read(group, place, Start.AT_PACKET), strict=True):
            for at in _again(one, place, seconds) if len(group) > 1 or place is Checkpoint.LAST else ():
                is_late = not aim.is_over and one.facts.kind == "audio" and place is Checkpoint.LAST
                if aim.fault or not self._has_time() or (aim.reached is not None and not is_late):
                    break
                if seek(self._container, one.stream, at):
                    (aim,) = self._read([one], place, Start.AT_PACKET)  # noqa: PLW2901
            self._keep(one, aim, place, end=one.stated_end)

    def _decode_byted(self, group: Sequence[_Shown]) -> None:
        for one, aim in zip(group, self._read(group, Checkpoint.FIRST, Start.PARSED), strict=True):
            self._keep(one, aim, Checkpoint.FIRST)
        if not self.faults and self._at_bytes(group, Checkpoint.LAST):
            self._at_bytes(group, Checkpoint.MIDDLE)

    def _at_bytes(self, group: Sequence[_Shown], place: Checkpoint) -> int:
        """From the middle, or from ever longer before the end, until each stream has a frame. Returns the byte."""
        at = self._size
        for step in count():
            window = FIRST_WINDOW << 3 * step
            at = self._size // 2 if place is Checkpoint.MIDDLE else self._size - window
            at = at if at >= self._size // 2 else 0
            if not seek_byte(self._container, at):
                texts = (f"the {place} frame of its {one.name}: seeking to it failed" for one in group)
                self.left.extend(map(NotDecoded, texts))
                return at
            aims = self._read(group, place, Start.AT_BYTE if at else Start.PARSED)
            is_found = all(aim.reached is not None or aim.fault for aim in aims)
            if is_found or place is Checkpoint.MIDDLE or at == 0 or window >= LAST_WINDOW or not self._has_time():
                break
        for one, aim in zip(group, aims, strict=True):
            if aim.is_over and aim.packets > UNHEARD and aim.reached is None:
                aim.fault = aim.fault or aim.shortfall(None)
            if aim.reached is not None or aim.fault or not aim.is_over:
                self._keep(one, aim, place, is_through=at == 0)
            else:  # a stream may begin or end anywhere in the file, and the next key frame may be far
                text = f"the {place} frame of its {one.name}: nothing of it is after byte {at}"
                self.left.append(NotDecoded(text))
        return at

    def _read(self, group: Sequence[_Shown], place: Checkpoint, start: Start) -> list[Aim]:
        """Decode from where the container stands until each has what is wanted, or the time is over."""
        aims = [Aim(one.stream, place, start) for one in group]
        by_stream = {one.stream.index: aim for one, aim in zip(group, aims, strict=True)}
        until = min(self._until, monotonic() + PLACE_SECONDS)
        for packet in demuxed(self._container, [one.stream for one in group], is_plain=not self._formats & _TIMED):
            aim = by_stream[packet.stream.index]
            if not aim.is_over:
                aim.take(packet)
            if all(one.is_over for one in aims) or monotonic() > until:
                break
        else:
            for aim in aims:
                aim.is_over = True
        return aims

    def _keep(
        self, one: _Shown, aim: Aim, place: Checkpoint, *, end: float | None = None, is_through: bool = False
    ) -> None:
        """Note a fault, or what was not reached.

        `end` is where its last frame should stand; `is_through` whether it was decoded from its first frame on.
        """
        if place is Checkpoint.FIRST and aim.is_over and not aim.packets and one.facts.kind == "video":
            aim = self._without_key(one)
        fault = aim.fault or (aim.is_over and aim.shortfall(end))
        is_sure = aim.fault or place is Checkpoint.FIRST or (not self._is_loose and (aim.packets or end is not None))
        if fault and is_sure:
            where = (
                f"a frame at {aim.reached:.1f} s" if is_through and aim.reached is not None else f"the {place} frame"
            )
            self.faults.append(f"{where} of its {one.name} cannot be decoded ({fault})")
        elif fault:
            self.left.append(NotDecoded(f"the {place} frame of its {one.name}: nothing of it was found there"))
        elif not aim.is_over:
            up_to = f"; decoded up to {aim.reached:.1f} of {one.end:.1f} s" if aim.reached is not None else ""
            text = f"the {place} frame of its {one.name}: the time for decoding was over{up_to}"
            self.left.append(NotDecoded(text, is_late=True))

    def _without_key(self, one: _Shown) -> Aim:
        """What comes of a picture without a key frame: a piece of a stream, or one that is refreshed in parts."""
        if seek(self._container, one.stream, one.facts.start) or seek_byte(self._container, 0):
            (aim,) = self._read([one], Checkpoint.FIRST, Start.ANYWHERE)
            if aim.reached is not None:
                self.left.append(NotDecoded(f"whole pictures of its {one.name}: it has no key frame"))
            return aim
        aim = Aim(one.stream, Checkpoint.FIRST)
        aim.is_over = True
        return aim

    def _has_time(self) -> bool:
        return monotonic() < self._until


def _again(one: _Shown, place: Checkpoint, seconds: float | None) -> Iterator[float]:
    """Where else a stream is sought of which nothing came up: an index may point behind its last key frame."""
    start = one.facts.start
    if place is not Checkpoint.LAST:
        yield start if seconds is None else max(start, seconds)
        return
    if one.facts.kind == "audio":
        yield max(start, one.end - LAST_SECONDS)
    yield max(start, one.end - BACK_SECONDS)


def _groups(shown: Sequence[_Shown]) -> Iterator[list[_Shown]]:
    """Streams that begin and end together."""
    left = list(shown)
    while left:
        lead = left[0]
        group = [
            one
            for one in left
            if abs(one.facts.start - lead.facts.start) <= TOGETHER_SECONDS
            and abs(one.end - lead.end) <= TOGETHER_SECONDS
        ]
        yield group
        left = [one for one in left if one not in group]
