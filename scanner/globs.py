"""Path patterns as people write them: `*.psd`, `**/stems/**`, `EP101/art/*`. Letter case does not count, nor how an
accented letter is encoded: macOS keeps `é` in file names as two characters, a list has one.

`*` and `?` stay within one component, `**` spans any number of them; nothing else is special, since brackets are common
in file names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["Unmatched", "composed", "folded", "matches"]


def matches(path: str, pattern: str) -> bool:
    """Whether a pattern matches a path relative to its root.

    A pattern without `/` matches any one component, folder or file. One with `/` must match the whole path.
    """
    found, path = _compile(pattern), composed(path)
    if "/" in pattern.strip("/"):
        return found.fullmatch(path) is not None
    return any(found.fullmatch(component) for component in path.split("/"))


class Unmatched:
    """The patterns that no path has matched so far: a misspelt one excludes nothing, and nobody would notice."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._left = dict.fromkeys(patterns)

    def see(self, path: str) -> None:
        """Note a path that was found, relative to its root."""
        if self._left:
            for pattern in [one for one in self._left if matches(path, one)]:
                del self._left[pattern]

    @property
    def patterns(self) -> tuple[str, ...]:
        """In the order given."""
        return tuple(self._left)


def composed(path: str) -> str:
    """The path with each letter and its accent as one character (NFC)."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def folded(path: str) -> str:
    """The path in the form in which paths are compared."""
    return composed(path).lower()


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> re.Pattern[str]:
    """Between two `**`, and between two `*`, what comes first is taken and never given back: nothing that a longer
    search finds could be missed by it, and no pattern of a stranger takes longer than its path is long."""
    blocks: list[list[str]] = [[]]
    for folder in composed(pattern).strip("/").split("/"):
        if folder != "**":
            blocks[-1].append(_component(folder))
        elif blocks[-1] or len(blocks) == 1:
            blocks.append([])
    first, *middle = ("".join(f"{folder}/" for folder in block) for block in blocks[:-1]) if blocks[1:] else ("",)
    last = "/".join(blocks[-1]) or ".+"
    within = "".join(f"(?>(?:[^/]+/)*?{block})" for block in middle)
    deep = "(?:[^/]+/)*" if blocks[1:] and blocks[-1] else ""
    return re.compile(first + within + deep + last, re.IGNORECASE | re.DOTALL)


def _component(text: str) -> str:
    first, *rest = ("".join("[^/]" if it == "?" else re.escape(it) for it in part) for part in re.split(r"\*+", text))
    if not rest:
        return first
    return first + "".join(f"(?>[^/]*?{part})" for part in rest[:-1]) + "[^/]*" + rest[-1]
