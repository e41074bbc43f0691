"""A dask cluster of several nodes on this machine, whose processes can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.process import PATIENCE, environment

__all__ = ["dask_cluster"]


@contextmanager
def dask_cluster(folder: Path, count: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and `count` nodes on this machine: its address, and the nodes."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    env = environment({"DASK_DISTRIBUTED__WORKER__DAEMON": "False"})
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(file), *options]
        started.append(
            subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)
        )  # fmt: skip
        return started[-1]

    try:
        start("dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        end = time.monotonic() + PATIENCE
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        nodes = [start("dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard") for _ in range(count)]
        yield str(json.loads(file.read_text("utf-8"))["address"]), nodes
    finally:
        for process in reversed(started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
