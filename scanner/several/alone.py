"""One run at a time into a folder that several runs fill: of an audit, of a watch."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from media.errors import ConfigError
from scanner.output.staging import hold_folder

__all__ = ["use_alone"]


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
    with ExitStack() as held:
        try:
            held.enter_context(hold_folder(folder, waits=False))
        except BlockingIOError as error:
            raise ConfigError(f"--out {folder}: another {what} writes there; end it or name another folder") from error
        yield
