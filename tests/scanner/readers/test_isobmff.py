import os
from pathlib import Path

import pytest

from scanner.readers.isobmff import ISOBMFF
from tests.scanner.timebased import FTYP, Counting, box, data, freeform, itunes_meta, keys_meta, opened, said, survives

HANDLER = bytes(4) + b"mhlrvide" + bytes(12)


def moov(*inner: bytes) -> bytes:
    return FTYP + box("moov", *inner)


@pytest.mark.parametrize(
    ("raw", "key", "value"),
    [
        pytest.param(moov(keys_meta({"x": b"y", "AIGC": b'{"Label":"1"}'})), "AIGC", '{"Label":"1"}', id="keys"),
        pytest.param(moov(box("udta", keys_meta({"videoai": b"a"}))), "videoai", "a", id="keys in user data"),
        pytest.param(moov(box("trak", keys_meta({"k": b"t"}, full_box=False))), "k", "t", id="keys of a track"),
        pytest.param(moov(itunes_meta(box("©too", data(b"Tool")))), "©too", "Tool", id="item by code"),
        pytest.param(moov(itunes_meta(box("©cmt", data("ü".encode("utf-16-be"), 2)))), "©cmt", "ü", id="UTF-16"),
        pytest.param(
            moov(itunes_meta(freeform("com.apple.iTunes", "AIGC", b"{}a"))),
            "----:com.apple.iTunes:AIGC",
            "{}a",
            id="freeform",
        ),
        pytest.param(moov(itunes_meta(box(b"\0\0\0\1", data(b'{"a":1}')))), "1", '{"a":1}', id="indexed without keys"),
        pytest.param(moov(keys_meta({"art": b'{"is": 1}'})), "art", '{"is": 1}', id="JSON in an artwork item"),
        pytest.param(moov(box("udta", box("aigc", b'{"Label":"1"}'))), "udta/aigc", '{"Label":"1"}', id="user data"),
        pytest.param(moov(box("udta", box("titl", bytes(6) + b"Film\0"))), "udta/titl", "Film", id="3GPP user data"),
        pytest.param(moov(box("udta", box("©swr", b"\0\5\0\0\xa9 ed."))), "©swr", "© ed.", id="international text"),
        pytest.param(moov(box("udta", box("©swr", b"plain text"))), "©swr", "plain text", id="text without a size"),
        pytest.param(moov(box("trak", box("mdia", box("hdlr", HANDLER, b"Camera\0")))), "hdlr", "Camera", id="handler"),
        pytest.param(moov(box("trak", box("mdia", box("hdlr", HANDLER, b"\6Camera")))), "hdlr", "Camera", id="counted"),
        pytest.param(FTYP + box("meta", bytes(4), box("xml ", bytes(4), b"<Device/>")), "xml ", "<Device/>", id="XML"),
    ],
)
def test_says(tmp_path: Path, raw: bytes, key: str, value: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(raw)
    assert said(ISOBMFF, path)[key] == value


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(moov(itunes_meta(box("covr", data(b"\xff\xd8\xff", 13)))), id="a cover"),
        pytest.param(moov(itunes_meta(box("trkn", data(b"\0\0\0\1", 0)))), id="a track number"),
        pytest.param(moov(box("udta", box("blob", bytes(range(32)) * 4))), id="binary user data"),
        pytest.param(moov(box("udta", box("XMP_", b"<x:xmpmeta/>"))), id="XMP is another reader's"),
    ],
)
def test_is_silent(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(raw)
    assert said(ISOBMFF, path) == {}


def test_where_and_type(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(moov(box("trak", box("mdia", box("hdlr", HANDLER, b"Camera\0")))))
    (evidence,) = ISOBMFF.read(opened(path))
    assert evidence.where == "moov/trak/mdia/hdlr @ 60"
    assert evidence.facts == {"type": "vide"}


def test_ten_gigabytes_before_the_index(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.write(FTYP + b"\0\0\0\1mdat" + ((10 << 30) + 16).to_bytes(8, "big"))
        file.seek(10 << 30, os.SEEK_CUR)
        file.write(box("moov", keys_meta({"AIGC": b'{"Label":"1"}'})))
    medium = opened(path)
    counting = Counting(medium.file)
    medium._file = counting  # type: ignore[assignment]
    assert [evidence.key for evidence in ISOBMFF.read(medium)] == ["AIGC"]
    assert counting.count < 4096
    assert medium.fault is None


def test_every_truncation_and_flip_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    raw = moov(
        box("udta", box("©swr", b"\0\4\0\0text")), keys_meta({"a": b"bb"}), itunes_meta(freeform("m", "n", b"v"))
    )
    for broken in [raw[:end] for end in range(1, len(raw), 2)] + [
        raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(0, len(raw)) for bit in (2, 0x80)
    ]:
        path.write_bytes(broken)
        assert len(survives(ISOBMFF, path)) <= 4
