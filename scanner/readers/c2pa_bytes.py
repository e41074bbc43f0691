"""Finds manifest stores in a file's bytes without the SDK: where it does not look, and where it cannot parse them."""

from __future__ import annotations

import re
import struct
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from media.containers import jumbf, jxl
from media.encoding import decode_text, detect_wide
from media.errors import Malformed, MediaError
from scanner.model import Evidence
from scanner.readers.interface import Medium

__all__ = ["MAX_STORE", "find_declared", "find_trace", "is_wide", "joined_store", "packed_store"]

MAX_STORE = 64 << 20
"""Bytes of a manifest store."""
_SNIFF = 64 << 20
"""Bytes at each end that are searched for a manifest where the SDK cannot parse the container."""
_BLOCK = 1 << 20
_MAX_DECLARED = 16 << 20
"""Bytes of a manifest store, which cannot be parsed, that are searched for a declaration."""

# A JUMBF superbox that holds a manifest store (C2PA 2.2 §11.1.4.2), or the element that holds one in SVG.
_TRACE = re.compile(rb"\x63\x32\x70\x61\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71|c2pa:manifest")
_ENCODED = re.compile(rb"<c2pa:manifest\b[^>]*>([A-Za-z0-9+/=\s]*)")
_TRAINED = re.compile(rb"(?:compositeWithT|t)rainedAlgorithmic(?:Media|Data)")
_OURS = re.compile(rb"c2pa[.\0]|urn:(?:c2pa|uuid):")
"""What a piece of a manifest store names."""


def find_trace(file: BinaryIO, size: int) -> int | None:
    """The offset of a manifest store in the first or the last `_SNIFF` bytes; None where there is none."""
    spans = [(0, min(size, _SNIFF))]
    if size > _SNIFF:
        spans.append((max(_SNIFF, size - _SNIFF), size))
    for start, end in spans:
        file.seek(start)
        tail, at = b"", start
        while at < end and (block := file.read(min(_BLOCK, end - at))):
            if found := _TRACE.search(tail + block):
                return at - len(tail) + found.start()
            tail, at = block[-16:], at + len(block)
    return None


def packed_store(medium: Medium) -> bytes | None:
    """The store in a place where the SDK does not look: in a compressed box of JPEG XL, in the chunk of an RF64, in an
    SVG of UTF-16 or UTF-32."""
    for part in medium.parts(f"{jxl.PACKED}jumb") if medium.media_type == "image/jxl" else ():
        body = jxl.unpacked(part, medium.payload(part, limit=MAX_STORE), MAX_STORE)
        return struct.pack(">I4s", 8 + len(body), b"jumb") + body
    if medium.media_type == "audio/wav" and medium.read(0, 4) in (b"RF64", b"BW64"):
        return next((medium.payload(part, limit=MAX_STORE) for part in medium.parts("C2PA")), None)
    if is_wide(medium):
        text = decode_text(medium.read(0, medium.size, limit=MAX_STORE)).encode("utf-8", "replace")
        found = _ENCODED.search(text)
        with suppress(Error, ValueError):
            return b64decode(found[1]) if found is not None else None
    return None


def is_wide(medium: Medium) -> bool:
    """Whether the file is an SVG of UTF-16 or UTF-32, which the SDK does not open."""
    return medium.media_type == "image/svg+xml" and detect_wide(medium.read(0, 4096)) is not None


def joined_store(medium: Medium) -> bytes | None:
    """The store of a JPEG whose APP11 segments have a place or order that the SDK does not accept, or of a PDF in a
    compressed stream. Raises `Malformed` where its first segment is missing."""
    if medium.media_type == "application/pdf":
        return next((data for data in _read_attachments(medium) if _TRACE.search(data[:64])), None)
    boxes = _boxes(medium)
    store = next((box.data for box in boxes if _TRACE.search(box.data[:64])), None)
    if store is None and any(not box.is_whole and _OURS.search(box.data) for box in boxes):
        raise Malformed("the C2PA manifest cannot be read: segments of it are not there")
    return store


def _boxes(medium: Medium) -> list[jumbf.Joined]:
    if medium.media_type != "image/jpeg":
        return []
    return list(jumbf.join(medium.payload(part) for part in jumbf.first_image(medium.parts())))


def _read_attachments(medium: Medium) -> Iterator[bytes]:
    """The plain bytes of a PDF's attached files."""
    try:
        from media.pdf import open_pdf  # late: every worker would load pikepdf

        with open_pdf(medium.file) as document:
            yield from document.contents(limit=MAX_STORE)
    except MediaError:
        return  # the reader of PDF reports it


def find_declared(medium: Medium, data: bytes | None, source: str) -> Iterator[Evidence]:
    """A statement that the bytes of an unparsable manifest name a trained model; nothing of it is verified."""
    for where, block in ((source, data),) if data is not None else _find_stores(medium):
        if found := _TRAINED.search(block):
            value = found[0].decode("ascii")
            yield Evidence(reader="c2pa", key="unparsed", value=value, where=where, facts={"source": source})
            return


def _find_stores(medium: Medium) -> Iterator[tuple[str, bytes]]:
    """Find manifest stores: where each is, and its bytes, as many as are searched: unpacked, then as stored."""
    for box in _boxes(medium):
        yield "APP11", box.data[:_MAX_DECLARED]
    if medium.media_type == "application/pdf":
        for data in _read_attachments(medium):
            yield "attached file", data[:_MAX_DECLARED]
    at = find_trace(medium.file, medium.size)
    if at is None:
        return
    medium.file.seek(at)
    data = medium.file.read(_MAX_DECLARED)
    if medium.media_type == "image/svg+xml":
        medium.file.seek(max(0, at - 1))
        data = _decode_base64(medium.file.read(_MAX_DECLARED))
    yield f"manifest store @ {at}", data


def _decode_base64(text: bytes) -> bytes:
    """The content of the element that holds a store in SVG: base64, of which groups may be lost."""
    found = _ENCODED.match(text)
    packed = b"".join(found[1].split()).rstrip(b"=") if found is not None else b""
    try:
        # A piece may be lost: then what follows is read at each of the four ways to group it.
        return b"\0".join(b64decode(packed[at:][: (len(packed) - at) // 4 * 4]) for at in range(4))
    except (Error, ValueError):
        return b""
