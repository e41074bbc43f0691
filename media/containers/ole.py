"""OLE compound files ([MS-CFB]): their streams by name, each up to a limit. The only module that imports olefile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import olefile

from media.errors import Malformed, TooLarge, Unreadable

__all__ = ["CompoundFile", "open_ole"]

_FAULTS = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError),
    *(OverflowError, EOFError, MemoryError),
)
"""What olefile raises on damaged structures."""


class CompoundFile:
    """An open compound file. Reading from it may raise `MediaError`."""

    def __init__(self, ole: olefile.OleFileIO) -> None:
        self._ole = ole

    def has(self, name: str) -> bool:
        """Whether there is a stream or storage of that name in the root."""
        return bool(self._ole.exists(name))

    def names(self) -> list[str]:
        """The streams and storages in the root."""
        return sorted({path[0] for path in self._ole.listdir(streams=True, storages=True)})

    def find(self, names: frozenset[str]) -> list[str]:
        """The paths of the streams of these names, in whatever storage, joined by slashes."""
        return sorted("/".join(path) for path in self._ole.listdir() if path[-1] in names)

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a stream in the root; none where it does not exist."""
        if not self._ole.exists(name) or self._ole.get_type(name) != olefile.STGTY_STREAM:
            return b""
        try:
            with self._ole.openstream(name) as stream:
                return bytes(stream.read(size))
        except OSError as error:
            raise Malformed(f"the stream {name} is damaged: {error}") from error

    def stream(self, name: str, *, limit: int) -> bytes:
        """The bytes of a stream in the root. Raises `TooLarge` over `limit`, `Malformed` where its sectors are
        missing."""
        try:
            size = self._ole.get_size(name)
            if size > limit:
                raise TooLarge(f"the stream {name.strip(chr(5))} has {size} bytes; the limit is {limit}")
            with self._ole.openstream(name) as stream:
                data = bytes(stream.read())
        except OSError as error:
            raise Malformed(f"the stream {name.strip(chr(5))} is damaged: {error}") from error
        if len(data) < size:
            raise Malformed(f"the stream {name.strip(chr(5))} should have {size} bytes; {len(data)} are there")
        return data


@contextmanager
def open_ole(file: BinaryIO) -> Iterator[CompoundFile]:
    """The compound file. Raises `MediaError` where it cannot be opened, or a damaged structure ends the reading."""
    file.seek(0)
    try:
        ole = olefile.OleFileIO(file)  # leaves open what it did not open
        yield CompoundFile(ole)
    except olefile.olefile.NotOleFileError as error:
        raise Malformed(f"not a valid compound file: {error}") from error
    except OSError as error:
        if error.errno is not None:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error
        raise Malformed(f"not a valid compound file: {error}") from error
    except _FAULTS as error:
        raise Malformed(f"not a valid compound file: {error}") from error
