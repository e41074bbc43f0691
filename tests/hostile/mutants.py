"""Every fixture's bytes, and ways to spoil them. A mutant is a seed's name and a number: it can be made again."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from fixtures.carriers import CARRIERS
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Examination

__all__ = ["FAULTS", "SEEDS", "flipped", "inspect", "mutant", "seed"]

SEEDS = tuple(carrier.file_name for carrier in CARRIERS)
FAULTS = {"unreadable", "malformed", "unsupported", "too-large"}
"""What a spoilt file may be told to be; `bug`, `crashed`, `timed-out` and `out-of-memory` it may not."""

_LENGTHS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1", b"\xff\xff\xff\x7f")


@cache
def seed(name: str) -> bytes:
    """A sound file."""
    (carrier,) = (each for each in CARRIERS if each.file_name == name)
    return carrier.lay({carrier.keys[0]: carrier.words})


def inspect(path: Path) -> Examination:
    """What a scan would see in one file, here and now."""
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def flipped(data: bytes, at: int) -> bytes:
    """One bit turned."""
    return data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]


def mutant(name: str, number: int) -> bytes:
    """A seed after one to four accidents."""
    chance = random.Random(f"{name} {number}")
    data = seed(name)
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_ACCIDENTS)(data, chance) or b"\0"
    return data


def _place(data: bytes, chance: random.Random) -> int:
    """Somewhere; half of the time in the head, where structure is."""
    return chance.randrange(min(len(data), chance.choice((64, 1024, len(data), len(data)))))


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def _flip(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 3, 16))):
        data = flipped(data, _place(data, chance))
    return data


def _lie(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.choice(_LENGTHS) + data[at + 4 :]


def _lose(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.choice((1, 4, 100)) :]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at : at + 2000] * chance.choice((2, 20)) + data[at:]


def _join(data: bytes, chance: random.Random) -> bytes:
    other = seed(chance.choice(SEEDS))
    return data[: _place(data, chance)] + other[_place(other, chance) :]


_ACCIDENTS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _flip,
    _flip,
    _lie,
    _lie,
    _lose,
    _repeat,
    _join,
)
