"""The words of marks, loaded from TOML and folded so that what OCR confuses compares equal.

A phrase may hold alternatives in round brackets and parts that can be left out in square ones:
`[this] (image|video) was made by AI`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import groupby
from math import prod
from typing import Any, Final, Literal, get_args

from media.errors import ConfigError

__all__ = ["KINDS", "WIDE", "Entry", "Folded", "Lexicon", "MarkKind", "expand", "fold", "load_lexicon"]

MarkKind = Literal["generator-label", "legal-label", "stock-mark", "placeholder"]
KINDS: Final[tuple[MarkKind, ...]] = get_args(MarkKind)

_FIELDS: Final = frozenset(
    {
        "name",
        "names",
        "phrases",
        "exact",
        "match",
        "alone",
        "credit",
        "body",
        "object",
        "known",
        "source",
        "hits",
        "misses",
    }
)
_KNOWN: Final = ("seen", "documents")
_MOST: Final = 64
"""Phrases that one with brackets is written out to; one that stands for more is compared as a pattern."""
_FUZZY: Final = 10
"""Folded characters from which on one wrong, missing or extra character is forgiven."""
_ACRONYM: Final = re.compile(r"(?<![^\W_])(?:(A[Ii1l|!]|ai)|([I1l|!]A|ia)|(K[I1l|!]|ki))(?![^\W_])")
_SIGNS: Final = ("\ue000", "\ue001", "\ue002")
"""What stands for AI, IA and KI: `Al` is AI misread, but the `la` of many languages is no IA."""
_GLUED: Final = re.compile(r"(?<=[a-z])(?=A[I1l|!](?![^\W_]))")
_GLUED_LEAST: Final = 6
_SPACED: Final = 2
"""Single letters in a row that may be words."""
_CJK: Final = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
WIDE: Final = re.compile(rf"[{_CJK}]")
"""Writing that puts no spaces between words."""
_SEAM: Final = re.compile(rf"(?<=[{_CJK}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_CJK}])")
_TOKEN: Final = re.compile(r"[^\W_]+|[\ue000-\ue002]")
_ALIKE: Final = str.maketrans({"1": "l", "i": "l", "|": "l", "!": "l", "ı": "l", "0": "o"})
_GROUP: Final = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
"""Alternatives in round brackets, parts that can be left out in square ones; none stands in another."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A line as it is compared: its words, run together."""

    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """Without any spaces: OCR drops and adds them."""
        return "".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mark: what it is called, and the lines that show it."""

    kind: MarkKind
    name: str
    phrases: Mapping[str, int]
    """Each phrase, folded and run together → of how many words it is: a name in two halves is another name."""
    forms: re.Pattern[str] | None = None
    """Of folded lines: the phrases that stand for too many to be listed."""
    exact: frozenset[str] = frozenset()
    """Lines compared letter by letter, case and signs included."""
    match: tuple[re.Pattern[str], ...] = ()
    """Patterns of whole lines, as read."""
    alone: bool = False
    """Whether the word is so short or common that it is a mark only where it is the whole line."""
    credit: bool = False
    """Whether licensed material shows the same word as its credit."""
    body: bool = False
    """Whether pages in the scene hold it as their text."""
    object: bool = False
    """Whether it is written on a thing that a scene may show."""
    known: Literal["seen", "documents"] = "documents"
    """Whether a real picture with the mark was seen, or only what documents state of it."""
    source: str = ""
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All entries, ready to be asked."""

    entries: tuple[Entry, ...]
    by_phrase: Mapping[str, Entry]
    """Folded phrase → its entry."""
    by_exact: Mapping[str, Entry]
    near: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Long phrases by themselves less one character."""
    formed: tuple[Entry, ...]
    """Those that have forms."""

    def find(self, line: Folded) -> Entry | None:
        """The entry of a folded line that is one of its phrases, or a long one but for one character."""
        for text in _respelt(line):
            is_read = text == line.text
            if (entry := self.by_phrase.get(text)) and self._is_together(line, text) and (is_read or not entry.alone):
                return entry
            for entry in self.formed:
                if entry.forms and entry.forms.fullmatch(text):
                    return entry
        return self._near(line)

    def _near(self, line: Folded) -> Entry | None:
        text = line.text
        if len(text) < _FUZZY:
            return None
        for shorter in (text, *_less_one(text)):
            for phrase in self.near.get(shorter, ()):
                is_near = _is_one_edit(text, phrase) and _signs(text) == _signs(phrase)
                if is_near and self._is_together(line, phrase):
                    return self.by_phrase[phrase]
        return None

    def _is_together(self, line: Folded, phrase: str) -> bool:
        """Whether the line has no more words than the phrase; writing without spaces has none to count."""
        return len(line.words) <= self.by_phrase[phrase].phrases[phrase] or bool(WIDE.search(phrase))


def fold(line: str) -> Folded:
    """The words of a line with case, accents, width, signs and look-alikes folded away."""
    plain = _GLUED.sub(" ", _SEAM.sub(" ", unicodedata.normalize("NFKC", line)))
    signed = _ACRONYM.sub(lambda found: _SIGNS[found.lastindex - 1 if found.lastindex else 0], plain)
    bare = "".join(it for it in unicodedata.normalize("NFD", signed.casefold()) if not unicodedata.combining(it))
    words = _TOKEN.findall(unicodedata.normalize("NFC", bare))
    return Folded(tuple(_unspaced([word.translate(_ALIKE) for word in words])))


def _unspaced(words: list[str]) -> Iterator[str]:
    """The words with those put together that are set with spaces between their letters: `T E M P`."""
    for single, run in groupby(words, key=lambda word: len(word) == 1 and not WIDE.match(word)):
        letters = list(run)
        if single and len(letters) > _SPACED:
            yield "".join(letters)
        else:
            yield from letters


def _respelt(line: Folded) -> Iterator[str]:
    """The line run together; and where OCR dropped all spaces, with a misread AI or KI at its ends."""
    text = line.text
    yield text
    if len(line.words) == 1 and len(text) >= _GLUED_LEAST:
        for letters, sign in (("al", _SIGNS[0]), ("kl", _SIGNS[2])):
            if text.endswith(letters):
                yield text[: -len(letters)] + sign
            if text.startswith(letters):
                yield sign + text[len(letters) :]


def expand(phrase: str) -> Iterator[str]:
    """The plain phrases that one with brackets stands for. `ConfigError` where brackets are nested or left open."""
    found = _GROUP.search(phrase)
    if found is None:
        if re.search(r"[()\[\]]", phrase):
            raise ConfigError(f"words of marks: {phrase!r} has nested or unmatched brackets")
        yield " ".join(phrase.split())
        return
    for one in _alternatives(found):
        yield from expand(phrase[: found.start()] + one + phrase[found.end() :])


def _alternatives(found: re.Match[str]) -> list[str]:
    return found[1].split("|") if found[1] is not None else ["", *found[2].split("|")]


def _count(phrase: str) -> int:
    """How many plain phrases one with brackets stands for."""
    return prod(len(_alternatives(found)) for found in _GROUP.finditer(phrase))


def _form(phrase: str) -> str:
    """A phrase with brackets as a pattern of folded lines."""
    parts, after = [], 0
    for found in _GROUP.finditer(phrase):
        parts.append(re.escape(fold(phrase[after : found.start()]).text))
        parts.append(f"(?:{'|'.join(re.escape(fold(one).text) for one in _alternatives(found))})")
        after = found.end()
    rest = _GROUP.sub("", phrase)
    if re.search(r"[()\[\]]", rest):
        raise ConfigError(f"words of marks: {phrase[:80]!r} has nested or unmatched brackets")
    return "".join((*parts, re.escape(fold(phrase[after:]).text)))


@cache
def load_lexicon() -> Lexicon:
    """The words that come with provscan. `ConfigError` where a file is wrong."""
    folder = resources.files("fingerprints.marks") / "builtin"
    entries: list[Entry] = []
    for file in sorted(folder.iterdir(), key=lambda it: it.name):
        if file.name.endswith(".toml"):
            entries.extend(_entries(file.name, file.read_text("utf-8")))
    by_phrase = {phrase: entry for entry in reversed(entries) for phrase in entry.phrases}
    near: dict[str, tuple[str, ...]] = {}
    for phrase, entry in by_phrase.items():
        if len(phrase) >= _FUZZY and not entry.alone:
            for shorter in (phrase, *_less_one(phrase)):
                near[shorter] = (*near.get(shorter, ()), phrase)
    by_exact = {line: entry for entry in reversed(entries) for line in entry.exact}
    formed = tuple(entry for entry in entries if entry.forms is not None)
    return Lexicon(tuple(entries), by_phrase, by_exact, near, formed)


def _entries(file: str, text: str) -> Iterator[Entry]:
    table = tomllib.loads(text)
    kind = table.get("kind")
    if kind not in KINDS:
        raise ConfigError(f"words of marks, {file}: kind is {kind!r}; choose from {', '.join(KINDS)}")
    for one in table.get("mark", ()):
        yield _entry(file, kind, one, table.get("frames", ["{}"]))


def _entry(file: str, kind: MarkKind, table: Mapping[str, Any], frames: Iterable[str]) -> Entry:
    place = f"words of marks, {file}, {table.get('name', '(without name)')}"
    if unknown := sorted(set(table) - _FIELDS):
        raise ConfigError(f"{place}: unknown field {unknown[0]!r}; known are {', '.join(sorted(_FIELDS))}")
    for needed in ("name", "source", "hits", "misses"):
        if not table.get(needed):
            raise ConfigError(f"{place}: {needed} is missing")
    if table.get("known", "documents") not in _KNOWN:
        raise ConfigError(f"{place}: known is {table['known']!r}; choose from {', '.join(_KNOWN)}")
    written = [frame.replace("{}", name) for frame in frames for name in table.get("names", ())]
    phrases = (*written, *table.get("phrases", ()))
    folded = [fold(one) for phrase in phrases if _count(phrase) <= _MOST for one in expand(phrase)]
    counted = {one.text: len(one.words) for one in sorted(folded, key=lambda it: len(it.words)) if one.text}
    forms = [_form(phrase) for phrase in phrases if _count(phrase) > _MOST]
    return Entry(
        kind=kind,
        name=table["name"],
        phrases=counted,
        forms=re.compile("|".join(forms)) if forms else None,
        exact=frozenset(table.get("exact", ())),
        match=tuple(re.compile(pattern) for pattern in table.get("match", ())),
        alone=table.get("alone", False),
        credit=table.get("credit", False),
        body=table.get("body", False),
        object=table.get("object", False),
        known=table.get("known", "documents"),
        source=table["source"],
        hits=tuple(table["hits"]),
        misses=tuple(table["misses"]),
    )


def _signs(text: str) -> str:
    """What stands in it for AI, IA and KI."""
    return "".join(letter for letter in text if letter in _SIGNS)


def _less_one(text: str) -> Iterator[str]:
    """The text without each of its characters in turn."""
    return (text[:at] + text[at + 1 :] for at in range(len(text)))


def _is_one_edit(left: str, right: str) -> bool:
    """Whether one character inserted, dropped or replaced makes one of the other."""
    if abs(len(left) - len(right)) > 1:
        return False
    at = 0
    while at < min(len(left), len(right)) and left[at] == right[at]:
        at += 1
    rest = (left[at:], right[at:])
    if len(left) == len(right):
        return rest[0][1:] == rest[1][1:]
    longer, shorter = rest if len(left) > len(right) else (rest[1], rest[0])
    return longer[1:] == shorter
