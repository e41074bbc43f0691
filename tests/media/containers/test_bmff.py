from io import BytesIO

import pytest

from media.containers import bmff
from media.errors import Malformed
from tests.scanner.timebased import FTYP, Counting, box, data, freeform, itunes_meta, keys_meta, names

UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(FTYP + box("mdat", bytes(9)), ["ftyp", "mdat"], id="flat"),
        pytest.param(box("moov", box("udta", itunes_meta(box("©too", data(b"x"))))), [
            "moov", "moov/udta", "moov/udta/meta", "moov/udta/meta/hdlr", "moov/udta/meta/ilst",
            "moov/udta/meta/ilst/©too", "moov/udta/meta/ilst/©too/data",
        ], id="itunes"),
        pytest.param(box("moov", keys_meta({"AIGC": b"{}"}, full_box=False)), [
            "moov", "moov/meta", "moov/meta/hdlr", "moov/meta/keys", "moov/meta/ilst",
            "moov/meta/ilst/1", "moov/meta/ilst/1/data",
        ], id="quicktime meta without version and flags"),
        pytest.param(box("moov", box("udta", box("©swr", b"x") + bytes(4))) + box("free"), [
            "moov", "moov/udta", "moov/udta/©swr", "free",
        ], id="user data that ends with a zero"),
        pytest.param(box("moov", box("udta", box("name", b"x") + bytes(8) + b"rest")) + box("free"), [
            "moov", "moov/udta", "moov/udta/name", "free",
        ], id="user data that ends with zeros and more"),
        pytest.param(box("mdat", bytes(5), wide=True) + box("moov"), ["mdat", "moov"], id="64 bit"),
        pytest.param(box("moov") + b"\0\0\0\0mdat" + bytes(40), ["moov", "mdat"], id="to the end of the file"),
        pytest.param(box("uuid", UUID, b"<x/>"), ["uuid:BE7ACFCB97A942E89C71999491E3AFAC"], id="uuid"),
        pytest.param(box("moov", itunes_meta(freeform("com.apple.iTunes", "AIGC", b"{}"))), [
            "moov", "moov/meta", "moov/meta/hdlr", "moov/meta/ilst", "moov/meta/ilst/----",
            "moov/meta/ilst/----/mean", "moov/meta/ilst/----/name", "moov/meta/ilst/----/data",
        ], id="freeform"),
        pytest.param(FTYP + b"\0\0\0", ["ftyp"], id="three bytes too many"),
        pytest.param(box(b"\xff/\x01z", b"x"), ["0xff2f017a"], id="a code that is no text"),
    ],
)  # fmt: skip
def test_names_of_parts(raw: bytes, want: list[str]) -> None:
    assert names(bmff.walk, raw) == want


def test_payloads_lie_where_they_say() -> None:
    raw = FTYP + box("uuid", UUID, b"packet") + box("moov", box("udta", box("aigc", b"label"), wide=True))
    found = {part.name: raw[part.offset : part.offset + part.size] for part in bmff.walk(BytesIO(raw), len(raw))}
    assert found["uuid:BE7ACFCB97A942E89C71999491E3AFAC"] == b"packet"
    assert found["moov/udta/aigc"] == b"label"


def test_a_lying_box_costs_its_container_only() -> None:
    lying = box("udta", box("©too", b"fine"), b"\x7f\xff\xff\xffevil")
    found = names(bmff.walk, FTYP + box("moov", lying, box("trak")) + box("free"))
    assert found[:4] == ["ftyp", "moov", "moov/udta", "moov/udta/©too"]
    assert found[-3:] == ["moov/trak", "free", "Malformed"]


@pytest.mark.parametrize("depth", [1000, 20_000])
def test_nesting_is_refused(depth: int) -> None:
    raw = b"".join((8 + 8 * (depth - n)).to_bytes(4, "big") + b"moov" for n in range(depth + 1))
    found = names(bmff.walk, FTYP + raw)
    assert found[-1] == "Malformed"
    assert len(found) < 20


def test_media_data_is_not_read() -> None:
    raw = FTYP + box("mdat", bytes(4 << 20)) + box("moov", box("udta", itunes_meta(box("©too", data(b"x")))))
    file = Counting(BytesIO(raw))
    assert [part.name for part in bmff.walk(file, len(raw))][-1] == "moov/udta/meta/ilst/©too/data"  # type: ignore[arg-type]
    assert file.count < 500


def test_every_truncation_and_flip_ends() -> None:
    raw = FTYP + box(
        "moov", box("trak", box("mdia", box("hdlr", bytes(30)))), box("udta", keys_meta({"a": b"b", "c": b"d"}))
    )
    whole = names(bmff.walk, raw)
    for end in range(len(raw)):
        got = names(bmff.walk, raw[:end])
        assert [name for name in got if name != "Malformed"] == whole[
            : len([name for name in got if name != "Malformed"])
        ]
    for at in range(len(raw)):
        for bit in (1, 0x80):
            broken = bytearray(raw)
            broken[at] ^= bit
            try:
                assert len(list(bmff.walk(BytesIO(bytes(broken)), len(broken)))) < 200
            except Malformed:
                continue
