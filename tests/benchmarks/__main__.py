"""`python -m tests.benchmarks [FOLDER] [--write]`: measures here and now, and prints tables.

Without FOLDER only the project's own fixtures are scanned. `--write` also writes `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fixtures.delivery import delivery
from fixtures.make import carriers
from tests.benchmarks.extremes import huge_files, many_files
from tests.benchmarks.folder import by_reader, races
from tests.benchmarks.judging import judged

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"


def _machine() -> str:
    names = Path("/proc/cpuinfo")
    lines = names.read_text("utf-8", "replace").splitlines() if names.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    when = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {model}"
    return f"{when}; {system}; Python {platform.python_version()}; load at the start {load}"


def _sections(folder: Path | None, work: Path, only: str, times: int) -> Iterator[str]:
    yield f"# Benchmarks\n\nMeasured, not promised: {_machine()}.\n"
    made = work / "fixtures"
    delivery(made / "delivery")
    carriers(made / "carriers")
    for name, root in (("The fixtures", made), ("The folder given", folder))[folder is not None and only == "folder" :]:
        if root is not None and only in ("", "fixtures" if root is made else "folder"):
            yield f"\n## {name}\n"
            yield from races(root, work, times)
            yield f"\n### {name}: readers and formats\n"
            yield from by_reader(root)
    if only in ("", "huge"):
        yield "\n## Huge files\n"
        yield from huge_files(work)
    if only in ("", "many"):
        yield "\n## Many files\n"
        yield from many_files(work)
    if only in ("", "judging"):
        yield "\n## Judging stored records\n"
        yield from judged(made / "delivery", work)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    parser.add_argument(
        "--only", choices=("fixtures", "folder", "huge", "many", "judging"), default="", help="one part alone"
    )
    parser.add_argument("--times", type=int, default=5, help="runs of each scan, of which the median is shown")
    asked = parser.parse_args()
    said = []
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        for piece in _sections(asked.folder, Path(work), asked.only, asked.times):
            print(piece, flush=True)
            said.append(piece)
    if asked.write:
        PAGE.write_text("\n".join(said), "utf-8")


if __name__ == "__main__":
    main()
