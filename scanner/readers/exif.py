"""EXIF (CIPA DC-008) in every carrier: the text of its tags, in whichever directory they are.

`media.containers.tiff` walks the structure, with bounds; ExifRead is the dictionary of names and code words. Its own
parser spends seconds on 60 kB of overlapping values, and loses the raw bytes of long comments and of texts that begin
with NUL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from itertools import islice
from typing import BinaryIO, NamedTuple

from media.containers import Part, jxl
from media.containers.part import read_at
from media.containers.tiff import MAIN_DIRECTORIES, DirectoryLost, Field, entries, is_tiff
from media.errors import Malformed, StatementUnread
from scanner.model import Evidence
from scanner.readers import raw_profile
from scanner.readers.each import MAX_STATEMENTS, each
from scanner.readers.exif_text import plain, printable, user_comment, values_behind, wide
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["EXIF", "Exif"]

_JP2_EXIF = f"uuid:{b'JpgTiffExif->JP2'.hex().upper()}"
_TIFF_TYPES = frozenset({"image/tiff", "image/x-dng", "image/x-raw"})
_HOMES = ("eXIf", "EXIF", "Exif item", "Exif", "8BIM/1058", _JP2_EXIF, "CMT1", "CMT2")
_MAGICS = (b"II*\x00", b"MM\x00*")
_LEAD = 64
"""Bytes in front of the TIFF header that may hold `Exif\\0\\0`, once, twice or with an offset before it."""

_MAX_TEXT = 4 * MAX_VALUE
_MAX_BLOCK = 64 << 20
"""Bytes of one block when it is unpacked or joined."""

_EXIF = b"Exif\x00"
_SPLIT = 6 + 4
"""Bytes of a segment that tell a block's start from its continuation: `Exif\\0\\0` and the TIFF header."""

_ASCII, _UTF8, _BYTE, _UNDEFINED = 2, 129, 1, 7

_NEWER: Mapping[int, str] = {
    0xA436: "ImageTitle",
    0xA437: "Photographer",
    0xA438: "ImageEditor",
    0xA439: "CameraFirmware",
    0xA43A: "RAWDevelopingSoftware",
    0xA43B: "ImageEditingSoftware",
    0xA43C: "MetadataEditingSoftware",
    0xC614: "UniqueCameraModel",
    0xC615: "LocalizedCameraModel",
}
"""EXIF 3.0 and DNG names that ExifRead does not know."""

_USER_COMMENT, _MAKER_NOTE = 0x9286, 0x927C
_MAX_MAKER_NOTE = 64
"""Bytes: a generator's name for its parameter scheme fits, a camera's settings do not."""

_XP_TAGS = range(0x9C9B, 0x9CA0)
_CODED = frozenset({0xA300, 0xA301, 0xA401})
"""FileSource, SceneType, CustomRendered: numbers that are statements about the picture's origin."""

_OTHERS = frozenset({0x02BC, 0x83BB, 0x8649, 0x8773, 0xCD41})
"""XMP, IPTC, Photoshop, ICC, C2PA: other readers' blocks."""

_NOISE = frozenset({0x9000, 0xA000, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292})
"""Versions, and fractions and zones of times."""


class _Block(NamedTuple):
    """One TIFF structure: the whole file, or the payload of a part."""

    file: BinaryIO
    size: int
    where: str


class Exif(Reader):
    """Reads the tags of EXIF and TIFF that hold text, by their names (`UserComment`, `Software`)."""

    name = "exif"
    version = 5
    media_types = _TIFF_TYPES | {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heif",
        "image/avif",
        "image/jxl",
        "image/jp2",
        "image/vnd.adobe.photoshop",
    }

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each tag."""
        return each(_carriers(medium), lambda parts: _statements(self.name, _block(medium, parts)))


EXIF = Exif()


def _carriers(medium: Medium) -> Iterator[tuple[Part, ...]]:
    """The parts that hold EXIF, each with those that carry it on; none stands for the file itself."""
    if medium.media_type in _TIFF_TYPES and is_tiff(medium.read(0, 4)):
        yield ()
        return
    yield from _segments(medium)
    for part in medium.parts(*_HOMES):
        yield (part,)
    for part in raw_profile.profiles(medium, "exif", "APP1"):
        yield (part,)
    for part in medium.parts(f"{jxl.PACKED}Exif"):
        yield (part,)


def _segments(medium: Medium) -> Iterator[tuple[Part, ...]]:
    """JPEG segments. A block over 64 kB goes on in the next segment, without a TIFF header (ExifTool's way)."""
    run: list[Part] = []
    for part in medium.parts("APP1"):
        head = medium.read(part.offset, _SPLIT)
        if not head.startswith(_EXIF):
            continue
        if run and head[-4:] not in _MAGICS:
            run.append(part)
            continue
        if run:
            yield tuple(run)
        run = [part]
    if run:
        yield tuple(run)


def _block(medium: Medium, parts: tuple[Part, ...]) -> _Block | None:
    if not parts:
        return _Block(medium.file, medium.size, "")
    part = parts[0]
    data = _bytes(medium, part) + b"".join(medium.payload(more)[6:] for more in parts[1:])
    starts = [at for magic in _MAGICS if (at := data.find(magic, 0, _LEAD)) >= 0]
    if not starts:
        if b"http://ns.adobe.com/xap" in data[:_LEAD] or not data.strip(b"\x00"):
            return None  # a raw APP1 profile may be XMP
        raise Malformed(f"{part.where}: EXIF without a TIFF header")
    data = data[min(starts) :]
    return _Block(BytesIO(data), len(data), f"{part.where}, ")


def _bytes(medium: Medium, part: Part) -> bytes:
    if part.name in ("tEXt", "zTXt", "iTXt"):
        return raw_profile.decode(medium, part)
    data = medium.payload(part, limit=_MAX_BLOCK)
    return jxl.unpacked(part, data, _MAX_BLOCK) if part.name.startswith(jxl.PACKED) else data


def _statements(reader: str, block: _Block | None) -> Iterator[Evidence]:
    if block is None:
        return
    order = "utf-16-be" if read_at(block.file, 0, 2) == b"MM" else "utf-16-le"
    told = (entry for entry in entries(block.file, block.size) if _speaks(entry))
    try:
        for entry in islice(told, MAX_STATEMENTS):
            raw = read_at(block.file, entry.offset, min(entry.size, _MAX_TEXT))
            values = [_value(entry, raw, order)]
            if entry.type in (_ASCII, _UTF8) and entry.tag not in _XP_TAGS:
                values += values_behind(raw)
            for value in filter(None, values):
                where = f"{block.where}{entry.ifd} 0x{entry.tag:04X}"
                facts = {"ifd": entry.ifd}
                yield Evidence(reader=reader, key=_name(entry.tag), value=value[:MAX_VALUE], where=where, facts=facts)
    except DirectoryLost as error:
        if not block.where or error.ifd in MAIN_DIRECTORIES:
            raise
        raise StatementUnread(f"{block.where}{error}; its tags were not read") from error


def _speaks(entry: Field) -> bool:
    """Whether an entry can be a statement in words."""
    if entry.ifd == "GPS" or entry.tag in _OTHERS or entry.tag in _NOISE or not entry.size:
        return False
    if entry.tag == _MAKER_NOTE and entry.size > _MAX_MAKER_NOTE:
        return False
    return entry.type in (_ASCII, _UTF8, _BYTE, _UNDEFINED) or entry.tag in _CODED


def _value(entry: Field, raw: bytes, order: str) -> str:
    if entry.tag in _CODED:
        words = _dictionary().get(entry.tag, (entry.tag, None))[1]
        return str(words.get(int.from_bytes(raw.strip(b"\x00") or b"\x00", "big"), "")) if words else ""
    if entry.tag == _USER_COMMENT:
        return user_comment(raw, order)
    if entry.tag in _XP_TAGS:
        return wide(raw)
    return plain(raw) if entry.type in (_ASCII, _UTF8) else printable(raw)


def _name(tag: int) -> str:
    known = _NEWER.get(tag) or _dictionary().get(tag, ("", None))[0]
    return str(known) or f"0x{tag:04X}"


@cache
def _dictionary() -> Mapping[int, tuple[str, Mapping[int, str] | None]]:
    """ExifRead's names, and its words where it has a plain table of them."""
    from exifread.tags.exif import EXIF_TAGS

    return {tag: (name, words if isinstance(words, dict) else None) for tag, (name, words) in EXIF_TAGS.items()}
