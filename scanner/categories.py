"""What the production uses an asset for, told by where it lies: the user's globs, then usual folder names."""

from __future__ import annotations

import re
from functools import lru_cache

from scanner.globs import matches
from scanner.model import Category, Kind

__all__ = ["FOLDERS", "categorise"]

FOLDERS: tuple[tuple[Category, str], ...] = (
    (
        Category.TEMP,
        "temp, temps, tmp, temp music, temp vo, temp vfx, temp sfx, tempvfx, scratch, offline, slap comps, slapcomp",
    ),
    (
        Category.IDEATION,
        "ideation, moodboard, moodboards, mood board, mood boards, concept, concepts, concept art, "
        "storyboard, storyboards, boards, previs, previz, pitch, lookbook, exploration, explorations, "
        "brainstorm",
    ),
    (
        Category.REFERENCE,
        "ref, refs, reference, references, vfx ref, vfx reference, witness, lookref",
    ),
    (
        Category.DOCUMENTATION,
        "docs, document, documents, documentation, paperwork, legal, contracts, releases, agreements, "
        "clearances, reports, qc, qc reports, scripts, edl, edls, cue sheets, metadata",
    ),
    (
        Category.ARCHIVAL,
        "archival, archive, archives, archive footage, archival footage, archival stills, historical, stock "
        "footage, news footage",
    ),
    (
        Category.PROMO,
        "promo, promos, promotional, trailer, trailers, teaser, teasers, marketing, social, tv spots, spots, "
        "epk, publicity, bts",
    ),
    (
        Category.ARTWORK,
        "artwork, artworks, art, key art, keyart, poster, posters, one sheet, title art, title treatment, "
        "title treatments, boxart, box art, thumbnail, thumbnails, stills, unit stills, unit photography",
    ),
    (
        Category.GRAPHICS,
        "gfx, graphics, graphic, titles, main titles, end titles, opening titles, credits, end credits, lower "
        "thirds, mograph, motion graphics, inserts, burn ins, screens, playback graphics",
    ),
    (
        Category.VFX_ELEMENT,
        "vfx, plate, plates, element, elements, comp, comps, cg, cgi, renders, matte painting, matte "
        "paintings, mattes, roto, textures, hdri",
    ),
    (
        Category.FINAL_AUDIO,
        "stems, stem, audio, sound, mix, mixes, final mix, printmaster, printmasters, dialogue, dialog, "
        "music, score, m&e, dme, dx, mx, adr, vo, narration, atmos, 5.1, 7.1, stereo",
    ),
    (
        Category.FINAL_PICTURE,
        "final, finals, final picture, master, masters, delivery, deliverables, imf, imp, dcp, prores, "
        "picture, conform, grade, graded, naf, nam, texted, textless",
    ),
)
"""Folder names that productions use, as `_plain` writes them. The first line with one of an asset's folders wins:
what is marked temp or ideation anywhere is so, however final the folder around it. The root's own name counts only
where no folder in it does: a production may be called anything. `doc` is none: so documentaries are called."""

_LOOK_UP: tuple[tuple[Category, frozenset[str]], ...] = tuple(
    (category, frozenset(name.strip() for name in names.split(","))) for category, names in FOLDERS
)


def categorise(path: str, kind: Kind, root: str, globs: tuple[tuple[str, Category], ...]) -> Category:
    """The category of an asset at `path` in a root folder called `root`. The user's first matching glob wins."""
    for pattern, category in globs:
        if matches(path, pattern):
            return category
    category = _by_folders(tuple(path.split("/")[:-1]))
    if category is Category.UNCATEGORISED:
        category = _by_folders((root,))
    if category is Category.FINAL_PICTURE and kind is Kind.AUDIO:
        return Category.FINAL_AUDIO
    return category


@lru_cache(maxsize=1024)
def _by_folders(folders: tuple[str, ...]) -> Category:
    plain = {_plain(folder) for folder in folders}
    return next((category for category, names in _LOOK_UP if plain & names), Category.UNCATEGORISED)


def _plain(folder: str) -> str:
    """`03_Key-Art` as `key art`: without its number, in small letters, with single spaces."""
    words = re.sub(r"[\s_-]+", " ", folder.casefold()).strip()
    return re.sub(r"^\d{1,3}[ .)]+(?=\D)", "", words)
