"""Kills that are placed by a run's own progress: of the run, of a worker, of a node of a cluster.

An undisturbed run writes each of its progress events into a log. A moment is the nth event of a stage; the process of
the scan kills itself, or another, when it comes to that event. So every part of a run is hit, however fast the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final

import psutil

from tests.e2e.process import PATIENCE
from tests.reliability.bench import Bench, Row, codes_of, last_line, left, lines_of, unfinished, workers_of
from tests.reliability.nodes import dask_cluster
from tests.reliability.season import make_season

__all__ = ["kills_at_moments", "pictures_bench", "run"]

SEED: Final = 22
_PARTS: Final = {
    "examining": ("Finding", "Examining"),
    "recognising": ("Comparing with references",),
    "drawing": ("Drawing", "Drawing matches"),
    "writing": ("Judging", "Writing the reports"),
}
"""The parts of a run, and the stages that report their progress."""
_KILLS: Final = {
    "run": {"examining": 8, "recognising": 4, "drawing": 8, "writing": 12},
    "worker": {"examining": 4, "recognising": 4, "drawing": 4},
    "node": {"examining": 4, "recognising": 2},
}
"""Who is killed, and how often in each part at most: 50 moments."""
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
    killed: str = ""
    """Gets the process id of who was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill, and what was lost after the same scan was run again."""

    who: str
    part: str
    stage: str
    nth: int
    code: int
    """Exit code of the disturbed scan."""
    lost: int
    left: int
    unlike: int
    """Records of the disturbed scan itself that are not as undisturbed."""
    stale: int
    said: str
    is_hit: bool = True
    """False where the scan ended before it had a worker that could be killed."""


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
        threading.Thread(target=_kill_worker, args=(plan,), daemon=True).start()
    else:
        living = [psutil.Process(pid) for pid in plan.nodes if psutil.pid_exists(pid)]
        _kill_noted(max(living, key=lambda node: len(node.children())), plan)


def _kill_worker(plan: Plan) -> None:
    """One of the workers, or the first that is started."""
    while not (workers := workers_of(os.getpid())):
        time.sleep(0.01)
    _kill_noted(random.Random(plan.nth).choice(workers), plan)


def _kill_noted(process: psutil.Process, plan: Plan) -> None:
    with suppress(psutil.Error):
        process.kill()
        Path(plan.killed).write_text(f"{process.pid}", "utf-8")


def pictures_bench(folder: Path) -> Bench:
    """A delivery of stills, references, AI pictures and a programme that shows some of them."""

    def make(delivery: Path) -> None:
        if delivery.exists():
            return
        season = make_season(folder / "season", episodes=1, assets=14, seconds=10, pictures=4)
        (season.folder / "EP001").rename(delivery)

    return Bench(folder, make, ("--policy", "netflix-2025", "--format", "html", "--format", "csv", "--format", "xlsx",
                               "--jobs", "1"))  # fmt: skip


_COMMAND: Final = (sys.executable, "-c", "from tests.reliability.placed import run; run()")


def _start(bench: Bench, plan: Plan, *more: str | Path) -> subprocess.Popen[str]:
    return bench.start(*more, env={"PROVSCAN_PLAN": json.dumps(asdict(plan))}, command=_COMMAND)


def kills_at_moments(bench: Bench, *, until: float = math.inf) -> Iterator[Row]:
    """A row for each part of a run and each of those who are killed in it. What is done is kept in the bench's folder: a
    later call goes on there. After `until`, of the monotonic clock, no kill begins; until then each part gets its turn."""
    events, kept = _events(bench), bench.folder / "moments.jsonl"
    done = [Kill(**json.loads(line)) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []
    for who, part, stage, nth in _turns(events):
        if any((one.who, one.stage, one.nth) == (who, stage, nth) for one in done):
            continue
        if time.monotonic() > until:
            break
        done.append(_inject(bench, who, part, stage, nth))
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(done[-1])) + "\n")
    for who, part in ((who, part) for who, parts in _KILLS.items() for part in parts):
        if seen := [kill for kill in done if (kill.who, kill.part) == (who, part) and kill.is_hit]:
            yield _row(bench, seen)


def _turns(events: Sequence[str]) -> Iterator[tuple[str, str, str, int]]:
    """Who is killed, part, stage and event of each kill: one of each row in turn, the moments of a row in random order."""
    rows = []
    for who, parts in _KILLS.items():
        for part, count in parts.items():
            moments = list(_moments(events, _PARTS[part], count))
            random.Random(f"{SEED} {who} {part}").shuffle(moments)
            rows.append([(who, part, *moment) for moment in moments])
    for turn in zip_longest(*rows):
        yield from filter(None, turn)


def _events(bench: Bench) -> list[str]:
    """The stage of each progress event of an undisturbed scan."""
    log = bench.folder / "events.log"
    if not log.exists():
        out, cache, written = *bench.fresh("events"), bench.folder / "events.new"
        written.unlink(missing_ok=True)
        _start(bench, Plan(log=str(written)), "--out", out, "--cache", cache).communicate(timeout=PATIENCE)
        written.rename(log)
    return log.read_text("utf-8").splitlines()


def _moments(events: Sequence[str], stages: Sequence[str], count: int) -> Iterator[tuple[str, int]]:
    """Stage and number of `count` events, or of all where there are fewer, that are spread evenly over a part of a run."""
    numbered, seen = [], Counter[str]()
    for stage in events:
        if stage in stages:
            seen[stage] += 1
            numbered.append((stage, seen[stage]))
    count = min(count, len(numbered))
    for index in range(count):
        yield numbered[(2 * index + 1) * len(numbered) // (2 * count)]


def _inject(bench: Bench, who: str, part: str, stage: str, nth: int) -> Kill:
    """Kill at one moment, and scan again with the same cache."""
    out, cache = bench.fresh("placed")
    killed = bench.folder / "killed"
    killed.unlink(missing_ok=True)
    with _cluster(bench.folder, who) as (nodes, options):
        plan = Plan(log=os.devnull, stage=stage, nth=nth, who=who, nodes=nodes, killed=str(killed))
        process = _start(bench, plan, "--out", out, "--cache", cache, *options)
        _, said = process.communicate(timeout=PATIENCE)
        alive = left(process)
    unlike, missing = 0, 0
    if process.returncode not in (-signal.SIGKILL, 4, 5):
        unlike, missing = bench.lost(out), len(lines_of(bench.undisturbed)) - len(lines_of(out))
    bench.run("--out", out, "--cache", cache, "--retry")
    stale = unfinished(bench.folder)
    return Kill(
        who=who, part=part, stage=stage, nth=nth, code=process.returncode, lost=bench.lost(out) + missing, left=alive,
        unlike=unlike, stale=stale, said=last_line(said),
        is_hit=who == "run" or killed.exists(),
    )  # fmt: skip


def _row(bench: Bench, kills: Sequence[Kill]) -> Row:
    first, codes = kills[0], {kill.code for kill in kills}
    kept = f"equal records after the restart; {sum(kill.stale for kill in kills)} temporary folders"
    wanted = "-9"
    if first.who != "run":
        unlike = sum(kill.unlike for kill in kills)
        kept = f"a record of every file; {unlike} of them not as undisturbed before the restart with --retry"
        wanted = f"{bench.code} or 3"
    kept = "; ".join((kept, *sorted({kill.said for kill in kills if kill.code in (4, 5)})))
    names = {"run": "the run", "worker": "a worker", "node": f"one of {_NODES} nodes of a dask cluster"}
    moments = f"{len(kills)} moment{'s' * (len(kills) > 1)}"
    return Row(
        f"SIGKILL of {names[first.who]} in {first.part}, {moments}", wanted, codes_of(codes),
        sum(kill.lost for kill in kills), sum(kill.left for kill in kills), kept,
    )  # fmt: skip


@contextmanager
def _cluster(folder: Path, who: str) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Process ids of the nodes of a cluster, and the options of a scan on it; neither where no node is to be killed."""
    if who != "node":
        yield (), ()
        return
    with dask_cluster(folder, _NODES) as cluster:
        yield tuple(node.pid for node in cluster.nodes), ("--executor", "dask", "--scheduler", cluster.address)


def main() -> None:
    """Goes on in FOLDER where it was ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.placed", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=math.inf, help="no kill begins after this time")
    asked = parser.parse_args()
    for row in kills_at_moments(pictures_bench(asked.folder), until=time.monotonic() + asked.seconds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
