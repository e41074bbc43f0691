"""The stealth reader on pictures made here: every form, every PNG filter, and lies."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zlib

import numpy
import pytest
from PIL import Image

from media.errors import MediaError
from scanner.model import Kind
from scanner.readers.interface import Medium
from scanner.readers.stealth import STEALTH

TEXT = "a lighthouse, 灯台\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1"


def hide(magic: bytes, payload: bytes, *, size=(40, 200), declared=None) -> Image.Image:
    """A noisy picture that hides a payload as the generators do."""
    width, height = size
    values = numpy.random.default_rng(7).integers(0, 256, (height, width, 4), dtype=numpy.uint8)
    length = 8 * len(payload) if declared is None else declared
    bits = numpy.unpackbits(numpy.frombuffer(magic + struct.pack(">I", length) + payload, dtype=numpy.uint8))
    alpha = b"rgb" not in magic
    columns = values.transpose(1, 0, 2)[:, :, 3:] if alpha else values.transpose(1, 0, 2)[:, :, :3]
    flat = columns.reshape(-1).copy()
    flat[: bits.size] = (flat[: bits.size] & 0xFE) | bits
    columns[...] = flat.reshape(columns.shape)
    return Image.fromarray(values if alpha else numpy.ascontiguousarray(values[:, :, :3]))


def encoded(image: Image.Image, form: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def filtered_png(image: Image.Image, kind: int) -> bytes:
    """A PNG whose rows all use one filter, so that each is tried (PNG specification, clause 9)."""
    values = numpy.asarray(image)
    height, width, bands = values.shape
    above = numpy.zeros(width * bands, dtype=numpy.int32)
    rows = []
    for row in values.reshape(height, -1).astype(numpy.int32):
        left = numpy.concatenate([numpy.zeros(bands, numpy.int32), row[:-bands]])
        corner = numpy.concatenate([numpy.zeros(bands, numpy.int32), above[:-bands]])
        guess = left + above - corner
        near = [abs(guess - left), abs(guess - above), abs(guess - corner)]
        paeth = numpy.where(
            (near[0] <= near[1]) & (near[0] <= near[2]), left, numpy.where(near[1] <= near[2], above, corner)
        )
        predicted = (0, left, above, (left + above) // 2, paeth)[kind]
        rows.append(bytes([kind]) + ((row - predicted) & 0xFF).astype(numpy.uint8).tobytes())
        above = row
    ihdr = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[bands], 0, 0, 0)
    chunks = ((b"IHDR", ihdr), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def read(tmp_path, data: bytes, media_type: str = "image/png"):
    path = tmp_path / "picture"
    path.write_bytes(data)
    medium = Medium(path, media_type, Kind.IMAGE, size=len(data))
    try:
        return list(STEALTH.read(medium))
    finally:
        medium.close()


FORMS = [
    (b"stealth_pnginfo", lambda text: text.encode()),
    (b"stealth_pngcomp", lambda text: gzip.compress(text.encode())),
    (b"stealth_rgbinfo", lambda text: text.encode()),
    (b"stealth_rgbcomp", lambda text: gzip.compress(text.encode())),
]


@pytest.mark.parametrize("size", [(40, 200), (200, 40)], ids=["tall", "low"])
@pytest.mark.parametrize(("magic", "pack"), FORMS, ids=[magic.decode() for magic, _ in FORMS])
@pytest.mark.parametrize("container", ["PNG", "WEBP"])
def test_every_form_is_read_word_for_word(tmp_path, magic, pack, size, container):
    if container == "WEBP":
        data = encoded(hide(magic, pack(TEXT), size=size), "WEBP", lossless=True, exact=True)
    else:
        data = encoded(hide(magic, pack(TEXT), size=size), "PNG")
    (found,) = read(tmp_path, data, f"image/{container.lower()}")
    assert (found.reader, found.key, found.value) == ("stealth", "stealth-pnginfo", TEXT)
    assert found.facts["form"] == magic.decode()


@pytest.mark.parametrize("kind", range(5), ids=["none", "sub", "up", "average", "paeth"])
@pytest.mark.parametrize("magic", [b"stealth_pnginfo", b"stealth_rgbinfo"], ids=["alpha", "rgb"])
def test_the_magic_is_seen_through_every_png_filter(tmp_path, magic, kind):
    (found,) = read(tmp_path, filtered_png(hide(magic, TEXT.encode()), kind))
    assert found.value == TEXT


def test_an_ordinary_picture_says_nothing_and_is_not_decoded(tmp_path):
    """The pixels after the first 120 rows are broken: whoever decodes them notices."""
    data = bytearray(encoded(hide(b"nothing to find", b"x", size=(300, 2000)), "PNG"))
    data[-2000:-40] = b"\xff" * 1960
    assert read(tmp_path, bytes(data)) == []


@pytest.mark.parametrize(
    "image", [Image.new("L", (200, 200)), Image.new("P", (200, 200)), Image.new("I;16", (200, 200))]
)
def test_other_pixel_formats_cannot_carry_it(tmp_path, image):
    assert read(tmp_path, encoded(image, "PNG")) == []


def test_a_length_that_lies_is_malformed(tmp_path):
    with pytest.raises(MediaError, match="declares"):
        read(tmp_path, encoded(hide(b"stealth_pnginfo", b"x", declared=0xFFFFFFFF), "PNG"))


def test_a_bomb_stays_small(tmp_path):
    bomb = gzip.compress(b"\0" * (64 << 20), 9)
    image = hide(b"stealth_pngcomp", bomb, size=(800, 800))
    (found,) = read(tmp_path, encoded(image, "PNG"))
    assert len(found.value) <= 1 << 20


def test_a_picture_too_large_to_decode_is_said_so_only_with_the_magic(tmp_path, monkeypatch):
    monkeypatch.setattr("media.still.MAX_PIXELS", 1000)
    assert read(tmp_path, encoded(hide(b"nothing to find", b"x"), "PNG")) == []
    with pytest.raises(MediaError, match="the limit is 1000"):
        read(tmp_path, encoded(hide(b"stealth_pnginfo", TEXT.encode()), "PNG"))


@pytest.mark.parametrize("container", ["PNG", "WEBP"])
def test_cut_and_flipped_files_raise_only_media_errors(tmp_path, container):
    data = encoded(
        hide(b"stealth_pngcomp", gzip.compress(TEXT.encode()), size=(24, 130)), container, lossless=True, exact=True
    )
    kinds = random.Random(5)
    broken = [data[:end] for end in range(0, len(data), max(1, len(data) // 150))]
    for _ in range(150):
        flipped = bytearray(data)
        flipped[kinds.randrange(12, len(data))] ^= 1 << kinds.randrange(8)
        broken.append(bytes(flipped))
    outcomes = set()
    for each in broken:
        try:
            outcomes.add(len(read(tmp_path, each, f"image/{container.lower()}")))
        except MediaError:
            outcomes.add(-1)
    assert outcomes <= {-1, 0, 1}
    assert -1 in outcomes
