"""Sound that is made: voices by a source and formants, as speech is synthesised; notes with overtones and a beat.

Each piece has a seed of its own, and none repeats another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

__all__ = ["LOUD", "RATE", "Wave", "levelled", "music", "speech"]

RATE = 24_000
LOUD = 0.1
"""Root mean square of what is loudest."""

Wave = NDArray[np.float64]


def speech(seconds: float, seed: int) -> Wave:
    """Syllables with a voice's buzz or a breath through four formants, and pauses."""
    draw, made, count = np.random.default_rng(seed), [np.zeros(0)], 0
    while count < seconds * RATE:
        made.append(np.zeros(int(draw.uniform(0.1, 0.5) * RATE)) if draw.random() < 0.18 else _syllable(draw))
        count += len(made[-1])
    return levelled(np.concatenate(made)[: int(seconds * RATE)])


def _syllable(draw: np.random.Generator) -> Wave:
    count = int(draw.uniform(0.06, 0.2) * RATE)
    pitch = draw.uniform(90, 220) * np.linspace(1, draw.uniform(0.85, 1.15), count)
    buzz = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) > 0
    source = buzz.astype(float) if draw.random() < 0.75 else draw.normal(0, 0.08, count)
    said = np.zeros(count)
    for low, high, width, loud in (
        (250, 900, 90, 1.0),
        (900, 2300, 120, 0.6),
        (2300, 3500, 180, 0.3),
        (3500, 5500, 300, 0.15),
    ):
        pole = np.exp(-np.pi * width / RATE)
        turn = 2 * np.pi * draw.uniform(low, high) / RATE
        said += loud * signal.lfilter([1 - pole], [1, -2 * pole * np.cos(turn), pole * pole], source)
    return said * np.hanning(count) ** 0.3


def music(seconds: float, seed: int, *, tempered: bool = False) -> Wave:
    """Chords of notes with overtones that die away, on a beat, in a key of its own.

    Tempered, it has one of a few tempi, and its key is one of twelve.
    """
    draw, made = np.random.default_rng(seed), np.zeros(int(seconds * RATE))
    beat = 60 / draw.choice([90, 100, 110, 120, 128]) if tempered else draw.uniform(0.35, 0.6)
    key = 2 ** (draw.integers(-6, 6) / 12) if tempered else draw.uniform(0.7, 1.4)
    scale = 220 * key * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    for first in range(0, len(made) - RATE // 10, int(beat / 2 * RATE)):
        for _ in range(draw.integers(1, 4)):
            count = min(int(beat * draw.choice([0.5, 1, 2]) * RATE), len(made) - first)
            time, pitch = np.arange(count) / RATE, draw.choice(scale)
            tones = [
                np.sin(2 * np.pi * pitch * n * time + draw.uniform(0, 6)) * draw.uniform(0.2, 1) / n
                for n in range(1, 7)
            ]
            made[first : first + count] += np.sum(tones, axis=0) * np.exp(-time * draw.uniform(1, 5))
        if draw.random() < 0.7:
            count = min(int(0.08 * RATE), len(made) - first)
            made[first : first + count] += draw.normal(0, 0.6, count) * np.exp(-np.arange(count) / RATE * 60)
    return levelled(made)


def levelled(wave: Wave) -> Wave:
    return wave / max(float(np.sqrt((wave**2).mean())), 1e-9) * LOUD
