"""Examinations on disk: the cache, and the memory of a run. SQLite; only the parent writes.

Each examination is committed when it is put, so a killed run loses nothing that was done. A cache
that is broken, locked, foreign or of a newer provscan is an empty cache, and `warnings` says so:
the run then works in a private temporary file. One row an asset and toolset, valid while the stamps
of all its files (frames and sidecars too) are what they were.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from media.digest import WHOLE
from media.errors import RunError
from media.identify import Format
from scanner.discover.formats import Found, Identify
from scanner.examine.codec import from_json, shape, to_json
from scanner.examine.stamp import key_of, stamp_of
from scanner.examine.store_file import open_database
from scanner.model import Asset, Examination

__all__ = ["LOST_CODES", "PASSING_CODES", "Store"]

LOST_CODES = frozenset({"crashed", "timed-out", "out-of-memory", "bug"})
"""Kept like results, so that a crasher does not crash each run; `retry` asks again."""
PASSING_CODES = frozenset({"unreadable", "cancelled"})
"""May be gone at the next run although the file has not changed; told in this run, asked again in the next."""

_PAGE = 500
"""Assets that are taken from the list of a run at once."""
_SHAPE = shape(Examination)
_DAMAGED = (sqlite3.Error, zlib.error, ValueError, TypeError, KeyError)


class Store:
    """The examinations of one cache file and of the run in progress. Use as a context."""

    def __init__(
        self, database: sqlite3.Connection, warnings: tuple[str, ...] = (), *, is_rehashing: bool = False
    ) -> None:
        self._database = database
        self.is_rehashing = is_rehashing
        self._fresh: set[tuple[bytes, str]] = set()
        """What was put in this run: all that a run which reads everything anew believes."""
        self._reread: set[bytes] = set()
        self.warnings = list(warnings)
        """What went wrong with the cache, in words; the run goes on without it."""
        self._stamps: dict[bytes, str] = {}
        self._is_sound = True

    @classmethod
    def open(cls, path: Path | None, *, is_rehashing: bool = False) -> Store:
        """The cache at `path`, made if need be; a private temporary one for None. Never fails over its content.

        With `is_rehashing` no stamp is believed: what an earlier run examined is examined again, and what else is
        known of an asset holds only where its whole content is found to be the same.
        """
        return cls(*open_database(path), is_rehashing=is_rehashing)

    def get(self, asset: Asset, toolset: str, *, retry: bool = False) -> Examination | None:
        """What is known of an asset, if nothing of it has changed. With `retry`, not what was lost to a crash."""
        try:
            text = self._known(asset, toolset, retry=retry)
            return None if text is None else replace(from_json(Examination, text), asset=asset)
        except _DAMAGED as error:
            self._is_damaged(error)
            return None

    def put(self, examination: Examination, toolset: str) -> None:
        """Keep an examination. Committed when this returns."""
        asset, tools, body = examination.asset, _tools(toolset), _pack(examination)
        key = key_of(asset)
        # The stamp from before the examination: a file that changed meanwhile is examined again.
        stamp = self._stamps.pop(key, None) or self._enlisted_as(key) or stamp_of(asset)
        codes = {problem.code for problem in examination.problems}
        row = (key, tools, "" if codes & PASSING_CODES else stamp, bool(codes & LOST_CODES), body)
        if self.is_rehashing:
            if key not in self._reread:  # its examination comes first, what lists say of it later
                self._reread.add(key)
                self._forget_others(key, tools, examination)
            self._fresh.add((key, tools))
        self._hold(row)
        self._write("UPDATE run SET done = 1 WHERE key = ? AND toolset = ?", (key, tools))

    def recall(self, asset: Asset, topic: str) -> str | None:
        """What was remembered of an asset under a topic, if nothing of the asset has changed."""
        try:
            if (text := self._known(asset, topic, retry=False, trusting=True)) is not None:
                return text
            query = "SELECT body FROM spill WHERE key = ? AND toolset = ?"
            row = self._database.execute(query, (key_of(asset), _tools(topic))).fetchone()
            return None if row is None else _expand(row[0])
        except _DAMAGED as error:
            self._is_damaged(error)
            return None

    def remember(self, asset: Asset, topic: str, text: str, *, lasting: bool = True) -> None:
        """Keep words about an asset: for as long as it does not change, or, if not `lasting`, for this run."""
        key = key_of(asset)
        stamp = self._stamps.pop(key, None) or stamp_of(asset)
        row = (key, _tools(topic), stamp, False, _squeeze(text))
        if lasting:
            self._hold(row)
        else:
            self._spill(row)

    def enlist(self, asset: Asset, toolset: str, *, retry: bool = False) -> bool:
        """Make an asset the next of this run. Whether its examination is there already."""
        try:
            known = self._known(asset, toolset, retry=retry) is not None
        except _DAMAGED as error:
            self._is_damaged(error)
            known = False
        key = key_of(asset)
        self._write(
            "INSERT INTO run (key, toolset, done, stamp, asset) VALUES (?, ?, ?, ?, ?)",
            (key, _tools(toolset), known, self._stamps.pop(key, ""), _squeeze(to_json(asset))),
        )
        return known

    def count_waiting(self) -> int:
        """How many assets of this run have no examination."""
        return int(self._database.execute("SELECT COUNT(*) FROM run WHERE NOT done").fetchone()[0])

    def waiting(self) -> Iterator[Asset]:
        """The assets of this run that have no examination, in order. More may get one meanwhile."""
        position = -1
        query = "SELECT position, asset FROM run WHERE NOT done AND position > ? ORDER BY position LIMIT ?"
        while rows := self._database.execute(query, (position, _PAGE)).fetchall():
            yield from (from_json(Asset, _expand(asset)) for _, asset in rows)
            position = rows[-1][0]

    def examinations(self) -> Iterator[Examination]:
        """Those of this run, in the order of discovery; assets without one (the run was stopped) are left out."""
        rows = self._database.execute("SELECT key, toolset, asset FROM run WHERE done ORDER BY position")
        for key, tools, asset in rows:
            if (body := self._body(key, tools)) is not None:
                yield replace(body, asset=from_json(Asset, _expand(asset)))

    def _forget_others(self, key: bytes, tools: str, examination: Examination) -> None:
        """Drop what is remembered of an asset whose content was read anew and is not known to be what it was."""
        before = self._body(key, tools)
        now = examination.digest
        if before is None or now is None or now.algorithm != WHOLE or before.digest != now:
            with suppress(sqlite3.Error):
                self._database.execute("DELETE FROM examination WHERE key = ? AND toolset != ?", (key, tools))

    def _known(self, asset: Asset, toolset: str, *, retry: bool, trusting: bool = False) -> str | None:
        key, stamp = key_of(asset), stamp_of(asset)
        row = self._database.execute(
            "SELECT stamp, lost, body FROM examination WHERE key = ? AND toolset = ?", (key, _tools(toolset))
        ).fetchone()
        doubted = self.is_rehashing and not trusting and (key, _tools(toolset)) not in self._fresh
        if row is None or row[0] != stamp or (retry and row[1]) or doubted:
            self._stamps[key] = stamp
            return None
        return _expand(row[2])  # checks the body's sum, which is enough to know that it can be read

    def _enlisted_as(self, key: bytes) -> str | None:
        """The stamp that an asset had when it was enlisted."""
        row = self._database.execute("SELECT stamp FROM run WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def _body(self, key: bytes, tools: str) -> Examination | None:
        try:
            for table in ("spill", "examination"):
                query = f"SELECT body FROM {table} WHERE key = ? AND toolset = ?"  # noqa: S608 - our own two names
                if (row := self._database.execute(query, (key, tools)).fetchone()) is not None:
                    return _unpack(row[0])
        except _DAMAGED as error:
            raise RunError(f"the cache was damaged while it was in use ({error}); run again with --no-cache") from error
        return None

    def enlisted(self) -> int:
        """How many assets this run has."""
        return int(self._database.execute("SELECT COUNT(*) FROM run").fetchone()[0])

    def formats(self, identify: Identify, toolset: str) -> Identify:
        """The same `identify`, which opens no file that it knows from before. Asked folder by folder."""
        if self.is_rehashing:
            return identify
        return _KnownFormats(self._database, identify, _tools(toolset))

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(self, row: tuple[object, ...]) -> None:
        """In the cache, or for this run where the cache does not take it."""
        if not self._keep(row):
            self._spill(row)

    def _spill(self, row: tuple[object, ...]) -> None:
        key, tools, _, _, body = row
        self._write("INSERT OR REPLACE INTO spill VALUES (?, ?, ?)", (key, tools, body))

    def _keep(self, row: tuple[object, ...]) -> bool:
        """Whether the cache took it."""
        if self._is_sound:
            try:
                self._database.execute("INSERT OR REPLACE INTO examination VALUES (?, ?, ?, ?, ?)", row)
            except sqlite3.Error as error:
                self._is_damaged(error)
        return self._is_sound

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        """Into this run's own tables, without which there is no run."""
        try:
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise RunError(f"this run's results cannot be kept: {error}; is the temporary folder full?") from error

    def _is_damaged(self, error: Exception) -> None:
        if self._is_sound:
            self._is_sound = False
            self.warnings.append(f"the cache is damaged or locked ({error}); this run goes on without it")


class _KnownFormats:
    """What files were recognised as; one query a folder."""

    def __init__(self, database: sqlite3.Connection, identify: Identify, tools: str) -> None:
        self._database = database
        self._identify = identify
        self._tools = tools
        self._folder: str | None = None
        self._known: dict[bytes, tuple[str, Format]] = {}

    def expect(self, files: Iterable[Found]) -> None:
        """Those of them that the cache does not remember are expected by who opens them."""
        expect: Callable[[Iterable[Found]], None] | None = getattr(self._identify, "expect", None)
        if expect is not None:
            expect(found for found in files if self._remembered(found) is None)

    def __call__(self, found: Found) -> Format:
        """As the cache remembers it, where its stamp is the same; else by opening the file."""
        if (known := self._remembered(found)) is not None:
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

    def _remembered(self, found: Found) -> Format | None:
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


@lru_cache(maxsize=16)
def _tools(toolset: str) -> str:
    return hashlib.blake2b(f"{_SHAPE} {toolset}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _pack(examination: Examination) -> bytes:
    return _squeeze(to_json(examination))


def _unpack(body: bytes) -> Examination:
    return from_json(Examination, _expand(body))


def _squeeze(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _expand(body: bytes) -> str:
    return zlib.decompress(body).decode("utf-8", "surrogatepass")
