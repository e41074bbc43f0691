"""Removes from paths what distinguishes one version of a file from the next. Pure."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_version"]

_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_VERSION: Final = re.compile(
    rf"""[ ._-]*(?:
      (?<![a-z])v(?:er(?:sion)?)?[ ._-]?\d{{1,4}}                         # v2, ver.4, Version 3
    | (?<![a-z0-9])r(?:ev(?:ision)?)?[ ._-]?\d{{1,3}}                                  # R3, rev 2
    | (?<![a-z0-9]){_YEAR}([ ._-]?){_MONTH}\1{_DAY}                                    # 2026-11-22, 20261122
    | (?<![a-z0-9]){_DAY}([._-]){_MONTH}\2{_YEAR}                                      # 22.11.2026
    | (?<![a-z0-9])[1-4]\d{_MONTH}{_DAY}                                               # 261122
    )(?![a-z0-9])""",
    re.VERBOSE,
)


def without_version(path: str) -> str:
    """The path in lower case without versions, revisions and dates in its folders' names and its own.

    `K_v1/Key_R3_20261122.png` and `k_v2/key.png` are the same. A reel or a shot may look like a revision: two files are
    versions of one another only where neither run has both.
    """
    return _VERSION.sub("", path.lower())
