"""The DCT hash of 256 bits: imagehash's `phash(hash_size=16)`, in batches.

`imagehash` is the definition (`definition` asks it) and the test's oracle; `hashes` gives the same bits
by two matrix products. A bit says whether one of the 16 × 16 lowest coefficients of the 64 × 64 grey
picture is over their median.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fingerprints.model import Hashes
from media.still import Picture, grey

__all__ = [
    "BITS",
    "LOW",
    "NAME",
    "NEAR",
    "SIDE",
    "VERSION",
    "Coefficients",
    "basis",
    "bits_of",
    "coefficients",
    "definition",
    "drawn",
    "hashes",
    "mirrored",
    "product",
    "small_grey",
]

NAME, VERSION = "phash-256", 1
"""As libraries store it. A change that changes bits is a new version."""
BITS = 256
NEAR = 59
"""Bits that differ between views of one picture at most; what is nearer is looked into, and is no match yet."""
SIDE = 64
"""Pixels of the square that is hashed."""
LOW = 16
"""Coefficients kept, each way."""

Coefficients = NDArray[np.float64]
"""N × 16 × 16: vertical, then horizontal frequency."""
_Float = TypeVar("_Float", np.float32, np.float64)

_ONE_THREAD = 1 << 18
"""Multiplications of one product."""
_BLOCK = 32
"""Pictures at once: what stays in a core's cache on the way."""
_TIE = 1e-6
"""Coefficients this near to the median are rounding, and only the definition's own rounding gives its bits."""


def small_grey(picture: Picture) -> NDArray[np.uint8]:
    """The picture as 64 × 64 grey, averaged by area."""
    return np.asarray(cv2.resize(grey(picture), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def coefficients(greys: NDArray[np.uint8]) -> Coefficients:
    """The low coefficients of N × 64 × 64 grey pictures (type II, unnormalised, as SciPy's `fftpack.dct`)."""
    count = len(greys)
    transform = basis()
    across = product(greys.reshape(count * SIDE, SIDE).astype(np.float64), transform)
    down = product(across.reshape(count, SIDE, LOW).transpose(0, 2, 1).reshape(count * LOW, SIDE), transform)
    return down.reshape(count, LOW, LOW).transpose(0, 2, 1)


def drawn(low: NDArray[np.floating]) -> NDArray[np.float32]:
    """The 64 × 64 picture that 16 × 16 low frequencies describe, in grey levels: the way back from `coefficients`."""
    weights = np.full(LOW, 1 / (2 * SIDE))
    weights[0] /= 2
    waves = basis() * weights
    return np.asarray(waves @ np.asarray(low, np.float64) @ waves.T, np.float32)


def bits_of(low: Coefficients) -> Hashes:
    """The hashes that coefficients make."""
    flat = _flat(low)
    return _pack_bits(flat, _medians(flat))


def hashes(greys: NDArray[np.uint8]) -> Hashes:
    """The hashes of N × 64 × 64 grey pictures: bit for bit those of the definition."""
    blocks = [_hashes(greys[start : start + _BLOCK]) for start in range(0, len(greys), _BLOCK)]
    return np.concatenate([np.empty((0, 4), "<u8"), *blocks])


def product(rows: NDArray[_Float], matrix: NDArray[_Float]) -> NDArray[_Float]:
    """`rows @ matrix`, in parts so small that OpenBLAS wakes no other threads: they cost more than they give here."""
    step = max(1, _ONE_THREAD // matrix.size)
    return np.concatenate([rows[start : start + step] @ matrix for start in range(0, len(rows), step)])


def _hashes(greys: NDArray[np.uint8]) -> Hashes:
    flat = _flat(coefficients(greys))
    medians = _medians(flat)
    made = _pack_bits(flat, medians)
    for row in np.flatnonzero((np.abs(flat - medians) < _TIE).any(axis=1)):
        made[row] = np.frombuffer(definition(greys[row]), "<u8")
    return made


def mirrored(low: Coefficients) -> Coefficients:
    """The coefficients of the same pictures flipped left to right: odd horizontal frequencies change sign."""
    return low * np.where(np.arange(LOW) % 2, -1.0, 1.0)


def definition(picture: Picture) -> bytes:
    """The hash by imagehash, in the order of its hexadecimal text."""
    import imagehash

    return np.packbits(imagehash.phash(Image.fromarray(picture), hash_size=LOW).hash).tobytes()


def _flat(low: Coefficients) -> NDArray[np.float64]:
    return np.ascontiguousarray(low).reshape(len(low), BITS)


def _medians(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the two middle values, as `numpy.median` has it; sorting all is the faster way to them."""
    ordered = np.sort(flat, axis=1)
    return np.asarray((ordered[:, BITS // 2 - 1] + ordered[:, BITS // 2])[:, None] / 2)


def _pack_bits(flat: NDArray[np.float64], medians: NDArray[np.float64]) -> Hashes:
    return np.packbits(flat > medians, axis=1).view("<u8")


@cache
def basis() -> NDArray[np.float64]:
    """64 × 16: 2 cos(π (2n + 1) k / 128)."""
    n, k = np.arange(SIDE)[:, None], np.arange(LOW)[None, :]
    return np.asarray(2 * np.cos(np.pi * (2 * n + 1) * k / (2 * SIDE)))
