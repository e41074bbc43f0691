"""An audit of a made season, killed at random moments and run again, beside one that nothing disturbed.

`python -m tests.reliability.audits FOLDER [--kills 20] [--scheduler ADDRESS] [--name NAME]`. FOLDER keeps the season and
what is done, so the command goes on where it was ended. Prints what each audit took, and what differs.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.measure import machine
from tests.e2e.process import COMMAND, environment
from tests.reliability.bench import left
from tests.reliability.season import Season, make_season

__all__ = ["Disturbed", "audit", "differences", "disturb"]

SEED: Final = 22
_TIMES: Final = frozenset({"started", "before"})
"""What `audit.json` states of the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbed:
    """An audit that was killed again and again, until it was let alone."""

    kills: int
    moments: tuple[str, ...]
    """What was done when it was killed: the stage and its progress."""
    seconds: float
    """Of all its runs together."""
    exit_code: int
    left: int
    """Processes that lived a minute after a kill of their parent."""


def audit(season: Season, out: Path, cache: Path, more: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start an audit in a session of its own. Its progress is in `out`.log."""
    command = ("audit", season.folder, "--out", out, "--cache", cache, "--policy", "netflix-2025", "--register",
               season.register, "--progress", "json", *more)  # fmt: skip
    with out.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, *map(str, command)], env=environment(), start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=log,
        )  # fmt: skip


def disturb(
    season: Season,
    out: Path,
    cache: Path,
    *,
    kills: int,
    seconds: float,
    more: Sequence[str] = (),
    chance: random.Random,
) -> Disturbed:
    """Kill the audit `kills` times, each after a random time up to twice the mean that spreads them over `seconds`,
    which an undisturbed one takes; then let it end. An audit that ends before gets no more kills. Kills that come closer
    together than the longest programme takes to read would never let it end."""
    began, moments, alive = time.monotonic(), list[str](), 0
    for _ in range(kills):
        process = audit(season, out, cache, more)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(3.0, max(2 * seconds / kills, 6.0)))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        alive += left(process)
        moments.append(_last_progress(out.with_suffix(".log")))
        print(f"kill {len(moments)}: {moments[-1]}", flush=True)
    else:
        process = audit(season, out, cache, more)
        process.wait()
    return Disturbed(
        kills=len(moments), moments=tuple(moments), seconds=time.monotonic() - began, exit_code=process.returncode,
        left=alive,
    )  # fmt: skip


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


def _last_progress(log: Path) -> str:
    for line in reversed(log.read_text("utf-8", "replace").splitlines()):
        with suppress(ValueError, TypeError, KeyError):
            said = json.loads(line)
            return f"{said['stage']} {said['done']}/{said['total']}"
    return "before the first stage"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.audits", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--scheduler", default="", help="address of a dask cluster for the disturbed audit")
    parser.add_argument("--name", default="disturbed", help="of the disturbed audit's folder")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--assets", type=int, default=300, help="of each episode")
    parser.add_argument("--seconds", type=int, default=360, help="of programme in each episode")
    asked = parser.parse_args()
    print(machine(), flush=True)
    folder: Path = asked.folder
    season = make_season(folder, episodes=asked.episodes, assets=asked.assets, seconds=asked.seconds)
    quiet, took = folder / "undisturbed", folder / "undisturbed.seconds"
    if not took.exists():
        began = time.monotonic()
        code = audit(season, quiet, folder / "undisturbed-cache", ("--jobs", "2")).wait()
        took.write_text(f"{time.monotonic() - began:.1f} {code}")
    seconds, code = took.read_text().split()
    print(f"undisturbed: {season.assets} assets, {season.seconds / 60:g} minutes of programme, {seconds} s, exit code {code}",
          flush=True)  # fmt: skip
    more = ("--executor", "dask", "--scheduler", asked.scheduler) if asked.scheduler else ("--jobs", "2")
    seen = disturb(
        season, folder / asked.name, folder / f"{asked.name}-cache", kills=asked.kills, seconds=float(seconds),
        more=more, chance=random.Random(SEED),
    )  # fmt: skip
    found = differences(quiet, folder / asked.name)
    print(f"disturbed: {seen.kills} kills, {seen.seconds:.0f} s, exit code {seen.exit_code}, processes left {seen.left}; "
          f"{'; '.join(found) or 'records and roll-up are equal'}")  # fmt: skip


if __name__ == "__main__":
    main()
