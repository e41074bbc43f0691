"""IPTC-IIM (IIM 4.2), record 2: credit, source, byline, caption and the other words of newsroom metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from media.containers import Part
from media.containers.psd import resources
from media.errors import StatementUnread
from scanner.model import Evidence
from scanner.readers import raw_profile
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["IPTC", "Iptc"]

_PHOTOSHOP = b"Photoshop 3.0\x00"
_IIM = "8BIM/1028"
_TAG_MARKER = 0x1C
_ENVELOPE, _APPLICATION = 1, 2
_CHARSET = 90
_UTF8 = b"\x1b%G"

_NAMES: Mapping[int, str] = {
    5: "ObjectName",
    7: "EditStatus",
    15: "Category",
    20: "SupplementalCategories",
    22: "FixtureIdentifier",
    25: "Keywords",
    40: "SpecialInstructions",
    55: "DateCreated",
    62: "DigitalCreationDate",
    65: "OriginatingProgram",
    70: "ProgramVersion",
    80: "Byline",
    85: "BylineTitle",
    90: "City",
    92: "Sublocation",
    95: "ProvinceState",
    101: "Country",
    103: "TransmissionReference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption",
    122: "CaptionWriter",
    184: "JobID",
    185: "MasterDocumentID",
    186: "ShortDocumentID",
    187: "UniqueDocumentID",
    188: "OwnerID",
}
"""Datasets that hold words."""


class _Block(NamedTuple):
    """One stretch of IIM, or of Photoshop resources that may hold one."""

    data: bytes
    where: str


class Iptc(Reader):
    """Reads the application record of IPTC-IIM, by the names of its fields (`Byline`, `Credit`)."""

    name = "iptc"
    version = 2
    media_types = frozenset(
        {"image/jpeg", "image/png", "image/tiff", "image/x-dng", "image/x-raw", "image/vnd.adobe.photoshop"}
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each dataset."""
        return each(_carriers(medium), lambda parts: self._statements(medium, parts))

    def _statements(self, medium: Medium, parts: tuple[Part, ...]) -> Iterator[Evidence]:
        yield from each(_blocks(medium, parts), self._datasets)

    def _datasets(self, block: _Block) -> Iterator[Evidence]:
        codec = "latin-1"
        for record, dataset, data in _iim(block):
            if (record, dataset) == (_ENVELOPE, _CHARSET):
                codec = "utf-8" if data.startswith(_UTF8) else codec
            elif record == _APPLICATION and dataset in _NAMES:
                value = _decode(data, codec)
                number = f"{record}:{dataset}"
                if value:
                    yield Evidence(
                        reader=self.name,
                        key=_NAMES[dataset],
                        value=value[:MAX_VALUE],
                        where=f"{block.where}, {number}",
                        facts={"dataset": number},
                    )


IPTC = Iptc()


def _carriers(medium: Medium) -> Iterator[tuple[Part, ...]]:
    """The parts that hold IIM; the APP13 segments of one image together, since a resource may span them."""
    run: list[Part] = []
    for part in medium.parts():
        if part.name == "SOI" and run:
            yield tuple(run)
            run = []
        elif part.name == "APP13" and medium.read(part.offset, len(_PHOTOSHOP)) == _PHOTOSHOP:
            run.append(part)
        elif part.name == _IIM or part.name.endswith(("/0x83BB", "/0x8649")):
            yield (part,)
    if run:
        yield tuple(run)
    for part in raw_profile.profiles(medium, "iptc"):
        yield (part,)


def _blocks(medium: Medium, parts: tuple[Part, ...]) -> Iterator[_Block]:
    """The IIM in a carrier, taken out of its resources."""
    first = parts[0]
    if first.name == "APP13":
        data = b"".join(medium.payload(part)[len(_PHOTOSHOP) :] for part in parts)
    elif first.name in ("tEXt", "zTXt", "iTXt"):
        data = raw_profile.decode(medium, first)
    else:
        data = medium.payload(first)
    if first.name.endswith("/0x83BB") and data[:1] != b"\x1c" and data[3:4] == b"\x1c":
        data = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))  # written as numbers, wrong way round
    if data[:1] == b"\x1c" or first.name == _IIM:
        yield _Block(data, first.where)
        return
    for part in resources(BytesIO(data), 0, len(data)):
        if part.name == _IIM:
            yield _Block(data[part.offset : part.offset + part.size], f"{first.where}, 8BIM 1028")


def _iim(block: _Block) -> Iterator[tuple[int, int, bytes]]:
    """Record, dataset and value of each field. Padding ends the list; anything else is `StatementUnread`."""
    data, at = block.data, 0
    while at + 5 <= len(data) and data[at] == _TAG_MARKER:
        record, dataset, size = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:  # extended: the length of the length
            width = size & 0x7FFF
            size = int.from_bytes(data[at : at + width], "big") if width <= 8 else len(data)
            at += width
        yield record, dataset, data[at : at + size]
        if at + size > len(data):
            raise StatementUnread(
                f"{block.where}: dataset {record}:{dataset} reaches past the end; the rest was not read"
            )
        at += size
    if data[at:].strip(b"\x00"):
        raise StatementUnread(f"{block.where}: no dataset at {at}; the rest was not read")


def _decode(data: bytes, codec: str) -> str:
    """Text by the declared set; undeclared UTF-8 is common and recognisable."""
    data = data.strip(b"\x00")
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data.decode(codec, "replace").strip()
