"""What provscan stands on: foreign tools, libraries, formats, and the mend for what is missing."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from scanner import __version__
from scanner.readers import READERS

__all__ = ["Check", "checks", "versions"]

_LIBRARIES = (
    ("c2pa-python", "Content Credentials"),
    ("Pillow", "still pictures"),
    ("pillow-heif", "HEIF and AVIF pictures"),
    ("ExifRead", "EXIF"),
    ("av", "probing video and audio (PyAV, with FFmpeg's libraries)"),
    ("ffmpeg-python", "filter graphs for ffmpeg"),
    ("imageio-ffmpeg", "brings an ffmpeg program"),
    ("ImageHash", "the reference of picture hashes"),
    ("mutagen", "ID3 and Vorbis tags"),
    ("lxml", "XML and XMP"),
    ("pikepdf", "PDF"),
    ("Fileseq", "frame sequences"),
    ("Pebble", "sealed workers"),
    ("psutil", "the workers' memory"),
    ("xxhash", "digests"),
    ("numpy", "arithmetic on pictures"),
    ("regex", "patterns with a time limit"),
    ("click", "the command line"),
    ("rich", "the console report"),
    ("Jinja2", "the HTML report"),
)
_EXTRAS = (("distributed", "dask", "--executor dask"),)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for."""

    group: str
    name: str
    found: str | None
    """Version; None where it is missing."""
    purpose: str
    mend: str = ""
    needed: bool = True


def checks() -> Iterator[Check]:
    """Everything, in the order in which a person would read it."""
    yield Check("provscan", "provscan", __version__, "this program")
    yield Check("provscan", "Python", platform.python_version(), f"on {platform.system()} {platform.machine()}")
    yield Check("provscan", "SQLite", sqlite3.sqlite_version, "the examination cache")
    yield _sdk()
    yield _ffmpeg()
    for name, purpose in _LIBRARIES:
        yield Check("library", name, _version(name), purpose, mend=f"pip install {name}")
    for name, extra, purpose in _EXTRAS:
        yield Check("extra", name, _version(name), purpose, mend=f"pip install 'provscan[{extra}]'", needed=False)


def versions() -> dict[str, str]:
    """What a report names: the versions that results depend on."""
    named = {check.name: check.found for check in checks() if check.group != "extra" and check.found}
    return {name: version for name, version in named.items() if name != "provscan"}


def formats() -> dict[str, tuple[str, ...]]:
    """Media type → the readers that look at it."""
    found: dict[str, list[str]] = {}
    for reader in READERS:
        for media_type in reader.media_types:
            found.setdefault(media_type, []).append(reader.name)
    return {media_type: tuple(names) for media_type, names in sorted(found.items())}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _sdk() -> Check:
    from scanner.readers.c2pa import sdk_version

    return Check("tool", "c2pa SDK", sdk_version(), "verifies Content Credentials", mend="pip install c2pa-python")


def _ffmpeg() -> Check:
    from fingerprints.errors import ToolMissing
    from fingerprints.media import tool

    mend = "install ffmpeg, or: pip install imageio-ffmpeg"
    try:
        found = tool()
    except ToolMissing:
        return Check("tool", "ffmpeg", None, "decodes pictures and sound", mend=mend)
    return Check("tool", "ffmpeg", found.version, f"decodes pictures and sound ({found.path})", mend=mend)
