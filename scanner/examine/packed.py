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
    """What the store keeps of one examination, and what it has to know of it to keep it."""

    body: bytes
    listed: tuple[bytes, ...]
    """The files that it lists, some thousands a piece."""
    codes: frozenset[str]
    """Of its problems."""
    digest: Digest | None


def pack_examination(seen: Examination) -> Packed:
    """An examination as bytes; its asset is kept elsewhere."""
    pieces = (seen.listed[start : start + _TOGETHER] for start in range(0, len(seen.listed), _TOGETHER))
    return Packed(
        body=squeeze(pack(seen)),
        listed=tuple(squeeze(to_json(piece)) for piece in pieces),
        codes=frozenset(problem.code for problem in seen.problems),
        digest=seen.digest,
    )


def unpack_examination(asset: Asset, body: bytes) -> Examination:
    """The examination without the files that it lists. `ValueError` or `zlib.error` for what is none."""
    return unpack(asset, expand(body))


def unpack_listed(piece: bytes) -> Sequence[ListedFile]:
    """The listed files of one piece, expanded. `ValueError` for what is none."""
    return from_json(list[ListedFile], piece)


def squeeze(data: bytes) -> bytes:
    """The same bytes, smaller and with a sum that shows damage."""
    return zlib.compress(data, 1)


def expand(body: bytes) -> bytes:
    """What was squeezed. `zlib.error` where it is damaged."""
    return zlib.decompress(body)
