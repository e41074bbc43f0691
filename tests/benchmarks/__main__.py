"""`python -m tests.benchmarks [FOLDER] [--write]`: measures here and now, and prints tables.

Without FOLDER only the project's own fixtures are scanned. `--write` also writes `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fixtures.delivery import delivery
from fixtures.make import carriers
from tests.benchmarks.extremes import huge_files, many_files
from tests.benchmarks.folder import beside_exiftool, by_reader, races
from tests.benchmarks.judging import judged
from tests.benchmarks.lists import long_lists
from tests.benchmarks.measure import machine
from tests.benchmarks.reading import read_costs
from tests.benchmarks.sound import strange

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
PARTS = ("fixtures", "folder", "huge", "many", "lists", "judging", "reading", "sound")


def _sections(folder: Path | None, work: Path, only: str, times: int) -> Iterator[str]:
    yield f"# Benchmarks\n\nMeasured, not promised: {machine()}.\n"
    made = work / "fixtures"
    delivery(made / "delivery")
    carriers(made / "carriers")
    for name, root in (("The fixtures", made), ("The folder given", folder))[folder is not None and only == "folder" :]:
        if root is not None and only in ("", "fixtures" if root is made else "folder"):
            yield f"\n## {name}\n"
            yield from races(root, work, times)
            yield from beside_exiftool(root, work, times)
            yield f"\n### {name}: readers and formats\n"
            yield from by_reader(root)
    if only in ("", "huge"):
        yield "\n## Huge files\n"
        yield from huge_files(work)
    if only in ("", "many"):
        yield "\n## Many files\n"
        yield from many_files(work)
    if only in ("", "lists"):
        yield "\n## Long lists of files\n"
        yield from long_lists(work)
    if only in ("", "judging"):
        yield "\n## Judging stored records\n"
        yield from judged(made / "delivery", work)
    if only in ("", "reading"):
        yield "\n## Reading films\n"
        yield from read_costs(work, times)
    if only in ("", "sound"):
        yield "\n## Hours of other sound\n"
        yield from strange(work)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md too")
    parser.add_argument("--only", choices=PARTS, default="", help="one part alone")
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
