"""One document where the user wants it: as a whole or not at all, and never over a medium that is read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from media.errors import ConfigError

__all__ = ["check_target", "write_document"]


def check_target(flag: str, target: Path, inputs: Iterable[Path]) -> None:
    """`ConfigError` where a document would be written over a file that the command reads."""
    for path in inputs:
        with suppress(OSError):
            if target.samefile(path):
                raise ConfigError(f"{flag} {target} is a file that is read here; name another file")


def write_document(target: Path, pieces: Iterable[bytes]) -> None:
    """Into a new file beside the target, which then takes its place. A link is replaced and not followed.

    What is no file, such as a terminal or a pipe, is written to as it is. An error names the target.
    """
    with _naming(target):
        if target.exists() and not target.is_file():
            with target.open("wb") as document:
                document.writelines(pieces)
            return
        new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with new.open("xb") as document:
                document.writelines(pieces)
            new.replace(target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{os.fsdecode(target)}: cannot be written: {error.strerror or error}") from error
