"""Which line of text, as read from a picture, is a mark: of a generator, a law, a stock library, unfinished work.

The words are data (`builtin/*.toml`), each with lines that it must find and lines that it must not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fingerprints.marks.lexicon import KINDS, WIDE, Entry, Folded, MarkKind, fold, load_lexicon

__all__ = ["KINDS", "MarkKind", "MarkWord", "classify", "prove_words"]

_LONGEST: Final = 160
"""Characters of a line; a longer one is running text."""
_HANDLE: Final = re.compile(r"(?<![\w@])@[\w.\-]{1,40}")
_VERSION: Final = re.compile(
    r"(?i)[\s\-]{0,2}[vq]?\d{1,2}(?:\.\d{1,2})?(?:\s?(?:pro|turbo|fast|lite|max|master|beta))?\s*\Z"
)
_SPOKEN: Final = re.compile(r"""^(?:[-–—] ?|[«“"'¡¿(]).|(?P<end>[.!?…,])["”»')]?$""")
_UNENDED: Final = re.compile(r"^[-–—] |,$")
_BESIDE: Final = 2
"""Other words that may stand beside a mark in its line."""
_BESIDE_CJK: Final = 10
"""Characters, in writing without spaces."""
_LEAST_INSIDE: Final = 8
"""Folded characters of one word that is recognised beside others; a shorter one may be anybody's name."""


@dataclass(frozen=True, slots=True)
class MarkWord:
    """A mark that a line of text holds."""

    kind: MarkKind
    name: str
    """Of the tool, the library or the label, as rules and reports name it: `Kling`."""
    is_short: bool
    """Whether the word is so short or common that it is a mark only where it is the whole line."""
    whole_line: bool
    """Whether the line is nothing but the mark."""
    is_credit: bool = False
    """Whether licensed material shows the same word as a credit: a mark only where it repeats or crosses the frame."""
    is_body: bool = False
    """Whether pages and screens in the scene hold it as their text: a mark only where the picture holds little text."""
    is_object: bool = False
    """Whether it is written on a thing that a scene may show: a mark only in a single picture."""


@lru_cache(4096)
def classify(line: str) -> MarkWord | None:
    """The mark in a line of text as read from a picture, or None. Never raises for what a line holds."""
    plain = " ".join(unicodedata.normalize("NFKC", line[: _LONGEST + 1]).split())
    if not plain or len(plain) > _LONGEST:
        return None
    bare = _HANDLE.sub(" ", plain).strip()
    entry = _whole(plain) or (_whole(bare) if bare and bare != plain else None)
    if entry is not None:
        return _word(entry, whole=not (_is_spoken(plain) if entry.alone else _UNENDED.search(plain)))
    entry = _inside(fold(bare))
    return _word(entry, whole=False) if entry is not None else None


def prove_words() -> Iterator[str]:
    """Every entry on its own lines: what is not found as it should be, a sentence each."""
    for entry in load_lexicon().entries:
        for line in entry.hits:
            found = classify(line)
            if found is None or (found.kind, found.name) != (entry.kind, entry.name) or not found.whole_line:
                yield f"{entry.kind} {entry.name}: {line!r} is a hit, and gives {found}"
        for line in entry.misses:
            found = classify(line)
            if found is not None and found.name == entry.name and found.kind == entry.kind:
                yield f"{entry.kind} {entry.name}: {line!r} is a miss, and gives {found}"


def _word(entry: Entry, *, whole: bool) -> MarkWord:
    return MarkWord(
        entry.kind,
        entry.name,
        is_short=entry.alone,
        whole_line=whole,
        is_credit=entry.credit,
        is_body=entry.body,
        is_object=entry.object,
    )


def _is_spoken(plain: str) -> bool:
    """Of a common word, whether it is set as something that a person says: `Sora!`, `- Luma.`"""
    found = _SPOKEN.search(plain)
    return found is not None and (found["end"] != "." or not plain.isupper())


def _whole(plain: str) -> Entry | None:
    """The entry that the line is, with nothing beside it but a version."""
    lexicon = load_lexicon()
    if entry := lexicon.by_exact.get(plain):
        return entry
    for entry in lexicon.entries:
        if any(pattern.fullmatch(plain) for pattern in entry.match):
            return entry
    if entry := lexicon.find(fold(plain)):
        return entry
    without = _VERSION.sub("", plain)
    found = lexicon.find(fold(without)) if without != plain else None
    return found if found is not None and found.kind == "generator-label" else None


def _inside(line: Folded) -> Entry | None:
    """The entry of the longest phrase that stands in the line between its words, with little beside it."""
    found: tuple[int, Entry] | None = None
    lexicon, count = load_lexicon(), len(line.words)
    for first in range(min(count, _BESIDE + 1)):
        for after in range(max(first + 1, count - _BESIDE), count + 1):
            part = Folded(line.words[first:after])
            if count - len(part.words) > _BESIDE or (len(part.words) < 2 and len(part.text) < _LEAST_INSIDE):
                continue
            entry = lexicon.find(part)
            if entry and not entry.alone and (not found or found[0] < len(part.text)):
                found = (len(part.text), entry)
    return found[1] if found else _inside_wide(line.text)


def _inside_wide(text: str) -> Entry | None:
    """The same in writing that puts no spaces between words."""
    if not WIDE.search(text):
        return None
    lexicon = load_lexicon()
    for length in range(len(text) - 1, max(3, len(text) - _BESIDE_CJK) - 1, -1):
        for first in range(len(text) - length + 1):
            part = text[first : first + length]
            entry = lexicon.find(Folded((part,))) if WIDE.search(part) else None
            if entry is not None and not entry.alone:
                return entry
    return None
