"""Whole stills and documents that no carrier of marks is made of, byte by byte or by Pillow: one for each way to cut."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pikepdf
from PIL import Image

from fixtures.blanks import blank
from fixtures.encode import encode
from fixtures.formats import jpeg
from tests.hostile.mutants import seed
from tests.scanner import stills

__all__ = ["STILLS", "Still"]

WIDTH, HEIGHT = 48, 40
LINES = "anywhere: lines, and neither a length nor a count"


@cache
def picture() -> Image.Image:
    """Noise over a ramp: nothing packs it to nothing."""
    ramp = np.linspace(0, 200, WIDTH * HEIGHT * 3).reshape(HEIGHT, WIDTH, 3)
    noise = np.random.default_rng(7).integers(0, 50, ramp.shape)
    return Image.fromarray((ramp + noise).astype(np.uint8))


def saved(form: str, mode: str = "RGB", **settings: object) -> bytes:
    """By Pillow."""
    out = io.BytesIO()
    picture().convert(mode).save(out, form, **settings)
    return out.getvalue()


def radiance(*, packed: bool) -> bytes:
    """Four components a line, packed in dumps, or pixels as they are."""
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (HEIGHT, WIDTH)
    pixels = np.dstack([np.asarray(picture()), np.full((HEIGHT, WIDTH), 128, np.uint8)])
    if not packed:
        return head + pixels.tobytes()
    lines = []
    for line in pixels:
        planes = b"".join(bytes([WIDTH]) + line[:, index].tobytes() for index in range(3))
        lines.append(bytes((2, 2, 0, WIDTH)) + planes + bytes((128 + WIDTH, 128)))
    return head + b"".join(lines)


def plain_map() -> bytes:
    """Numbers in digits, the last of which has three: a cut within it leaves a number."""
    samples = np.asarray(picture()).reshape(-1)
    return b"P3\n# by hand\n%d %d\n255\n" % (WIDTH, HEIGHT) + b"\n".join(b"%d" % value for value in samples) + b"\n"


def arbitrary_map() -> bytes:
    """PAM, 16 bits."""
    head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n" % (WIDTH, HEIGHT)
    return head + bytes(range(1, 241)) * (WIDTH * HEIGHT * 8 // 240)


def float_map() -> bytes:
    """PFM."""
    return b"PF\n%d %d\n-1.0\n" % (WIDTH, HEIGHT) + np.asarray(picture()).astype("<f4").tobytes()


def attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
    """Of an EXR header."""
    return name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value


def exr(*, tiled: bool = False, parts: int = 1) -> bytes:
    """Half-float scanlines, or tiles of 16 × 16 with all their levels, as they are; of several parts one behind another."""
    window = struct.pack("<4i", 0, 0, WIDTH - 1, HEIGHT - 1)
    channels = b"Y\0" + struct.pack("<iB3xii", 1, 0, 1, 1) + b"\0"
    body = [attribute(b"channels", b"chlist", channels), attribute(b"compression", b"compression", b"\0")]
    body += [attribute(name, b"box2i", window) for name in (b"dataWindow", b"displayWindow")]
    if tiled:
        body.append(attribute(b"tiles", b"tiledesc", struct.pack("<IIB", 16, 16, 1)))
    levels = [(WIDTH >> level or 1, HEIGHT >> level or 1) for level in range(6)] if tiled else [(WIDTH, HEIGHT)]
    chunks = []
    for level, (width, height) in enumerate(levels):
        if tiled:
            places = [(x, y) for y in range(-(-height // 16)) for x in range(-(-width // 16))]
            chunks += [struct.pack("<4i", x, y, level, level) + _sized(512) for x, y in places]
        else:
            chunks += [struct.pack("<i", line) + _sized(2 * width) for line in range(height)]
    if parts > 1:
        kind = b"tiledimage" if tiled else b"scanlineimage"
        body += [attribute(b"type", b"string", kind), attribute(b"chunkCount", b"int", struct.pack("<i", len(chunks)))]
    flags = 2 | (0x200 if tiled and parts == 1 else 0) | (0x1000 if parts > 1 else 0)
    head = struct.pack("<II", 20000630, flags) + (b"".join(body) + b"\0") * parts + b"\0" * (parts > 1)
    numbered = [(struct.pack("<i", part) if parts > 1 else b"") + chunk for part in range(parts) for chunk in chunks]
    at, table = len(head) + 8 * len(numbered), b""
    for chunk in numbered:
        table += struct.pack("<Q", at)
        at += len(chunk)
    return head + table + b"".join(numbered)


def _sized(size: int) -> bytes:
    return struct.pack("<i", size) + bytes(index % 251 + 1 for index in range(size))


@cache
def jxl_stream() -> bytes:
    """A bare codestream of several groups, by libjxl."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x280:rate=1", "-frames:v", "1")
    return encode(".jxl", *picture, "-c:v", "libjxl", "-distance", "3")


def jxl_boxes(*boxes: bytes) -> bytes:
    """A container of these boxes."""
    return stills.box(b"JXL ", b"\r\n\x87\n") + stills.box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(boxes)


def jxl_in_parts() -> bytes:
    """A codestream in three boxes."""
    stream = jxl_stream()
    pieces = [stream[:300], stream[300:600], stream[600:]]
    numbers = [0, 1, 2 | 0x80000000]
    return jxl_boxes(
        *(stills.box(b"jxlp", struct.pack(">I", number) + piece) for number, piece in zip(numbers, pieces, strict=True))
    )


def psd(*, packed: bool, large: bool = False) -> bytes:
    """Three channels of eight bits, in runs or as they are."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 2 if large else 1, 3, HEIGHT, WIDTH, 8, 3)
    head += struct.pack(">II", 0, 0) + struct.pack(">Q" if large else ">I", 0)
    lines = np.asarray(picture()).transpose(2, 0, 1).reshape(-1, WIDTH)
    if not packed:
        return head + b"\0\0" + lines.tobytes()
    runs = [bytes([WIDTH - 1]) + line.tobytes() for line in lines]
    table = b"".join(struct.pack(">I" if large else ">H", len(run)) for run in runs)
    return head + b"\0\1" + table + b"".join(runs)


def cineon() -> bytes:
    """Ten bits in four bytes a pixel."""
    head = bytearray(b"\x80\x2a\x5f\xd7" + bytes(2044))
    struct.pack_into(">I12xI", head, 4, 2048, 2048 + WIDTH * HEIGHT * 4)
    head[193], head[198], head[681] = 3, 10, 5
    struct.pack_into(">II", head, 200, WIDTH, HEIGHT)
    return bytes(head) + bytes(range(1, 241)) * (WIDTH * HEIGHT * 4 // 240)


def camera_raw(magic: bytes) -> bytes:
    """A directory, then one strip up to the end of the file."""
    strip = bytes(index % 251 + 1 for index in range(WIDTH * HEIGHT * 16 // 14))
    fields = [(0x0002, WIDTH), (0x0003, HEIGHT), (0x002D, 4), (0x0111, 0), (0x0117, len(strip)), (0x0118, 0)]
    at = 8 + 2 + 12 * len(fields) + 4
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, at if tag in (0x0111, 0x0118) else value) for tag, value in fields)
    return magic + struct.pack("<IH", 8, len(fields)) + rows + bytes(4) + strip


def fuji() -> bytes:
    """An embedded JPEG, a directory and a raw picture, each where the header says."""
    inner, rest = saved("JPEG"), bytes(index % 251 + 1 for index in range(2000))
    places = struct.pack(">6I", 108, len(inner), 108 + len(inner), 200, 308 + len(inner), 1800)
    return b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + places + inner + rest


def postscript() -> bytes:
    """As the structuring conventions ask."""
    lines = [b"%!PS-Adobe-3.0 EPSF-3.0", b"%%BoundingBox: 0 0 100 100", b"%%Creator: a hand", b"%%EndComments"]
    lines += [b"%d %d moveto 50 50 lineto stroke" % (index, index) for index in range(400)]
    return b"\n".join([*lines, b"showpage", b"%%EOF", b""])


def checksums() -> bytes:
    """As `md5sum` writes it."""
    return b"".join(b"%032x  clip_%04d.mov\n" % (number * 0x9E3779B97F4A7C15, number) for number in range(1, 12))


@dataclass(frozen=True)
class Still:
    """A whole file, and the cuts that its format cannot show."""

    name: str
    suffix: str
    data: Callable[[], bytes]
    unseen: str = ""
    is_unseen: Callable[[bytes, int], bool] = lambda _data, _at: False


def _last_line_end(data: bytes, at: int) -> bool:
    """A cut of the white space that ends a text, or of nothing else."""
    return not data[at:].strip()


def _behind(mark: bytes) -> Callable[[bytes, int], bool]:
    """A cut behind the last of these words."""
    return lambda data, at: at >= data.rfind(mark) + len(mark)


def _movie(data: bytes, at: int) -> bool:
    """A cut behind the still, before the second box of its movie has begun."""
    begin = data.rfind(b"ftyp") - 4
    return data.rfind(b"\xff\xd9", 0, begin) + 2 <= at < begin + int.from_bytes(data[begin : begin + 4]) + 8


def named_movie() -> bytes:
    """A motion photo whose XMP states the length of its movie."""
    movie = blank(".mp4")
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MicroVideo="1" '
        f'GCamera:MicroVideoOffset="{len(movie)}"/></rdf:RDF></x:xmpmeta>'
    )
    plain = blank(".jpg")
    return plain[:2] + jpeg.xmp_segment(packet.encode()) + plain[2:] + movie


def packed_document() -> bytes:
    """A PDF whose objects and cross references are streams."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(6):
            document.add_blank_page()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _zero(data: bytes, at: int) -> bool:
    """A cut of the zero that makes a length even."""
    return data[at:] == b"\0"


def _last_box(data: bytes, at: int) -> bool:
    """A cut before a box that stands behind all others, or so soon in it that its name is not there."""
    begins = range(max(0, at - 7), at + 1)
    return any(
        data[one + 4 : one + 8] == b"uuid" and one + int.from_bytes(data[one : one + 4]) == len(data) for one in begins
    )


def _trailer(data: bytes, at: int) -> bool:
    """A cut behind the end of a picture: Samsung's trailer is found from its own end."""
    return any(end in data[:at] for end in (b"\xff\xd9", b"IEND\xaeB`\x82"))


def _footer(data: bytes, at: int) -> bool:
    """A cut before the footer of a TGA."""
    return at == len(data) - 26


def _last_digits(data: bytes, at: int) -> bool:
    """A cut within the last number."""
    return not data[:at].endswith((b" ", b"\n")) and len(data[at:].split()) <= 1


STILLS: tuple[Still, ...] = (
    Still("BMP", ".bmp", lambda: saved("BMP")),
    Still("BMP, 8 bits", ".bmp", lambda: saved("BMP", "P")),
    Still("Radiance, packed", ".hdr", lambda: radiance(packed=True)),
    Still("Radiance, plain", ".hdr", lambda: radiance(packed=False)),
    Still("PPM", ".ppm", lambda: saved("PPM")),
    Still("PBM", ".pbm", lambda: saved("PPM", "1")),
    Still("PPM in digits", ".ppm", plain_map, "within the last number, which may have had more digits", _last_digits),
    Still("PAM", ".pam", arbitrary_map),
    Still("PFM", ".pfm", float_map),
    Still("TGA", ".tga", lambda: saved("TGA"), "before its footer, which is optional", _footer),
    Still(
        "TGA in runs",
        ".tga",
        lambda: saved("TGA", compression="tga_rle"),
        "before its footer, which is optional",
        _footer,
    ),
    Still("EXR, scanlines", ".exr", exr),
    Still("EXR, tiles", ".exr", lambda: exr(tiled=True)),
    Still("EXR, two parts", ".exr", lambda: exr(parts=2)),
    Still("JPEG 2000 codestream", ".j2k", lambda: saved("JPEG2000", no_jp2=True)),
    Still("JP2, tiles", ".jp2", lambda: saved("JPEG2000", tile_size=(16, 16))),
    Still("JPEG XL, boxes", ".jxl", lambda: jxl_boxes(stills.box(b"xml ", b"<x/>"), stills.box(b"jxlc", jxl_stream()))),
    Still("JPEG XL codestream", ".jxl", jxl_stream),
    Still("JPEG XL in parts", ".jxl", jxl_in_parts),
    Still("PSD", ".psd", lambda: psd(packed=False)),
    Still("PSD in runs", ".psd", lambda: psd(packed=True)),
    Still("PSB in runs", ".psb", lambda: psd(packed=True, large=True)),
    Still("Cineon", ".cin", cineon),
    Still("DPX", ".dpx", lambda: seed("dpx-header.dpx")),
    Still("TIFF", ".tif", lambda: saved("TIFF")),
    Still("TIFF, deflated", ".tif", lambda: saved("TIFF", compression="tiff_deflate")),
    Still(
        "TIFF with XMP",
        ".tif",
        lambda: seed("tiff-xmp.tif"),
        "the zero that makes its length even",
        _zero,
    ),
    Still("RW2", ".rw2", lambda: camera_raw(b"IIU\0")),
    Still("Raw built as TIFF", ".cr2", lambda: camera_raw(b"II*\0")),
    Still("RAF", ".raf", fuji),
    Still("JPEG", ".jpg", lambda: seed("jpeg-xmp.jpg")),
    Still("JPEG, progressive", ".jpg", lambda: saved("JPEG", progressive=True)),
    Still("WebP", ".webp", lambda: saved("WEBP")),
    Still("WebP, lossless", ".webp", lambda: saved("WEBP", lossless=True)),
    Still("WebP with EXIF and XMP", ".webp", lambda: saved("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", xmp=b"<x/>")),
    Still("WebP, animated", ".webp", lambda: seed("webp-animated-exif.webp")),
    Still("HEIC", ".heic", lambda: seed("heif-exif.heic")),
    Still("AVIF", ".avif", lambda: seed("avif-xmp.avif")),
    Still("GIF", ".gif", lambda: seed("gif-xmp.gif")),
    Still("PNG", ".png", lambda: seed("png-itxt.png")),
    Still("EPS", ".eps", postscript, "after `showpage`", _behind(b"showpage")),
    Still("PDF", ".pdf", lambda: seed("pdf-xmp.pdf"), "the line end after `%%EOF`", _last_line_end),
    Still("SVG", ".svg", lambda: seed("svg-xmp.svg"), "white space after the root element", _last_line_end),
    Still("TTML", ".ttml", lambda: seed("ttml-metadata.ttml"), "white space after the root element", _last_line_end),
    Still(
        "XMP sidecar",
        ".xmp",
        lambda: seed("xmp-sidecar.xmp"),
        "white space and `xpacket` after the root element",
        _behind(b"</x:xmpmeta>"),
    ),
    Still(
        "DOCX",
        ".docx",
        lambda: seed("word-property.docx"),
        "its first three bytes, which are valid text",
        lambda _data, at: at < 4,
    ),
    Still("XPM", ".xpm", lambda: seed("xpm-comment.xpm"), "the line end after the array", _behind(b"}")),
    Still("JPEG with a movie", ".jpg", lambda: seed("jpeg-motion-photo.jpg"), "before the movie", _movie),
    Still("JPEG with a movie that it states", ".jpg", named_movie),
    Still(
        "PNG with a maker's trailer",
        ".png",
        lambda: seed("png-samsung-trailer.png"),
        "in the trailer, which is found from its end",
        _trailer,
    ),
    Still(
        "MP4 with a box behind",
        ".mp4",
        lambda: seed("mp4-xmp.mp4"),
        "before the box after its movie, or in its first seven bytes",
        _last_box,
    ),
    Still(
        "JP2 with a box behind",
        ".jp2",
        lambda: seed("jp2-xmp.jp2"),
        "before the box after its picture, or in its first seven bytes",
        _last_box,
    ),
    Still("WAV with an odd chunk", ".wav", lambda: seed("wav-label.wav"), "the zero that makes its length even", _zero),
    Still("ICO", ".ico", lambda: saved("ICO", sizes=[(16, 16), (32, 32), (48, 40)], bitmap_format="bmp")),
    Still("ICO of PNG", ".ico", lambda: saved("ICO", sizes=[(16, 16), (48, 40)])),
    Still("PDF of packed objects", ".pdf", packed_document, "the line end after `%%EOF`", _last_line_end),
    Still("Word 97", ".doc", lambda: seed("office-property.doc")),
    Still("JSON", ".json", lambda: seed("json-label.json"), "white space after its end", _last_line_end),
    Still("XML", ".xml", lambda: seed("packing-list.xml"), "white space after the root element", _last_line_end),
    Still("Edit list", ".edl", lambda: seed("edl-clip.edl"), LINES, lambda _data, _at: True),
    Still("WebVTT", ".vtt", lambda: seed("vtt-note.vtt"), LINES, lambda _data, _at: True),
    Still("Markdown", ".md", lambda: seed("markdown-front-matter.md"), LINES, lambda _data, _at: True),
    Still("Checksum list", ".md5", checksums, LINES, lambda _data, _at: True),
)
