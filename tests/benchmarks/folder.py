"""A folder, scanned cold, warm, with one worker and two, beside exiftool where it is; and each reader's cost."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scanner.discover.discover import discover
from scanner.examine import examine as examining
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Asset
from tests.benchmarks.measure import Series, calls_per_file, process, repeat
from tests.benchmarks.table import table

__all__ = ["beside_exiftool", "by_reader", "races"]

ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("PROVSCAN_")}


def _scan(root: Path, cache: Path, *more: str, matching: str = "off") -> list[str | Path]:
    code = "from scanner.cli import main; main()"
    what = ("--cache", cache, "--format", "jsonl", "--matching", matching)
    return [sys.executable, "-c", code, "scan", root, *what, *more]


def races(root: Path, work: Path, times: int) -> Iterator[str]:
    """The table of whole runs."""
    files = sum(1 for path in root.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    cache = work / "cache"

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    runs: list[Series] = []
    for jobs in ("1", "2"):
        command = _scan(root, cache, "--jobs", jobs)
        runs.append(repeat(f"what files say, cold, {jobs} jobs", times, lambda c=command: process(c, ENVIRON), forget))
    plain = _scan(root, cache, "--digest", "none", "--jobs", "2")
    runs.append(repeat("what files say, cold, 2 jobs, no digest", times, lambda: process(plain, ENVIRON), forget))
    forget()
    process(_scan(root, cache), ENVIRON)
    runs.append(repeat("what files say, warm", times, lambda: process(_scan(root, cache), ENVIRON)))
    compared = _scan(root, cache, "--jobs", "2", matching="on")
    runs.append(repeat("pictures and sounds compared too, cold", times, lambda: process(compared, ENVIRON), forget))
    runs.append(repeat("the same, warm", times, lambda: process(compared, ENVIRON)))
    runs.append(repeat("of an empty folder", times, lambda: process(_scan(_empty(work), cache), ENVIRON)))
    rival = shutil.which("exiftool")
    if rival:
        command = [rival, "-r", "-j", root]
        runs.append(repeat("exiftool -r -j", times, lambda: process(command, ENVIRON)))
    basis = runs[-1] if rival else None
    yield f"{files} files, {size / 1e6:.0f} MB; median of {times} runs, the file system's cache warm\n"
    rows = [
        (
            run.name,
            f"{run.wall:.2f}",
            run.spread,
            f"{run.cpu:.2f}",
            f"{run.wall / files * 1000:.2f}",
            f"{run.wall / basis.wall:.2f}" if basis else "-",
            f"{run.cpu / basis.cpu:.2f}" if basis else "-",
        )
        for run in runs
    ]
    heads = ("run", "wall s", "min-max", "CPU s", "wall ms a file", "wall ÷ exiftool", "CPU ÷ exiftool")
    yield table(heads, rows)
    counts = calls_per_file(_scan(root, cache, "--executor", "serial"), ENVIRON, root, work / "strace")
    if counts is None:
        yield "System calls were not counted: there is no strace.\n"
    else:
        told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda it: -it[1]))
        yield f"System calls on paths of a warm scan: {sum(counts.values()) / files:.2f} a file ({told})\n"


def beside_exiftool(root: Path, work: Path, times: int) -> Iterator[str]:
    """Processor and wall time beyond start-up, beside `exiftool -fast`, each run in turn. Nothing where it is not.

    provscan also decodes what is judged as a final, which no reader of metadata does; of references nothing is decoded.
    """
    rival = shutil.which("exiftool")
    if rival is None:
        return
    cache = work / "cache"
    empty, fast = _empty(work), [rival, "-fast", "-r", "-j"]
    commands: dict[str, list[str | Path]] = {
        "start": [*_scan(empty, cache), "--no-cache"],
        "exiftool start": [*fast, empty],
        "exiftool -fast -r -j": [*fast, root],
    }
    for jobs in ("1", "2"):
        plain = [*_scan(root, cache, "--jobs", jobs), "--no-cache"]
        commands[f"finals decoded, {jobs} jobs"] = plain
        commands[f"nothing decoded, {jobs} jobs"] = [*plain, "--category", "**=reference"]
    turns = [{name: process(command, ENVIRON) for name, command in commands.items()} for _ in range(times)]
    runs = {name: Series(name, tuple(turn[name] for turn in turns)) for name in commands}
    start, base = runs.pop("start"), runs.pop("exiftool start")
    rival_cpu, rival_wall = (
        max(runs["exiftool -fast -r -j"].cpu - base.cpu, 0.01),
        max(runs["exiftool -fast -r -j"].wall - base.wall, 0.01),
    )
    yield f"Beyond start-up (provscan {start.cpu:.2f} s of processor time, exiftool {base.cpu:.2f} s):\n"
    rows = []
    for name, run in runs.items():
        own = base if name.startswith("exiftool") else start
        cpu, wall = run.cpu - own.cpu, run.wall - own.wall
        rows.append((name, f"{cpu:.2f}", f"{cpu / rival_cpu:.2f}", f"{wall:.2f}", f"{wall / rival_wall:.2f}"))
    yield table(("run", "CPU s", "CPU ÷ exiftool", "wall s", "wall ÷ exiftool"), rows)


def _empty(work: Path) -> Path:
    (work / "empty").mkdir(exist_ok=True)
    return work / "empty"


def by_reader(root: Path) -> Iterator[str]:
    """Milliseconds a file that each reader takes for each format it looks at, in one warm process."""
    assets = [asset for asset in discover([root]) if not asset.problems]
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    original = examining._look

    def timed(reader, asset: Asset, *rest) -> None:
        began = time.perf_counter()
        original(reader, asset, *rest)
        if examining._is_defined(reader, rest[0]):
            spent[reader.name, asset.media_type].append((time.perf_counter() - began) * 1000)

    settings = ExamineSettings()
    for asset in assets[:50]:
        examine(asset, settings)  # imports and first uses
    examining._look = timed
    try:
        for asset in assets:
            examine(asset, settings)
    finally:
        examining._look = original
    whole = sum(map(sum, spent.values()))
    rows = [
        (reader, media_type, str(len(ms)), f"{statistics.median(ms):.2f}", f"{max(ms):.1f}", f"{sum(ms) / whole:.1%}")
        for (reader, media_type), ms in sorted(spent.items(), key=lambda it: -sum(it[1]))
        if sum(ms) >= whole / 200
    ]
    yield f"All readers together: {whole / max(len(assets), 1):.2f} ms an asset. Under half a per cent is left out.\n"
    yield table(("reader", "format", "looks", "median ms", "max ms", "share"), rows)
