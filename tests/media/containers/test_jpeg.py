from __future__ import annotations

import io
import struct

import pytest

from media.containers import jpeg
from media.errors import Malformed
from tests.scanner import stills
from tests.scanner.timebased import box


def names(data: bytes) -> list[str]:
    return [part.name for part in jpeg.walk(io.BytesIO(data), len(data))]


def test_payloads_exclude_headers():
    data = stills.jpeg(stills.segment(0xE1, b"one"), stills.segment(0xFE, b"two"))
    parts = [part for part in jpeg.walk(io.BytesIO(data), len(data)) if part.size]
    assert [(part.name, data[part.offset :][: part.size]) for part in parts] == [("APP1", b"one"), ("COM", b"two")]


def test_segments_between_progressive_scans_are_seen():
    scan = stills.segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\xff\x00\x01\xff\xd7\x02"
    data = stills.jpeg(pixels=b"\x01" + stills.segment(0xC4, b"\xff\xd9table") + scan + stills.segment(0xED, b"late"))
    assert names(data) == ["SOI", "APP13"]


def test_marker_on_the_edge_of_a_window_is_found():
    for pad in range((1 << 17) - 40, (1 << 17) + 40):
        data = stills.jpeg(pixels=b"\x01" * pad, behind=b"tail")
        assert names(data)[-1] == "trailer", pad


def test_fill_bytes_and_litter_between_segments_are_stepped_over():
    data = stills.jpeg(b"\xff\xff\xff" + stills.segment(0xE0, b"a")[1:], b"litter", stills.segment(0xE2, b"b"))
    assert names(data) == ["SOI", "APP0", "APP2"]


def test_trailer_and_adjoining_image():
    second = stills.jpeg(stills.segment(0xE1, b"in the second"))
    first = stills.jpeg(stills.segment(0xE0, b"x"))
    assert names(first + second) == ["SOI", "APP0", "trailer", "SOI", "APP1"]


@pytest.mark.parametrize("order", ["<", ">"])
def test_image_that_only_the_index_names(order):
    second = stills.jpeg(stills.segment(0xE1, b"in the second"))

    def first(offset: int) -> bytes:
        table = struct.pack(order + "IIIHH", 0, 0, 0, 0, 0) + struct.pack(order + "IIIHH", 0, len(second), offset, 0, 0)
        return stills.jpeg(stills.segment(0xE2, b"MPF\0" + stills.tiff([(0xB002, 7, table)], order=order)))

    gap = b"something else\0"
    header = 2 + 4 + 4  # SOI, segment header, "MPF\0"
    whole = first(len(first(0)) + len(gap) - header) + gap + second
    assert names(whole) == ["SOI", "APP2", "trailer", "SOI", "APP1"]


def test_many_images_end():
    data = stills.jpeg() * 10_000
    assert names(data).count("SOI") <= 65


@pytest.mark.parametrize("cut", range(3, len(stills.jpeg(stills.segment(0xE1, b"payload")))))
def test_cut_anywhere_is_malformed_after_what_came_before(cut):
    data = stills.jpeg(stills.segment(0xE1, b"payload"))[:cut]
    found, fault = stills.until_fault(jpeg.walk(io.BytesIO(data), len(data)))
    assert isinstance(fault, Malformed)
    assert [part.name for part in found] == (["SOI", "APP1"] if cut >= 6 else ["SOI"])
    assert all(part.offset + part.size <= len(data) for part in found)


MOVIE = box("ftyp", b"mp42\0\0\0\0mp42isom") + box("moov", box("udta", box("aigc", b"words")))


@pytest.mark.parametrize("between", [0, 1, (1 << 17) - 12, (1 << 17) - 4, 300_000])
def test_the_movie_of_a_motion_photo(between):
    data = stills.jpeg(stills.segment(0xE0, b"x")) + b"." * between + MOVIE + b"\0\0SEFT maker's trailer"
    assert names(data)[:7] == ["SOI", "APP0", "trailer", "ftyp", "moov", "moov/udta", "moov/udta/aigc"]


def test_the_movie_behind_a_second_image():
    assert names(stills.jpeg() + stills.jpeg() + MOVIE)[-4:] == ["ftyp", "moov", "moov/udta", "moov/udta/aigc"]


@pytest.mark.parametrize("behind", [b"ftyp", b"\0\0\0\x18ftypheic", MOVIE[:14], b"\0\0\0\x18ftypisom\0"])
def test_what_is_no_movie_costs_nothing(behind):
    assert names(stills.jpeg() + behind)[:2] == ["SOI", "trailer"]


@pytest.mark.parametrize("kept", [b"free", b"wide", b"mdat"])
def test_a_movie_that_begins_and_has_no_header(kept):
    data = stills.jpeg() + box("ftyp", b"mp42\0\0\0\0mp42isom") + box(kept, b"....")
    with pytest.raises(Malformed, match="no header"):
        names(data)
