"""The digest of an asset's content: xxh3 of 128 bits, over all of it or over a stated sample.

`xxh3-128`          all bytes.
`xxh3-128-sampled`  the size (8 bytes, little-endian), then 64 blocks of 1 MiB, evenly spaced, the first
                    at the start and the last ending at the end.
A sequence's digest is that of its frames' digests (16 bytes each) in order. It finds changes and
equal files; it is no proof against somebody who wants to deceive.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import xxhash

from scanner.errors import Unreadable
from scanner.model import Asset, Digest
from scanner.opening import open_regular
from scanner.sequences import frame_paths

__all__ = ["BLOCK", "SAMPLES", "DigestMode", "digest_asset", "digest_file", "hasher"]

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


def digest_asset(asset: Asset, mode: DigestMode = DigestMode.AUTO) -> Digest | None:
    """The digest of a file or of all frames of a sequence; nothing for mode `none`. Raises `MediaError`."""
    if mode is DigestMode.NONE:
        return None
    root = Path(asset.location)
    if asset.frames is None:
        return digest_file(root / asset.path, mode)
    state, sampled = xxhash.xxh3_128(), False
    for _, path in frame_paths(asset):
        one = digest_file(root / path, mode)
        state.update(bytes.fromhex(one.value))
        sampled = sampled or one.algorithm != "xxh3-128"
    return Digest(algorithm="xxh3-128-sampled" if sampled else "xxh3-128", value=state.hexdigest())


def digest_file(path: Path, mode: DigestMode = DigestMode.AUTO) -> Digest:
    """The digest of one file. Raises `MediaError`."""
    with open_regular(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            sampled = mode is DigestMode.SAMPLED or (mode is DigestMode.AUTO and size > FULL_UP_TO)
            if sampled and size > SAMPLES * BLOCK:
                return Digest(algorithm="xxh3-128-sampled", value=_sampled(file, size))
            return Digest(algorithm="xxh3-128", value=_full(file))
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def _full(file: BinaryIO) -> str:
    state = xxhash.xxh3_128()
    while block := file.read(BLOCK):
        state.update(block)
    return str(state.hexdigest())


def _sampled(file: BinaryIO, size: int) -> str:
    state = xxhash.xxh3_128(size.to_bytes(8, "little"))
    for sample in range(SAMPLES):
        file.seek((size - BLOCK) * sample // (SAMPLES - 1))
        state.update(file.read(BLOCK))
    return str(state.hexdigest())


def hasher(name: str) -> Any:
    """A fresh state of an xxHash, by the name that hash lists use; None where the name is another family's."""
    kinds = {
        "xxh32": xxhash.xxh32,
        "xxh64": xxhash.xxh64,
        "xxh3-64": xxhash.xxh3_64,
        "xxh3-128": xxhash.xxh3_128,
    }
    return kinds[name]() if name in kinds else None
