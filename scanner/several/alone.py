"""One run at a time into a folder that several runs fill: of an audit, of a watch."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from media.errors import ConfigError

__all__ = ["use_alone"]

fcntl: Any = None
with suppress(ImportError):  # Windows has none: there two runs into one folder are the user's to avoid
    fcntl = import_module("fcntl")


@contextmanager
def use_alone(folder: Path, documents: Collection[str], what: str) -> Iterator[None]:
    """Make the folder and lock it. `ConfigError` where it holds files but none of our `documents`, or where another
    process has it; `what` is what that one is called: `audit`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entries = {entry.name for entry in os.scandir(folder)}
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror or error}; name a folder that can be written") from error
    if entries and entries.isdisjoint(documents):
        raise ConfigError(f"--out {folder} holds other files and no {what}; name a new folder, or that of the {what}")
    descriptor = None
    if fcntl is not None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise ConfigError(f"--out {folder}: another {what} writes there; end it or name another folder") from error
        except OSError:  # a file system without locks
            pass
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
