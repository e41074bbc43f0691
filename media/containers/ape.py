"""APE tags, versions 1 and 2: the items of one tag."""

from __future__ import annotations

from collections.abc import Iterator

from media.errors import Malformed

__all__ = ["parse_items"]

_TEXT, _BINARY, _ADDRESS = range(3)
"""Kinds of item, in two bits of its flags; the fourth is reserved."""


def parse_items(tag: bytes) -> Iterator[tuple[str, str]]:
    """Key and text of the items of a whole tag, footer included; each of several texts has a line.

    Binary items are left out. Raises `Malformed` where the tag ends within an item.
    """
    foot = tag[-32:]
    count = int.from_bytes(foot[16:20], "little")
    at, end = (32 if tag.startswith(b"APETAGEX") and len(tag) > 32 else 0), len(tag) - 32
    for number in range(count):
        if at >= end:  # the count is wrong, the items are whole
            return
        size, flags = int.from_bytes(tag[at : at + 4], "little"), int.from_bytes(tag[at + 4 : at + 8], "little")
        stop = tag.find(b"\0", at + 8, min(end, at + 8 + 256))
        if stop < 0 or stop + 1 + size > end:
            raise Malformed(f"an APE tag of {count} items ends early, after {number}")
        if flags >> 1 & 3 != _BINARY:
            value = tag[stop + 1 : stop + 1 + size].decode("utf-8", "replace")
            yield tag[at + 8 : stop].decode("utf-8", "replace"), "\n".join(value.strip("\0").split("\0"))
        at = stop + 1 + size
