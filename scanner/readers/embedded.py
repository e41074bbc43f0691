"""Pictures inside files: in office documents, old and new, and e-books, in icons, in BMPs that wrap a JPEG or PNG.

A statement of an embedded picture is reported under its own reader's name; `where` begins with its place. A picture
that is placed in a document has the fact `inside`: rules then treat the document as containing it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple

from media.containers.office_art import Blip, blips, drawing_group
from media.containers.ole import open_ole
from media.containers.packages import open_package
from media.errors import MediaError, StatementUnread, TooLarge
from media.identify import Kind, identify
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import Medium, Reader, read_statements

__all__ = ["EMBEDDED", "Embedded"]

_ICON, _BMP, _OLE = "image/vnd.microsoft.icon", "image/bmp", "application/x-ole"
_SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .webp .gif .tif .tiff .bmp .heic .heif .avif .jxl .jp2 .psd .svg".split()  # noqa: SIM905
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PLACED = (b"\xff\xd8\xff", _PNG, b"II*\0", b"MM\0*")
_WORKBOOKS = frozenset({"Workbook", "Book"})
_STREAMS = frozenset({"Pictures", "Data", "WordDocument", "0Table", "1Table"}) | _WORKBOOKS
_WRAPPED = {4: "JPEG", 5: "PNG"}
"""BI_JPEG and BI_PNG of a BMP's header."""
_MAX_PICTURES = 2000
_MAX_PICTURE = 128 << 20
_MAX_TOTAL = 1 << 30
"""Bytes of all pictures together."""
_MAX_STATED = 10 * MAX_STATEMENTS


class _Picture(NamedTuple):
    """A picture inside."""

    where: str
    size: int
    load: Callable[[], bytes]
    inside: bool = False
    """Whether it is placed in a document, and is not the file's own picture."""


class _Inner(Medium):
    """A picture inside, as readers see a file."""

    def __init__(self, outer: Medium, picture: _Picture, data: bytes) -> None:
        file = BytesIO(data)
        found = identify(file, PurePosixPath(picture.where).name, len(data))
        super().__init__(outer.path, found.media_type, found.kind, size=len(data), settings=outer.settings)
        self._file = file


class Embedded(Reader):
    """Reads `picture`, the place of one that states anything, and what it states."""

    name = "embedded"
    version = 2
    media_types = frozenset(
        {
            *("application/vnd.openxmlformats", "application/vnd.oasis.opendocument", "application/epub+zip"),
            *(_ICON, _BMP, _OLE),
        }
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the statements, picture by picture. Damage in one does not hide the others."""
        fault: MediaError | None = None
        stated = total = 0
        try:
            for number, picture in enumerate(_pictures(medium), 1):
                total += picture.size
                if number > _MAX_PICTURES or total > _MAX_TOTAL or stated > _MAX_STATED:
                    raise fault or TooLarge("more pictures inside, or more that they state, than are read of one file")
                try:
                    for said in self._statements(medium, picture):
                        stated += 1
                        yield said
                except MediaError as error:
                    fault = fault or type(error)(f"{picture.where}: {error}")
        except StatementUnread as error:
            fault = fault or error
        if fault is not None:
            raise fault

    def _statements(self, medium: Medium, picture: _Picture) -> Iterator[Evidence]:
        from scanner.readers import readers_of  # late: this is one of them

        inner = _Inner(medium, picture, picture.load())
        if inner.kind is not Kind.IMAGE:
            return
        fault: MediaError | None = None
        told = False
        for reader in readers_of(inner.media_type):
            if reader is self:
                continue
            try:
                for said in read_statements(reader, inner):
                    if not told:
                        told = True
                        yield Evidence(reader=self.name, key="picture", value=picture.where, where=picture.where)
                    facts = {**said.facts, "inside": picture.where} if picture.inside else said.facts
                    yield replace(said, where=f"{picture.where}, {said.where}", facts=facts)
            except MediaError as error:
                fault = fault or error
        if fault := fault or inner.fault:
            raise fault


EMBEDDED = Embedded()


def _pictures(medium: Medium) -> Iterator[_Picture]:
    if medium.media_type == _ICON:
        yield from _of_icon(medium)
    elif medium.media_type == _BMP:
        yield from _of_bmp(medium)
    elif medium.media_type == _OLE:
        yield from _of_ole(medium)
    else:
        package = open_package(medium.file)
        for name in package.names:
            if PurePosixPath(name).suffix.lower() in _SUFFIXES:
                yield _Picture(name, package.size(name), partial(package.unpack, name, _MAX_PICTURE), inside=True)


def _of_ole(medium: Medium) -> Iterator[_Picture]:
    """Those of the streams in which Word, PowerPoint and Excel keep them; then what else is inside and is not read."""
    streams: dict[str, bytes] = {}
    with open_ole(medium.file) as ole:
        names = ole.names()
        for name in _STREAMS & set(names):
            streams[name] = ole.stream(name, limit=_MAX_TOTAL // 4)
    for name, data in sorted(streams.items()):
        drawings = drawing_group(data) if name in _WORKBOOKS else data
        for blip in blips(drawings):
            if drawings.startswith(_PLACED, blip.offset):
                load = partial(_read_blip, drawings, blip)
                yield _Picture(f"{name} @ {blip.offset}", blip.size, load, inside=True)
    if objects := [name for name in names if name == "ObjectPool" or name.startswith("MBD")]:
        raise StatementUnread(f"objects of other programs inside it ({', '.join(objects[:4])}) were not read")


def _read_blip(stream: bytes, blip: Blip) -> bytes:
    return stream[blip.offset : blip.offset + min(blip.size, _MAX_PICTURE)]


def _of_icon(medium: Medium) -> Iterator[_Picture]:
    """The PNGs of an icon's directory; its other pictures are bare pixels, which state nothing."""
    (count,) = struct.unpack("<H", medium.read(4, 2).ljust(2, b"\0"))
    rows = medium.read(6, 16 * count)
    for number, (size, at) in enumerate(struct.iter_unpack("<8xII", rows[: len(rows) // 16 * 16]), 1):
        if medium.read(at, len(_PNG)) == _PNG:
            yield _Picture(f"picture {number}", size, partial(medium.read, at, size, limit=_MAX_PICTURE))


def _of_bmp(medium: Medium) -> Iterator[_Picture]:
    head = medium.read(0, 34)
    if len(head) == 34 and struct.unpack_from("<I", head, 30)[0] in _WRAPPED:
        (at,) = struct.unpack_from("<I", head, 10)
        size = max(0, medium.size - at)
        yield _Picture(f"pixels @ {at}", size, partial(medium.read, at, size, limit=_MAX_PICTURE))
