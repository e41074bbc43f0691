"""Cuts a folder's name into comparable parts: words in lower case without accents, Japanese by characters.

Pure. Names come as NFC or NFD, with underscores, numbers and versions; the same words give the same atoms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

__all__ = ["atoms", "is_counting", "is_episode", "spellings"]

_CJK: Final = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_ATOM = re.compile(rf"(?<![\w.])[257]\.[01](?:\.[246])?(?![\w.])|(?<!\w)[mM]&[eE](?!\w)|[{_CJK}]|[^\W_{_CJK}]+")
"""`5.1`, `M&E`, one character of Japanese, or a run of letters and digits."""
_PARTS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_COUNTING = re.compile(
    r"\d+|[257]\.[01].*|v\d+|ver(?:sion)?|rev|v|r\d+|\d+(?:k|p|i|fps)|u?hd|sd|[hs]dr|第|回|版"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_EPISODE = re.compile(
    r"s\d{1,2}(?:e\d+)?|ep?\d+|\d+x\d+|eps?|episodes?|season|series|staffel|folge|saison|temporada|capitulos?|stagione"
    r"|episodio|puntata|episodios?|aflevering|seizoen|reel\d*|話"
)
_MARKS = re.compile("[\u0300-\u036f]")
_GERMAN: Final = {"ä": "ae", "ö": "oe", "ü": "ue"}


def atoms(name: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """`Key-Art_v2` and `KeyArt v2` as `key`, `art`, `v2`. A run of letters that `is_known` is not cut any more."""
    return tuple(_atoms(unicodedata.normalize("NFKC", name), is_known))


def _atoms(name: str, is_known: Callable[[str], bool]) -> Iterator[str]:
    for run in _ATOM.findall(name):
        whole = _fold(run)
        if is_known(whole) or is_counting(whole):
            yield whole
            continue
        for word in _camel(run):
            part = _fold(word)
            if is_known(part) or is_counting(part):
                yield part
            else:
                yield from map(_fold, filter(None, _PARTS.split(word)))


def _camel(run: str) -> Iterator[str]:
    """`TempVFXPlates` as `Temp`, `VFX`, `Plates`; `EP101Masters` as `EP101`, `Masters`."""
    start = 0
    for at in range(1, len(run)):
        before, here, after = run[at - 1], run[at], run[at + 1 : at + 2]
        if here.isupper() and (not before.isupper() or after.islower()):
            yield run[start:at]
            start = at
    yield run[start:]


def spellings(name: str) -> tuple[str, ...]:
    """How people write a word: as it is, and with `ae` for `ä`."""
    composed = unicodedata.normalize("NFC", name).casefold()
    return tuple(dict.fromkeys((name, "".join(_GERMAN.get(letter, letter) for letter in composed))))


def is_counting(atom: str) -> bool:
    """Whether a part is a number, version, raster or episode, which states no use."""
    return _COUNTING.fullmatch(atom) is not None or is_episode(atom)


def is_episode(atom: str) -> bool:
    """Whether a part names an episode or season: `S01`, `EP101`, `Folge`."""
    return _EPISODE.fullmatch(atom) is not None


def _fold(run: str) -> str:
    """Small letters, without the accents of Latin letters; the marks of Japanese stay."""
    decomposed = unicodedata.normalize("NFKD", run.casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
