"""Worker processes that end together with what they started: no decoder outlives its worker, no worker its parent.

A worker leads a process group of its own, and the programs that it starts are in that group. Windows has no
such groups; there a decoder ends at its next write into the closed pipe.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import warnings
from contextlib import suppress

import psutil

__all__ = ["end_group", "lead_group", "mute_libraries"]


def lead_group() -> None:
    """In a worker: lead a new process group, and end with all of it when the parent process ends."""
    if os.name == "posix":
        with suppress(OSError):  # it leads one already
            os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def mute_libraries() -> None:
    """In a worker: discard what libraries print, because it names no file. Faults of a file are its problems."""
    warnings.simplefilter("ignore")
    logging.lastResort = None
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def end_group(leader: int) -> None:
    """Kill what is left of the group of a worker that has ended. `leader` is the process id that the worker had."""
    if os.name != "posix":
        return
    session = os.getsid(0)
    for pid in psutil.pids():
        # The session too: a process id can be given again, to a stranger.
        with suppress(OSError):
            if os.getpgid(pid) == leader and os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def _end_with_parent() -> None:
    """A worker busy with an item would not notice that the run was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent.join()
    if os.name == "posix" and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
