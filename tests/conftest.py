"""What many tests look at and is dear to make, made once for all workers of a test run: read it, never write into it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from fixtures.delivery import delivery
from tests.e2e.process import provscan


@dataclass(frozen=True)
class Scanned:
    """One real scan of the demo delivery: what it printed, and what it left."""

    folder: Path

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        """The lines of `records.jsonl` by path."""
        lines = (self.folder / "records.jsonl").read_text("ascii").splitlines()
        return {record["asset"]["path"]: record for record in map(json.loads, lines)}

    @cached_property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.folder / "summary.json").read_text("utf-8"))

    @cached_property
    def process(self) -> dict[str, Any]:
        """`code`, `out` and `err` of the process; and `before` and `after`: the tree's names, sizes and times."""
        return json.loads((self.folder / "process.json").read_text("utf-8"))


def once(base: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, made by whichever worker comes first; the others wait."""
    shared = base.parent if base.name.startswith("popen-") else base
    done = shared / name / "EP101"
    try:
        (shared / name).mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 120
        while not done.exists():
            assert time.monotonic() < deadline, f"the worker that makes {name} did not finish"
            time.sleep(0.1)
    else:
        making = shared / name / "making"
        make(making)
        making.rename(done)
    return done


def tree(root: Path) -> dict[str, list[int]]:
    """Everything under a folder, and itself: path → mode, size, mtime."""
    found = (root, *sorted(root.rglob("*")))
    return {
        os.fsencode(path.relative_to(root)).hex(): [status.st_mode, status.st_size, status.st_mtime_ns]
        for path in found
        for status in (path.lstat(),)
    }


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EP101, the demo delivery."""
    return once(tmp_path_factory.getbasetemp(), "delivery", lambda out: delivery(out) and None)


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory, house: Path) -> Scanned:
    """EP101, scanned by a real process with the default executor, in all formats."""

    def scan(out: Path) -> None:
        before = tree(house)
        formats = [word for name in ("html", "json", "csv", "jsonl") for word in ("--format", name)]
        done = provscan("scan", house, "--out", out, "--cache", out.parent / "cache", *formats)
        said = {"code": done.returncode, "out": done.stdout, "err": done.stderr, "before": before, "after": tree(house)}
        (out / "process.json").write_text(json.dumps(said), "utf-8")

    return Scanned(once(tmp_path_factory.getbasetemp(), "scanned", scan))
