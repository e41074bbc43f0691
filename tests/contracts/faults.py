"""What can go wrong with one item, as functions that a spawned worker can import."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def wait_for_the_pool() -> None:
    """Before a worker ends itself: the pool forgets one that ends before it was read whose item it took.

    The thread that reads it waits for its turn as all others do, and longer on a busy machine.
    """
    busy = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 2.0
    time.sleep(0.3 + busy / 2)


class Unpicklable:
    def __reduce__(self) -> Any:
        raise RuntimeError("no pickle of me")


class PicklesOnce:
    """Pickles well, and cannot be rebuilt."""

    def __reduce__(self) -> Any:
        return (int, ("not a number",))


class NeedsTwo(Exception):
    """An exception that pickle cannot rebuild."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def perform(item: tuple[int, str]) -> Any:
    """Does what the item's second half says; returns the square of its first."""
    number, deed = item
    if deed in ("abort", "exit-3"):
        wait_for_the_pool()
    match deed:
        case "abort":
            os.abort()
        case "exit-0":
            os._exit(0)
        case "exit-3":
            os._exit(3)
        case "sys-exit":
            sys.exit(5)
        case "nap":
            time.sleep(0.3)
        case "sleep":
            time.sleep(1000)
        case "busy":
            while True:
                pass
        case "slow":  # as on a machine that is busy with other work
            end = time.monotonic() + 3
            while time.monotonic() < end:
                compute(0.01)
                time.sleep(0.03)
        case "swell":
            hoard = []
            while True:
                hoard.append(bytearray(16 << 20))
        case "raise":
            raise NeedsTwo(1, 2)
        case "unpicklable":
            return Unpicklable()
        case "pickles-once":
            return PicklesOnce()
    return number * number


def compute(seconds: float) -> None:
    """Use processor time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def leave_a_mark(item: tuple[Path, float]) -> str:
    """Writes that it began, waits, and writes that it ended."""
    path, seconds = item
    path.with_suffix(".began").touch()
    time.sleep(seconds)
    path.with_suffix(".ended").touch()
    return path.name


def decode_and(item: tuple[Path, str]) -> Any:
    """Starts a decoder that gives nothing and ends by itself only after minutes; writes its id, then does the deed."""
    path, deed = item
    # Named as a decoder is started everywhere: without a session, group or handler of its own.
    code = "import time; time.sleep(300)"
    decoder = subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE)
    written = path.with_suffix(".part")
    written.write_text(f"{os.getpid()} {decoder.pid}")
    written.rename(path)
    return perform((1, deed))
