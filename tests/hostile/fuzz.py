"""`python -m tests.hostile.fuzz SECONDS [TARGET…]`: fuzzes every parser, guided by coverage where atheris is installed.

Elsewhere fixtures are spoilt at random. Findings are files in `build/fuzz`; the exit code is 1 where there are any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.hostile import guided

# Parsers are imported late: atheris counts only what is imported under its eyes.

NOT_HERE = (
    "atheris is not installed: it exists for Linux on x86-64 with CPython 3.11 to 3.13 (pip install 'provscan[fuzz]')."
    " Fixtures are spoilt at random instead."
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0, help="of all targets together")
    parser.add_argument("targets", nargs="*", help="media types and documents; all by default")
    parser.add_argument("--mutants", action="store_true", help="without atheris: spoil fixtures at random")
    parser.add_argument("--from", dest="first", type=int, default=int(time.time()), help="number of the first mutants")
    parser.add_argument("--replay", type=Path, help="read one finding, and show what it raises")
    asked = parser.parse_args(arguments)
    if asked.replay:
        return replay(asked.replay)
    if asked.mutants or not guided.is_here():
        if not asked.mutants:
            print(NOT_HERE)
        from tests.hostile.mutating import fuzz_mutants

        return fuzz_mutants(asked.seconds, asked.first)
    results = guided.fuzz_targets(asked.targets, asked.seconds)
    found = sum(len(result.found) for result in results)
    executions = sum(result.executions for result in results)
    print(f"{len(results)} targets, {executions} executions, {found} found in {guided.BUILD / 'found'}")
    return 1 if found else 0


def replay(path: Path) -> int:
    """Read a finding by the target that its name begins with. The exit code is 1 where it still raises."""
    from tests.hostile.targets import TARGETS, folder_of

    (target,) = (each for name, each in TARGETS.items() if path.name.startswith(f"{folder_of(name)}--"))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        copy = Path(folder) / f"input{target.suffix}"
        copy.write_bytes(path.read_bytes())
        try:
            target.read(copy)
        except Exception:  # noqa: BLE001 - shown, whatever it is
            traceback.print_exc()
            return 1
    print(f"{path}: {target.name} reads it without a fault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
