"""JUMBF in JPEG (ISO/IEC 19566-5 annex D): boxes that are cut into APP11 segments, joined again."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media.containers.part import Part

__all__ = ["Joined", "first_image", "join"]

_COMMON = b"JP"
_HEAD = 8
"""Bytes before the box in each segment: `JP`, the box's instance number, the segment's number."""
_BOX = 8
"""Length and type, which each segment repeats."""


def first_image(parts: Iterable[Part]) -> Iterator[Part]:
    """The APP11 segments of a file's first image: all between its start and end markers."""
    images = 0
    for part in parts:
        images += part.name == "SOI"
        if part.name == "trailer" or images > 1:
            return
        if part.name == "APP11":
            yield part


@dataclass(frozen=True, slots=True)
class Joined:
    """A `jumb` superbox, and whether it has all its segments, numbered from 1."""

    data: bytes
    is_whole: bool


def join(segments: Iterable[bytes]) -> Iterator[Joined]:
    """The `jumb` superboxes that these payloads carry, in the order of their instance numbers."""
    boxes: dict[int, list[tuple[int, bytes]]] = {}
    for payload in segments:
        if payload.startswith(_COMMON) and len(payload) >= _HEAD + _BOX:
            instance, number = struct.unpack_from(">HI", payload, 2)
            boxes.setdefault(instance, []).append((number, payload[_HEAD:]))
    for _, pieces in sorted(boxes.items()):
        pieces.sort(key=lambda piece: piece[0])
        if pieces[0][1][4:8] == b"jumb":
            data = pieces[0][1] + b"".join(piece[_BOX:] for _, piece in pieces[1:])
            in_order = all(number == place for place, (number, _) in enumerate(pieces, 1))
            yield Joined(data, in_order and len(data) >= int.from_bytes(data[:4]))
