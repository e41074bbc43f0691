"""TIFF, BigTIFF, DNG, TIFF-based raw, and the TIFF block inside every EXIF: the entries of all its directories.

A part is one entry's value, named directory and tag: `IFD0/0x02BC`, `Exif/0x9286`, `IFD0/SubIFD1/0x0111`.
Directories are found through the chain, SubIFDs, Exif and GPS pointers, each visited once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import zip_longest
from typing import BinaryIO, NamedTuple

from media.containers.part import Part
from media.errors import Malformed, TooLarge

__all__ = ["MAIN_DIRECTORIES", "DirectoryLost", "Field", "entries", "first_numbers", "is_tiff", "parts", "walk"]

_TYPE_SIZES: Mapping[int, int] = {
    **{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4},
    **{16: 8, 17: 8, 18: 8},  # BigTIFF
    129: 1,  # UTF-8, EXIF 3.0 §4.6.2
}
_MAGICS = (
    *(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    *(b"IIRO", b"IIRS", b"MMOR", b"IIU\x00"),  # what Olympus and Panasonic write in place of 42
)

_PLACES = {0x0111: 0x0117, 0x0144: 0x0145}
"""Where strips and tiles of a picture begin → how many bytes each has."""
_STRIPS, _COMPRESSION = 0x0111, 0x0103
_WIDTH, _HEIGHT, _BITS, _SAMPLES, _PHOTOMETRIC = 0x0100, 0x0101, 0x0102, 0x0115, 0x0106
_SUBSAMPLED = frozenset({6, 32803, 34892})
"""Luma with chroma, and the sensor's own pattern: not every sample is kept of every pixel."""
_JPEG_AT = 0x0201
_MAX_PLACES = 4 << 20
_UNSTATED = 0xFFFFFFFF

_SUB_IFDS, _EXIF, _GPS = 0x014A, 0x8769, 0x8825
MAIN_DIRECTORIES = frozenset({"IFD0", "Exif"})
"""The directories with the picture's own statements; others have its thumbnail, its GPS position, its further pages."""
_MAX_ENTRIES = 100_000
_MAX_SUB_IFDS = 64
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One directory entry; `offset` and `size` are of its value, clipped to the file."""

    ifd: str
    tag: int
    type: int
    offset: int
    size: int


class DirectoryLost(Malformed):
    """A directory is not where it should be; `ifd` names it."""

    def __init__(self, ifd: str, message: str) -> None:
        super().__init__(message)
        self.ifd = ifd


class _Layout(NamedTuple):
    order: str
    total: str
    entry: str
    word: str
    """The format of an offset, which is also the size of a value kept in place."""


class _Directory(NamedTuple):
    name: str
    at: int
    entries: list[Field]
    declared: int
    """How many entries it says to have."""
    following: int
    """Where the next begins; 0: nowhere."""
    cut: int
    """Tag of the first entry whose value reaches past the end of the file; 0: of none."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a TIFF file that is a picture. `Malformed` at its end where the picture is not whole."""
    layout, _ = _header(file)
    fault = ""
    pictured = False
    chain: set[int] = set()
    for directory in _directories(file, size):
        yield from map(_part, directory.entries)
        pictured |= any(entry.tag in _PLACES or entry.tag == _JPEG_AT for entry in directory.entries)
        if directory.name == f"IFD{len(chain)}":
            chain.add(directory.at)
        fault = fault or _fault(file, size, directory, layout, chain)
    if fault or not pictured:
        raise Malformed(fault or "no directory states where a picture is")


def parts(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a file with the structure of TIFF, whatever its content."""
    return map(_part, entries(file, size))


def entries(file: BinaryIO, size: int) -> Iterator[Field]:
    """All entries of all directories. A directory that breaks costs only itself; `Malformed` comes last."""
    for directory in _directories(file, size):
        yield from directory.entries


def first_numbers(head: bytes) -> dict[int, int | None]:
    """Tag → first number, if it is one, of the entries of IFD0, as far as they are in a file's first bytes."""
    file = BytesIO(head)
    try:
        layout, at = _header(file)
        found = _directory(file, "IFD0", at, len(head), layout).entries
    except Malformed:
        return {}
    return {entry.tag: next(iter(_numbers(file, entry, layout)), None) for entry in found}


def _part(entry: Field) -> Part:
    return Part(f"{entry.ifd}/0x{entry.tag:04X}", entry.offset, entry.size)


def _directories(file: BinaryIO, size: int) -> Iterator[_Directory]:
    layout, first = _header(file)
    waiting = [("IFD0", first)]
    seen: set[int] = set()
    pages = total = 0
    fault: DirectoryLost | None = None
    while waiting:
        ifd, at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        total += 1
        try:
            found = _directory(file, ifd, at, size, layout)
        except Malformed as error:
            if fault is None or ifd in MAIN_DIRECTORIES:
                fault = DirectoryLost(ifd, str(error))
            continue
        if ifd == f"IFD{pages}":
            pages += 1
            if found.following:
                waiting.append((f"IFD{pages}", found.following))
        total += len(found.entries)
        if max(total, len(waiting)) > _MAX_ENTRIES:
            raise TooLarge(f"more than {_MAX_ENTRIES} entries in one TIFF")
        for entry in found.entries:
            waiting.extend(_children(file, entry, layout))
        yield found
    if fault:
        raise fault


def _fault(file: BinaryIO, size: int, directory: _Directory, layout: _Layout, chain: set[int]) -> str:
    """What keeps the directory's picture from being whole; empty where nothing does."""
    name, found = directory.name, len(directory.entries)
    if found < directory.declared:
        return f"{name} at {directory.at} declares {directory.declared} entries; {found} are there"
    if directory.cut:
        return f"the value of 0x{directory.cut:04X} in {name} reaches past the end of the file"
    if directory.at in chain and directory.following in chain:
        return f"{name} at {directory.at} is followed by one that came before it, at {directory.following}"
    values = {entry.tag: _numbers(file, entry, layout) for entry in directory.entries if _is_place(entry)}
    for places, lengths in _PLACES.items():
        begins = values.get(places, [])
        for at, length in zip_longest(begins, values.get(lengths, [])[: len(begins)], fillvalue=1):
            # Of a sparse picture some parts are nowhere, and have no length.
            if at and length and at + (1 if length == _UNSTATED else length) > size:
                return f"a part of the picture of {name} is at {at}, after the end of the file or across it"
    return _shortage(file, directory, layout)


def _shortage(file: BinaryIO, directory: _Directory, layout: _Layout) -> str:
    """Where a plain picture has fewer strips or bytes than its size asks for; empty where it has enough."""
    entries = {entry.tag: entry for entry in directory.entries}
    if _COMPRESSION not in entries or _STRIPS not in entries:
        return ""

    def numbers(tag: int) -> list[int]:
        return _numbers(file, entries[tag], layout) if tag in entries else []

    def number(tag: int, default: int) -> int:
        return next(iter(numbers(tag)), default)

    width, height, samples = number(_WIDTH, 0), number(_HEIGHT, 0), number(_SAMPLES, 1)
    if number(_COMPRESSION, 0) != 1 or not width or not height or entries[_STRIPS].size >= _MAX_PLACES:
        return ""
    bits = numbers(_BITS) or [1]
    if len(bits) < samples:
        bits = bits[:1] * samples
    chroma = number(_PHOTOMETRIC, 0) in _SUBSAMPLED
    least = height * ((width * (bits[0] if chroma else sum(bits[:samples])) + 7) // 8)
    counts = numbers(_PLACES[_STRIPS])
    if counts and not any(count == _UNSTATED for count in counts) and sum(counts) < least and 0 not in counts:
        return f"the strips of {directory.name} have {sum(counts)} bytes; {width} × {height} pixels need {least}"
    return ""


def _is_place(entry: Field) -> bool:
    return entry.tag in _PLACES or entry.tag in _PLACES.values()


def _numbers(file: BinaryIO, entry: Field, layout: _Layout) -> list[int]:
    code = {3: "H", 4: "I", 16: "Q"}.get(entry.type)
    if code is None:
        return []
    file.seek(entry.offset)
    data = file.read(min(entry.size, _MAX_PLACES))
    width = struct.calcsize(layout.order + code)
    return [int(number) for (number,) in struct.iter_unpack(layout.order + code, data[: len(data) // width * width])]


def is_tiff(head: bytes) -> bool:
    """Whether a file that begins so is of this family."""
    return head.startswith(_MAGICS)


def _header(file: BinaryIO) -> tuple[_Layout, int]:
    file.seek(0)
    head = file.read(16).ljust(16, b"\x00")
    if not is_tiff(head):
        raise Malformed("no TIFF header")
    order = "<" if head[:2] == b"II" else ">"
    if head[2:4] in (b"+\x00", b"\x00+"):
        return _Layout(order, "Q", "HHQ8s", "Q"), int(struct.unpack_from(order + "Q", head, 8)[0])
    return _Layout(order, "H", "HHI4s", "I"), int(struct.unpack_from(order + "I", head, 4)[0])


def _directory(file: BinaryIO, ifd: str, at: int, size: int, layout: _Layout) -> _Directory:
    width = struct.calcsize(layout.order + layout.total)
    each = struct.calcsize(layout.order + layout.entry)
    word = struct.calcsize(layout.order + layout.word)
    if not 0 < at <= size - width:
        raise Malformed(f"{ifd} is outside the file, at {at}")
    file.seek(at)
    (count,) = struct.unpack(layout.order + layout.total, file.read(width))
    if count > _MAX_ENTRIES:
        raise Malformed(f"{ifd} at {at} declares {count} entries")
    table = file.read(count * each + word)
    whole = min(len(table) // each, count)
    found: list[Field] = []
    cut = 0
    rows = struct.iter_unpack(layout.order + layout.entry, table[: whole * each])
    for index, (tag, kind, values, inline) in enumerate(rows):
        length = _TYPE_SIZES.get(kind, 0) * values
        if length <= word:
            offset = at + width + (index + 1) * each - word
        else:
            (offset,) = struct.unpack(layout.order + layout.word, inline)
        if not cut and length and offset + length > size:
            cut = tag
        found.append(Field(ifd, tag, kind, offset, max(0, min(length, size - offset))))
    tail = table[count * each :]
    following = int(struct.unpack(layout.order + layout.word, tail)[0]) if len(tail) == word else 0
    return _Directory(ifd, at, found, count, following, cut)


def _children(file: BinaryIO, entry: Field, layout: _Layout) -> list[tuple[str, int]]:
    """The directories that an entry points to."""
    pointer = entry.tag in (_SUB_IFDS, _EXIF, _GPS) and entry.type in (4, 13, 16, 18)
    if not pointer or entry.ifd.count("/") >= _MAX_DEPTH:
        return []
    word = layout.order + ("I" if entry.type in (4, 13) else "Q")
    file.seek(entry.offset)
    data = file.read(min(entry.size, _MAX_SUB_IFDS * 8))
    width = struct.calcsize(word)
    offsets = [int(offset) for (offset,) in struct.iter_unpack(word, data[: len(data) // width * width])]
    if entry.tag == _SUB_IFDS:
        return [(f"{entry.ifd}/SubIFD{n}", offset) for n, offset in reversed(list(enumerate(offsets)))]
    return [("Exif" if entry.tag == _EXIF else "GPS", offset) for offset in offsets[:1]]
