"""A picture of what was found: the first, middle and last frame of each segment, in a row under its name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from fingerprints.errors import MediaFault
from fingerprints.media import still
from fingerprints.segments import Kind, Segment

__all__ = ["strip"]

WIDTH, HEIGHT = 240, 135
"""Of one frame."""
TITLE = 18
MOST = 60
"""Segments that are drawn."""


def strip(segments: Sequence[Segment]) -> bytes:
    """PNG. Sound has no frames and is left out."""
    shown = [segment for segment in segments if segment.kind is Kind.PICTURE][:MOST]
    sheet = Image.new("RGB", (3 * WIDTH, max(1, len(shown)) * (HEIGHT + TITLE)), "black")
    draw = ImageDraw.Draw(sheet)
    for row, segment in enumerate(shown):
        top = row * (HEIGHT + TITLE)
        name = Path(segment.reference).name.encode("latin-1", "replace").decode("latin-1")
        draw.text((4, top + 3), f"{name}   frames {segment.in_frame} to {segment.out_frame}", fill="white")
        frame = 1 / float(segment.rate)
        for column, at in enumerate(
            (segment.in_seconds, (segment.in_seconds + segment.out_seconds) / 2, segment.out_seconds - frame)
        ):
            if (picture := _frame(segment, at)) is not None:
                sheet.paste(picture, (column * WIDTH + (WIDTH - picture.width) // 2, top + TITLE))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _frame(segment: Segment, at: float) -> Image.Image | None:
    try:
        data = still(Path(segment.programme), at + 0.3 / float(segment.rate), max_side=WIDTH)
    except MediaFault:
        return None
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.thumbnail((WIDTH, HEIGHT))
    return picture
