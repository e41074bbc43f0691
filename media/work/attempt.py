"""One item, tried once: what both an in-process loop and a sealed worker do with it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from media.words import ProblemCode
from media.work.interface import Lost

__all__ = ["attempt", "bug"]

T = TypeVar("T")
R = TypeVar("R")

_FRAMES_KEPT = 8


def attempt(function: Callable[[T], R], item: T) -> R | Lost:
    """The function's result, or what it raised as a value. An interruption by the user passes through."""
    try:
        return function(item)
    except MemoryError as error:
        return Lost(ProblemCode.OUT_OF_MEMORY, f"out of memory: {error or 'an allocation was refused'}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - one item's failure costs only itself
        return bug(error)


def bug(error: BaseException) -> Lost:
    """The exception that was raised, with the innermost frames of its traceback."""
    return Lost(ProblemCode.BUG, "".join(traceback.format_exception(error, limit=-_FRAMES_KEPT)).strip())
