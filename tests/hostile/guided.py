"""Coverage-guided fuzzing by atheris: each target runs in a child of its own, which keeps on after what it finds.

A finding is an input that raises what no parser may raise, hangs, or takes too much memory. It is written as a file of
`build/fuzz/found`, with the command that replays it. What reached new code stays in `build/fuzz/corpus` for later runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from pkgutil import walk_packages

__all__ = ["BUILD", "OURS", "Result", "fuzz_targets", "is_here", "raised_at"]

BUILD = Path("build/fuzz")
OURS = ("media", "scanner", "fingerprints")
HANG = 25
"""Seconds an input, on a busy machine and with counters in all code: far more than any needs."""
MEMORY = 1500
"""Mebibytes of a child, of which some 300 are what it has imported."""
MAX_INPUT = 128 << 10
_STATISTICS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERAGE = re.compile(r"^#\d+\s.*\bcov: (\d+)", re.MULTILINE)
_RESTARTS = 3


@dataclass(frozen=True)
class Result:
    """What the fuzzing of one target gave."""

    target: str
    executions: int
    edges: int
    """Branches of our own code that were reached."""
    seconds: float
    found: tuple[Path, ...]


def is_here() -> bool:
    """Whether atheris is installed."""
    return find_spec("atheris") is not None


def fuzz_targets(names: Sequence[str], seconds: float) -> list[Result]:
    """Fuzz the named targets, all where none is named, one after another, for `seconds` together."""
    import atheris

    with redirect_stderr(StringIO()), atheris.instrument_imports(include=list(OURS), enable_loader_override=False):
        from tests.hostile.targets import TARGETS, write_seeds

        for package in ("media", "scanner.readers"):  # also what is imported late, when a file needs it
            for module in walk_packages(import_module(package).__path__, f"{package}."):
                import_module(module.name)
    BUILD.mkdir(parents=True, exist_ok=True)
    write_seeds(BUILD / "seeds")
    if unknown := sorted(set(names) - TARGETS.keys()):
        sys.exit(f"no such target: {', '.join(unknown)}; the targets are {', '.join(TARGETS)}")
    chosen = [name for name in TARGETS if not names or name in names]
    return [_fuzz(name, seconds / len(chosen)) for name in chosen]


def _fuzz(name: str, seconds: float) -> Result:
    """A target, started again where an input ended its process."""
    from tests.hostile.targets import folder_of

    begun, executions, edges = time.monotonic(), 0, 0
    before = _found(folder_of(name))
    for _ in range(_RESTARTS):
        left = int(seconds - (time.monotonic() - begun))
        if left < 1:
            break
        log = BUILD / "logs" / f"{folder_of(name)}.log"
        ended = _run_child(name, left, log)
        text = log.read_text("utf-8", "replace")
        executions += sum(map(int, _STATISTICS.findall(text)))
        edges = max([edges, *map(int, _COVERAGE.findall(text))])
        if ended == 0:
            break
    found = tuple(path for path in _found(folder_of(name)) if path not in before)
    result = Result(name, executions, edges, time.monotonic() - begun, found)
    print(f"{name}: {executions} executions, {edges} branches, {len(found)} found", flush=True)
    for path in found:
        print(f"  {path}\n  replay: python -m tests.hostile.fuzz --replay {path}", flush=True)
    return result


def _found(folder: str) -> list[Path]:
    return sorted((BUILD / "found").glob(f"{folder}--*"))


def _run_child(name: str, seconds: int, log: Path) -> int:
    """Fuzz in a forked child; return its wait status."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as work:
        child = os.fork()
        if child == 0:
            _fuzz_here(name, seconds, log, Path(work))
        deadline = time.monotonic() + seconds + 2 * HANG
        while time.monotonic() < deadline:
            if (ended := os.waitpid(child, os.WNOHANG)) != (0, 0):
                return ended[1]
            time.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]


def _fuzz_here(name: str, seconds: int, log: Path, work: Path) -> None:
    """In the child, which ends here."""
    import atheris

    from tests.hostile.targets import TARGETS, folder_of

    with log.open("wb") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
    target, folder = TARGETS[name], folder_of(name)
    corpus, found = BUILD / "corpus" / folder, BUILD / "found"
    for place in (corpus, found):
        place.mkdir(parents=True, exist_ok=True)
    seeds = [str(place)] if (place := BUILD / "seeds" / folder).exists() else []
    known: set[str] = set()

    def look(data: bytes) -> None:
        path = work / f"input{target.suffix}"
        path.write_bytes(data)
        try:
            target.read(path)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises here is what is looked for
            place = raised_at(error)
            if place not in known:
                known.add(place)
                digest = hashlib.sha256(place.encode()).hexdigest()[:8]
                (found / f"{folder}--{digest}{target.suffix}").write_bytes(data)
                print(f"FOUND {place}: {error}", file=sys.stderr, flush=True)

    limits = (f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}", f"-max_len={MAX_INPUT}", f"-max_total_time={seconds}")
    places = (f"-artifact_prefix={found / folder}--", str(corpus), *seeds)
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", "-len_control=0", *places], look)
    atheris.Fuzz()
    os._exit(0)


def raised_at(error: BaseException) -> str:
    """The kind of an error and the innermost line of our own code that it came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "elsewhere"
    return f"{type(error).__name__} at {at}"


def _is_ours(file: str) -> bool:
    return any(f"{os.sep}{name}{os.sep}" in file for name in OURS)
