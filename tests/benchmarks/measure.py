"""Wall clock and processor time of a process and its children, repeated; and the numbers with their noise."""

from __future__ import annotations

import datetime
import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Sample", "Series", "calls_per_file", "machine", "of_process", "process", "repeat", "written"]


@dataclass(frozen=True, slots=True)
class Sample:
    wall: float
    cpu: float
    """Seconds of all processes together, user and system."""


@dataclass(frozen=True, slots=True)
class Series:
    """Several samples of one thing."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def wall(self) -> float:
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def spread(self) -> str:
        walls = [sample.wall for sample in self.samples]
        return f"{min(walls):.2f}-{max(walls):.2f}"


def process(command: Sequence[str | Path], environ: Mapping[str, str], cwd: Path | None = None) -> Sample:
    """One run, its output thrown away. Any exit code: a scan that finds something answers 1."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environ, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Sample(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def repeat(name: str, times: int, run: Callable[[], Sample], before: Callable[[], object] = lambda: None) -> Series:
    """`before` prepares each run and is not measured."""
    samples = []
    for _ in range(times):
        before()
        samples.append(run())
    return Series(name, tuple(samples))


def calls_per_file(
    command: Sequence[str | Path], environ: Mapping[str, str], root: Path, log: Path
) -> Mapping[str, int] | None:
    """System calls whose path lies below `root`, by name; None where there is no strace."""
    trace = ["strace", "-f", "-qq", "-e", "trace=%file,getdents64", "-o", str(log)]
    try:
        subprocess.run(
            [*trace, *command], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except FileNotFoundError:
        return None
    counts: dict[str, int] = {}
    below = os.path.join(root.resolve(), "").encode()
    for line in log.read_bytes().splitlines():
        if below in line:
            name = line.split(b"(")[0].split()[-1].decode("ascii", "replace")
            counts[name] = counts.get(name, 0) + 1
    return counts


def of_process(work: Callable[[], object]) -> Sample:
    """Work of this process and of the children that it starts and ends."""
    before, began = _spent(), time.perf_counter()
    work()
    return Sample(time.perf_counter() - began, _spent() - before)


def _spent() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in both)


def machine() -> str:
    """When and where this is measured."""
    names = Path("/proc/cpuinfo")
    lines = names.read_text("utf-8", "replace").splitlines() if names.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    when = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {model}"
    return f"{when}; {system}; Python {platform.python_version()}; load at the start {load}"


def written(page: Path, name: str, said: str) -> None:
    """Put what was measured between the marks of that name."""
    text = page.read_text("utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, rest = text.split(begin, 1)
    page.write_text(f"{before}{begin}\n\n{said.strip()}\n\n{end}{rest.split(end, 1)[1]}", "utf-8")
