"""Opens still pictures, for everything that looks at pixels: once, upright, 8 bits, bounded.

Rule: nothing is decoded before its declared size is known to be acceptable, and JPEGs are decoded at the scale that is
needed.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from media.errors import Malformed, MediaError, TooLarge, Unreadable, Unsupported
from media.ffmpeg import output, still, tool
from media.limits import MAX_PIXELS

__all__ = [
    "DETAIL_SIDE",
    "MAX_PIXELS",
    "WORKING_SIDE",
    "FurtherPicture",
    "Picture",
    "bands",
    "check_picture",
    "decodes",
    "fitted",
    "frame_picture",
    "further_pictures",
    "grey",
    "jpeg",
    "open_image",
    "open_picture",
    "open_with_size",
    "picture_in",
    "picture_of",
]

Picture = NDArray[np.uint8]
"""Rows × columns × RGB, or rows × columns of grey; 8 bits, upright."""

WORKING_SIDE = 640
"""The longer side at which fingerprints are taken, in pixels."""

DETAIL_SIDE = 1280
"""The longer side at which one picture is searched and compared with another: a match in a corner is still found."""

_PROGRAMMED = (
    (b"SDPX", "dpx_pipe"),
    (b"XPDS", "dpx_pipe"),
    (b"v/1\x01", "exr_pipe"),
    (b"#?RADIANCE", "hdr_pipe"),
    (b"#?RGBE", "hdr_pipe"),
    (b"\xff\x0a", "jpegxl_pipe"),
    (b"\x00\x00\x00\x0cJXL ", "jpegxl_pipe"),
)
"""First bytes of what Pillow does not read → FFmpeg's name for one such picture."""
_LINEAR = ("exr_pipe", "hdr_pipe")

_READERS = {
    "image/bmp": "bmp_pipe",
    "image/gif": "gif_pipe",
    "image/jpeg": "jpeg_pipe",
    "image/jp2": "j2k_pipe",
    "image/png": "png_pipe",
    "image/tiff": "tiff_pipe",
    "image/vnd.adobe.photoshop": "psd_pipe",
    "image/vnd.radiance": "hdr_pipe",
    "image/webp": "webp_pipe",
    "image/x-dpx": "dpx_pipe",
    "image/x-exr": "exr_pipe",
}
"""Media type → FFmpeg's name for one such picture."""
_NOT_KNOWN = re.compile(r"not (yet )?(supported|implemented)|unsupported|patch", re.IGNORECASE)
"""FFmpeg's message for a variant that it cannot decode, which is not damage."""

_SEVERAL = frozenset({"GIF", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"})
"""Pillow's formats whose frames are pictures of their own."""
_SUBFILE, _PREVIEW, _MASK = 254, 1, 4
_GLIMPSE, _SAME = 96, 8
"""The longer side at which pictures of a still are compared with one another, and levels that count as the same."""

_BLOCK = 1 << 20

# What Pillow warns of is either an error here or no concern of a fingerprint's.
warnings.filterwarnings("ignore", module=r"PIL\.")
# A long statement beside the pixels is no reason not to look at them.
PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20


def open_picture(path: Path, *, at_least: int, backdrop: int = 0) -> Picture:
    """Open the picture at `path`, upright. Its longer side is `at_least` pixels or more, if the file has so many.

    Raises `MediaError`; `Unsupported` for a file that is not a picture.
    """
    return open_with_size(path, at_least=at_least, backdrop=backdrop)[0]


def open_with_size(path: Path, *, at_least: int, backdrop: int = 0) -> tuple[Picture, tuple[int, int]]:
    """Open the picture; with the width and height that it has in full, upright."""
    with _faults(), path.open("rb") as file:
        head = file.read(16)
        if (reader := _reader_of(head)) is not None:
            picture = _read_by_ffmpeg(path, reader)
            return picture, (picture.shape[1], picture.shape[0])
        with open_image(file) as image:
            size = _upright_size(image)
            return picture_of(image, at_least=at_least, backdrop=backdrop), size


class FurtherPicture(NamedTuple):
    """A picture of a still that holds several."""

    number: int
    """From 1."""
    of: int
    """How many pictures the still has."""
    picture: Picture


def further_pictures(path: Path, *, at_least: int) -> Iterator[FurtherPicture]:
    """What a still shows beside the picture that `open_picture` opens.

    Frames of an animation, pages of a TIFF, pictures of a HEIF; of pictures in a row that look the same, the first.
    Previews and masks of a TIFF, layers, and the sizes of an icon are no pictures of their own. Raises as
    `open_picture` does.
    """
    with _faults(), path.open("rb") as file:
        if _reader_of(file.read(16)) is not None:
            return
        with open_image(file) as image:
            count = getattr(image, "n_frames", 1) if image.format in _SEVERAL else 1
            if count < 2:
                return
            first, last = image.tell(), picture_of(image, at_least=at_least)
            for index in range(count):
                if index == first:
                    continue
                image.seek(index)
                if not _is_reduced(image) and not _look_the_same(picture := picture_of(image, at_least=at_least), last):
                    last = picture
                    yield FurtherPicture(index + 1, count, picture)


def _look_the_same(one: Picture, other: Picture) -> bool:
    """Whether two pictures of a still differ nowhere by more than the steps of a palette or of compression."""
    if one.shape != other.shape:
        return False
    apart = fitted(one, _GLIMPSE).astype(np.int16) - fitted(other, _GLIMPSE)
    return bool(np.abs(apart).max() <= _SAME)


def _is_reduced(image: Image.Image) -> bool:
    """Whether a page of a TIFF is a preview or a mask of another (TIFF 6.0, NewSubfileType)."""
    kind = getattr(image, "tag_v2", {}).get(_SUBFILE, 0)
    return bool(kind & (_PREVIEW | _MASK))


def check_picture(path: Path, *, at_least: int) -> None:
    """Decode the picture at `path` as `open_picture` does, and keep nothing: what fails there fails here.

    Of a JPEG all coefficients are read, and only what is grey is transformed. Raises as `open_picture` does.
    """
    with _faults(), path.open("rb") as file:
        if (reader := _reader_of(file.read(16))) is not None:
            _read_by_ffmpeg(path, reader)
            return
        with open_image(file) as image:
            if min(image.size) < 1:
                raise Malformed("a picture without pixels")
            if image.format == "JPEG":
                image.draft("L", _draft_size(image, at_least))
            image.load()


def _draft_size(image: Image.Image, at_least: int) -> tuple[int, int]:
    """Of a JPEG that is decoded smaller. Not less is ever asked for, so that the longer side keeps `at_least` pixels
    after rounding."""
    width, height = image.size
    scale = at_least / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


@contextmanager
def open_image(file: BinaryIO) -> Iterator[Image.Image]:
    """A file's first picture, not yet decoded. Raises `TooLarge` over `MAX_PIXELS`; a fault inside is a
    `MediaError`."""
    with _faults():
        file.seek(4)
        if file.read(4) == b"ftyp":
            _register_heif()
        file.seek(0)
        with Image.open(file) as image:
            if image.format == "EPS":  # Pillow would hand the program in it to Ghostscript
                raise Unsupported("a PostScript program is not run")
            _check_size(*image.size)
            yield image


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise TooLarge(f"{width} × {height} pixels; the limit is {MAX_PIXELS}")


def bands(image: Image.Image, mode: str, box: tuple[int, int, int, int] | None = None) -> Picture:
    """The picture, or a box of it, as rows × columns × bands in Pillow's `mode`."""
    part = image if box is None else image.crop(box)
    return np.asarray(part if part.mode == mode else part.convert(mode))


def frame_picture(path: Path, at_seconds: float, *, side: int) -> Picture:
    """The frame of a programme at a time, its longer side at most `side`."""
    return picture_in(still(path, at_seconds, max_side=side))


def picture_in(data: bytes) -> Picture:
    """The picture of a file in memory, in full."""
    with open_image(io.BytesIO(data)) as image:
        return picture_of(image, at_least=max(image.size))


def picture_of(image: Image.Image, *, at_least: int, backdrop: int = 0) -> Picture:
    """Decode a Pillow image into a picture; transparent parts get this grey behind them."""
    with _faults():
        width, height = image.size
        _check_size(width, height)
        if width < 1 or height < 1:
            raise Malformed("a picture without pixels")
        if image.format == "JPEG":
            image.draft(None, _draft_size(image, at_least))
        return np.asarray(_eight_bits(ImageOps.exif_transpose(image), backdrop))


def fitted(picture: Picture, side: int) -> Picture:
    """The picture with its longer side at most `side` pixels, averaged by area."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    import cv2  # what only opens pictures need not wait for it

    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def grey(picture: Picture) -> NDArray[np.uint8]:
    """Luma of a picture (ITU-R BT.601, as Pillow's `L` and JPEG's Y)."""
    import cv2

    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def jpeg(picture: Picture, *, quality: int = 85) -> bytes:
    """The picture as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def decodes(path: Path, media_type: str) -> bool:
    """Whether FFmpeg decodes a still without an error, or does not know its kind: a second opinion on damage."""
    reader = _READERS.get(media_type)
    if reader is None:
        return False
    try:
        return any(_first_frame(path, reader, "-vf", "scale=16:16"))
    except MediaError as error:
        return _NOT_KNOWN.search(" ".join((str(error), *getattr(error, "__notes__", ())))) is not None


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """To be asked before a JPEG's draft, which changes what Pillow calls its size."""
    width, height = image.size
    return (height, width) if image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8) else (width, height)


def _eight_bits(image: Image.Image, backdrop: int) -> Image.Image:
    """Grey or RGB of 8 bits; players show what is transparent over black."""
    if image.mode in ("L", "RGB"):
        return image
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        return Image.fromarray(_stretch_levels(np.asarray(image)))
    if image.has_transparency_data:
        over = image.convert("RGBA")
        under = Image.new("RGBA", over.size, (backdrop, backdrop, backdrop, 255))
        return Image.alpha_composite(under, over).convert("RGB")
    return image.convert("L" if image.mode in ("1", "LA") else "RGB")


def _stretch_levels(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Numbers of unknown scale: 0–1 for fractions, 0–65535 for whole ones, as TIFF scanners write."""
    numbers = np.nan_to_num(np.asarray(values, np.float64))
    largest = numbers.max(initial=0)
    top = 1.0 if values.dtype.kind == "f" and largest <= 1 else 255.0 if largest <= 255 else 65535.0
    return np.asarray(np.clip(numbers * (255 / top), 0, 255), np.uint8)


@contextmanager
def _faults() -> Iterator[None]:
    """Pillow's many kinds of error on broken files, as ours."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise TooLarge(f"more than {MAX_PIXELS} pixels, which is the limit") from error
    except UnidentifiedImageError as error:
        raise Unsupported("its pixels cannot be decoded") from error
    except OSError as error:
        if error.errno:
            raise Unreadable(f"cannot be read: {error.strerror}") from error
        raise Malformed(f"its pixels cannot be decoded: {error}") from error
    except MemoryError as error:
        raise TooLarge("its pixels do not fit into memory") from error
    except (SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, AttributeError) as error:
        raise Malformed(f"its pixels cannot be decoded: {error}") from error
    except (struct.error, zlib.error, OverflowError, ZeroDivisionError, RuntimeError) as error:
        raise Malformed(f"its pixels cannot be decoded: {error}") from error


def _register_heif() -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()


# ---- What FFmpeg decodes: DPX and JPEG XL as they are coded, linear light (EXR, Radiance) by the curve of sRGB


def _reader_of(head: bytes) -> str | None:
    return next((reader for magic, reader in _PROGRAMMED if head.startswith(magic)), None)


def _read_by_ffmpeg(path: Path, reader: str) -> Picture:
    """The picture in RGB at its full size; at most `MAX_PIXELS`. Raises `MediaError`."""
    levels = _ppm(b"".join(_first_frame(path, reader, "-pix_fmt", "rgb48be")))
    return _curve(is_linear=reader in _LINEAR)[levels]


def _first_frame(path: Path, reader: str, *form: str) -> Iterator[bytes]:
    """FFmpeg's first frame of a still as PPM, in blocks; it ends at the first damage. Raises `MediaError`."""
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-protocol_whitelist", "file"]
    command += ["-err_detect", "explode", "-max_pixels", str(MAX_PIXELS), "-f", reader, "-i", f"file:{path.absolute()}"]
    return output([*command, "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm", *form, "pipe:1"], block=_BLOCK)


def _ppm(data: bytes) -> NDArray[np.uint16]:
    """A binary PPM as FFmpeg writes it: `P6\\n640 360\\n65535\\n`, then the pixels."""
    try:
        magic, size, _, pixels = data.split(b"\n", 3)
        width, height = map(int, size.split())
        if magic != b"P6":
            raise Unsupported("FFmpeg gave no picture")
        return np.frombuffer(pixels, ">u2", count=width * height * 3).reshape(height, width, 3).astype(np.uint16)
    except ValueError as error:
        raise Malformed("FFmpeg gave half a picture") from error


@cache
def _curve(*, is_linear: bool) -> NDArray[np.uint8]:
    """16 bits → 8: as they are, or from linear light by the curve of sRGB (IEC 61966-2-1)."""
    light = np.arange(1 << 16) / 65535
    seen = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) if is_linear else light
    return np.rint(seen * 255).astype(np.uint8)
