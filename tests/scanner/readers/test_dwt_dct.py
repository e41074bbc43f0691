"""The pixel watermark reader against an embedder written from the same description, in both number ranges."""

from __future__ import annotations

import io

import numpy
import pytest
from PIL import Image

from media.errors import MediaError
from scanner.model import Kind
from scanner.readers.dwt_dct import DWT_DCT
from scanner.readers.interface import Medium

MESSAGES = {
    "sd1": b"StableDiffusionV1",
    "sd2": b"SDV2",
    "invokeai": b"InvokeAI",
    "sdxl": "101100111110110010010000011110111011000110011110",
    "flux": "1010101111111010000111100111001111010100101110",
}


def bits_of(key: str) -> list[int]:
    message = MESSAGES[key]
    return [int(bit) for bit in (message if isinstance(message, str) else "".join(f"{byte:08b}" for byte in message))]


def scene(width: int = 512, height: int = 384, *, warm: bool = False) -> Image.Image:
    """Soft clouds of colour with a grain in them: neither flat nor noise. A warm one has U below grey."""
    dice = numpy.random.default_rng(3)
    clouds = dice.integers(100, 140, (height // 16, width // 16, 3), dtype=numpy.uint8)
    grain = numpy.kron(dice.normal(0, 14, (height // 2, width // 2)), numpy.ones((2, 2)))
    values = numpy.asarray(Image.fromarray(clouds).resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    values[:, :, 2] += grain - 40 * warm
    return Image.fromarray(values.clip(0, 255).astype(numpy.uint8))


def embed(image: Image.Image, bits: list[int], *, zero: float = 128.0, swap: bool = False) -> Image.Image:
    """Write each bit into the largest value of a block of the halved U plane. `zero`: what grey is."""
    rgb = numpy.asarray(image).astype(numpy.float64)
    red, green, blue = (rgb[:, :, band] for band in ((2, 1, 0) if swap else (0, 1, 2)))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    u, v = 0.492 * (blue - luma) + zero, 0.877 * (red - luma)
    quads = u.reshape(u.shape[0] // 2, 2, u.shape[1] // 2, 2)
    band = quads.sum(axis=(1, 3)) / 2
    change = numpy.zeros_like(band)
    number = 0
    for row in range(band.shape[0] // 4):
        for column in range(band.shape[1] // 4):
            block = band[4 * row : 4 * row + 4, 4 * column : 4 * column + 4]
            at = 1 + int(numpy.abs(block.ravel()[1:]).argmax())
            value = block.ravel()[at]
            target = (abs(value) // 36 + 0.25 + 0.5 * bits[number % len(bits)]) * 36
            change[4 * row + at // 4, 4 * column + at % 4] = numpy.copysign(target, value) - value
            number += 1
    u = u + numpy.repeat(numpy.repeat(change / 2, 2, axis=0), 2, axis=1) - zero
    colours = luma[:, :, None] + numpy.stack([1.140 * v, -0.395 * u - 0.581 * v, 2.032 * u], axis=2)
    out = colours.clip(0, 255).round().astype(numpy.uint8)
    return Image.fromarray(numpy.ascontiguousarray(out[:, :, ::-1] if swap else out))


def read(tmp_path, image: Image.Image, form: str = "PNG", **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return read_bytes(tmp_path, out.getvalue(), f"image/{form.lower()}")


def read_bytes(tmp_path, data: bytes, media_type: str):
    path = tmp_path / "picture"
    path.write_bytes(data)
    medium = Medium(path, media_type, Kind.IMAGE, size=len(data))
    try:
        return list(DWT_DCT.read(medium))
    finally:
        medium.close()


@pytest.mark.parametrize("swap", [False, True], ids=["bgr", "rgb"])
@pytest.mark.parametrize("zero", [128.0, 0.5], ids=["bytes", "floats"])
@pytest.mark.parametrize("key", MESSAGES)
def test_each_message_is_read_however_it_was_embedded(tmp_path, key, zero, swap):
    """Around zero, the largest value of a warm block is its most negative: read around 128, it is another."""
    picture = scene(warm=zero < 1)
    if swap:
        picture = Image.merge("RGB", picture.split()[::-1])
    (found,) = read(tmp_path, embed(picture, bits_of(key), zero=zero, swap=swap))
    assert (found.reader, found.key) == ("dwt-dct", key)
    agreed, length = map(int, found.facts["bits"].split("/"))
    assert length == len(bits_of(key))
    assert agreed >= 0.9 * length


def test_it_survives_a_fine_jpeg(tmp_path):
    marked = embed(scene(), bits_of("sdxl"))
    assert [found.key for found in read(tmp_path, marked, "JPEG", quality=97, subsampling=0)] == ["sdxl"]


@pytest.mark.parametrize(
    "image",
    [
        scene(),
        Image.new("RGB", (512, 512)),
        Image.new("RGB", (512, 512), (9, 90, 200)),
        Image.linear_gradient("L").resize((600, 600)),
        Image.effect_noise((512, 512), 80),
        Image.effect_mandelbrot((512, 512), (-2, -1.5, 1, 1.5), 60),
    ],
    ids=["clouds", "black", "blue", "gradient", "noise", "fractal"],
)
def test_ordinary_pictures_carry_nothing(tmp_path, image):
    assert read(tmp_path, image) == []


def test_another_message_is_not_one_of_ours(tmp_path):
    other = numpy.random.default_rng(11).integers(0, 2, 48).tolist()
    assert read(tmp_path, embed(scene(), other)) == []


def test_too_small_a_picture_cannot_carry_it(tmp_path):
    assert read(tmp_path, embed(scene(256, 128), bits_of("sd2"))) == []


def test_cut_files_raise_only_media_errors(tmp_path):
    out = io.BytesIO()
    embed(scene(272, 256), bits_of("sd2")).save(out, "PNG")
    data = out.getvalue()
    for end in range(0, len(data) - 100, len(data) // 25):
        with pytest.raises(MediaError):
            read_bytes(tmp_path, data[:end], "image/png")


def test_it_is_read_only_where_asked_for():
    assert DWT_DCT.costly
