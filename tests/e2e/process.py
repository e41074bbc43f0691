"""provscan as others meet it: a process with arguments, an environment, two streams and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["COMMAND", "PATIENCE", "ROOT", "environment", "provscan", "start"]

ROOT = Path(__file__).parents[2]
PATIENCE = 600
"""Seconds for what takes a few: neighbours may keep the machine busy. Only what hangs takes so long."""
COMMAND = (sys.executable, "-c", "from scanner.cli import main; main()")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without settings of whoever runs the tests; the code under test is this checkout's. Text recognition costs a
    second for each process: tests of visible marks ask for it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROVSCAN_")}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", "PROVSCAN_MARKS": "off",
            **(extra or {})}  # fmt: skip


def provscan(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run to the end. One that hangs fails with the place where it stood."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env={**environment(env), "PYTHONFAULTHANDLER": "1"},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
    ) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(getattr(signal, "SIGABRT", signal.SIGTERM))
            _, err = process.communicate()
            raise AssertionError(f"not done after {timeout:g} s: {arguments}\n{err}") from None
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def start(*arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Run in a process group of its own, as a shell starts a job."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
