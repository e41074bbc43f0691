"""`--memory`: how the memory that a person grants is shared by a command and its workers."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import click

__all__ = ["LEAST", "Share", "memory_option", "share_memory"]

_MIB = 1 << 20
_OWN = 256 * _MIB
"""What the command itself takes, without joining segments (measured: 150 MiB)."""
_WORKER = 384 * _MIB
"""What a worker must have: 100 MiB of code, the rest for a picture or a decoder."""
_IDLE = 128 * _MIB
"""What a worker keeps while segments are joined."""
LEAST = _OWN + _WORKER
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass(frozen=True, slots=True)
class Share:
    """Workers, the bytes that each may take, and those for joining segments; None: not limited by the user."""

    jobs: int
    worker: int | None = None
    joining: int | None = None


class _Size(click.ParamType[int]):
    """A number of bytes: `800M`, `2G`."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", str(value).strip(), re.IGNORECASE)
        if found is None:
            self.fail(f"{value!r} is not a size; write 800M or 2G", param, ctx)
        size = int(float(found[1]) * _UNITS[found[2].lower()])
        if size < LEAST:
            self.fail(f"{value} is too little: at least {LEAST // _MIB}M are needed", param, ctx)
        return size


memory_option = click.option(
    "--memory",
    type=_Size(),
    metavar="SIZE",
    help="Memory that the command and its workers may take together, as 2G. Less memory means fewer workers; a file"
    " that needs more than a worker has is not added. [half of the machine's for each worker, 4G at most]",
)


def share_memory(memory: int | None, jobs: int | None, items: int) -> Share:
    """As many workers as processors, items and memory allow."""
    wanted = min(jobs or os.cpu_count() or 1, max(1, items))
    if memory is None:
        return Share(wanted)
    workers = min(wanted, (memory - _OWN) // _WORKER)
    return Share(workers, (memory - _OWN) // workers, max(0, memory - _OWN - workers * _IDLE))
