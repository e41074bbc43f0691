import struct
from io import BytesIO

import pytest

from media.identify import KINDS, identify
from media.identify.elementary import elementary
from tests.scanner.timebased import box, partition

MP3 = b"\xff\xfb\x90\x00" + bytes(413)
MP2_LAYER_2 = b"\xff\xfd\xa4\x00" + bytes(572)
ADTS = b"\xff\xf1\x50\x80" + struct.pack(">I", (40 << 13) | 0x1FFC)[1:] + bytes(33)
AC3 = b"\x0b\x77\x00\x00\x1c\x40" + bytes(2 * 768 - 6)
EAC3 = b"\x0b\x77\x00\x4f\x00\x80" + bytes(154)
TS = b"\x47" + bytes(187)
ID3 = b"ID3\4\0\0\0\0\0\x0a" + bytes(10)
ID3_WITH_FOOTER = b"ID3\4\0\x10\0\0\0\x0a" + bytes(10) + b"3DI\4\0\x10\0\0\0\x0a"


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(MP3 * 3, "audio/mpeg", id="MP3"),
        pytest.param(MP3, "audio/mpeg", id="one MP3 frame"),
        pytest.param(MP2_LAYER_2 * 2, "audio/mpeg", id="MPEG layer 2"),
        pytest.param(ADTS * 3, "audio/aac", id="ADTS"),
        pytest.param(AC3 * 2, "audio/ac3", id="AC-3"),
        pytest.param(EAC3 * 2, "audio/ac3", id="E-AC-3"),
        pytest.param(TS * 6, "video/mp2t", id="transport stream"),
        pytest.param((bytes(4) + TS) * 6, "video/mp2t", id="M2TS"),
        pytest.param(b"\0\0\0\1\x67\x64\0\x1f" + bytes(50), "video/h264", id="H.264"),
        pytest.param(b"\0\0\0\1\x40\x01\x0c\x01" + bytes(50), "video/hevc", id="H.265"),
        pytest.param(ID3 + MP3 * 2, "audio/mpeg", id="MP3 behind ID3"),
        pytest.param(ID3 + ADTS * 3, "audio/aac", id="AAC behind ID3"),
        pytest.param(ID3 + b"fLaC" + bytes(40), "audio/flac", id="FLAC behind ID3"),
        pytest.param(ID3 * 2 + b"fLaC" + bytes(40), "audio/flac", id="FLAC after two ID3 tags"),
        pytest.param(ID3_WITH_FOOTER + b"fLaC" + bytes(40), "audio/flac", id="FLAC after ID3 with a footer"),
        pytest.param(ID3 + b"MP+\x07" + bytes(40), "audio/x-musepack", id="Musepack behind ID3"),
        pytest.param(box("ftyp", b"M4A \0\0\0\0M4A mp42"), "audio/mp4", id="M4A"),
        pytest.param(box("ftyp", b"qt  \0\0\0\0qt  "), "video/quicktime", id="QuickTime"),
        pytest.param(box("ftyp", b"isom\0\0\0\0isomavc1"), "video/mp4", id="MP4"),
        pytest.param(box("wide") + box("mdat", bytes(20)), "video/quicktime", id="QuickTime without ftyp"),
        pytest.param(box("styp", b"msdh\0\0\0\0msdh"), "video/iso.segment", id="segment"),
        pytest.param(partition(2, b""), "application/mxf", id="MXF"),
        pytest.param(bytes(range(256)) * 100 + partition(2, b""), "application/mxf", id="MXF behind a run-in"),
        pytest.param(b"RF64\xff\xff\xff\xffWAVEds64" + bytes(40), "audio/wav", id="RF64"),
        pytest.param(b"BW64\xff\xff\xff\xffWAVEds64" + bytes(40), "audio/wav", id="BW64"),
        pytest.param(b"caff\0\1\0\0desc" + bytes(40), "audio/x-caf", id="CAF"),
        pytest.param(b"\0\xff\xfe" * 41 + MP3 * 5, "audio/mpeg", id="MP3 cut out of a stream"),
        pytest.param(bytes(300) + ADTS * 5, "audio/aac", id="AAC behind junk"),
        pytest.param(bytes(3) + MP3 * 3, "application/octet-stream", id="three frames behind junk are not enough"),
        pytest.param(b"\xff\xfb\x90\x00" + bytes(2000), "application/octet-stream", id="one sync word is chance"),
        pytest.param(b"\xff\xf1\x50\x80" + bytes(2000), "application/octet-stream", id="one ADTS sync is chance"),
        pytest.param(b"ID3\4", "application/octet-stream", id="an ID3 header cut short"),
    ],
)
def test_by_content(raw: bytes, want: str) -> None:
    found = identify(BytesIO(raw), "a", len(raw))
    if want != "application/octet-stream":
        assert found.media_type == want
    else:
        assert not found.media_type.startswith(("audio/", "video/"))
    assert found.kind is KINDS[found.media_type]


def test_every_beginning_is_answered() -> None:
    for raw in (MP3 * 2, ADTS * 2, AC3, EAC3 * 2, TS * 6, ID3 + MP3):
        for end in range(40):
            elementary(raw[:end], end)
            identify(BytesIO(raw[:end]), "a", end)
