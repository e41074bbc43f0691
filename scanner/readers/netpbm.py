"""Netpbm (PBM, PGM, PPM, PAM): the comments in a picture's header (netpbm.sourceforge.net/doc)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

__all__ = ["NETPBM", "Netpbm"]

_HEAD = 1 << 20
_ARBITRARY = re.compile(rb"P7\s.*?^ENDHDR[ \t]*$", re.S | re.M)
_DIGITS = re.compile(rb"P[1-3](?:[\d\s]|#[^\r\n]*)*")
"""A picture in digits may have comments between its samples too."""
_BYTES = re.compile(rb"P[4-6](?:(?:\s|#[^\r\n]*[\r\n])+\d+){2,3}(?:#[^\r\n]*)?")
_COMMENT = re.compile(rb"#[ \t]*([^\r\n]*)")


class Netpbm(Reader):
    """Reads `comment`; consecutive lines are one comment, as programs break long texts."""

    name = "netpbm"
    version = 1
    media_types = frozenset({"image/x-portable-anymap"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The comments in file order."""
        head = medium.read(0, _HEAD)
        found = next(filter(None, (form.match(head) for form in (_ARBITRARY, _DIGITS, _BYTES))), None)
        for at, text in islice(_join_comments(found[0] if found else b""), MAX_STATEMENTS):
            if value := words(text):
                yield Evidence(reader=self.name, key="comment", value=value, where=f"comment @ {at}")


NETPBM = Netpbm()


def _join_comments(header: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and text of each run of comment lines."""
    start, end, lines = 0, -1, list[bytes]()
    for found in _COMMENT.finditer(header):
        if lines and header[end : found.start()].strip():
            yield start, b"\n".join(lines)
            lines = []
        start = start if lines else found.start()
        lines.append(found[1].rstrip())
        end = found.end()
    if lines:
        yield start, b"\n".join(lines)
