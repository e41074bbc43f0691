"""The digest of an asset's content: xxh3 of 128 bits, over all of it or over a stated sample.

`xxh3-128`          all bytes.
`xxh3-128-sampled`  the size (8 bytes, little-endian), then 64 blocks of 1 MiB, evenly spaced, the first
                    at the start and the last ending at the end.
A sequence's digest is that of its frames' digests (16 bytes each) in order. It finds changes and
equal files; it is no proof against somebody who wants to deceive.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import xxhash

from media.errors import Unreadable
from media.opening import open_regular
from scanner.model import Asset, Digest
from scanner.sequences import frame_paths

__all__ = ["BLOCK", "SAMPLES", "DigestMode", "Sums", "digest_asset", "digest_file", "sums_of"]

BLOCK = 1 << 20
SAMPLES = 64
FULL_UP_TO = 2 << 30
"""Bytes: `auto` samples what is larger."""


class DigestMode(StrEnum):
    """How much of the content is read."""

    AUTO = "auto"
    """All of it up to 2 GiB, a sample of what is larger."""
    FULL = "full"
    SAMPLED = "sampled"
    NONE = "none"


@dataclass(slots=True)
class Sums:
    """Other digests of an asset's files that are taken while they are read: a list asks for them."""

    wanted: Mapping[str, Collection[str]]
    """Path below the root → algorithms, as `hashlists.ALGORITHMS` names them."""
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    """Path → algorithm → hexadecimal digits; only of files that were read to their end."""


def digest_asset(asset: Asset, mode: DigestMode = DigestMode.AUTO, sums: Sums | None = None) -> Digest | None:
    """The digest of a file or of all frames of a sequence; nothing for mode `none`. Raises `MediaError`."""
    if mode is DigestMode.NONE:
        return None
    if asset.frames is None:
        return _digest_listed(asset, asset.path, mode, sums)
    state, sampled = xxhash.xxh3_128(), False
    for _, path in frame_paths(asset):
        one = _digest_listed(asset, path, mode, sums)
        state.update(bytes.fromhex(one.value))
        sampled = sampled or one.algorithm != "xxh3-128"
    return Digest(algorithm="xxh3-128-sampled" if sampled else "xxh3-128", value=state.hexdigest())


def _digest_listed(asset: Asset, path: str, mode: DigestMode, sums: Sums | None) -> Digest:
    states = _states(sums.wanted.get(path, ()) if sums else ())
    digest = digest_file(Path(asset.location) / path, mode, tuple(states.values()))
    if sums is not None and states:
        sums.found[path] = {name: state.hexdigest() for name, state in states.items()}
    return digest


def digest_file(path: Path, mode: DigestMode = DigestMode.AUTO, also: Sequence[Any] = ()) -> Digest:
    """The digest of one file. `also` are other hash states that all its bytes go into. Raises `MediaError`."""
    with open_regular(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            sampled = mode is DigestMode.SAMPLED or (mode is DigestMode.AUTO and size > FULL_UP_TO)
            if sampled and size > SAMPLES * BLOCK:
                if also:
                    _read(file, also)
                return Digest(algorithm="xxh3-128-sampled", value=_sampled(file, size))
            state = xxhash.xxh3_128()
            _read(file, (state, *also))
            return Digest(algorithm="xxh3-128", value=str(state.hexdigest()))
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def sums_of(path: Path, algorithms: Collection[str]) -> dict[str, str]:
    """The digests of one file by these algorithms. Raises `MediaError`, `OSError`."""
    states = _states(algorithms)
    with open_regular(path) as file:
        _read(file, tuple(states.values()))
    return {name: state.hexdigest() for name, state in states.items()}


def _read(file: BinaryIO, states: Sequence[Any]) -> None:
    while block := file.read(BLOCK):
        for state in states:
            state.update(block)


def _sampled(file: BinaryIO, size: int) -> str:
    state = xxhash.xxh3_128(size.to_bytes(8, "little"))
    for sample in range(SAMPLES):
        file.seek((size - BLOCK) * sample // (SAMPLES - 1))
        state.update(file.read(BLOCK))
    return str(state.hexdigest())


_FAST = {"xxh32": xxhash.xxh32, "xxh64": xxhash.xxh64, "xxh3-64": xxhash.xxh3_64, "xxh3-128": xxhash.xxh3_128}


def _states(algorithms: Collection[str]) -> dict[str, Any]:
    """A fresh state of each, by the name that hash lists use."""
    return {name: _FAST[name]() if name in _FAST else hashlib.new(name, usedforsecurity=False) for name in algorithms}
