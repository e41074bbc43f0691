"""An audit of a made season, killed at random moments of its progress and run again, beside one that nothing disturbed.

`python -m tests.reliability.audits FOLDER [--kills 20] [--cluster] [--name NAME] [--seconds S]`. FOLDER keeps the season and
what is done, so the command goes on where it was ended: after S seconds it interrupts the audit as Ctrl-C does, and ends.
Prints what each audit took, and what differs.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from math import inf
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.benchmarks.measure import machine
from tests.e2e.process import COMMAND, PATIENCE, environment
from tests.reliability.bench import left, workers_of
from tests.reliability.nodes import Cluster, dask_cluster
from tests.reliability.season import Season, make_season

__all__ = ["Event", "Place", "audit", "differences", "disturb", "moments"]

SEED: Final = 22
_TIMES: Final = frozenset({"started", "before"})
"""What `audit.json` states of the clock."""
_EPISODE: Final = re.compile(r"\S+ \((\d+) of \d+\): (.+)", re.S)
_STAGES: Final = ("Finding", "Examining", "Verifying digests", "Comparing with references", "Judging", "Drawing", "Drawing matches",
                  "Writing the reports")  # fmt: skip
_PAUSE: Final = 0.05
Place: TypeAlias = tuple[int, int, int]
"""How far an audit is: number of the episode, of the stage in it, and what is done of that stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to an audit that is disturbed."""

    what: str
    """`run`, `worker` or `node`: who was killed. `interrupt`: the measurement was. `end`: it ended by itself."""
    at: Place
    seconds: float
    """For which it had run, since the event before."""
    left: int = 0
    """Processes that lived a minute after the audit ended."""
    code: int | None = None
    """The audit's exit code, where it ended."""


@dataclass(slots=True)
class _Audit:
    """A running audit, its progress followed in its log."""

    process: subprocess.Popen[bytes]
    log: Path
    began: float = field(default_factory=time.monotonic)
    place: Place = (0, 0, 0)
    _read: int = 0

    def follow(self) -> None:
        """Read what the log has more."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            lines = file.read().rpartition(b"\n")[0]
        self._read += len(lines)
        for place in _places(lines.decode("utf-8", "replace")):
            self.place = place

    def end(self) -> int:
        """Wait until it has ended. Returns how many of its processes live on."""
        self.process.wait(PATIENCE)
        return left(self.process)


def audit(season: Season, out: Path, cache: Path, more: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start an audit in a session of its own. Its progress is in `out`.log."""
    command = ("audit", season.folder, "--out", out, "--cache", cache, "--policy", "netflix-2025", "--register",
               season.register, "--progress", "json", *more)  # fmt: skip
    with out.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, *map(str, command)], env=environment(), start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=log,
        )  # fmt: skip


def moments(log: Path, kills: int) -> list[Place]:
    """Random places of an undisturbed audit, in their order. It reports its progress once a second."""
    seen = sorted(set(_places(log.read_text("utf-8", "replace"))))
    return sorted(random.Random(SEED).sample(seen, kills))


def _places(log: str) -> Iterator[Place]:
    for line in log.splitlines():
        with suppress(ValueError, TypeError, KeyError):
            stated = json.loads(line)
            if found := _EPISODE.fullmatch(stated["stage"]):
                yield int(found[1]), _STAGES.index(found[2]), stated["done"]


@dataclass(slots=True, kw_only=True)
class _Disturbing:
    """Kills an audit at given moments, whoever's turn it is, and starts it again where it was the audit itself."""

    start: Callable[[], subprocess.Popen[bytes]]
    log: Path
    """Of its progress."""
    kept: Path
    """Gets each event."""
    until: float
    """Of the monotonic clock: then the audit is interrupted."""
    cluster: Cluster | None = None
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.kept.exists():
            for line in self.kept.read_text("utf-8").splitlines():
                stated = json.loads(line)
                self.events.append(Event(**{**stated, "at": tuple(stated["at"])}))

    def run(self, places: Sequence[Place]) -> None:
        """Until the audit has ended by itself, or the time is over."""
        if any(event.what == "end" for event in self.events):
            return
        done = sum(event.what not in ("interrupt", "end") for event in self.events)
        turns = ("worker", "node", "run") if self.cluster else ("worker", "run")
        # The last kill is one of the run: the audit that follows examines again what the workers lost.
        targets = [
            *zip(places, islice(cycle(turns), max(len(places) - 1, 0)), strict=False),
            *((place, "run") for place in places[-1:]),
        ]
        running = self._start()
        for place, who in targets[done:]:
            self._wait(running, place)
            if self._has_ended(running):
                return
            if self._kill(running, who):
                running = self._start()
        self._wait(running, None)
        self._has_ended(running)

    def _start(self) -> _Audit:
        size = self.log.stat().st_size if self.log.exists() else 0
        return _Audit(self.start(), self.log, _read=size)

    def _wait(self, running: _Audit, place: Place | None) -> None:
        """Until it comes to a place, or ends, or its time is over."""
        while running.process.poll() is None and time.monotonic() < self.until:
            time.sleep(_PAUSE)
            running.follow()
            if place is not None and running.place >= place:
                return

    def _has_ended(self, running: _Audit) -> bool:
        """Whether it ended by itself, or by an interrupt now."""
        if (code := running.process.poll()) is None and time.monotonic() < self.until:
            return False
        if code is None:
            running.process.send_signal(signal.SIGINT)
        self._note(running, "interrupt" if code is None else "end", running.end())
        return True

    def _kill(self, running: _Audit, who: str) -> bool:
        """Whether the audit itself was killed."""
        if who == "run":
            running.process.kill()
            self._note(running, who, running.end())
            return True
        if who == "node" and self.cluster:
            node = next(node for node in reversed(self.cluster.nodes) if node.poll() is None)
            node.kill()
            node.wait()
            self.cluster.start_node()  # as a farm does
        elif not self._kill_worker(running):
            return False
        self._note(running, who)
        return False

    def _kill_worker(self, running: _Audit) -> bool:
        """Whether there was one: between two stages there is none for a moment."""
        parents = [node.pid for node in self.cluster.nodes] if self.cluster else [running.process.pid]
        while running.process.poll() is None and time.monotonic() < self.until:
            if workers := [worker for parent in parents for worker in workers_of(parent)]:
                random.Random(len(self.events)).choice(workers).kill()
                return True
            time.sleep(_PAUSE)
        return False

    def _note(self, running: _Audit, what: str, alive: int = 0) -> None:
        now = time.monotonic()
        event = Event(
            what=what, at=running.place, seconds=round(now - running.began, 1), left=alive,
            code=running.process.poll() if what != "run" else None,
        )  # fmt: skip
        running.began = now
        self.events.append(event)
        with self.kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(event)) + "\n")
        print(event, flush=True)


def differences(first: Path, second: Path) -> list[str]:
    """What two audits of the same season state differently, times aside: records byte by byte, and the roll-up."""
    found = []
    for records in sorted(first.glob("deliveries/*/records.jsonl")):
        name = records.relative_to(first)
        if not (second / name).exists():
            found.append(f"{name} is missing")
            continue
        one, other = records.read_bytes().splitlines(), (second / name).read_bytes().splitlines()
        unequal = sum(line != twin for line, twin in zip(one, other, strict=False)) + abs(len(one) - len(other))
        if unequal:
            found.append(f"{name}: {unequal} of {len(one)} records differ")
    if _timeless(first / "audit.json") != _timeless(second / "audit.json"):
        found.append("audit.json differs")
    return found


def _timeless(path: Path) -> Any:
    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key not in _TIMES}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return strip(json.loads(path.read_text("utf-8")))


def disturb(
    season: Season, out: Path, places: Sequence[Place] = (), *, until: float = inf, cluster: Cluster | None = None
) -> list[Event]:
    """Audit a season and kill it at those places, in turn a worker, a node of the cluster where there is one, and the run
    itself, which is started again. The last event is its end, or an interrupt once it is `until` on the monotonic clock;
    then the same call goes on there."""
    more = ("--executor", "dask", "--scheduler", cluster.address) if cluster else ("--jobs", "2")
    cache = out.with_name(f"{out.name}-cache")
    disturbing = _Disturbing(
        start=lambda: audit(season, out, cache, ("--retry", *more)), log=out.with_suffix(".log"),
        kept=out.with_suffix(".jsonl"), until=until, cluster=cluster,
    )  # fmt: skip
    disturbing.run(places)
    return disturbing.events


def _outcome(events: Sequence[Event]) -> str:
    kills = [event.what for event in events if event.what not in ("interrupt", "end")]
    counts = ", ".join(f"{kills.count(who)} of a {who}" for who in ("run", "worker", "node") if who in kills)
    return (f"{len(kills)} kills{f' ({counts})' if kills else ''}, {sum(event.what == 'interrupt' for event in events)} interrupts, "
            f"{sum(event.seconds for event in events):.0f} s, exit code {events[-1].code}, processes left "
            f"{sum(event.left for event in events)}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.audits", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cluster", action="store_true", help="disturb an audit on a dask cluster of two nodes")
    parser.add_argument("--name", default="disturbed", help="of the disturbed audit's folder")
    parser.add_argument("--seconds", type=float, default=inf, help="after which the measurement ends")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--assets", type=int, default=300, help="of each episode")
    parser.add_argument("--programme", type=int, default=360, help="seconds of each episode")
    asked = parser.parse_args()
    until = time.monotonic() + asked.seconds
    folder: Path = asked.folder
    print(machine(), flush=True)
    season = make_season(
        folder, episodes=asked.episodes, assets=asked.assets, seconds=asked.programme, pictures=2, shots=3
    )
    print(f"{season.assets} assets, {season.seconds / 60:g} minutes of programme", flush=True)

    def measure(name: str, places: Sequence[Place] = (), cluster: Cluster | None = None) -> bool:
        events = disturb(season, folder / name, places, until=until, cluster=cluster)
        is_done = events[-1].what == "end"
        print(f"{name}: {_outcome(events)}{'' if is_done else '; not ended yet'}", flush=True)
        return is_done

    if measure("undisturbed"):
        with dask_cluster(folder, 2) if asked.cluster else nullcontext() as cluster:
            if measure(asked.name, moments(folder / "undisturbed.log", asked.kills), cluster):
                print(
                    "; ".join(differences(folder / "undisturbed", folder / asked.name))
                    or "records and roll-up are equal"
                )


if __name__ == "__main__":
    main()
