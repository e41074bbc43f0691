"""`python -m tests.hostile.fuzz SECONDS`: spoils fixtures and looks at them in sealed workers until the time is up.

What breaks (a bug, a crash, a hang, a swelling worker) is written to `build/fuzz/`, to be looked at with
`provscan explain`. The exit code is 1 then.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from media.work import Lost, create_executor
from tests.hostile.mutants import FAULTS, SEEDS, inspect, mutant

LIMIT = 20.0
"""Seconds a file: far more than any small file needs."""
MEMORY = 1 << 30
BROKEN = Path("build/fuzz")
Item = tuple[str, int]


def look(item: Item) -> list[str]:
    """In a worker: what is wrong with how a mutant was taken."""
    name, number = item
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(mutant(name, number))
        return [f"{it.code}: {it.by}: {it.message}" for it in inspect(path).problems if it.code not in FAULTS]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--from", dest="first", type=int, default=int(time.time()), help="number of the first mutants")
    asked = parser.parse_args(arguments)
    deadline = time.monotonic() + asked.seconds
    print(f"mutants from number {asked.first}")

    def items() -> Iterator[Item]:
        for number in itertools.count(asked.first):
            for name in SEEDS:
                if time.monotonic() > deadline:
                    return
                yield name, number

    executor, looked, broken = create_executor("local", memory_limit=MEMORY), 0, Counter[str]()
    for (name, number), answer in executor.run(look, items(), limit=lambda _: LIMIT):
        looked += 1
        for fault in [f"{answer.code}: {answer.message}"] if isinstance(answer, Lost) else answer:
            broken[fault] += 1
            if broken[fault] == 1:
                BROKEN.mkdir(parents=True, exist_ok=True)
                path = BROKEN / f"{number}-{name}"
                path.write_bytes(mutant(name, number))
                print(f"{path}: {fault}")
    print(f"{looked} mutants of {len(SEEDS)} fixtures looked at, {sum(broken.values())} broken in {len(broken)} ways")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
