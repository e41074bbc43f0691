"""Exit codes are a contract: scripts branch on them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Call
from tests.e2e.process import COMMAND, PATIENCE, environment, provscan

PLAIN = "05_Archival/arc_0015_pad.jpg"
MADE = "07_Ideation/concept_01.png"
EDITED = "05_Archival/arc_0007_moon.jpg"


@pytest.fixture
def lay(tmp_path: Path, house: Path):
    """Makes a delivery of some of the demo's files, as (source, name) pairs; None for an empty file."""

    def make(*files: tuple[str | None, str]) -> Path:
        for source, name in files:
            target = tmp_path / "EP" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch() if source is None else shutil.copy2(house / source, target)
        return tmp_path / "EP"

    return make


@pytest.mark.parametrize(
    ("files", "fail_on", "code"),
    [
        ([(PLAIN, "Artwork/a.jpg")], "issue", 0),
        ([(PLAIN, "Artwork/a.jpg")], "fyi", 0),
        ([(MADE, "Ideation/a.png")], "issue", 0),
        ([(MADE, "Ideation/a.png")], "fyi", 1),
        ([(MADE, "Artwork/a.png")], "issue", 1),
        ([(MADE, "Artwork/a.png")], "blocker", 1),
        ([(MADE, "Artwork/a.png")], "never", 0),
        ([(EDITED, "Artwork/a.jpg")], "issue", 1),
        ([(EDITED, "Artwork/a.jpg")], "blocker", 0),
        ([(None, "Artwork/a.png")], "blocker", 3),
        ([(None, "Artwork/a.png"), (PLAIN, "Artwork/b.jpg")], "blocker", 3),
        ([(None, "Artwork/a.png"), (MADE, "Artwork/b.png")], "blocker", 1),
        ([], "issue", 3),
        ([], "blocker", 3),
        ([], "never", 0),
    ],
)
def test_the_code_follows_the_worst_outcome(
    files: list, fail_on: str, code: int, lay, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "EP").mkdir()
    folder = lay(*files) if files else tmp_path / "EP"
    done = call("scan", folder, "--fail-on", fail_on, "--policy", "netflix-2025")
    assert done.code == code
    assert f"exit code {code}" in done.out
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("command", "more", "says"),
    [
        ("scan", (), "Interrupted. Finished work is kept; run the same command again"),
        ("scan", ("--no-cache",), "Interrupted. Nothing is kept with --no-cache"),
        ("explain", (), "Interrupted.\n"),
    ],
)
def test_an_interrupt_is_130_and_says_what_becomes_of_the_work(
    command: str, more: tuple[str, ...], says: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.cli.scan.run_scan", interrupted)
    monkeypatch.setattr("scanner.cli.explain.look_at", interrupted)
    (tmp_path / "a.txt").touch()
    done = call(command, tmp_path / "a.txt", *more)
    assert done.code == 130
    assert says in done.err


def test_what_could_not_be_inspected_is_counted_beside_what_was_found(lay, call: Call) -> None:
    done = call("scan", lay((None, "Artwork/a.png"), (MADE, "Artwork/b.png")))
    policy, verdict = done.out.split("NOT READY: ")
    assert policy.startswith("Judged by policy default")
    assert verdict.startswith("1 blocker, 1 issue; 1 file could not be inspected")


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("scan", "no/such/folder"),
        ("scan", ".", "--format", "nonsense"),
        ("scan", ".", "--jobs", "0"),
        ("scan", ".", "--fail-on", "pass"),
        ("scan", ".", "--category", "no-equals-sign"),
        ("scan", ".", "--nonsense"),
        ("judge", "no-such-records.jsonl"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_a_command_line_that_is_not_understood_is_2(arguments: tuple[str, ...], call: Call) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--policy", "no-such-policy"), "netflix-2025"),
        (("--policy", "{here}/none.toml"), "none.toml"),
        (("--policy", "{here}/broken.toml"), "broken.toml"),
        (("--rules", "{here}/broken.toml"), "broken.toml"),
        (("--config", "{here}/broken.toml"), "broken.toml"),
        (("--category", "*=nonsense"), "final-picture"),
        (("--trust-anchors", "{here}/broken.toml"), "broken.toml"),
        (("--out", "{here}/broken.toml/inside"), "broken.toml"),
        (("--out", "{here}/EP"), "nothing is written beside media"),
        (("--cache", "{here}/EP"), "nothing is written beside media"),
    ],
    ids=lambda it: it[1].rpartition("/")[2] + it[0] if isinstance(it, tuple) else "",
)
def test_set_up_that_is_not_right_is_4(arguments: tuple[str, ...], says: str, lay, call: Call, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("this is [not TOML\n")
    folder = lay((PLAIN, "Artwork/a.jpg"))
    done = call("scan", folder, *(argument.replace("{here}", str(tmp_path)) for argument in arguments))
    assert (done.code, done.out) == (4, "")
    assert says in done.err
    assert "Traceback" not in done.err
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["a.jpg"]


def test_a_report_that_cannot_be_written_is_4_and_says_where(lay, call: Call, tmp_path: Path) -> None:
    (tmp_path / "out/records.jsonl").mkdir(parents=True)
    done = call("scan", lay((PLAIN, "a.jpg")), "--out", tmp_path / "out")
    assert done.code == 4
    assert "records.jsonl" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("wanted", [("--format", "jsonl"), ()], ids=["jsonl", "console"])
def test_a_reader_of_our_output_that_goes_away_is_no_error(wanted: tuple[str, ...], lay) -> None:
    folder = lay(*((MADE, f"Artwork/{n}/a.png") for n in range(40)))
    how = ("--no-cache", "--executor", "serial", "--matching", "off")
    command = [*COMMAND, "scan", str(folder), *how, *wanted]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 1, "the verdict stays what it is"


def test_json_on_standard_output_is_json_alone(lay) -> None:
    done = provscan("scan", lay((PLAIN, "Artwork/a.jpg")), "--format", "json", "--no-cache", "--jobs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('{"schema":"provscan/report/1"')
    assert done.stdout.endswith("\n]}\n")
