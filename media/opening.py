"""Opens regular files for reading, and nothing else: a pipe would block, a device would answer without end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from media.errors import Unreadable, Unsupported

__all__ = ["open_regular"]

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)


def open_regular(path: str | Path) -> BinaryIO:
    """Open a file. Raises `Unreadable` where the system refuses, `Unsupported` where it is not a regular file.

    The open file is checked, not the name: the file of that name may have been exchanged since.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unsupported("not a regular file")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
