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
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.process import PATIENCE, environment

__all__ = ["Cluster", "dask_cluster"]


@dataclass(slots=True)
class Cluster:
    """A scheduler and its nodes, each a process in a session of its own."""

    folder: Path
    address: str = ""
    nodes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Also those that have ended."""
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_node(self) -> None:
        """One more."""
        self.nodes.append(self._start("dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard"))

    def start_scheduler(self) -> None:
        """Wait until its address is known."""
        self._file.unlink(missing_ok=True)
        self._start("dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        end = time.monotonic() + PATIENCE
        while not self._file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        self.address = json.loads(self._file.read_text("utf-8"))["address"]

    def close(self) -> None:
        """Kill all of it."""
        for process in reversed(self._started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def _file(self) -> Path:
        return self.folder / "scheduler.json"

    def _start(self, module: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(self._file), *options]
        self._started.append(
            subprocess.Popen(
                command, env=environment({"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}), cwd=self.folder,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )
        )  # fmt: skip
        return self._started[-1]


@contextmanager
def dask_cluster(folder: Path, count: int) -> Iterator[Cluster]:
    """A scheduler and `count` nodes on this machine, for the time of the context."""
    cluster = Cluster(folder)
    try:
        cluster.start_scheduler()
        for _ in range(count):
            cluster.start_node()
        yield cluster
    finally:
        cluster.close()
