"""ZIP packages of documents and books: their members by name, each unpacked up to a limit."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from media.errors import Malformed, TooLarge, Unsupported

__all__ = ["Archive", "open_package"]

_MAX_MEMBERS = 100_000


class Archive:
    """An open package. Unpacking from it may raise `MediaError`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sizes = {info.filename: info.file_size for info in archive.infolist()}

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the order of the package's directory."""
        return tuple(self._sizes)

    def size(self, name: str) -> int:
        """The declared size of a member, in bytes; the real one may differ."""
        return self._sizes[name]

    def unpack(self, name: str, limit: int) -> bytes:
        """The bytes of a member. Raises `Unsupported` where it is encrypted, `TooLarge` over `limit`."""
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise Unsupported(f"encrypted: {name} needs a password")
        try:
            with self._archive.open(info) as part:
                data = part.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Malformed(f"{name} cannot be unpacked: {error}") from error
        except (ValueError, OSError) as error:
            raise Malformed(f"{name} cannot be unpacked: {error}") from error
        if len(data) > limit:
            raise TooLarge(f"{name} unpacks to more than {limit} bytes")
        return data


def open_package(file: BinaryIO) -> Archive:
    """The package in an open file. Raises `Malformed` where there is none, `TooLarge` where it has too many members."""
    try:
        file.seek(0)
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError) as error:
        raise Malformed(f"not a valid ZIP package: {error}") from error
    if len(archive.infolist()) > _MAX_MEMBERS:
        raise TooLarge(f"a package of {len(archive.infolist())} members")
    return Archive(archive)
