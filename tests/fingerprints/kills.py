"""Runs a script that kills itself in the middle of its work, as a power cut does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["run_killed"]

_COUNTED = """
import os, sys
from pathlib import Path
left = int(sys.argv[2])
def count_down():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
"""


def run_killed(script: str, folder: Path, calls: int, *more: str) -> int:
    """Run a script that is killed when it calls `count_down` once more than `calls` times; returns its exit code. It
    finds `folder` in `sys.argv[1]`, and what `more` has from `sys.argv[3]` on."""
    command = [sys.executable, "-c", _COUNTED + script, str(folder), str(calls), *more]
    return subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode
