from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from media.containers import tiff
from media.errors import Malformed, TooLarge
from tests.scanner import stills


def walk(data: bytes) -> dict[str, bytes]:
    return {part.name: data[part.offset :][: part.size] for part in tiff.parts(io.BytesIO(data), len(data))}


@pytest.mark.parametrize("order", ["<", ">"])
def test_directories_and_values(order):
    data = stills.tiff([(0x010F, 2, b"Maker\0"), (0x0110, 2, b"abc\0")], [(0x9286, 7, b"a comment")], order=order)
    found = walk(data)
    assert found["IFD0/0x010F"] == b"Maker\0"
    assert found["IFD0/0x0110"] == b"abc\0"
    assert found["Exif/0x9286"] == b"a comment"


def test_chain_and_sub_directories():
    ifd1 = struct.pack("<H", 1) + struct.pack("<HHI4s", 0x0131, 2, 4, b"two\0") + bytes(4)
    sub = struct.pack("<H", 1) + struct.pack("<HHI4s", 0x0131, 2, 4, b"sub\0") + bytes(4)
    at = 8 + 2 + 12 + 4
    ifd0 = struct.pack("<H", 1) + struct.pack("<HHII", 0x014A, 4, 1, at) + struct.pack("<I", at + len(sub))
    found = walk(b"II*\0" + struct.pack("<I", 8) + ifd0 + sub + ifd1)
    assert found["IFD0/SubIFD0/0x0131"] == b"sub\0"
    assert found["IFD1/0x0131"] == b"two\0"


@pytest.mark.parametrize("order", ["<", ">"])
def test_big_tiff(order):
    head = (b"II+\0" if order == "<" else b"MM\0+") + struct.pack(order + "HHQ", 8, 0, 16)
    rows = struct.pack(order + "HHQ8s", 0x0131, 2, 6, b"inline\0\0") + struct.pack(order + "HHQQ", 0x010E, 2, 9, 72)
    data = head + struct.pack(order + "Q", 2) + rows + bytes(8) + b"elsewhere"
    assert walk(data) == {"IFD0/0x0131": b"inline", "IFD0/0x010E": b"elsewhere"}


def test_loops_end():
    ifd = struct.pack("<H", 2) + struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x014A, 4, 1, 8)
    found = walk(b"II*\0" + struct.pack("<I", 8) + ifd + struct.pack("<I", 8))
    assert set(found) == {"IFD0/0x8769", "IFD0/0x014A"}


def test_broken_directory_costs_itself():
    data = stills.tiff([(0x010F, 2, b"Maker\0"), (0x8769, 4, struct.pack("<I", 1 << 30))])
    found, fault = stills.until_fault(tiff.walk(io.BytesIO(data), len(data)))
    assert [part.name for part in found] == ["IFD0/0x010F", "IFD0/0x8769"]
    assert isinstance(fault, Malformed)


def test_overlapping_directories_are_bounded():
    # every even offset is a directory of thousands of entries that point to further directories
    body = struct.pack("<HHII", 0x014A, 4, 64, 100) * 5000
    data = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 5000) + body + struct.pack("<I", 10)
    with pytest.raises((TooLarge, Malformed)):
        walk(data)


def test_cut_and_flipped_anywhere():
    data = stills.tiff([(0x010F, 2, b"Maker\0"), (0x02BC, 1, b"<packet/>")], [(0x9286, 7, b"a comment")])
    for at in range(len(data)):
        for mutant in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            found, _ = stills.until_fault(tiff.walk(io.BytesIO(mutant), len(mutant)))
            assert all(0 <= part.size <= len(mutant) for part in found)


def shown(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "TIFF", **options)
    return out.getvalue()


def fault_of(data: bytes) -> str:
    return str(stills.until_fault(tiff.walk(io.BytesIO(data), len(data)))[1] or "")


PICTURE = Image.effect_noise((200, 150), 40)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(shown(PICTURE), id="plain"),
        pytest.param(shown(PICTURE, compression="tiff_lzw"), id="packed"),
        pytest.param(shown(PICTURE, big_tiff=True), id="BigTIFF"),
        pytest.param(shown(PICTURE, save_all=True, append_images=[PICTURE]), id="two pages"),
    ],
)
def test_a_picture_that_is_not_whole_is_malformed(data):
    assert not fault_of(data)
    assert not fault_of(data + b"behind it")
    assert fault_of(data[: len(data) // 2])


def _entries(count: int, following: int, *rows: tuple[int, int, int, int]) -> bytes:
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    return b"II*\0" + struct.pack("<IH", 8, count) + table + struct.pack("<I", following)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(_entries(65535, 0, *[(257, 3, 1, 9)] * 10), "declares 65535 entries; 10 are there", id="entries"),
        pytest.param(_entries(2, 8, (256, 3, 1, 9), (273, 4, 1, 9)), "came before it", id="loop"),
        pytest.param(_entries(2, 0, (273, 4, 1, 9), (279, 4, 1, 999)), "after the end", id="strip"),
        pytest.param(_entries(1, 0, (324, 4, 1, 5000)), "after the end", id="tile"),
        pytest.param(_entries(1, 0, (256, 3, 1, 9)), "no directory states", id="no picture"),
    ],
)
def test_lies_about_a_picture_are_malformed_after_what_was_found(data, why):
    found, fault = stills.until_fault(tiff.walk(io.BytesIO(data), len(data)))
    assert found
    assert isinstance(fault, Malformed)
    assert why in str(fault)
    if "no directory" not in why:  # what no picture asks for is no fault of an EXIF block
        assert stills.until_fault(tiff.entries(io.BytesIO(data), len(data)))[1] is None
