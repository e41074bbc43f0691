"""Examinations as the store keeps them. Packed in the worker that made them: the parent only copies bytes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.examine.codec import from_json, pack, to_json, unpack
from scanner.model import Asset, Digest, Examination, ListedFile

__all__ = ["Packed", "expand", "pack_examination", "squeeze", "unpack_examination", "unpack_listed"]

_TOGETHER: Final = 5_000
"""Listed files in one row: a list of millions is read piece by piece."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One packed examination, and what the store must know to keep it."""

    body: bytes
    listed: tuple[bytes, ...]
    """The files that it lists, some thousands in each piece."""
    codes: frozenset[str]
    """Codes of its problems."""
    digest: Digest | None


def pack_examination(seen: Examination) -> Packed:
    """Pack an examination into bytes; its asset is kept elsewhere."""
    pieces = (seen.listed[start : start + _TOGETHER] for start in range(0, len(seen.listed), _TOGETHER))
    return Packed(
        body=squeeze(pack(seen)),
        listed=tuple(squeeze(to_json(piece)) for piece in pieces),
        codes=frozenset(problem.code for problem in seen.problems),
        digest=seen.digest,
    )


def unpack_examination(asset: Asset, body: bytes) -> Examination:
    """Unpack an examination, without the files that it lists. Raises `ValueError` or `zlib.error` for other bytes."""
    return unpack(asset, expand(body))


def unpack_listed(piece: bytes) -> Sequence[ListedFile]:
    """Unpack the listed files of one expanded piece. Raises `ValueError` for other bytes."""
    return from_json(list[ListedFile], piece)


def squeeze(data: bytes) -> bytes:
    """Compress bytes, with a sum that shows damage."""
    return zlib.compress(data, 1)


def expand(body: bytes) -> bytes:
    """Expand what was squeezed. Raises `zlib.error` where it is damaged."""
    return zlib.decompress(body)
