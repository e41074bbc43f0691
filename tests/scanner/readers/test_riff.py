import struct
from pathlib import Path

import pytest

from media.errors import Malformed
from scanner.readers.riff import RIFF
from tests.scanner.timebased import FMT, Counting, bext, chunk, chunks, opened, said, survives, wav

IXML = (
    b"<?xml version='1.0' encoding='UTF-8'?><BWFXML><PROJECT>Pilot</PROJECT><TRACK_LIST><TRACK><NAME>Boom</NAME>"
    b"<CHANNEL_INDEX>1</CHANNEL_INDEX></TRACK></TRACK_LIST></BWFXML>"
)
ENTITIES = (
    b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'><!ENTITY y 'yyyy'>]><a><b>&x;</b><c>&y;&y;</c><d>ok</d></a>"
)


@pytest.mark.parametrize(
    ("part", "want"),
    [
        pytest.param(chunks(b"INFO", chunk(b"ICMT", b"made by\0")), {"INFO/ICMT": "made by"}, id="INFO"),
        pytest.param(chunks(b"INFO", chunk(b"ICMT", b"caf\xe9")), {"INFO/ICMT": "café"}, id="Latin-1"),
        pytest.param(chunks(b"INFO", chunk(b"AIGC", b'{"Label":"1"}')), {"INFO/AIGC": '{"Label":"1"}'}, id="INFO AIGC"),
        pytest.param(chunk(b"AIGC", b'{"Label":"1"}'), {"AIGC": '{"Label":"1"}'}, id="AIGC chunk"),
        pytest.param(
            bext(b"ZOOM F8\0junk", b"scene 1", b"A=PCM,F=48000\r\n"),
            {
                "bext/Description": "scene 1",
                "bext/Originator": "ZOOM F8",
                "bext/OriginationDate": "2026-01-02",
                "bext/OriginationTime": "03:04:05",
                "bext/CodingHistory": "A=PCM,F=48000",
            },
            id="broadcast extension",
        ),
        pytest.param(
            chunk(b"iXML", IXML + b"\0\0"), {"iXML/PROJECT": "Pilot", "iXML/TRACK_LIST/TRACK/NAME": "Boom"}, id="iXML"
        ),
        pytest.param(
            chunk(b"iXML", IXML + b"rubbish"),
            {"iXML/PROJECT": "Pilot", "iXML/TRACK_LIST/TRACK/NAME": "Boom"},
            id="iXML and rubbish",
        ),
        pytest.param(
            chunk(b"axml", b'<e:a xmlns:e="u"><e:b typeLabel="Bed"/></e:a>'), {"axml/b/@typeLabel": "Bed"}, id="ADM"
        ),
        pytest.param(chunk(b"axml", ENTITIES), {"axml/d": "ok"}, id="entities are not resolved"),
        pytest.param(chunks(b"adtl", chunk(b"labl", b"\1\0\0\0Take 3\0")), {"adtl/labl": "Take 3"}, id="label"),
        pytest.param(chunk(b"id3 ", b"ID3..text") + chunk(b"data", b"words in sound"), {}, id="not its own"),
    ],
)
def test_says(tmp_path: Path, part: bytes, want: dict[str, str]) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(FMT, part, chunk(b"data", bytes(10))))
    assert said(RIFF, path) == want


def test_aiff(tmp_path: Path) -> None:
    path = tmp_path / "a.aif"
    body = b"AIFF" + chunk(b"COMM", bytes(18), ">") + chunk(b"ANNO", b"by hand", ">") + chunk(b"(c) ", b"me", ">")
    path.write_bytes(b"FORM" + struct.pack(">I", len(body)) + body)
    assert said(RIFF, path) == {"ANNO": "by hand", "(c) ": "me"}


@pytest.mark.parametrize("part", [chunk(b"bext", bytes(100)), chunk(b"iXML", b"\x01\x02 no xml")])
def test_a_broken_chunk_does_not_silence_the_next(tmp_path: Path, part: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(FMT, part, chunk(b"AIGC", b"{}a")))
    found = []
    with pytest.raises(Malformed):
        found.extend(evidence.key for evidence in RIFF.read(opened(path)))
    found = [evidence.key for evidence in survives(RIFF, path)]
    assert found == ["AIGC"]


def test_deep_and_wide_xml_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(
        wav(FMT, chunk(b"axml", b"<a>" * 50_000), chunk(b"iXML", b"<a>" + b"<b>word</b>" * 50_000 + b"</a>"))
    )
    assert len(survives(RIFF, path)) <= 400


def test_five_gigabytes_before_the_label(tmp_path: Path) -> None:
    path, size = tmp_path / "a.wav", 5 << 30
    with path.open("wb") as file:
        ds64 = chunk(b"ds64", struct.pack("<QQQI", size + 200, size, size // 2, 0))
        file.write(b"RF64\xff\xff\xff\xffWAVE" + ds64 + FMT + b"data\xff\xff\xff\xff")
        file.seek(size, 1)
        file.write(chunk(b"AIGC", b'{"Label":"1"}'))
    medium = opened(path)
    counting = Counting(medium.file)
    medium._file = counting  # type: ignore[assignment]
    assert [evidence.key for evidence in RIFF.read(medium)] == ["AIGC"]
    assert counting.count < 4096


def test_every_flip_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    raw = wav(FMT, chunk(b"iXML", IXML), chunks(b"INFO", chunk(b"ICMT", b"x")))
    for at in range(12, len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x81]) + raw[at + 1 :])
        assert len(survives(RIFF, path)) < 10
