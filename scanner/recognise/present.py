"""What libraries state now about the references that records name: licences are renewed after a scan. Opens no media.

Rule: a reference is the same by its id and its content. For one that no library holds any more, the record keeps what
was known when it was recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.model import Match
from scanner.recognise.lookup import repeat_details

if TYPE_CHECKING:
    from fingerprints.library.catalogue import Catalogue
    from fingerprints.model import Reference

__all__ = ["Present", "states_of"]

_KEPT = 65_536


class Present:
    """The catalogues of some libraries. A context."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._catalogues = [_open_catalogue(folder) for folder in folders]
        self._known = lru_cache(maxsize=_KEPT)(self._look)
        self._gone: set[str] = set()

    def __enter__(self) -> Present:
        return self

    def __exit__(self, *_: object) -> None:
        for catalogue in self._catalogues:
            catalogue.close()

    def refresh(self, matches: tuple[Match, ...]) -> tuple[Match, ...]:
        """The matches with the current details of their references; the same object where nothing changed."""
        now = tuple([self._refresh_facts(match) for match in matches]) if self._catalogues else matches
        return matches if all(new is old for new, old in zip(now, matches, strict=True)) else now

    def warnings(self) -> Iterator[str]:
        """Sentences about references of which no library could state anything now."""
        if self._gone:
            few = ", ".join(sorted(self._gone)[:5]) + (" …" if len(self._gone) > 5 else "")
            yield (
                f"{len(self._gone)} recognised references are in none of the given libraries, or are other files there:"
                f" judged by what the scan recorded of them ({few})"
            )

    def _refresh_facts(self, match: Match) -> Match:
        facts = match.facts
        if facts.is_own:  # the run's own temporary and AI-made material is in no library
            return match
        reference = self._known(facts.library, match.reference, facts.digest)
        if reference is None:
            if len(self._gone) < _KEPT:
                self._gone.add(match.reference)
            return match
        role, said = reference.details.role, replace(facts, **repeat_details(reference.details))
        return match if (role, said) == (match.role, facts) else replace(match, role=role, facts=said)

    def _look(self, library: str, name: str, digest: str) -> Reference | None:
        """From the library that it was recognised by, if that was given; else from any that has it."""
        for catalogue in sorted(self._catalogues, key=lambda one: one.folder.name != library):
            found = next(catalogue.references("id = ?", (name,)), None)
            if found is not None and digest in ("", found.digest):
                return found
        return None


def states_of(folders: Iterable[str]) -> dict[str, Any]:
    """For each library: how many references it holds, and a digest of them and of all that is stated about them."""
    states = {}
    for folder in folders:
        catalogue = _open_catalogue(folder)
        states[catalogue.folder.name] = {
            "references": catalogue.counts()["reference"],
            "digest": f"xxh3-128:{catalogue.digest()}",
        }
        catalogue.close()
    return states


def _open_catalogue(folder: str) -> Catalogue:
    from fingerprints.library.catalogue import Catalogue

    return Catalogue.open(Path(folder).resolve())
