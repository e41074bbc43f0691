"""The Python interface, used by programs as docs/python.md shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

import scanner
from media.errors import RunError
from scanner.config import Config
from scanner.interface import ScanSettings
from tests.e2e.process import environment
from tests.e2e.test_examples import INFORMED, made, plain
from tests.house.test_pages import blocks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a delivery and a register."""
    made(tmp_path / "EP101/Artwork/keyart.png")
    plain(tmp_path / "EP101/Graphics/plate.png")
    row = {**INFORMED, "asset_glob": "Artwork/keyart.png"}
    (tmp_path / "uses.csv").write_text("\n".join(";".join(line) for line in (row.keys(), row.values())), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scan(**settings: object) -> scanner.Run:
    return scanner.scan("EP101", executor="serial", **settings)  # type: ignore[arg-type]


@pytest.mark.thorough
def test_the_page_runs_as_one_program(folder: Path) -> None:
    program = "\n".join(block.text for block in blocks("python.md") if block.language == "python")
    (folder / "program.py").write_text(program, "utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, env=environment({}), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, *rest = done.stdout.splitlines()
    assert first == "issue 0 1"
    assert rest[rest.index("2") + 1] == "Artwork/keyart.png"
    assert "Judging: 2 of 2" in rest
    assert rest[-1] == "1 4"


def test_importing_it_loads_nothing_that_is_slow() -> None:
    code = "import sys, scanner; dir(scanner); print([name for name in ('numpy', 'cv2', 'click', 'media') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_worker_loads_neither_decoders_nor_text_recognition_before_it_needs_them() -> None:
    slow = ("av", "cv2", "onnxruntime", "rapidocr", "fingerprints.marks.lexicon")
    code = f"import sys, scanner.examine.inspection; print([name for name in {slow} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_name_of_it_is_there_and_no_other() -> None:
    assert all(getattr(scanner, name) is not None for name in scanner.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = scanner.nothing


def test_every_setting_can_be_given() -> None:
    assert set(ScanSettings.__annotations__) == {field.name for field in fields(Config)}


def test_it_is_silent_and_leaves_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(folder / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cached"))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    (folder / "temporary").mkdir()
    import_module("cv2")  # it sets a variable of its own when it is loaded
    before, variables = sorted(folder.rglob("*")), dict(os.environ)
    with scan(policy=["netflix-2025"]) as run:
        assert len(list(run.records())) == len(list(run.records())) == 2
        assert list((folder / "temporary").iterdir()), "the records, until they are closed"
    assert sorted(folder.rglob("*")) == before
    assert dict(os.environ) == variables
    assert capfd.readouterr() == ("", "")


def test_settings_come_from_what_is_named_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVSCAN_POLICY", "netflix-2025")
    (folder / "provscan.toml").write_text('policy = ["netflix-2025"]\ngenre = "news"\n')
    with scan() as run:
        assert run.summary.provenance.policy["name"] == "default"
        assert run.summary.provenance.given == ({"name": "executor", "value": "serial", "from": "executor="},)
    with scan(config=folder / "provscan.toml", genre="fiction", categories={"Graphics/**": "ideation"}) as run:
        given = {one["name"]: (one["value"], one["from"]) for one in run.summary.provenance.given}
        assert given["policy"] == ("netflix-2025", "provscan.toml, by config=")
        assert given["genre"] == ("fiction", "genre=")
        assert run.summary.categories == {"artwork": 1, "ideation": 1}


def test_an_incomplete_or_empty_scan_is_no_pass(folder: Path) -> None:
    with scan(exclude="**") as run:
        assert (run.outcome, run.incomplete, run.summary.exit_code) == (None, 1, 3)
    (folder / "EP101/Artwork/keyart.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with scan() as run:
        assert (run.outcome, run.incomplete, run.summary.exit_code) != (scanner.Outcome.PASS, 0, 0)
        assert run.incomplete == 1


def test_judging_again_goes_by_the_policy_of_the_scan(folder: Path) -> None:
    scan(out="report", formats="csv", policy="netflix-2025").close()
    assert sorted(path.name for path in (folder / "report").iterdir() if path.is_file()) == [
        "records.jsonl", "report.csv", "summary.json"]  # fmt: skip
    with scanner.rejudge("report") as run:
        assert (run.summary.provenance.policy["name"], run.outcome) == ("netflix-2025", scanner.Outcome.BLOCKER)
    with scanner.rejudge("report/records.jsonl", policy="default", out="again") as run:
        assert run.summary.provenance.policy["name"] == "default"
        assert {path.name for path in run.written} == {"records.jsonl", "summary.json", "report.html"}
    lines = (folder / "report/records.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "report/records.jsonl").write_bytes(lines[0])
    for read in (scanner.rejudge, scanner.read_run, scanner.read_records):
        with pytest.raises(scanner.Disagreement) as raised:
            read("report")
        assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"policy": "no-such-policy"}, "no-such-policy"),
        ({"register": "gone.csv"}, "register: gone.csv does not exist"),
        ({"genre": "musical"}, "genre cannot be 'musical'; choose from fiction"),
        ({"jobs": "two"}, "jobs must be int, not 'two'"),
        ({"include": 7}, "include must be a list of strings"),
        ({"register": 7}, "register takes a path or several, not 7"),
        ({"formats": "csv"}, "name it with out"),
        ({"formats": "word", "out": "report"}, "no report format 'word'"),
        ({"out": "EP101/report"}, "is inside the scanned folder"),
        ({"cache": "EP101"}, "is inside the scanned folder"),
    ],
    ids=str,
)
def test_what_is_not_right_is_refused_before_any_work(settings: dict[str, object], words: str, folder: Path) -> None:
    with pytest.raises(scanner.ConfigError, match=words) as raised:
        scan(**settings)
    assert raised.value.exit_code == 4
    assert not (folder / "report").exists()


def test_an_unknown_setting_or_path_is_refused(folder: Path) -> None:
    with pytest.raises(TypeError, match=r"scan.. got an unexpected keyword argument 'polices'"):
        scan(polices="netflix-2025")
    with pytest.raises(TypeError, match=r"rejudge.. got an unexpected keyword argument 'jobs'"):
        scanner.rejudge("report", jobs=1)  # type: ignore[call-arg]
    for paths, words in (("gone", "paths: gone does not exist"), ([], "no path was given")):
        with pytest.raises(scanner.ConfigError, match=words):
            scanner.scan(paths)


def test_an_error_of_the_program_ends_the_run_and_nothing_is_written(folder: Path) -> None:
    before = sorted(folder.rglob("*"))

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "Judging" and done:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scan(out="report", progress=stop)
    assert sorted(folder.rglob("*")) == before


def test_a_worker_that_loads_the_program_starts_no_scan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing

    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(RunError, match="__main__"):
        scan()
