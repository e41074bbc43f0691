"""Pairs `.xmp` and `.c2pa` files with the files of the same folder that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from scanner.model import Kind

__all__ = ["Sidecars"]

_EXTENSIONS = frozenset({".xmp", ".c2pa"})
_SPOKEN_FOR = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT, Kind.SUBTITLE, Kind.UNKNOWN})
"""Files that have no sidecar: another sidecar, and a text that happens to share its name."""


class Sidecars:
    """The sidecars among the names of one folder."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in names:
            stem, dot, extension = name.rpartition(".")
            if stem and dot + extension.lower() in _EXTENSIONS:
                self._by_stem[stem.casefold()].append(name)

    def of(self, name: str, kind: Kind) -> tuple[str, ...]:
        """The sidecars of a file: `name.ext.xmp`, then `name.xmp`. Letter case does not count."""
        if not self._by_stem or kind not in _SPOKEN_FOR:
            return ()
        stem = PurePosixPath(name).stem
        return (*self._by_stem.get(name.casefold(), ()), *self._by_stem.get(stem.casefold(), ()))
