"""Examinations as the store keeps them. Packed in the worker that made them: the parent only copies bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.examine.codec import from_json, pack, to_json, unpack
from scanner.model import Asset, Digest, Examination, ListedFile, PlayedResource

__all__ = ["LISTED", "PLAYED", "Packed", "expand", "pack_examination", "piece_topic", "squeeze", "unpack_examination",
           "unpack_listed", "unpack_played"]  # fmt: skip

LISTED: Final = "listed files"
PLAYED: Final = "played resources"
_TOGETHER: Final = 5_000
"""Entries in one row: a list of millions is read piece by piece."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One packed examination, and what the store must know to keep it."""

    body: bytes
    pieces: tuple[tuple[str, bytes], ...]
    """The files that it lists and the resources that it plays, some thousands in each piece, by topic."""
    codes: frozenset[str]
    """Codes of its problems."""
    digest: Digest | None


def pack_examination(seen: Examination) -> Packed:
    """Pack an examination into bytes; its asset is kept elsewhere."""
    return Packed(
        body=squeeze(pack(seen)),
        pieces=(*_pieces(LISTED, seen.listed), *_pieces(PLAYED, seen.played)),
        codes=frozenset(problem.code for problem in seen.problems),
        digest=seen.digest,
    )


def _pieces(name: str, entries: Sequence[object]) -> Iterator[tuple[str, bytes]]:
    for number, start in enumerate(range(0, len(entries), _TOGETHER)):
        yield piece_topic(name, number), squeeze(to_json(entries[start : start + _TOGETHER]))


def piece_topic(name: str, number: int) -> str:
    """The topic under which the store has one piece of what an asset lists or plays."""
    return f"{name}, piece {number}"


def unpack_examination(asset: Asset, body: bytes) -> Examination:
    """Unpack an examination, without what it lists or plays. Raises `ValueError` or `zlib.error` for other bytes."""
    return unpack(asset, expand(body))


def unpack_listed(piece: bytes) -> Sequence[ListedFile]:
    """Unpack the listed files of one expanded piece. Raises `ValueError` for other bytes."""
    return from_json(list[ListedFile], piece)


def unpack_played(piece: bytes) -> Sequence[PlayedResource]:
    """The played resources of one piece, likewise."""
    return from_json(list[PlayedResource], piece)


def squeeze(data: bytes) -> bytes:
    """Compress bytes, with a sum that shows damage."""
    return zlib.compress(data, 1)


def expand(body: bytes) -> bytes:
    """Expand what was squeezed. Raises `zlib.error` where it is damaged."""
    return zlib.decompress(body)
