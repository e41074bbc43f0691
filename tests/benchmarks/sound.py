"""Music and voices planted under speech: found, and when? And what is found in hours of other sound.

All sound is made here, each piece by a seed of its own, and goes through AAC: notes with overtones and a beat;
voices by a source and formants, as speech is synthesised. No piece repeats another.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from fingerprints.programmes.programme import read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import Item, open_item
from fingerprints.programmes.trace import trace
from fixtures.encode import encode, run
from tests.benchmarks.measure import machine, of_process, written
from tests.benchmarks.table import table

PAGE = Path(__file__).parents[2] / "docs/trace.md"
RATE = 24_000
LOUD = 0.1
"""Root mean square of what is loudest."""
MUSIC, VOICES = 10, 6
"""Pieces that are looked for."""
MUSIC_SECONDS, VOICE_SECONDS, GAP = 12.0, 8.0, 3.0
FASTER, SLOWER = 25 / 24, 24 / 25
STRANGERS = 24
"""Pieces that are looked for in other sound besides, half of them tempered."""
HOURS = 3

Wave = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Laid:
    """How a piece is laid into the programme."""

    kind: str
    decibels: float | None = None
    """Under the speech; without, nothing else is heard."""
    speed: float = 1.0
    keeps_pitch: bool = False
    beneath: float | None = None
    """Other music under it, in decibels."""


LAID_MUSIC = (
    Laid("music as it is"),
    Laid("music −9 dB under speech", -9),
    Laid("music −15 dB under speech", -15),
    Laid("music −9 dB, +4 %", -9, FASTER),
    Laid("music −9 dB, −4 %", -9, SLOWER),
    Laid("music −9 dB, +4 %, pitch kept", -9, FASTER, keeps_pitch=True),
    Laid("music −9 dB, −4 %, pitch kept", -9, SLOWER, keeps_pitch=True),
)
LAID_VOICES = (
    Laid("voice as it is"),
    Laid("voice over music at −9 dB", beneath=-9),
    Laid("voice, +4 %", speed=FASTER),
    Laid("voice, −4 %", speed=SLOWER),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """Seconds of the programme."""

    item: str
    laid: Laid
    start: float
    end: float


def heard_again(work: Path) -> Iterator[str]:
    """Recall, timing and false segments, as Markdown."""
    pieces = {f"music{n}.wav": music(MUSIC_SECONDS, 100 + n) for n in range(MUSIC)}
    pieces |= {f"voice{n}.wav": speech(VOICE_SECONDS, 200 + n) for n in range(VOICES)}
    items = [_item(work / name, wave) for name, wave in pieces.items()]
    sound, planted = _programme(pieces)
    programme = read(_written(work / "programme.m4a", sound))
    found = trace(items, [programme])
    items += [
        _item(work / f"stranger{n}.wav", music(MUSIC_SECONDS, 400 + n, tempered=n % 2 == 0)) for n in range(STRANGERS)
    ]
    others = [read(_written(work / f"other{hour}.m4a", *_other(hour))) for hour in range(HOURS)]
    false: list[Segment] = []
    listening = of_process(lambda: false.extend(trace(items, others)))
    yield (
        f"{len(planted)} instances of {MUSIC} pieces of music ({MUSIC_SECONDS:g} s) and {VOICES} voices "
        f"({VOICE_SECONDS:g} s) in {len(sound) / RATE / 60:.0f} minutes, AAC at 96 kbit/s. Offset is how far the "
        "line between the two clocks is off; in and out are where the segment begins and ends.\n"
    )
    yield table(("kind", "found", "offset, s (median)", "in", "out"), _rows(planted, found))
    strange = sum(not any(_shared(segment, one) > 0 for one in planted) for segment in found)
    yield (
        f"\nSegments of the programme where their reference is not: {strange}. In {HOURS} hours of other sound (speech, "
        "music, speech over music; in every other hour the music is in equal temperament at whole tempi, as most is), "
        f"where {len(items)} pieces are looked for of which none is there: {len(false)}, "
        f"in {listening.cpu / HOURS:.1f} s of CPU an hour after reading."
    )


def _rows(planted: Sequence[Planted], found: Sequence[Segment]) -> Iterator[Sequence[str]]:
    for laid in (*LAID_MUSIC, *LAID_VOICES):
        mine = [one for one in planted if one.laid is laid]
        best = [(one, max(found, key=lambda segment, one=one: _shared(segment, one))) for one in mine]
        met = [(one, segment) for one, segment in best if _shared(segment, one) > 0]
        off = [
            (
                abs(segment.in_seconds - segment.reference_in / one.laid.speed - one.start),
                abs(segment.in_seconds - one.start),
                abs(segment.out_seconds - one.end),
            )
            for one, segment in met
        ]
        middle = [f"{statistics.median(column):.2f}" for column in zip(*off, strict=True)] or ["", "", ""]
        yield laid.kind, f"{len(met)} of {len(mine)}", *middle


def _shared(segment: Segment, one: Planted) -> float:
    shared = min(segment.out_seconds, one.end) - max(segment.in_seconds, one.start)
    return shared if segment.reference == one.item else -1.0


def _item(path: Path, wave: Wave) -> Item:
    return open_item(_written(path, wave), path.name)


def _programme(pieces: dict[str, Wave]) -> tuple[Wave, list[Planted]]:
    """Every piece in every way, one after the other over speech."""
    plants = [
        (name, laid, _at_speed(wave, laid))
        for name, wave in pieces.items()
        for laid in (LAID_MUSIC if name.startswith("music") else LAID_VOICES)
    ]
    order = np.random.default_rng(1).permutation(len(plants))
    sound = speech(sum(len(wave) / RATE + GAP for *_, wave in plants) + GAP, 1)
    planted, at = [], GAP
    for name, laid, wave in (plants[number] for number in order):
        first, end = int(at * RATE), int(at * RATE) + len(wave)
        if laid.decibels is not None:
            sound[first:end] += wave * 10 ** (laid.decibels / 20)
        else:
            sound[first:end] = wave
        if laid.beneath is not None:
            sound[first:end] += music(len(wave) / RATE + 1, 300 + first)[: len(wave)] * 10 ** (laid.beneath / 20)
        planted.append(Planted(name, laid, first / RATE, end / RATE))
        at = end / RATE + GAP
    return sound, planted


def _other(hour: int) -> Iterator[Wave]:
    """An hour that holds none of the pieces: speech, music, and speech over music, each twice."""
    seconds, tempered = 600, hour % 2 == 1
    for seed in (8_000 + 100 * hour, 8_050 + 100 * hour):
        yield speech(seconds, seed)
        yield music(seconds, seed + 1, tempered=tempered)
        yield speech(seconds, seed + 2) + music(seconds, seed + 3, tempered=tempered) * 10 ** (-9 / 20)


def _at_speed(wave: Wave, laid: Laid) -> Wave:
    if laid.speed == 1.0:
        return wave
    if laid.keeps_pitch:
        raw = encode(
            ".wav", *_RAW, "-af", f"atempo={laid.speed}", "-c:a", "pcm_f32le", "-f", "f32le", stdin=_floats(wave)
        )
        return np.frombuffer(raw, "<f4").astype(np.float64)
    up, down = (24, 25) if laid.speed > 1 else (25, 24)
    return np.asarray(signal.resample_poly(wave, up, down))


_RAW = ("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0")


def _floats(*waves: Wave) -> Iterator[bytes]:
    return (np.clip(wave, -1, 1).astype("<f4").tobytes() for wave in waves)


def _written(path: Path, *waves: Wave) -> Path:
    codec = ("-c:a", "aac", "-b:a", "96k", "-ar", "48000") if path.suffix == ".m4a" else ("-c:a", "pcm_s16le")
    run(*_RAW, *codec, path, stdin=_floats(*waves))
    return path


# ---- sources


def speech(seconds: float, seed: int) -> Wave:
    """Syllables with a voice's buzz or a breath through four formants, and pauses."""
    draw, made, count = np.random.default_rng(seed), [np.zeros(0)], 0
    while count < seconds * RATE:
        made.append(np.zeros(int(draw.uniform(0.1, 0.5) * RATE)) if draw.random() < 0.18 else _syllable(draw))
        count += len(made[-1])
    return _levelled(np.concatenate(made)[: int(seconds * RATE)])


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
    return _levelled(made)


def _levelled(wave: Wave) -> Wave:
    return wave / max(float(np.sqrt((wave**2).mean())), 1e-9) * LOUD


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/trace.md too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        said = "\n".join([f"{machine()}\n", *heard_again(Path(work))])
    print(said)
    if asked.write:
        written(PAGE, "sound", said)


if __name__ == "__main__":
    main()
