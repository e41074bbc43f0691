from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from media.containers import gif
from media.errors import Malformed
from tests.scanner import stills


def walk(data: bytes) -> list[tuple[str, bytes]]:
    return [(part.name, data[part.offset :][: part.size]) for part in gif.walk(io.BytesIO(data), len(data))]


def test_comments_applications_trailer():
    data = stills.gif(stills.gif_comment(b"x" * 300), stills.gif_xmp(b"<packet/>"), behind=b"tail")
    (comment, blocks), (application, packet), (trailer, tail) = walk(data)
    assert (comment, gif.joined(blocks)) == ("comment", b"x" * 300)
    assert application == "XMP DataXMP"
    assert packet.startswith(b"<packet/>")
    assert (trailer, tail) == ("trailer", b"tail")


def test_identifier_is_named_by_its_printable_part():
    data = stills.gif(b"\x21\xff\x0bC2PA_GIF\x01\x00\x00\x03abc\x00")
    assert walk(data) == [("C2PA_GIF", b"\x03abc\x00")]


@pytest.mark.parametrize("cut", range(14, len(stills.gif(stills.gif_comment(b"words")))))
def test_cut_anywhere_is_malformed(cut):
    with pytest.raises(Malformed):
        walk(stills.gif(stills.gif_comment(b"words"))[:cut])


HEAD = b"GIF89a" + struct.pack("<HHBBB", 400, 300, 0, 0, 0)
IMAGE = b"," + struct.pack("<HHHHB", 0, 0, 400, 300, 0) + b"\x02"


@pytest.mark.parametrize(
    "body",
    [b"", stills.gif_comment(b"words"), IMAGE + b"\0", IMAGE + b"\x04abcd\0"],
    ids=["none", "words", "empty", "few"],
)
def test_no_picture_is_malformed(body):
    with pytest.raises(Malformed, match=r"picture|pixels"):
        walk(HEAD + body + b";")


def test_best_packed_picture_is_whole(tmp_path):
    Image.new("P", (3000, 3000)).save(tmp_path / "plain.gif")
    walk((tmp_path / "plain.gif").read_bytes())
