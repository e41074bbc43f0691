"""The kinds of documents whose pictures are references."""

from __future__ import annotations

from pathlib import Path

from fingerprints.library.documents import PdfPictures, ReferenceKind

__all__ = ["REFERENCE_KINDS", "find_kind"]

_HEAD = 1024

REFERENCE_KINDS: tuple[ReferenceKind, ...] = (
    PdfPictures(),
)  # fmt: skip
"""Every kind that is read. A new one has its line here and a sample in `fixtures/documents.py`."""


def find_kind(path: Path) -> ReferenceKind | None:
    """Return the kind of a document, by its first bytes; None for any other file. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return next((kind for kind in REFERENCE_KINDS if kind.recognises(head)), None)
