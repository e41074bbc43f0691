"""Digests of files: xxh3 of 128 bits over all bytes or over a stated sample, and those that hash lists use.

`xxh3-128` all bytes. `xxh3-128-sampled` the size (8 bytes, little-endian), then 64 blocks of 1 MiB, evenly spaced, the
first at the start and the last ending at the end. The digest of several files is that of their digests (16 bytes each)
in order. It finds changes and equal files; it does not protect against deliberate deception.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import xxhash

from media.errors import Unreadable
from media.opening import open_regular

__all__ = [
    "BLOCK",
    "SAMPLED",
    "SAMPLES",
    "WHOLE",
    "Digest",
    "DigestMode",
    "checksum",
    "digest_bytes",
    "digest_file",
    "digest_files",
    "hash_states",
    "join_digests",
    "may_be_sampled",
    "sums_of",
]

BLOCK = 1 << 20
SAMPLES = 64
FULL_UP_TO = 2 << 30
"""Bytes: `auto` samples larger files."""
WHOLE = "xxh3-128"
SAMPLED = "xxh3-128-sampled"


class DigestMode(StrEnum):
    """How much of the content is read."""

    AUTO = "auto"
    """All of it up to 2 GiB, a sample of larger files."""
    FULL = "full"
    SAMPLED = "sampled"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The content's digest, and how much of the content it covers."""

    algorithm: str
    """`xxh3-128`, or `xxh3-128-sampled`."""
    value: str
    """32 hexadecimal digits."""


def digest_file(path: Path, mode: DigestMode = DigestMode.AUTO, also: Sequence[Any] = ()) -> Digest:
    """The digest of one file. `also` are other hash states that all its bytes go into. Raises `MediaError`."""
    with open_regular(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            sampled = mode is DigestMode.SAMPLED or (mode is DigestMode.AUTO and size > FULL_UP_TO)
            if sampled and size > SAMPLES * BLOCK:
                if also:
                    _read(file, also)
                return Digest(algorithm=SAMPLED, value=_digest_sample(file, size))
            state = xxhash.xxh3_128()
            _read(file, (state, *also))
            return Digest(algorithm=WHOLE, value=str(state.hexdigest()))
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def may_be_sampled(size: int, mode: DigestMode) -> bool:
    """Whether the digest of so many bytes, in one file or several, may cover only a sample of them."""
    return mode in (DigestMode.SAMPLED, DigestMode.NONE) or (mode is DigestMode.AUTO and size > FULL_UP_TO)


def digest_files(paths: Sequence[Path]) -> str:
    """All bytes of one file, or of a sequence's files in order. Raises `MediaError`."""
    digests = [digest_file(path, DigestMode.FULL) for path in paths]
    return digests[0].value if len(digests) == 1 else join_digests(digests).value


def join_digests(digests: Iterable[Digest]) -> Digest:
    """The digest of a sequence: sampled where one of its files is."""
    state, sampled = xxhash.xxh3_128(), False
    for one in digests:
        state.update(bytes.fromhex(one.value))
        sampled = sampled or one.algorithm != WHOLE
    return Digest(algorithm=SAMPLED if sampled else WHOLE, value=state.hexdigest())


def digest_bytes(data: bytes) -> str:
    """The digest of bytes in hand, like `digest_file` of all bytes."""
    return str(xxhash.xxh3_128_hexdigest(data))


def checksum(data: bytes) -> int:
    """A checksum of bytes in hand: xxh3 of 64 bits, as a signed number that a database can hold."""
    return int.from_bytes(xxhash.xxh3_64_digest(data), "big", signed=True)


def sums_of(path: Path, algorithms: Collection[str]) -> dict[str, str]:
    """The digests of one file by these algorithms. Raises `MediaError`, `OSError`."""
    states = hash_states(algorithms)
    with open_regular(path) as file:
        _read(file, tuple(states.values()))
    return {name: state.hexdigest() for name, state in states.items()}


_FAST = {"xxh32": xxhash.xxh32, "xxh64": xxhash.xxh64, "xxh3-64": xxhash.xxh3_64, "xxh3-128": xxhash.xxh3_128}


def hash_states(algorithms: Collection[str]) -> dict[str, Any]:
    """A fresh state of each, by the name that hash lists use."""
    return {name: _FAST[name]() if name in _FAST else hashlib.new(name, usedforsecurity=False) for name in algorithms}


def _read(file: BinaryIO, states: Sequence[Any]) -> None:
    while block := file.read(BLOCK):
        for state in states:
            state.update(block)


def _digest_sample(file: BinaryIO, size: int) -> str:
    state = xxhash.xxh3_128(size.to_bytes(8, "little"))
    for sample in range(SAMPLES):
        file.seek((size - BLOCK) * sample // (SAMPLES - 1))
        state.update(file.read(BLOCK))
    return str(state.hexdigest())
