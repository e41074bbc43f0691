"""Tags around sound: ID3v2 at the head; ID3v1, Lyrics3v2, APE and ID3v2 with a footer at the end.

Parts are whole tags, headers included: `ID3v2` (ID3v2.4 §3.1, §3.4), `ID3v1`, `LYRICS3`, `APE`.
"""

from __future__ import annotations

from typing import BinaryIO

from media.containers.part import Part, read_at

__all__ = ["MAX_TAGS", "essence_end", "find_tags_ahead", "find_tags_behind", "id3_end", "read_synchsafe"]

MAX_TAGS = 8
"""Tags in a row. Taggers that do not see the first write a second."""
_FOOTED = 0x10
"""Flag of an ID3v2 tag: a footer stands behind it."""
_HAS_HEADER = 0x80
"""Flag of an APE footer, in its highest byte: a header of 32 bytes stands before the items."""


def read_synchsafe(four: bytes) -> int:
    """The number in four bytes of seven bits (ID3v2.4 §6.2); of eight where one of them has its highest bit set."""
    if max(four) < 0x80:
        return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]
    return int.from_bytes(four, "big")


def find_tags_ahead(file: BinaryIO) -> list[Part]:
    """The ID3v2 tags at the head, with their declared lengths: one may reach past the end of the file."""
    found: list[Part] = []
    at = 0
    while len(found) < MAX_TAGS:
        head = read_at(file, at, 10)
        if len(head) < 10 or head[:3] != b"ID3":
            break
        found.append(Part("ID3v2", at, 10 + read_synchsafe(head[6:10]) + 10 * bool(head[5] & _FOOTED)))
        at += found[-1].size
    return found


def find_tags_behind(file: BinaryIO, size: int) -> list[Part]:
    """The tags at the end of a file of `size` bytes, the last one first. A footer with wrong values ends the search."""
    found: list[Part] = []
    end = size
    while len(found) < MAX_TAGS:
        tag = _tag_before(file, end)
        if tag is None or tag.offset < 0:
            break
        found.append(tag)
        end = tag.offset
    return found


def id3_end(file: BinaryIO) -> int:
    """The first byte after the ID3v2 tags at the head; 0 where there are none."""
    ahead = find_tags_ahead(file)
    return ahead[-1].offset + ahead[-1].size if ahead else 0


def essence_end(file: BinaryIO, size: int) -> int:
    """The end of the sound, before the tags after it; `size` where a file has tags only."""
    behind = find_tags_behind(file, size)
    return (behind[-1].offset if behind else 0) or size


def _tag_before(file: BinaryIO, end: int) -> Part | None:
    if end >= 128 and read_at(file, end - 128, 3) == b"TAG":
        return Part("ID3v1", end - 128, 128)
    if end < 32:
        return None
    foot = read_at(file, end - 32, 32)
    if foot[:8] == b"APETAGEX":
        length = int.from_bytes(foot[12:16], "little") + 32 * bool(foot[23] & _HAS_HEADER)
        return Part("APE", end - length, length) if length >= 32 else None
    if foot[-9:] == b"LYRICS200" and foot[-15:-9].isdigit():
        length = int(foot[-15:-9]) + 15
        return Part("LYRICS3", end - length, length)
    if foot[-10:-7] == b"3DI":
        length = 20 + read_synchsafe(foot[-4:])
        if end >= length and read_at(file, end - length, 3) == b"ID3":
            return Part("ID3v2", end - length, length)
    return None
