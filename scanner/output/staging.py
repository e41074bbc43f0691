"""Replaces the output folder completely or not at all.

A run writes into a new folder and puts it in place when everything is written. Where the old folder holds nothing but
an earlier run's documents, one rename puts the new one in its place. Where it holds other files too, or cannot be
renamed (the working folder, a mount point, a parent that is not writable), its documents are exchanged one by one, by
renaming, and back again where one of them fails. Files that provscan did not write stay as they are. A link in the
folder is replaced and never followed.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from media.errors import ConfigError

__all__ = ["PICTURES", "SIGNATURE", "Staging", "abandon_all", "hold_folder"]

PICTURES = "pictures"
SIGNATURE = "signature.json"
_SUMMARY = "summary.json"
fcntl: Any = None
with suppress(ImportError):  # Windows has none; what a killed run left is not cleared there
    fcntl = import_module("fcntl")

_PICTURE = re.compile(r"[0-9a-f]{20}(-.*)?\.jpg")
_MARK = ".provscan-"
_MOVING = "moving"
_open: set[Path] = set()
"""Holders of this process: what is removed where it has to end at once."""


class Staging:
    """A new output folder while it is made. A context: what `commit` has not put in place is removed at its end.

    `target` is the folder that the user named, `names` the documents that a run may write into it beside `pictures`,
    the summary and a signature; `patterns` match those that are named after what they are about.
    """

    def __init__(self, target: Path, names: frozenset[str], patterns: Sequence[re.Pattern[str]] = ()) -> None:
        self.target = Path(os.path.realpath(target))
        self._names = names | {_SUMMARY, SIGNATURE, PICTURES}
        self._patterns = patterns
        self._made: list[Path] = []
        self._holder: Path | None = None
        self._lock: int | None = None
        try:
            self._make_parents()
            with hold_folder(self.target.parent):
                self._clear_left_behind()
                self.folder = self._open()
        except OSError as error:
            self._close()
            said = f"--out {target}: {error.strerror or error}; name a folder that can be written"
            raise ConfigError(said) from error
        except BaseException:
            self._close()
            raise

    @property
    def names(self) -> frozenset[str]:
        """The documents that earlier runs may have written, and those of this one."""
        folders = (folder for folder in (self.target, getattr(self, "folder", None)) if folder and folder.is_dir())
        entries = (entry.name for folder in folders for entry in os.scandir(folder))
        named = {name for name in entries if any(pattern.fullmatch(name) for pattern in self._patterns)}
        return self._names | named

    def _open(self) -> Path:
        _refuse_strangers(self.target, self.names)
        if self.target.exists() and not os.access(self.target, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        self._is_whole = self._can_be_swapped()
        parent = self.target.parent if self._is_whole else self.target
        prefix = f".{self.target.name}{_MARK}" if self._is_whole else _MARK
        holder = parent / f"{prefix}{secrets.token_hex(4)}"
        self._holder = holder
        _open.add(holder)
        holder.mkdir(mode=0o700)
        self._lock = _lock(holder)
        folder = holder / "new"
        folder.mkdir()
        if self.target.is_dir():
            with suppress(OSError):
                folder.chmod(self.target.stat().st_mode & 0o7777)
        return folder

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def commit(self) -> Path:
        """Put the new folder in place; returns its path. Raises `ConfigError` where that fails: everything is then as
        before."""
        try:
            with hold_folder(self.target.parent):
                assert self._holder is not None  # noqa: S101 - made when this was
                (self._swap if self._is_whole else self._exchange)(self._holder)
        except OSError as error:
            said = f"--out {self.target}: {error.strerror or error}; the folder is as it was before"
            raise ConfigError(said) from error
        self._made.clear()
        self._close()
        return self.target

    def _swap(self, holder: Path) -> None:
        old = holder / "old"
        with suppress(FileNotFoundError):
            self.target.rename(old)
        try:
            self.folder.rename(self.target)
        except BaseException:
            _restore_whole(holder, self.target)
            raise

    def _exchange(self, holder: Path) -> None:
        """The summary goes first and comes last: without it nobody takes the folder for a whole run's."""
        self.target.mkdir(exist_ok=True)
        old = holder / "old"
        old.mkdir()
        try:
            for name in sorted(self.names, key=lambda name: name != _SUMMARY):
                with suppress(FileNotFoundError):
                    (self.target / name).rename(old / name)
            (holder / _MOVING).touch()
            for path in sorted(self.folder.iterdir(), key=lambda path: path.name == _SUMMARY):
                path.rename(self.target / path.name)
        except BaseException:
            _restore_each(holder, self.target, self.names)
            raise

    def _can_be_swapped(self) -> bool:
        if not self.target.exists():
            return True
        here = Path.cwd()
        return (
            not os.path.ismount(self.target)
            and not here.is_relative_to(self.target)
            and os.access(self.target.parent, os.W_OK | os.X_OK)
            and self.target.stat().st_dev == self.target.parent.stat().st_dev
            and {entry.name for entry in os.scandir(self.target)} <= self.names
        )

    def _make_parents(self) -> None:
        missing = [folder for folder in self.target.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            self._made.append(folder)

    def _clear_left_behind(self) -> None:
        """What a killed run left: the old documents back in place, the rest gone. A living run's is locked."""
        if fcntl is None:
            return
        for holder in self.target.parent.glob(f"{_escape(f'.{self.target.name}{_MARK}')}*"):
            with _take(holder) as is_ours:
                if is_ours:
                    _restore_whole(holder, self.target)
                    _remove(holder)
        for holder in self.target.glob(f"{_MARK}*"):
            with _take(holder) as is_ours:
                if is_ours:
                    _restore_each(holder, self.target, self.names)
                    _remove(holder)

    def _close(self) -> None:
        if self._holder is not None:
            _remove(self._holder)
            _open.discard(self._holder)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
        while self._made:
            with suppress(OSError):
                self._made.pop().rmdir()


def abandon_all() -> None:
    """Remove what this process has not put in place yet. For a process that has to end at once."""
    for holder in tuple(_open):
        _remove(holder)


def _refuse_strangers(target: Path, names: frozenset[str]) -> None:
    """`ConfigError` where a file of somebody else bears the name of a document that would replace it."""
    pictures = target / PICTURES
    if pictures.is_dir() and not pictures.is_symlink():
        for entry in os.scandir(pictures):
            if not _PICTURE.fullmatch(entry.name):
                raise ConfigError(
                    f"--out {target} holds {PICTURES}/{entry.name}, which provscan did not write; name another folder"
                )
    taken = [name for name in sorted(names) if (path := target / name).exists() and not path.is_symlink()]
    for name in taken:
        if name != PICTURES and not (target / name).is_file():
            raise ConfigError(f"--out {target}: {name} is not a file; name another folder")
    if taken and not _is_of_a_run(target):
        raise ConfigError(
            f"--out {target} holds {taken[0]}, and no summary.json or records.jsonl of a provscan run beside it;"
            " name another folder"
        )


def _is_of_a_run(target: Path) -> bool:
    """Whether provscan wrote the folder: both files begin with our schema's name."""
    for name in (_SUMMARY, "records.jsonl"):
        with suppress(OSError), (target / name).open("rb") as file:
            head = file.read(200)
            if b'"provscan/' in head or (not head and name != _SUMMARY):
                return True
    return False


def _restore_whole(holder: Path, target: Path) -> None:
    """The old folder back in place, if none is there."""
    old = holder / "old"
    if old.is_dir() and not os.path.lexists(target):
        old.rename(target)


def _restore_each(holder: Path, target: Path, names: frozenset[str]) -> None:
    """The old documents back in place, and away with the new ones that came for them."""
    old = holder / "old"
    if not old.is_dir():
        return
    if (holder / _MOVING).exists():
        rejected = holder / "rejected"
        rejected.mkdir(exist_ok=True)
        for name in names:
            with suppress(FileNotFoundError):
                (target / name).rename(rejected / name)
    for path in sorted(old.iterdir(), key=lambda path: path.name == _SUMMARY):
        path.rename(target / path.name)


def _remove(holder: Path) -> None:
    shutil.rmtree(holder, ignore_errors=True)


def _escape(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _lock(folder: Path) -> int | None:
    """A lock for as long as this process lives, or none where the file system has no locks."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


@contextmanager
def _take(holder: Path) -> Iterator[bool]:
    """Whether a holder belongs to nobody who lives, and is a holder at all."""
    if holder.is_symlink() or not holder.is_dir():
        yield False
        return
    descriptor = os.open(holder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@contextmanager
def hold_folder(folder: Path, *, waits: bool = True) -> Iterator[None]:
    """Keep other processes from what they do while they hold the folder, where it can be locked. Waits for one that
    holds it, or else raises `BlockingIOError`."""
    descriptor = None
    try:
        if fcntl is not None:
            try:
                descriptor = os.open(folder, os.O_RDONLY)
                fcntl.flock(descriptor, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise
            except OSError:  # a file system without locks
                pass
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
