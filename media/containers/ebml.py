"""The head of an EBML element (RFC 8794 §5, §6): its name and where its payload is."""

from __future__ import annotations

from typing import NamedTuple

from media.errors import Malformed

__all__ = ["Head", "parse_head"]


class Head(NamedTuple):
    """An element's name, its marker bit included, and its payload."""

    name: int
    start: int
    length: int | None
    """Bytes of the payload; None where they are not stated."""


def parse_head(data: bytes | bytearray, at: int = 0) -> Head | None:
    """The head at an offset; None where the bytes end within it. Raises `Malformed` where no element begins there."""
    if at >= len(data):
        return None
    wide = 9 - data[at].bit_length()
    if wide > 4:
        raise Malformed("its structure ends early: no element begins there")
    if at + wide >= len(data):
        return None
    long = 9 - data[at + wide].bit_length()
    if long > 8:
        raise Malformed("its structure ends early: an element without a length")
    start = at + wide + long
    if start > len(data):
        return None
    limit = (1 << (7 * long)) - 1
    length = int.from_bytes(data[at + wide : start]) & limit
    return Head(int.from_bytes(data[at : at + wide]), start, None if length == limit else length)
