"""File names are bytes that strangers chose: they survive into records and back, and do nothing on the way."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from fixtures.photos import photograph
from scanner.records.records import read_records
from tests.e2e.conftest import Call
from tests.e2e.demo import FORMATS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names are bytes only on POSIX")

NAMES = (
    b"two words.png",
    b" leading and trailing .png",
    b"new\nline.png",
    b"carriage\rreturn.png",
    b"tab\tstop.png",
    b"=1+1.png",
    b"@SUM(A1).png",
    b"-rf.png",
    b"%04d.png",
    b"percent%.png",
    b"[red]markup[bold].png",
    b"<script>alert(1)<script>.png",
    b"quote\"and'quote.png",
    b"back\\slash.png",
    b"\x1b[31mred\x1b[0m.png",
    b"\x07bell.png",
    "\u202egnp.exe".encode(),
    "\u200binvisible.png".encode(),
    "ab\u0301c.png".encode(),
    "新しい.png".encode(),
    "😀.png".encode(),
    b"x" * 251 + b".png",
)
ODD_BYTES = (b"\xff\xfe.png", b"caf\xe9.png", b"half\xc3.png")
"""No UTF-8; file systems of macOS refuse them."""
ACTING = ("\x1b", "\x07", "\u202e", "\u200b", "\r")


@pytest.fixture
def folder(tmp_path: Path, house: Path) -> Path:
    """One AI-made picture under each name."""
    root = os.fsencode(tmp_path / "EP/Loose")
    os.makedirs(root)  # noqa: PTH103 - names are bytes here
    names = NAMES if sys.platform == "darwin" else NAMES + ODD_BYTES
    for name in names:
        shutil.copyfile(house / "07_Ideation/concept_01.png", root + b"/" + name)
    return tmp_path / "EP"


def test_names_survive_into_records_and_back(call: Call, folder: Path, tmp_path: Path) -> None:
    formats = [word for name in FORMATS for word in ("--format", name)]
    done = call("scan", folder, "--out", tmp_path / "out", *formats)
    assert done.code == 1
    there = {os.fsencode(path.relative_to(folder)) for path in folder.rglob("*.png")} | {
        os.fsencode(path.relative_to(folder)) for path in folder.rglob("*.exe")
    }
    assert {
        os.fsencode(record.examination.asset.path) for record in read_records(tmp_path / "out/records.jsonl")
    } == there
    judged = call("judge", tmp_path / "out/records.jsonl", "--out", tmp_path / "judged")
    assert judged.code == 1
    assert (tmp_path / "judged/records.jsonl").read_bytes() == (tmp_path / "out/records.jsonl").read_bytes()
    assert not any(sign in done.out for sign in ACTING)
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert not any(sign in page for sign in ACTING)
    table = (tmp_path / "out/report.csv").read_text("utf-8-sig")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(table)) for cell in row)
    assert len(json.loads((tmp_path / "out/report.json").read_text("ascii"))["records"]) == len(there)


def test_a_file_of_any_name_can_be_explained(call: Call, folder: Path) -> None:
    for path in sorted((folder / "Loose").iterdir()):
        done = call("explain", path)
        assert done.code == 0, done.err
        assert "Midjourney" in done.out
        assert not any(sign in done.out for sign in ACTING)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems refuse such names")
@pytest.mark.parametrize(
    "name", [ODD_BYTES[0], *(pytest.param(name, marks=pytest.mark.thorough) for name in ODD_BYTES[1:])]
)
def test_a_reference_may_have_any_name(call: Call, tmp_path: Path, name: bytes) -> None:
    """Temporary material, and what a library holds: found, and told by its name."""
    root, library = tmp_path / "EP", tmp_path / "LIB"
    for folder in ("Masters", "Temp"):
        (root / folder).mkdir(parents=True)
    photograph("rocket", (480, 320)).save(root / "Masters/key.jpg")
    still = Path(os.fsdecode(os.fsencode(root / "Temp") + b"/" + name))
    with still.open("wb") as file:
        photograph("rocket", (480, 320)).save(file, "PNG")
    assert call("library", "init", library).code == 0
    assert call("library", "add", library, still, "--role", "temp").code == 0
    listed = call("library", "list", library, "--format", "csv")
    assert (listed.code, len(listed.out.splitlines())) == (0, 2)
    out = tmp_path / "out"
    assert call("scan", root, "--library", library, "--out", out).code == 1
    record = next(one for one in read_records(out / "records.jsonl") if one.examination.asset.path == "Masters/key.jpg")
    assert sorted(match.reference for match in record.matches) == sorted([still.stem, f"EP/Temp/{still.name}"])
    assert call("library", "verify", library).code == 0
    copy = tmp_path / "COPY"
    assert call("library", "export", library, copy).code == 0
