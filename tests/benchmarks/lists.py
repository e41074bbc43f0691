"""A checksum file of very many lines, whose files are not there: processor time, memory and the size of its record."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.table import table

__all__ = ["long_lists"]

LINES = (1, 50_000, 200_000)
_SCAN = """
import sys
from scanner.cli import main
try:
    main()
finally:  # what getrusage says includes the process that started this one
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(status["VmHWM"].split()[0], file=sys.stderr)
"""


def long_lists(work: Path) -> Iterator[str]:
    """The table. One line is what start-up and workers take."""
    rows = []
    for count in LINES:
        folder = work / f"list-{count}"
        folder.mkdir()
        with (folder / "delivery.sha256").open("w", encoding="ascii") as file:
            for number in range(count):
                digest = hashlib.sha256(b"%d" % number).hexdigest()
                file.write(f"{digest}  EP101/frames/EP101_MASTER_v02.{number:07d}.dpx\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        what = ("scan", str(folder), "--no-cache", "--format", "jsonl", "--matching", "off")
        done = subprocess.run([sys.executable, "-c", f"if __name__ == '__main__':{_indented()}", *what],
                              capture_output=True, check=False)  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        peak = int(done.stderr.split()[-1]) >> 10
        rows.append((f"{count:,}", f"{cpu:.2f}", f"{peak}", f"{len(done.stdout) / 1000:,.1f}"))
    yield table(("lines", "CPU s", "peak MiB of the parent", "kB of the record"), rows)


def _indented() -> str:
    return _SCAN.replace("\n", "\n    ")
