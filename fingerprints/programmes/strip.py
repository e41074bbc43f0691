"""A picture of the results: the first, middle and last frame of each segment, in a row under its name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment
from fingerprints.vocabulary import Sense
from media.errors import MediaError

__all__ = ["strip"]

WIDTH, HEIGHT = 240, 135
"""Of one frame."""
TITLE = 18
MOST = 60
"""Segments that are drawn."""


def strip(found: Sequence[tuple[Programme, Segment]]) -> bytes:
    """PNG. Sound has no frames and is left out."""
    shown = [(programme, segment) for programme, segment in found if segment.kind is Sense.PICTURE][:MOST]
    sheet = Image.new("RGB", (3 * WIDTH, max(1, len(shown)) * (HEIGHT + TITLE)), "black")
    draw = ImageDraw.Draw(sheet)
    for row, (programme, segment) in enumerate(shown):
        top = row * (HEIGHT + TITLE)
        name = Path(segment.reference).name.encode("latin-1", "replace").decode("latin-1")
        first, last = segment.in_frame, segment.out_frame - 1
        draw.text((4, top + 3), f"{name}   frames {first} to {last}", fill="white")
        for column, number in enumerate((first, (first + last) // 2, last)):
            if (picture := _frame(programme, number)) is not None:
                sheet.paste(picture, (column * WIDTH + (WIDTH - picture.width) // 2, top + TITLE))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _frame(programme: Programme, number: int) -> Image.Image | None:
    try:
        picture = Image.fromarray(programme.frame(number, side=WIDTH)).convert("RGB")
    except MediaError:
        return None
    picture.thumbnail((WIDTH, HEIGHT))
    return picture
