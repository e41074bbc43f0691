"""XML from strangers. The only module that imports lxml for documents.

Rule: no entity is resolved, no DTD is loaded, nothing is fetched; libxml2's own limits on depth (256) and text stay on.
Broken XML raises `Malformed`, after the elements that came before the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from media.encoding import detect_wide, open_decoder
from media.errors import Malformed, TooLarge, Unreadable

__all__ = [
    "MAX_XML",
    "Element",
    "attributes",
    "child",
    "document",
    "elements",
    "events",
    "local",
    "release",
    "serialised",
    "text",
    "where",
]

MAX_XML = 256 << 20
"""Bytes of XML that are streamed. A feature film's Premiere export is well below."""
_MAX_TREE = 64 << 20
_HEAD = 4096
_FEW_ATTRIBUTES = 100

Element = etree._Element


def document(data: bytes) -> Element:
    """The root of a whole document. `TooLarge` over 64 MiB."""
    if len(data) > _MAX_TREE:
        raise TooLarge(f"XML of more than {_MAX_TREE} bytes")
    wide = detect_wide(data)
    if wide:
        data = data.decode(wide, "replace").removeprefix("\ufeff").encode()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8" if wide else None
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"not well-formed XML: {_brief(error)}") from error


def elements(file: BinaryIO, *names: str) -> Iterator[Element]:
    """Elements with these local names as they end, streamed from the file's start; emptied afterwards."""
    wanted = frozenset(names)
    for kind, element in events(file):
        if kind == "end" and local(element) in wanted:
            yield element
            element.clear()


def events(file: BinaryIO, *kinds: str) -> Iterator[tuple[str, Element]]:
    """(kind, element) from the file's start: "start", "end" and "comment", or the kinds that are named.

    At most `MAX_XML` bytes.
    """
    try:
        file.seek(0)
        wide = detect_wide(file.read(_HEAD))
        file.seek(0)
        yield from etree.iterparse(
            _Transcoded(file, wide) if wide else _Bounded(file),
            events=kinds or ("start", "end", "comment"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            encoding="utf-8" if wide else None,
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"not well-formed XML: {_brief(error)}") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def release(element: Element) -> None:
    """Free an element that has been read, and those before it in its parent: what is streamed is not kept."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local(element: Element) -> str:
    """The name without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element | None, *path: str) -> Element | None:
    """The first child by local name, then its, and so on down the path."""
    for name in path:
        if element is None:
            return None
        element = next((entry for entry in element if local(entry) == name), None)
    return element


def attributes(element: Element) -> list[tuple[str, str]]:
    """Names (`{namespace}name`) and values, in the order of the document.

    lxml searches each value from the first attribute on: with 80,000 that takes a minute. XPath yields them in one
    pass.
    """
    if len(element.attrib) < _FEW_ATTRIBUTES:
        return [(str(name), str(value)) for name, value in element.attrib.items()]
    found: Any = element.xpath("@*")
    return [(str(value.attrname), str(value)) for value in found]


def text(element: Element | None, *path: str) -> str:
    """The stripped text of the element at a path of local names; empty where there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""


def where(element: Element) -> str:
    """How evidence cites an element: `line 12, clipitem`."""
    return f"line {element.sourceline}, {local(element)}"


class _Bounded:
    """A file that ends in `TooLarge` after `MAX_XML` bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_XML

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size if size >= 0 else 1 << 16)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"XML of more than {MAX_XML} bytes")
        return data


class _Transcoded(_Bounded):
    """A file in a wide encoding, as UTF-8: libxml2 knows UTF-32 and UTF-16 without a mark only in part, and trusts a
    declaration that a conversion left behind."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        super().__init__(file)
        self._decoder = open_decoder(encoding)
        self._first = True

    def read(self, size: int = -1) -> bytes:
        """At least one byte, unless the file has ended."""
        while data := super().read(size):
            text = self._decoder.decode(data)
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            if text:
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace")


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def serialised(element: Element) -> bytes:
    """The element as a document of its own, in UTF-8."""
    return etree.tostring(element, encoding="utf-8", with_tail=False)
