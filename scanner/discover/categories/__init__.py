"""What the production uses an asset for: the user's globs, then the names of its folders in eight languages.

Rules: only a folder whose whole name means work in progress makes an asset milder. Where one folder means work in
progress and another means finished, the stricter use holds and the disagreement is reported. An asset without a known
use is `uncategorised`, judged and compared as a final.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scanner.discover.categories.reading import PARTS, WORKING, Reading, read_folder
from scanner.discover.categories.vocabulary import examples, languages
from scanner.globs import matches
from scanner.model import Category, Kind

__all__ = ["Purpose", "categorise", "languages", "prove_vocabulary", "use_of"]

_MEDIA = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an asset is used for, and the basis for it."""

    category: Category
    by: str = ""
    """The folder that states it, or the user's glob; empty where nothing does."""
    disputed: tuple[str, ...] = ()
    """The folder names that contradict each other: the one that means work in progress and the one that means
    finished."""
    is_set: bool = False
    """Whether a glob of the user decides it."""


def categorise(path: str, kind: Kind, root: str, globs: tuple[tuple[str, Category], ...]) -> Category:
    """The category of an asset at `path` in a root folder called `root`."""
    return use_of(path, kind, root, globs).category


def use_of(path: str, kind: Kind, root: str, globs: tuple[tuple[str, Category], ...]) -> Purpose:
    """The category with its basis. The user's first matching glob wins; a root's own name counts only where no folder's
    does."""
    for pattern, category in globs:
        if matches(path, pattern):
            return Purpose(category, pattern, is_set=True)
    is_media = kind in _MEDIA
    use = _by_folders(tuple(path.split("/")[:-1]), is_media)
    if not use.by:
        use = _by_root(root, is_media)
    sound = {Kind.AUDIO: Category.FINAL_AUDIO, Kind.VIDEO: Category.FINAL_PICTURE}.get(kind)
    if sound and use.category in (Category.FINAL_PICTURE, Category.FINAL_AUDIO):
        return Purpose(sound, use.by, use.disputed)
    return use


@lru_cache(maxsize=4096)
def _by_root(root: str, is_media: bool) -> Purpose:
    """A production may be called anything: an everyday word as its name says nothing."""
    read = read_folder(root)
    return Purpose(Category.UNCATEGORISED) if read.is_ordinary and is_media else _by_folders((root,), is_media)


@lru_cache(maxsize=4096)
def _by_folders(folders: tuple[str, ...], is_media: bool) -> Purpose:
    """From the outermost folder to the innermost."""
    read = [read_folder(folder) for folder in folders]
    within = _find_contradiction(read) if is_media else None
    found = _working(read, is_media)
    if found is not None:
        at, overruled = found
        if overruled is None and (within is None or read.index(within) < at):
            return Purpose(_most_working(read, is_media), read[at].name)
        if overruled is not None:
            return _strict(read, (read[at].name, overruled.name))
    return _strict(read, (within.name,) if within is not None else ())


def _find_contradiction(read: list[Reading]) -> Reading | None:
    """The innermost folder that calls what it holds working and finished: `Temp_Final`."""
    return next((one for one in reversed(read) if one.working and one.is_finished), None)


def _working(read: list[Reading], is_media: bool) -> tuple[int, Reading | None] | None:
    """The innermost folder that is called a working folder and nothing else; with it the folder below it that says
    otherwise, if one does. None where there is none, or a series may be called so."""
    said = [one.category if is_media else one.working or one.category for one in read]
    at = next((n for n in reversed(range(len(read))) if said[n] in WORKING), None)
    if at is None or not is_media:
        return None if at is None else (at, None)
    below = read[at + 1 :]
    finished = next((one for one in reversed(below) if one.is_finished), None)
    if finished is None and read[at].is_ordinary:
        firm = (one for one in reversed(below) if one.category and not one.is_ordinary)
        finished = next(firm, None)
        if finished is None and any(one.is_episode for one in below):
            return None
    return at, finished


def _most_working(read: list[Reading], is_media: bool) -> Category:
    """Of several working folders: what is temporary anywhere is so."""
    if not is_media:
        return next(category for category in WORKING if any(one.working is category for one in read))
    said = {one.category for one in read if not one.is_ordinary}
    said.add(next(one.category for one in reversed(read) if one.category in WORKING))
    return next(category for category in WORKING if category in said)


def _strict(read: list[Reading], disputed: tuple[str, ...]) -> Purpose:
    """By all folders but the working ones: what says most, firm words before everyday ones."""
    finished = max((n for n, one in enumerate(read) if one.is_finished), default=-1)
    said = [
        one
        for n, one in enumerate(read)
        if one.category in PARTS
        and not (one.is_ordinary and finished >= 0)
        and not (one.category is Category.VFX_ELEMENT and n < finished)
    ]
    firm = [one for one in said if not one.is_ordinary] or said
    for category in PARTS:
        for one in reversed(firm):
            if one.category is category:
                return Purpose(category, one.name, disputed)
    return Purpose(Category.UNCATEGORISED, "", disputed)


def prove_vocabulary() -> list[str]:
    """List the vocabulary's own examples that are taken for something else than they state, in sentences."""
    wrong = []
    for file, folder, category in examples():
        taken = use_of(f"{folder}/a.png", Kind.IMAGE, "EP101", ()).category
        if taken is not category:
            wrong.append(f"{file}: {folder} is taken for {taken}, should be {category}")
    return wrong
