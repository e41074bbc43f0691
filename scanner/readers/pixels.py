"""The one door through which readers reach pixels: Pillow, always with a limit.

Law: nothing is decoded before its declared size is known to be bearable.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from media.errors import Malformed, TooLarge, Unsupported
from scanner.readers.interface import Medium

__all__ = ["MAX_PIXELS", "Picture", "picture", "pixels"]

MAX_PIXELS = 64_000_000
"""Pixels of one picture that are decoded: 8K by 8K. Four bytes each."""

Picture = Image.Image

# What Pillow warns of is either an error here or no concern: the limit is ours, odd tags are other readers'.
warnings.filterwarnings("ignore", module=r"PIL\.")


@contextmanager
def picture(medium: Medium, *, limit: int = MAX_PIXELS) -> Iterator[Picture]:
    """The medium's first picture, not yet decoded. `TooLarge` over `limit` pixels."""
    if medium.media_type in ("image/heif", "image/avif"):
        _register_heif()
    try:
        medium.file.seek(0)
        with Image.open(medium.file) as image:
            if image.format == "EPS":  # Pillow would hand the program in it to Ghostscript
                raise Unsupported("a PostScript program is not run")
            if image.width * image.height > limit:
                raise TooLarge(f"{image.width} × {image.height} pixels; the limit is {limit}")
            yield image
    except Image.DecompressionBombError as error:
        raise TooLarge(str(error)) from error
    except UnidentifiedImageError as error:
        raise Unsupported("its pixels cannot be decoded") from error
    # Pillow's plug-ins let many kinds of error through on broken files.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError) as error:
        raise Malformed(f"its pixels cannot be decoded: {error}") from error
    except (struct.error, zlib.error, OverflowError, ZeroDivisionError) as error:
        raise Malformed(f"its pixels cannot be decoded: {error}") from error


def pixels(image: Picture, mode: str, box: tuple[int, int, int, int] | None = None) -> NDArray[numpy.uint8]:
    """The picture, or a box of it, as rows × columns × bands in Pillow's `mode`."""
    part = image if box is None else image.crop(box)
    return numpy.asarray(part if part.mode == mode else part.convert(mode))


def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
