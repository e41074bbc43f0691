"""Two scans at once, a clock that goes back, and stored files that are damaged: cache, library, records."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from tests.e2e.process import PATIENCE, provscan
from tests.reliability.bench import Bench, Row, codes_of, last_line, left, unfinished

__all__ = [
    "clock_goes_back", "cut_records", "damaged_caches", "damaged_libraries", "damaged_records", "overwritten_cache", "two_scans",
]  # fmt: skip

SEED: Final = 22
_SHIM: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static double began;
static time_t back(void) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  struct timespec now;
  real(CLOCK_MONOTONIC, &now);
  double at = now.tv_sec + now.tv_nsec / 1e9;
  if (!began) began = at;
  return at - began > atof(getenv("CLOCK_AFTER")) ? 86400 : 0;
}
int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(clock, time);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec -= back();
  return done;
}
int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  int done = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec; time->tv_usec = now.tv_nsec / 1000;
  return done;
}
time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
"""
"""A library that is loaded before the C library: a day is taken off the clock CLOCK_AFTER seconds after the start."""


def two_scans(bench: Bench, *, shares_output: bool) -> Row:
    """Two scans of one delivery at the same time with one cache, and with one output folder or two."""
    name = "one-output" if shares_output else "one-cache"
    out, cache = bench.fresh(name)
    outs = (out, out if shares_output else bench.fresh(f"{name}-2")[0])
    both = [bench.start("--out", each, "--cache", cache) for each in outs]
    said = [process.communicate(timeout=PATIENCE)[1] for process in both]
    codes = {process.returncode for process in both}
    lost = sum(bench.lost(each) for each in set(outs))
    checked = {provscan("verify-report", each).returncode for each in set(outs)}
    stale = unfinished(bench.folder)
    refused = next((last_line(words) for words, process in zip(said, both, strict=True) if process.returncode == 4), "")
    kept = f"verify-report: {codes_of(checked)}; {stale} temporary folders" + (f"; {refused}" if refused else "")
    return Row(
        f"two scans at once with one cache and {'one output folder' if shares_output else 'two output folders'}",
        f"{bench.code}, or 4 for one of them" if shares_output else f"{bench.code}", codes_of(codes), lost,
        sum(map(left, both)), kept,
    )  # fmt: skip


def clock_goes_back(bench: Bench, rounds: int) -> Row | None:
    """The machine's clock goes back by a day: before a second scan, and in the midst of scans."""
    source, library = bench.folder / "clock.c", bench.folder / "clock.so"
    source.write_text(_SHIM)
    compiler = shutil.which("cc")
    if (
        compiler is None
        or subprocess.run(
            [compiler, "-shared", "-fPIC", "-w", "-o", library, source, "-ldl"], capture_output=True, check=False
        ).returncode
    ):
        return None
    chance, codes, lost, alive = random.Random(SEED), set[int](), 0, 0
    for turn in range(rounds):
        out, cache = bench.fresh(f"clock-{turn}")
        if turn % 2:
            bench.run("--out", out, "--cache", cache)
        after = 0.0 if turn % 2 else chance.uniform(0.2, 0.9) * bench.seconds
        env = {"LD_PRELOAD": str(library), "CLOCK_AFTER": f"{after}"}
        process = bench.start("--out", out, "--cache", cache, env=env)
        process.communicate(timeout=PATIENCE)
        codes.add(process.returncode)
        alive += left(process)
        lost += bench.lost(out)
        bench.run("--out", out, "--cache", cache)
        lost += bench.lost(out)
    return Row("the clock goes back by a day, in a scan and between two", f"{bench.code}", codes_of(codes), lost, alive,
               f"equal records at once and after the next scan, {rounds} times")  # fmt: skip


def _cut(raw: bytearray) -> bytearray:
    return raw[: len(raw) // 2]


def _flip(raw: bytearray) -> bytearray:
    chance = random.Random(SEED)
    for _ in range(200):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return raw


def _clear(raw: bytearray) -> bytearray:
    raw[:4096] = bytes(min(4096, len(raw)))
    return raw


def _overwrite(raw: bytearray) -> bytearray:
    middle = slice(len(raw) // 4, len(raw) // 2)
    raw[middle] = bytes(len(raw[middle]))
    return raw


_DAMAGES: Final[dict[str, Callable[[bytearray], bytearray]]] = {
    "cut in half": _cut, "200 bits flipped": _flip, "its first 4,096 bytes zero": _clear,
}  # fmt: skip


def _damage(path: Path, how: Callable[[bytearray], bytearray]) -> None:
    path.write_bytes(how(bytearray(path.read_bytes())))


def damaged_caches(bench: Bench) -> Iterator[Row]:
    """The cache of a finished scan is damaged; the next one has the records of an undisturbed one."""
    for name, how in _DAMAGES.items():
        warned, row = _scan_with_damage(bench, f"the cache: {name}", how)
        yield replace(row, kept=last_line(next((line for line in warned if "cache" in line), "no warning")))


def overwritten_cache(bench: Bench) -> Row:
    """The cache is overwritten in its middle between two runs."""
    warned, row = _scan_with_damage(bench, "a quarter of the cache overwritten", _overwrite)
    return replace(row, kept=last_line(warned[0].replace("Written", "")) if warned else "equal records")


def _scan_with_damage(bench: Bench, fault: str, how: Callable[[bytearray], bytearray]) -> tuple[list[str], Row]:
    """What a scan prints on standard error whose cache was damaged after an earlier scan, and its row."""
    out, cache = bench.fresh("damaged-cache")
    bench.run("--out", out, "--cache", cache)
    _damage(cache / "examinations.sqlite", how)
    process = bench.start("--out", out, "--cache", cache)
    _, said = process.communicate(timeout=PATIENCE)
    row = Row(fault, f"{bench.code}", codes_of({process.returncode}), bench.lost(out), left(process), "")
    return said.splitlines(), row


def damaged_libraries(bench: Bench) -> Iterator[tuple[str, Callable[[], Row]]]:
    """A library is damaged between two scans; the name of each damage, and what measures it. A match counts as lost where it
    is missing, the exit code does not state that nothing was judged (4), and the record does not state that the file was not
    inspected."""
    library, good = bench.folder / "LIBRARY", bench.folder / "library-out"
    if not good.exists():
        provscan("library", "init", library)
        provscan("library", "add", library, bench.delivery / "05_Archival", "--role", "archival")
        shutil.copytree(library, bench.folder / "LIBRARY-WHOLE")
        bench.run("--out", good, "--cache", bench.folder / "library-cache", "--library", library)
    whole = bench.folder / "LIBRARY-WHOLE"
    for path in sorted(path for path in whole.rglob("*") if path.is_file() and path.stat().st_size > 4096):
        for name, how in _DAMAGES.items():
            fault = f"the library's {path.name}: {name}"
            yield fault, partial(_scan_with_library, bench, fault, path.relative_to(whole), how)


def _scan_with_library(bench: Bench, fault: str, place: Path, how: Callable[[bytearray], bytearray]) -> Row:
    library = bench.folder / "LIBRARY"
    shutil.rmtree(library)
    shutil.copytree(bench.folder / "LIBRARY-WHOLE", library)
    _damage(library / place, how)
    out, cache = bench.fresh("damaged-library")
    process = bench.start("--out", out, "--cache", cache, "--library", library)
    _, said = process.communicate(timeout=PATIENCE)
    missing, unread = set[tuple[str, str]](), set[str]()
    if process.returncode != 4:
        missing, unread = _matched(bench.folder / "library-out") - _matched(out), _incomplete(out)
    lost = sum(path not in unread for path, _ in missing)
    return Row(fault, f"{bench.code} with all matches or files not inspected, or 4", codes_of({process.returncode}), lost,
               left(process), f"files not inspected: {len(unread)}" if unread else last_line(said) or "all matches")  # fmt: skip


def _matched(out: Path) -> set[tuple[str, str]]:
    """Path and reference of each match."""
    found = set()
    for line in (out / "records.jsonl").read_bytes().splitlines():
        record = json.loads(line)
        for match in record["matches"]:
            found.add((record["asset"]["path"], match["reference"]))
    return found


def _incomplete(out: Path) -> set[str]:
    """Paths of the files that are not inspected."""
    records = map(json.loads, (out / "records.jsonl").read_bytes().splitlines())
    return {record["asset"]["path"] for record in records if record["verdict"]["scan"] == "incomplete"}


def damaged_records(bench: Bench) -> Row:
    """One bit of the stored records is flipped, in each of ten places."""
    codes, undetected = set[int](), 0
    for turn in range(10):
        out = bench.folder / f"flipped-{turn}"
        shutil.copytree(bench.undisturbed, out)
        raw = bytearray((out / "records.jsonl").read_bytes())
        raw[random.Random(turn).randrange(len(raw))] ^= 1
        (out / "records.jsonl").write_bytes(raw)
        code = provscan("verify-report", out).returncode
        codes.add(code)
        undetected += code == 0
    return Row("one bit of the stored records flipped, 10 places; verify-report", "3 or 4", codes_of(codes), undetected, 0,
               "each is detected" if not undetected else f"{undetected} are not detected")  # fmt: skip


def cut_records(bench: Bench) -> Row:
    """A line of the stored records is cut."""
    out = bench.folder / "cut"
    shutil.copytree(bench.undisturbed, out)
    raw = (out / "records.jsonl").read_bytes()
    (out / "records.jsonl").write_bytes(raw[: len(raw) - 100])
    process = bench.start("judge", out / "records.jsonl", scan=False)
    _, said = process.communicate(timeout=PATIENCE)
    return Row(
        "the stored records cut in a line", "3 or 4", codes_of({process.returncode}), 0, left(process), last_line(said)
    )
