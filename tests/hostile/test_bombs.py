"""Files that ask for a great deal get little: each is done in seconds, in small memory, by a sealed worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from media.work import Lost, create_executor
from scanner.model import Examination, Kind
from tests.hostile.bombs import BOMBS
from tests.hostile.mutants import FAULTS, inspect

LIMIT = 60.0
"""Seconds, which every file is given; on a quiet machine the worst takes three."""
MEMORY = 700 << 20
"""Bytes, of which an idle worker that has imported everything holds some 150 MiB."""
CHARACTERS = 4 << 20
STATEMENTS = 2_000
EVENTS = 60_000
"""A timeline may have many."""


def _wrong(name: str, seen: Examination | Lost) -> Iterator[str]:
    if isinstance(seen, Lost):
        yield f"{seen.code}: {seen.message}"
        return
    yield from (str(problem) for problem in seen.problems if problem.code not in FAULTS)
    if len(seen.evidence) > (EVENTS if seen.asset.kind is Kind.TIMELINE else STATEMENTS):
        yield f"{len(seen.evidence)} statements"
    if sum(len(item.value) for item in seen.evidence) > CHARACTERS:
        yield "too many characters were kept"
    if name.startswith("declared") and not any(problem.blocking for problem in seen.problems):
        yield "a size that lies was not told"
    if any(_of_this_machine() in item.value for item in seen.evidence):
        yield "a file was read on behalf of another"


def _of_this_machine() -> str:
    """What the XML bombs that name another file would bring in."""
    file = Path("/etc/hostname")
    return file.read_text().strip() if file.exists() else "no such words"


def test_no_bomb_goes_off(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in BOMBS]
    for path in paths:
        path.write_bytes(BOMBS[path.name]())
        assert path.stat().st_size < 4 << 20
    executor = create_executor("local", jobs=2, memory_limit=MEMORY)
    answers = {path.name: seen for path, seen in executor.run(inspect, paths, limit=lambda _: LIMIT)}
    assert set(answers) == set(BOMBS)
    wrong = {name: told for name, seen in answers.items() if (told := list(_wrong(name, seen)))}
    assert wrong == {}
