"""The names of folders, from `words/*.toml`: the category of each name, and what else it means. Pure data.

Each file proves itself: `prove_vocabulary` reads its examples as folders.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from media.errors import ConfigError
from scanner.discover.categories.atoms import atoms, spellings
from scanner.model import Category

__all__ = ["FolderNames", "Word", "examples", "languages", "load_vocabulary"]

_TABLES = frozenset({"language", "names", "says", "examples"})
_SAYS = frozenset({"finished", "ordinary"})


@dataclass(frozen=True, slots=True)
class Word:
    """A name that folders bear."""

    category: Category
    is_finished: bool = False
    """Whether it means that the files are finished: `masters`, `Endfassung`."""
    is_ordinary: bool = False
    """Whether it is a word of everyday language and of titles: it counts only alone, and yields to others."""


@dataclass(frozen=True, slots=True)
class FolderNames:
    """All names, by their atoms."""

    words: Mapping[tuple[str, ...], Word]
    longest: int
    """Number of atoms of the longest name."""

    def cut(self, name: str) -> Iterator[tuple[str, Word | None]]:
        """Cut a folder's name into its words, the longest known ones first; None for an atom that belongs to no
        word."""
        parts = atoms(name, lambda atom: (atom,) in self.words)
        at = 0
        while at < len(parts):
            lengths = range(min(self.longest, len(parts) - at), 0, -1)
            length = next((it for it in lengths if parts[at : at + it] in self.words), 0)
            yield "".join(parts[at : at + max(length, 1)]), self.words.get(parts[at : at + length])
            at += max(length, 1)


@lru_cache(maxsize=1)
def load_vocabulary() -> FolderNames:
    """Load the names in all languages. Raises `ConfigError` where a file is not understood, or two contradict each
    other."""
    words: dict[tuple[str, ...], Word] = {}
    for language, table in _files():
        finished, ordinary = (_spell(language, table["says"].get(key, ())) for key in ("finished", "ordinary"))
        named = {category for names in table["names"].values() for category in _spell(language, names)}
        if strange := sorted((finished | ordinary) - named):
            strangest = " ".join(strange[0])
            raise ConfigError(f"folder names, {language}: {strangest!r} stands under [says] and not under [names]")
        for category, names in table["names"].items():
            for key in _spell(language, names):
                word = Word(Category(category), key in finished, key in ordinary)
                words[key] = _both(language, key, words.get(key, word), word)
    # `keyart` is `key art`, where it is no name of its own.
    joined: dict[tuple[str, ...], Word] = {("".join(key),): word for key, word in words.items() if len(key) > 1}
    return FolderNames({**joined, **words}, max(map(len, words)))


def _both(language: str, key: tuple[str, ...], one: Word, other: Word) -> Word:
    """What two languages say with the same letters: what either calls ordinary is, and both mean one category."""
    if one.category is not other.category:
        said = " ".join(key)
        raise ConfigError(f"folder names, {language}: {said!r} is {other.category} here and {one.category} elsewhere")
    return Word(one.category, one.is_finished or other.is_finished, one.is_ordinary or other.is_ordinary)


def _spell(language: str, names: Any) -> set[tuple[str, ...]]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"folder names, {language}: a list of names is needed, not {names!r}")
    return {atoms(spelling, lambda _: True) for name in names for spelling in spellings(name)}


@lru_cache(maxsize=1)
def _files() -> tuple[tuple[str, dict[str, Any]], ...]:
    folder = resources.files("scanner.discover.categories") / "words"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda it: it.name)
    return tuple((file.name, _check_table(file.name, tomllib.loads(file.read_text("utf-8")))) for file in files)


def _check_table(name: str, table: dict[str, Any]) -> dict[str, Any]:
    if set(table) != _TABLES or not set(table["says"]) <= _SAYS or not set(table["names"]) <= set(Category):
        raise ConfigError(f"folder names, {name}: it has {', '.join(sorted(_TABLES))}, and names by category")
    return table


def languages() -> tuple[str, ...]:
    """The known languages."""
    return tuple(str(table["language"]) for _, table in _files())


def examples() -> Iterator[tuple[str, str, Category]]:
    """Yield file, folder, and the category that the folder must be taken for."""
    for name, table in _files():
        for folder, category in table["examples"].items():
            yield name, folder, Category(category)
