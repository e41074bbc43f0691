"""What free text in registers and logs means: placeholders, doubt, temporary use, refused licences, who approves.

The words are data in `words/`, in English, German, French and Spanish.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

__all__ = [
    "UNSURE",
    "folded_phrase",
    "is_doubtful",
    "is_locatable",
    "is_placeholder",
    "is_temporary",
    "is_unconditional",
    "is_withheld",
    "load_words",
    "side_of",
    "takes_back",
]

_WORDS = 3
"""So few words without a number name no document."""
UNSURE = "unsure"
"""The word for an answer that decides nothing."""
_FOLDER = "words"
_TEMPLATE = re.compile(r"\s*(?:\[[^\]]*\]|<(?!\w+://)[^>]*>|\{[^}]*\})\s*")
"""What a template asks to be replaced: `[name]`, `<link>`."""


@lru_cache(maxsize=16_384)
def folded_phrase(said: str) -> str:
    """A phrase for comparing: letters and digits with single spaces, in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", said.replace("ß", "ss").replace("ı", "i").casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    return re.sub(r"[^\w]+|_+", " ", bare).strip()


@lru_cache(maxsize=8192)
def is_placeholder(said: str) -> bool:
    """Whether a cell holds only what people write where there is nothing yet: `TBC`, `-`, `to follow`, `siehe Mail`,
    `[name]`, `#REF!`, or a reference with a question mark behind it."""
    phrase = folded_phrase(said)
    if not phrase or _TEMPLATE.fullmatch(said) or said.rstrip(" .)").endswith(("?", "？")):
        return True
    if len(phrase) > 1 and len(set(phrase)) == 1 and not phrase.isdecimal():  # `xx`, `aaaa`
        return True
    says, begins, holds = _placeholders()
    if phrase in says or phrase in _filler_words() or phrase.replace(" ", "") in ("tbc", "tbd", "tba"):
        return True
    return f"{phrase} ".startswith(begins) or holds.search(phrase) is not None


@lru_cache(maxsize=8192)
def is_locatable(said: str) -> bool:
    """Whether a cell says enough to find a signed document: a code, a number or date, a path, link or address, a
    document's name, or more than three words; and not that it is a draft, or not signed."""
    if is_placeholder(said) or _unsigned().search(folded_phrase(said)):
        return False
    named = re.search(r"\d|[/\\@]|\.\w{2,4}\b", said) is not None
    words = folded_phrase(said).split()
    return named or len(words) == 1 or len(words) > _WORDS or not _documents().isdisjoint(words)


@lru_cache(maxsize=8192)
def is_doubtful(said: str, word: str = "") -> bool:
    """Whether the writer of an answer was unsure of it, or only asked for it. A phrase that means `word` on its own is
    doubtful only with a question mark."""
    if said.rstrip(" .)").endswith(("?", "？")):
        return word != UNSURE
    return not word and (_doubts().search(folded_phrase(said)) is not None)


@lru_cache(maxsize=8192)
def is_temporary(said: str) -> bool:
    """Whether a text states that what it covers is temporary or internal only."""
    return _temporary().search(folded_phrase(said)) is not None


@lru_cache(maxsize=8192)
def is_unconditional(said: str) -> bool:
    """Whether a cell for conditions states that there are none: `none`, `keine`, a dash."""
    phrase = folded_phrase(said)
    return not said.strip(" -–—") or _unconditional().fullmatch(phrase) is not None


@lru_cache(maxsize=8192)
def is_withheld(said: str) -> bool:
    """Whether a log states that there is no licence: refused, quoted, requested, or for research."""
    phrase = folded_phrase(said)
    free, withheld = _licences()
    if phrase in _filler_words():
        return False
    return is_placeholder(said) or (withheld.search(phrase) is not None and free.search(phrase) is None)


@lru_cache(maxsize=8192)
def side_of(said: tuple[str, ...], approvers: tuple[str, ...] = ()) -> str:
    """The side on which a person approves, by name, address and role: `commissioner`, `production` or `` (not known).

    With `approvers` (organisations, roles, or domains of addresses), only those are the commissioner's.
    """
    text = " ; ".join(said)
    phrase = f" {folded_phrase(text)} "
    if approvers:
        is_named = any(_is_named(entry, text.casefold(), phrase) for entry in approvers)
        return "commissioner" if is_named else "production"
    words = _sides()
    found = {side for side in words if any(f" {word} " in phrase for word in words[side])}
    if "commissioner" in found:  # a house that commissions; whose own line producer it may be, nobody can tell
        return "" if "titles" in found else "commissioner"
    if "offices" in found and not found & {"titles", "own"}:
        return "commissioner"
    return "production" if found else ""


def _is_named(entry: str, text: str, phrase: str) -> bool:
    domain = entry.strip().casefold().removeprefix("*").removeprefix("@")
    if "." in domain and " " not in domain:
        return re.search(rf"@(?:[\w-]+\.)*{re.escape(domain)}(?![\w.-])", text) is not None
    return f" {folded_phrase(entry)} " in phrase


@cache
def _sides() -> Mapping[str, tuple[str, ...]]:
    table = load_words("approvers")
    return {side: tuple(folded_phrase(word) for word in words) for side, words in table.items()}


@cache
def _placeholders() -> tuple[frozenset[str], tuple[str, ...], re.Pattern[str]]:
    table = load_words("placeholders")
    return frozenset(map(folded_phrase, table["says"])), tuple(table["begins"]), _whole_words(table["holds"])


@cache
def _filler_words() -> frozenset[str]:
    """Words that name neither document nor person, and may be the whole licence cell of a log."""
    return frozenset(map(folded_phrase, load_words("placeholders")["done"]))


@cache
def _documents() -> frozenset[str]:
    return frozenset(load_words("placeholders")["documents"])


@cache
def _unsigned() -> re.Pattern[str]:
    return _whole_words(load_words("placeholders")["unsigned"])


@cache
def _unconditional() -> re.Pattern[str]:
    return re.compile("|".join(load_words("placeholders")["unconditional"]))


@cache
def _doubts() -> re.Pattern[str]:
    return _whole_words(load_words("placeholders")["doubts"])


def takes_back(phrase: str) -> bool:
    """Whether a remark takes back something of the word before it, or leaves it open."""
    if not phrase:
        return False
    return _taking_back().search(phrase) is not None or is_doubtful(phrase)


@cache
def _taking_back() -> re.Pattern[str]:
    return _whole_words(load_words("placeholders")["takes_back"])


@cache
def _temporary() -> re.Pattern[str]:
    return re.compile("|".join(load_words("covered")["temporary"]))


@cache
def _licences() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = load_words("licences")
    return re.compile("|".join(table["free"])), re.compile("|".join(table["withheld"]))


def _whole_words(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b")


@cache
def load_words(name: str) -> Mapping[str, Any]:
    """Load a table of `words/` by its name, once."""
    return tomllib.loads((resources.files("scanner.judge") / _FOLDER / f"{name}.toml").read_text("utf-8"))
