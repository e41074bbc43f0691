"""Kills that are placed by a run's own progress: of the run, of a worker, of a node of a cluster.

An undisturbed run writes each of its progress events into a log. A moment is the nth event of a stage; the process of
the scan kills itself, or another, when it comes to that event. So every part of a run is hit, however fast the machine.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from tests.e2e.process import PATIENCE, environment
from tests.reliability.bench import Bench, Row, codes_of, left, lines_of, workers_of
from tests.reliability.season import make_season

__all__ = ["kills_at_moments", "pictures_bench", "run"]

_PARTS: Final = {
    "examining": ("Finding", "Examining"),
    "recognising": ("Comparing with references",),
    "drawing": ("Drawing", "Drawing matches"),
    "writing": ("Judging", "Writing the reports"),
}
"""The parts of a run, and the stages that report their progress."""
_KILLS: Final = {
    "run": {"examining": 8, "recognising": 8, "drawing": 8, "writing": 8},
    "worker": {"examining": 4, "recognising": 4, "drawing": 4},
    "node": {"examining": 4, "recognising": 2},
}
"""Who is killed, and how often in each part: 50 moments."""
_NODES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the process of a scan does, in its environment as JSON."""

    log: str
    """Gets the name of the stage of each event, a line each."""
    stage: str = ""
    nth: int = 0
    """Event of that stage, from 1; 0 is never."""
    who: str = "run"
    nodes: tuple[int, ...] = ()


def run() -> None:
    """The command line, with its progress bar replaced by one that follows the plan."""
    from scanner.cli import main, scan
    from scanner.cli.terminal import Bar

    plan = Plan(**json.loads(os.environ.pop("PROVSCAN_PLAN")))
    events, current = Counter[str](), ""

    def event() -> None:
        events[current] += 1
        with Path(plan.log).open("a", encoding="utf-8") as log:
            log.write(f"{current}\n")
        if current == plan.stage and events[current] == plan.nth:
            _kill(plan)

    class Following(Bar):
        def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
            nonlocal current
            super().stage(name, total, work=work)
            current = name
            event()

        def step(self, what: str = "", *, work: int = 0) -> None:
            super().step(what, work=work)
            event()

    scan.Bar = Following
    main()


def _kill(plan: Plan) -> None:
    if plan.who == "run":
        os.kill(os.getpid(), signal.SIGKILL)
    elif plan.who == "worker":
        workers = workers_of(os.getpid())
        if workers:
            with suppress(psutil.Error):
                random.Random(plan.nth).choice(workers).kill()
    else:
        busy = max(plan.nodes, key=lambda pid: sum(1 for _ in psutil.Process(pid).children()))
        os.kill(busy, signal.SIGKILL)


def pictures_bench(folder: Path) -> Bench:
    """A delivery of stills, references, AI pictures and a programme that shows some of them."""

    def make(delivery: Path) -> None:
        season = make_season(folder / "season", episodes=1, assets=14, seconds=10, pictures=4)
        (season.folder / "EP001").rename(delivery)

    return Bench(folder, make, ("--policy", "netflix-2025", "--format", "html", "--format", "csv", "--format", "xlsx",
                               "--jobs", "1"))  # fmt: skip


_COMMAND: Final = (sys.executable, "-c", "from tests.reliability.placed import run; run()")


def _start(bench: Bench, plan: Plan, *more: str | Path) -> subprocess.Popen[str]:
    return bench.start(*more, env={"PROVSCAN_PLAN": json.dumps(asdict(plan))}, command=_COMMAND)


def kills_at_moments(bench: Bench, killed: Collection[str] = tuple(_KILLS)) -> Iterator[Row]:
    """A row for each part of a run and each of those who are `killed` in it: `run`, `worker`, `node`."""
    log = bench.folder / "events.log"
    out, cache = bench.fresh("events")
    _start(bench, Plan(log=str(log)), "--out", out, "--cache", cache).communicate(timeout=PATIENCE)
    events = log.read_text("utf-8").splitlines()
    for who, parts in _KILLS.items():
        for part, count in parts.items() if who in killed else ():
            yield _row(bench, who, part, list(_moments(events, _PARTS[part], count)))


def _moments(events: Sequence[str], stages: Sequence[str], count: int) -> Iterator[tuple[str, int]]:
    """Stage and number of `count` events that are spread evenly over a part of a run."""
    numbered, seen = [], Counter[str]()
    for stage in events:
        if stage in stages:
            seen[stage] += 1
            numbered.append((stage, seen[stage]))
    for index in range(count):
        yield numbered[(2 * index + 1) * len(numbered) // (2 * count)]


def _row(bench: Bench, who: str, part: str, moments: Sequence[tuple[str, int]]) -> Row:
    codes, lost, alive, stale, unequal = set[int](), 0, 0, 0, 0
    for number, (stage, nth) in enumerate(moments):
        out, cache = bench.fresh(f"{who}-{part}-{number}")
        with _cluster(bench.folder, who) as (nodes, options):
            plan = Plan(log=os.devnull, stage=stage, nth=nth, who=who, nodes=nodes)
            process = _start(bench, plan, "--out", out, "--cache", cache, *options)
            process.communicate(timeout=PATIENCE)
            codes.add(process.returncode)
            alive += left(process)
            if who != "run":
                unequal += bench.lost(out)
                lost += len(lines_of(bench.undisturbed)) - len(lines_of(out))
        bench.run("--out", out, "--cache", cache, "--retry")
        lost += bench.lost(out)
        stale += sum(".provscan-" in path.name for path in bench.folder.iterdir())
    kept = f"equal records after the restart; {stale} temporary folders"
    if who != "run":
        kept = f"a record of every file; {unequal} of them not as undisturbed before the restart with --retry"
    names = {"run": "the run", "worker": "a worker", "node": f"one of {_NODES} nodes of a dask cluster"}
    wanted = "-9" if who == "run" else f"{bench.code} or 3"
    return Row(f"SIGKILL of {names[who]} in {part}, {len(moments)} moments", wanted, codes_of(codes), lost, alive, kept)


@contextmanager
def _cluster(folder: Path, who: str) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Process ids of the nodes of a cluster, and the options of a scan on it; neither where no node is to be killed."""
    if who != "node":
        yield (), ()
        return
    with dask_cluster(folder, _NODES) as (address, nodes):
        yield tuple(node.pid for node in nodes), ("--executor", "dask", "--scheduler", address)


@contextmanager
def dask_cluster(folder: Path, count: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and `count` nodes on this machine: its address, and the nodes."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    env = environment({"DASK_DISTRIBUTED__WORKER__DAEMON": "False"})
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(file), *options]
        started.append(
            subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)
        )  # fmt: skip
        return started[-1]

    try:
        start("dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        end = time.monotonic() + PATIENCE
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        nodes = [start("dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard") for _ in range(count)]
        yield str(json.loads(file.read_text("utf-8"))["address"]), nodes
    finally:
        for process in reversed(started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
