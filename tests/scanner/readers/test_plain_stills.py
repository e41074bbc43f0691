"""TGA, Netpbm, Radiance, XPM and BMP state what their headers hold, and are inspected without a statement."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest

from fixtures import marks
from fixtures.blanks import still
from fixtures.formats import rasters
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Examination


def examined(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def stated(seen: Examination) -> list[tuple[str, str, str]]:
    return [(said.reader, said.key, said.value) for said in seen.evidence]


def saved(kind: str, **options: object) -> bytes:
    out = BytesIO()
    still().save(out, kind, **options)
    return out.getvalue()


def test_tga_states_its_extension_area(tmp_path: Path) -> None:
    says = {"author": "A. Painter", "comment": "x" * 200, "job": "EP101 / sh020", "software": "Midjourney"}
    seen = examined(tmp_path / "sky.tga", rasters.tga(still(), says))
    assert {(key, value) for _, key, value in stated(seen)} == set(says.items())
    assert not seen.problems
    (finding,) = Engine(load_rules()).detect(seen.evidence).findings
    assert (finding.claim, finding.tool) == ("generated", "Midjourney")


def test_tga_whose_extension_area_is_not_there_is_malformed(tmp_path: Path) -> None:
    data = saved("TGA")[:-26]
    footer = struct.pack("<II", len(data) + 5000, 0) + b"TRUEVISION-XFILE.\0"
    seen = examined(tmp_path / "sky.tga", data + footer)
    assert [problem.code for problem in seen.problems] == ["malformed"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_packed_tga_without_a_footer_is_a_tga(mode: str, tmp_path: Path) -> None:
    out = BytesIO()
    still().convert(mode).save(out, "TGA", compression="tga_rle")
    seen = examined(tmp_path / "sky.tga", out.getvalue()[:-26])
    assert seen.asset.media_type == "image/x-tga"
    assert not seen.problems


def test_what_only_begins_like_a_packed_tga_is_not_taken_for_one(tmp_path: Path) -> None:
    head = struct.pack("<3B2HB4H2B", 0, 0, 10, 0, 0, 0, 0, 0, 40, 40, 24, 0)
    seen = examined(tmp_path / "blob.bin", head + bytes(range(256)) * 40)
    assert seen.asset.media_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("data", "comments"),
    [
        (b"P6\n# one\n#two\n2 1\n# three\n255\n" + b"#1#2#3", ["one\ntwo", "three"]),
        (b"P3 # one\n1 1\n255\n1 2 3 # late\n", ["one", "late"]),
        (b"P4\n8 1\n#", []),
        (b"P7\n# one\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n# x", ["one"]),
    ],
)
def test_netpbm_states_the_comments_of_its_header_alone(data: bytes, comments: list[str], tmp_path: Path) -> None:
    seen = examined(tmp_path / "plate.ppm", data)
    assert stated(seen) == [("netpbm", "comment", text) for text in comments]


def test_a_generators_settings_in_a_netpbm_comment_are_found(tmp_path: Path) -> None:
    seen = examined(tmp_path / "plate.ppm", rasters.portable(still(), marks.a1111()))
    (finding,) = Engine(load_rules()).detect(seen.evidence).findings
    assert finding.claim == "generated"


def test_radiance_states_its_lines_and_no_measures(tmp_path: Path) -> None:
    says = {"comment": "made by hand\nin two lines", "SOFTWARE": "gegl 0.4", "EXPOSURE": "1.0", "OWNER": "EP101"}
    seen = examined(tmp_path / "sky.hdr", rasters.radiance(still(), says))
    assert stated(seen) == [
        ("radiance", "comment", "made by hand\nin two lines"),
        ("radiance", "SOFTWARE", "gegl 0.4"),
        ("radiance", "OWNER", "EP101"),
    ]
    assert not seen.problems
    rgbe = examined(tmp_path / "rgbe.hdr", rasters.radiance(still(), says).replace(b"#?RADIANCE", b"#?RGBE"))
    assert rgbe.asset.media_type == "image/vnd.radiance"


def test_xpm_states_comments_and_extensions_but_no_pixels(tmp_path: Path) -> None:
    source = rasters.xpm((4, 2), "by hand").replace(b'"4 2 2 1"', b'"4 2 2 1 XPMEXT"').replace(
        b"\n};", b',\n"XPMEXT author A. Painter /* no comment */",\n"XPMENDEXT"\n};\n/* pixels */'
    )  # fmt: skip
    seen = examined(tmp_path / "card.xpm", source)
    assert stated(seen) == [
        ("xpm", "comment", "by hand"),
        ("xpm", "extension/author", "A. Painter /* no comment */"),
    ]


def test_bmp_states_what_lies_behind_its_end(tmp_path: Path) -> None:
    plain = examined(tmp_path / "a.bmp", saved("BMP"))
    assert (plain.evidence, plain.problems) == ((), ())
    seen = examined(tmp_path / "b.bmp", rasters.bmp(still(), "exported by hand"))
    assert stated(seen) == [("bmp", "trailer", "exported by hand")]
