"""Pictures inside documents, icons and BMPs: what they state, and what the document is because of it."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.blanks import blank, still
from fixtures.c2pa_ca import AI, action, actions
from fixtures.credentials import signed
from fixtures.formats import documents, jpeg, png, rasters, xmp
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Examination, Finding
from scanner.readers import embedded

NOVEL = png.insert(blank(".png"), png.plain("Software", "NovelAI"))
CAMERA = {"Iptc4xmpExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"}
PHOTO = jpeg.insert(blank(".jpg"), jpeg.xmp_segment(xmp.packet(CAMERA)))


def examined(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def findings(seen: Examination) -> tuple[Finding, ...]:
    return Engine(load_rules()).detect(seen.evidence).findings


def word(**pictures: bytes) -> bytes:
    return documents.word(
        ("Moodboard",), {}, pictures={name.replace("_", "."): data for name, data in pictures.items()}
    )


def test_document_contains_what_its_pictures_state(tmp_path: Path) -> None:
    seen = examined(tmp_path / "board.docx", word(a_png=blank(".png"), b_png=NOVEL, c_jpg=PHOTO))
    assert not seen.problems
    assert [said.value for said in seen.evidence if said.reader == "embedded"] == [
        "word/media/b.png",
        "word/media/c.jpg",
    ]
    (finding,) = findings(seen)
    assert (finding.claim, finding.tool) == (Claim.CONTAINS, "NovelAI")
    assert "word/media/b.png" in finding.text


def test_each_picture_is_a_cause_of_its_own(tmp_path: Path) -> None:
    made = signed(blank(".jpg"), ".jpg", actions(action("c2pa.created", AI), generator="fixture"))
    seen = examined(tmp_path / "board.docx", word(a_png=NOVEL, b_jpg=made))
    assert [finding.claim for finding in findings(seen)] == [Claim.CONTAINS, Claim.CONTAINS]


@pytest.mark.parametrize("suffix", [".odt", ".epub"])
def test_open_documents_and_books_are_looked_into(suffix: str, tmp_path: Path) -> None:
    kind = {".odt": "application/vnd.oasis.opendocument.text", ".epub": "application/epub+zip"}[suffix]
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("Pictures/1.png", NOVEL)
    seen = examined(tmp_path / f"board{suffix}", out.getvalue())
    assert [finding.claim for finding in findings(seen)] == [Claim.CONTAINS]


def test_icon_is_what_its_pngs_state(tmp_path: Path) -> None:
    plain = rasters.icon([(64, png.png(still(size=(64, 64))))])
    seen = examined(tmp_path / "plain.ico", plain)
    assert (seen.evidence, seen.problems) == ((), ())
    seen = examined(tmp_path / "made.ico", rasters.icon([(32, png.png(still(size=(32, 32)))), (96, NOVEL)]))
    (finding,) = findings(seen)
    assert (finding.claim, finding.tool) == (Claim.GENERATED, "NovelAI")


def test_bmp_is_what_the_picture_that_it_wraps_states(tmp_path: Path) -> None:
    head = struct.pack("<IiiHHIIiiII", 40, 96, 64, 1, 0, 5, len(NOVEL), 0, 0, 0, 0)
    data = b"BM" + struct.pack("<IHHI", 54 + len(NOVEL), 0, 0, 54) + head + NOVEL
    assert [finding.claim for finding in findings(examined(tmp_path / "a.bmp", data))] == [Claim.GENERATED]


def test_damaged_picture_costs_no_other_and_is_named(tmp_path: Path) -> None:
    seen = examined(tmp_path / "board.docx", word(a_png=NOVEL[:-900], b_png=NOVEL))
    assert [finding.claim for finding in findings(seen)][:1] == [Claim.CONTAINS]
    (problem,) = seen.problems
    assert problem.blocking
    assert "word/media/a.png" in problem.message


def test_more_pictures_than_are_read_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_MAX_PICTURES", 2)
    pictures = {f"p{number}_png": NOVEL for number in range(3)}
    seen = examined(tmp_path / "board.docx", word(**pictures))
    assert [problem.code for problem in seen.problems] == ["too-large"]
