"""The pictures inside a PDF, page by page; small ones (rules, icons, logos) are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from media.errors import Malformed, MediaError, Unsupported
from media.still import MAX_PIXELS, Picture, picture_of

__all__ = ["MAX_PICTURES", "pdf_pictures"]

MAX_PICTURES = 500
"""Of one document."""
LEAST_SIDE = 100
"""Pixels; what is smaller either way is no picture one would trace."""


_ODD = (MediaError, NotImplementedError, ValueError, TypeError, AttributeError, KeyError, OSError)


def pdf_pictures(path: Path, *, at_least: int) -> Iterator[tuple[str, Picture, tuple[int, int]]]:
    """Where (`page 3, picture 1`), the picture and its full size. One that cannot be decoded is left out.

    Raises `MediaError` for a document that cannot be opened, `Unsupported` for an encrypted one.
    """
    try:
        with pikepdf.open(path) as document:
            yield from _pictures(document, at_least)
    except pikepdf.PasswordError as error:
        raise Unsupported("the PDF needs a password") from error
    except (pikepdf.PdfError, OSError, ValueError, RecursionError) as error:
        raise Malformed(f"the PDF cannot be read: {error}") from error


def _pictures(document: pikepdf.Pdf, at_least: int) -> Iterator[tuple[str, Picture, tuple[int, int]]]:
    seen: set[tuple[int, int]] = set()
    for number, page in enumerate(document.pages, 1):
        try:
            objects = list(page.get_images().values() if hasattr(page, "get_images") else page.images.values())
        except (pikepdf.PikepdfError, AttributeError, TypeError, ValueError, RecursionError):
            continue
        for place, stream in enumerate(objects, 1):
            if stream.objgen in seen or len(seen) >= MAX_PICTURES:
                continue
            seen.add(stream.objgen)
            if (found := _picture(stream, at_least)) is not None:
                yield f"page {number}, picture {place}", *found


def _picture(stream: Any, at_least: int) -> tuple[Picture, tuple[int, int]] | None:
    try:
        image = pikepdf.PdfImage(stream)
        size = (image.width, image.height)
        if min(size) < LEAST_SIDE or size[0] * size[1] > MAX_PIXELS:
            return None
        return picture_of(image.as_pil_image(), at_least=at_least), size
    # A picture in a rare coding (JBIG2, a DeviceN space) costs itself and not the document.
    except (*_ODD, pikepdf.PikepdfError):
        return None
