"""`provscan library …` from end to end, on a producer's folder of scans and a log."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click import UsageError
from click.testing import CliRunner, Result
from PIL import Image

from fingerprints.library.library import Library
from fingerprints.library.log import read_log
from fixtures.photos import NAMES, photograph
from media.errors import LibraryError
from media.work.local import default_memory_limit
from media.work.sealed import limit_sealed
from media.work.share import LEAST, Share, share_memory
from scanner.cli.library import library
from scanner.exit_codes import ExitCode


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Scans, a sequence, a document that is no picture, and a log."""
    (tmp_path / "scans").mkdir()
    for name in NAMES:
        photograph(name, (480, 360)).save(tmp_path / "scans" / f"{name}.jpg", quality=90)
    (tmp_path / "scans" / "notes.txt").write_text("not a picture")
    rows = [f"ARC-{number},{name},scans/{name}.jpg,master" for number, name in enumerate(NAMES)]
    (tmp_path / "log.csv").write_text("\n".join(["arc_id,description,file_master,quality", *rows, "ARC-X,,gone.jpg,"]))
    return tmp_path


def _run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(library, [str(argument) for argument in arguments], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert int(result.return_value or 0) == code, result.output
    return result


def test_a_log_becomes_a_library_that_finds_a_reframed_picture(desk: Path) -> None:
    _run("init", desk / "library")
    checked = _run("import", desk / "library", desk / "log.csv", "--check", code=ExitCode.INCOMPLETE)
    assert "row 10: no file" in checked.stderr
    assert checked.stderr.endswith(f"{len(NAMES) + 1} rows: {len(NAMES)} can be added, 1 bad\n")
    done = _run("import", desk / "library", desk / "log.csv", "--jobs", 1, code=ExitCode.INCOMPLETE)
    assert done.stderr.endswith(f"{len(NAMES) + 1} rows: {len(NAMES)} added, 1 bad\n")
    photograph("cat", (480, 270)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(desk / "grab.png")
    found = _run("search", desk / "library", desk / "grab.png", "--pictures", desk / "pairs")
    assert f"ARC-{NAMES.index('cat')}" in found.stdout
    assert "mirrored" in found.stdout
    with Image.open(desk / "pairs" / "001.jpg") as pair:
        assert pair.width > 2 * pair.height
    assert "whole" in _run("verify", desk / "library", "--files").stdout


def test_folders_are_searched_for_pictures_and_sequences(desk: Path) -> None:
    _run("init", desk / "library")
    for number in range(1001, 1010):
        photograph("pavilion", (240, 180), at=(number % 10 / 9, 0.5)).save(desk / "scans" / f"sh010.{number}.png")
    said = _run("add", desk / "library", desk / "scans", "--role", "temp", "--source", "editorial").stderr
    assert f"{len(NAMES) + 1} added" in said
    lines = _run("list", desk / "library", "--format", "jsonl").stdout.splitlines()
    listed = json.loads(_run("list", desk / "library", "--format", "json").stdout)
    assert [json.loads(line) for line in lines] == listed
    assert {one["id"] for one in listed} == {*NAMES, "sh010"}
    assert {one["source"] for one in listed} == {"editorial"}


def test_the_listed_csv_makes_the_same_library(desk: Path) -> None:
    for folder in ("library", "anew"):
        _run("init", desk / folder)
    details = ("--role", "talent", "--title", 'A "cat", sitting', "--valid-until", "2020-01-31", "--id", "T-1",
               "--uses", "festivals", "--territory", "UK, IE")  # fmt: skip
    _run("add", desk / "library", desk / "scans" / "cat.jpg", *details)
    text = _run("list", desk / "library", "--format", "csv").stdout
    (desk / "again.csv").write_text(text)
    _run("import", desk / "anew", desk / "again.csv", "--jobs", 1)
    assert _run("list", desk / "anew", "--format", "csv").stdout == text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["title"], row["uses"], row["territory"]) == ('A "cat", sitting', "festivals", "UK, IE")
    assert "festivals" in _run("show", desk / "anew", "T-1").stdout
    assert "T-1" in _run("list", desk / "library", "--expired").stdout
    assert "T-1" not in _run("list", desk / "library", "--role", "temp").stdout


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "'=odd", "-5", "\x1b[31mred"])
def test_a_listed_title_is_no_formula_and_no_escape_and_comes_back(title: str, desk: Path) -> None:
    _run("init", desk / "library")
    _run("add", desk / "library", desk / "scans" / "cat.jpg", "--role", "temp", "--title", title, "--id", "T-1")
    text = _run("list", desk / "library", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["title"] == (title.replace("\x1b", "\\x1b") if "\x1b" in title else f"'{title}")
    (desk / "again.csv").write_text(text)
    (item,) = read_log(desk / "again.csv").items
    assert item.details.title == title.replace("\x1b", "\\x1b")


def test_what_is_said_of_a_file_that_is_away_can_be_corrected(desk: Path) -> None:
    """Scans go back to the shelf; a licence is renewed all the same."""
    (desk / "scans/cat.jpg").rename(desk / "scans/s.0001.jpg")
    (desk / "log.csv").write_text("id,file,licence\nA,scans/moon.jpg,L-1\nS,scans/s.%04d.jpg,L-1\n")
    _run("init", desk / "library")
    _run("import", desk / "library", desk / "log.csv", "--jobs", 1)
    (desk / "scans").rename(desk / "away")
    (desk / "log.csv").write_text("id,file,licence\nA,scans/moon.jpg,L-2\nS,scans/s.%04d.jpg,L-1\nB,scans/b.jpg,L-2\n")
    done = _run("import", desk / "library", desk / "log.csv", code=ExitCode.INCOMPLETE)
    assert "row 4: no file" in done.stderr
    assert done.stderr.endswith("3 rows: 1 already, 1 updated, 1 bad\n")
    assert "L-2" in _run("show", desk / "library", "A").stdout
    (desk / "log.csv").write_text("id,file,licence\nA,elsewhere/moon.jpg,L-3\n")
    assert "row 2: no file" in _run("import", desk / "library", desk / "log.csv", code=ExitCode.INCOMPLETE).stderr


def test_a_file_that_is_refused_is_a_bad_row(desk: Path) -> None:
    (desk / "scans" / "moon.jpg").write_bytes(b"not a picture")
    (desk / "log.csv").write_text("id,file\nA,scans/cat.jpg\nB,scans/moon.jpg\nC,gone.jpg\n")
    _run("init", desk / "library")
    done = _run("import", desk / "library", desk / "log.csv", code=ExitCode.INCOMPLETE)
    assert done.stderr.endswith("3 rows: 1 added, 2 bad\n")


def test_what_is_shown_counted_removed_and_handed_over(desk: Path) -> None:
    _run("init", desk / "library")
    _run("add", desk / "library", desk / "scans", "--role", "archival")
    shown = _run("show", desk / "library", "cat", "--picture", desk / "small.jpg").stdout
    assert "480 × 360" in shown
    assert "unchanged at its path" in shown
    assert Image.open(desk / "small.jpg").size == (480, 360)
    _run("remove", desk / "library", "cat", "moon")
    _run("export", desk / "library", desk / "out")
    assert f"{len(NAMES) - 2}" in _run("stats", desk / "out").stdout
    _run("init", desk / "other")
    assert f"{len(NAMES) - 2} added" in _run("merge", desk / "other", desk / "out").stderr
    with pytest.raises(LibraryError, match="without pictures"):
        _run("show", desk / "out", "coffee", "--picture", desk / "none.jpg")


def test_what_an_export_keeps_is_for_the_house_to_choose(desk: Path) -> None:
    _run("init", desk / "library")
    _run("add", desk / "library", desk / "scans" / "cat.jpg", "--role", "archival")
    for name, options in (("none", ()), ("pictures", ("--with-pictures",)), ("paths", ("--with-paths",))):
        _run("export", desk / "library", desk / name, *options)
    (files, pictures) = ({}, {})
    for name in ("none", "pictures", "paths"):
        with Library.open(desk / name) as opened:
            (one,) = opened.references()
            files[name], pictures[name] = one.file, opened.thumbnail(one.key_images[0]) is not None
        assert "is whole" in _run("verify", desk / name).stdout
    assert files == {"none": "cat.jpg", "pictures": "cat.jpg", "paths": str(desk / "scans" / "cat.jpg")}
    assert pictures == {"none": False, "pictures": True, "paths": False}


def test_several_libraries_are_merged_once_and_their_differences_listed(desk: Path) -> None:
    for name in ("library", "one", "two"):
        _run("init", desk / name)
    _run("add", desk / "library", desk / "scans" / "cat.jpg", "--role", "archival", "--licence", "L-1")
    _run("add", desk / "one", desk / "scans" / "cat.jpg", "--role", "copyrighted", "--licence", "L-2")
    _run("add", desk / "two", desk / "scans" / "cat.jpg", "--role", "talent", "--id", "FACE")
    merged = _run("merge", desk / "library", desk / "one", desk / "two").stderr
    assert (
        "cat: role archival here, copyrighted there; licence L-1 here, L-2 there: the description here stays" in merged
    )
    assert "FACE is the same content as cat here: both are kept" in merged
    assert merged.endswith("1 added, 1 already present, 0 not added\n")
    listed = {one["id"]: one["role"] for one in json.loads(_run("list", desk / "library", "--format", "json").stdout)}
    assert listed == {"cat": "archival", "FACE": "talent"}
    assert _run("merge", desk / "library", desk / "one", desk / "two").stderr.endswith(
        "0 added, 2 already present, 0 not added\n"
    )
    assert "is whole" in _run("verify", desk / "library").stdout


def test_a_size_of_memory_is_shared_by_workers(desk: Path) -> None:
    assert share_memory(None, 8, 100) == Share(8)
    assert share_memory(LEAST, 8, 100).jobs == 1
    share = share_memory(4 << 30, 8, 100)
    assert share.jobs == 8
    assert share.worker is not None and share.joining is not None  # noqa: PT018
    assert share.jobs * share.worker <= (4 << 30) - (200 << 20)
    _run("init", desk / "library")
    assert "8 added" in _run("add", desk / "library", desk / "scans", "--role", "temp", "--memory", "640M").stderr
    with pytest.raises(UsageError, match="at least 640M"):
        _run("add", desk / "library", desk / "scans", "--role", "temp", "--memory", "64M")
    found = _run("search", desk / "library", desk / "scans/cat.jpg", "--memory", "700M")
    limit_sealed(default_memory_limit())  # for the tests after this one
    assert "temp" in found.stdout


def test_what_looks_the_same_is_told(desk: Path) -> None:
    _run("init", desk / "library")
    photograph("cat", (480, 360)).save(desk / "scans" / "copy.jpg", quality=50)
    said = _run("add", desk / "library", desk / "scans", "--role", "archival").stderr
    assert "copy looks the same as cat" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "nowhere"), "library init"),
        (("add", "nowhere", "log.csv", "--role", "temp"), "no picture"),
        (("show", "library", "X"), "no reference X"),
        (("remove", "library", "X"), "no reference X"),
        (("search", "library", "log.csv"), "cannot be decoded"),
        (("init", "scans"), "not empty"),
        (("import", "library", "scans/notes.txt"), "a log needs columns"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said_with_the_mend(
    desk: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(desk)
    _run("init", "library")
    with pytest.raises(LibraryError, match=said):
        _run(*arguments)
