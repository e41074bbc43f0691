"""Faults of the machine, of streams and of stored files end with a clear message and their own code, never as findings."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import Call
from tests.e2e.process import COMMAND, PATIENCE, environment, provscan

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX streams and signals")
LINUX = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
DEEP, BIG = "[" * 100_000 + "]" * 100_000, "9" * 400


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "EP"
    (folder / "Artwork").mkdir(parents=True)
    (folder / "Artwork/a.txt").write_text("words")
    return folder


def shell(words: str, *arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The command by a shell, with what stands behind it."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {words}', "sh", *COMMAND, *map(str, arguments)],
        env=environment(env), capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=PATIENCE,
    )  # fmt: skip


@POSIX
def test_closed_standard_streams(delivery: Path) -> None:
    # With workers, which are given the streams.
    assert (
        shell(
            "2>&-", "scan", delivery, "--no-cache", "--executor", "local", "--jobs", "1", "--matching", "off"
        ).returncode
        == 0
    )
    closed = shell(">&-", "policy", "list")
    assert (closed.returncode, closed.stdout) == (4, "")
    assert "standard output is closed" in closed.stderr
    assert shell("2>&-", "policy", "list").returncode == 0
    assert shell("2>&-", "policy", "show", "no-such-policy").returncode == 4
    assert shell("<&-", "policy", "list").returncode == 0


@LINUX
@pytest.mark.parametrize("arguments", [("policy", "list"), ("rules", "list"), ("--help",)])
def test_a_full_standard_output_is_4(arguments: tuple[str, ...]) -> None:
    done = shell("> /dev/full", *arguments)
    assert (done.returncode, done.stderr) == (4, "provscan: standard output: No space left on device\n")


@pytest.mark.parametrize("encoding", ["latin-1"])
def test_a_console_that_does_not_have_every_character(encoding: str) -> None:
    done = provscan("policy", "show", "netflix-2025", env={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, "")
    assert "netflix" in done.stdout


def test_what_nobody_expected_is_70_with_its_log(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AttributeError("no such\x1b thing\nand more")

    monkeypatch.setattr("scanner.cli.scan.run_scan", fail)
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    done = call("scan", delivery)
    assert (done.code, done.out) == (70, "")
    (line,) = done.err.splitlines()
    (log,) = (tmp_path / "logs").iterdir()
    assert line.startswith("provscan: internal error (AttributeError: no such? thing). The log is")
    assert str(log) in line
    assert line.endswith("Finished work is kept; run the same command again to continue.")
    assert "Traceback" in log.read_text()
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "EP/Artwork/a.txt"))
    assert "The log is" in call("scan", delivery).err


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (OSError(28, "No space left on device", "/somewhere/file"), "/somewhere/file: No space left"),
        (OSError(28, "No space left on device"), "the temporary folder"),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "['/tmp']"),
    ],
)
def test_what_the_machine_lacks_is_4_and_names_its_place(
    raised: Exception, says: str, call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("scanner.pipeline.inspect", fail)
    done = call("scan", delivery)
    assert done.code == 4
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_a_database_without_room_is_4(call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        with sqlite3.connect(":memory:") as database:
            database.execute("PRAGMA max_page_count = 1")
            database.execute("CREATE TABLE a (b)")

    monkeypatch.setattr("scanner.pipeline.inspect", fail)
    done = call("scan", delivery)
    assert done.code == 4
    assert "full" in done.err


@POSIX
def test_shared_memory_that_is_full_is_named(call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("PROVSCAN_EXECUTOR", "local")
    monkeypatch.setattr("multiprocessing.synchronize._multiprocessing.SemLock", fail)
    done = call("scan", delivery)
    assert done.code == 4
    assert done.err.startswith("provscan: /dev/shm: No space left" if Path("/dev/shm").exists() else "provscan: shared")


@pytest.mark.parametrize("command", [("judge",), ("report", "--format", "html"), ("diff",)], ids=lambda it: it[0])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("records.jsonl", '"size":5', f'"size":{BIG}'),
        ("records.jsonl", '"size":5', f'"size":{DEEP}'),
        ("records.jsonl", '"mtime_ns"', f'"more":{DEEP},"mtime_ns"'),
        ("summary.json", '"seconds": ', f'"more": {DEEP}, "seconds": '),
        ("summary.json", '"roots": [', f'"roots": [{BIG}, '),
        ("summary.json", '"settings": {', f'"settings": {{"x": {BIG}, '),
        ("summary.json", '"tool": ', '"tolo": '),
    ],
    ids=["size", "deep size", "deep", "deep summary", "roots", "settings", "no tool"],
)
def test_stored_files_that_nothing_sound_wrote(
    name: str, old: str, new: str, command: tuple[str, ...], call: Call, delivery: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert call("scan", delivery, "--out", out, "--matching", "off").code == 0
    text = (out / name).read_text()
    assert old in text
    (out / name).write_text(text.replace(old, new, 1))
    more = (out / "records.jsonl",) if command == ("diff",) else ()
    done = call(command[0], out / "records.jsonl", *more, *command[1:])
    if command == ("diff",) and name == "summary.json":
        assert done.code in (0, 3, 4)
    elif (new.startswith('"more"')) and name == "records.jsonl":
        assert done.code in (0, 3, 4), "keys that are not ours are passed over, or refused"
    else:
        assert done.code in (3, 4)
        assert name in done.err
    assert "internal error" not in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("flag", ["--register", "--waivers", "--policy", "--rules", "--config"])
@pytest.mark.parametrize("value", [BIG, DEEP], ids=["big", "deep"])
def test_settings_that_nothing_sound_wrote(flag: str, value: str, call: Call, delivery: Path, tmp_path: Path) -> None:
    path = tmp_path / ("a.json" if flag == "--register" else "a.toml")
    path.write_text(f'[{{"entry_id": {value}}}]' if flag == "--register" else f"jobs = {value}\n")
    done = call("scan", delivery, flag, path)
    assert "internal error" not in done.err
    assert "Traceback" not in done.err
    # Of a register and of rules, what is none of their columns and tables is passed over.
    assert done.code == 4 or (flag in ("--register", "--rules") and value is BIG and done.code == 0)


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_asks_to_end_is_an_interrupt_and_nothing_stays(number: signal.Signals, tmp_path: Path) -> None:
    process, temporary = _started(tmp_path)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)  # to the parent alone, as `kill` does
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert said.strip().startswith("Interrupted. Finished work is kept")
    assert psutil.wait_procs(below, timeout=PATIENCE)[1] == []
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"EP", "tmp", "cache", "began"}


@POSIX
def test_a_second_interrupt_ends_at_once(tmp_path: Path) -> None:
    process, temporary = _started(tmp_path, stubborn="1")
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _wait_for(tmp_path / "clings", process)
    time.sleep(0.5)  # two that come together are taken for one
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == 130
    assert psutil.wait_procs(below, timeout=PATIENCE)[1] == []
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"EP", "tmp", "cache", "began", "clings"}


def _started(tmp_path: Path, stubborn: str = "") -> tuple[subprocess.Popen[str], Path]:
    """A scan in the midst of writing its records; with `stubborn` one that does not end by being asked."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    (tmp_path / "EP").mkdir()
    (tmp_path / "EP/a.txt").write_text("words")
    code = (
        "import pathlib, sys, time; import scanner.output.output as output; from scanner.cli import main\n"
        f"began, stubborn = pathlib.Path({str(tmp_path / 'began')!r}), {bool(stubborn)}\n"
        "def slow(record):\n"
        "    began.touch()\n"
        "    try: time.sleep(3600)\n"
        "    finally:\n"
        "        if stubborn: began.with_name('clings').touch(); time.sleep(3600)\n"
        "output.redact_record = slow\n"
        "main()\n"
    )
    places = ["--out", tmp_path / "out", "--cache", tmp_path / "cache"]
    arguments = ["scan", tmp_path / "EP", *places, "--redact", "--jobs", "1", "--matching", "off"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], env=environment({"TMPDIR": str(temporary)}),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    _wait_for(tmp_path / "began", process)
    return process, temporary


def _wait_for(sign: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not sign.exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
