"""What a comparison of a picture with its reference states: a grade, relations, and the regions that differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.vocabulary import Grade, Relation
from media.place import Box

__all__ = ["GRAVE", "Alteration", "Difference", "Grade"]


GRAVE = frozenset({Relation.EXTENDED, Relation.RECOLOURED, Relation.ALTERED, Relation.RESYNTHESISED})
"""Relations that no edit causes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One region that differs."""

    relation: Relation
    region: Box
    """In the picture."""
    reference_region: Box
    """In the reference; of an extension, all of it."""
    area_percent: float
    """Of what the picture shows of the reference; of an extension, of the picture."""
    grade: Grade = Grade.ALTERED
    strength: float = 0.0
    """Multiple of the usual spread by which it stands out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alteration:
    """The verdict and its map."""

    judged: bool
    reason: str
    """What the map shows, or why it was not judged."""
    relations: tuple[Relation, ...] = ()
    """All that hold, the gravest last."""
    changes: tuple[Difference, ...] = ()
    """The largest first."""
    area_percent: float = 0.0
    """Part of the shared area that was altered or recoloured."""
    similarity: float = 0.0
    """Mean structural similarity over the shared area."""
    changed: NDArray[np.bool_] | None = None
    """The map, in the reference's frame."""
    grade: Grade = Grade.NONE
    graphics_percent: float = 0.0
    """Part of the shared area that graphics cover; they are not alterations."""
    is_other: bool = False
    """Whether the two are so unlike that the picture does not show the reference."""

    @property
    def relation(self) -> Relation | None:
        """The gravest that holds; nothing where it was not judged."""
        return self.relations[-1] if self.relations else None

    @property
    def regions(self) -> tuple[Box, ...]:
        """Where the picture differs, in the picture."""
        return tuple(change.region for change in self.changes)
