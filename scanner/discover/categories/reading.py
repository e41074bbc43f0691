"""What the name of one folder states about the use of its files. Pure.

Rule: a name makes an asset milder only where it states nothing else; a word among others never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from scanner.discover.categories.atoms import is_counting, is_episode
from scanner.discover.categories.vocabulary import Word, load_vocabulary
from scanner.model import Category

__all__ = ["PARTS", "WORKING", "Reading", "read_folder"]

WORKING: Final = (Category.TEMP, Category.IDEATION, Category.REFERENCE, Category.DOCUMENTATION)
"""Uses that are not part of the programme; where a folder has several such names, the first of these."""
PARTS: Final = (
    Category.ARCHIVAL, Category.PROMO, Category.ARTWORK, Category.GRAPHICS, Category.VFX_ELEMENT, Category.FINAL_AUDIO,
    Category.FINAL_PICTURE,
)  # fmt: skip
"""The other uses, the most specific first."""
_ALONE: Final = (*WORKING, Category.ARCHIVAL, Category.VFX_ELEMENT)
"""Uses that some policy judges more mildly than a final: their names count only where nothing else is stated."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The meaning of a folder's name."""

    name: str
    category: Category | None = None
    """The use that it states; None where it states none, or none that counts."""
    is_whole: bool = False
    """Whether everything in the name is understood: names, numbers and versions."""
    is_ordinary: bool = False
    """Whether only everyday words state the use."""
    is_finished: bool = False
    """Whether it means that its files are finished."""
    is_episode: bool = False
    """Whether it names a part of a series."""
    working: Category | None = None
    """The work-in-progress use that one of its words names, whether it counts or not."""


@lru_cache(maxsize=4096)
def read_folder(name: str) -> Reading:
    """Read a folder's name."""
    cut = list(load_vocabulary().cut(name))
    words = [word for _, word in cut if word is not None]
    is_whole = bool(words) and all(word is not None or is_counting(atom) for atom, word in cut)
    counting = [word for word in words if is_whole or not word.is_ordinary]
    working = next((category for category in WORKING if any(word.category is category for word in counting)), None)
    finished = any(word.is_finished for word in counting)
    said = [word for word in counting if is_whole or word.category not in _ALONE]
    if finished:
        said = [word for word in said if word.category not in (*WORKING, Category.VFX_ELEMENT)]
    category = _first(said)
    return Reading(
        name=name,
        category=category,
        is_whole=is_whole,
        is_ordinary=bool(said) and all(word.is_ordinary for word in said if word.category is category),
        is_finished=finished,
        is_episode=any(is_episode(atom) for atom, word in cut if word is None),
        working=working,
    )


def _first(said: list[Word]) -> Category | None:
    """The use that says most; a firm word's before an ordinary one's."""
    for words in ([word for word in said if not word.is_ordinary], said):
        for category in (*WORKING, *PARTS):
            if any(word.category is category for word in words):
                return category
    return None
