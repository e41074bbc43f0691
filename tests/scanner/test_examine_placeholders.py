"""A name that promises a medium and a file that holds none: not inspected, whatever it holds instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Examination

PAGE, EVENT = b"<html><body>404</body></html>", b"001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
DRAWING, PROGRAM = b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF-3.0\nshowpage\n%%EOF\n"
SPOKEN = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"
PACKET = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
HASHES = b'<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"/>'
TABLE = bytes(4).join((b"\0\1\0\0\0", b"\0"))


def seen(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path.parent])
    return examine(asset, ExamineSettings())


@pytest.mark.parametrize("name", ["ep.jpg", "ep.mxf", "EP.MOV", "ep.wav", "ep.svg", "ep.eps"])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PAGE, id="page"),
        pytest.param(b"{\\rtf1 hello}", id="RTF"),
        pytest.param(SPOKEN, id="SRT"),
        pytest.param(EVENT, id="EDL"),
        pytest.param(HASHES, id="MHL"),
        pytest.param(b'{"OTIO_SCHEMA": "Timeline.1"}', id="OTIO"),
        pytest.param(b"<tt xmlns='http://www.w3.org/ns/ttml'/>", id="TTML"),
        pytest.param(PACKET, id="XMP"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\n", id="words"),
        pytest.param(TABLE, id="font"),
    ],
)
def test_what_is_no_medium_does_not_pass_as_one(tmp_path: Path, name: str, data: bytes) -> None:
    (problem,) = (one for one in seen(tmp_path / name, data).problems if one.by == "identify")
    assert problem.blocking
    assert problem.message.startswith(f"named {Path(name).suffix.lower()}, but holds ")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("logo.svg", DRAWING, id="SVG"),
        pytest.param("logo.eps", PROGRAM, id="EPS"),
        pytest.param("logo.ai", PROGRAM, id="AI"),
        pytest.param("._ep.mov", b"\0\5\x16\7" + bytes(60), id="what macOS leaves beside a film"),
        pytest.param("page.html", PAGE, id="page"),
        pytest.param("ep.edl", EVENT, id="EDL"),
    ],
)
def test_what_is_called_what_it_is_is_inspected(tmp_path: Path, name: str, data: bytes) -> None:
    assert not seen(tmp_path / name, data).problems
