"""vPDQ as a peer: PDQ of a frame a second, a clip is seen where one of its hashes is within 31 bits. Order counts not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from media.probe import probe
from tests.benchmarks.programme_set import read_frames

__all__ = ["seen_by_vpdq"]

BITS, QUALITY = 31, 50
"""As its authors set them."""


def seen_by_vpdq(programme: Path, references: Sequence[Path]) -> list[tuple[int, str]] | None:
    """Frames of a programme and the references that they show; nothing where `pdqhash` is not installed."""
    try:
        import pdqhash  # noqa: F401
    except ImportError:
        return None
    kept: Mapping[str, NDArray[np.uint8]] = {path.name: np.stack(list(_hashes(path).values())) for path in references}
    found = []
    for frame, bits in _hashes(programme).items():
        for name, hashes in kept.items():
            if int(np.bitwise_count(hashes ^ bits).sum(axis=1).min()) <= BITS:
                found.append((frame, name))
    return found


def _hashes(path: Path) -> dict[int, NDArray[np.uint8]]:
    """By frame, a second apart; the first in any case."""
    import pdqhash

    made: dict[int, NDArray[np.uint8]] = {}
    for number, frame in _frames(path):
        bits, quality = pdqhash.compute(frame)
        if quality >= QUALITY or not made:
            made[number] = np.packbits(bits)
    return made


def _frames(path: Path) -> list[tuple[int, NDArray[np.uint8]]]:
    if path.suffix.lower() in (".jpeg", ".jpg", ".png"):
        return [(0, np.ascontiguousarray(cv2.imread(str(path))[..., ::-1], np.uint8))]
    video = probe(path).first("video")
    assert video is not None
    assert video.rate is not None
    up, down = map(int, video.rate.split("/"))
    every = max(1, round(up / down))
    frames = enumerate(read_frames(path, video.width or 640, video.height or 360, most=100_000))
    return [(number, np.array(frame)) for number, frame in frames if number % every == 0]
