"""Finds the assets under roots: every file once, in a stable order, with frames grouped and sidecars paired.

A folder's entries come in the order of their names' bytes, then its subfolders. Nothing found is left out silently:
what is not a regular file, or cannot be read, is an asset with a problem. Only one folder's listing is held at a time.
Links to files inside the root are read as their targets; links to folders, and links out of the root, are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from media.errors import MediaError
from media.identify import LITTER, UNKNOWN, Format
from media.identify.litter import is_stored_by_system
from scanner.discover.categories import Purpose, use_of
from scanner.discover.filesystems import identity_of
from scanner.discover.formats import FileIdentify, Found, Identify
from scanner.discover.roots import Root, distinct_roots
from scanner.discover.sequences import Pattern, candidates, frames_of, is_sequence
from scanner.discover.sidecars import Sidecars
from scanner.globs import Unmatched, matches
from scanner.model import Asset, Category, Kind, Problem, ProblemCode

__all__ = ["DiscoverSettings", "Patterns", "discover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverSettings:
    """The user's choices about what is found."""

    include: tuple[str, ...] = ()
    """Globs; if there are any, a file must match one."""
    exclude: tuple[str, ...] = ()
    """Globs of files and folders that are left out."""
    categories: tuple[tuple[str, Category], ...] = ()
    """Tried in this order, before the usual folder names."""
    min_frames: int = 8
    """Fewer numbered files than this are stills."""


class Patterns:
    """How the user's patterns matched in one walk or several."""

    def __init__(self, settings: DiscoverSettings) -> None:
        self.exclude = Unmatched(settings.exclude)
        self.include = Unmatched(settings.include)
        self.categories = Unmatched(glob for glob, _ in settings.categories)

    def unmatched(self) -> Iterator[tuple[str, str]]:
        """(setting, pattern) of each that matched nothing."""
        for name, left in (("category", self.categories), ("include", self.include), ("exclude", self.exclude)):
            yield from ((name, pattern) for pattern in left.patterns)


def discover(
    roots: Sequence[Path],
    settings: DiscoverSettings | None = None,
    identify: Identify | None = None,
    patterns: Patterns | None = None,
) -> Iterator[Asset]:
    """Yield every asset under the roots. A root inside another is found there, and not twice. `patterns` note each
    match.

    Without `identify` what is found is opened in this process; commands give a `SealedIdentify`.
    """
    settings = settings or DiscoverSettings()
    patterns = patterns or Patterns(settings)
    identify = identify or FileIdentify()
    for root in distinct_roots(roots):
        for asset in _Walk(root, settings, identify, patterns).assets():
            patterns.categories.see(asset.path)
            yield asset


class _Walk:
    """One root's walk."""

    def __init__(self, root: Root, settings: DiscoverSettings, identify: Identify, patterns: Patterns) -> None:
        self._root = root
        self._patterns = patterns
        self._settings = settings
        self._identify = identify
        self._real = os.path.realpath(root.location)

    def assets(self) -> Iterator[Asset]:
        """All assets of the root, folder by folder."""
        pending = [""]
        while pending:
            relative = pending.pop()
            folder = os.path.join(self._root.location, *relative.split("/")) if relative else self._root.location  # noqa: PTH118
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
            except OSError as error:
                yield self._lost(
                    relative or ".", ProblemCode.UNREADABLE, f"cannot be listed: {error.strerror or error}"
                )
                continue
            subfolders = []
            files: dict[str, Found] = {}
            others: dict[str, Asset] = {}
            beside: list[str] = []
            for entry in entries:
                if self._root.names is not None and entry.name not in self._root.names:
                    beside.append(entry.name)
                    continue
                path = f"{relative}/{entry.name}" if relative else entry.name
                self._patterns.exclude.see(path)
                if any(matches(path, pattern) for pattern in self._settings.exclude):
                    continue
                if self._is_folder(entry):
                    subfolders.append(path)
                elif self._is_wanted(path):
                    found = self._look(folder, entry, path)
                    if isinstance(found, Found):
                        files[entry.name] = found
                    else:
                        others[entry.name] = found
            del entries
            yield from self._folder(relative, files, others, Sidecars((*files, *beside)))
            pending.extend(reversed(subfolders))

    @staticmethod
    def _is_folder(entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=False) and not _is_junction(entry)
        except OSError:
            return False

    def _is_wanted(self, path: str) -> bool:
        self._patterns.include.see(path)
        return not self._settings.include or any(matches(path, pattern) for pattern in self._settings.include)

    def _look(self, folder: str, entry: os.DirEntry[str], path: str) -> Found | Asset:
        """What an entry that is no folder is: a file, or a problem."""
        try:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode) or _is_junction(entry):
                target = os.path.realpath(entry.path)
                if not _is_inside(target, self._real):
                    return self._lost(
                        path, ProblemCode.UNSUPPORTED, f"a link out of the scanned folder is not followed: → {target}"
                    )
                status = os.stat(entry.path)  # noqa: PTH116
                if stat.S_ISDIR(status.st_mode):
                    message = f"a link to a folder is not followed; the folder is scanned in its own place: → {target}"
                    return self._lost(path, ProblemCode.UNSUPPORTED, message, blocking=False)
        except OSError as error:
            return self._lost(path, ProblemCode.UNREADABLE, f"cannot be found: {error.strerror or error}")
        if not stat.S_ISREG(status.st_mode):
            return self._lost(path, ProblemCode.UNSUPPORTED, f"{_special(status.st_mode)} is never opened")
        identity = identity_of(status, self._root.location)
        return Found(folder, entry.name, status.st_size, status.st_mtime_ns, identity)

    def _folder(
        self, relative: str, files: dict[str, Found], others: dict[str, Asset], sidecars: Sidecars
    ) -> Iterator[Asset]:
        """The assets of one folder, a sequence at the place of its first name."""
        prefix = f"{relative}/" if relative else ""
        series = {
            pattern.name(number): (pattern, numbers)
            for pattern, numbers in candidates(files, at_least=self._settings.min_frames)
            for number in numbers
        }
        done: set[tuple[Pattern, int]] = set()
        names = sorted((*files, *others), key=os.fsencode)
        self._identify.expect(files[name] for name in names if name in files)
        for name in names:
            if name in others:
                yield others[name]
            elif name not in series:
                yield self._single(prefix, files[name], sidecars)
            elif (key := (series[name][0], series[name][1][0])) not in done:
                done.add(key)
                yield from self._series(prefix, *series[name], files, sidecars)

    def _single(self, prefix: str, found: Found, sidecars: Sidecars, known: Format | None = None) -> Asset:
        problems: tuple[Problem, ...] = ()
        try:
            known = known or self._identify(found)
        except MediaError as error:
            known = Format(UNKNOWN)
            problems = (Problem(code=error.code, stage="discover", by="discover", message=str(error)),)
        if known.kind is Kind.UNKNOWN and not problems and is_stored_by_system(prefix + found.name):
            known = Format(LITTER)
        use = self._use(prefix + found.name, known.kind, known.media_type)
        return Asset(
            path=prefix + found.name,
            root=self._root.name,
            location=self._root.location,
            kind=known.kind,
            media_type=known.media_type,
            size=found.size,
            mtime_ns=found.mtime_ns,
            identity=found.identity,
            category=use.category,
            disputed=use.disputed,
            sidecars=tuple(prefix + name for name in sidecars.of(found.name, known.kind)),
            problems=problems,
        )

    def _series(
        self, prefix: str, pattern: Pattern, numbers: tuple[int, ...], files: dict[str, Found], sidecars: Sidecars
    ) -> Iterator[Asset]:
        """Numbered files of one pattern: a sequence for each raster that has enough frames, the odd ones singly."""
        groups: dict[Format | None, list[int]] = {}
        for number in numbers:
            try:
                format_ = self._identify(files[pattern.name(number)])
            except MediaError:
                format_ = None  # asked again as a single file, which tells the problem
            groups.setdefault(format_, []).append(number)
        for format_, members in groups.items():
            frames = tuple(members)
            if format_ and is_sequence(pattern, format_.media_type, frames, at_least=self._settings.min_frames):
                yield self._sequence(prefix, pattern, frames, numbers, format_, files, sidecars)
            else:
                for number in frames:
                    yield self._single(prefix, files[pattern.name(number)], sidecars, format_)

    def _sequence(
        self,
        prefix: str,
        pattern: Pattern,
        numbers: tuple[int, ...],
        present: tuple[int, ...],
        format_: Format,
        files: dict[str, Found],
        sidecars: Sidecars,
    ) -> Asset:
        names = [pattern.name(number) for number in numbers]
        first = self._single(prefix, files[names[0]], sidecars, format_)
        spoken = dict.fromkeys(name for frame in names for name in sidecars.of(frame, format_.kind))
        return replace(
            first,
            path=prefix.replace("%", "%%") + pattern.printf,
            size=sum(files[name].size for name in names),
            mtime_ns=max(files[name].mtime_ns for name in names),
            identity=None,  # each frame's is asked for its stamp
            frames=frames_of(numbers, present),
            sidecars=tuple(prefix + name for name in spoken),
        )

    def _lost(self, path: str, code: ProblemCode, message: str, *, blocking: bool = True) -> Asset:
        return Asset(
            path=path,
            root=self._root.name,
            location=self._root.location,
            kind=Kind.UNKNOWN,
            media_type=UNKNOWN,
            size=0,
            mtime_ns=0,
            category=self._use(path, Kind.UNKNOWN).category,
            problems=(Problem(code=code, stage="discover", by="discover", message=message, blocking=blocking),),
        )

    def _use(self, path: str, kind: Kind, media_type: str = UNKNOWN) -> Purpose:
        if media_type == LITTER:  # whoever it lies beside, nobody delivers it
            return Purpose(Category.UNCATEGORISED)
        return use_of(path, kind, os.path.basename(self._root.location), self._settings.categories)  # noqa: PTH119


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Windows: a folder that is a link in all but name."""
    attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT) and entry.is_dir(follow_symlinks=False)


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
