"""What files were identified as in earlier runs: a second scan opens nothing that has not changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress

from media.identify import Format
from scanner.discover.formats import Found, Identify

__all__ = ["KnownFormats"]


class KnownFormats:
    """What files were identified as; one query for each folder."""

    def __init__(self, database: sqlite3.Connection, identify: Identify, tools: str) -> None:
        self._database = database
        self._identify = identify
        self._tools = tools
        self._folder: str | None = None
        self._known: dict[bytes, tuple[str, Format]] = {}

    def expect(self, files: Iterable[Found]) -> None:
        """Announce the files that the cache does not know to the identifier that opens them."""
        self._identify.expect(found for found in files if self._recall(found) is None)

    def __call__(self, found: Found) -> Format:
        """The cached identity, where its stamp is the same; otherwise open the file."""
        if (known := self._recall(found)) is not None:
            return known
        name = os.fsencode(found.name)
        format_ = self._identify(found)
        width, height = format_.raster or (None, None)
        with suppress(sqlite3.Error, OverflowError):
            self._database.execute(
                "INSERT OR REPLACE INTO recognised VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    os.fsencode(found.folder),
                    name,
                    self._tools,
                    _stamp(found),
                    format_.media_type,
                    width,
                    height,
                    format_.is_sound_only,
                ),
            )
        return format_

    def _recall(self, found: Found) -> Format | None:
        if found.folder != self._folder:
            self._enter(found.folder)
        known = self._known.get(os.fsencode(found.name))
        return known[1] if known is not None and known[0] == _stamp(found) else None

    def _enter(self, folder: str) -> None:
        self._folder = folder
        self._known = {}
        with suppress(sqlite3.Error):
            rows = self._database.execute(
                "SELECT name, stamp, media_type, width, height, sound FROM recognised WHERE folder = ? AND toolset = ?",
                (os.fsencode(folder), self._tools),
            )
            for name, stamp, media_type, width, height, sound in rows:
                raster = None if width is None else (width, height)
                self._known[name] = (stamp, Format(media_type, raster, bool(sound)))


def _stamp(found: Found) -> str:
    return f"{found.size} {found.mtime_ns} {found.identity}"
