"""Scans run in processes of their own, resume after a stop, and none outlives the desk: with real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from scanner.desk.runner import Runner, RunnerBusy
from tests.scanner.desk.serving import Client
from tests.scanner.stills import png

PATIENCE = 60


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def scan(folder: Path) -> Callable[[], list[str]]:
    return lambda: ["scan", str(folder), "--no-cache", "--jobs", "1", "--matching", "off"]


def run_children() -> list[psutil.Process]:
    """The commands that desks of this process started."""
    return [one for one in psutil.Process().children(recursive=True) if "scanner.cli.child" in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "EP101"
    folder.mkdir()
    (folder / "a.png").write_bytes(png())
    return folder


def test_a_scan_writes_its_reports_and_replaces_what_was_decided_before(
    client: Client, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    job = client.server.desk.jobs.make_job((delivery,))
    job.decided.mkdir(parents=True)
    (job.decided / "records.jsonl").write_text("of a scan before", "utf-8")
    assert client.post(f"/jobs/{job.id}/run/start").status == 303
    run = client.server.desk.runner.find_run(job.id)
    assert run is not None
    wait_for(lambda: not run.is_active)
    assert run.state == "done", run.messages
    names = [stage["stage"] for stage in run.stages]
    assert names.count("Judging") == 2, "the scan, and its reports"
    assert [stage["done"] for stage in run.stages if stage["stage"] == "Judging"] == [1, 1]
    assert job.latest == job.records
    assert Path(job.out, "report.html").is_file()
    assert "1 file" in client.get(f"/jobs/{job.id}/run").text
    assert [path.name for path in delivery.iterdir()] == ["a.png"]
    assert run_children() == []


def test_a_command_that_fails_states_why_and_the_next_does_not_run(tmp_path: Path) -> None:
    runner = Runner()
    second: list[str] = []
    run = runner.start("job", [lambda: ["scan", str(tmp_path / "gone")], lambda: second])
    wait_for(lambda: not run.is_active)
    assert run.state == "failed"
    assert any("gone" in line and "does not exist" in line for line in run.messages)


def test_one_job_runs_at_a_time_and_a_stopped_one_ends(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}a.png").write_bytes(png())
    runner = Runner()
    run = runner.start("job", [scan(folder)])
    assert runner.start("job", [scan(folder)]) is run
    with pytest.raises(RunnerBusy, match="Another job"):
        runner.start("other", [scan(folder)])
    wait_for(lambda: bool(run.stages))
    runner.stop("job")
    wait_for(lambda: not run.is_active)
    assert run.state == "stopped"
    assert run_children() == []


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    "number",
    [pytest.param(name, marks=pytest.mark.thorough) for name in ("SIGINT", "SIGTERM", "SIGHUP")] + ["SIGKILL"],
)
def test_the_desk_leaves_no_process(tmp_path: Path, number: str) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    for index in range(400):
        (folder / f"{index}a.png").write_bytes(png())
    homes = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "CACHE")}
    desk = subprocess.Popen(
        [sys.executable, "-m", "scanner", "desk", str(folder), "--no-browser"],
        env={**os.environ, **homes, "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert desk.stderr is not None
    with desk.stderr:
        address = re.findall(r"http\S+", desk.stderr.readline())[0]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        page = opener.open(address, timeout=30)
        job, token = page.url.split("/")[4], re.findall(r'provscan-token" content="([^"]+)', page.read().decode())[0]
        origin = "/".join(address.split("/")[:3])
        headers = {"X-Provscan-Token": token, "Origin": origin}
        start = urllib.request.Request(f"{origin}/jobs/{job}/run/start", b"", headers)  # noqa: S310
        opener.open(start, timeout=30)
        process = psutil.Process(desk.pid)
        wait_for(lambda: any("spawn_main" in " ".join(_words(one)) for one in process.children(recursive=True)))
        family = process.children(recursive=True)
        desk.send_signal(signal.Signals[number])
        desk.wait(PATIENCE)
        wait_for(lambda: not [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE])
    with pytest.raises(urllib.error.URLError):
        opener.open(origin, timeout=5)
