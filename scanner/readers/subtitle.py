"""Subtitles: who made them. TTML/IMSC head metadata, SRT, WebVTT and SCC headers and notes.

Sources: TTML2 §14 (metadata), EBU-TT part 1 §3.2, WebVTT §4.1. Machine captions are usually allowed; their statements
are recorded, not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from media import safe_xml
from media.encoding import detect_wide
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.words import words

__all__ = ["SUBTITLE", "Subtitle"]

_HEAD = 256 << 10
_TTML = "application/ttml+xml"


class Subtitle(Reader):
    """Reads the words around the cues, not the cues."""

    name = "subtitle"
    version = 2
    media_types = frozenset({_TTML, "application/x-subrip", "text/vtt", "text/x-scc"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """TTML: metadata elements by local name, `comment`. The others: `header`, `note`."""
        found = self._ttml(medium) if medium.media_type == _TTML else self._plain(medium)
        yield from islice(found, MAX_STATEMENTS)

    def _ttml(self, medium: Medium) -> Iterator[Evidence]:
        """The head alone: the walk ends where the body begins."""
        for kind, element in safe_xml.events(medium.file):
            name = safe_xml.local(element)
            text = (element.text or "").strip()
            if kind == "comment" and text:
                yield self._evidence("comment", text, f"line {element.sourceline}, comment")
            elif kind == "start" and name == "body":
                return
            elif kind == "end" and text and _is_metadata(element):
                yield self._evidence(name, text, safe_xml.where(element))

    def _plain(self, medium: Medium) -> Iterator[Evidence]:
        text = _head(medium)
        blocks = re.split(r"\r?\n\r?\n", text)
        for number, block in enumerate(blocks):
            first, _, rest = block.strip().partition("\n")
            if number == 0 and "-->" not in block and first.strip():
                for line in block.strip().splitlines():
                    yield self._evidence("header", line.strip(), "header")
            elif first.startswith(("NOTE", "//", "#")):
                note = f"{first.removeprefix('NOTE').strip()}\n{rest}".strip()
                if note:
                    yield self._evidence("note", note, f"block {number + 1}")

    def _evidence(self, key: str, value: str, where: str) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where)


SUBTITLE = Subtitle()


def _head(medium: Medium) -> str:
    data = medium.read(0, _HEAD)
    if medium.size > _HEAD and detect_wide(data) is None:
        data = data[: data.rfind(b"\n") + 1]
    return words(data).lstrip("\ufeff")


def _is_metadata(element: safe_xml.Element) -> bool:
    """Whether it is of a metadata vocabulary: `ttm:*`, `ebuttm:*`, or inside `<metadata>`."""
    space = str(element.tag).rpartition("}")[0]
    if space.endswith(("#metadata", "ebu:tt:metadata")):
        return True
    return any(safe_xml.local(ancestor) == "metadata" for ancestor in element.iterancestors())
