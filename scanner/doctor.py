"""What provscan consists of on this machine: external tools, libraries by their installed metadata, and formats."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from packaging.requirements import Requirement

from scanner import __version__
from scanner.readers import READERS

__all__ = ["FOR_USERS", "Prerequisite", "checks", "fix_for", "formats", "requirements", "versions"]

_DISTRIBUTION = "provscan"
FOR_USERS = ("dask", "ffmpeg", "marks", "pdf", "sign")
"""Extras that a user may want; the others are for development."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """One thing that provscan needs or can use."""

    group: str
    """`provscan`, `tool`, `library` or `extra`."""
    name: str
    found: str | None
    """Version; None where it is missing."""
    purpose: str
    fix: str = ""
    needed: bool = True
    wanted: str = ""
    """The versions that provscan was made for, where `found` is not among them: `<20,>=15`."""

    @property
    def state(self) -> str:
        """`ok`, or what is wrong with it."""
        if self.found is None:
            return "MISSING" if self.needed else "not installed"
        return "ok" if not self.wanted else "WRONG VERSION"

    @property
    def failed(self) -> bool:
        """Whether it is needed, and is missing or has a version that provscan was not made for."""
        return self.needed and self.state != "ok"


def checks() -> Iterator[Prerequisite]:
    """List every prerequisite, in reading order."""
    yield Prerequisite("provscan", "provscan", __version__, "this program")
    yield Prerequisite("provscan", "Python", platform.python_version(), f"on {platform.system()} {platform.machine()}")
    yield Prerequisite("provscan", "SQLite", sqlite3.sqlite_version, "the examination cache")
    yield _sdk()
    yield _ffmpeg()
    yield from _libraries()


def versions() -> dict[str, str]:
    """The versions that results depend on, as reports name them."""
    named = {check.name: check.found for check in checks() if check.group != "extra" and check.found}
    return {name: version for name, version in named.items() if name != "provscan"}


def fix_for(libraries: tuple[str, ...]) -> str:
    """The command that installs these libraries in the versions that provscan was made for."""
    if "ffmpeg" in libraries and (tool := _ffmpeg()).failed:
        return tool.fix
    bounds = {required.name: str(required.specifier) for required, _ in requirements()}
    return _reinstall({name: bounds.get(name, "") for name in libraries if name != "ffmpeg"})


def _reinstall(bounds: Mapping[str, str]) -> str:
    wanted = " ".join(f"'{name}{bound}'" for name, bound in bounds.items())
    return f"pip install --force-reinstall {wanted}"


def formats() -> dict[str, tuple[str, ...]]:
    """Media type → the readers that read it."""
    found: dict[str, list[str]] = {}
    for reader in READERS:
        for media_type in reader.media_types:
            found.setdefault(media_type, []).append(reader.name)
    return {media_type: tuple(names) for media_type, names in sorted(found.items())}


def requirements() -> tuple[tuple[Requirement, str], ...]:
    """The requirements of the installed provscan, each with the extra that it belongs to; none where it is not
    installed."""
    try:
        return _parse_requirements(tuple(metadata.requires(_DISTRIBUTION) or ()))
    except metadata.PackageNotFoundError:
        return ()


@cache
def _parse_requirements(declared: tuple[str, ...]) -> tuple[tuple[Requirement, str], ...]:
    found = []
    for required in map(Requirement, declared):
        for extra in ("", *FOR_USERS):
            if required.marker is None or required.marker.evaluate({"extra": extra}):
                found.append((required, extra))
                break
    return tuple(found)


def _libraries() -> Iterator[Prerequisite]:
    known = False
    for required, extra in requirements():
        known = True
        version, summary = _find_installed(required.name)
        fits = version is None or required.specifier.contains(version, prereleases=True)
        bound = str(required.specifier)
        fix = f"pip install 'provscan[{extra}]'" if extra else _reinstall({required.name: bound})
        wanted = "" if fits else bound
        yield Prerequisite("extra" if extra else "library", required.name, version, summary, fix, not extra, wanted)
    if not known:
        why = "names the libraries that results depend on; this copy runs without being installed"
        yield Prerequisite("library", "provscan's metadata", None, why, "pip install . in the clone")


@cache
def _find_installed(name: str) -> tuple[str | None, str]:
    """Version and the library's own summary; None where it is missing. It stays so while the process runs."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None, ""
    return found["Version"], " ".join(found["Summary"].split()) if "Summary" in found else ""


def _sdk() -> Prerequisite:
    from scanner.readers.c2pa import sdk_version

    return Prerequisite("tool", "c2pa SDK", sdk_version(), "verifies Content Credentials", fix_for(("c2pa-python",)))


def _ffmpeg() -> Prerequisite:
    from media.errors import MissingDependency
    from media.ffmpeg import HOW_TO_GET, tool

    try:
        found = tool()
    except MissingDependency:
        what = "no programme, sound, DPX, EXR or JPEG XL is compared without it"
        return Prerequisite("tool", "ffmpeg", None, what, HOW_TO_GET)
    return Prerequisite("tool", "ffmpeg", found.version, f"decodes pictures and sound ({found.path})", HOW_TO_GET)
