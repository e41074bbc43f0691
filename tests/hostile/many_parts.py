"""Small files of very many parts, one maker a format: what grows faster than its parts costs a run its evening."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image

__all__ = ["MAKERS"]


def _gif(count: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    comments = b"".join(b"\x21\xfe\x07%07d\0" % number for number in range(count))
    return head + comments + b"\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0\x3b"


def _png(count: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    texts = b"".join(chunk(b"tEXt", b"k%d\0v" % number) for number in range(count))
    raster = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
        + texts
        + raster
        + chunk(b"IEND", b"")
    )


def _picture(form: str) -> bytes:
    Image.new("RGB", (8, 8)).save(page := io.BytesIO(), form)
    return page.getvalue()


def _jpeg(count: int) -> bytes:
    plain = _picture("JPEG")
    return plain[:2] + b"".join(b"\xff\xfe\0\x09%07d" % number for number in range(count)) + plain[2:]


def _chunks(count: int) -> bytes:
    return b"".join(b"c%03d" % (number % 1000) + struct.pack("<I", 4) + b"abcd" for number in range(count))


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _wave(count: int) -> bytes:
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    return _riff(b"WAVE" + form + _chunks(count) + b"data" + struct.pack("<I", 8) + b"\x80" * 8)


def _webp(count: int) -> bytes:
    return _riff(_picture("WEBP")[8:] + _chunks(count))


def _aiff(count: int) -> bytes:
    common = b"COMM" + struct.pack(">IhIh10s", 18, 1, 4, 8, b"\x40\x0b\xfa" + bytes(7))
    notes = b"".join(b"ANNO\0\0\0\x08%08d" % number for number in range(count))
    body = b"AIFF" + common + b"SSND" + struct.pack(">III", 12, 0, 0) + b"abcd" + notes
    return b"FORM" + struct.pack(">I", len(body)) + body


def _boxes(brand: bytes, kind: bytes) -> Callable[[int], bytes]:
    signature = {b"jxl ": b"JXL ", b"jp2 ": b"jP  "}.get(brand)
    first = b"" if signature is None else struct.pack(">I4s", 12, signature) + b"\r\n\x87\n"
    head = first + struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, brand)
    return lambda count: head + (struct.pack(">I4s", 12, kind) + b"<a/>") * count


def _directories(count: int) -> bytes:
    chain = (
        struct.pack("<HHHII", 1, 270, 2, 4, 0x61616161) + struct.pack("<I", 8 + 18 * number if number < count else 0)
        for number in range(1, count + 1)
    )
    return b"II*\0" + struct.pack("<I", 8) + b"".join(chain)


def _entries(count: int) -> bytes:
    tags = b"".join(struct.pack("<HHII", 1000 + number, 2, 4, 0x61616161) for number in range(count))
    return b"II*\0" + struct.pack("<IH", 8, count) + tags + bytes(4)


def _psd(count: int) -> bytes:
    blocks = b"".join(b"8BIM" + struct.pack(">HHI", 1000 + number % 3000, 0, 4) + b"abcd" for number in range(count))
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 1, 1, 8, 3) + bytes(4)
    return head + struct.pack(">I", len(blocks)) + blocks + bytes(9)


def _flac(count: int) -> bytes:
    about = b"fLaC\0\0\0\x22\x10\0\x10\0" + bytes(6) + b"\x0a\xc4\x42\xf0" + bytes(20)
    return about + b"\x02\0\0\x08abcdefgh" * count + b"\x81\0\0\0"


def _mp3(count: int) -> bytes:
    frames = b"".join(b"TXXX\0\0\0\x0a\0\0\0k%03d\0abcd" % (number % 1000) for number in range(count))
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frames + (b"\xff\xfb\x90\0" + bytes(413)) * 20


def _mxf(count: int) -> bytes:
    def packet(key: str, value: bytes) -> bytes:
        return bytes.fromhex(key) + b"\x83" + struct.pack(">I", len(value))[1:] + value

    head = packet("060e2b34020501010d01020101020400", struct.pack(">HHI", 1, 3, 1) + bytes(88))
    return head + packet("060e2b34010101010301021001000000", b"abcd") * count


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"'
_RDF = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def _root_attributes(count: int) -> bytes:
    return _SVG + b"".join(b' a%d="x"' % number for number in range(count)) + b"/>"


def _metadata_attributes(count: int) -> bytes:
    return _SVG + b"><metadata><a" + b"".join(b' a%d="x"' % number for number in range(count)) + b"/></metadata></svg>"


def _namespaces(count: int) -> bytes:
    return _SVG + b"".join(b' xmlns:a%d="u%d" a%d:b="x"' % ((number,) * 3) for number in range(count)) + b"/>"


def _drawn(count: int) -> bytes:
    return _SVG + b">" + b"".join(b'<g id="%d"><path d="M0 0"/></g>' % number for number in range(count)) + b"</svg>"


def _properties(count: int) -> bytes:
    said = b"".join(b' dc:k%d="v"' % number for number in range(count))
    return _RDF + said + b"/></rdf:RDF></x:xmpmeta>"


def _bag(count: int) -> bytes:
    words = b"".join(b"<rdf:li>v%d</rdf:li>" % number for number in range(count))
    return _RDF + b"><dc:subject><rdf:Bag>" + words + b"</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"


def _edl(count: int) -> bytes:
    event = (
        "{0:06}  AX       V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01\n* FROM CLIP NAME: C{0}.MOV\n"
    )
    return ("TITLE: X\nFCM: NON-DROP FRAME\n" + "".join(map(event.format, range(count)))).encode()


def _sums(count: int) -> bytes:
    return b"".join(b"%032x  f%d.png\n" % (number, number) for number in range(count))


def _subtitles(count: int) -> bytes:
    cue = "{0}\n00:00:00,000 --> 00:00:01,000\nline {0}\n\n"
    return "".join(map(cue.format, range(1, count + 1))).encode()


MAKERS: Mapping[str, tuple[str, Callable[[int], bytes], int]] = {
    "GIF comments": ("a.gif", _gif, 4_000),
    "PNG chunks": ("a.png", _png, 4_000),
    "JPEG segments": ("a.jpg", _jpeg, 4_000),
    "WAVE chunks": ("a.wav", _wave, 4_000),
    "WebP chunks": ("a.webp", _webp, 4_000),
    "AIFF chunks": ("a.aif", _aiff, 4_000),
    "MP4 boxes": ("a.mp4", _boxes(b"isom", b"free"), 4_000),
    "JPEG XL boxes": ("a.jxl", _boxes(b"jxl ", b"xml "), 4_000),
    "JPEG 2000 boxes": ("a.jp2", _boxes(b"jp2 ", b"xml "), 4_000),
    "TIFF directories": ("a.tif", _directories, 4_000),
    "TIFF entries": ("a.tif", _entries, 4_000),
    "PSD resources": ("a.psd", _psd, 4_000),
    "FLAC blocks": ("a.flac", _flac, 4_000),
    "ID3 frames": ("a.mp3", _mp3, 4_000),
    "MXF packets": ("a.mxf", _mxf, 4_000),
    "SVG attributes": ("a.svg", _root_attributes, 10_000),
    "SVG metadata's attributes": ("a.svg", _metadata_attributes, 10_000),
    "SVG namespaces": ("a.svg", _namespaces, 5_000),
    "SVG elements": ("a.svg", _drawn, 4_000),
    "XMP properties": ("a.xmp", _properties, 10_000),
    "XMP bag": ("a.xmp", _bag, 10_000),
    "EDL events": ("a.edl", _edl, 2_000),
    "checksums": ("a.md5", _sums, 4_000),
    "subtitles": ("a.srt", _subtitles, 4_000),
}
"""What there is much of → the file's name, its maker by the number of parts, and a number that takes a moment."""
