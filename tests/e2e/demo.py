"""The demo delivery and its scan, made once a test run."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fixtures.delivery import delivery
from tests.e2e.process import PATIENCE, provscan

__all__ = ["FORMATS", "Scanned", "made_delivery", "made_scan", "records_of", "tree"]

FORMATS = ("html", "json", "csv", "jsonl")


@dataclass(frozen=True)
class Scanned:
    """One real scan of the demo delivery: what it printed, and what it left."""

    folder: Path
    """With `records.jsonl`, `summary.json`, a report in each of `FORMATS`."""

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        return records_of(self.folder)

    @cached_property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.folder / "summary.json").read_text("utf-8"))

    @cached_property
    def process(self) -> dict[str, Any]:
        """`code`, `out` and `err` of the process; `before` and `after`, the delivery's `tree`."""
        return json.loads((self.folder / "process.json").read_text("utf-8"))


def records_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The lines of a `records.jsonl` by the assets' paths."""
    lines = (folder / "records.jsonl").read_text("ascii").splitlines()
    records = {record["asset"]["path"]: record for record in map(json.loads, lines)}
    assert len(records) == len(lines), "a path stands on two lines"
    return records


def made_delivery(base: Path) -> Path:
    """EP101. Read it, never write into it. `base` is the folder of the worker's temporary files, or of the run's."""
    return _once(base, "delivery", delivery)


def made_scan(base: Path) -> Scanned:
    """EP101, scanned in one process, for other tests run beside it."""
    house = made_delivery(base)

    def scan(out: Path) -> None:
        before = tree(house)
        formats = [word for name in FORMATS for word in ("--format", name)]
        chosen = ("--policy", "netflix-2025", "--cache", out.parent / "cache", "--executor", "serial")
        done = provscan("scan", house, "--out", out, *chosen, *formats)
        assert (out / "records.jsonl").exists(), done.stderr
        said = {"code": done.returncode, "out": done.stdout, "err": done.stderr, "before": before, "after": tree(house)}
        (out / "process.json").write_text(json.dumps(said), "utf-8")

    return Scanned(_once(base, "scanned", scan))


def _once(base: Path, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, made by whichever test worker comes first; the others wait."""
    shared = base.parent if base.name.startswith("popen-") else base
    done = shared / name / "EP101"
    try:
        (shared / name).mkdir()
    except FileExistsError:
        deadline = time.monotonic() + PATIENCE
        while not done.exists():
            assert time.monotonic() < deadline, f"the worker that makes {name} did not finish"
            time.sleep(0.1)
    else:
        making = shared / name / "making"
        make(making)
        making.rename(done)
    return done


def tree(root: Path) -> dict[str, list[int]]:
    """A folder and everything under it: path → mode, size, mtime."""
    return {
        os.fsencode(path.relative_to(root)).hex(): [status.st_mode, status.st_size, status.st_mtime_ns]
        for path in (root, *sorted(root.rglob("*")))
        for status in (path.lstat(),)
    }


if __name__ == "__main__":
    made_scan(Path(sys.argv[1]))
