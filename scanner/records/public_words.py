"""Words that are public because provscan itself has them: its sentences, the fields that it reads, the tools that it
knows. What a file, a register or a library states in other words may be private."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

__all__ = ["WORD", "is_name", "is_public", "public_words"]

WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SOURCES: Final = (
    "media", "media.containers", "media.identify", "media.timelines", "media.whole", "scanner", "scanner.discover",
    "scanner.examine", "scanner.judge", "scanner.judge.policy", "scanner.judge.register", "scanner.judge.rules",
    "scanner.readers", "scanner.recognise",
)  # fmt: skip
"""Packages whose sentences stand in records."""
_TABLES: Final = ("scanner.judge.rules.builtin", "scanner.judge.policy.builtin")
_EXAMPLES: Final = frozenset({"hits", "misses", "example", "examples", "says", "seen", "why", "source"})
"""Keys of those tables whose values are made to look like what files state."""
_NAMING: Final = ("tool", "vendor", "model")
_PROGRAMS: Final = (
    "acrobat adobe after apple arri audition avid avs blackmagic blender capcut canon canva capture cc chrome "
    "clip cloud composer compressor corel creative davinci design dji dolby dpx effects elements encoder eos "
    "excel exiftool express ffmpeg final fuji fujifilm fusion gimp google gopro handbrake hasselblad house "
    "illustrator imagemagick indesign inkscape insta ios iphone ipad krita lavc lavf leica libreoffice libx light "
    "lightroom linux logic mac macintosh macos matroska media microsoft mobile mkvmerge mxf nero nikon nuke nvenc "
    "office one olympus openexr os panasonic paint pdf pentax phase photo photos photoshop pixel powerpoint "
    "premiere pro producer quark quicktime ricoh red resolve reverberate ribbon rx samsung shake sigma skia sony "
    "studio suite tools tiff toolkit vegas video version vlc windows word writer x xmp xperia zoom "
)
"""Words of the programs and cameras that productions use, beside those that rules name."""
_LONGEST: Final = 100
_UP_TO: Final = 5
"""Digits of a number that is a version and no serial number."""


@cache
def public_words() -> frozenset[str]:
    """The words of provscan's own sentences and tables, in lower case; read once, in a fraction of a second."""
    words: set[str] = set()
    for package in _SOURCES:
        for file in resources.files(package).iterdir():
            if file.name.endswith(".py"):
                words.update(_LETTERS.findall(file.read_text("utf-8").lower()))
    for table in _tables():
        for text in _texts(table):
            words.update(_LETTERS.findall(text.lower()))
    return frozenset(words | _names())


@cache
def _names() -> frozenset[str]:
    named = (str(entry[key]) for table in _tables() for entry in _entries(table) for key in _NAMING if key in entry)
    return frozenset(word for name in (*named, _PROGRAMS) for word in _LETTERS.findall(name.lower()))


def is_public(word: str) -> bool:
    """Whether provscan has the word itself; digits in and around it do not count, unless there are many."""
    letters = _LETTERS.findall(word.lower())
    digits = len(word) - sum(map(len, letters))
    if not letters:
        return digits <= _UP_TO
    return digits <= _UP_TO and all(part in public_words() or (len(part) == 1 and len(word) <= 3) for part in letters)


def is_name(value: str) -> bool:
    """Whether a text is a program's or maker's name that provscan knows, with a version or without."""
    words = WORD.findall(value)
    return len(value) <= _LONGEST and bool(words) and all(map(_is_of_name, words))


def _is_of_name(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    return digits <= _UP_TO and all(part in _names() or len(part) == 1 for part in _LETTERS.findall(word.lower()))


@cache
def _tables() -> tuple[dict[str, Any], ...]:
    files: Iterator[Traversable] = (file for package in _TABLES for file in resources.files(package).iterdir())
    return tuple(tomllib.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".toml"))


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """The tables within a table that are no examples."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, dict):
            yield one
            for key, inner in one.items():
                if key not in _EXAMPLES:
                    yield from _entries(inner)


def _texts(table: Any) -> Iterator[str]:
    for entry in _entries(table):
        for key, value in entry.items():
            if key not in _EXAMPLES:
                yield key
                yield from (
                    str(one) for one in (value if isinstance(value, list) else (value,)) if isinstance(one, str)
                )
