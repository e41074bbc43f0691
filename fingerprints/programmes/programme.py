"""A programme prepared for searching: every frame's low frequencies, shots, samples of them, and the sound's peaks.

Read in one decode. Data that grow with the length are in a temporary file and memory-mapped, so that a feature film
costs no more memory than a trailer. Rule: a fault on the way keeps what was read before it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Hashes
from fingerprints.prints import phash
from fingerprints.prints.landmarks import Peaks
from fingerprints.prints.waveform import RATE as FLAT_RATE
from fingerprints.prints.waveform import flattened
from fingerprints.programmes.reading.pictures import LOW_SCALE, ProgrammeReading, ReadPictures, ReadSound, frame_numbers
from fingerprints.programmes.reading.shortfall import describe_fault, describe_lost, describe_shortfall
from fingerprints.programmes.samples import Sample
from fingerprints.programmes.shots import Shot
from media.decode import EVERY_FRAME, Medium, Mode, Wish, decode
from media.errors import MediaError
from media.frames import FrameSequence
from media.probe import Probe, Stream, probe
from media.sound import SoundClock, sound_clock
from media.still import Picture, frame_picture, open_picture, picture_in
from media.timecode import ASSUMED, rate_of
from media.work.meter import report_share

__all__ = ["SAMPLES_A_SECOND", "Programme", "assemble", "rate_of_picture", "read", "strides"]

SAMPLES_A_SECOND = 3.0
"""Frames a second that are looked up in every variant; where nothing new is shown, one in `LOOK_SECONDS`."""
LARGER = 4
"""Larger frames for each of those, of which the shortest shots are looked at: of 25 a second every other one."""

_DECODING = 0.5
"""Of the time that a programme takes: what is left compares what was decoded."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Rows are frames in the order of showing."""

    medium: Medium
    rate: Fraction
    """Frames a second of its clock; where there is no picture, those that its sound goes by, else 1000."""
    start: str
    """Start timecode as the file has it; `00:00:00:00` where it has none."""
    mode: Mode
    numbers: NDArray[np.int64]
    """Each row's frame number on the clock, 0 for the first; of a sequence, for the first that it has."""
    low: NDArray[np.float16]
    """N × 16 × 16: the low frequencies, DC and all, of each frame as 64 × 64 grey, over 128."""
    hashes: Hashes
    flat: NDArray[np.bool_]
    """Frames too even to be recognised: black, fades, skies."""
    black: NDArray[np.bool_]
    shots: tuple[Shot, ...]
    samples: tuple[Sample, ...]
    asked: NDArray[np.void]
    """Every variant of the samples, a `GUISE` each; none for a reference."""
    peaks: Peaks
    sounding: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    """Of each spectrum of its sound, whether it is more than silence, one tone or room tone."""
    origin: float = 0.0
    """Seconds of the file at which the first row is shown."""
    fault: str = ""
    """Why it was read only in part; empty when it was read whole."""
    note: str = ""
    """What a reader of its timecodes must know; empty where there is nothing to know."""
    sound: SoundClock | None = None
    """What a sound without picture states about its start."""
    waveform: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    """Samples of its sound at `SOUND_RATE`, mapped."""
    sound_start: float = 0.0
    """Seconds after the first row at which the first of them is heard."""
    _spool: Any = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Of its file; of a frame sequence, the folder and the pattern of its names."""
        return self.medium.path if isinstance(self.medium, FrameSequence) else self.medium

    @property
    def seconds(self) -> float:
        """How much of the picture was read, or of the sound where there is none."""
        return float((self.numbers[-1] + 1) / self.rate) if len(self.numbers) else self.peaks.seconds

    @property
    def starts(self) -> NDArray[np.int64]:
        """The rows at which shots begin, and the row after the last."""
        return np.array([*(shot.first for shot in self.shots), len(self.numbers)], np.int64)

    @property
    def clock(self) -> NDArray[np.float64]:
        """Seconds of each row after the first."""
        return self.numbers / float(self.rate)

    @property
    def moments(self) -> NDArray[np.float64]:
        """Seconds of each sample."""
        return self.clock[[sample.row for sample in self.samples]]

    def seconds_of(self, row: int) -> float:
        """When a row is shown, in seconds of the file: as FFmpeg seeks."""
        return self.origin + float(self.numbers[row] / self.rate)

    def outlined(self) -> Programme:
        """The programme without its search data: it can be described, and its frames opened. Small, and can be
        pickled."""
        return replace(
            self,
            low=np.zeros((0, phash.LOW, phash.LOW), np.float16),
            hashes=np.zeros((0, 4), np.uint64),
            samples=(),
            asked=self.asked[:0].copy(),
            peaks=Peaks(np.zeros(0, np.float32), np.zeros(0, np.float32), self.peaks.seconds),
            sounding=self.sounding[:0],
            waveform=self.waveform[:0].copy(),
            _spool=None,
        )

    def flat_sound(self) -> NDArray[np.int8]:
        """Its sound as waveforms are compared, from the first row on; nothing where its samples are not at hand."""
        if not len(self.waveform):
            return np.zeros(0, np.int8)
        flat, start = flattened(self.waveform), round(self.sound_start * FLAT_RATE)
        return np.pad(flat, (max(0, start), 0))[max(0, -start) :]

    def shot_of(self, row: int) -> Shot:
        """The shot that holds a row."""
        return self.shots[bisect_right(self.shots, row, key=lambda shot: shot.first) - 1]

    def picture(self, sample: Sample) -> Picture:
        """The sample's frame as grey, its longer side 640 pixels at most."""
        return picture_in(self._spool.read(sample.place))

    def drawn(self, seconds: float) -> NDArray[np.float32]:
        """What is shown at a second, as 64 × 64 grey levels: all that the low frequencies hold."""
        later = int(np.searchsorted(self.numbers, round(seconds * float(self.rate))))
        return phash.drawn(np.asarray(self.low[min(later, len(self.numbers) - 1)], np.float32) * LOW_SCALE)

    def number_of(self, number: int) -> int:
        """A frame of the clock by the number that its file bears, if it has one of its own."""
        return number + (self.medium.first if isinstance(self.medium, FrameSequence) else 0)

    def frame(self, number: int, *, side: int) -> Picture:
        """The frame of a number on the clock in colour, opened again from the file."""
        if isinstance(self.medium, FrameSequence):
            return open_picture(self.medium.frame(self.number_of(number)), at_least=side)
        return frame_picture(self.medium, self.origin + float((number + 0.5) / self.rate), side=side)


def read(medium: Medium, *, mode: Mode = EVERY_FRAME, sound: bool = True, reference: bool = False) -> Programme:
    """Read the programme of a medium. Raises `MediaError` where nothing of it can be decoded."""
    said = medium.probe() if isinstance(medium, FrameSequence) else probe(medium)
    video = said.first("video")
    rate, _ = rate_of_picture(video)
    stride, every = strides(rate, mode)
    heard = sound and not mode.quick and said.first("audio") is not None
    wish = Wish(picture=video is not None, sound=heard, stride=stride, mode=mode)
    reading, fault = ProgrammeReading(reference, every), ""
    try:
        for block in decode(medium, wish, said):
            reading.take(block)
            report_share(_DECODING * block.seconds / said.duration if said.duration else 0.0)
    except MediaError as error:
        if not reading.anything and wish.sound and wish.picture:
            return _without_sound(medium, mode, reference, error)
        if not reading.anything:
            raise
        fault = describe_fault(error)
    reading.close()
    return assemble(medium, said, reading.pictures(), reading.sound(), mode=mode, fault=fault)


def strides(rate: Fraction, mode: Mode) -> tuple[int, int]:
    """One frame in how many is also decoded larger, and one in how many of those is sampled, at a rate."""
    every = 1 if mode.keyframes else max(1, round(float(Fraction(mode.fps or rate)) / SAMPLES_A_SECOND))
    stride = every if mode.quick else max(1, every // LARGER)
    return stride, every // stride


def _without_sound(medium: Medium, mode: Mode, reference: bool, why: MediaError) -> Programme:
    """A sound stream that cannot be decoded does not cost the picture."""
    found = read(medium, mode=mode, sound=False, reference=reference)
    return replace(found, fault=found.fault or f"its sound cannot be decoded: {why}")


def rate_of_picture(video: Stream | None) -> tuple[Fraction, str]:
    """Frames a second, and a note where the picture states none that can be read."""
    if video is None:
        return ASSUMED, ""
    try:
        return rate_of(video.rate or ""), ""
    except ValueError:
        return ASSUMED, f"it states no frame rate: its frames are counted at {ASSUMED} a second"


def assemble(
    medium: Medium, said: Probe, seen: ReadPictures, heard: ReadSound, *, mode: Mode = EVERY_FRAME, fault: str = ""
) -> Programme:
    """The programme of all that was read of a medium. `fault` says why it was read only in part."""
    rate, note = rate_of_picture(said.first("video"))
    count = len(seen.times)
    sound = None if count or isinstance(medium, FrameSequence) else sound_clock(medium)
    # A sequence knows when its first frame is shown, even where that one cannot be decoded.
    first = seen.times[0] if count and not isinstance(medium, FrameSequence) else 0.0
    ends = [*seen.starts[1:], count] if count else []
    found = Programme(
        medium=medium,
        rate=rate if count else (sound and sound.rate) or Fraction(1000),
        start=start_timecode(said),
        mode=mode,
        numbers=frame_numbers(seen.times - first, rate),
        low=seen.low,
        hashes=seen.hashes,
        flat=seen.flat,
        black=seen.black,
        shots=tuple(Shot(start, end) for start, end in zip(seen.starts, ends, strict=True)),
        samples=seen.samples,
        asked=seen.asked,
        peaks=heard.listener.peaks(first),
        sounding=heard.listener.sounding(first),
        origin=float(first),
        fault=fault,
        note=note,
        sound=sound,
        waveform=heard.waveform,
        sound_start=heard.listener.start(first),
        _spool=seen.spool,
    )
    faults = (describe_lost(found) or fault, describe_shortfall(found, said))
    return replace(found, fault="; ".join(filter(None, faults)))


def start_timecode(said: Probe) -> str:
    """The start timecode as the container or one of its streams declares it."""
    for tags in (*(stream.tags for stream in said.streams), said.tags):
        for name, value in tags.items():
            if name.lower() == "timecode" and value:
                return value
    return "00:00:00:00"
