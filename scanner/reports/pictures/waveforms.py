"""The sound of a match as a waveform, with the matching stretch marked; below it the reference. In a sealed worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from media.still import Picture

__all__ = ["Stretch", "draw_waveforms"]

_WIDTH: Final = 640
_HEIGHT: Final = 96
_GAP: Final = 6
_AROUND: Final = 0.5
"""Of the stretch's length, before and behind it; at least a second, at most half a minute."""
_LONGEST: Final = 900.0
"""Seconds: of a longer stretch the begin is drawn."""
_GROUND, _BAND, _WAVE, _FOUND = (20, 23, 26), (58, 40, 30), (128, 138, 148), (255, 140, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of sound in a file, in seconds. Pickled to workers."""

    path: str
    begin: float
    end: float


def draw_waveforms(stretches: Iterable[Stretch]) -> bytes | None:
    """A JPEG, one waveform under the other; None where the first cannot be decoded, or holds no sound."""
    from media.errors import MediaError, MissingDependency
    from media.still import jpeg

    rows: list[Picture] = []
    for stretch in stretches:
        try:
            drawn = _draw_sound(stretch)
        except (MediaError, MissingDependency, OSError, MemoryError):
            drawn = None
        if drawn is None:
            break
        if rows:
            rows.append(np.full((_GAP, _WIDTH, 3), 255, np.uint8))
        rows.append(drawn)
    return jpeg(np.vstack(rows), quality=85) if rows else None


def _draw_sound(stretch: Stretch) -> Picture | None:
    length = min(max(stretch.end - stretch.begin, 0.1), _LONGEST)
    around = min(max(length * _AROUND, 1.0), 30.0)
    start = max(0.0, stretch.begin - around)
    seconds = stretch.begin + length + around - start
    levels = _levels(Path(stretch.path), start, seconds)
    if levels is None:
        return None
    picture = np.full((_HEIGHT, _WIDTH, 3), _GROUND, np.uint8)
    first, after = (round((second - start) * _WIDTH / seconds) for second in (stretch.begin, stretch.begin + length))
    picture[:, first : max(after, first + 1)] = _BAND
    middle = _HEIGHT // 2
    for column, level in enumerate(levels):
        reach = max(1, round(level * (middle - 3)))
        inside = first <= column < max(after, first + 1)
        picture[middle - reach : middle + reach, column] = _FOUND if inside else _WAVE
    return picture


def _levels(path: Path, start: float, seconds: float) -> NDArray[np.float64] | None:
    """The loudest sample of each column, 0 to 1 of the loudest of all; 0 behind the end."""
    from media.decode import SOUND_RATE, Sound, Wish, decode

    step = max(1, round(seconds * SOUND_RATE / _WIDTH))
    samples = np.zeros(step * _WIDTH, np.int32)
    heard = 0
    for block in decode(path, Wish(picture=False, start=start, seconds=seconds)):
        if isinstance(block, Sound):
            part = block.samples[: len(samples) - heard]
            samples[heard : heard + len(part)] = part
            heard += len(part)
    if not heard:
        return None
    levels = np.abs(samples).reshape(_WIDTH, step).max(axis=1).astype(float)
    return np.asarray(levels / max(levels.max(), 1.0), float)
