"""The output folder: outside of media, replaced as a whole or not at all, and no link in it followed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from scanner.model import Record
from scanner.output.staging import Staging
from tests.e2e.conftest import Call

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and locks")
OURS = {"records.jsonl", "summary.json", "report.html", "pictures"}


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "EP"
    (folder / "Artwork").mkdir(parents=True)
    (folder / "Artwork/a.txt").write_text("words")
    return folder


def tree(folder: Path) -> dict[str, bytes | str]:
    """Every file below a folder with its bytes, every link with where it leads."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
    return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("flag", ["--out", "--cache"])
@pytest.mark.parametrize("place", ["EP", "EP/QC", "EP/QC/deep/er", "EP/../EP/QC", "link/QC", "to-root"])
@POSIX
def test_a_folder_inside_a_scanned_root_is_refused(
    flag: str, place: str, call: Call, delivery: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(delivery / "Artwork")
    (tmp_path / "to-root").symlink_to(delivery)
    before = tree(delivery)
    for scanned in (delivery, tmp_path / "to-root"):
        done = call("scan", scanned, flag, tmp_path / place)
        assert (done.code, done.out) == (4, "")
        assert flag in done.err
        assert str(tmp_path / place) in done.err
        assert "nothing is written beside media" in done.err
        assert tree(delivery) == before


def test_a_file_that_is_scanned_has_nothing_written_beside_it(call: Call, delivery: Path) -> None:
    done = call("scan", delivery / "Artwork/a.txt", "--out", delivery / "Artwork/QC")
    assert (done.code, names(delivery / "Artwork")) == (4, {"a.txt"})


def test_sources_are_media_too(call: Call, delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    done = call("scan", delivery, "--sources", tmp_path / "tests", "--out", tmp_path / "tests/out")
    assert (done.code, names(tmp_path / "tests")) == (4, set())


def test_the_usual_cache_inside_a_root_is_refused(call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVSCAN_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(delivery / "cache"))
    done = call("scan", delivery)
    assert done.code == 4
    assert "--cache" in done.err
    assert call("scan", delivery, "--no-cache").code == 0
    assert names(delivery) == {"Artwork"}


@POSIX
@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "with a file of the user"])
def test_links_in_the_folder_are_replaced_and_not_followed(
    is_shared: bool, call: Call, delivery: Path, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    (elsewhere / "folder").mkdir(parents=True)
    for name in OURS - {"pictures"}:
        (elsewhere / name).write_text("precious")
        (out / name).symlink_to(elsewhere / name)
    (out / "pictures").symlink_to(elsewhere / "folder")
    if is_shared:
        (out / "notes.txt").write_text("mine")
    before = tree(elsewhere)
    assert call("scan", delivery, "--out", out).code == 0
    assert tree(elsewhere) == before
    assert not any(path.is_symlink() for path in out.iterdir())
    assert names(out) == OURS | ({"notes.txt"} if is_shared else set())


def test_what_a_run_does_not_write_goes_and_what_is_the_users_stays(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert call("scan", delivery, "--out", out, "--format", "csv").code == 0
    assert names(out) == OURS - {"report.html", "pictures"} | {"report.csv"}
    assert call("scan", delivery, "--out", out).code == 0
    assert names(out) == OURS, "a report of an earlier run stands beside the records of this one"
    (out / "notes.txt").write_text("mine")
    assert call("scan", delivery, "--out", out, "--format", "csv").code == 0
    assert names(out) == OURS - {"report.html", "pictures"} | {"report.csv", "notes.txt"}
    assert (out / "notes.txt").read_text() == "mine"
    monkeypatch.chdir(out)
    assert call("scan", delivery, "--out", ".").code == 0
    assert names(Path()) == OURS | {"notes.txt"}, "the working folder was taken away"


@pytest.mark.parametrize("name", ["report.csv", "summary.json", "pictures/holiday.jpg"])
def test_a_file_of_somebody_else_is_not_replaced(name: str, call: Call, delivery: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "out" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    done = call("scan", delivery, "--out", tmp_path / "out")
    assert done.code == 4
    assert name in done.err
    assert theirs.read_text() == "mine"
    assert names(tmp_path) <= {"EP", "out", "cache"}


def _full(place: str) -> OSError:
    return OSError(errno.ENOSPC, "No space left on device", place)


@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "with a file of the user"])
@pytest.mark.parametrize("where", ["records", "html", "summary", "moving"])
def test_a_full_disk_leaves_the_old_folder_whole_and_nothing_else(
    where: str, is_shared: bool, call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert call("scan", delivery, "--out", out).code == 0
    if is_shared:
        (out / "notes.txt").write_text("mine")
    before = tree(out)
    (delivery / "Artwork/b.txt").write_text("more words")

    def fail(*_: object, **__: object) -> Iterator[str]:
        raise _full("")

    with monkeypatch.context() as patch:
        if where == "records":
            patch.setattr("scanner.output.output.redact_record", fail)
        elif where == "html":
            patch.setattr("scanner.reports.html.HtmlReport.render", fail)
        elif where == "summary":
            patch.setattr("scanner.output.output.json.dumps", fail)
        else:
            patch.setattr(Path, "rename", _fails_at(2))
        done = call("scan", delivery, "--out", out, "--redact")
    assert done.code == 4
    assert "No space left" in done.err
    assert "Traceback" not in done.err
    assert tree(out) == before
    assert names(tmp_path) == {"EP", "out", "cache"}
    assert call("scan", delivery, "--out", out).code == 0
    assert json.loads((out / "summary.json").read_text())["assets"]["found"] == 2


def _fails_at(turn: int) -> Callable[[Path, Path], Path]:
    """`Path.rename`, which fails at one turn."""
    turns, rename = iter(range(1, 1000)), Path.rename

    def renamed(path: Path, target: Path) -> Path:
        if next(turns) == turn:
            raise _full(str(target))
        return rename(path, target)

    return renamed


def test_a_run_that_fails_leaves_no_folder_that_was_not_there(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Record]:
        raise _full("somewhere")

    monkeypatch.setattr("scanner.pipeline.conclude", fail)
    assert call("scan", delivery, "--out", tmp_path / "a/b/out").code == 4
    assert not (tmp_path / "a").exists()


@POSIX
@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "with a file of the user"])
def test_what_a_killed_run_left_is_put_back_and_cleared(
    is_shared: bool, call: Call, delivery: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert call("scan", delivery, "--out", out).code == 0
    if is_shared:
        (out / "notes.txt").write_text("mine")
    before = tree(out)
    # Killed in the midst of the exchange: the old documents are aside, of the new ones some are there.
    code = (
        "import os, pathlib, sys; from scanner.output.staging import Staging\n"
        f"made = Staging(pathlib.Path({str(out)!r}), frozenset({sorted(OURS)!r}))\n"
        "for name in ('records.jsonl', 'report.html', 'summary.json'): (made.folder / name).write_text('new')\n"
        "rename, turns = pathlib.Path.rename, iter(range(99))\n"
        "def renamed(path, target):\n"
        f"    if next(turns) == {5 if is_shared else 1}: os._exit(9)\n"
        "    return rename(path, target)\n"
        "pathlib.Path.rename = renamed\n"
        "made.commit()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert not out.exists() or tree(out) != before
    with Staging(out, frozenset(OURS)) as made:  # the next run, which comes to nothing
        assert made.folder.is_dir()
    assert tree(out) == before
    assert names(tmp_path) == {"EP", "out", "cache"}


@POSIX
def test_two_runs_into_one_folder_leave_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Staging(out, frozenset(OURS)) as one, Staging(out, frozenset(OURS)) as two:
        for made, words in ((one, "one"), (two, "two")):
            for name in ("records.jsonl", "summary.json"):
                (made.folder / name).write_text(f'"provscan/ {words}')
        two.commit()
        one.commit()
    assert {path.read_text() for path in out.iterdir()} == {'"provscan/ one'}
    assert names(tmp_path) == {"out"}


def test_explain_refuses_a_folder_of_several_files_and_says_what_to_run(call: Call, delivery: Path) -> None:
    (delivery / "Artwork/b.txt").write_text("more words")
    done = call("explain", delivery)
    assert (done.code, done.out) == (2, "")
    assert f"provscan scan {delivery}" in done.err
    assert call("explain", delivery / "Artwork/a.txt").code == 0
    refused = call("explain", delivery / "Artwork/a.txt", "--pictures", delivery / "Artwork")
    assert (refused.code, names(delivery / "Artwork")) == (4, {"a.txt", "b.txt"})


@POSIX
def test_a_single_document_is_whole_or_not_there_and_follows_no_link(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("scan", delivery, "--out", tmp_path / "out").code == 0
    records, target, elsewhere = tmp_path / "out/records.jsonl", tmp_path / "a.csv", tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    target.symlink_to(elsewhere)
    assert call("report", records, "--format", "csv", "--out", target).code == 0
    assert elsewhere.read_text() == "precious"
    whole = target.read_bytes()
    assert whole.startswith(b"\xef\xbb\xbf") or b"," in whole

    def fail(*_: object) -> Iterator[str]:
        yield "half"
        raise _full("")

    monkeypatch.setattr("scanner.reports.csv.CsvReport.render", fail)
    done = call("report", records, "--format", "csv", "--out", target)
    assert done.code == 4
    assert "a.csv" in done.err
    assert target.read_bytes() == whole
    assert names(tmp_path) == {"EP", "out", "cache", "a.csv", "elsewhere"}
    assert call("report", records, "--format", "csv", "--out", records).code == 4


@pytest.mark.parametrize(
    "command",
    [
        ("register", "cuesheet", "RECORDS", "--out", "EP/Artwork/cues.csv"),
        ("register", "notice", "RECORDS", "--out", "EP/notice.md"),
        ("register", "notice", "RECORDS", "--out", "link/notice.md"),
    ],
)
@POSIX
def test_sheets_and_notices_are_not_written_into_the_delivery_that_they_are_of(
    command: tuple[str, ...], call: Call, delivery: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(delivery / "Artwork")
    call("scan", delivery, "--out", tmp_path / "out", "--matching", "off")
    before = tree(delivery)
    *words, out = command
    done = call(*(tmp_path / "out/records.jsonl" if word == "RECORDS" else word for word in words), tmp_path / out)
    assert done.code == 4
    assert "nothing is written beside media" in done.err
    assert tree(delivery) == before


def test_nor_into_one_that_is_known_by_its_packing_list(call: Call, delivery: Path, tmp_path: Path) -> None:
    (delivery / "ASSETMAP.xml").write_text("<AssetMap/>")
    (tmp_path / "planned.csv").write_text(
        "entry_id,status,tool,use_case,generated_or_altered\n1,planned,T,other,generated\n"
    )
    before = tree(delivery)
    told = (
        ("template", delivery / "uses.csv"),
        ("triage", tmp_path / "planned.csv", "--out", delivery / "Artwork/a.md"),
    )
    for words in told:
        done = call("register", *words)
        assert (done.code, tree(delivery)) == (4, before)
        assert "ASSETMAP.xml" in done.err
    assert call("register", "template", tmp_path / "uses.csv").code == 0


def test_pictures_that_are_lost_are_counted_in_the_report(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PngInfo()
    text.add_text("parameters", "a lake\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: sd15")
    Image.new("RGB", (64, 64), "navy").save(delivery / "Artwork/lake.png", pnginfo=text)

    def fail(_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("scanner.reports.pictures.drawing.thumbnail", fail)
    done = call("scan", delivery, "--out", tmp_path / "out")
    said = "1 picture of this report could not be drawn"
    assert said in (tmp_path / "out/report.html").read_text("utf-8")
    assert said in " ".join((done.out + done.err).split())
