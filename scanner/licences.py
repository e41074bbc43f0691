"""The licence of each library that an installed provscan uses, and what its wheel carries, by installed metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scanner.doctor import requirements

__all__ = ["GPL", "Licence", "find_licences", "licence_of", "name_licence_of_ffmpeg"]

GPL: Final = re.compile(r"(?<![LA])GPL|(?<!Lesser )(?<!Affero )General Public", re.IGNORECASE)
"""Matches the GPL itself, not the LGPL or the AGPL."""

_COPYLEFT: Final[Mapping[str, str]] = {
    "x264": "GPL-2.0-or-later",
    "x265": "GPL-2.0-or-later",
    "xvidcore": "GPL-2.0-or-later",
    "heif": "LGPL-3.0-or-later",
    "de265": "LGPL-3.0-or-later",
    "avcodec": "LGPL-2.1-or-later, or as FFmpeg was built",
    "avdevice": "LGPL-2.1-or-later, or as FFmpeg was built",
    "avfilter": "LGPL-2.1-or-later, or as FFmpeg was built",
    "avformat": "LGPL-2.1-or-later, or as FFmpeg was built",
    "avutil": "LGPL-2.1-or-later, or as FFmpeg was built",
    "swresample": "LGPL-2.1-or-later, or as FFmpeg was built",
    "swscale": "LGPL-2.1-or-later, or as FFmpeg was built",
    "mp3lame": "LGPL-2.0-or-later",
    "asound": "LGPL-2.1-or-later",
    "gnutls": "LGPL-2.1-or-later",
    "gmp": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "hogweed": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "nettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "unistring": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "gfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "gomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "quadmath": "LGPL-2.1-or-later",
}
"""Native library → its licence, of those that wheels carry and that ask something of whoever passes them on."""
_NATIVE: Final = re.compile(r"(?:lib)?(?P<name>[a-z][a-z0-9]*?)(?:[-_.][-_.0-9a-z]*)?\.(?:so|dylib|dll)(?:\.[0-9.]+)?")
_TEXTS: Final = (
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL"),
    ("GNU GENERAL PUBLIC LICENSE", "GPL"),
    ("Mozilla Public License", "MPL"),
    ("Apache License", "Apache-2.0"),
    ("Redistribution and use in source and binary forms", "BSD"),
    ("Permission is hereby granted, free of charge", "MIT"),
)
"""Words of a licence's text → its name, where the metadata have none."""
_LONGEST: Final = 60
"""Characters of a licence's name: what is longer is its text."""


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of one installed library."""

    name: str
    version: str
    licence: str
    """As the library's metadata state it; empty where they do not."""
    needed_by: str
    """The library that requires it; `provscan`, or `provscan[extra]`."""
    carries: tuple[tuple[str, str], ...] = ()
    """Native libraries in its wheel with a licence of their own, and that licence: `libx264`, `GPL-2.0-or-later`."""


def find_licences(asked_for: Iterable[tuple[Requirement, str]] | None = None) -> Iterator[Licence]:
    """List every installed library that is needed, directly or by another one, sorted by name.

    `asked_for` are requirements, each with the extra that it belongs to, empty for none; by default those of provscan.
    """
    asked: dict[str, tuple[str, str]] = {}
    first = requirements() if asked_for is None else asked_for
    waiting = [(required.name, f"provscan[{extra}]" if extra else "provscan") for required, extra in first]
    while waiting:
        name, needed_by = waiting.pop(0)
        if (key := canonicalize_name(name)) in asked:
            continue
        asked[key] = name, needed_by
        waiting.extend((other, name) for other in _find_needed(name))
    for name, needed_by in sorted(asked.values(), key=lambda item: canonicalize_name(item[0])):
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield Licence(name, found.version, licence_of(found), needed_by, tuple(_find_carried(found)))


def _find_needed(name: str) -> Iterator[str]:
    try:
        lines = metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return
    for required in map(Requirement, lines):
        if required.marker is None or required.marker.evaluate({"extra": ""}):
            yield required.name


def licence_of(found: metadata.Distribution) -> str:
    """A library's licence by its metadata: the SPDX expression, the field, a classifier, else its text; may be
    empty."""
    stated = found.metadata
    if "License-Expression" in stated:
        return str(stated["License-Expression"])
    field = "License" in stated and str(stated["License"]).strip()
    if field and field != "UNKNOWN" and len(field) <= _LONGEST:
        return field
    classifiers = (
        line for line in stated.get_all("Classifier") or () if line.startswith("License :: OSI Approved :: ")
    )
    if (classifier := next(classifiers, None)) is not None:
        return str(classifier).rpartition(" :: ")[2]
    return next((name for words, name in _TEXTS if words in _text_of(found)), "")


def _text_of(found: metadata.Distribution) -> str:
    files = [file for file in found.files or () if ".dist-info" in str(file) and "LICEN" in file.name.upper()]
    return "\n".join(file.read_text() for file in files if Path(file.locate()).is_file())


def _find_carried(found: metadata.Distribution) -> Iterator[tuple[str, str]]:
    natives = (_NATIVE.fullmatch(PurePosixPath(str(file)).name.lower()) for file in found.files or ())
    for name in sorted({native["name"] for native in natives if native} & _COPYLEFT.keys()):
        yield f"lib{name}", _COPYLEFT[name]


def name_licence_of_ffmpeg(configuration: str) -> str:
    """Name the licence of an FFmpeg program by the options that it was built with (FFmpeg's LICENSE.md)."""
    options = set(configuration.split())
    if "--enable-nonfree" in options:
        return "not free: it may not be passed on"
    family = "GPL" if "--enable-gpl" in options else "LGPL"
    version = "3.0" if "--enable-version3" in options else "2.0" if family == "GPL" else "2.1"
    return f"{family}-{version}-or-later"
