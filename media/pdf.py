"""PDF (ISO 32000-2): the Info dictionary, the XMP packet, attached files, and the pictures inside. The only module that
imports pikepdf.

No page is rendered. An empty user password opens a file, as every viewer does; a file that needs one is `Unsupported`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf

from media.errors import Malformed, MediaError, TooLarge, Unsupported
from media.still import MAX_PIXELS, Picture, picture_of

__all__ = ["MAX_PICTURES", "Attachment", "OpenPdf", "open_pdf"]

MAX_PICTURES = 500
"""Pictures of one document."""
LEAST_SIDE = 100
"""Pixels; anything with a smaller side is a rule, an icon or a logo, not a picture to trace."""
MAX_ENTRIES = 400
"""Info entries, attachments or nodes of a name tree that are read of one document."""
MAX_PACKET = 16 << 20
"""Bytes of an XMP packet."""

_FAULTS = (
    *(pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, IndexError, OverflowError),
    *(NotImplementedError, OSError),
)
"""What qpdf and its binding raise on damaged objects."""
_FILES = (pikepdf.Name.EmbeddedFile, pikepdf.Name.Metadata)
_FILE_FILTERS = (pikepdf.Name.DCTDecode, pikepdf.Name.JPXDecode)
"""Filters whose data are those of a JPEG or a JPEG 2000 file."""
_PAGE_FAULTS = (pikepdf.PikepdfError, AttributeError, TypeError, ValueError, RecursionError)
"""What they raise on a damaged page."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the document carries or names."""

    where: str
    name: str
    facts: dict[str, str]
    """`relationship` (§7.11.3), `type`, `description`; only those that are stated."""


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file, or the XMP packet of a picture, among the objects of a document."""

    where: str
    name: str
    """Its file name; empty where it has none."""
    size: int
    """Bytes, as they are kept."""
    load: Callable[[], bytes]
    """Unpacks it. Raises `MediaError`."""


@contextmanager
def open_pdf(source: Path | BinaryIO) -> Iterator[OpenPdf]:
    """Open a document. Raises `MediaError` where that fails, or where a damaged object ends the reading."""
    try:
        with pikepdf.open(source, suppress_warnings=True) as document:
            if not isinstance(document.Root.get("/Pages"), pikepdf.Dictionary):
                raise Malformed("not a valid PDF: no object lists its pages")
            yield OpenPdf(document)
    except pikepdf.PasswordError as error:
        raise Unsupported("encrypted: it needs a password to be opened") from error
    except _FAULTS as error:
        raise Malformed(f"not a valid PDF: {_brief(error)}") from error


class OpenPdf:
    """An open PDF. Reading from it may raise `MediaError`."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf

    def info(self) -> Iterator[tuple[str, str]]:
        """Key (with its slash) and text of the Info dictionary (§14.3.3), sorted by key."""
        with _guard():
            info = self._pdf.trailer.get("/Info")
            if not isinstance(info, pikepdf.Dictionary):
                return
            entries = ((_decode_name(key), value) for key, value in info.items())
            for key, said in islice(sorted(entries, key=lambda entry: entry[0]), MAX_ENTRIES):
                if value := _text(said):
                    yield key, value

    def metadata(self) -> bytes | None:
        """The XMP packet of the catalog (§14.3.2), unpacked; None where there is none."""
        with _guard():
            stream = self._pdf.Root.get("/Metadata")
            return _unpack(stream) if isinstance(stream, pikepdf.Stream) else None

    def attachments(self) -> Iterator[Attachment]:
        """Files that the catalog associates (`/AF`, §14.13) or names (`/EmbeddedFiles`, §7.11.4)."""
        with _guard():
            for where, spec in self._specifications():
                yield _attachment(where, spec)

    def contents(self, *, limit: int) -> Iterator[bytes]:
        """The plain bytes of the attached files, at most `limit` in all; without those behind unusual filters."""
        with _guard():
            for _, stream in self._attached():
                if limit <= 0:
                    return
                with suppress(MediaError):
                    data = _unpack(stream, limit)
                    limit -= len(data)
                    yield data

    def enclosed(self, *, limit: int) -> Iterator[EnclosedFile]:
        """The attached files; then, of all objects in their order, other files, the pictures that are kept as JPEG or
        JPEG 2000, and the XMP packets that are not the document's own."""
        pages = self._pages_of_pictures()
        with _guard():
            own = self._pdf.Root.get("/Metadata")
            known = {own.objgen} if isinstance(own, pikepdf.Stream) else set()
            for name, stream in self._attached():
                known.add(stream.objgen)
                yield _enclosed(f"attachment {name}" if name else "attachment", name, stream, limit)
            for found in self._pdf.objects:
                if not isinstance(found, pikepdf.Stream) or found.objgen in known:
                    continue
                if found.get("/Type") in _FILES or (found.get("/Subtype") == "/Image" and _is_picture_file(found)):
                    yield _enclosed(pages.get(found.objgen, f"object {found.objgen[0]}"), "", found, limit)

    def _attached(self) -> Iterator[tuple[str, Any]]:
        """Name and stream of each attached file."""
        for _, spec in self._specifications():
            if (stream := _stream_of(spec)) is not None:
                yield _text(spec.get("/UF")) or _text(spec.get("/F")), stream

    def _specifications(self) -> Iterator[tuple[str, Any]]:
        """Where each attached file is listed, and its specification (§7.11.3)."""
        seen: set[tuple[int, int]] = set()
        associated = self._pdf.Root.get("/AF")
        specs: list[tuple[str, Any]] = []
        if isinstance(associated, pikepdf.Array):
            specs += [("catalog /AF", spec) for spec in islice(associated, MAX_ENTRIES)]
        specs += [("catalog /Names", spec) for spec in _find_embedded(self._pdf)]
        for where, spec in specs[:MAX_ENTRIES]:
            if isinstance(spec, pikepdf.Dictionary) and (spec.objgen == (0, 0) or spec.objgen not in seen):
                seen.add(spec.objgen)
                yield where, spec

    def _pages_of_pictures(self) -> dict[tuple[int, int], str]:
        """Where the pictures are that pages name themselves."""
        places: dict[tuple[int, int], str] = {}
        for number, page in enumerate(self._pdf.pages, 1):
            try:
                for place, stream in enumerate(_images_of(page), 1):
                    places.setdefault(stream.objgen, f"page {number}, picture {place}")
            except _PAGE_FAULTS:
                continue
        return places

    def pictures(self, *, at_least: int) -> Iterator[tuple[str, Picture, tuple[int, int]]]:
        """Where (`page 3, picture 1`), the picture and its full size. One that cannot be decoded is left out."""
        seen: set[tuple[int, int]] = set()
        for number, page in enumerate(self._pdf.pages, 1):
            try:
                objects = _images_of(page)
            except _PAGE_FAULTS:
                continue
            for place, stream in enumerate(objects, 1):
                if stream.objgen in seen or len(seen) >= MAX_PICTURES:
                    continue
                seen.add(stream.objgen)
                if (found := _picture(stream, at_least)) is not None:
                    yield f"page {number}, picture {place}", *found


@contextmanager
def _guard() -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise Malformed(f"a damaged object: {_brief(error)}") from error


def _images_of(page: Any) -> list[Any]:
    return list(page.get_images().values() if hasattr(page, "get_images") else page.images.values())


def _picture(stream: Any, at_least: int) -> tuple[Picture, tuple[int, int]] | None:
    try:
        image = pikepdf.PdfImage(stream)
        size = (image.width, image.height)
        if min(size) < LEAST_SIDE or size[0] * size[1] > MAX_PIXELS:
            return None
        return picture_of(image.as_pil_image(), at_least=at_least), size
    # A picture in a rare coding (JBIG2, a DeviceN space) costs itself and not the document.
    except (*_FAULTS, MediaError, pikepdf.PikepdfError):
        return None


def _stream_of(spec: pikepdf.Dictionary) -> Any | None:
    """The file that a specification holds; None where it only names one."""
    streams = spec.get("/EF")
    stream = (streams.get("/F") or streams.get("/UF")) if isinstance(streams, pikepdf.Dictionary) else None
    return stream if isinstance(stream, pikepdf.Stream) else None


def _enclosed(where: str, name: str, stream: Any, limit: int) -> EnclosedFile:
    length = stream.get("/Length")
    return EnclosedFile(
        where, name, length if isinstance(length, int) else 0, partial(_unpack, stream, limit, _FILE_FILTERS)
    )


def _is_picture_file(stream: Any) -> bool:
    """Whether the bytes of a picture are those of a file, in whatever they are packed."""
    filters = _filters(stream)
    return bool(filters) and filters[-1] in _FILE_FILTERS


def _filters(stream: Any) -> list[Any]:
    stated = stream.get("/Filter")
    return list(stated) if isinstance(stated, pikepdf.Array) else [stated] if stated is not None else []


def _attachment(where: str, spec: pikepdf.Dictionary) -> Attachment:
    stream = _stream_of(spec)
    facts = {
        "relationship": _text(spec.get("/AFRelationship")).removeprefix("/"),
        "type": _text(stream.get("/Subtype")).removeprefix("/") if stream is not None else "",
        "description": _text(spec.get("/Desc")),
    }
    name = _text(spec.get("/UF")) or _text(spec.get("/F")) or facts["description"] or "(no name)"
    return Attachment(where, name, {key: value for key, value in facts.items() if value})


def _find_embedded(pdf: pikepdf.Pdf) -> list[Any]:
    """File specifications of the name tree, breadth first; loops and bombs end at the limit."""
    names = pdf.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    found: list[Any] = []
    queue, visited = [tree], 0
    while queue and visited < MAX_ENTRIES and len(found) < MAX_ENTRIES:
        node = queue.pop(0)
        visited += 1
        if not isinstance(node, pikepdf.Dictionary):
            continue
        leaves, kids = node.get("/Names"), node.get("/Kids")
        if isinstance(leaves, pikepdf.Array):
            found += [leaves[index] for index in range(1, min(len(leaves), 2 * MAX_ENTRIES), 2)]
        if isinstance(kids, pikepdf.Array):
            queue += [kids[index] for index in range(min(len(kids), MAX_ENTRIES))]
    return found


def _unpack(stream: pikepdf.Stream, limit: int = MAX_PACKET, keeps: tuple[Any, ...] = ()) -> bytes:
    """A stream's plain bytes, at most `limit`, still coded by a last filter of those in `keeps`. Nearly all writers
    leave metadata unfiltered (ISO 32000-2 §14.3.2 asks for it)."""
    with _guard():
        raw = stream.read_raw_bytes()
        filters, terms = _filters(stream), stream.get("/DecodeParms")
    if filters[-1:] and filters[-1] in keeps:
        del filters[-1]
    if filters[:1] == [pikepdf.Name.Crypt]:
        # The metadata of an encrypted document that is left plain says so: the filter of the name Identity, or of none.
        first = terms[0] if isinstance(terms, pikepdf.Array) and len(terms) else terms
        name = first.get("/Name") if isinstance(first, pikepdf.Dictionary) else None
        if name not in (None, pikepdf.Name.Identity):
            raise Unsupported("encrypted metadata")
        del filters[0]
    if filters == [pikepdf.Name.FlateDecode]:
        try:
            raw = zlib.decompressobj().decompress(raw, limit + 1)
        except zlib.error as error:
            raise Malformed(f"the metadata stream is damaged: {error}") from error
    elif filters:
        raise Unsupported("a metadata stream with unusual filters")
    if len(raw) > limit:
        raise TooLarge(f"an embedded stream of more than {limit} bytes")
    return raw


def _text(value: Any) -> str:
    """A string or name as text; everything else, numbers and containers, is no statement."""
    if isinstance(value, (pikepdf.String, pikepdf.Name)):
        return _decode_name(str(value)).strip("\0").strip()
    return ""


def _decode_name(name: str) -> str:
    """A name as text: UTF-8 by agreement (§7.3.5); where its bytes are none, each is a character of Latin-1."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # pikepdf escapes what it cannot decode
        return name.encode("utf-8", "surrogateescape").decode("latin-1")
    return name


def _brief(error: Exception) -> str:
    """What qpdf says, without the path of the file that it says first. Words of its binding are replaced."""
    if isinstance(error, (TypeError, AttributeError, UnicodeError)):
        return "an object is of another kind than its place asks for"
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return words.rpartition("'>")[2].lstrip(": ")[:160]
