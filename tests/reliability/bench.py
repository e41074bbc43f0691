"""A delivery, what an undisturbed scan makes of it, and what is asked of each disturbed one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from fixtures.carriers import CARRIERS
from tests.e2e.process import COMMAND, PATIENCE, environment

__all__ = ["FILES", "Bench", "Row", "codes_of", "last_line", "left", "lines_of", "unfinished", "workers_of"]

FILES = 60


@dataclass(frozen=True)
class Row:
    """One fault, as often as it was injected."""

    fault: str
    expected: str
    seen: str
    lost: int | str
    left: int
    kept: str


def make_stills(folder: Path) -> None:
    """A delivery of small stills, each with the settings of a generator."""
    (carrier,) = (each for each in CARRIERS if each.name == "png-text")
    for number in range(FILES):
        path = folder / str(number % 5) / f"still-{number * 7919 % 9973}x.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(carrier.lay({"parameters": f"words {number}\nSteps: {number}, Sampler: Euler, Seed: 1"}))


class Bench:
    """A delivery, what an undisturbed scan makes of it, and how to start disturbed ones."""

    def __init__(self, folder: Path, make: Callable[[Path], None] = make_stills, options: Sequence[str] = ()) -> None:
        """`make` writes the delivery; `options` are those of every scan."""
        self.folder = folder
        self.delivery = folder / "EP"
        self.options = options
        folder.mkdir(parents=True, exist_ok=True)
        make(self.delivery)
        self.undisturbed = self.folder / "undisturbed"
        kept = folder / "undisturbed.json"
        if not kept.exists():
            began = time.monotonic()
            code = self.run("--no-cache", "--out", self.undisturbed).returncode
            kept.write_text(json.dumps({"code": code, "seconds": time.monotonic() - began}))
        known = json.loads(kept.read_text())
        self.code: int = known["code"]
        self.seconds: float = known["seconds"]

    def start(
        self,
        *more: str | Path,
        env: Mapping[str, str] | None = None,
        scan: bool = True,
        command: Sequence[str] = COMMAND,
    ) -> subprocess.Popen[str]:
        """A command in a session of its own."""
        first = ("scan", self.delivery, "--jobs", "2", *self.options) if scan else ()
        return subprocess.Popen(
            [*command, *map(str, (*first, *more))], env=environment(env), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
        )  # fmt: skip

    def run(self, *more: str | Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """A scan to its end."""
        process = self.start(*more, env=env)
        _, said = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, "", said)

    def lost(self, out: Path) -> int:
        """Assets of the undisturbed scan without an equal record in another."""
        theirs = set(lines_of(out))
        return sum(line not in theirs for line in lines_of(self.undisturbed))

    def fresh(self, name: str) -> tuple[Path, Path]:
        """An output folder and a cache that are not there."""
        out, cache = self.folder / f"{name}-out", self.folder / f"{name}-cache"
        for path in (out, cache):
            shutil.rmtree(path, ignore_errors=True)
        return out, cache


def lines_of(out: Path) -> list[bytes]:
    return (out / "records.jsonl").read_bytes().splitlines()


def unfinished(folder: Path) -> int:
    """Output folders in the making that a folder holds: after a scan has ended there is none."""
    return sum(".provscan-" in path.name for path in folder.iterdir())


def left(process: subprocess.Popen[Any]) -> int:
    """Processes of the command's session that live a minute after it ended: on a busy machine each has to get its turn."""
    end = time.monotonic() + 60
    while True:
        alive = 0
        for other in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                alive += os.getsid(other.pid) == process.pid and other.status() != psutil.STATUS_ZOMBIE
        if not alive or time.monotonic() > end:
            return alive
        time.sleep(0.1)


def workers_of(pid: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [one for one in psutil.Process(pid).children() if "spawn_main" in " ".join(one.cmdline())]
    return []


def codes_of(codes: set[int]) -> str:
    return ", ".join(map(str, sorted(codes)))


def last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line and not line.startswith("Written")]
    words = lines[-1] if lines else ""
    for path in (tempfile.gettempdir(), str(Path.home())):
        words = words.replace(path, "…")
    return words.replace("|", "\\|")[:140]
