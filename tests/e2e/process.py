"""provscan as others meet it: a process with arguments, an environment, two streams and an exit code."""

from __future__ import annotations

import os
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
    """Ours, without settings of whoever runs the tests; the code under test is this checkout's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROVSCAN_")}
    path = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", **(extra or {})}


def provscan(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(env),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=timeout,
        check=False,
    )


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
