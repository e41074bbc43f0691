"""A frame sequence as a programme: numbered pictures in one folder, shown one after the other at a rate.

FFmpeg reads a run of them in one go, which costs a small part of opening each. Rule: a missing frame keeps its time, so
what comes after it is not shown sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Final

from media.probe import Probe, Stream

__all__ = ["FILM", "FrameRange", "FrameSequence"]

FILM: Final = Fraction(24)
"""Frames a second where nobody states a rate."""

_LINEAR = (".exr",)
"""Light as it is: it gets the curve of sRGB (IEC 61966-2-1) before it is scaled, as `still` gives it to one."""
_CURVE = r"if(lte(val\,0.0031308*maxval)\,12.92*val\,(1.055*pow(val/maxval\,1/2.4)-0.055)*maxval)"


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames one after the other."""

    seconds: float
    """When the first of them is shown."""
    inputs: tuple[str, ...]
    """The inputs that FFmpeg opens."""


@dataclass(frozen=True, slots=True)
class FrameSequence:
    """Numbered pictures of one format and raster."""

    folder: Path
    pattern: str
    """Their name with its number as `printf` writes it, `sh010.%04d.exr`; any other `%` is doubled."""
    ranges: tuple[tuple[int, int], ...]
    """First and last number, both included, ascending."""
    rate: Fraction = FILM
    start: str = ""
    """Timecode of the first frame, where the frames state one."""

    @property
    def path(self) -> Path:
        """The folder and the pattern."""
        return self.folder / self.pattern

    @property
    def first(self) -> int:
        """The number of the first frame, which is shown at 0 s."""
        return self.ranges[0][0]

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def frame(self, number: int) -> Path:
        """The file of a frame; where it is missing, the nearest one before it."""
        there = next((last for first, last in reversed(self.ranges) if first <= number), self.first)
        return self.folder / (self.pattern % min(number, there))

    def probe(self) -> Probe:
        """What it states about itself, as for a file."""
        rate = f"{self.rate.numerator}/{self.rate.denominator}"
        tags = {"timecode": self.start} if self.start else {}
        stream = Stream(index=0, kind="video", codec="frames", rate=rate)
        return Probe(format="frames", duration=None, streams=(stream,), tags=tags, chapters=())

    def runs(self, start: float, seconds: float) -> Iterator[FrameRange]:
        """The ranges that are shown from a time on, for so long."""
        begin, count = self.first + floor(start * self.rate + Fraction(1, 2)), max(1, round(seconds * self.rate))
        folder = str(self.folder.absolute()).replace("%", "%%")
        for first, last in self.ranges:
            low, high = max(first, begin), min(last, begin + count - 1)
            if low <= high:
                options = ("-f", "image2", "-framerate", str(self.rate), "-start_number", str(low))
                length = ("-start_number_range", "1", "-t", f"{(high - low + 0.9) / float(self.rate):.6f}")
                medium = ("-i", f"file:{folder}/{self.pattern}")
                yield FrameRange(float((low - self.first) / self.rate), (*options, *length, *medium))

    @property
    def filters(self) -> str:
        """The filters that each frame goes through before it is scaled; empty, or ends with a comma."""
        if not self.pattern.lower().endswith(_LINEAR):
            return ""
        return "format=gbrp16," + "lutrgb=" + ":".join(f"{channel}='{_CURVE}'" for channel in "rgb") + ","
