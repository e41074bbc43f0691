"""X pixmaps (XPM 3): comments, and extensions after the pixels (*XPM Manual*, A. Le Hors)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from media.errors import TooLarge
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

__all__ = ["XPM", "Xpm"]

_MAX = 64 << 20
_TOKEN = re.compile(rb'/\*(?P<comment>.*?)(?:\*/|\Z)|"(?P<text>(?:[^"\\]|\\.)*)"', re.S)
_EXTENSION = b"XPMEXT"
_LABELS = frozenset({"XPM", "columns rows colors chars-per-pixel", "pixels", "colors"})
"""Comments that programs write into every file."""


class Xpm(Reader):
    """Reads `comment`, and `extension/<name>`."""

    name = "xpm"
    version = 1
    media_types = frozenset({"image/x-xpixmap"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The statements in file order."""
        if medium.size > _MAX:
            raise TooLarge(f"an XPM of more than {_MAX} bytes")
        yield from islice(self._statements(medium.read(0, _MAX)), MAX_STATEMENTS)

    def _statements(self, source: bytes) -> Iterator[Evidence]:
        for found in _TOKEN.finditer(source):
            key, text = "comment", found["comment"]
            if text is None:
                if not found["text"].startswith(_EXTENSION):
                    continue
                name, _, text = found["text"].removeprefix(_EXTENSION).strip().partition(b" ")
                key = f"extension/{words(name) or 'unnamed'}"
            if (value := words(text)) and value not in _LABELS:
                yield Evidence(reader=self.name, key=key, value=value, where=f"{key} @ {found.start()}")


XPM = Xpm()
