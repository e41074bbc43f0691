"""A run that is stopped at any moment goes on where it was: nothing lost, nothing that was done done twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from fixtures.carriers import CARRIERS
from tests.e2e.process import PATIENCE, environment, provscan, start

WATCHED = Path(__file__).parent / "watched"
FILES = 60
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def _lay(root: Path, files: int = FILES) -> Path:
    """Small pictures that all say something of their own, in several folders."""
    (carrier,) = (each for each in CARRIERS if each.name == "png-text")
    for number in range(files):
        path = root / f"{number % 7}" / f"still-{chr(97 + number % 26)}-{number * 7919 % 9973}x.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            carrier.lay({"parameters": f"words {number}\nSteps: {number}, Sampler: Euler, Seed: {number}"})
        )
    return root


def _done(cache: Path) -> dict[str, tuple[int, bytes]]:
    """What the cache holds: path → (row, body). A row that is written again gets another number."""
    file = cache / "examinations.sqlite"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
        try:
            rows = database.execute("SELECT rowid, key, body FROM examination").fetchall()
        except sqlite3.OperationalError:  # not yet made
            return {}
    return {os.fsdecode(key.split(b"\0")[1]): (row, body) for row, key, body in rows}


def _stop(process: subprocess.Popen[str], how: str) -> None:
    if how == "SIGKILL":
        os.kill(process.pid, signal.SIGKILL)  # the parent alone: its workers have to notice
    else:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody of the job


@POSIX
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_stopped_run_goes_on_where_it_was(how: str, tmp_path: Path) -> None:
    root, cache, opened = _lay(tmp_path / "EP"), tmp_path / "cache", tmp_path / "opened"
    watch = {"PYTHONPATH": str(WATCHED), "OPENED": str(opened), "BELOW": str(root.resolve())}
    held = {"PYTHONPATH": str(WATCHED), "BELOW": str(root.resolve()), "HELD": "3"}  # it cannot end before the signal
    # Alone with its marks, where it is stopped the milder way; with what is compared too, the harder way.
    chosen = ("--format", "jsonl", *(() if how == "SIGKILL" else ("--matching", "off")))
    process = start("scan", root, "--cache", cache, "--jobs", "1", *chosen, env=held)
    deadline = time.monotonic() + PATIENCE
    while not _done(cache):
        assert time.monotonic() < deadline
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.01)
    workers = psutil.Process(process.pid).children(recursive=True)
    _stop(process, how)
    _, said = process.communicate(timeout=PATIENCE)

    done = _done(cache)
    assert 0 < len(done) < FILES, "it was not stopped in the middle"
    if how == "SIGINT":
        assert process.returncode == 130
        assert said.strip().startswith("Interrupted. Finished work is kept")
        assert "Traceback" not in said
    else:
        assert process.returncode == -signal.SIGKILL
    assert psutil.wait_procs(workers, timeout=PATIENCE)[1] == []

    resumed = provscan("scan", root, "--cache", cache, "--jobs", "2", *chosen, env=watch)
    assert resumed.returncode == 1, resumed.stderr
    after = _done(cache)
    assert len(after) == FILES
    assert {path: after[path] for path in done} == done, "what was done was done again"
    looked_into = {line.partition("\t")[2] for line in opened.read_text().splitlines()}
    assert looked_into, "the watch does not work"
    assert looked_into.isdisjoint(done)
    assert looked_into == set(after) - set(done)

    assert resumed.stdout.count("\n") == FILES
    if how == "SIGKILL":  # the harder one; the other would only take as long again
        undisturbed = provscan("scan", root, "--no-cache", "--executor", "serial", *chosen)
        assert resumed.stdout == undisturbed.stdout


LATE = """
import os, signal, sys

class Late:
    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.{how}):
        kill(pid, number)  # when the interpreter takes its modules down

kept = Late()
from scanner.cli import main
main(["--version"])
"""


@POSIX
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_a_signal_after_the_work_leaves_the_exit_code_as_it_is(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATE.format(how=how)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0


def test_a_warm_scan_opens_no_file(tmp_path: Path) -> None:
    root, cache, opened = _lay(tmp_path / "EP", 20), tmp_path / "cache", tmp_path / "opened"
    watch = {"PYTHONPATH": str(WATCHED), "OPENED": str(opened), "BELOW": str(root.resolve())}
    cold = provscan("scan", root, "--cache", cache, "--executor", "serial", "--format", "jsonl", env=watch)
    assert len({line.partition("\t")[2] for line in opened.read_text().splitlines()}) == 20
    opened.unlink()
    warm = provscan("scan", root, "--cache", cache, "--executor", "serial", "--format", "jsonl", env=watch)
    assert not opened.exists()
    assert warm.stdout == cold.stdout
