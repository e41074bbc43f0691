"""Still images made byte by byte: whatever a test wants a file to say, and nothing else."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from media.errors import MediaError
from media.identify import KINDS, identify
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader, read_statements

ASCII, SHORT, LONG, UNDEFINED, UTF8 = 2, 3, 4, 7, 129
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_SIZES = {1: 1, ASCII: 1, SHORT: 2, LONG: 4, UNDEFINED: 1, UTF8: 1}

Field = tuple[int, int, bytes]
T = TypeVar("T")


def medium(path: Path, data: bytes, *, media_type: str = "", sidecars: tuple[Path, ...] = ()) -> Medium:
    """A file with this content, opened as what it is."""
    path.write_bytes(data)
    if not media_type:
        with path.open("rb") as file:
            media_type = identify(file, path.name, len(data)).media_type
    return Medium(path, media_type, KINDS[media_type], size=len(data), sidecars=sidecars)


def said(path: Path, data: bytes, reader: Reader, *, media_type: str = "") -> list[Evidence]:
    """What a reader finds in a file with this content."""
    opened = medium(path, data, media_type=media_type)
    try:
        return list(read_statements(reader, opened))
    finally:
        opened.close()


def until_fault(things: Iterable[T]) -> tuple[list[T], MediaError | None]:
    """What comes before a fault, and the fault."""
    found: list[T] = []
    try:
        for thing in things:
            found.append(thing)  # noqa: PERF402 - what came before the fault is the point
    except MediaError as error:
        return found, error
    return found, None


def tiff(ifd0: Iterable[Field] = (), exif: Iterable[Field] = (), *, order: str = "<") -> bytes:
    """A TIFF block: IFD0, and an Exif directory behind it where there are fields for it."""
    first, second = list(ifd0), list(exif)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    if not second:
        return head + _directory(first, 8, order)
    size = len(_directory([*first, (0x8769, LONG, bytes(4))], 8, order))
    pointer = struct.pack(order + "I", 8 + size)
    return head + _directory([*first, (0x8769, LONG, pointer)], 8, order) + _directory(second, 8 + size, order)


def _directory(fields: list[Field], at: int, order: str) -> bytes:
    table, values = b"", b""
    start = at + 2 + 12 * len(fields) + 4
    for tag, kind, value in fields:
        inline = value.ljust(4, b"\0")
        if len(value) > 4:
            inline = struct.pack(order + "I", start + len(values))
            values += value + b"\0" * (len(value) & 1)
        table += struct.pack(order + "HHI", tag, kind, len(value) // _SIZES[kind]) + inline
    return struct.pack(order + "H", len(fields)) + table + bytes(4) + values


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg(*segments: bytes, behind: bytes = b"", pixels: bytes = b"\x12\xff\x00\x34\xff\xd0\x56") -> bytes:
    """An image of these segments, a scan, and what follows its end."""
    frame = segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + pixels
    return b"\xff\xd8" + b"".join(segments) + frame + scan + b"\xff\xd9" + behind


def exif_segment(block: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + block)


def xmp_segment(packet: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)


def extended_segment(guid: bytes, total: int, offset: int, data: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", total, offset) + data)


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(*before: bytes, after: tuple[bytes, ...] = (), behind: bytes = b"") -> bytes:
    """A picture with these chunks before and after its pixels, and bytes behind its end."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    chunks = (head, *before, pixels, pixels, *after, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + behind


def raw_profile(kind: str, block: bytes) -> bytes:
    text = f"\n{kind}\n{len(block):8d}\n{block.hex()}\n".encode()
    return chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text))


def resource(number: int, data: bytes) -> bytes:
    """A Photoshop image resource block."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) & 1)


def psd(*resources: bytes, large: bool = False) -> bytes:
    head = b"8BPS" + struct.pack(">H6xHIIHH", 2 if large else 1, 3, 1, 1, 8, 3)
    block = b"".join(resources)
    layers = struct.pack(">Q" if large else ">I", 6) + b"layers"
    return head + struct.pack(">I", 0) + struct.pack(">I", len(block)) + block + layers + b"\0\0pixels"


def iim(*datasets: tuple[int, int, bytes]) -> bytes:
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(data)) + data for record, number, data in datasets)


def box(code: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), code) + payload


def heif(*items: tuple[bytes, bytes], idat: bool = False, brand: bytes = b"heic", behind: bytes = b"") -> bytes:
    """A HEIF of these items: `Exif` and a block, or a media type and a packet; kept in `mdat` or in `idat`.

    Its picture is one more item, whose few bytes nothing here decodes.
    """
    items = (*items, (b"hvc1", b"coded picture"))
    ftyp = box(b"ftyp", brand + bytes(4) + brand)
    data = [struct.pack(">I", 6) + b"Exif\0\0" + body if kind == b"Exif" else body for kind, body in items]
    store = b"".join(data)
    origin = 0 if idat else len(ftyp + _meta(items, data, idat, 0)) + 8
    return ftyp + _meta(items, data, idat, origin) + (b"" if idat else box(b"mdat", store)) + behind


def _meta(items: tuple[tuple[bytes, bytes], ...], data: list[bytes], idat: bool, origin: int) -> bytes:
    entries, places, at = b"", b"", origin
    for number, ((kind, _), body) in enumerate(zip(items, data, strict=True), 1):
        named = kind + b"\0" if kind in (b"Exif", b"hvc1") else b"mime\0" + kind + b"\0"
        entries += box(b"infe", struct.pack(">IHH", 2 << 24, number, 0) + named)
        places += struct.pack(">HHHHII", number, int(idat), 0, 1, at, len(body))
        at += len(body)
    iloc = struct.pack(">IBBH", 1 << 24, 0x44, 0, len(items)) + places
    inside = box(b"pitm", struct.pack(">IH", 0, len(items)))
    inside += box(b"iinf", struct.pack(">IH", 0, len(items)) + entries) + box(b"iloc", iloc)
    return box(b"meta", bytes(4) + inside + (box(b"idat", b"".join(data)) if idat else b""))


JXL_STREAM = b"\xff\x0a\x41\x06\x01\x10\x00" + b"four"
"""8 × 8 pixels in one frame, whose table of contents has one section of four bytes."""


def jxl(*boxes: bytes) -> bytes:
    return box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(boxes) + box(b"jxlc", JXL_STREAM)


def jp2(*boxes: bytes, comment: bytes = b"") -> bytes:
    com = struct.pack(">HHH", 0xFF64, 4 + len(comment), 1) + comment if comment else b""
    size = struct.pack(">H8IH3B", 0, 8, 8, 0, 0, 8, 8, 0, 0, 1, 7, 1, 1)
    tile = struct.pack(">HHHIBB", 0xFF90, 10, 0, 18, 0, 1) + b"\xff\x93tile"
    stream = b"\xff\x4f" + segment(0x51, size) + com + tile + b"\xff\xd9"
    return box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 ") + b"".join(boxes) + box(b"jp2c", stream)


def gif(*extensions: bytes, behind: bytes = b"") -> bytes:
    image = b"\x2c" + bytes(4) + struct.pack("<HHB", 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + b"".join(extensions) + image + b";" + behind


def gif_comment(text: bytes) -> bytes:
    parts = (text[at : at + 255] for at in range(0, len(text), 255))
    return b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def gif_xmp(packet: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + packet + b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def sef(*records: tuple[int, str, bytes]) -> bytes:
    blocks = [struct.pack("<HHI", 0, kind, len(name)) + name.encode() + value for kind, name, value in records]
    back, rows = sum(map(len, blocks)), b""
    for (kind, _, _), block in zip(records, blocks, strict=True):
        rows += struct.pack("<HHII", 0, kind, back, len(block))
        back -= len(block)
    directory = b"SEFH" + struct.pack("<II", 106, len(records)) + rows
    return b"".join(blocks) + directory + struct.pack("<I", len(directory)) + b"SEFT"


def xmp(body: str, **namespaces: str) -> bytes:
    """A packet with these properties; some namespaces are declared anyway."""
    known = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        **namespaces,
    }
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in known.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}>{body}</rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def credit(words: str) -> bytes:
    """A packet whose one property is photoshop:Credit."""
    return xmp(f'<rdf:Description rdf:about="" photoshop:Credit="{words}"/>')
