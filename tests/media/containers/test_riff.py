import struct
from io import BytesIO

import pytest

from media.containers import iff, riff
from media.errors import MediaError
from tests.scanner.timebased import FMT, chunk, chunks, names, wav

INFO = chunks(b"INFO", chunk(b"ICMT", b"odd"), chunk(b"ISFT", b"even"))


def rf64(size: int, *after: bytes, present: int | None = None) -> bytes:
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, size, 0, 0))
    body = bytes(size if present is None else present)
    return b"RF64\xff\xff\xff\xffWAVE" + ds64 + FMT + b"data\xff\xff\xff\xff" + body + b"".join(after)


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(
            wav(FMT, chunk(b"data", bytes(7)), INFO),
            ["fmt ", "data", "LIST/INFO", "LIST/INFO/ICMT", "LIST/INFO/ISFT"],
            id="chunks behind odd data",
        ),
        pytest.param(rf64(10, chunk(b"AIGC", b"{}")), ["ds64", "fmt ", "data", "AIGC"], id="RF64"),
        pytest.param(
            rf64(10, chunk(b"C2PA", b"x")).replace(b"RF64", b"BW64"), ["ds64", "fmt ", "data", "C2PA"], id="BW64"
        ),
        pytest.param(wav(FMT) + chunk(b"AIGC", b"{}"), ["fmt ", "AIGC"], id="a chunk behind the declared end"),
        pytest.param(
            wav(FMT, chunk(b"data", b"ab")) + b"\0\1\2\3\4\5\6\7\x08", ["fmt ", "data"], id="rubbish behind the end"
        ),
        pytest.param(
            b"RIFF\xff\xff\xff\xffWAVE" + FMT + b"data\xff\xff\xff\xff" + bytes(50),
            ["fmt ", "data"],
            id="a stream whose writer knew no size",
        ),
        pytest.param(
            b"RIFX" + struct.pack(">I", 0) + b"WAVE" + chunk(b"fmt ", bytes(16), ">") + chunk(b"ICMT", b"x", ">"),
            ["fmt ", "ICMT"],
            id="big-endian",
        ),
        pytest.param(
            wav(chunks(b"hdrl", chunks(b"strl", chunk(b"strh", bytes(56))))),
            ["LIST/hdrl", "LIST/hdrl/LIST/strl", "LIST/hdrl/LIST/strl/strh"],
            id="lists in lists",
        ),
        pytest.param(
            wav(chunks(b"movi", b"00dc\xff\xff\xff\xff"), INFO),
            ["LIST/movi", "LIST/INFO", "LIST/INFO/ICMT", "LIST/INFO/ISFT"],
            id="essence is not entered",
        ),
        pytest.param(
            wav(FMT) + b"RIFF" + struct.pack("<I", 4) + b"AVIX" + INFO,
            ["fmt ", "LIST/INFO", "LIST/INFO/ICMT", "LIST/INFO/ISFT"],
            id="a second RIFF",
        ),
        pytest.param(wav(FMT, b"data\x00\x01\x00\x00cut"), ["fmt ", "data", "Malformed"], id="truncated data"),
        pytest.param(
            wav(chunks(b"INFO", chunk(b"ICMT", b"ok"), b"ISFT\xff\0\0\0x")),
            ["LIST/INFO", "LIST/INFO/ICMT", "LIST/INFO/ISFT", "Malformed"],
            id="a lying chunk in a list",
        ),
        pytest.param(b"nothing here", ["Malformed"], id="no RIFF"),
    ],
)
def test_names_of_parts(raw: bytes, want: list[str]) -> None:
    assert names(riff.walk, raw) == want


def test_nesting_is_refused() -> None:
    raw = b""
    for _ in range(1000):
        raw = chunks(b"INFO", raw)
    found = names(riff.walk, wav(raw))
    assert found[-1] == "Malformed"
    assert len(found) < 20


def test_an_endless_ds64_table_is_bounded() -> None:
    raw = (
        b"RF64\xff\xff\xff\xffWAVE"
        + chunk(b"ds64", struct.pack("<QQQI", 0, 4, 0, 0xFFFFFFFF) + bytes(5))
        + b"data\xff\xff\xff\xffabcd"
    )
    assert names(riff.walk, raw) == ["ds64", "data"]


def test_aiff() -> None:
    body = (
        chunk(b"COMM", bytes(18), ">")
        + chunk(b"ANNO", b"odd", ">")
        + chunk(b"SSND", bytes(9), ">")
        + chunk(b"ID3 ", b"ID3", ">")
    )
    raw = b"FORM" + struct.pack(">I", 4 + len(body)) + b"AIFF" + body
    assert names(iff.walk, raw) == ["COMM", "ANNO", "SSND", "ID3 "]
    assert names(iff.walk, raw[:66]) == ["COMM", "ANNO", "SSND", "Malformed"]


@pytest.mark.parametrize("walk", [riff.walk, iff.walk])
def test_every_truncation_and_flip_ends(walk: object) -> None:
    raw = wav(FMT, INFO, chunk(b"AIGC", b"{}"), chunk(b"data", bytes(11)))
    assert callable(walk)
    for broken in [raw[:end] for end in range(12, len(raw))] + [
        raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in (1, 0x80)
    ]:
        try:
            parts = list(walk(BytesIO(broken), len(broken)))
        except MediaError:
            continue
        assert all(part.offset + part.size <= len(broken) for part in parts)
