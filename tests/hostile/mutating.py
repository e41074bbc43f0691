"""Spoils fixtures at random and looks at them in sealed workers: fuzzing where atheris does not exist.

What breaks (a bug, a crash, a hang, a swelling worker) is written to `build/fuzz/`, to be looked at with
`provscan explain`.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from media.work import Lost, create_executor
from tests.hostile.mutants import FAULTS, SEEDS, inspect, mutant

__all__ = ["fuzz_mutants"]

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


def fuzz_mutants(seconds: float, first: int) -> int:
    """Look at spoilt fixtures in sealed workers until the time is up. The exit code is 1 where any broke."""
    deadline = time.monotonic() + seconds
    print(f"mutants from number {first}")

    def items() -> Iterator[Item]:
        for number in itertools.count(first):
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
