"""A watch that many small deliveries reach at random moments: what the service holds, sampled as long as it runs.

`python -m tests.reliability.watching SERIES.tsv [--deliveries 200] [--minutes 60]`. Each sample is written at once; the
table of the first, the middle and the last one is printed at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Final

import psutil

from fixtures.carriers import CARRIERS
from tests.benchmarks.measure import machine
from tests.benchmarks.table import table
from tests.e2e.process import COMMAND, PATIENCE, environment
from tests.reliability.bench import left

__all__ = ["Sample", "Watched", "series_table", "watched"]

SEED: Final = 22
_SLOW: Final = ("c2pa-", "png-visible", "png-watermark", "jpeg-motion", "mxf", "mp3", "ogg", "h264")
"""Carriers that take long to make, or that are not small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the service holds at one moment. The processes of a scan that runs are counted apart."""

    seconds: float
    """Since the start."""
    scanned: int
    """Scans until now."""
    resident: float
    """MB of the watch itself."""
    files: int
    """Open files and sockets of the watch itself."""
    threads: int
    children: int
    """Processes that it started and that live, the scan's own included."""
    scanning: int
    """Deliveries that are scanned at this moment: 0 or 1."""
    state: int
    """Bytes of watch.json."""
    temporary: int
    """Entries of the temporary folder."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The whole series, and what the watch counted."""

    samples: tuple[Sample, ...]
    counters: dict[str, int]
    standings: dict[str, str]
    exit_code: int
    left: int
    """Processes that live after the watch was ended."""


def drop(inbox: Path, number: int, chance: random.Random) -> None:
    """A delivery of two to five small files. Every fifth arrives under a name for copies; one in ten is a file alone."""
    carriers = [one for one in CARRIERS if not one.name.startswith(_SLOW)]
    chosen = chance.sample(carriers, chance.randint(2, 5))
    if number % 10 == 9:
        chosen[0].write(inbox / f"file_{number:04d}{chosen[0].suffix}", chosen[0].keys[0], chosen[0].words)
        return
    folder = inbox / f"EP{number:04d}"
    folder.mkdir()
    for one in chosen:
        path = folder / one.file_name
        partial = path.with_name(f"{path.name}.part") if number % 5 == 0 else path
        one.write(partial, one.keys[0], one.words)
        partial.rename(path)


def watched(work: Path, series: Path, *, deliveries: int, minutes: float, every: float) -> Watched:
    """Run a watch, drop the deliveries, sample every `every` seconds, and end it once all are scanned."""
    chance = random.Random(SEED)
    moments = sorted(chance.uniform(0, minutes * 60) for _ in range(deliveries))
    inbox, out, temporary = work / "inbox", work / "out", work / "tmp"
    for folder in (inbox, temporary):
        folder.mkdir()
    command = ("watch", inbox, "--out", out, "--cache", work / "cache", "--settle", "2", "--every", "1",
               "--policy", "netflix-2025", "--jobs", "1")  # fmt: skip
    process = subprocess.Popen(
        [*COMMAND, *map(str, command)], env=environment({"TMPDIR": str(temporary)}), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=(work / "watch.log").open("wb"),
    )  # fmt: skip
    try:
        samples = tuple(_follow(process.pid, inbox, out, temporary, series, moments, every, chance))
        state = _state(out)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    standings = {name: one["standing"] for name, one in state["deliveries"].items()}
    return Watched(samples, state["counters"], standings, process.returncode, left(process))


def _follow(
    pid: int, inbox: Path, out: Path, temporary: Path, series: Path, moments: list[float], every: float,
    chance: random.Random,
) -> Iterator[Sample]:  # fmt: skip
    began, dropped, sampled = time.monotonic(), 0, 0
    with series.open("w", encoding="utf-8") as log:
        print(*(field.name for field in fields(Sample)), sep="\t", file=log, flush=True)
        while True:
            now = time.monotonic() - began
            while dropped < len(moments) and moments[dropped] <= now:
                drop(inbox, dropped, chance)
                dropped += 1
            if now >= sampled * every:
                sampled += 1
                sample = _sample(pid, out, temporary, now)
                print(*astuple(sample), sep="\t", file=log, flush=True)
                yield sample
                standings = [one["standing"] for one in _state(out)["deliveries"].values()]
                is_done = dropped == len(moments) == len(standings) and set(standings) == {"done"}
                if is_done or now > moments[-1] + PATIENCE:
                    return
            time.sleep(0.2)


def _sample(pid: int, out: Path, temporary: Path, now: float) -> Sample:
    process, state = psutil.Process(pid), _state(out)
    with process.oneshot():
        resident, files, threads = process.memory_info().rss / 1e6, process.num_fds(), process.num_threads()
    return Sample(
        seconds=round(now, 1), scanned=state["counters"].get("scanned", 0), resident=round(resident, 1), files=files,
        threads=threads, children=len(process.children(recursive=True)),
        scanning=sum(one["standing"] == "scanning" for one in state["deliveries"].values()),
        state=(out / "watch.json").stat().st_size if (out / "watch.json").exists() else 0,
        temporary=len(list(temporary.iterdir())),
    )  # fmt: skip


def _state(out: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        return json.loads((out / "watch.json").read_text("utf-8"))
    return {"deliveries": {}, "counters": {}}


def series_table(samples: Sequence[Sample]) -> str:
    """First, middle and last sample in which nothing was scanned, and the largest of each value."""
    idle = [one for one in samples if not one.scanning and one.scanned]
    rows = [
        (name, *_row(one)) for name, one in (("first", idle[0]), ("middle", idle[len(idle) // 2]), ("last", idle[-1]))
    ]
    for name, some in (
        ("largest, nothing scanned", idle),
        ("largest, in a scan", [it for it in samples if it.scanning]),
    ):
        if some:
            most = [f"{max(getattr(one, field.name) for one in some):g}" for field in fields(Sample)]
            rows.append((name, "", *(most[index] for index in _COLUMNS[1:])))
    return table(("sample", "minute", "scans", "MB", "open files", "threads", "child processes", "bytes of watch.json",
                  "temporary files"), rows)  # fmt: skip


_COLUMNS: Final = (0, 1, 2, 3, 4, 5, 7, 8)


def _row(one: Sample) -> list[str]:
    values = astuple(one)
    return [f"{values[0] / 60:.1f}", *(f"{values[index]:g}" for index in _COLUMNS[1:])]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.watching", description=__doc__)
    parser.add_argument("series", type=Path)
    parser.add_argument("--deliveries", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=30, help="seconds between two samples")
    asked = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="watching-") as name:
        seen = watched(Path(name), asked.series, deliveries=asked.deliveries, minutes=asked.minutes, every=asked.every)
    print(series_table(seen.samples))
    idle = [one.resident for one in seen.samples if not one.scanning and one.scanned]
    print(f"Median of the first ten samples {statistics.median(idle[:10]):.1f} MB, of the last ten "
          f"{statistics.median(idle[-10:]):.1f} MB; {seen.counters}; done "
          f"{sum(one == 'done' for one in seen.standings.values())}; exit code {seen.exit_code}; processes left {seen.left}")  # fmt: skip


if __name__ == "__main__":
    main()
