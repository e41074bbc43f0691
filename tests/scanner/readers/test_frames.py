"""EXR, DPX and Cineon headers, and Photoshop layers, made byte by byte."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from media.errors import Malformed, MediaError, TooLarge
from media.whole import check_whole
from scanner.model import MediaFacts
from scanner.readers.dpx import DPX
from scanner.readers.exr import EXR
from scanner.readers.psd_layers import PSD_LAYERS
from tests.scanner.documents import look, pairs, spoiled, until_fault
from tests.scanner.stills import medium


def attribute(name: str, kind: str, value: bytes) -> bytes:
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value


def exr(*parts: bytes, flags: int = 0) -> bytes:
    return (
        struct.pack("<II", 20000630, 2 | flags)
        + b"".join(part + b"\0" for part in parts)
        + b"\0" * bool(flags & 0x1000)
    )


LINES = b"".join(struct.pack("<I", len(text)) + text for text in (b"one", b"two"))
PLAIN = exr(
    attribute("channels", "chlist", b"\1" * 40)
    + attribute("owner", "string", b"House")
    + attribute("comments", "string", b"graded \xc3\xa9")
    + attribute("list", "stringvector", LINES)
    + attribute("timeCode", "timecode", struct.pack("<II", 0x01020304, 0))
)


def test_exr_words(tmp_path: Path) -> None:
    found, fault = look(EXR, PLAIN, tmp_path / "a.exr")
    assert fault is None
    assert pairs(found) == [
        ("owner", "House"),
        ("comments", "graded é"),
        ("list", "one"),
        ("list", "two"),
        ("timeCode", "01:02:03:04"),
    ]
    assert found[0].where == f"attribute owner (string) @ {PLAIN.index(b'owner')}"


def raster(right: int, bottom: int) -> bytes:
    return attribute("displayWindow", "box2i", struct.pack("<4i", 0, 0, right, bottom))


def rate(frames: int, seconds: int) -> bytes:
    return attribute("framesPerSecond", "rational", struct.pack("<iI", frames, seconds))


TIMECODE = attribute("timeCode", "timecode", struct.pack("<II", 0x01020304, 0))


@pytest.mark.parametrize(
    ("parts", "facts"),
    [
        pytest.param(
            (raster(1919, 1079) + rate(24000, 1001) + TIMECODE,),
            MediaFacts(width=1920, height=1080, rate="24000/1001", timecode="01:02:03:04", codecs=("exr",)),
            id="all",
        ),
        pytest.param((rate(0, 0) + raster(-5, 3),), MediaFacts(codecs=("exr",)), id="lies"),
        pytest.param(
            (rate(25, 1) + attribute("name", "string", b"a"), rate(24, 1) + raster(9, 9)),
            MediaFacts(rate="25/1", codecs=("exr",)),
            id="by the first part",
        ),
        pytest.param(
            (attribute("framesPerSecond", "float", b"1234") + rate(24, 1)[:-4] + b"\0" * 4,),
            MediaFacts(codecs=("exr",)),
            id="of another kind",
        ),
    ],
)
def test_exr_raster_rate_and_timecode(tmp_path: Path, parts: tuple[bytes, ...], facts: MediaFacts) -> None:
    opened = medium(tmp_path / "a.exr", exr(*parts, flags=0x1000 * (len(parts) > 1)))
    found, _ = until_fault(EXR.read(opened))
    opened.close()
    assert [one for one in found if isinstance(one, MediaFacts)][-1] == facts


def test_exr_parts(tmp_path: Path) -> None:
    parts = [attribute("name", "string", name) for name in (b"beauty", b"depth")]
    found, fault = look(EXR, exr(*parts, flags=0x1000), tmp_path / "a.exr")
    assert fault is None
    assert [(said.value, said.facts.get("part")) for said in found] == [("beauty", None), ("depth", "1")]


def test_exr_lies(tmp_path: Path) -> None:
    huge = exr(attribute("a", "string", b"x"))[:8] + b"a\0string\0" + struct.pack("<i", 0x7FFFFFF0)
    assert isinstance(look(EXR, huge, tmp_path / "a.exr")[1], TooLarge)
    negative = exr()[:8] + b"a\0string\0" + struct.pack("<i", -5)
    assert isinstance(look(EXR, negative, tmp_path / "b.exr")[1], Malformed)
    endless = exr()[:8] + attribute("a", "int", b"1234") * 20_000
    assert isinstance(look(EXR, endless, tmp_path / "c.exr")[1], TooLarge)


def dpx(order: str = ">", **fields: bytes) -> bytes:
    places = {"filename": 36, "creator": 160, "project": 260, "copyright": 460, "device": 1556, "user": 2048}
    head = bytearray(2080)
    head[:4] = b"SDPX" if order == ">" else b"XPDS"
    for name, value in fields.items():
        head[places[name] : places[name] + len(value)] = value
    struct.pack_into(order + "I", head, 1920, 0x10203012)
    struct.pack_into(order + "I", head, 4, 2048)
    struct.pack_into(order + "IIIIfIfBBBBHH", head, 772, 4, 2, 0, 0, 0.0, 0, 0.0, 50, 0, 0, 10, 1, 0)
    if "user" in fields:
        struct.pack_into(order + "I", head, 32, 32 + 40)
        head += b"\0\1prompt: a harbour at dawn\0".ljust(40, b"\0")
    return bytes(head)


def whole(kind: str, **changed: int) -> bytes:
    """A header in ones, where only these are said; and 64 bytes of picture behind it."""
    dpx_places = {"at": (4, "I"), "total": (16, "I"), "width": (772, "I"), "height": (776, "I")}
    dpx_places |= {"samples": (800, "B"), "depth": (803, "B"), "packed": (806, "H")}
    cineon_places = {"at": (4, "I"), "total": (20, "I"), "width": (200, "I"), "height": (204, "I")}
    cineon_places |= {"samples": (193, "B"), "depth": (198, "B")}
    places, magic = (dpx_places, b"SDPX") if kind == "dpx" else (cineon_places, b"\x80\x2a\x5f\xd7")
    said = {"at": 2048, "width": 4, "height": 4, "samples": 50 if kind == "dpx" else 3, "depth": 10, "packed": 0}
    data = bytearray(magic + b"\xff" * 2044 + bytes(64))
    for name, value in {**said, **changed}.items():
        if name in places:
            struct.pack_into(">" + places[name][1], data, places[name][0], value)
    return bytes(data)


@pytest.mark.parametrize("kind", ["dpx", "cineon"])
def test_a_film_frame_whose_picture_is_not_there_is_malformed(kind: str) -> None:
    def fault(data: bytes) -> MediaError | None:
        try:
            check_whole(io.BytesIO(data), f"image/x-{kind}", len(data))
        except MediaError as error:
            return error
        return None

    assert fault(whole(kind)) is None
    assert fault(whole(kind, depth=99)) is None  # not known how large it is
    lies = ({"at": 0xFFFFFFFF}, {"at": 0}, {"at": 2112}, {"width": 0xFFFFFFFF}, {"height": 0})
    for lie in (*lies, {"width": 4000, "height": 3000}, {"total": 9000, "depth": 99}):
        assert isinstance(fault(whole(kind, **lie)), Malformed), lie
    assert isinstance(fault(whole(kind)[:-40]), Malformed)
    assert isinstance(fault(whole(kind)[:700]), Malformed)
    assert fault(whole(kind)[:4].ljust(2048, b"\xff")) is not None


@pytest.mark.parametrize("order", [">", "<"])
def test_dpx_words_in_both_orders(tmp_path: Path, order: str) -> None:
    data = dpx(order, creator=b"Grader 1\0\xff\xff", project=b"EP101", copyright=b"\xff" * 200, user=b"TOOL")
    found, fault = look(DPX, data, tmp_path / "a.dpx")
    assert fault is None
    assert pairs(found) == [
        ("creator", "Grader 1"),
        ("project", "EP101"),
        ("user-id", "TOOL"),
        ("timecode", "10:20:30:12"),
        ("user-data", "prompt: a harbour at dawn"),
    ]
    assert found[0].where == "creator @ 160"


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize(
    ("television", "film", "rate"),
    [
        pytest.param(23.976, 24.0, "24000/1001", id="television's"),
        pytest.param(float("nan"), 25.0, "25/1", id="film's"),
        pytest.param(0.0, 1e30, None, id="neither"),
    ],
)
def test_dpx_raster_rate_and_timecode(
    tmp_path: Path, order: str, television: float, film: float, rate: str | None
) -> None:
    head = bytearray(dpx(order))
    struct.pack_into(order + "II", head, 772, 4096, 2160)
    struct.pack_into(order + "f", head, 1940, television)
    struct.pack_into(order + "f", head, 1724, film)
    opened = medium(tmp_path / "a.dpx", bytes(head))
    found, _ = until_fault(DPX.read(opened))
    opened.close()
    assert [one for one in found if isinstance(one, MediaFacts)][-1] == MediaFacts(
        width=4096, height=2160, rate=rate, timecode="10:20:30:12", codecs=("dpx",)
    )


def test_cineon(tmp_path: Path) -> None:
    head = bytearray(1024)
    head[:4] = b"\x80\x2a\x5f\xd7"
    head[824:831] = b"Scanner"
    found, _ = look(DPX, bytes(head), tmp_path / "a.cin")
    assert pairs(found) == [("input-device", "Scanner")]


def layer(name: str, *, wide: bool, group: bool = False, unicode: bool = True) -> bytes:
    text = name.encode("utf-16-be")
    old = name.encode("ascii", "replace")[:31]
    pascal = bytes([len(old)]) + old
    extra = struct.pack(">II", 0, 0) + pascal + b"\0" * (-len(pascal) % 4)
    if group:
        extra += b"8BIMlsct" + struct.pack(">II", 4, 1)
    if unicode:
        block = struct.pack(">I", len(name)) + text
        extra += b"8BIMluni" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    channels = struct.pack(">hQ" if wide else ">hI", 0, 2) * 4
    return (
        struct.pack(">4iH", 0, 0, 1, 1, 4) + channels + b"8BIMnorm" + b"\0" * 4 + struct.pack(">I", len(extra)) + extra
    )


def psd(*layers: bytes, wide: bool = False, deep: bool = False) -> bytes:
    size = ">Q" if wide else ">I"
    info = struct.pack(">h", -len(layers)) + b"".join(layers)
    if deep:
        section = struct.pack(size, 0) + struct.pack(">I", 0)
        section += b"8BIMLr16" + struct.pack(size, len(info)) + info + b"\0" * (-len(info) % 4)
    else:
        section = struct.pack(size, len(info)) + info + struct.pack(">I", 0)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 2 if wide else 1, 3, 1, 1, 16 if deep else 8, 3)
    return head + struct.pack(">II", 0, 0) + struct.pack(size, len(section)) + section + b"\0\0abc"


@pytest.mark.parametrize("wide", [False, True], ids=["psd", "psb"])
@pytest.mark.parametrize("deep", [False, True], ids=["8-bit", "16-bit"])
def test_layer_names(tmp_path: Path, wide: bool, deep: bool) -> None:
    made = [
        layer("Fond ciel é", wide=wide),
        layer("Generative Fill", wide=wide),
        layer("Titles", wide=wide, group=True),
    ]
    made.append(layer("Old name", wide=wide, unicode=False))
    found, fault = look(PSD_LAYERS, psd(*made, wide=wide, deep=deep), tmp_path / "a.psd")
    assert fault is None
    assert [(said.value, said.facts["kind"]) for said in found] == [
        ("Fond ciel é", "layer"),
        ("Generative Fill", "layer"),
        ("Titles", "group"),
        ("Old name", "layer"),
    ]


def test_a_flattened_document_has_no_layers(tmp_path: Path) -> None:
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 1, 1, 8, 3)
    assert look(PSD_LAYERS, head + struct.pack(">III", 0, 0, 0) + b"\0\0abc", tmp_path / "a.psd") == ([], None)


def test_too_many_layers(tmp_path: Path) -> None:
    data = bytearray(psd(layer("a", wide=False)))
    at = data.index(struct.pack(">h", -1), 30)
    struct.pack_into(">h", data, at, -9000)
    assert isinstance(look(PSD_LAYERS, bytes(data), tmp_path / "a.psd")[1], TooLarge)


@pytest.mark.parametrize(
    ("reader", "data", "media_type"),
    [
        (EXR, PLAIN, "image/x-exr"),
        (DPX, dpx(creator=b"x", user=b"y"), "image/x-dpx"),
        (PSD_LAYERS, psd(layer("Generative Fill", wide=False)), "image/vnd.adobe.photoshop"),
        (PSD_LAYERS, psd(layer("Generative Fill", wide=True), wide=True, deep=True), "image/vnd.adobe.photoshop"),
    ],
    ids=["exr", "dpx", "psd", "psb"],
)
def test_spoiled_headers_end(tmp_path: Path, reader: object, data: bytes, media_type: str) -> None:
    for bad in spoiled(data):
        look(reader, bad, tmp_path / "x", media_type)
