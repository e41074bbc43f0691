"""Chromaprint, by FFmpeg's muxer: a compact fingerprint of sound that is used unchanged.

Eight words of 32 bits a second. It survives codecs and loudness and fails under speech; the landmarks are for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.ffmpeg import FORMATS, output, tool

__all__ = ["THRESHOLD", "WORDS_A_SECOND", "Overlap", "alike", "words"]

WORDS_A_SECOND = 11_025 / (4096 - 4096 * 2 // 3)
"""Chromaprint's step at its own rate of sampling."""
SPAN = 2.6
"""Seconds of sound that one word covers."""
WINDOW = 32
"""Words that are compared at once: 4 s."""
THRESHOLD = 0.16
"""Share of bits that differ. Of other sound it is 0.45, give or take 0.045, and the nearest of 124 pieces in some
hours was 0.24: six and a half times that, which an hour has by chance in one of 10⁵ references. Used as it is,
through a codec, sound is under 0.09."""
VARIED = 24
"""Different words of a window with content: silence is one word, and must not extend what is around it."""
LONGEST_SECONDS = 12 * 3600

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The reference's words from `there`, found at the programme's from `here`."""

    here: int
    there: int
    length: int
    errors: float
    """Share of bits that differ."""

    @property
    def seconds(self) -> tuple[float, float, float, float]:
        """In and out in the programme, and in the reference."""
        length = self.length / WORDS_A_SECOND + SPAN
        here, there = self.here / WORDS_A_SECOND, self.there / WORDS_A_SECOND
        return here, here + length, there, there + length


def words(path: Path) -> Words:
    """The words of the first sound stream. Raises `MediaError`."""
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"]
    command += ["-format_whitelist", FORMATS, "-t", str(LONGEST_SECONDS), "-i", f"file:{path.absolute()}"]
    command += ["-map", "0:a:0", "-f", "chromaprint", "-fp_format", "raw", "pipe:1"]
    data = b"".join(output(command, block=1 << 16))
    return np.frombuffer(data[: len(data) // 4 * 4], "<u4").astype(np.uint32)


def alike(here: Words, there: Words) -> list[Overlap]:
    """Where the reference is heard unchanged. Runs at one offset are one, and may overlap with others."""
    if min(len(here), len(there)) < WINDOW:
        return []
    offsets: dict[int, list[int]] = {}
    for start in [*range(0, len(there) - WINDOW, WINDOW // 2), len(there) - WINDOW]:
        piece = there[start : start + WINDOW]
        if len(np.unique(piece)) < VARIED:
            continue
        for row in np.flatnonzero(_errors(here, piece) <= THRESHOLD):
            offsets.setdefault(int(row) - start, []).append(start)
    found: list[Overlap] = []
    for offset, starts in sorted(offsets.items(), key=lambda pair: -len(pair[1])):
        if any(
            abs(offset - (run.here - run.there)) <= 3
            and run.there <= starts[0] + WINDOW
            and starts[0] <= run.there + run.length
            for run in found
        ):
            continue
        found += _runs(here, there, offset, starts)
    return found


def _runs(here: Words, there: Words, offset: int, starts: list[int]) -> list[Overlap]:
    found, first, last = [], starts[0], starts[0]
    for start in [*starts[1:], 1 << 60]:
        if start - last > WINDOW:
            length = last + WINDOW - first
            bits = np.bitwise_count(here[first + offset : first + offset + length] ^ there[first : first + length])
            found.append(Overlap(first + offset, first, length, float(bits.mean()) / 32))
            first = start
        last = start
    return found


def _errors(here: Words, piece: Words) -> NDArray[np.float64]:
    """Share of bits that differ, the piece laid at every word."""
    total = np.zeros(len(here) - len(piece) + 1, np.uint32)
    for step, word in enumerate(piece):
        total += np.bitwise_count(here[step : step + len(total)] ^ word)
    return total / (32 * len(piece))
