"""How the memory that a person grants is shared by a command and its workers."""

from __future__ import annotations

import os
from dataclasses import dataclass

from media.work.sealed import limit_sealed

__all__ = ["LEAST", "Share", "limit_worker", "share_memory"]

_MIB = 1 << 20
_OWN = 256 * _MIB
"""What the command itself takes, without joining segments (measured: 150 MiB)."""
_WORKER = 384 * _MIB
"""What a worker must have: 100 MiB of code, the rest for a picture or a decoder."""
_IDLE = 128 * _MIB
"""What a worker keeps while segments are joined."""
LEAST = _OWN + _WORKER


@dataclass(frozen=True, slots=True)
class Share:
    """Workers, the bytes that each may take, and those for joining segments; None: not limited by the user."""

    jobs: int
    worker: int | None = None
    joining: int | None = None


def limit_worker(memory: int | None) -> None:
    """Give the one worker of a command what is left of its memory; None: not limited by the user."""
    if memory is not None:
        limit_sealed(memory - _OWN)


def share_memory(memory: int | None, jobs: int | None, items: int) -> Share:
    """As many workers as processors, items and memory allow."""
    wanted = min(jobs or os.cpu_count() or 1, max(1, items))
    if memory is None:
        return Share(wanted)
    workers = min(wanted, (memory - _OWN) // _WORKER)
    return Share(workers, (memory - _OWN) // workers, max(0, memory - _OWN - workers * _IDLE))
