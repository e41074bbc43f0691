"""Finds the rows of a register that may refer to an asset, among hundreds of thousands, without asking each of them.

Rule: a row that refers to an asset is found; one that is found may still not refer to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from scanner.globs import folded
from scanner.judge.register.row import Row
from scanner.model import Asset

__all__ = ["RowIndex"]

_WILD = re.compile(r"[*?]")
_WORD = re.compile(r"[^\W_]+")
"""A run of letters and digits."""
_ANY = "*"
"""The key of rows that may refer to any asset."""


class RowIndex:
    """Rows by what they state about their material: content, reference, path, the fixed beginning of a pattern, the
    episode of a time, or a finding."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._by: dict[str, list[int]] = {}
        self._begins: set[int] = set()
        """How long the fixed beginnings of patterns are."""
        for number, row in enumerate(rows):
            for key in self._keys(row):
                self._by.setdefault(key, []).append(number)

    def find(
        self,
        asset: Asset,
        digests: Iterable[str],
        references: Iterable[str] = (),
        contents: Iterable[str] = (),
        finding: str = "",
    ) -> tuple[Row, ...]:
        """The rows that may refer to an asset of these digests, in which these references (names) and contents
        (xxh3-128) were recognised, or to the finding of that id: first those of its content and its name, then the
        others in their order."""
        if not self._by:
            return ()
        path = folded(f"{asset.root}/{asset.path}")
        named = [*(f"d {it}" for it in digests), f"p {folded(asset.path)}", f"p {path}"]
        named += (f"n {part}" for part in path.split("/"))
        others = {number for key in self._wide_keys(asset, path) for number in self._by.get(key, ())}
        elements = [key for name in references for key in (f"r {name}", *_tails(name))]
        elements += (f"d xxh3-128:{value}" for value in contents)
        elements += [f"f {finding}"] if finding else []
        found = dict.fromkeys(number for key in named for number in self._by.get(key, ()))
        found.update(dict.fromkeys(sorted(others)))
        found.update(dict.fromkeys(number for key in elements for number in self._by.get(key, ())))
        return tuple(self._rows[number] for number in found)

    def _keys(self, row: Row) -> Iterator[str]:
        """Under what a row is looked up. One that names its file is not asked about every other."""
        if row.digest and row.digest != "?":
            yield f"d {row.digest}"
        yield from (f"r {name}" for name in row.references)
        glob = folded(row.glob)
        if glob and not _WILD.search(glob):
            yield f"{'p' if '/' in glob else 'n'} {glob}"
        elif glob:
            begin = _WILD.split(glob, maxsplit=1)[0]
            self._begins.add(len(begin))
            yield f"b {begin}" if begin else _ANY
        elif row.tc_in:
            episode = row.cells.get("episode", "").lower()
            word = _WORD.search(episode)
            yield f"e {word[0]}" if word else _ANY
        elif about := row.cells.get("finding_id", "").strip().lower():
            yield f"f {about}"

    def _wide_keys(self, asset: Asset, path: str) -> Iterator[str]:
        """Under what rows are looked up that name an asset by a pattern, or by its episode."""
        yield _ANY
        yield from (f"e {word}" for word in set(_WORD.findall(f"{asset.root}/{asset.path}".lower())))
        # A pattern without `/` fits any component.
        starts = {0, *(at + 1 for at, char in enumerate(path) if char == "/")}
        for begin in self._begins:
            yield from (f"b {path[at : at + begin]}" for at in starts if begin and at + begin <= len(path))


def _tails(name: str) -> Iterator[str]:
    """Under what a row that names a recognised file by its path is looked up."""
    path = folded(name)
    yield from (f"p {path}", f"p {path.partition('/')[2]}", f"n {path}")
