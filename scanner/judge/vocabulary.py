"""The words of the register's closed columns, and how people write them in English, German, French and Spanish.

The words are data in `words/`: one TOML table for each column, each word with the phrases that mean it (`says`) and,
for words that need more, patterns (`like`). A phrase that is in no table is unknown, and a fault of its row.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from scanner.judge.phrases import UNSURE, folded_phrase, is_doubtful, is_placeholder, load_words, takes_back

__all__ = ["CLOSED", "Meaning", "Vocabulary", "vocabulary_of"]

CLOSED: Mapping[str, str] = {
    "use_case": "use_case", "inputs_used": "inputs_used", "licence_tier": "licence_tier",
    "disclosure_method": "disclosure_method", "ai_terms": "ai_terms", "status": "status",
    "generated_or_altered": "generated_or_altered", "scope_temp_or_final": "scope_temp_or_final",
    **dict.fromkeys(
        (
            "trains_on_inputs", "stores_inputs", "enterprise_tier", "story_relevant", "changes_meaning",
            "personal_data", "third_party_ip", "union_covered", "minors", "deceased", "prompt_names_works",
            "prompt_names_people", "real_events", "trained_on_artist", "conditions_met", "deepfake",
        ),
        "answers",
    ),
}  # fmt: skip
"""Column of the register → the table of its words."""
_LONGEST = 80
"""Characters of a phrase for which a word is suggested."""
_PARTS = re.compile(r"[;,/|+&\n]|\b(?:and|und|et|y|e)\b", re.IGNORECASE)
_NEGATED = re.compile(r"^(?:no|not|without|any|kein(?:e|en)?|ohne|pas d(?:e)?|sans|sin|aucun(?:e)?|ningun(?:a)?)\s")
_DASH = re.compile(r"\s[-–—]\s|:\s|,\s")
"""Before a remark."""
_BY = re.compile(r"\s(?:by|von|durch|par|por)\s")
"""Before whoever approved: `approved by legal`."""
_DATED = re.compile(r"\s+(?:am|vom|on|of|le|du|el|dated|by)?\s*\d{1,4}[./-]\d{1,2}[./-]\d{0,4}\.?$", re.IGNORECASE)
"""A day behind a word: `genehmigt am 1.4.2026`."""
_AT = re.compile(r"\s*(?:@|\bat\b|\bbei\b|\ba\b)\s*\d[\d:;.]*.*$|\s*\d\d:\d\d.*$", re.IGNORECASE)
"""A timecode behind a phrase: `lower third @ 00:28:10:00`."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a cell in a closed column."""

    words: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    """Phrases that are in no table, as they were written."""
    is_open: bool = False
    """Whether the cell is empty, a placeholder, or states that nobody knows."""


@dataclass(frozen=True, slots=True)
class _Word:
    name: str
    like: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def is_like(self, phrase: str) -> bool:
        if self.like is None or not self.like.search(phrase):
            return False
        return self.unless is None or not self.unless.search(phrase)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words of one column."""

    says: Mapping[str, str]
    """Folded phrase → word."""
    words: tuple[_Word, ...]
    is_list: bool
    """Whether a cell may hold several words."""

    @property
    def names(self) -> tuple[str, ...]:
        """All words, as people write them."""
        return tuple(word.name.replace("-", " ") for word in self.words)

    def read(self, cell: str) -> Meaning:
        """Read a cell: whole phrases first, then its parts where the column takes several words."""
        return _read_cell(self, cell)

    def _understand(self, cell: str) -> Meaning:
        text = _DATED.sub("", _AT.sub("", cell.strip())).strip() or cell.strip()
        whole = folded_phrase(text)
        if (word := self.says.get(whole)) and not is_doubtful(text, word):
            return Meaning(frozenset({word}), is_open=word == UNSURE)
        if not whole or is_placeholder(text):
            return Meaning(is_open=True)
        parts = [part for part in _PARTS.split(text) if folded_phrase(part)] if self.is_list else [text]
        found: set[str] = set()
        unknown: list[str] = []
        is_open = False
        for part in parts:
            phrase = folded_phrase(part)
            if word := self._find_word(part):
                found.add(word)
                is_open = is_open or is_doubtful(part, word)
            elif is_placeholder(part) or is_doubtful(part):
                is_open = True
                found.update(self._like(phrase) if self.is_list else ())
            elif _NEGATED.match(phrase) and self.is_list:
                continue
            elif like := self._like(phrase):
                found.update(like)
            else:
                unknown.append(part.strip())
        if is_open and not self.is_list:
            found = {UNSURE} & found
        if self.is_list and not found and not unknown and not is_open and "none" in {w.name for w in self.words}:
            found.add("none")
        if len(found) > 1:
            found.discard("none")
        return Meaning(frozenset(found), tuple(unknown), is_open)

    def _find_word(self, part: str) -> str:
        """The word of a phrase that is known but for what stands in brackets or behind a dash: a remark that takes
        nothing back."""
        if word := self.says.get(folded_phrase(part)):
            return word
        bare, remark = re.sub(r"\(.*?\)", " ", part), " ".join(re.findall(r"\((.*?)\)", part))
        head, _, behind = bare.partition(next(iter(_DASH.findall(bare)), "\0"))
        word = self.says.get(folded_phrase(bare)) or self.says.get(folded_phrase(head), "")
        remark = remark if folded_phrase(bare) in self.says else f"{remark} {behind}"
        if not word:
            head, *who = _BY.split(bare, maxsplit=1)
            remark = " ".join(who)
            word = "approved" if self.says.get(folded_phrase(head)) == "approved" else ""
        return "" if takes_back(folded_phrase(remark)) else word

    def suggest(self, phrase: str) -> str:
        """The word that a phrase probably means; empty where none is close."""
        return _suggest(self, folded_phrase(phrase)[:_LONGEST])

    def _like(self, phrase: str) -> set[str]:
        return {word.name for word in self.words if word.is_like(phrase)}


@lru_cache(maxsize=16_384)
def _read_cell(vocabulary: Vocabulary, cell: str) -> Meaning:
    return vocabulary._understand(cell)


@lru_cache(maxsize=16_384)
def _suggest(vocabulary: Vocabulary, phrase: str) -> str:
    pairs = _pairs(phrase)
    # A phrase that is as near as asked for shares more pairs of letters than this: most are left out at once.
    known = [it for it in vocabulary.says if 3 * len(pairs & _pairs(it)) >= len(pairs)]
    near = difflib.get_close_matches(phrase, known, n=1, cutoff=0.7)
    return vocabulary.says[near[0]].replace("-", " ") if near else ""


@lru_cache(maxsize=16_384)
def _pairs(phrase: str) -> frozenset[str]:
    return frozenset(phrase[at : at + 2] for at in range(len(phrase) - 1))


@cache
def vocabulary_of(column: str) -> Vocabulary | None:
    """The words of a closed column; None for a column that takes any text."""
    name = CLOSED.get(column)
    return _load_vocabulary(name) if name else None


@cache
def _load_vocabulary(name: str) -> Vocabulary:
    table = load_words(name)
    entries = {word: entry for word, entry in table.items() if isinstance(entry, dict)}
    says = {folded_phrase(phrase): word for word, entry in entries.items() for phrase in entry["says"]}
    says.update({folded_phrase(word): word for word in entries})
    words = tuple(_Word(word, _pattern(it.get("like")), _pattern(it.get("unless"))) for word, it in entries.items())
    return Vocabulary(says=says, words=words, is_list=bool(table.get("several")))


def _pattern(parts: list[str] | str | None) -> re.Pattern[str] | None:
    if not parts:
        return None
    return re.compile(parts if isinstance(parts, str) else "|".join(parts))
