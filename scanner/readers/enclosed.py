"""Where files are enclosed in other files: members of documents, placed and attached files of PDFs, covers and
attachments of programmes and sounds, smart objects of Photoshop, pictures that a page or a drawing holds as text."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from media.containers import data_uris
from media.containers.office_art import Blip, blips, drawing_group
from media.containers.ole import open_ole
from media.containers.packages import open_package
from media.containers.psd_linked import find_linked
from media.errors import StatementUnread, TooLarge
from media.identify import KINDS, Kind
from scanner.readers.interface import Medium

__all__ = ["ENCLOSING", "Enclosed", "find_enclosed"]


class Enclosed(NamedTuple):
    """A file in another file."""

    where: str
    size: int
    """Bytes, as declared."""
    load: Callable[[], bytes]
    name: str = ""
    """Its file name where it has one of its own."""
    inside: bool = True
    """Whether it is placed in the file, which then contains it; else it is the file's own picture."""


_ICON, _BMP, _OLE, _PDF = "image/vnd.microsoft.icon", "image/bmp", "application/x-ole", "application/pdf"
_PSD = "image/vnd.adobe.photoshop"
_PACKAGES = frozenset({"application/vnd.openxmlformats", "application/vnd.oasis.opendocument", "application/epub+zip"})
_PAGES = frozenset({"image/svg+xml", "text/html", "text/markdown", "application/json"})
_PLAYED = frozenset(
    media_type
    for media_type, kind in KINDS.items()
    if kind in (Kind.VIDEO, Kind.AUDIO)
    and media_type not in ("application/mxf", "video/iso.segment", "video/x-dv", "video/h264", "video/hevc")
)
"""Programmes and sounds that can have a cover or an attachment."""
ENCLOSING = frozenset({_ICON, _BMP, _OLE, _PDF, _PSD}) | _PACKAGES | _PAGES | _PLAYED
"""The media types of files that are looked into."""

_STRUCTURE = frozenset(".xml .rels .vml .xhtml .html .htm .css .js .ncx .opf .smil .txt".split())  # noqa: SIM905
"""Suffixes of the members that make up a package."""
_MACROS = "vbaProject.bin"
_PNG = b"\x89PNG\r\n\x1a\n"
_PLACED = (b"\xff\xd8\xff", _PNG, b"II*\0", b"MM\0*")
_WORKBOOKS = frozenset({"Workbook", "Book"})
_STREAMS = frozenset({"Pictures", "Data", "WordDocument", "0Table", "1Table"}) | _WORKBOOKS
_NATIVE = "\x01Ole10Native"
_OBJECTS = frozenset({_NATIVE, "Package", "CONTENTS", "__substg1.0_37010102"})
"""Streams that hold a whole file: [MS-OLEDS] 2.3.6, Office, Acrobat; an attachment of a mail ([MS-OXMSG] 2.2.2)."""
_WRAPPED = {4: "JPEG", 5: "PNG"}
"""BI_JPEG and BI_PNG of a BMP's header."""
_MAX_STREAM = 256 << 20
MAX_FILE = 128 << 20
"""Bytes of one enclosed file."""


def find_enclosed(medium: Medium) -> Iterator[Enclosed]:
    """The files in a file, in the file's order. Raises `MediaError` where it is damaged, `StatementUnread` for what is
    inside and cannot be read."""
    media_type = medium.media_type
    if media_type == _ICON:
        yield from _find_in_icon(medium)
    elif media_type == _BMP:
        yield from _find_in_bmp(medium)
    elif media_type == _OLE:
        yield from _find_in_ole(medium)
    elif media_type == _PDF:
        yield from _find_in_pdf(medium)
    elif media_type == _PSD:
        yield from _find_in_psd(medium)
    elif media_type in _PACKAGES:
        yield from _find_in_package(medium)
    elif media_type in _PAGES:
        yield from _find_in_page(medium)
    elif media_type in _PLAYED:
        yield from _find_in_programme(medium)


def _find_in_package(medium: Medium) -> Iterator[Enclosed]:
    package = open_package(medium.file)
    for name in package.names:
        if name.endswith(("/", _MACROS)) or PurePosixPath(name).suffix.lower() in _STRUCTURE:
            continue
        yield Enclosed(name, package.size(name), partial(package.unpack, name, MAX_FILE), name)


def _find_in_pdf(medium: Medium) -> Iterator[Enclosed]:
    from media.pdf import open_pdf  # late: every worker would load pikepdf

    medium.file.seek(0)
    with open_pdf(medium.file) as document:
        for part in document.enclosed(limit=MAX_FILE):
            yield Enclosed(part.where, part.size, part.load, part.name)


def _find_in_psd(medium: Medium) -> Iterator[Enclosed]:
    for part in medium.parts("layers"):
        for linked in find_linked(medium.file, part.offset, part.offset + part.size):
            where = f"smart object {linked.name}" if linked.name else f"smart object @ {linked.offset}"
            load = partial(medium.read, linked.offset, linked.size, limit=MAX_FILE)
            yield Enclosed(where, linked.size, load, linked.name)


def _find_in_page(medium: Medium) -> Iterator[Enclosed]:
    for found in data_uris.find(medium.file, medium.size):
        load = partial(data_uris.decode, medium.file, found, MAX_FILE)
        yield Enclosed(f"data URI @ {found.offset}", found.size, load)


def _find_in_programme(medium: Medium) -> Iterator[Enclosed]:
    from scanner.readers.covers import find_covers  # late: PyAV takes a tenth of a second

    for number, cover in enumerate(find_covers(medium.path, limit=MAX_FILE), 1):
        where = f"attachment {cover.name}" if cover.name else f"cover {number}"
        yield Enclosed(where, len(cover.data), partial(bytes, cover.data), cover.name)


def _find_in_ole(medium: Medium) -> Iterator[Enclosed]:
    """Pictures in the streams in which Word, PowerPoint and Excel keep them, and files in objects of other programs;
    then what else is inside and is not read."""
    streams: dict[str, bytes] = {}
    with open_ole(medium.file) as ole:
        names = ole.names()
        for name in _STREAMS & set(names):
            streams[name] = ole.stream(name, limit=_MAX_STREAM)
        objects = {path: ole.stream(path, limit=MAX_FILE) for path in ole.find(_OBJECTS)}
    for name, data in sorted(streams.items()):
        drawings = drawing_group(data) if name in _WORKBOOKS else data
        for blip in blips(drawings):
            if drawings.startswith(_PLACED, blip.offset):
                yield Enclosed(f"{name} @ {blip.offset}", blip.size, partial(_read_blip, drawings, blip))
    for path, data in objects.items():
        name, file = _split_native(data) if path.endswith(_NATIVE) else ("", data)
        yield Enclosed(f"object {name or path.replace(chr(1), '')}", len(file), partial(bytes, file), name)
    known = {path.partition("/")[0] for path in objects}
    others = [name for name in names if (name == "ObjectPool" or name.startswith("MBD")) and name not in known]
    if others:
        raise StatementUnread(f"objects of other programs inside it ({', '.join(others[:4])}) were not read")


def _split_native(data: bytes) -> tuple[str, bytes]:
    """The name and the file of a packaged object ([MS-OLEDS] 2.3.6 and what Packager writes in it)."""
    label, _, rest = data[6:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")  # its path where it was packaged
    temporary = int.from_bytes(rest[4:8], "little")
    size = int.from_bytes(rest[8 + temporary :][:4], "little")
    file = rest[12 + temporary :][:size]
    return (label.decode("latin-1"), file) if file else ("", data[4:])


def _read_blip(stream: bytes, blip: Blip) -> bytes:
    if blip.size > MAX_FILE:
        raise TooLarge(f"a picture of {blip.size} bytes")
    return stream[blip.offset : blip.offset + blip.size]


def _find_in_icon(medium: Medium) -> Iterator[Enclosed]:
    """The PNGs of an icon's directory; its other pictures are bare pixels, which state nothing."""
    (count,) = struct.unpack("<H", medium.read(4, 2).ljust(2, b"\0"))
    rows = medium.read(6, 16 * count)
    for number, (size, at) in enumerate(struct.iter_unpack("<8xII", rows[: len(rows) // 16 * 16]), 1):
        if medium.read(at, len(_PNG)) == _PNG:
            load = partial(medium.read, at, size, limit=MAX_FILE)
            yield Enclosed(f"picture {number}", size, load, inside=False)


def _find_in_bmp(medium: Medium) -> Iterator[Enclosed]:
    head = medium.read(0, 34)
    if len(head) == 34 and struct.unpack_from("<I", head, 30)[0] in _WRAPPED:
        (at,) = struct.unpack_from("<I", head, 10)
        size = max(0, medium.size - at)
        yield Enclosed(f"pixels @ {at}", size, partial(medium.read, at, size, limit=MAX_FILE), inside=False)
