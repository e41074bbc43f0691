"""Chooses the pictures that are written into a report of one file: the worst first, up to a size that mail accepts."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from scanner.reports.pictures.pictures import Pictures

__all__ = ["InlinedPictures"]


class InlinedPictures:
    """The pictures that fit into `limit` characters of text, in the order given; each is counted once."""

    def __init__(self, pictures: Pictures, wanted: Iterable[str], limit: int) -> None:
        self._pictures = pictures
        self.found = 0
        """Pictures that were drawn."""
        self.left_out: set[str] = set()
        """Those that do not fit. After the first that does not fit, none is taken."""
        self._taken: set[str] = set()
        room = limit
        for name in wanted:
            if name in self._taken or name in self.left_out or not (size := pictures.size(name)):
                continue
            self.found += 1
            room -= -(-size // 3) * 4
            (self._taken if room >= 0 else self.left_out).add(name)

    def knows(self, name: str) -> bool:
        """Whether such a picture was drawn, in the page or not."""
        return name in self._taken or name in self.left_out

    def source(self, name: str) -> str:
        """The picture as a `data:` address; empty where it is not in the page."""
        data = self._pictures.read(name) if name in self._taken else b""
        return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}" if data else ""
