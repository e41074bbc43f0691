"""Statements in RIFF and AIFF chunks: INFO lists, the broadcast extension, iXML, ADM, labels, the AIGC chunk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lxml import etree

from media.containers import Part
from media.errors import Malformed
from media.safe_xml import attributes
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import MAX_BYTES, words

__all__ = ["RIFF", "RiffReader"]

_BEXT = (
    ("Description", 0, 256),
    ("Originator", 256, 32),
    ("OriginatorReference", 288, 32),
    ("OriginationDate", 320, 10),
    ("OriginationTime", 330, 8),
)
_CODING_HISTORY = 602
_XML = {"iXML": "iXML", "axml": "axml", "bxml": "axml"}
_TEXT = frozenset({"AIGC", "json", "NAME", "AUTH", "(c) ", "ANNO", "APPL", "IDIT"})
_MAX_DEPTH = 24
_MAX_ELEMENTS = 150
"""Statements of one XML chunk: an ADM of a feature has thousands of blocks, all positions."""


class RiffReader(Reader):
    """Reads INFO lists, the broadcast extension, iXML, ADM, labels and the AIGC chunk of RIFF, and the text of AIFF.

    Keys: `INFO/ICMT`, `bext/Originator` (EBU Tech 3285), `iXML/PROJECT` and `axml/…` (paths of elements, an attribute
    as `@name`), `adtl/labl`, `AIGC`, `json`, AIFF's `NAME` `AUTH` `(c) ` `ANNO` `APPL`. ID3 in a chunk is read by
    `audio-tags`, XMP by `xmp`.
    """

    name = "riff"
    version = 2
    media_types = frozenset({"audio/wav", "audio/aiff", "video/x-msvideo", "image/webp"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The statements in file order."""
        yield from each(medium.parts(), partial(_chunk, medium))


def _chunk(medium: Medium, part: Part) -> Iterator[Evidence]:
    parent, _, name = part.name.rpartition("/")
    if part.name == "bext":
        yield from _bext(part, medium.read(part.offset, min(part.size, MAX_BYTES)))
    elif part.name in _XML:
        yield from _xml(part, _XML[part.name], medium.read(part.offset, min(part.size, MAX_BYTES)))
    elif parent == "LIST/INFO" or name in _TEXT:
        key = f"INFO/{name}" if parent == "LIST/INFO" else name
        yield from _read_text(part, key, medium.read(part.offset, min(part.size, MAX_BYTES)))
    elif parent == "LIST/adtl" and name in ("labl", "note"):
        yield from _read_text(part, f"adtl/{name}", medium.read(part.offset, min(part.size, MAX_BYTES))[4:])


def _read_text(part: Part, key: str, raw: bytes) -> Iterator[Evidence]:
    if value := words(raw):
        yield Evidence(reader="riff", key=key, value=value, where=part.where)


def _bext(part: Part, body: bytes) -> Iterator[Evidence]:
    """Five fixed fields; version, UMID, loudness and reserve; then the coding history to the end."""
    if len(body) < _CODING_HISTORY:
        raise Malformed(f"bext of {len(body)} bytes; {_CODING_HISTORY} are fixed")
    for name, start, size in _BEXT:
        yield from _read_text(part, f"bext/{name}", body[start : start + size].split(b"\0", 1)[0])
    yield from _read_text(part, "bext/CodingHistory", body[_CODING_HISTORY:])


def _xml(part: Part, root: str, body: bytes) -> Iterator[Evidence]:
    """Each element's own text and each attribute that is words, by path; as far as the XML is sound.

    Recorders leave rubbish behind the last tag. No DTD, no entity, no network.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        top = etree.fromstring(body.strip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"{part.name} is not XML: {error}") from error
    if top is None:
        raise Malformed(f"{part.name} is not XML")
    left = _MAX_ELEMENTS
    stack = [(root, top, 0)]
    while stack and left:
        path, element, depth = stack.pop()
        said = [(path, element.text or ""), *((f"{path}/@{_local(key)}", value) for key, value in attributes(element))]
        for key, value in said:
            if left and any(map(str.isalpha, value)):
                left -= 1
                yield from _read_text(part, key, value.encode("utf-8", "replace"))
        if depth < _MAX_DEPTH:
            inner = [child for child in element if isinstance(child.tag, str)]
            stack.extend((f"{path}/{_local(child.tag)}", child, depth + 1) for child in reversed(inner))


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


RIFF = RiffReader()
