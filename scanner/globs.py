"""Path patterns as people write them: `*.psd`, `**/stems/**`, `EP101/art/*`. Letter case never counts.

`*` and `?` stay within one component, `**` spans any number of them; nothing else is special, since
brackets are common in file names.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["matches"]


def matches(path: str, pattern: str) -> bool:
    """Whether a path relative to its root is meant by a pattern.

    A pattern without `/` means any one component, folder or file. One with `/` means the whole path.
    """
    found = _compiled(pattern)
    if "/" in pattern.strip("/"):
        return found.fullmatch(path) is not None
    return any(found.fullmatch(component) for component in path.split("/"))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    *folders, last = pattern.strip("/").split("/")
    expression = "".join("(?:[^/]+/)*" if folder == "**" else _component(folder) + "/" for folder in folders)
    expression += ".+" if last == "**" else _component(last)
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _component(text: str) -> str:
    wild = {"*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(character) or re.escape(character) for character in re.sub(r"\*+", "*", text))
