"""Which numbered files are frames of one sequence, and which are stills."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.discover.sequences import Pattern, candidates, frame_paths, frames_of, is_sequence
from scanner.model import Asset, Frames, Kind

EXR, DPX, PNG, JPEG, TIFF = ("image/x-exr", "image/x-dpx", "image/png", "image/jpeg", "image/tiff")


def found(names: list[str], *, at_least: int = 3) -> list[tuple[str, tuple[int, ...]]]:
    return sorted((pattern.printf, numbers) for pattern, numbers in candidates(names, at_least=at_least))


def judged(names: list[str], media_type: str, *, at_least: int = 8) -> bool:
    groups = list(candidates(names, at_least=at_least))
    return any(is_sequence(pattern, media_type, numbers, at_least=at_least) for pattern, numbers in groups)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        pytest.param(["sh010.1001.exr", "sh010.1002.exr", "sh010.1003.exr"], "sh010.%04d.exr", id="dot"),
        pytest.param(["name_0001.dpx", "name_0002.dpx", "name_0003.dpx"], "name_%04d.dpx", id="underscore"),
        pytest.param(["0001.tif", "0002.tif", "0003.tif"], "%04d.tif", id="bare"),
        pytest.param(["r0001.png", "r0002.png", "r0003.png"], "r%04d.png", id="four-digits-after-a-letter"),
        pytest.param(["o-00086400.png", "o-00086401.png", "o-00086402.png"], "o-%08d.png", id="hyphen"),
        pytest.param(["a.0999.exr", "a.1000.exr", "a.1001.exr"], "a.%04d.exr", id="padded-to-full"),
        pytest.param(["a.9.exr", "a.10.exr", "a.11.exr"], "a.%d.exr", id="unpadded"),
        pytest.param(["a.99.exr", "a.100.exr", "a.101.exr"], "a.%02d.exr", id="overflows-its-padding"),
        pytest.param(["100%.001.exr", "100%.002.exr", "100%.003.exr"], "100%%.%03d.exr", id="percent-in-the-name"),
        pytest.param(["v2.1001.exr", "v2.1002.exr", "v2.1003.exr"], "v2.%04d.exr", id="version-before-the-frame"),
        pytest.param(["A.001.EXR", "A.002.EXR", "A.003.EXR"], "A.%03d.EXR", id="capitals"),
        pytest.param(["\udcff.001.exr", "\udcff.002.exr", "\udcff.003.exr"], "\udcff.%03d.exr", id="odd-bytes"),
    ],
)
def test_frames_share_a_pattern(names: list[str], pattern: str) -> None:
    ((printf, numbers),) = found(names)
    assert printf == pattern
    assert [printf % number for number in numbers] == sorted(names, key=lambda name: (len(name), name))


def test_frames_before_zero_keep_their_sign() -> None:
    assert found(["a.-002.exr", "a.-001.exr", "a.0000.exr", "a.0001.exr"]) == [("a.%04d.exr", (-2, -1, 0, 1))]


def test_two_paddings_are_two_patterns() -> None:
    names = [f"a.{n}.exr" for n in range(1, 4)] + [f"a.{n:04d}.exr" for n in range(1, 4)]
    assert found(names) == [("a.%04d.exr", (1, 2, 3)), ("a.%d.exr", (1, 2, 3))]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([f"v{n:03d}.exr" for n in range(20)], id="versions"),
        pytest.param([f"ep{n}.png" for n in range(101, 120)], id="episodes"),
        pytest.param([f"t{n:02d}.exr" for n in range(20)], id="takes"),
        pytest.param([f"sh.{n}.1.exr" for n in range(20)], id="number-is-not-last"),
        pytest.param([f"a.{n:04d}" for n in range(20)], id="no-extension"),
        pytest.param([f"a.{10**11 + n}.exr" for n in range(20)], id="too-long-for-a-frame"),
        pytest.param([f"ComfyUI_{n:05d}_.png" for n in range(20)], id="underscore-after-the-number"),
        pytest.param(["a.٠٠١.exr", "a.٠٠٢.exr", "a.٠٠٣.exr"], id="other-digits"),
    ],
)
def test_no_frame_numbers(names: list[str]) -> None:
    assert found(names) == []


@pytest.mark.parametrize(
    ("names", "media_type", "expected"),
    [
        pytest.param([f"a.{n}.exr" for n in range(8)], EXR, True, id="enough"),
        pytest.param([f"a.{n}.exr" for n in range(7)], EXR, False, id="a-handful"),
        pytest.param([f"shot_{n:04d}.dpx" for n in range(20)], DPX, True, id="made-for-frames"),
        pytest.param([f"render_{n:04d}.png" for n in range(20)], PNG, True, id="png-render"),
        pytest.param([f"{n:04d}.tif" for n in range(20)], TIFF, True, id="bare-tiff"),
        pytest.param([f"keyart_{n}.png" for n in range(1, 10)], PNG, False, id="numbered-stills"),
        pytest.param([f"page_{n:03d}.jpg" for n in range(20)], JPEG, False, id="pages"),
        pytest.param([f"book.page.{n:03d}.tif" for n in range(20)], TIFF, False, id="pages-of-a-book"),
        pytest.param([f"IMG_{n:04d}.JPG" for n in range(20)], JPEG, False, id="camera-jpeg"),
        pytest.param([f"DSC0{n:04d}.jpg" for n in range(20)], JPEG, False, id="camera-without-underscore"),
        pytest.param([f"img_{n:04d}.png" for n in range(20)], PNG, True, id="no-camera-writes-png"),
        pytest.param([f"concept_{n:03d}.png" for n in range(20)], PNG, False, id="concepts"),
        pytest.param([f"a_{n:04d}.png" for n in range(0, 400, 10)], PNG, False, id="too-thin"),
        pytest.param([f"a.{n:04d}.exr" for n in range(0, 40, 2)], EXR, True, id="on-twos"),
        pytest.param([f"a.{n:04d}.exr" for n in (*range(20), *range(900, 920))], EXR, True, id="a-large-hole"),
        pytest.param([f"a.{n:04d}.exr" for n in (7, 8, 90, 300, 301, 555, 700, 902)], EXR, False, id="a-selection"),
        pytest.param([f"reel_{n:04d}.wav" for n in range(20)], "audio/wav", False, id="not-pictures"),
        pytest.param([f"A001.{n:07d}.ari" for n in range(20)], "application/octet-stream", True, id="no-signature"),
    ],
)
def test_what_is_a_sequence(names: list[str], media_type: str, expected: bool) -> None:
    assert judged(names, media_type) is expected


@pytest.mark.parametrize(
    ("numbers", "present", "frames"),
    [
        pytest.param((1, 2, 3), (1, 2, 3), Frames(ranges=((1, 3),)), id="whole"),
        pytest.param(
            (1, 2, 4, 7), (1, 2, 4, 7), Frames(ranges=((1, 2), (4, 4), (7, 7)), missing=((3, 3), (5, 6))), id="holes"
        ),
        pytest.param((1, 2, 4), (1, 2, 3, 4), Frames(ranges=((1, 2), (4, 4))), id="there-but-another-raster"),
        pytest.param((-1, 0, 1), (-1, 0, 1), Frames(ranges=((-1, 1),)), id="across-zero"),
    ],
)
def test_ranges_and_holes(numbers: tuple[int, ...], present: tuple[int, ...], frames: Frames) -> None:
    assert frames_of(numbers, present) == frames


@given(
    names=st.sets(
        st.from_regex(r"(a|b%|v)[._]?-?[0-9]{1,5}\.(exr|png)", fullmatch=True) | st.text(max_size=12), max_size=60
    )
)
def test_every_frame_is_a_name_that_was_there_once(names: set[str]) -> None:
    seen: set[str] = set()
    for pattern, numbers in candidates(names, at_least=2):
        frames = {pattern.printf % number for number in numbers}
        assert frames == {pattern.name(number) for number in numbers}
        assert len(frames) == len(numbers) >= 2
        assert frames <= names
        assert not frames & seen
        seen |= frames


def test_holes_of_numbers_that_lie_far_apart_cost_nothing() -> None:
    assert frames_of((0, 9_999_999_999), (0, 5, 9_999_999_999)).missing == ((1, 4), (6, 9_999_999_998))


def test_paths_of_a_file_and_of_a_sequence() -> None:
    plain = Asset(path="50%.png", root="r", location="/r", kind=Kind.IMAGE, media_type=PNG, size=1, mtime_ns=1)
    assert list(frame_paths(plain)) == [(None, "50%.png")]
    frames = Frames(ranges=((1, 2), (5, 5)))
    several = Asset(
        path="a/" + Pattern("50%.", 3, ".png").printf,
        root="r", location="/r", kind=Kind.IMAGE, media_type=PNG, size=1, mtime_ns=1, frames=frames,
    )  # fmt: skip
    assert list(frame_paths(several)) == [(1, "a/50%.001.png"), (2, "a/50%.002.png"), (5, "a/50%.005.png")]
