"""Many small files, scanned cold and warm: processor time an asset, and the memory of the parent and of its workers.

`python -m tests.benchmarks.scale FOLDER RESULTS COUNT…` makes the files under FOLDER, scans them, and adds a line of JSON
for each run to RESULTS. A scan that takes longer than `--seconds` is interrupted and goes on from its cache.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from PIL import Image

__all__ = ["make_assets", "measure"]

_FOLDER = 500
"""Files in each folder."""
_SAMPLED = 0.5
"""Seconds between two looks at the memory of processes."""


def make_assets(root: Path, count: int) -> None:
    """Make small real files, each of its own content: of ten, four JPEG, two PNG, two WAV and two text files."""
    for number in range(count):
        folder = root / f"reel{number // _FOLDER:04}"
        if number % _FOLDER == 0:
            folder.mkdir(parents=True, exist_ok=True)
        suffix, data = _content(number)
        path = folder / f"still of scene {number:06} as graded{suffix}"
        if not path.exists():
            path.write_bytes(data)


def _content(number: int) -> tuple[str, bytes]:
    file = io.BytesIO()
    match number % 10:
        case 0 | 3 | 5 | 8:
            _picture(number).save(file, "JPEG", quality=85)
            return ".jpg", file.getvalue()
        case 1 | 6:
            _picture(number).save(file, "PNG")
            return ".png", file.getvalue()
        case 2 | 7:
            with wave.open(file, "wb") as sound:
                sound.setparams((1, 2, 8000, 0, "NONE", ""))
                sound.writeframes(number.to_bytes(4, "little") * 500)
            return ".wav", file.getvalue()
        case _:
            return ".txt", f"Notes on scene {number}.\n".encode() * 20


def _picture(number: int) -> Image.Image:
    small = bytes((number * 7919 + at * (number % 251 + 3)) % 256 for at in range(8 * 6 * 3))
    return Image.frombytes("RGB", (8, 6), small).resize((96, 72), Image.Resampling.BICUBIC)


def measure(command: Sequence[str | Path], seconds: float = 3600.0) -> dict[str, float]:
    """Run a command, again where it was interrupted after `seconds`. Processor seconds of it and its children, MiB that
    the parent and the largest child had at most, and how often it was run."""
    peaks, runs, ended = {"parent": 0, "worker": 0}, 0, False
    spent: dict[int, float] = {}  # a process that nobody waits for is not counted by the system
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    while not ended:
        runs += 1
        started = time.perf_counter()
        ended = True
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            while run.poll() is None:
                time.sleep(_SAMPLED)
                for name, pid in _family(run.pid):
                    peaks[name] = max(peaks[name], _peak(pid))
                    spent[pid] = max(spent.get(pid, 0.0), _spent(pid))
                if ended and time.perf_counter() - started > seconds:
                    run.send_signal(signal.SIGINT)
                    ended = False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": max(cpu, sum(spent.values())), "wall": time.perf_counter() - began, "runs": runs, **peaks}


def _family(pid: int) -> Iterator[tuple[str, int]]:
    yield "parent", pid
    try:
        yield from (("worker", child.pid) for child in psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return


def _spent(pid: int) -> float:
    """Processor seconds of a process alone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _peak(pid: int) -> int:
    """MiB that a process had at most."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("VmHWM:")[1].split()[0]) >> 10 if "VmHWM:" in status else 0


def main() -> None:
    """Make, scan, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("counts", nargs="+", type=int)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--runs", nargs="+", default=["cold", "warm"], choices=["cold", "warm"])
    parser.add_argument("--label", default="")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--executor", default="local", choices=["local", "dask"])
    asked = parser.parse_args()
    for count in asked.counts:
        root, work = asked.folder / f"{count}", asked.folder / f"work-{count}"
        root.mkdir(parents=True, exist_ok=True)
        make_assets(root, count)
        for run in asked.runs:
            out = work / "out"
            if run == "cold":
                shutil.rmtree(work, ignore_errors=True)
            command = [sys.executable, "-m", "scanner", "scan", root, "--cache", work / "cache", "--out", out,
                       "--format", "jsonl", "--matching", "off", "--marks", "off", "--jobs", asked.jobs,
                       "--executor", asked.executor]  # fmt: skip
            measured = {
                "assets": count, "run": run, "jobs": int(asked.jobs), "executor": asked.executor, "label": asked.label,
                **measure(command, asked.seconds), "load": os.getloadavg()[0],
                "MB of the cache": _size(work / "cache"), "MB of the records": _size(out),
            }  # fmt: skip
            with asked.results.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(measured) + "\n")
            sys.stdout.write(json.dumps(measured) + "\n")


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
