"""Radiance pictures (`.hdr`): the lines of the header: variables, comments, and the commands that made it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from media.errors import Malformed
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

__all__ = ["RADIANCE", "Radiance"]

_HEAD = 1 << 20
_END = re.compile(rb"\r?\n\r?\n")
_VARIABLE = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_ .-]{0,39}?)\s*=\s*(.*)")
_MEASURES = frozenset({"FORMAT", "EXPOSURE", "GAMMA", "PRIMARIES", "COLORCORR", "PIXASPECT", "VIEW"})
"""Variables that describe the picture's numbers, and state nothing of where it comes from."""


class Radiance(Reader):
    """Reads each variable by its name, `comment`, and `command` for other lines."""

    name = "radiance"
    version = 1
    media_types = frozenset({"image/vnd.radiance"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the lines in file order, without those that are measurements."""
        head = medium.read(0, _HEAD)
        end = _END.search(head)
        if end is None:
            raise Malformed("no empty line ends its header")
        yield from islice(self._lines(head[: end.start()]), MAX_STATEMENTS)

    def _lines(self, header: bytes) -> Iterator[Evidence]:
        for number, key, text in _statements(header):
            if key not in _MEASURES and (value := words(text)):
                yield Evidence(reader=self.name, key=key, value=value, where=f"line {number}")


RADIANCE = Radiance()


def _statements(header: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Number of the line, key and text. Comments in lines that follow each other are one, as in `netpbm`."""
    comment: list[bytes] = []
    number = 0
    for number, line in enumerate(header.splitlines(), 1):
        if number == 1 and line.startswith(b"#?"):
            continue
        key, text = _statement(line)
        if key == "comment":
            comment.append(text)
            continue
        if comment:
            yield number - len(comment), "comment", b"\n".join(comment)
            comment = []
        yield number, key, text
    if comment:
        yield number + 1 - len(comment), "comment", b"\n".join(comment)


def _statement(line: bytes) -> tuple[str, bytes]:
    if line.lstrip().startswith(b"#"):
        return "comment", line.lstrip().lstrip(b"#")
    if found := _VARIABLE.fullmatch(line):
        return found[1].decode("ascii"), found[2]
    return "command", line
