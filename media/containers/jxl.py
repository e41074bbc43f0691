"""JPEG XL (ISO/IEC 18181): the boxes of its container, and whether its codestream is complete.

Parts have the box's code: `Exif`, `xml `, `jumb`; a Brotli-compressed box is `brob/Exif`, with the payload after that
inner code, for `unpacked` to open. A bare codestream has no parts. The only module that imports brotli.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers.boxes import Atom, boxes
from media.containers.jxl_frames import read_frame, read_picture
from media.containers.part import Part
from media.errors import Malformed, TooLarge

__all__ = ["PACKED", "unpacked", "walk"]

PACKED = "brob/"
"""How the names of compressed parts begin."""
_LAST_PART = 0x80000000
_SIGNATURE = b"\xff\x0a"
_HEAD = 64 << 10
"""Bytes in which an image header lies."""
_FRAME_HEAD = 4 << 20
"""Bytes in which a frame header and its table of contents lie."""
_MAX_FRAMES = 10_000
_EMPTY = bytes(32)
"""How no codestream ends: entropy-coded sections leave no such run of zeros."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JPEG XL file. Raises `Malformed` at its end where its codestream is missing or not complete."""
    file.seek(0)
    if file.read(2) == _SIGNATURE:
        _check_codestream(file, [Atom("jxlc", 0, size)])
        return
    pieces: list[Atom] = []
    numbers: list[int] = []
    for box in boxes(file, 0, size):
        if box.code == "brob" and box.size >= 4:
            file.seek(box.offset)
            yield Part(f"{PACKED}{file.read(4).decode('latin-1')}", box.offset + 4, box.size - 4)
        else:
            yield Part(box.code, box.offset, box.size)
        if box.code == "jxlp":
            file.seek(box.offset)
            numbers.append(int.from_bytes(file.read(4), "big"))
            pieces.append(Atom("jxlp", box.offset + 4, max(0, box.size - 4)))
        elif box.code == "jxlc":
            pieces.append(box)
    if not pieces:
        raise Malformed("no box holds a codestream")
    if numbers and numbers != [*range(len(numbers) - 1), len(numbers) - 1 | _LAST_PART]:
        raise Malformed(f"its codestream is in parts, and not all of them are there: {len(numbers)} were found")
    _check_codestream(file, pieces)


def _check_codestream(file: BinaryIO, pieces: list[Atom]) -> None:
    """Step from frame to frame by their tables of contents; the codestream may be in several pieces."""
    total = sum(piece.size for piece in pieces)
    head = _read(file, pieces, 0, _HEAD)
    if not head.startswith(_SIGNATURE):
        raise Malformed("no codestream begins where one should")
    if total > len(_EMPTY) and _read(file, pieces, total - len(_EMPTY), len(_EMPTY)) == _EMPTY:
        raise Malformed("its codestream ends in zeros, as one that was not written to its end")
    picture = read_picture(head)
    at = picture.at // 8
    if picture.open_ended:
        least = at + 1
        if least > total:
            raise Malformed("ends after its header")
        return
    for _ in range(_MAX_FRAMES):
        frame = read_frame(_read(file, pieces, at, _FRAME_HEAD), picture, at)
        if frame.size is None:
            return
        at = frame.start + frame.size
        if at > total:
            raise Malformed(f"its codestream should reach up to {at}; {total} bytes are there")
        if frame.last:
            return
    raise TooLarge(f"more than {_MAX_FRAMES} frames")


def _read(file: BinaryIO, pieces: list[Atom], at: int, size: int) -> bytes:
    """Bytes of the codestream, however it is cut into boxes."""
    out = bytearray()
    for piece in pieces:
        if at >= piece.size:
            at -= piece.size
            continue
        file.seek(piece.offset + at)
        out += file.read(min(size - len(out), piece.size - at))
        at = 0
        if len(out) >= size:
            break
    return bytes(out)


def unpacked(part: Part, payload: bytes, limit: int) -> bytes:
    """The content of a compressed part: at most `limit` bytes, else `TooLarge`. A stream that ends early is
    `Malformed`."""
    import brotli

    stream = brotli.Decompressor()
    try:
        data: bytes = stream.process(payload, output_buffer_limit=limit + 1)
    except brotli.error as error:
        raise Malformed(f"{part.where}: not a Brotli stream") from error
    if len(data) > limit:
        raise TooLarge(f"{part.where} unpacks to more than {limit} bytes")
    if not stream.is_finished():
        raise Malformed(f"{part.where}: its Brotli stream ends early")
    return data
