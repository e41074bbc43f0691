"""Documents whose pictures are references: how each kind is recognised, and how its pictures are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from media.pdf import open_pdf
from media.still import Picture

__all__ = ["PdfPictures", "ReferenceKind"]


class ReferenceKind(ABC):
    """A document format from which `provscan library add` takes pictures. Instances hold no state."""

    media_type: ClassVar[str]
    """As `media.identify` names it."""

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with these 1,024 bytes is of this kind."""

    @abstractmethod
    def read_pictures(self, path: Path, *, at_least: int) -> Iterator[tuple[str, Picture, tuple[int, int]]]:
        """Yield where each picture is (`page 3, picture 1`), the picture, and its full width and height.

        The longer side of the picture is at least `at_least` pixels, or its own. A picture that cannot be decoded is
        left out. Raises `MediaError` where the document cannot be read.
        """


class PdfPictures(ReferenceKind):
    """The pictures of a PDF, page by page."""

    media_type = "application/pdf"

    def recognises(self, head: bytes) -> bool:
        """See `ReferenceKind.recognises`; the header need not be the first (ISO 32000-1, annex H.3.4.1)."""
        return b"%PDF-" in head

    def read_pictures(self, path: Path, *, at_least: int) -> Iterator[tuple[str, Picture, tuple[int, int]]]:
        """See `ReferenceKind.read_pictures`."""
        with open_pdf(path) as document:
            yield from document.pictures(at_least=at_least)
