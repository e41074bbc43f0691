from __future__ import annotations

import dataclasses
import io
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.formats import cinema
from fixtures.photos import photograph
from scanner.model import Kind, Record
from scanner.reports.pictures.illustrate import MAX_SIDE, Job, job_of, thumbnail
from tests.scanner.reports.handmade import RECORDS, quiet, stopped
from tests.scanner.timebased import PICTURE, make

CLIP, SEQUENCE, BROKEN = RECORDS[2], RECORDS[4], RECORDS[5]


def still(path: Path, picture: Image.Image, **options: object) -> Job:
    picture.save(path, **options)
    return Job(path=path, kind=Kind.IMAGE)


def drawn(job: Job) -> Image.Image:
    data = thumbnail(job)
    assert data is not None
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.mode in ("L", "RGB")
    assert max(image.size) <= MAX_SIDE
    return image


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("RGB", "a.png"), ("RGBA", "a.png"), ("LA", "a.png"), ("P", "a.png"), ("1", "a.png"), ("I;16", "a.png"),
        ("CMYK", "a.jpeg"), ("L", "a.jpeg"), ("F", "a.tiff"), ("P", "a.gif"), ("RGB", "a.webp"),
    ],
)  # fmt: skip
def test_pictures_of_all_modes_are_drawn(tmp_path: Path, mode: str, name: str) -> None:
    assert drawn(still(tmp_path / name, Image.new(mode, (640, 480)))).size == (320, 240)


def test_a_small_picture_stays_small(tmp_path: Path) -> None:
    assert drawn(still(tmp_path / "a.png", Image.new("RGB", (20, 10)))).size == (20, 10)


def test_sixteen_bits_are_not_clipped_to_white(tmp_path: Path) -> None:
    value = drawn(still(tmp_path / "a.png", Image.new("I;16", (64, 64), 0x8000))).convert("RGB").getpixel((9, 9))
    assert all(abs(band - 128) < 4 for band in value)


def test_what_is_transparent_lies_on_grey(tmp_path: Path) -> None:
    value = drawn(still(tmp_path / "a.png", Image.new("RGBA", (64, 64), (255, 0, 0, 0)))).getpixel((9, 9))
    assert max(value) - min(value) < 16


def test_a_picture_held_upright_is_drawn_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert drawn(still(tmp_path / "a.jpeg", Image.new("RGB", (640, 480)), exif=exif)).size == (240, 320)


def test_words_of_the_file_do_not_travel(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    job = still(tmp_path / "a.jpeg", Image.new("RGB", (64, 64)), comment=b"a secret", exif=exif)
    assert b"a secret" in job.path.read_bytes()
    assert b"a secret" not in (thumbnail(job) or b"a secret")


@pytest.mark.parametrize("kind", ["dpx", "exr"])
def test_a_frame_of_film(tmp_path: Path, kind: str) -> None:
    photo = photograph("rocket", (400, 300))
    data = cinema.dpx(photo, {}) if kind == "dpx" else cinema.exr(photo, {})
    (tmp_path / "a").write_bytes(data)
    image = drawn(Job(path=tmp_path / "a", kind=Kind.IMAGE))
    assert image.size == (320, 240)
    assert np.abs(np.asarray(image, float) - np.asarray(photo.resize((320, 240)), float)).mean() < 6


def test_of_an_animation_the_first_picture(tmp_path: Path) -> None:
    red, *rest = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "lime"))
    value = drawn(still(tmp_path / "a.gif", red, save_all=True, append_images=rest)).getpixel((9, 9))
    assert value[0] > 200 > max(value[1:])


def _bomb() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.VIDEO])
@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\xff" * 40, b"\xff\xd8\xff" * 40, b"II*\0" + b"\xff" * 40, _bomb()],
)
def test_what_cannot_be_drawn_is_no_picture(tmp_path: Path, data: bytes, kind: Kind) -> None:
    (tmp_path / "a").write_bytes(data)
    assert thumbnail(Job(path=tmp_path / "a", kind=kind)) is None


def test_a_file_that_went_is_no_picture(tmp_path: Path) -> None:
    assert thumbnail(Job(path=tmp_path / "gone.png", kind=Kind.IMAGE)) is None


def test_a_truncated_picture_never_raises(tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(whole, "JPEG")
    data = whole.getvalue()
    for end in range(0, len(data), 97):
        (tmp_path / "a.jpeg").write_bytes(data[:end])
        thumbnail(Job(path=tmp_path / "a.jpeg", kind=Kind.IMAGE))


def test_a_video_is_drawn_at_its_time_and_past_its_end_at_its_start(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mp4", *PICTURE)
    for seconds in (0.0, 0.2, 4000.0):
        drawn(Job(path=clip, kind=Kind.VIDEO, seconds=seconds))


@pytest.mark.parametrize(
    ("record", "path", "seconds"),
    [
        pytest.param(stopped("art/a.png"), "art/a.png", 0.0, id="still"),
        pytest.param(CLIP, "picture/EP101_v03.mov", 714.5 * 1001 / 24000, id="at-the-finding"),
        pytest.param(SEQUENCE, "vfx/sh010/sh010_comp.1011.exr", 0.0, id="frame-of-the-finding"),
        pytest.param(BROKEN, "promo/teaser_30s.mp4", 0.0, id="nothing-known"),
    ],
)
def test_what_is_drawn_of_a_record(record: Record, path: str, seconds: float) -> None:
    job = job_of(record, Path("/delivery"))
    assert job is not None
    assert job.path == Path("/delivery") / path
    assert job.seconds == pytest.approx(seconds)
    assert pickle.loads(pickle.dumps(job)) == job  # noqa: S301 - our own


def test_without_a_place_a_tenth_in_or_the_first_frame() -> None:
    clip = dataclasses.replace(CLIP, findings=(), matches=())
    assert job_of(clip, Path()).seconds == pytest.approx(316.14)
    sequence = dataclasses.replace(SEQUENCE, findings=())
    assert job_of(sequence, Path()).path.name == "sh010_comp.1001.exr"


def test_nothing_is_drawn_of_what_passes() -> None:
    assert job_of(quiet("a.png"), Path()) is None
