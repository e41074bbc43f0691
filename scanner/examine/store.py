"""Examinations on disk: the cache, and the memory of a run. SQLite; only the parent writes.

Each examination is committed when it is put, so a killed run loses nothing that was done. A cache
that is broken, locked, foreign or of a newer provscan is an empty cache, and `warnings` says so:
the run then works in a private temporary file. One row an asset and toolset, valid while the stamps
of all its files (frames and sidecars too) are what they were.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import count
from pathlib import Path

from media.digest import WHOLE
from media.errors import RunError
from scanner.discover.formats import Identify
from scanner.examine.codec import from_json, shape, to_json, unpack
from scanner.examine.known_formats import KnownFormats
from scanner.examine.packed import (
    LISTED,
    PLAYED,
    Packed,
    expand,
    pack_examination,
    piece_topic,
    squeeze,
    unpack_examination,
    unpack_listed,
    unpack_played,
)
from scanner.examine.run_list import RunList, write
from scanner.examine.stamp import key_of, stamp_of
from scanner.examine.store_file import open_database
from scanner.model import Asset, Examination, Kind, ListedFile, PlayedResource, ProblemCode

__all__ = ["LOST_CODES", "PASSING_CODES", "Store"]

LOST_CODES = frozenset({ProblemCode.CRASHED, ProblemCode.TIMED_OUT, ProblemCode.OUT_OF_MEMORY, ProblemCode.BUG})
"""Kept like results, so that a crasher does not crash each run; `retry` asks again."""
PASSING_CODES = frozenset({ProblemCode.UNREADABLE, ProblemCode.CANCELLED})
"""May be gone at the next run although the file has not changed; reported in this run, examined again in the next."""

_ASKED = 500
"""Assets that one query asks for; older SQLite takes 999 values."""
_SHAPE = shape(Examination)
_DAMAGED = (sqlite3.Error, zlib.error, ValueError, TypeError, KeyError)


class Store:
    """The examinations of one cache file and of the run in progress. Use as a context."""

    def __init__(
        self, database: sqlite3.Connection, warnings: tuple[str, ...] = (), *, is_rehashing: bool = False
    ) -> None:
        self._database = database
        self.run = RunList(database)
        """What this run found."""
        self.is_rehashing = is_rehashing
        self._fresh: set[tuple[bytes, str]] = set()
        """What was put in this run: all that a run which reads everything anew believes."""
        self._reread: set[bytes] = set()
        self.warnings = list(warnings)
        """What went wrong with the cache, in words; the run goes on without it."""
        self._stamps: dict[bytes, str] = {}
        self._is_sound = True
        self.passes = 0
        """How often the examinations were gone through; counted, as each pass takes its time."""

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
            known = self._known(asset, toolset, retry=retry)
            return None if known is None else unpack(asset, known)
        except _DAMAGED as error:
            self._is_damaged(error)
            return None

    def put(self, examination: Examination, toolset: str) -> None:
        """Keep an examination. Committed when this returns."""
        self.keep(examination.asset, pack_examination(examination), toolset)

    def keep(self, asset: Asset, packed: Packed, toolset: str) -> None:
        """Keep an examination that a worker packed. Committed when this returns."""
        key, tools = key_of(asset), _tools(toolset)
        # The stamp from before the examination: a file that changed meanwhile is examined again.
        stamp = self._stamps.pop(key, None) or self.run.stamp(key) or stamp_of(asset)
        is_passing = bool(packed.codes & PASSING_CODES)
        if self.is_rehashing:
            if key not in self._reread:  # its examination comes first, what lists say of it later
                self._reread.add(key)
                self._forget_others(asset, tools, packed)
            self._fresh.add((key, tools))
        for topic, piece in packed.pieces:  # before what makes them known
            row = (key, _tools(f"{toolset}; {topic}"), stamp, False, piece)
            (self._spill if is_passing else self._hold)(row)
        self._hold((key, tools, "" if is_passing else stamp, bool(packed.codes & LOST_CODES), packed.body))
        self.run.finish(key, tools)

    def listed(self, asset: Asset, toolset: str) -> Iterator[ListedFile]:
        """The files that an asset of this run lists, in its order."""
        return (one for piece in self._pieces(asset, toolset, LISTED) for one in unpack_listed(piece))

    def played(self, asset: Asset, toolset: str) -> Iterator[PlayedResource]:
        """What a composition of this run plays, in its order."""
        return (one for piece in self._pieces(asset, toolset, PLAYED) for one in unpack_played(piece))

    def _pieces(self, asset: Asset, toolset: str, name: str) -> Iterator[bytes]:
        for number in count():
            piece = self.recall(asset, f"{toolset}; {piece_topic(name, number)}")
            if piece is None:
                return
            yield piece

    def recall(self, asset: Asset, topic: str) -> bytes | None:
        """What was remembered of an asset under a topic, if nothing of the asset has changed."""
        try:
            if (known := self._known(asset, topic, retry=False, trusting=True)) is not None:
                return known
            query = "SELECT body FROM spill WHERE key = ? AND toolset = ?"
            row = self._database.execute(query, (key_of(asset), _tools(topic))).fetchone()
            return None if row is None else expand(row[0])
        except _DAMAGED as error:
            self._is_damaged(error)
            return None

    def remember(self, asset: Asset, topic: str, data: bytes, *, lasting: bool = True) -> None:
        """Keep bytes about an asset: for as long as it does not change, or, if not `lasting`, for this run."""
        key = key_of(asset)
        stamp = self._stamps.pop(key, None) or stamp_of(asset)
        row = (key, _tools(topic), stamp, False, squeeze(data))
        if lasting:
            self._hold(row)
        else:
            self._spill(row)

    def enlist(self, assets: Sequence[Asset], toolset: str, *, retry: bool = False) -> list[bool]:
        """Make assets the next of this run. Whether the examination of each is there already."""
        tools = _tools(toolset)
        stamps = [(key_of(asset), stamp_of(asset)) for asset in assets]
        known = self._known_of(dict(stamps), tools, retry=retry)
        self.run.add(
            (key, tools, key in known, "" if key in known else stamp, asset.kind, to_json(asset))
            for (key, stamp), asset in zip(stamps, assets, strict=True)
        )
        return [key in known for key, _ in stamps]

    def _known_of(self, stamps: Mapping[bytes, str], tools: str, *, retry: bool) -> set[bytes]:
        """Which of some assets, by key and stamp, have an examination that can be read."""
        known: set[bytes] = set()
        keys = list(stamps)
        try:
            for start in range(0, len(keys), _ASKED):
                some = keys[start : start + _ASKED]
                places = ", ".join("?" * len(some))
                query = f"SELECT key, stamp, lost, body FROM examination WHERE toolset = ? AND key IN ({places})"  # noqa: S608 - question marks alone
                for key, stamp, is_lost, body in self._database.execute(query, (tools, *some)):
                    doubted = self.is_rehashing and (key, tools) not in self._fresh
                    if stamp == stamps.get(key) and not (retry and is_lost) and not doubted and self._is_whole(body):
                        known.add(key)
        except sqlite3.Error as error:
            self._is_damaged(error)
        return known

    def _is_whole(self, body: bytes) -> bool:
        """Whether the sum of a body is right, which is enough to know that it can be read."""
        try:
            expand(body)
        except _DAMAGED as error:
            self._is_damaged(error)
            return False
        return True

    def examinations(
        self, wanted: Callable[[Asset], bool] | None = None, *, first: Kind | None = None
    ) -> Iterator[Examination]:
        """Those of this run, in the order of discovery; assets without one (the run was stopped) are left out.

        With `wanted` only those of such assets: the others are not decoded. With `first` those of a kind come before
        the others.
        """
        self.passes += 1
        query = """
            SELECT run.asset, COALESCE(spill.body, examination.body) FROM run
            LEFT JOIN spill ON spill.key = run.key AND spill.toolset = run.toolset
            LEFT JOIN examination ON examination.key = run.key AND examination.toolset = run.toolset
            WHERE run.done AND (? IS NULL OR (run.kind = ?) = ?) ORDER BY run.position"""
        try:
            for is_first in (True, False) if first else (True,):
                for text, body in self._database.execute(query, (first, first, is_first)):
                    asset = from_json(Asset, text)
                    if body is not None and (wanted is None or wanted(asset)):
                        yield unpack_examination(asset, body)
        except _DAMAGED as error:
            raise _damage(error) from error

    def _forget_others(self, asset: Asset, tools: str, packed: Packed) -> None:
        """Drop what is remembered of an asset whose content was read anew and is not known to be what it was."""
        key, now = key_of(asset), packed.digest
        before = self._body(asset, tools)
        if before is None or now is None or now.algorithm != WHOLE or before.digest != now:
            with suppress(sqlite3.Error):
                self._database.execute("DELETE FROM examination WHERE key = ? AND toolset != ?", (key, tools))

    def _known(self, asset: Asset, toolset: str, *, retry: bool, trusting: bool = False) -> bytes | None:
        key, stamp = key_of(asset), stamp_of(asset)
        row = self._database.execute(
            "SELECT stamp, lost, body FROM examination WHERE key = ? AND toolset = ?", (key, _tools(toolset))
        ).fetchone()
        doubted = self.is_rehashing and not trusting and (key, _tools(toolset)) not in self._fresh
        if row is None or row[0] != stamp or (retry and row[1]) or doubted:
            self._stamps[key] = stamp
            return None
        return expand(row[2])

    def _body(self, asset: Asset, tools: str) -> Examination | None:
        """What is kept of an asset, whatever has changed since."""
        try:
            for table in ("spill", "examination"):
                query = f"SELECT body FROM {table} WHERE key = ? AND toolset = ?"  # noqa: S608 - our own two names
                if (row := self._database.execute(query, (key_of(asset), tools)).fetchone()) is not None:
                    return unpack_examination(asset, row[0])
        except _DAMAGED as error:
            raise _damage(error) from error
        return None

    def formats(self, identify: Identify, toolset: str) -> Identify:
        """The same `identify`, which opens no file that it knows from before. Asked folder by folder."""
        if self.is_rehashing:
            return identify
        return KnownFormats(self._database, identify, _tools(toolset))

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
        write(self._database, "INSERT OR REPLACE INTO spill VALUES (?, ?, ?)", (key, tools, body))

    def _keep(self, row: tuple[object, ...]) -> bool:
        """Whether the cache took it."""
        if self._is_sound:
            try:
                self._database.execute("INSERT OR REPLACE INTO examination VALUES (?, ?, ?, ?, ?)", row)
            except sqlite3.Error as error:
                self._is_damaged(error)
        return self._is_sound

    def _is_damaged(self, error: Exception) -> None:
        if self._is_sound:
            self._is_sound = False
            self.warnings.append(f"the cache is damaged or locked ({error}); this run goes on without it")


@lru_cache(maxsize=16)
def _tools(toolset: str) -> str:
    return hashlib.blake2b(f"{_SHAPE} {toolset}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _damage(error: Exception) -> RunError:
    return RunError(f"the cache was damaged while it was in use ({error}); run again with --no-cache")
