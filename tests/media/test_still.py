"""The door to pictures: scale, uprightness, odd modes, other carriers, and hostile files."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, TiffImagePlugin

from fixtures.formats.psd import psd
from fixtures.photos import photograph
from media.errors import MediaError, Unsupported
from media.ffmpeg import tool
from media.pdf import open_pdf
from media.still import Picture, fitted, further_pictures, grey, open_picture, open_with_size

LARGE = photograph("pavilion", (1600, 1200))


def pdf_pictures(path: Path) -> list[tuple[str, Picture, tuple[int, int]]]:
    with open_pdf(path) as document:
        return list(document.pictures(at_least=100))


def _jpeg(image: Image.Image, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=92, **options)
    return data.getvalue()


def _close(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(fitted(grey(one), 64).astype(float) - fitted(grey(other), 64)).mean())


@pytest.mark.parametrize("at_least", [100, 200, 400, 640, 1600, 5000])
def test_a_jpeg_is_decoded_at_the_scale_that_is_needed(tmp_path: Path, at_least: int) -> None:
    (path := tmp_path / "a.jpg").write_bytes(_jpeg(LARGE))
    picture, size = open_with_size(path, at_least=at_least)
    assert size == (1600, 1200)
    assert min(at_least, 1600) <= picture.shape[1] <= max(2 * at_least, 200)
    assert _close(picture, np.asarray(LARGE)) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_come_upright(tmp_path: Path, orientation: int) -> None:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = LARGE if orientation == 1 else LARGE.transpose(Image.Transpose(turns[orientation]))
    (path := tmp_path / "a.jpg").write_bytes(_jpeg(stored, exif=exif))
    picture, size = open_with_size(path, at_least=400)
    assert size == (1600, 1200)
    assert _close(picture, np.asarray(LARGE)) < 3


def _sixteen(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


@pytest.mark.parametrize(
    ("suffix", "change"),
    [
        (".png", lambda image: image),
        (".png", lambda image: image.convert("L")),
        (".png", lambda image: image.convert("P", palette=Image.Palette.ADAPTIVE)),
        (".png", lambda image: image.convert("RGBA")),
        (".png", lambda image: image.convert("LA")),
        (".png", _sixteen),
        (".tif", _sixteen),
        (".tif", lambda image: image.convert("CMYK")),
        (".tif", lambda image: Image.fromarray(np.asarray(image.convert("L")).astype(np.float32) / 255)),
        (".tif", lambda image: Image.fromarray(np.asarray(image.convert("L")).astype(np.int32) * 257)),
        (".webp", lambda image: image),
        (".bmp", lambda image: image),
        (".jpg", lambda image: image.convert("CMYK")),
    ],
    ids=[
        "RGB",
        "L",
        "P",
        "RGBA",
        "LA",
        "16-bit",
        "16-bit-tiff",
        "CMYK-tiff",
        "float-tiff",
        "32-bit-tiff",
        "webp",
        "bmp",
        "CMYK-jpeg",
    ],
)
def test_every_mode_gives_the_same_picture(tmp_path: Path, suffix: str, change: object) -> None:
    source = LARGE.resize((400, 300))
    change(source).save(path := tmp_path / f"a{suffix}")  # type: ignore[operator]
    picture = open_picture(path, at_least=400)
    assert picture.dtype == np.uint8
    assert picture.shape[:2] == (300, 400)
    assert _close(picture, np.asarray(source)) < 12


def test_layers_sizes_and_previews_are_no_further_pictures(tmp_path: Path) -> None:
    picture = photograph("cat", (64, 48))
    (tmp_path / "a.psd").write_bytes(psd(picture, layers=("Background", "Retouch")))
    picture.save(tmp_path / "a.ico", sizes=[(16, 16), (32, 32)])
    with TiffImagePlugin.AppendingTiffWriter(tmp_path / "a.tif", True) as pages:
        for kind, name in ((0, "cat"), (1, "moon"), (4, "coffee")):
            photograph(name, (64, 48)).save(pages, "TIFF", tiffinfo={254: kind})
            pages.newFrame()
    for name in ("a.psd", "a.ico", "a.tif"):
        assert not list(further_pictures(tmp_path / name, at_least=64)), name


def test_what_is_transparent_is_seen_over_black(tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (255, 255, 255, 0)).save(path := tmp_path / "a.png")
    assert open_picture(path, at_least=64).max() == 0


@pytest.mark.parametrize("suffix", [".dpx", ".exr", ".jxl", ".hdr"])
def test_film_frames_are_pictures_by_their_content(tmp_path: Path, suffix: str) -> None:
    LARGE.resize((320, 240)).save(tmp_path / "a.png")
    pixels = {".dpx": "rgb48be", ".exr": "gbrpf32le", ".jxl": "rgb24", ".hdr": "gbrpf32le"}[suffix]
    made = tmp_path / f"b{suffix}"
    command = [tool().path, "-v", "error", "-i", tmp_path / "a.png", "-pix_fmt", pixels, made]
    subprocess.run(command, check=True)
    renamed = made.rename(tmp_path / "frame.bin")
    picture, size = open_with_size(renamed, at_least=100)
    assert size == (320, 240)
    # FFmpeg writes the PNG's code values as if they were light: the curve lifts what is dark.
    expected = np.asarray(LARGE) if suffix in (".dpx", ".jxl") else 255 * (np.asarray(LARGE) / 255) ** (1 / 2.2)
    assert _close(picture, expected.astype(np.uint8)) < 8
    # Of an EXR that is cut short after its table FFmpeg gives the rows that are there.
    renamed.write_bytes(renamed.read_bytes()[: 2500 if suffix == ".dpx" else 150])
    with pytest.raises(MediaError):
        open_picture(renamed, at_least=100)


def test_pictures_of_a_pdf_are_named_by_page(tmp_path: Path) -> None:
    pages = [photograph("cat", (300, 200)), photograph("coffee", (40, 40)), photograph("flower", (320, 240))]
    pages[0].save(path := tmp_path / "a.pdf", save_all=True, append_images=pages[1:])
    found = pdf_pictures(path)
    assert [(at, size) for at, _, size in found] == [
        ("page 1, picture 1", (300, 200)),
        ("page 3, picture 1", (320, 240)),
    ]
    assert _close(found[0][1], np.asarray(pages[0])) < 4


def test_a_pdf_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (path := tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(MediaError):
        pdf_pictures(path)
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(Unsupported, match="password"):
        pdf_pictures(path)


def _broken(suffix: str) -> list[bytes]:
    data = io.BytesIO()
    LARGE.resize((160, 120)).save(data, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()))
    whole = data.getvalue()
    rng = np.random.default_rng(11)
    flipped = []
    for _ in range(25):
        copy = bytearray(whole)
        for at in rng.integers(0, min(len(copy), 3000), 6):
            copy[at] ^= 1 << int(rng.integers(8))
        flipped.append(bytes(copy))
    return [whole[:at] for at in range(0, len(whole), max(1, len(whole) // 40))] + flipped


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "gif", "bmp"])
def test_broken_files_raise_nothing_but_faults(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    for data in _broken(suffix):
        path.write_bytes(data)
        try:
            open_picture(path, at_least=100)
        except MediaError:
            continue


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.new("1", (100, 100)).save(data, "PNG")
    bomb = bytearray(data.getvalue())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    (path := tmp_path / "a.png").write_bytes(bomb)
    with pytest.raises(MediaError):
        open_picture(path, at_least=100)


@pytest.mark.parametrize("data", [b"", b"hello", b"\0" * 100], ids=["empty", "text", "zeros"])
def test_what_is_no_picture_is_not_supported(tmp_path: Path, data: bytes) -> None:
    (path := tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(Unsupported):
        open_picture(path, at_least=100)


def test_a_postscript_program_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    monkeypatch.setattr("subprocess.check_call", None)
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64), "red").save(path, "EPS")
    with pytest.raises(Unsupported, match="is not run"):
        open_picture(path, at_least=64)
