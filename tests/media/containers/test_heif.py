from __future__ import annotations

import io
import struct

import pytest

from media.containers import heif
from media.errors import Malformed, TooLarge, Unsupported
from tests.scanner import stills
from tests.scanner.timebased import box

RDF = b"application/rdf+xml"


def walk(data: bytes) -> dict[str, bytes]:
    return {part.name: data[part.offset :][: part.size] for part in heif.walk(io.BytesIO(data), len(data))}


@pytest.mark.parametrize("idat", [False, True], ids=["mdat", "idat"])
def test_items(idat):
    found = walk(stills.heif((b"Exif", b"MM\0*"), (RDF, b"<packet/>"), idat=idat))
    assert found["Exif item"] == b"\0\0\0\x06Exif\0\0MM\0*"
    assert found["mime item application/rdf+xml"] == b"<packet/>"


def test_uuid_boxes_are_named_by_their_type():
    data = stills.heif(behind=stills.box(b"uuid", stills.XMP_UUID + b"<packet/>"))
    assert walk(data)["uuid:BE7ACFCB97A942E89C71999491E3AFAC"] == b"<packet/>"


def test_item_in_pieces_is_said_to_be_unsupported():
    entry = stills.box(b"infe", struct.pack(">IHH", 2 << 24, 1, 0) + b"Exif\0")
    iinf = stills.box(b"iinf", struct.pack(">IH", 0, 1) + entry)
    iloc = stills.box(b"iloc", struct.pack(">IBBH", 0, 0x44, 0, 1) + struct.pack(">HHHIIII", 1, 0, 2, 0, 4, 8, 4))
    data = stills.box(b"ftyp", b"heic") + stills.box(b"meta", bytes(4) + iinf + iloc)
    with pytest.raises(Unsupported, match="Exif item"):
        walk(data)


def test_extents_without_width_are_bounded():
    rows = struct.pack(">HHH", 1, 0, 65535) * 1000
    iloc = stills.box(b"iloc", struct.pack(">IBBH", 0, 0, 0, 1000) + rows)
    iinf = stills.box(b"iinf", struct.pack(">IH", 0, 0))
    with pytest.raises(TooLarge):
        walk(stills.box(b"ftyp", b"heic") + stills.box(b"meta", bytes(4) + iinf + iloc))


def test_cut_and_flipped_anywhere():
    data = stills.heif((b"Exif", b"MM\0*"), (RDF, b"<packet/>"))
    for at in range(len(data)):
        for mutant in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            found, _ = stills.until_fault(heif.walk(io.BytesIO(mutant), len(mutant)))
            assert all(0 <= part.size <= len(mutant) for part in found)


def test_box_past_the_end_is_given_clipped():
    data = stills.box(b"ftyp", b"heic") + struct.pack(">I4s", 100, b"mdat") + b"few"
    with pytest.raises(Malformed, match="past the end"):
        walk(data)


def test_the_movie_of_a_motion_photo():
    movie = box("ftyp", b"mp42\0\0\0\0mp42") + box("moov", box("udta", box("aigc", b"words")))
    data = stills.heif(behind=box("mpvd", movie))
    walked = [part.name for part in heif.walk(io.BytesIO(data), len(data))]
    assert walked == ["ftyp", "meta", "mdat", "mpvd", "ftyp", "moov", "moov/udta", "moov/udta/aigc"]
