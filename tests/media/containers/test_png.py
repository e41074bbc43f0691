from __future__ import annotations

import io
import struct
import zlib

import pytest

from media.containers import png
from media.errors import Malformed, TooLarge
from tests.scanner import stills


def names(data: bytes) -> list[str]:
    return [part.name for part in png.walk(io.BytesIO(data), len(data))]


def test_chunks_on_both_sides_of_the_pixels_and_trailer():
    data = stills.png(stills.chunk(b"tEXt", b"a\0b"), after=(stills.chunk(b"eXIf", b"MM"),), behind=b"tail")
    assert names(data) == ["IHDR", "tEXt", "IDAT", "eXIf", "IEND", "trailer"]


def test_checksums_are_not_asked():
    data = stills.png(stills.chunk(b"tEXt", b"a\0b")[:-4] + b"????")
    assert "tEXt" in names(data)


@pytest.mark.parametrize("cut", range(9, len(stills.png(stills.chunk(b"tEXt", b"a\0b")))))
def test_cut_anywhere_is_malformed(cut):
    data = stills.png(stills.chunk(b"tEXt", b"a\0b"))[:cut]
    with pytest.raises(Malformed):
        names(data)


@pytest.mark.parametrize(
    ("chunk", "payload", "text"),
    [
        pytest.param("tEXt", b"key\0words", b"words", id="tEXt"),
        pytest.param("zTXt", b"key\0\0" + zlib.compress(b"words"), b"words", id="zTXt"),
        pytest.param("iTXt", b"key\0\0\0en\0Key\0words", b"words", id="iTXt"),
        pytest.param("iTXt", b"key\0\x01\0\0\0" + zlib.compress(b"words"), b"words", id="iTXt-deflated"),
        pytest.param("zTXt", b"key\0\0" + zlib.compress(b"words")[:-4], b"words", id="zTXt-without-its-end"),
        pytest.param("tEXt", b"key", b"", id="no-text"),
    ],
)
def test_text(chunk, payload, text):
    assert png.keyword(payload) == "key"
    assert png.text(chunk, payload) == text


def test_bomb_is_too_large():
    bomb = zlib.compress(bytes(png.INFLATE_LIMIT + 1))
    with pytest.raises(TooLarge):
        png.inflate(bomb)


def test_damaged_stream_gives_what_came_before():
    words = bytes(range(256)) * 200
    stream = bytearray(zlib.compress(words, 0))
    stream[40_000:40_020] = b"\xff" * 20
    stream[32_773:32_780] = b"\xff" * 7
    assert words.startswith(png.inflate(bytes(stream))[:1000])
    with pytest.raises(Malformed):
        png.inflate(b"no stream at all")


def declared(width: int, height: int, *pixels: bytes, depth: int = 8, colours: int = 2) -> bytes:
    head = stills.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))
    chunks = (head, *(stills.chunk(b"IDAT", part) for part in pixels), stills.chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(declared(2**31 - 1, 2**31 - 1, zlib.compress(bytes(100))), id="giant"),
        pytest.param(declared(60_000, 60_000, bytes(1000), depth=1, colours=0), id="60,000 squared, 1 bit"),
        pytest.param(declared(1, 1), id="no pixels"),
        pytest.param(declared(0, 5, b"x"), id="no width"),
        pytest.param(declared(1, 1, b"x", colours=5), id="no such colour type"),
        pytest.param(stills.png().replace(b"IHDR", b"ihDR"), id="no IHDR"),
    ],
)
def test_a_picture_that_its_pixel_chunks_cannot_hold_is_malformed(data):
    found, fault = stills.until_fault(png.walk(io.BytesIO(data), len(data)))
    assert found[-1].name == "IEND"
    assert isinstance(fault, Malformed)


@pytest.mark.parametrize(("depth", "colours", "samples"), [(1, 0, 1), (8, 2, 3), (16, 6, 4), (8, 3, 1)])
def test_the_best_packed_picture_is_whole(depth, colours, samples):
    packed = zlib.compress(bytes((1 + 1024 * depth * samples // 8) * 1024), 9)
    data = declared(1024, 1024, packed[:50], packed[50:], depth=depth, colours=colours)
    assert names(data)[-1] == "IEND"


def test_an_animation_has_the_frames_that_it_declares():
    frame = stills.chunk(b"fcTL", bytes(26))
    head = stills.chunk(b"acTL", struct.pack(">II", 2, 0))
    names(stills.png(head + frame, after=(frame + stills.chunk(b"fdAT", bytes(9)),)))
    with pytest.raises(Malformed, match="2 frames; 1"):
        names(stills.png(head + frame))
