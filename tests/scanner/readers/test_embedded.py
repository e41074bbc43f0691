"""Pictures inside documents, icons and BMPs: what they state, and what the document is because of it."""

from __future__ import annotations

import random
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from fixtures.blanks import blank, still
from fixtures.c2pa_ca import AI, action, actions
from fixtures.credentials import signed
from fixtures.formats import documents, jpeg, ole, png, rasters, xmp
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


def _blip(picture: bytes, instance: int, kind: int, uids: int = 1) -> bytes:
    body = bytes(range(16)) * uids + b"\xff" + picture
    return struct.pack("<HHI", instance << 4, kind, len(body)) + body


def _workbook(drawings: bytes) -> bytes:
    """Records of at most 8,224 bytes, the first of drawings and the rest of what continues it."""
    pieces = [drawings[at : at + 8224] for at in range(0, len(drawings), 8224)]
    head = struct.pack("<HH", 0x0809, 16) + bytes(16)
    kinds = (0x00EB, *(0x003C for _ in pieces[1:]))
    return head + b"".join(
        struct.pack("<HH", kind, len(piece)) + piece for kind, piece in zip(kinds, pieces, strict=True)
    )


BIG = png.insert(
    png.png(Image.frombytes("RGB", (96, 96), random.Random(1).randbytes(96 * 96 * 3))), png.plain("Software", "NovelAI")
)


@pytest.mark.parametrize(
    ("name", "streams"),
    [
        (
            "board.ppt",
            {"PowerPoint Document": b"?", "Pictures": _blip(PHOTO, 0x46A, 0xF01D) + _blip(NOVEL, 0x6E1, 0xF01E, 2)},
        ),
        ("board.doc", {"WordDocument": b"\xec\xa5", "Data": bytes(100) + _blip(NOVEL, 0x6E0, 0xF01E)}),
        ("drawn.doc", {"WordDocument": b"\xec\xa5" + bytes(600) + _blip(NOVEL, 0x6E0, 0xF01E)}),
        ("board.xls", {"Workbook": _workbook(bytes(60) + _blip(BIG, 0x6E0, 0xF01E))}),
    ],
)
def test_old_documents_contain_what_their_pictures_state(name: str, streams: dict[str, bytes], tmp_path: Path) -> None:
    says = {"\x05SummaryInformation": ole.property_set(((ole.SUMMARY, {2: "Board"}, {}),))}
    seen = examined(tmp_path / name, ole.compound({**says, **streams}))
    assert not seen.problems
    (finding,) = findings(seen)
    assert (finding.claim, finding.tool) == (Claim.CONTAINS, "NovelAI")
    assert f"{next(reversed(streams))} @ " in finding.text


@pytest.mark.parametrize(
    "streams",
    [
        {"WordDocument": b"\xec\xa5" + bytes(9) + b"\x01"},
        {"PowerPoint Document": b"?", "EncryptedSummary": b"?"},
        {"Workbook": struct.pack("<HH", 0x0809, 16) + bytes(16) + struct.pack("<HH", 0x2F, 4) + bytes(4)},
    ],
)
def test_old_documents_behind_a_password_are_not_inspected(streams: dict[str, bytes], tmp_path: Path) -> None:
    says = {"\x05SummaryInformation": ole.property_set(((ole.SUMMARY, {2: "Board"}, {}),))}
    (problem,) = examined(tmp_path / "board.doc", ole.compound({**says, **streams})).problems
    assert problem.blocking
    assert "password" in problem.message


def test_objects_of_other_programs_are_reported_as_not_read(tmp_path: Path) -> None:
    says = {"\x05SummaryInformation": ole.property_set(((ole.SUMMARY, {2: "Board"}, {}),))}
    seen = examined(tmp_path / "board.doc", ole.compound({**says, "MBD0001": b"object"}))
    (problem,) = seen.problems
    assert not problem.blocking
    assert "objects of other programs inside it (MBD0001) were not read" in problem.message


def test_damaged_picture_costs_no_other_and_is_named(tmp_path: Path) -> None:
    seen = examined(tmp_path / "board.docx", word(a_png=NOVEL[:-900], b_png=NOVEL))
    assert [finding.claim for finding in findings(seen)][:1] == [Claim.CONTAINS]
    (problem,) = seen.problems
    assert problem.blocking
    assert "word/media/a.png" in problem.message


def test_more_pictures_than_are_read_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_MAX_FILES", 2)
    pictures = {f"p{number}_png": NOVEL for number in range(3)}
    seen = examined(tmp_path / "board.docx", word(**pictures))
    assert [problem.code for problem in seen.problems] == ["too-large"]
