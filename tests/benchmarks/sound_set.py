"""A programme of public sound: pieces of music and voices, planted in every way in which programmes use them.

The material lies in one folder: `music/` has pieces, `speech/VOICE/` recordings, `takes/LINE/` several takes of one line
by one voice, `beds/` the speech that lies over all. Half of each is a set of its own, so that one can be held back.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from scipy import signal

from fixtures.encode import encode, run
from media.ffmpeg import output, tool
from tests.benchmarks.sound_made import RATE, Wave, levelled, music

__all__ = ["KINDS", "Kind", "Made", "Planted", "make", "write_sound"]

GAP = 3.0
"""Seconds between two plantings."""
TIMES = 4
"""Plantings of each kind."""
LONGEST = 14.0
SILENT = 0.02
"""Of the loudest: what stays under it before the first and behind the last sound is cut off."""
SEMITONE = 2 ** (1 / 12)

_RAW = ("-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a sound is laid into the programme."""

    name: str
    of: str = "music"
    """`music`, `speech` or `takes`."""
    under: float | None = None
    """Decibels of it against the speech that lies over it; without, nothing else is heard."""
    speed: float = 1.0
    pitch: float = 1.0
    keeps: float | None = None
    """Seconds that are used of it, from its middle."""
    beneath: float | None = None
    """Decibels of other music that lies under it."""
    is_reversed: bool = False
    through: tuple[float, float] | None = None
    """Hertz of the band that is left."""
    repeats: float = 1.0
    """Times that it is played in a loop."""


def _bent(per_cent: float) -> float:
    return 1 + per_cent / 100


KINDS = (
    Kind("as it is"),
    Kind("−9 dB under speech", under=-9),
    Kind("−15 dB under speech", under=-15),
    Kind("4 s, −9 dB under speech", under=-9, keeps=4),
    Kind("4 s, −15 dB under speech", under=-15, keeps=4),
    Kind("4 s, −18 dB under speech", under=-18, keeps=4),
    Kind("2.5 s, nothing over it", keeps=2.5),
    Kind("varispeed +3 %, −9 dB", under=-9, speed=_bent(3), pitch=_bent(3)),
    Kind("varispeed −3 %, −9 dB", under=-9, speed=_bent(-3), pitch=_bent(-3)),
    Kind("varispeed +4.2 % (24 → 25), −9 dB", under=-9, speed=25 / 24, pitch=25 / 24),
    Kind("varispeed −4 % (25 → 24), −9 dB", under=-9, speed=24 / 25, pitch=24 / 25),
    Kind("pitch +3 %, tempo kept", pitch=_bent(3)),
    Kind("pitch −3 %, tempo kept", pitch=_bent(-3)),
    Kind("pitch +3 %, tempo kept, −9 dB", under=-9, pitch=_bent(3)),
    Kind("pitch −3 %, tempo kept, −9 dB", under=-9, pitch=_bent(-3)),
    Kind("pitch +1 semitone, tempo kept", pitch=SEMITONE),
    Kind("tempo +3 %, pitch kept, −9 dB", under=-9, speed=_bent(3)),
    Kind("tempo −4 %, pitch kept, −9 dB", under=-9, speed=24 / 25),
    Kind("reversed", is_reversed=True),
    Kind("reversed, −9 dB under speech", under=-9, is_reversed=True),
    Kind("looped 2.5 times, −9 dB", under=-9, keeps=4, repeats=2.5),
    Kind("through a telephone", through=(300, 3400)),
    Kind("voice as it is", "speech"),
    Kind("voice over music at −9 dB", "speech", beneath=-9),
    Kind("voice, varispeed +3 %", "speech", speed=_bent(3), pitch=_bent(3)),
    Kind("voice, varispeed −4 %", "speech", speed=24 / 25, pitch=24 / 25),
    Kind("voice, pitch +3 %, tempo kept", "speech", pitch=_bent(3)),
    Kind("voice, pitch −3 %, tempo kept", "speech", pitch=_bent(-3)),
    Kind("voice reversed", "speech", is_reversed=True),
    Kind("voice through a telephone", "speech", through=(300, 3400)),
    Kind("one of two takes", "takes"),
    Kind("one of two takes over music at −9 dB", "takes", beneath=-9),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """Seconds of the programme, and where the reference's first second would lie."""

    item: str
    kind: Kind
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Made:
    """A programme and what is looked for in it."""

    pieces: dict[str, Wave]
    """Every sound that is looked for, by its name: the planted ones, other takes of theirs, and others."""
    near: frozenset[str]
    """Those that are never planted: other takes, other pieces by the same players, other readings by the same voices."""
    sound: Wave
    planted: tuple[Planted, ...]


def make(folder: Path, half: int, *, times: int = TIMES) -> Made:
    """The programme of one half of the material."""
    draw = np.random.default_rng(half)
    tunes, near_tunes = _halved(_files(folder / "music"), half)
    voices, near_voices = _halved(_files(folder / "speech"), half)
    lines = [sorted(line.iterdir()) for line in sorted((folder / "takes").iterdir())][half::2]
    pieces = {_name(path): _opened(path) for path in (*tunes, *near_tunes, *voices, *near_voices)}
    pieces |= {_name(path): _opened(path) for line in lines for path in line[:2]}
    # Of every third line only the other take is looked for: what is planted is nowhere.
    missing = {_name(line[0]) for line in lines[::3]}
    sources = {
        "music": cycle(_name(path) for path in tunes),
        "speech": cycle(_name(path) for path in voices),
        "takes": cycle(_name(line[0]) for line in lines),
    }
    plants = [(name, kind) for kind in KINDS for name in islice(sources[kind.of], times)]
    order = draw.permutation(len(plants)).tolist()
    beds = cycle(_files(folder / "beds")[half::2])
    parts, planted, at = [_bed(beds, GAP)], [], GAP
    for name, kind in (plants[number] for number in order):
        laid = _laid(pieces[name], kind)
        seconds = len(laid) / RATE
        over = _bed(beds, seconds)[: len(laid)] if kind.under is not None else np.zeros(len(laid))
        if kind.beneath is not None:
            over = music(seconds + 1, 300 + len(parts))[: len(laid)] * 10 ** (kind.beneath / 20)
        parts += [laid * 10 ** ((kind.under or 0) / 20) + over, _bed(beds, GAP)]
        planted.append(Planted(name, kind, at, at + seconds))
        at = sum(map(len, parts)) / RATE
    planted = [one for one in planted if one.item not in missing]
    items = {name: wave for name, wave in pieces.items() if name not in missing}
    return Made(items, frozenset(items) - {one.item for one in planted}, np.concatenate(parts), tuple(planted))


def _halved(files: list[Path], half: int) -> tuple[list[Path], list[Path]]:
    """What is planted, and as many that are not."""
    mine = files[half::2]
    return mine[0::2], mine[1::2]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _name(path: Path) -> str:
    return f"{path.parent.name} {path.stem}.wav"


def _opened(path: Path) -> Wave:
    command = [str(tool().path), "-nostdin", "-v", "error", "-t", str(LONGEST), "-i", str(path)]
    raw = b"".join(output([*command, "-f", "f32le", "-ar", str(RATE), "-ac", "1", "pipe:1"], block=1 << 20))
    return levelled(_sounding(np.frombuffer(raw, "<f4").astype(np.float64)))


def _sounding(wave: Wave) -> Wave:
    """Without the silence before and behind: where that begins cannot be heard."""
    loud = np.flatnonzero(np.abs(wave) > np.abs(wave).max() * SILENT)
    return wave[loud[0] : loud[-1] + 1] if len(loud) else wave


def _bed(files: Iterator[Path], seconds: float) -> Wave:
    """Speech for so long."""
    parts: list[Wave] = []
    while sum(map(len, parts)) < seconds * RATE:
        parts.append(_opened(next(files)))
    return np.concatenate(parts)[: round(seconds * RATE)]


def _laid(piece: Wave, kind: Kind) -> Wave:
    """A piece as it is used, at the level of speech."""
    if kind.keeps is not None and kind.keeps * RATE < len(piece):
        first = int((len(piece) - kind.keeps * RATE) / 2)
        piece = piece[first : first + int(kind.keeps * RATE)]
    piece = np.resize(piece, int(len(piece) * kind.repeats))
    if kind.is_reversed:
        piece = piece[::-1]
    if kind.speed != 1.0 or kind.pitch != 1.0:
        piece = _stretched(piece, kind.speed, kind.pitch)
    if kind.through is not None:
        piece = signal.sosfilt(signal.butter(4, kind.through, "bandpass", fs=RATE, output="sos"), piece)
    return levelled(np.asarray(piece))


def _stretched(wave: Wave, speed: float, pitch: float) -> Wave:
    """By a tape machine where speed and pitch go together; else by Rubber Band where it is installed, or FFmpeg."""
    if speed == pitch:
        return np.asarray(signal.resample_poly(wave, 1_000, round(1_000 * speed)))
    rubber = shutil.which("rubberband")
    if rubber is None:
        filters = f"asetrate={round(RATE * pitch)},aresample={RATE},atempo={speed / pitch:.6f}"
        return _encoded(wave, "-af", filters)
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        begin, end = Path(work) / "begin.wav", Path(work) / "end.wav"
        write_sound(begin, wave)
        ratios = ["-t", f"{1 / speed:.6f}", "-f", f"{pitch:.6f}"]
        subprocess.run([rubber, "-q", *ratios, begin, end], check=True, stderr=subprocess.DEVNULL)
        return _opened(end)


def _encoded(wave: Wave, *options: str) -> Wave:
    raw = encode(".wav", *_RAW, *options, "-c:a", "pcm_f32le", "-f", "f32le", stdin=_floats(wave))
    return np.frombuffer(raw, "<f4").astype(np.float64)


def _floats(*waves: Wave) -> Iterator[bytes]:
    return (np.clip(wave, -1, 1).astype("<f4").tobytes() for wave in waves)


def write_sound(path: Path, *waves: Wave) -> Path:
    """As AAC where the name says so, else as WAV."""
    codec = ("-c:a", "aac", "-b:a", "96k", "-ar", "48000") if path.suffix == ".m4a" else ("-c:a", "pcm_s16le")
    run(*_RAW, *codec, path, stdin=_floats(*waves))
    return path
