"""Recordings that run at their own speed, by their waveforms: low under speech, for seconds only, to the frame.

Every part of a reference is laid over every moment of the programme, at half the samples; what stands out is followed
with all of them, in short cells, from where to where it agrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from fingerprints.prints.waveform import RATE, opened
from fingerprints.programmes.align import joined

__all__ = ["LEAST", "Echo", "echoes", "followed"]

PIECE, OVERLAP = 16 * RATE, 4 * RATE
"""Samples of a reference that are laid over the programme at once, and that two of them share."""
BLOCK = 1 << 18
"""Samples of the programme at once."""
TOGETHER = 16
"""Blocks for which a reference is turned into its spectrum once."""
ROW = 256
"""Places of which one is followed at the most: 85 ms."""
STANDS_OUT = 5.6
"""Times its spread, at which agreement is followed."""
LEAST = 9.5
"""Times its spread, from which agreement is none by chance: an hour has 10⁷ places and some hundred lengths."""
MOST = 3
"""Places of a block that are followed."""
APART = RATE // 10
"""Samples by which two places are one."""
NEAR = 2
"""Samples by which the first look may be off."""
CELL = 240
"""Samples of a cell: 40 ms."""
AROUND = 5 * RATE
"""Samples before and behind, in which few other places may agree about as much: a tone agrees with itself
everywhere."""
BESIDE = RATE // 20
RIVAL, LOUDER, CLEAR = 0.5, 0.7, 30.0
"""Of the agreement, what one place in a thousand may have at the most; the same where it stands out as far as the
third. Music in the same pitches agrees at many places by 0.54 and more, a cue under speech hardly ever by 0.4."""
SHORTEST = 1.8
SILENT = 16.0
"""Nats that may be lost where speech covers it."""
GAP = 4.0
"""Seconds without agreement that do not end it, where it goes on: speech may cover it for as long."""
REST = 0.4
"""Seconds of a reference's begin or end that may stay unheard where the rest is heard."""

Flat = NDArray[np.int8]
Wave = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Echo:
    """One instance: seconds of the programme's sound, and how far the reference's begin lies before them."""

    item: int
    offset: float
    """Seconds of the programme at which the reference begins."""
    start: float
    end: float
    score: float
    """Times its spread."""


def echoes(programme: Flat, references: Sequence[NDArray[np.uint8]], seconds: Sequence[float]) -> list[Echo]:
    """All instances of references, each by its signs and how long it is; one moment has one of a reference."""
    found: list[Echo] = []
    starts = range(0, max(1, len(programme) - PIECE // 2), BLOCK - PIECE)
    for some in range(0, len(starts), TOGETHER):
        blocks = [_Block.of(programme, first) for first in starts[some : some + TOGETHER]]
        blocks = [block for block in blocks if block.energy[-1]]
        for item, packed in enumerate(references):
            reference = opened(packed)[: round(seconds[item] * RATE)]
            mine: list[Echo] = []
            for begin in range(0, max(1, len(reference) - OVERLAP), PIECE - OVERLAP):
                piece = reference[begin : begin + PIECE]
                asked = np.conj(fft.rfft(piece, BLOCK)[: BLOCK // 4 + 1])
                for block in blocks:
                    for at in block.places(asked, len(piece)):
                        lag = block.first + at - begin
                        if not any(_holds(one, lag, block.first + at, len(piece)) for one in mine):
                            part = (begin - PIECE, begin + 2 * PIECE)
                            mine += followed(programme, reference, lag, part, item)
            found += mine
    return _strongest(found)


def _holds(one: Echo, lag: int, at: int, length: int) -> bool:
    """Whether an instance holds what this piece would find."""
    inside = one.start * RATE - RATE <= at and at + length <= one.end * RATE + RATE
    return inside and abs(one.offset * RATE - lag) <= APART


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """A part of the programme."""

    first: int
    """Of its samples."""
    count: int
    spectrum: NDArray[np.complex64]
    """Of its lower half."""
    energy: NDArray[np.float64]
    """Of so many of its samples as the row says."""

    @classmethod
    def of(cls, programme: Flat, first: int) -> _Block:
        samples = programme[first : first + BLOCK].astype(np.float32)
        energy = np.concatenate([[0.0], np.cumsum(samples * samples, dtype=np.float64)])
        return cls(first, len(samples), fft.rfft(samples, BLOCK)[: BLOCK // 4 + 1], energy)

    def places(self, asked: NDArray[np.complex64], length: int) -> Iterator[int]:
        """Samples of the block at which a piece may begin, some before it: as many as stand out of all."""
        agree = np.abs(fft.irfft(self.spectrum * asked, BLOCK // 2))
        # What begins before the block lies behind its end, as a circle has it.
        before, last = length // 2, min(self.count, BLOCK - length) // 2
        agree = np.concatenate([agree[len(agree) - before :], agree[:last]])
        rows = len(agree) // ROW
        starts = 2 * (np.arange(rows) * ROW - before)
        heard = self.energy[np.clip(starts + length, 0, self.count)] - self.energy[np.clip(starts, 0, self.count)]
        usual = np.sqrt(np.maximum(heard, heard.max(initial=0.0) / 2)) + 1e-9
        agree = agree[: rows * ROW].reshape(rows, ROW)
        spread = float(np.median(agree[:, ::16] / usual[:, None])) / 0.6745
        over = agree.max(axis=1, initial=0.0) / (usual * max(spread, 1e-9))
        for row in np.argsort(-over)[:MOST].tolist():
            if over[row] < STANDS_OUT:
                return
            yield int(starts[row]) + 2 * int(agree[row].argmax())


def followed(programme: Flat, reference: Wave, lag: int, part: tuple[int, int], item: int) -> Iterator[Echo]:
    """Stretches over which a part of the reference agrees, that begins `lag` samples after the programme, about."""
    first, end = max(0, NEAR - lag, part[0]), min(len(reference), len(programme) - lag - NEAR, part[1])
    if end - first < SHORTEST * RATE:
        return
    piece = reference[first:end]
    near = [programme[lag + first + step : lag + end + step].astype(np.float32) for step in range(-NEAR, NEAR + 1)]
    cells = len(piece) // CELL
    step = int(np.argmax([_most(one * piece, cells) for one in near]))
    heard, lag = near[step], lag + step - NEAR
    sums = (heard * piece)[: cells * CELL].reshape(cells, CELL).sum(axis=1)
    spread = np.sqrt((heard * heard)[: cells * CELL].reshape(cells, CELL).sum(axis=1))
    loud = np.maximum(spread, 1e-6 + 0.25 * float(np.median(spread)))
    for sign in (1.0, -1.0):
        for start, stop in _stretches(sign * sums / loud):
            score = sign * float(sums[start:stop].sum()) / float(np.sqrt((spread[start:stop] ** 2).sum()) + 1e-9)
            if score < LEAST or (stop - start) * CELL < SHORTEST * RATE:
                continue
            a, b = first + start * CELL, first + stop * CELL
            if _rivals(programme, reference[a:b], lag + a) > (LOUDER if score >= CLEAR else RIVAL):
                continue
            yield Echo(item, lag / RATE, *_sides(lag, a, b, len(reference)), score)


def _most(product: Wave, cells: int) -> float:
    """The most agreement of a second."""
    total = np.cumsum(product[: cells * CELL].reshape(cells, CELL).sum(axis=1))
    wide = RATE // CELL
    return float(np.abs(total[wide:] - total[:-wide]).max(initial=0.0))


def _stretches(score: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """From which cell to which the agreement is better explained by a sound than by chance."""
    usual = float(np.clip(np.sort(score)[len(score) // 2 :].mean() / 2, 0.5, 3.0))
    gain = np.clip(usual * score - usual * usual / 2, -3.0, 8.0)
    first = end = 0
    total = best = 0.0
    for row, more in enumerate([*gain.tolist(), *[-3.0] * int(SILENT)]):
        total += more
        if total >= best:
            best, end = total, row + 1
        if total <= 0 or total < best - SILENT:
            if best > SILENT:
                yield first, end
            first, total, best = row + 1, 0.0, 0.0


def _sides(lag: int, first: int, end: int, whole: int) -> tuple[float, float]:
    """Seconds of in and out. Where the reference has little more, all of it is heard."""
    if first <= REST * RATE:
        first = 0
    if whole - end <= REST * RATE:
        end = whole
    return max(0, lag + first) / RATE, (lag + end) / RATE


def _rivals(programme: Flat, piece: Wave, at: int) -> float:
    """Of its agreement, how much one place in a thousand about has too: with a tone, everything agrees."""
    first, end = max(0, at - AROUND), min(len(programme), at + len(piece) + AROUND)
    there = programme[first:end].astype(np.float32)
    size = fft.next_fast_len(len(there) + len(piece))
    agree = fft.irfft(fft.rfft(there, size) * np.conj(fft.rfft(piece, size)), size)
    agree = np.abs(agree[: len(there) - len(piece) + 1])
    best = float(agree[at - first])
    others = np.delete(agree, slice(max(0, at - first - BESIDE), at - first + BESIDE))
    return float(np.percentile(others, 99.9)) / max(best, 1e-9) if len(others) else 0.0


def _strongest(found: list[Echo]) -> list[Echo]:
    """One moment has one instance of an item, joined of its parts."""
    kept: list[Echo] = []
    for one in sorted(joined(found, lambda echo: echo.start, _is_one, _both), key=lambda echo: -echo.score):
        shared = (min(one.end, other.end) - max(one.start, other.start) for other in kept if other.item == one.item)
        if max(shared, default=-1.0) < 0.3 * (one.end - one.start):
            kept.append(one)
    return sorted(kept, key=lambda echo: (echo.start, echo.item))


def _is_one(one: Echo, other: Echo) -> bool:
    return one.item == other.item and other.start <= one.end + GAP and abs(one.offset - other.offset) * RATE <= APART


def _both(one: Echo, other: Echo) -> Echo:
    surer = max(one, other, key=lambda echo: echo.score)
    return replace(surer, start=min(one.start, other.start), end=max(one.end, other.end))
