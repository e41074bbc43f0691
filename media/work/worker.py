"""The inside of a sealed worker: bytes in, bytes out.

Everything that crosses the process boundary is pickled here and not by the pool, so that an item or a result that
cannot be pickled, or an exception that cannot be rebuilt, costs only its own item.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from typing import Any

from media.work.attempt import attempt, bug
from media.work.folders import use_places
from media.work.interface import Lost
from media.work.overdue import limited, watch_items
from media.work.process_group import lead_group, mute_libraries

__all__ = ["prepare", "work"]

_function: Callable[[Any], Any] | None = None
_failure: Lost | None = None


def prepare(function: bytes) -> None:
    """Once for each worker: import what the function needs, so that no item's time limit pays for it.

    Raises nothing: a worker that dies before its first item would be replaced without end.
    """
    global _function, _failure  # noqa: PLW0603 - a worker process has one function
    lead_group()
    mute_libraries()
    watch_items()
    gc.disable()  # what is imported stays: to look through it again and again takes a seventh of the start
    loaded = attempt(pickle.loads, function)
    gc.freeze()
    gc.enable()
    if isinstance(loaded, Lost):
        _failure = loaded
    else:
        _function = loaded


def work(item: bytes, seconds: float, places: dict[str, str] | None = None) -> bytes:
    """The result of one item, or how it was lost; pickled. `places` are those of folders that it needs."""
    use_places(places or {})
    if _function is None:
        return pickle.dumps(_failure)
    with limited(seconds):
        try:
            return pickle.dumps(attempt(_function, pickle.loads(item)))  # noqa: S301 - from our own parent
        except Exception as error:  # noqa: BLE001 - pickling runs the item's own code, which may raise anything
            return pickle.dumps(bug(error))
