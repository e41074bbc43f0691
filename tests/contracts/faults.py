"""What can go wrong with one item, as functions that a spawned worker can import."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any


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
    match deed:
        case "abort":
            os.abort()
        case "exit-0":
            os._exit(0)
        case "exit-3":
            os._exit(3)
        case "sys-exit":
            sys.exit(5)
        case "sleep":
            time.sleep(1000)
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


def leave_a_mark(item: tuple[Path, float]) -> str:
    """Writes that it began, waits, and writes that it ended."""
    path, seconds = item
    path.with_suffix(".began").touch()
    time.sleep(seconds)
    path.with_suffix(".ended").touch()
    return path.name
