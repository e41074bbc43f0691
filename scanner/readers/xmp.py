"""XMP in every carrier that a format gives it, and in sidecars (ISO 16684-1; XMP part 3, Storage in Files)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

from media.containers import Part, gif, jxl
from media.containers.png import TEXT_CHUNKS, keyword, text
from media.errors import Malformed, MediaError, Unreadable
from scanner.model import Evidence
from scanner.readers import raw_profile
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.xmp_packet import MAX_PACKET, parse

__all__ = ["XMP", "Xmp"]

_MAIN = b"http://ns.adobe.com/xap/1.0/\x00"
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"
_EXIF = (b"Exif\x00", b"II*\x00", b"MM\x00*")
_EXTENSION_HEAD = len(_EXTENSION) + 32 + 8
_NOTE = b"HasExtendedXMP"
_IN_GIF = "XMP DataXMP"
_PLAIN = frozenset(
    {
        *("XMP ", "_PMX", "xml ", _IN_GIF, "8BIM/1060", "mime item application/rdf+xml", "moov/udta/XMP_"),
        "xpacket",
        "uuid:BE7ACFCB97A942E89C71999491E3AFAC",
    }
)
"""Parts whose payload is a packet and nothing else."""

_PACKED = f"{jxl.PACKED}xml "


class _Carrier(NamedTuple):
    """Where a packet is: a part (with the parts of its extension after it), or a file of its own."""

    parts: tuple[Part, ...] = ()
    path: Path | None = None


class Xmp(Reader):
    """Reads XMP properties, embedded in a file or in its `.xmp` sidecar, by prefix and name (`xmp:CreatorTool`)."""

    name = "xmp"
    version = 7
    sidecar_suffix: ClassVar[str] = ".xmp"
    media_types = frozenset(
        {
            *("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/x-dng", "image/x-raw"),
            *("image/heif", "image/avif", "image/jxl", "image/jp2", "image/vnd.adobe.photoshop"),
            *("video/mp4", "video/quicktime", "video/x-msvideo", "video/iso.segment"),
            *("audio/mp4", "audio/wav", "audio/aiff"),
            *("application/rdf+xml", "application/postscript"),
        }
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each simple property."""
        return each(_carriers(medium), lambda carrier: self._statements(medium, carrier))

    def _statements(self, medium: Medium, carrier: _Carrier) -> Iterator[Evidence]:
        packets, where = _packets(medium, carrier)
        fault: MediaError | None = None
        for packet in packets:
            try:
                for found in parse(packet):
                    at = f"{where}, {found.where}" if where else found.where
                    yield Evidence(reader=self.name, key=found.path, value=found.value[:MAX_VALUE], where=at)
            except MediaError as error:
                fault = fault or error
        if fault or (carrier.parts[1:] and not _complete(medium, carrier.parts[1:])):
            raise fault or Malformed(f"{where}: extended XMP with a piece missing")


XMP = Xmp()


def _carriers(medium: Medium) -> Iterator[_Carrier]:
    if medium.media_type == "application/rdf+xml":
        yield _Carrier(path=medium.path)
    extensions: list[Part] = []
    mains: list[Part] = []
    for part in medium.parts():
        if part.name == "APP1":
            head = medium.read(part.offset, len(_EXTENSION))
            if head.startswith(_MAIN):
                mains.append(part)
            elif head == _EXTENSION:
                extensions.append(part)
        elif _is_home(medium, part):
            yield _Carrier(parts=(part,))
    for main in mains:
        yield _Carrier(parts=(main, *_extension_of(medium, main, extensions)))
    for part in raw_profile.profiles(medium, "xmp", "APP1"):
        yield _Carrier(parts=(part,))
    for sidecar in medium.sidecars:
        if sidecar.suffix.lower() == Xmp.sidecar_suffix:
            yield _Carrier(path=sidecar)


def _is_home(medium: Medium, part: Part) -> bool:
    if part.name in _PLAIN or part.name == _PACKED:
        return True
    if part.name in TEXT_CHUNKS:
        return keyword(medium.read(part.offset, min(part.size, 80))) == "XML:com.adobe.xmp"
    if part.name == "APPL":
        return medium.read(part.offset, 4) == b"XMP "
    return part.name.endswith("/0x02BC")


def _packets(medium: Medium, carrier: _Carrier) -> tuple[tuple[bytes, ...], str]:
    """The packets of a carrier, and how evidence cites it."""
    if carrier.path is not None:
        if carrier.path == medium.path:
            return (medium.read(0, min(medium.size, MAX_PACKET + 1)),), ""
        return (_file(carrier.path),), f"sidecar {carrier.path.name}"
    part = carrier.parts[0]
    if part.name in TEXT_CHUNKS and not _is_home(medium, part):
        data = raw_profile.decode(medium, part)
        # A profile named APP1 may be EXIF, with its head or without.
        return (() if data.startswith(_EXIF) else (data.removeprefix(_MAIN),)), part.where
    data = medium.payload(part, limit=MAX_PACKET)
    if part.name == _PACKED:
        data = jxl.unpacked(part, data, MAX_PACKET)
    if part.name in TEXT_CHUNKS:
        data = text(part.name, data)
    if part.name == _IN_GIF and not data.startswith((b"<", b"\xef\xbb\xbf")):
        data = gif.joined(data)  # in sub-blocks, as other extensions are, and not behind the trailer that steps over it
    skipped = {"APP1": len(_MAIN), "APPL": 4}.get(part.name, 0)
    extension = b"".join(medium.payload(more)[_EXTENSION_HEAD:] for more in carrier.parts[1:])
    return (data[skipped:], extension) if extension else (data[skipped:],), part.where


def _extension_of(medium: Medium, main: Part, extensions: list[Part]) -> list[Part]:
    """The extension pieces that a main packet names by GUID, in the order of their offsets, each once."""
    packet = medium.payload(main)
    if _NOTE not in packet:
        return []
    pieces: dict[int, Part] = {}
    for part in extensions:
        head = medium.read(part.offset, _EXTENSION_HEAD)
        if len(head) == _EXTENSION_HEAD and head[len(_EXTENSION) :][:32] in packet:
            pieces.setdefault(int.from_bytes(head[-4:], "big"), part)
    return [pieces[offset] for offset in sorted(pieces)]


def _complete(medium: Medium, pieces: tuple[Part, ...]) -> bool:
    """Whether the pieces join without a hole up to the length that they declare."""
    reached = total = 0
    for part in pieces:
        head = medium.read(part.offset, _EXTENSION_HEAD)
        total, offset = int.from_bytes(head[-8:-4], "big"), int.from_bytes(head[-4:], "big")
        if offset != reached:
            return False
        reached += part.size - _EXTENSION_HEAD
    return reached == total


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PACKET + 1)
    except OSError as error:
        raise Unreadable(f"sidecar {path.name} cannot be read: {error.strerror or error}") from error
