"""`python -m scanner.cli.child ARGUMENT…`: the command line in a process of the desk, which ends when the desk does.

The desk holds the other end of standard input. Where that is closed, by the desk or by the end of its process, the
command is interrupted as by Ctrl-C: finished work is kept.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Final

from media.work.interrupt import Interrupts
from scanner.cli import main
from scanner.output.staging import abandon_all

__all__: list[str] = []

_PATIENCE: Final = 15.0
"""Seconds that an interrupted command gets to end by itself."""


def _watch_desk() -> None:
    """Interrupt the command when nobody holds the other end of standard input any more."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGINT)
    else:
        _thread.interrupt_main()
    time.sleep(_PATIENCE)
    Interrupts(abandon_all).end_at_once()


if __name__ == "__main__":
    threading.Thread(target=_watch_desk, daemon=True).start()
    main(sys.argv[1:])
