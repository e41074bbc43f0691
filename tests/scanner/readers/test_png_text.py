from __future__ import annotations

import zlib

import pytest

from media.containers.png import INFLATE_LIMIT
from media.errors import TooLarge
from scanner.readers.png_text import PNG_TEXT
from tests.scanner import stills


@pytest.mark.parametrize(
    ("kind", "payload", "key", "value"),
    [
        pytest.param(b"tEXt", b"parameters\0a cat\nSteps: 20", "parameters", "a cat\nSteps: 20", id="tEXt"),
        pytest.param(b"tEXt", b"Author\0Andr\xe9", "Author", "André", id="latin-1"),
        pytest.param(b"tEXt", "Author\0André".encode(), "Author", "André", id="utf-8-in-tEXt"),
        pytest.param(b"zTXt", b"workflow\0\0" + zlib.compress(b"{}"), "workflow", "{}", id="zTXt"),
        pytest.param(b"iTXt", "parameters\0\0\0\0\0雪".encode(), "parameters", "雪", id="iTXt"),
        pytest.param(
            b"iTXt", b"prompt\0\x01\0zh\0\0" + zlib.compress("雪".encode()), "prompt", "雪", id="iTXt-deflated"
        ),
        pytest.param(b"AIGC", b'{"Label":"1"}', "AIGC", '{"Label":"1"}', id="private-chunk"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["before-pixels", "after-pixels"])
def test_text(tmp_path, kind, payload, key, value, late):
    chunk = stills.chunk(kind, payload)
    data = stills.png(after=(chunk,)) if late else stills.png(chunk)
    (found,) = stills.said(tmp_path / "f.png", data, PNG_TEXT)
    assert (found.key, found.value, found.facts) == (key, value, {"chunk": kind.decode()})


def test_profiles_are_named_and_packets_left_alone(tmp_path):
    data = stills.png(stills.raw_profile("iptc", b"\x1c"), stills.chunk(b"tEXt", b"XML:com.adobe.xmp\0<x/>"))
    (found,) = stills.said(tmp_path / "f.png", data, PNG_TEXT)
    assert (found.key, found.value) == ("Raw profile type iptc", "iptc")


def test_bomb_costs_itself(tmp_path):
    bomb = stills.chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(INFLATE_LIMIT + 1)))
    opened = stills.medium(tmp_path / "f.png", stills.png(bomb, stills.chunk(b"tEXt", b"Title\0film")))
    found, fault = stills.until_fault(PNG_TEXT.read(opened))
    assert [e.key for e in found] == ["Title"]
    assert isinstance(fault, TooLarge)


def test_many_chunks_are_capped(tmp_path):
    chunks = (stills.chunk(b"tEXt", b"k\0v"),) * 1000
    assert len(stills.said(tmp_path / "f.png", stills.png(*chunks), PNG_TEXT)) == 400
