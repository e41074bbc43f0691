"""Small files that ask for a great deal: expansion, depth, length, loops. Made by code; none is larger than 4 MB."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

__all__ = ["BOMBS"]

DEPTH = 10_000
SWELL = 160 << 20
"""What an expansion bomb would become."""


def _deflated(filler: bytes = b"A") -> bytes:
    """A whole zlib stream of `SWELL` bytes. One block is packed, then repeated: packing them all takes seconds."""
    block = filler * ((1 << 20) // len(filler))
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(SWELL >> 20):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + packed * (SWELL >> 20) + b"\x03\0" + struct.pack(">I", check)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(*chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + _chunk(b"IEND", b"")


def _huge_png() -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", _deflated(b"\0")) + _chunk(b"IEND", b"")


def _zip(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()


def _docx_bomb() -> bytes:
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    bomb = b"<Properties><Application>" + b"A" * (SWELL // 4) + b"</Application></Properties>"
    return _zip(**{"[Content_Types].xml": types, "docProps__app.xml": bomb})


def _nested_zip() -> bytes:
    inner = _zip(a=b"\0" * (8 << 20))
    for _ in range(40):
        inner = _zip(a=inner, b=inner)[: 1 << 20]
    return inner


def _entities(root: bytes) -> bytes:
    lines = [b'<!ENTITY e0 "boom">']
    lines += [b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12)]
    return b'<?xml version="1.0"?><!DOCTYPE x [' + b"".join(lines) + b"]>" + root.replace(b"BOMB", b"&e11;")


def _outside(root: bytes) -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + root.replace(
        b"BOMB", b"&e;"
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>BOMB</metadata></svg>'
TTML = b'<tt xmlns="http://www.w3.org/ns/ttml"><head><metadata>BOMB</metadata></head></tt>'
XMEML = b"<xmeml version='5'><sequence><name>BOMB</name></sequence></xmeml>"
RDF = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreatorTool>BOMB</xmp:CreatorTool>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def _deep(open_: bytes, close: bytes, around: bytes) -> bytes:
    return around.replace(b"BOMB", open_ * DEPTH + close * DEPTH)


def _boxes(kinds: tuple[bytes, ...]) -> bytes:
    inner = b""
    for level in range(DEPTH):
        inner = struct.pack(">I", 8 + len(inner)) + kinds[level % len(kinds)] + inner
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + inner


def _lists() -> bytes:
    inner = b""
    for _ in range(DEPTH):
        inner = b"LIST" + struct.pack("<I", 4 + len(inner)) + b"INFO" + inner
    return b"RIFF" + struct.pack("<I", 4 + len(inner)) + b"WAVE" + inner


def _tiff(*ifds: tuple[int, bytes, int]) -> bytes:
    """(offset, entries, next) each."""
    data = bytearray(b"II*\0\x08\0\0\0".ljust(4096, b"\0"))
    for offset, entries, after in ifds:
        block = struct.pack("<H", len(entries) // 12) + entries + struct.pack("<I", after)
        data[offset : offset + len(block)] = block
    return bytes(data)


def _entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


LOOP = _tiff((8, _entry(0x8769, 4, 1, 100) + _entry(0x014A, 4, 1, 8), 8), (100, _entry(0x8769, 4, 1, 8), 100))
COUNTS = _tiff(
    (8, b"".join(_entry(tag, kind, 0xFFFFFFFF, 8) for tag in (270, 305, 700, 33723, 37510) for kind in (1, 2, 7)), 0)
)


def _jpeg(*segments: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + body + b"\xff\xd9"


def _pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, data) for n, data in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R /Info 3 0 R >>\n%%EOF\n"


def _pdf_stream() -> bytes:
    packed = _deflated(b" ")
    stream = b"<< /Type /Metadata /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)
    return _pdf(
        b"<< /Type /Catalog /Pages 4 0 R /Metadata 2 0 R >>",
        stream,
        b"<< /Title (x) >>",
        b"<< /Type /Pages /Kids [] >>",
    )


def _pdf_loop() -> bytes:
    catalog = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 2 0 R >> /AF [ 2 0 R ] >>"
    return _pdf(catalog, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Names [ (a) 2 0 R ] /EF 2 0 R /F 2 0 R >>", b"3 0 R")


def _huge_box(kind: bytes, size: int) -> bytes:
    ftyp = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom")
    return ftyp + struct.pack(">I4sQ", 1, kind, size) + bytes(64)


def _id3(size: bytes) -> bytes:
    return b"ID3\x04\0\0" + size + b"TXXX\x7f\x7f\x7f\x7f\0\0" + bytes(100) + b"\xff\xfb\x90\0" * 200


def _many_boxes() -> bytes:
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + struct.pack(">I4s", 8, b"free") * 40_000


def _compounds(nests: int, each: int) -> bytes:
    """Compound clips each of which holds the next many times."""
    held = b"".join(
        b'<media id="m%d" name="%s"><sequence tcStart="0s"><spine>%s</spine></sequence></media>'
        % (level, b"N" * 5000, b'<ref-clip ref="m%d" lane="1" offset="0s" duration="9s"/>' % (level + 1) * each)
        for level in range(nests)
    )
    whole = b'<project name="p"><sequence><spine><ref-clip ref="m0" offset="0s" duration="9s"/></spine></sequence></project>'
    last = b'<asset id="a" name="a" src="a.mov"/><media id="m%d"><sequence><spine>%s</spine></sequence></media>'
    leaf = b'<asset-clip ref="a" offset="0s" duration="9s"/>' * 3
    return b'<fcpxml version="1.11"><resources>' + held + last % (nests, leaf) + b"</resources>" + whole + b"</fcpxml>"


def _sequences(nests: int, each: int) -> bytes:
    """Sequences each of which holds the one before it many times."""
    item = b"<clipitem><name>n</name><start>0</start><end>9</end><in>0</in><out>9</out>%s</clipitem>"
    whole = b'<sequence id="s0"><media><video><track>' + item % b"" * 3 + b"</track></video></media></sequence>"
    for level in range(1, nests):
        again = item % (b'<sequence id="s%d"/>' % (level - 1)) * each
        track = b"<track>" + item % whole + again + b"</track>"
        whole = b'<sequence id="s%d"><media><video>%s</video></media></sequence>' % (level, track)
    return b'<xmeml version="5">' + whole + b"</xmeml>"


BOMBS: dict[str, Callable[[], bytes]] = {
    "ztxt.png": lambda: _png(_chunk(b"zTXt", b"parameters\0\0" + _deflated())),
    "itxt.png": lambda: _png(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + _deflated())),
    "iccp.png": lambda: _png(_chunk(b"iCCP", b"icc\0\0" + _deflated())),
    "profile.png": lambda: _png(_chunk(b"zTXt", b"Raw profile type exif\0\0" + _deflated(b"41"))),
    "pixels.png": _huge_png,
    "declared.png": lambda: _png()[:33] + struct.pack(">I4s", 0xFFFFFFFF, b"tEXt") + b"parameters\0x",
    "many-chunks.png": lambda: _png(_chunk(b"tEXt", b"Comment\0x") * 30_000),
    "deep-prompt.png": lambda: _png(_chunk(b"tEXt", b"prompt\0" + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH)),
    "pages.docx": _docx_bomb,
    "nested.zip": _nested_zip,
    "entities.svg": lambda: _entities(SVG),
    "entities.ttml": lambda: _entities(TTML),
    "entities.xml": lambda: _entities(XMEML),
    "entities.xmp": lambda: _entities(RDF),
    "entities.jpg": lambda: _jpeg((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _entities(RDF))),
    "outside.svg": lambda: _outside(SVG),
    "outside.xmp": lambda: _outside(RDF),
    "deep.svg": lambda: _deep(b"<g>", b"</g>", SVG),
    "deep.xmp": lambda: _deep(b"<rdf:Bag><rdf:li>", b"</rdf:li></rdf:Bag>", RDF),
    "deep.xml": lambda: _deep(b"<clip>", b"</clip>", XMEML),
    "deep.json": lambda: b"[" * DEPTH + b"]" * DEPTH,
    "deep.otio": lambda: b'{"OTIO_SCHEMA":"Timeline.1","tracks":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "deep.mp4": lambda: _boxes((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"meta")),
    "deep-meta.mp4": lambda: _boxes((b"moov", b"meta")),
    "deep.heic": lambda: _boxes((b"meta", b"iprp", b"ipco")).replace(b"isom", b"heic"),
    "deep.wav": _lists,
    "declared.mp4": lambda: _huge_box(b"moov", 1 << 62),
    "overflow.mp4": lambda: _huge_box(b"mdat", (1 << 64) - 1),
    "zero.mp4": lambda: _huge_box(b"moov", 0),
    "many-boxes.mp4": _many_boxes,
    "many-boxes.heic": lambda: _many_boxes().replace(b"isom", b"heic"),
    "declared.wav": lambda: (
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + bytes(16) + b"bext\xff\xff\xff\xff" + bytes(700)
    ),
    "rf64.wav": lambda: b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0" + b"\xff" * 28 + b"data\xff\xff\xff\xff" + bytes(64),
    "loop.tif": lambda: LOOP,
    "loop.jpg": lambda: _jpeg((0xE1, b"Exif\0\0" + LOOP)),
    "counts.tif": lambda: COUNTS,
    "counts.jpg": lambda: _jpeg((0xE1, b"Exif\0\0" + COUNTS)),
    "segments.jpg": lambda: _jpeg(*[(0xFE, b"x")] * 100_000),
    "declared.psd": lambda: (
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + b"\0\0\0\0\xff\xff\xff\xff8BIM"
    ),
    "stream.pdf": _pdf_stream,
    "loop.pdf": _pdf_loop,
    "deep.pdf": lambda: _pdf(b"<< /Type /Catalog /AF " + b"[" * DEPTH + b"]" * DEPTH + b" >>", b"null", b"<< >>"),
    "declared.mp3": lambda: _id3(b"\x7f\x7f\x7f\x7f"),
    "declared.flac": lambda: b"fLaC\x84\xff\xff\xff" + struct.pack("<II", 4, 0xFFFFFFFF) + bytes(64),
    "declared.aif": lambda: b"FORM\xff\xff\xff\xffAIFFANNO\xff\xff\xff\xff" + bytes(64),
    "declared.mxf": lambda: bytes.fromhex("060e2b34020501010d01020101020400") + b"\x88" + b"\xff" * 8 + bytes(64),
    "declared.exr": lambda: b"\x76\x2f\x31\x01\2\0\0\0comments\0string\0\xff\xff\xff\x7f" + bytes(64),
    "declared.mkv": lambda: b"\x1aE\xdf\xa3\x80\x18S\x80g\x01" + b"\xff" * 7 + b"\x12T\xc3g\x08" + b"\xff" * 60,
    "one-line.md": lambda: b"---\n" + b"a: " * 1_000_000 + b"\n---\n",
    "one-line.txt": lambda: b"Steps: 1, " * 300_000,
    "parameters.png": lambda: _png(_chunk(b"tEXt", b"parameters\0" + b"Steps: 1, Sampler: a, " * 100_000)),
    "cues.srt": lambda: b"1\n00:00:00,000 --> 00:00:01,000\nwords\n\n" * 90_000,
    "compounds.fcpxml": lambda: _compounds(11, 10),
    "sequences.xml": lambda: _sequences(12, 10),
    "events.edl": lambda: b"TITLE: X\n" + b"001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n" * 20_000,
}
"""Name → maker. The names' endings are what a delivery would call them."""
