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

import psutil

from scanner.cli import main

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
    with suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    os._exit(130)


if __name__ == "__main__":
    threading.Thread(target=_watch_desk, daemon=True).start()
    main(sys.argv[1:])
