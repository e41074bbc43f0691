"""Injects faults into real scans and writes `docs/reliability.md`: what was expected, what was seen, what stayed behind.

`python -m tests.reliability [ROUNDS] [--folder FOLDER] [--seconds SECONDS]`; a full disk is a small file system of its own,
which needs root on Linux. FOLDER keeps what is done, and a later call goes on there; after SECONDS no more faults begin.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.e2e.process import COMMAND, PATIENCE, environment
from tests.hostile import cuts
from tests.reliability import together
from tests.reliability.bench import FILES, Bench, Row, codes_of, last_line, left, lines_of, unfinished, workers_of
from tests.reliability.disks import full_output_disk, full_temporary_folder
from tests.reliability.placed import kills_at_moments, pictures_bench

PAGE = Path(__file__).parents[2] / "docs/reliability.md"
SEED = 13


def stopped(bench: Bench, number: signal.Signals, rounds: int) -> Row:
    """Stopped at random moments, and run again with the same cache."""
    chance, codes, lost, alive, stale = random.Random(SEED), set[int](), 0, 0, 0
    for turn in range(rounds):
        out, cache = bench.fresh(f"{number.name}-{turn}")
        temporary = bench.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        process = bench.start("--out", out, "--cache", cache, env={"TMPDIR": str(temporary)})
        if number is not signal.SIGKILL:
            _wait_for(cache / "examinations.sqlite", process)  # before, Python itself answers a signal
        time.sleep(chance.uniform(0.0, 0.6) * bench.seconds)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
        codes.add(process.returncode)
        alive += left(process)
        if number is not signal.SIGKILL:
            stale += unfinished(bench.folder) + len(list(temporary.iterdir()))
        bench.run("--out", out, "--cache", cache)
        lost += bench.lost(out)
        stale += unfinished(bench.folder)
        shutil.rmtree(temporary)
    wanted = "-9" if number is signal.SIGKILL else f"130, or {bench.code} where it had ended"
    restarts = "the restart" if rounds == 1 else f"each of {rounds} restarts"
    kept = f"equal records after {restarts}; {stale} temporary folders"
    return Row(f"{number.name} of the run at a random moment", wanted, codes_of(codes), lost, alive, kept)


def worker_killed(bench: Bench, rounds: int) -> Row:
    """One worker killed in the midst of its work: the file that it had is not inspected, and no other is touched."""
    codes, lost, alive = set[int](), 0, 0
    for turn in range(rounds):
        out, cache = bench.fresh(f"worker-{turn}")
        process = bench.start("--out", out, "--cache", cache)
        while process.poll() is None:
            workers = workers_of(process.pid)
            if workers and (cache / "examinations.sqlite").exists():
                with suppress(psutil.Error):
                    workers[0].kill()
                break
            time.sleep(0.02)
        process.communicate(timeout=PATIENCE)
        codes.add(process.returncode)
        alive += left(process)
        lost += FILES - len(lines_of(out))
    return Row("SIGKILL of a worker", f"{bench.code}", codes_of(codes), lost, alive, "a record of every file")


def _wait_for(sign: Path, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and not sign.exists():
        time.sleep(0.01)


def output_removed(bench: Bench) -> Row:
    """The folder in the making is removed under the run."""
    out, cache = bench.fresh("removed")
    process = bench.start("--out", out, "--cache", cache)
    while process.poll() is None:
        made = [path for path in bench.folder.iterdir() if path.name.startswith(f".{out.name}.provscan-")]
        if made:
            shutil.rmtree(made[0], ignore_errors=True)
            break
        time.sleep(0.02)
    process.communicate(timeout=PATIENCE)
    alive = left(process)
    bench.run("--out", out, "--cache", cache)
    return Row(
        "the output folder removed in mid-run", "4", codes_of({process.returncode}), bench.lost(out), alive,
        "the same command again has all records",
    )  # fmt: skip


def vanishing_files(bench: Bench) -> Row:
    """Files are removed and cut while the scan runs."""
    folder = bench.folder / "vanishing"
    shutil.copytree(bench.delivery, folder)
    out, cache = bench.fresh("vanish")
    process = subprocess.Popen(
        [*COMMAND, "scan", str(folder), "--out", str(out), "--cache", str(cache), "--jobs", "1"],
        env=environment(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    _wait_for(cache / "examinations.sqlite-wal", process)
    time.sleep(0.3)
    for number, path in enumerate(sorted(folder.rglob("*.png"))[::-1][:10]):
        path.unlink() if number % 2 else os.truncate(path, 20)
    process.communicate(timeout=PATIENCE)
    summary = json.loads((out / "summary.json").read_text())["assets"]
    lost = summary["found"] - len(lines_of(out))
    return Row(
        "files removed and cut in mid-scan", "1 or 3", codes_of({process.returncode}), lost, left(process),
        "a record of every file that was found",
    )  # fmt: skip


def streams(bench: Bench, words: str, fault: str, expected: str) -> Row:
    """A stream that cannot be written."""
    cache = bench.fresh("streams")[1]
    command = [*COMMAND, "scan", str(bench.delivery), "--cache", str(cache), "--matching", "off"]
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {words}', "sh", *command], env=environment(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    _, said = process.communicate(timeout=PATIENCE)
    return Row(fault, expected, codes_of({process.returncode}), "no records asked for", left(process), last_line(said))


@dataclass(slots=True)
class _Kept:
    """Rows that are measured, in a file."""

    path: Path
    until: float
    """Of the monotonic clock: after it nothing begins."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    """By the name of what was done; no row where this machine does not allow it."""

    def __post_init__(self) -> None:
        for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
            done = json.loads(line)
            self.rows[done["name"]] = [Row(**row) for row in done["rows"]]

    def add(self, name: str, make: Callable[[], Row | Iterable[Row] | None]) -> None:
        """Measure it, if it is not known and there is time."""
        if name in self.rows or time.monotonic() > self.until:
            return
        made = make()
        self.rows[name] = [made] if isinstance(made, Row) else list(made or ())
        for row in self.rows[name]:
            print(row, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "rows": [asdict(row) for row in self.rows[name]]}) + "\n")


def measure(rounds: int, folder: Path, until: float) -> Iterator[tuple[list[Row], bool]]:
    """All rows until now, and whether each fault that was begun could be injected: after each fault."""
    kept = _Kept(folder / "rows.jsonl", until)
    pictures = pictures_bench(folder)
    killed = list(kills_at_moments(pictures, until=until))
    stills = Bench(folder / "stills")
    for name, make in (*_of_stills(stills, rounds).items(), *together.damaged_libraries(pictures)):
        kept.add(name, make)
        yield [*killed, *(row for rows in kept.rows.values() for row in rows)], all(kept.rows.values())


def _of_stills(bench: Bench, rounds: int) -> Mapping[str, Callable[[], Row | Iterable[Row] | None]]:
    return {
        "two caches": lambda: together.two_scans(bench, shares_output=False),
        "two outputs": lambda: together.two_scans(bench, shares_output=True),
        "records": lambda: together.damaged_records(bench),
        "clock": lambda: together.clock_goes_back(bench, max(2, rounds)),
        "cache": lambda: together.damaged_caches(bench),
        "cache overwritten": lambda: together.overwritten_cache(bench),
        "records cut": lambda: together.cut_records(bench),
        "SIGKILL": lambda: stopped(bench, signal.SIGKILL, rounds),
        "SIGTERM": lambda: stopped(bench, signal.SIGTERM, rounds),
        "SIGINT": lambda: stopped(bench, signal.SIGINT, rounds),
        "worker": lambda: worker_killed(bench, rounds),
        "output disk": lambda: full_output_disk(bench),
        "temporary disk": lambda: full_temporary_folder(bench),
        "output removed": lambda: output_removed(bench),
        "vanishing": lambda: vanishing_files(bench),
        "output closed": lambda: streams(bench, ">&-", "standard output closed", "4"),
        "error closed": lambda: streams(bench, "2>&-", "standard error closed", f"{bench.code}"),
        "output full": lambda: streams(bench, "> /dev/full", "no room behind standard output", "4"),
    }


def page(rows: Sequence[Row], left_out: list[str], rounds: int) -> str:
    """The document."""
    table = "\n".join(
        f"| {row.fault} | {row.expected} | {row.seen} | {row.lost} | {row.left} | {row.kept} |" for row in rows
    )
    numbers = [row.lost for row in rows if isinstance(row.lost, int)]
    often = "once" if rounds == 1 else f"{rounds} times"
    more = f"\nNot injected on this machine: {'; '.join(left_out)}.\n" if left_out else ""
    return f"""<!-- Made by `make reliability`; of it only "Long runs" is written by hand. -->

# Reliability

Faults that were injected into real scans of {FILES} files with two workers, {often} each where the moment is
random. Kills "in examining, recognising, drawing, writing" are placed by the progress of a run: at events spread evenly over
that part. They, and the damaged libraries, were measured on 14 files: archival stills, AI pictures, temporary clips and a
programme that shows some of them. Measured on {datetime.now(UTC):%Y-%m-%d}, {sys.platform}, Python {sys.version.split()[0]}, {os.cpu_count()} cores.

| fault | exit code expected | seen | records lost | processes left | what was kept, or the message |
|---|---|---|---|---|---|
{table}

Records lost: {sum(numbers)}. Processes left: {sum(row.left for row in rows)}.
{more}
A record is lost if an undisturbed scan has one and the disturbed scan, run again with the same cache, has no equal
one. A process is left if it lives a minute after the command ended. Windows has no process groups: there a
decoder ends at its next write. A decoder that runs in the main process (`--executor serial`, `trace`, `explain`) and
gives no output is not ended by SIGKILL of that process; by SIGTERM and Ctrl-C it is. A file that was being read at a kill is
read again from its start: a run that is killed again and again before its longest programme is read never ends.

{_long_runs(PAGE.read_text("utf-8"))}{cuts.summary(cuts.PAGE.read_text())}"""


def _long_runs(text: str) -> str:
    """The section that measurements of an hour and more fill by hand."""
    found = re.search(r"^## Long runs\n.*?(?=^## )", text, re.M | re.S)
    return found[0] if found else ""


def main() -> None:
    """Measure, and write the page after each row: what was measured stays if the command is ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seconds", type=float, default=math.inf)
    asked = parser.parse_args()
    missing = ["no room on a disk (needs root), or a clock that goes back (needs a C compiler)"]
    with tempfile.TemporaryDirectory(prefix="reliability-") as name:
        for rows, is_complete in measure(asked.rounds, asked.folder or Path(name), time.monotonic() + asked.seconds):
            PAGE.write_text(page(rows, [] if is_complete else missing, asked.rounds), "utf-8")


if __name__ == "__main__":
    main()
