"""ISO base media (ISO/IEC 14496-12) and QuickTime files: MP4, MOV, M4A, and the segments of streams.

Every box is a part, a container before its children, named by the slash path of its codes
(`moov/udta/meta/ilst/©too/data`). Only known containers are entered; `mdat` is never touched. Indexed items of an
`ilst` are named by number (`ilst/1`), `uuid` boxes by their type (`uuid:BE7ACFCB…`), with the payload after it. A
nested box with a wrong size costs its container; the walk goes on, and raises at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers.boxes import Atom, boxes
from media.containers.part import Part
from media.errors import Malformed

__all__ = ["MAX_DEPTH", "walk", "walk_between"]

MAX_DEPTH = 10
"""`moov/trak/udta/meta/ilst/----/data` is 7 deep; real files do not need more than this."""

_CONTAINERS = frozenset({"moov", "trak", "mdia", "minf", "stbl", "udta", "meta", "ilst"})
_META_CHILDREN = frozenset({b"hdlr", b"keys", b"ilst", b"mhdr", b"free", b"xml ", b"ID32"})


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The boxes in file order, depth first. The stack is at most `MAX_DEPTH` high."""
    yield from walk_between(file, 0, size)


def walk_between(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The boxes of a movie between two offsets of a larger file."""
    fault: Malformed | None = None
    stack = [("", boxes(file, start, end))]
    while stack:
        path, level = stack[-1]
        try:
            box = next(level, None)
        except Malformed as error:
            fault = fault or Malformed(f"{path}: {error}" if path else str(error))
            box = None
        if box is None or box.code == "\0\0\0\0":  # QuickTime ends user data with a zero
            stack.pop()
            continue
        part = _part(file, path, box)
        yield part
        if box.code in _CONTAINERS or path.endswith("/ilst/"):
            if len(stack) > MAX_DEPTH:
                raise Malformed(f"boxes are nested deeper than {MAX_DEPTH} at offset {box.offset}")
            start = box.offset + (_full_box_header(file, box) if box.code == "meta" else 0)
            stack.append((f"{part.name}/", boxes(file, start, box.end)))
    if fault is not None:
        raise fault


def _part(file: BinaryIO, path: str, box: Atom) -> Part:
    if box.code == "uuid" and box.size >= 16:
        file.seek(box.offset)
        return Part(f"{path}uuid:{file.read(16).hex().upper()}", box.offset + 16, box.size - 16)
    return Part(path + _name(box.code), box.offset, box.size)


def _full_box_header(file: BinaryIO, meta: Atom) -> int:
    """Bytes before the first child. ISO's `meta` has a version and flags, QuickTime's has not."""
    file.seek(meta.offset + 4)
    return 0 if meta.size < 8 or file.read(4) in _META_CHILDREN else 4


def _name(code: str) -> str:
    """A code as text; `ilst` items that are numbers as numbers."""
    if code[0] == "\0":
        return str(int.from_bytes(code.encode("latin-1"), "big"))
    return code if code.isprintable() and "/" not in code else f"0x{code.encode('latin-1').hex()}"
