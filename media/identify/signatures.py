"""Identifies a file by its first bytes (and for a few families, the bytes those point to).

A table of signatures, the most specific first. Names do not count, except for text formats without a signature: there
the content decides first and the extension only breaks a tie.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import BinaryIO

from media.containers.sound_tags import id3_end
from media.containers.tiff import first_numbers
from media.identify.elementary import JUNK_SIZE, behind_junk, elementary
from media.identify.kinds import KINDS, UNKNOWN, Kind
from media.identify.litter import LITTER, is_apple_double, is_empty_marker, is_thumbnail_store
from media.identify.rasters import netpbm_raster, raster_of, tga_raster
from media.identify.streams import has_pictures, is_sound_only
from media.identify.text import text_type
from media.identify.zips import zip_names

__all__ = ["HEAD_SIZE", "KINDS", "LITTER", "UNKNOWN", "VERSION", "Format", "identify"]

VERSION = "identify/12"
"""Raised when the same bytes are recognised otherwise; what the cache remembers is then identified again."""

HEAD_SIZE = 4096
"""Bytes of the head that are read."""
_DNG_VERSION = 0xC612


@dataclass(frozen=True, slots=True)
class Format:
    """The recognised format."""

    media_type: str
    raster: tuple[int, int] | None = None
    """Width and height in pixels where the head gives them cheaply; groups frame sequences."""

    is_sound_only: bool = False
    """Whether a container that can hold pictures holds none, but sound."""

    @property
    def kind(self) -> Kind:
        """The kind of its media type, or of its tracks where those state otherwise."""
        return Kind.AUDIO if self.is_sound_only else KINDS[self.media_type]


_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\x76\x2f\x31\x01", "image/x-exr"),
    (0, b"SDPX", "image/x-dpx"),
    (0, b"XPDS", "image/x-dpx"),
    (0, b"\x80\x2a\x5f\xd7", "image/x-cineon"),
    (0, b"#?RADIANCE", "image/vnd.radiance"),
    (0, b"#?RGBE", "image/vnd.radiance"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"FUJIFILMCCD-RAW", "image/x-raw"),
    (0, b"FOVb", "image/x-raw"),
    (6, b"HEAPCCDR", "image/x-raw"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (0, b"\x1f\x07\x00", "video/x-dv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"MP+", "audio/x-musepack"),
    (0, b"MPCK", "audio/x-musepack"),
    (0, b"MAC ", "audio/x-ape"),
    (0, b"wvpk", "audio/x-wavpack"),
    (0, b"caff\x00\x01", "audio/x-caf"),
    (0, b".snd\x00\x00", "audio/basic"),
    (0, b"riff\x2e\x91\xcf\x11", "audio/x-w64"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\x04%!PS", "application/postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "application/postscript"),  # EPS with a preview, as Windows keeps it
    (0, b"/* XPM */", "image/x-xpixmap"),
    (0, b"{\\rtf", "text/rtf"),
    (0, b"\x00\x01\x00\x00\x00", "font/ttf"),
    (0, b"true\x00", "font/ttf"),
    (0, b"OTTO\x00", "font/otf"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff"),
    (0, b"bplist00", "application/x-plist"),
    (0, b"\x00\x00\x00\x01Bud1", LITTER),  # .DS_Store
)

_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"heic", "image/heif"),
    (b"heix", "image/heif"),
    (b"heim", "image/heif"),
    (b"heis", "image/heif"),
    (b"hevc", "image/heif"),
    (b"hevx", "image/heif"),
    (b"mif1", "image/heif"),
    (b"msf1", "image/heif"),
    (b"mif3", "image/heif"),
    (b"crx ", "image/x-raw"),
    (b"jxl ", "image/jxl"),
    (b"M4A ", "audio/mp4"),
    (b"M4B ", "audio/mp4"),
    (b"M4P ", "audio/mp4"),
    (b"F4A ", "audio/mp4"),
    (b"qt  ", "video/quicktime"),
)

_BMFF_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid"})
_SEGMENT_FIRST = frozenset({b"styp", b"sidx", b"moof", b"emsg", b"prft"})
_BEHIND_ID3 = (
    (b"fLaC", "audio/flac"),
    (b"MP+", "audio/x-musepack"),
    (b"MPCK", "audio/x-musepack"),
    (b"MAC ", "audio/x-ape"),
    (b"FORM", "audio/aiff"),
)
_ZIP_MEMBERS = (
    (frozenset({b"[Content_Types].xml", b"_rels/.rels"}), "application/vnd.openxmlformats"),
    (frozenset({b"mimetype", b"META-INF/container.xml"}), "application/epub+zip"),
    (frozenset({b"mimetype", b"META-INF/manifest.xml", b"content.xml"}), "application/vnd.oasis.opendocument"),
)
"""Members that a package must have (ECMA-376 part 2, EPUB 3.3 OCF, ODF 1.3 part 2)."""
_WITH_PICTURES = {"audio/mp4": "video/mp4", "audio/ogg": "video/ogg"}
_MXF_RUN_IN = 65_536
_MXF_PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"

_APPLE_DOUBLE = b"\x00\x05\x16\x07"
"""AppleSingle (`00 05 16 00`) is none: it holds the file itself."""
_AAF_CLASS = bytes.fromhex("a598b3b3901cd4118053080036210804")


def identify(file: BinaryIO, name: str, size: int) -> Format:
    """The format of an open file. Reads `HEAD_SIZE` bytes at the head, seldom a little more."""
    if size == 0:
        return Format(LITTER if is_empty_marker(name) else "application/x-empty")
    file.seek(0)
    head = file.read(HEAD_SIZE)
    found = _binary(file, name, head, size)
    if found is None and (text := text_type(head, name)) is not None:
        found = Format(text)
    found = found or _last_resort(file, head, size)
    if has_pictures(file, found.media_type, size):
        return replace(found, media_type=_WITH_PICTURES[found.media_type])
    return replace(found, is_sound_only=True) if is_sound_only(file, found.media_type, size) else found


def _binary(file: BinaryIO, name: str, head: bytes, size: int) -> Format | None:
    for offset, magic, media_type in _SIGNATURES:
        if head.startswith(magic, offset):
            return Format(media_type, raster_of(media_type, head))
    for family in (_riff, _bmff, _tiff, _iff, _mxf):
        if (found := family(head)) is not None:
            return found
    if (stream := elementary(head, size)) is not None:
        return Format(stream)
    if (raster := netpbm_raster(head)) is not None:
        return Format("image/x-portable-anymap", raster)
    if head.startswith(b"ID3") and len(head) >= 10:
        return Format(_after_id3(file, size))
    if head.startswith(_APPLE_DOUBLE) and is_apple_double(head, size):
        return Format(LITTER)
    if head.startswith(b"PK\x03\x04"):
        return Format(_zip(file, head, size))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Format(_ole(file, name, head, size))
    if (
        head.startswith(b"BM")
        and len(head) >= 26
        and struct.unpack_from("<I", head, 14)[0] in (12, 40, 52, 56, 64, 108, 124)
    ):
        return Format("image/bmp")
    if head[:4] == b"\x00\x00\x01\x00" and len(head) > 22 and head[9:10] == b"\x00" and 0 < head[4] < 64:
        return Format("image/vnd.microsoft.icon")
    return None


def _riff(head: bytes) -> Format | None:
    if head[:4] not in (b"RIFF", b"RF64", b"BW64", b"RIFX"):
        return None
    form = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    return Format(form) if form else None


def _bmff(head: bytes) -> Format | None:
    box = head[4:8]
    if box in _SEGMENT_FIRST:
        return Format("video/iso.segment")
    if box == b"jumb":
        return Format("application/c2pa")
    if box not in _BMFF_FIRST:
        return None
    if box != b"ftyp":
        return Format("video/quicktime")
    end = min(struct.unpack_from(">I", head)[0], len(head))
    major = head[8:12]
    compatible = {head[at : at + 4] for at in range(16, end - 3, 4)}
    for brand, media_type in _BRANDS:
        if major == brand:
            return Format(media_type)
    for brand, media_type in _BRANDS[:10]:
        if brand in compatible and major not in (b"isom", b"mp42", b"mp41", b"iso2", b"iso5", b"iso6"):
            return Format(media_type)
    return Format("video/mp4")


def _tiff(head: bytes) -> Format | None:
    if head[:4] in (b"IIRO", b"IIRS", b"MMOR") or head[:4] == b"IIU\x00":
        return Format("image/x-raw")
    if head[:4] not in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return None
    if head[8:10] == b"CR":
        return Format("image/x-raw")
    tags = first_numbers(head)
    return Format("image/x-dng") if _DNG_VERSION in tags else Format("image/tiff", _tiff_raster(tags))


def _tiff_raster(tags: dict[int, int | None]) -> tuple[int, int] | None:
    width, height = tags.get(256), tags.get(257)
    return (width, height) if width is not None and height is not None else None


def _iff(head: bytes) -> Format | None:
    return Format("audio/aiff") if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC") else None


def _mxf(head: bytes) -> Format | None:
    return Format("application/mxf") if _MXF_PARTITION in head else None


def _after_id3(file: BinaryIO, size: int) -> str:
    """Identify what follows the ID3v2 tags: FLAC, AAC, Musepack or Monkey's Audio; by default MP3."""
    length = id3_end(file)
    if length >= size:
        return "audio/mpeg"
    file.seek(length)
    behind = file.read(HEAD_SIZE)
    for magic, media_type in _BEHIND_ID3:
        if behind.startswith(magic):
            return media_type
    return elementary(behind, size - length) or "audio/mpeg"


def _zip(file: BinaryIO, head: bytes, size: int) -> str:
    """By what its first member says, or by the names in the directory at its end: writers order members freely."""
    if head[30:38] == b"mimetype":
        kind = head[38:120]
        if kind.startswith(b"application/epub+zip"):
            return "application/epub+zip"
        if kind.startswith(b"application/vnd.oasis.opendocument"):
            return "application/vnd.oasis.opendocument"
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head or b"docProps/" in head:
        return "application/vnd.openxmlformats"
    names = zip_names(file, size)
    for telling, media_type in _ZIP_MEMBERS:
        if telling <= names:
            return media_type
    return "application/zip"


def _ole(file: BinaryIO, name: str, head: bytes, size: int) -> str:
    """An AAF is an OLE file whose root storage says so in its class id ([MS-CFB] §2.6; AAF stored format §2)."""
    if len(head) < 512:
        return "application/x-ole"
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    root = (first + 1) << shift if shift in (9, 12) else size
    if root + 128 <= size:
        file.seek(root + 80)
        if file.read(16) == _AAF_CLASS:
            return "application/x-aaf"
        if is_thumbnail_store(file, name, root, 1 << shift):
            return LITTER
    return "application/x-ole"


def _last_resort(file: BinaryIO, head: bytes, size: int) -> Format:
    """MXF behind a run-in of up to 64 KiB (SMPTE ST 377-1 §6.5), which may look like anything; then TGA."""
    file.seek(0)
    if (found := _mxf(file.read(_MXF_RUN_IN + len(_MXF_PARTITION)))) is not None:
        return found
    if raster := tga_raster(file, head, size):
        return Format("image/x-tga", raster)
    file.seek(0)
    return Format(behind_junk(file.read(JUNK_SIZE)) or UNKNOWN)
