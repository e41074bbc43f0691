"""File names for the documents of one format: one for each deliverable, plain and all different."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Naming", "file_of", "pattern_of"]

_LONGEST: Final = 80


class Naming:
    """Gives each deliverable a name of its own, of letters, digits, `_` and `-` only, so that it is harmless
    everywhere."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def name(self, path: str) -> str:
        """`EP101_v03` for `picture/EP101_v03.mov`; with a number where another deliverable has that name already."""
        stem = path.rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2]
        plain = re.sub(r"[^0-9A-Za-z_]+", "-", stem).strip("-")[:_LONGEST] or "deliverable"
        name, number = plain, 1
        while name.casefold() in self._given:
            number += 1
            name = f"{plain}-{number}"
        self._given.add(name.casefold())
        return name


def file_of(file_name: str, part: str) -> str:
    """`report-EP101_v03.markers.txt` for `report.markers.txt`; the file name itself where there is no part."""
    stem, dot, rest = file_name.partition(".")
    return f"{stem}-{part}{dot}{rest}" if part else file_name


def pattern_of(file_name: str) -> re.Pattern[str]:
    """A pattern that matches the names that `file_of` makes."""
    stem, dot, rest = file_name.partition(".")
    return re.compile(f"{re.escape(stem)}(-[0-9A-Za-z_-]+)?{re.escape(dot + rest)}")
