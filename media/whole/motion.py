"""The parts that the XMP of a still names after its picture: a motion photo's movie, a gain map.

Source: Android developers, "Motion Photo format 1.0" and "Ultra HDR image format": `Container:Directory` lists the
items of the file in order, each with its length; older files have `GCamera:MicroVideoOffset`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from media.containers import heif, jpeg
from media.containers.boxes import boxes
from media.containers.part import read_at
from media.errors import Malformed, MediaError, StatementUnread
from media.safe_xml import Element, attributes, document, local

__all__ = ["check_heif", "check_jpeg"]

_HEAD = 1 << 19
"""Bytes that hold the segments of a JPEG that are read."""
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_GOOGLE = "http://ns.google.com/photos/1.0/"
_MOVIES = ("MotionPhoto", "MicroVideo")
_MAX_LENGTH = 1 << 50


@dataclass(frozen=True, slots=True)
class _Behind:
    """What should come after a picture: bytes in all, and whether a movie is among them."""

    size: int
    is_movie: bool


def check_jpeg(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where a movie, or a named part, is missing; remark where only a gain map is."""
    if _GOOGLE.encode() not in read_at(file, 0, _HEAD):
        return
    end, behind = size, _Behind(0, is_movie=False)
    for part in jpeg.walk(file, size):
        if part.name == "trailer":
            end = part.offset
            break
        if part.name == "APP1" and read_at(file, part.offset, len(_XMP)) == _XMP and not behind.size:
            behind = _find_lengths(read_at(file, part.offset + len(_XMP), part.size - len(_XMP)))
    there = size - end
    if there >= behind.size:
        return
    what = "a movie" if behind.is_movie else "a gain map or another picture"
    message = f"its XMP names {behind.size} bytes after the picture, {what} among them; {there} are there"
    if behind.is_movie or there:
        raise Malformed(f"{message}: it was cut off, or the rest was removed")
    raise StatementUnread(message)


def check_heif(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where a movie is named, and no `mpvd` box is long enough for it."""
    if _GOOGLE.encode() not in read_at(file, 0, _HEAD):
        return
    behind = _Behind(0, is_movie=False)
    for part in heif.walk(file, size):
        if part.name == "mime item application/rdf+xml" and not behind.size:
            behind = _find_lengths(read_at(file, part.offset, part.size))
    # The padding of the first item is the box's head.
    there = sum(8 + box.size for box in boxes(file, 0, size) if box.code == "mpvd")
    if behind.is_movie and there < behind.size:
        raise Malformed(
            f"its XMP names a movie of {behind.size} bytes after the picture; {there} are there: it was cut off, "
            "or the movie was removed"
        )


def _find_lengths(packet: bytes) -> _Behind:
    """What a packet names behind the picture."""
    try:
        root = document(packet.strip(b"\0 \r\n\t"))
    except MediaError:
        return _Behind(0, is_movie=False)  # the reader of XMP reports it
    size, is_movie = 0, False
    for element in root.iter():
        said = _read_attributes(element)
        if local(element) == "Item" or "Semantic" in said:
            is_first = said.get("Semantic") == "Primary"
            size += (0 if is_first else _count(said, "Length")) + _count(said, "Padding")
            is_movie |= not is_first and (said.get("Semantic") in _MOVIES or said.get("Mime", "").startswith("video/"))
        elif offset := _count(said, "MicroVideoOffset"):
            return _Behind(offset, is_movie=True)
    return _Behind(size, is_movie)


def _read_attributes(element: Element) -> dict[str, str]:
    """An element's simple properties of these namespaces, as attributes or as children."""
    simple = [(str(entry.tag), entry.text or "") for entry in element if isinstance(entry.tag, str) and not len(entry)]
    found = {}
    for name, value in (*attributes(element), *simple):
        space, _, key = name.rpartition("}")
        if space.startswith("{" + _GOOGLE):
            found[key] = value.strip()
    return found


def _count(said: dict[str, str], name: str) -> int:
    value = said.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and int(value) < _MAX_LENGTH else 0
