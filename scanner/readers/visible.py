"""Marks in the picture itself: labels and logos of generators, labels of law, preview marks, placeholder text.

What is read is in `fingerprints.marks`; this module puts it into statements. A hit is good evidence; its absence is
none: marks are cropped, painted over, or too small to be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from media.errors import EssenceUnread, MediaError
from media.identify import KINDS
from media.place import Box
from media.still import open_picture
from scanner.model import Evidence, Kind
from scanner.readers.interface import Medium, Reader

__all__ = ["VISIBLE", "VisibleReader"]

SIDE: Final = 1920
"""Longer side in pixels at which stills are read."""
_NOT_PIXELS: Final = frozenset({"image/svg+xml", "image/x-xpixmap", "image/x-raw", "image/x-dng", "video/iso.segment"})


class VisibleReader(Reader):
    """Reads marks in the picture: its text and its logos, where they stand, in which frames, and whether they are firm.

    The key is the kind of mark: `generator-label`, `legal-label`, `stock-mark`, `placeholder`; the value, the text or
    the logo's name. Facts: `name`, the tool or library; `form`, `text` or `logo`; `firmness`, `firm` or `possible`;
    `box`, in percent of the picture (left, top, width, height); `embedded` where it lies on a screen in the scene;
    `copies` where it repeats; `seen`, in how many of the frames looked at; `frames`, counted from the first, of a
    programme; `boxes` where it moves.
    """

    name = "visible"
    version = 1
    costly = True
    searches_pixels = True
    reads_whole = True
    media_types = frozenset(name for name, kind in KINDS.items() if kind in (Kind.IMAGE, Kind.VIDEO)) - _NOT_PIXELS

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """One statement for each kind and name of mark, and for each part of a programme that shows it."""
        from fingerprints.marks.still import find_marks

        if medium.kind is not Kind.IMAGE:
            return
        try:
            picture = open_picture(medium.path, at_least=SIDE)
        except MediaError as error:
            raise EssenceUnread(f"visible marks were not looked for: {error}") from error
        for mark in find_marks(picture):
            facts = {"name": mark.name, "form": "logo" if mark.is_logo else "text", "box": _written(mark.box)}
            facts["firmness"] = "firm" if mark.is_firm else "possible"
            facts |= {"embedded": "yes"} if mark.is_embedded else {}
            facts |= {"copies": str(mark.copies)} if mark.copies > 1 else {}
            yield Evidence(reader=self.name, key=mark.kind, value=mark.text, where="picture", facts=facts)


VISIBLE = VisibleReader()


def _written(box: Box) -> str:
    return ",".join(f"{side:g}" for side in (box.x, box.y, box.w, box.h))
