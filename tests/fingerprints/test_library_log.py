"""Archival logs: columns by many names, every row checked, bad ones by number."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from fingerprints.library.log import read_log
from fingerprints.model import Details
from fingerprints.vocabulary import Quality, Role
from media import tables
from media.errors import LibraryError

HEADINGS = (
    "ARC ID,Description,Source/Archive,Source Item ID,file_master,file_screener,Quality,Licence Ref,licence_status,"
    "AI terms,Licence End,Media,Territory/Term,fact_checked_by"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.tif", "b.jpg", "sh.1001.dpx", "sh.1002.dpx", "sh.10000.dpx"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def _log(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "log.csv") -> Path:
    (path := folder / name).write_bytes("\r\n".join(lines).encode(encoding))
    return path


def test_an_archival_log_is_read_in_full(folder: Path) -> None:
    line = 'ARC-1,"Crowd, 1968",Getty,514,a.tif,,Master,L-77,licensed,no training,2031-12-31,"SVOD, festivals",UK / 5 years,someone'
    log = read_log(_log(folder, HEADINGS, line))
    (item,) = log.items
    assert item.details == Details(
        id="ARC-1",
        role=Role.ARCHIVAL,
        title="Crowd, 1968",
        source="Getty · 514",
        rights="licensed",
        licence="L-77",
        ai_terms="no training",
        quality=Quality.MASTER,
        valid_until="2031-12-31",
        uses="SVOD, festivals",
        territory="UK / 5 years",
    )
    assert item.files == (folder / "a.tif",)
    assert (item.row, log.bad, log.unread) == (2, (), ("fact_checked_by",))


@pytest.mark.parametrize(
    ("columns", "line", "quality"),
    [
        ("id,file", "1,a.tif", Quality.SCAN),
        ("id,file_master", "1,a.tif", Quality.MASTER),
        ("id,file_screener", "1,a.tif", Quality.PREVIEW),
        ("id,file_master,file_screener", "1,,b.jpg", Quality.PREVIEW),
        ("id,file,quality", "1,a.tif,watermarked", Quality.WATERMARKED),
        ("id,file_screener,quality", "1,a.tif,SCAN", Quality.SCAN),
    ],
)
def test_quality_is_what_the_row_says_or_what_its_file_is(
    folder: Path, columns: str, line: str, quality: Quality
) -> None:
    (item,) = read_log(_log(folder, columns, line)).items
    assert item.details.quality is quality


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",no id,a.tif,,,", "no id"),
        ("A,,,,,", "no file"),
        ("A,,gone.tif,,,", "no file"),
        ("A,,a.tif,great,,", "'great' is no quality"),
        ("A,,a.tif,,31.12.2031,", "is not a date; write 2031-12-31"),
        ("A,,a.tif,,,zz", "is no SHA-256"),
        ("FIRST,,a.tif,,,", "already used in row 2"),
        ("A,,sh.%04d.exr,,,", "no frames"),
        (f"A,,{'a' * 300}.tif,,,", "cannot be read"),
    ],
)
def test_bad_rows_are_told_by_number_and_the_others_are_read(folder: Path, line: str, said: str) -> None:
    log = read_log(_log(folder, "id,title,file,quality,expires,sha256", "FIRST,,b.jpg,,,", "", line, "LAST,,b.jpg,,,"))
    assert [item.details.id for item in log.items] == ["FIRST", "LAST"]
    ((number, message),) = [(bad.number, bad.message) for bad in log.bad]
    assert number in (3, 4)
    assert said in message


@pytest.mark.parametrize("pattern", ["sh.%04d.dpx", "sh.####.dpx"])
def test_frames_are_listed_in_the_order_of_their_numbers(folder: Path, pattern: str) -> None:
    (item,) = read_log(_log(folder, "id,file", f"SH,{pattern}")).items
    assert [path.name for path in item.files] == ["sh.1001.dpx", "sh.1002.dpx", "sh.10000.dpx"]


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-8", "\t")]
)
def test_what_spreadsheets_export_is_read(folder: Path, encoding: str, separator: str) -> None:
    lines = [separator.join(("id", "title", "file")), separator.join(("A", "Café Müller", "a.tif"))]
    (item,) = read_log(_log(folder, *lines, encoding=encoding)).items
    assert item.details.title == "Café Müller"


def test_a_workbook_is_read_with_its_dates_and_numbers(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "file", "valid until", None, "title"])
    sheet.append([14, "a.tif", datetime.datetime(2031, 12, 31), None, "Crowd"])
    sheet.append([None] * 5)
    sheet.append([15.5, "nowhere.tif", None, None, None])
    book.save(path := folder / "log.xlsx")
    log = read_log(path)
    (item,) = log.items
    assert (item.details.id, item.details.valid_until, item.details.title) == ("14", "2031-12-31", "Crowd")
    assert [(bad.number, bad.message.split()[:2]) for bad in log.bad] == [(4, ["no", "file"])]


def test_files_may_lie_elsewhere(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    log = _log(tmp_path_factory.mktemp("log"), "id,file", "A,a.tif")
    assert [bad.number for bad in read_log(log).bad] == [2]
    assert len(read_log(log, root=folder, role=Role.TALENT).items) == 1


@pytest.mark.parametrize("headings", ["", "title,notes", "id,title", "file,title"])
def test_a_log_without_ids_or_files_is_refused_with_what_it_has(folder: Path, headings: str) -> None:
    with pytest.raises(LibraryError, match="a log needs columns for an id"):
        read_log(_log(folder, headings, "a,b"))


def _zip(**entries: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    "made",
    [lambda: b"", lambda: b"PK\3\4 cut short", lambda: _zip(a=b"x"), lambda: _zip(bomb=bytes(9_000_000))],
    ids=["empty", "cut", "no workbook", "bomb"],
)
def test_hostile_workbooks_are_refused(
    folder: Path, made: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED", 8_000_000)
    (path := folder / "log.xlsx").write_bytes(made())
    with pytest.raises(LibraryError):
        read_log(path)
