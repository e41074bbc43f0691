"""Wall clock and processor time of a process and its children, repeated; and the numbers with their noise."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Sample", "Series", "calls_per_file", "process", "repeat"]


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
