"""Turns the tables of a policy file into rules and uses. Pure.

Rule: every key and word is understood, or refused with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from media.errors import ConfigError
from scanner.judge.case import Case
from scanner.judge.phrases import folded_phrase
from scanner.judge.policy.policy import ABOUT, PolicyExample, PolicyRule, Standing, UseCase
from scanner.judge.register.columns import COLUMNS
from scanner.judge.vocabulary import vocabulary_of
from scanner.model import Action, Category, Claim, Kind, Outcome, Relation, Role, Strength

__all__ = ["ASKS", "FIELDS", "OUTCOMES", "expanded", "is_off", "listed", "parse_rule", "parse_use", "refuse_unknown"]

T = TypeVar("T")

_RELATIONS: tuple[str, ...] = tuple(relation.value for relation in Relation)
_GENRES = ("fiction", "documentary", "news")
ASKS: Mapping[str, tuple[str, Any]] = {
    "claims": ("claim", Claim),
    "strengths": ("strength", Strength),
    "categories": ("category", Category),
    "kinds": ("kind", Kind),
    "genres": ("genre", _GENRES),
    "told_genres": ("told_genre", _GENRES),
    "roles": ("role", tuple(role.value for role in Role)),
    "relations": ("relation", _RELATIONS),
    "qualities": ("quality", ("master", "scan", "preview", "watermarked")),
    "alterations": ("alteration", ("altered", "uncertain", "same", "unjudged", "uncompared", "watermark")),
    "ai_terms": ("ai_terms", ("prohibited", "review", "allowed", "unknown")),
    "licences": ("licence", ("none", "valid", "expired")),
    "permitted": ("permitted", ("yes", "no", "unknown")),
    "archival": ("archival", ("matched", "unmatched")),
    "beside": ("beside", Claim),
    "marked": ("marked", ("yes", "no")),
    "refused": ("refused", ("yes",)),
    "decisions": ("decision", ("rejected",)),
    "stated": ("stated", ("words", "sign", "slight")),
}
"""Condition of a rule → the field of `Case` that it tests, and the allowed words."""
_TEXTS = ("id", "text", "uncovered", "remedy", "about", "source")
OUTCOMES = ("outcome", "informed", "lacking", "approved")
_USE = frozenset(
    {"id", "text", "when", "needs", "outcome", "approved", "remedy", "actions", "genres", "categories", "source"}
)
FIELDS = frozenset({*_TEXTS, *OUTCOMES, *ASKS, "actions", "needs", "examples", "off"})
_CASE = {name: words for name, words in ASKS.values() if name != "told_genre"}


def refuse_unknown(place: str, table: Mapping[str, Any], words: Iterable[str]) -> None:
    """Refuse unknown keys: the author may have meant them to matter."""
    if unknown := sorted(set(table) - set(words)):
        raise ConfigError(f"{place}: unknown field {unknown[0]!r}; known are {', '.join(sorted(words))}")


def is_off(place: str, table: Mapping[str, Any]) -> bool:
    """Whether a rule is removed."""
    off = table.get("off", False)
    if not isinstance(off, bool):
        raise ConfigError(f"{place}: off must be true or false, not {off!r}")
    return off


def parse_rule(place: str, table: Mapping[str, Any]) -> PolicyRule:
    """Parse a `[[rule]]`, merged with what it inherits. Raises `ConfigError`."""
    for key in ("id", "text", "remedy", "outcome", "examples"):
        if not table.get(key):
            raise ConfigError(f"{place}: {key} is missing")
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise ConfigError(f"{place}: {key} is {table[key]!r}; it must be a string")
    about = table.get("about", "finding")
    if about not in ABOUT:
        raise ConfigError(f"{place}: about is {about!r}; choose from {', '.join(ABOUT)}")
    needs = _needs(place, table.get("needs", ()))
    asks = tuple(
        (field, frozenset(_words(place, words, table[key]))) for key, (field, words) in ASKS.items() if table.get(key)
    )
    return PolicyRule(
        id=table["id"],
        text=table["text"],
        uncovered=table.get("uncovered", ""),
        remedy=table["remedy"],
        about=about,
        outcomes=_outcomes(place, about, table),
        actions=_words(place, Action, table.get("actions", ())),
        asks=asks,
        needs=needs,
        source=table.get("source", ""),
        examples=tuple(_example(place, about, entry) for entry in _tables(place, table["examples"])),
    )


def _outcomes(place: str, about: str, table: Mapping[str, Any]) -> tuple[Outcome, Outcome, Outcome, Outcome]:
    none = _word(place, Outcome, table["outcome"])
    informed = _word(place, Outcome, table.get("informed", none))
    lacking = _word(place, Outcome, table.get("lacking", informed))
    approved = _word(place, Outcome, table.get("approved", "pass"))
    if not none.rank >= informed.rank >= lacking.rank >= approved.rank:
        raise ConfigError(f"{place}: an outcome must not be worse where coverage is better; see {', '.join(OUTCOMES)}")
    if about in ("problem", "unread-kind") and none is Outcome.PASS:
        raise ConfigError(f"{place}: what could not be inspected cannot pass")
    return none, informed, lacking, approved


def parse_use(place: str, table: Mapping[str, Any], sets: Mapping[str, list[str]]) -> UseCase:
    """Parse a `[[use]]`; `sets` are the lists of categories that `@name` stands for. Raises `ConfigError`."""
    place = f"{place}, use {table.get('id', '')}".rstrip()
    refuse_unknown(place, table, _USE)
    ways = table.get("when", {})
    ways = ways if isinstance(ways, list) else [ways]
    if not all(isinstance(way, dict) for way in ways) or not isinstance(table.get("text", ""), str):
        raise ConfigError(f"{place}: text must be a string, and when a table of columns and words, or a list of these")
    needs = _needs(place, table.get("needs", ()))
    if not table.get("text") or not all(ways) or not ways:
        raise ConfigError(f"{place}: text and when are needed")
    outcome = _word(place, Outcome, table["outcome"]) if "outcome" in table else None
    if outcome is not None and not (table.get("id") and table.get("remedy")):
        raise ConfigError(f"{place}: a use with an outcome needs id and remedy")
    return UseCase(
        text=table["text"],
        when=tuple({column: _parse_words(place, column, words) for column, words in way.items()} for way in ways),
        needs=needs,
        id=table.get("id", ""),
        outcome=outcome,
        remedy=table.get("remedy", ""),
        actions=_words(place, Action, table.get("actions", ())),
        genres=_words(place, _GENRES, table.get("genres", ())),
        categories=_words(place, Category, expanded(place, sets, table.get("categories", ()))),
        approved_too=table.get("approved", "pass") != "pass",
    )


def _needs(place: str, value: Any) -> tuple[str, ...]:
    """`column`, `column=word`, or `column|column`."""
    needs = listed(f"{place}, needs", value)
    for need in needs:
        for one in need.split("|"):
            if one.partition("=")[0] not in COLUMNS:
                raise ConfigError(f"{place}: needs {need!r}, which is no column of the register")
    return tuple(needs)


def _parse_words(place: str, column: str, words: Any) -> frozenset[str]:
    """The words of a register column, as the register's vocabulary has them."""
    if column not in COLUMNS:
        raise ConfigError(f"{place}: {column!r} is no column of the register")
    vocabulary, said = vocabulary_of(column), listed(place, words)
    if vocabulary is None or said == ["*"]:
        return frozenset(word if word == "*" else folded_phrase(word) for word in said)
    meanings = {word: vocabulary.read(word).words for word in said}
    for word, meaning in meanings.items():
        if not meaning:
            raise ConfigError(f"{place}: {word!r} is not a word of {column}; choose from {', '.join(vocabulary.names)}")
    return frozenset(word for meaning in meanings.values() for word in meaning)


def _example(place: str, about: str, table: Mapping[str, Any]) -> PolicyExample:
    said = dict(table)
    outcome, standing = said.pop("outcome", "none"), said.pop("register", "none")
    fields: dict[str, Any] = {}
    for name, value in said.items():
        if name not in _CASE:
            raise ConfigError(f"{place}: an example says {name!r}; it can say {', '.join(_CASE)}, register, outcome")
        fields[name] = _words(place, _CASE[name], value) if name == "beside" else _word(place, _CASE[name], value)
    if not isinstance(standing, str) or standing not in ("none", "informed", "lacking", "approved"):
        raise ConfigError(f"{place}: an example's register is none, informed, lacking or approved, not {standing!r}")
    return PolicyExample(
        case=Case(about=about, **fields),
        standing=Standing[standing.upper()],
        outcome=None if outcome == "none" else _word(place, Outcome, outcome),
    )


def _tables(place: str, value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ConfigError(f"{place}: examples must be a list of tables, not {value!r}")
    return value


def expanded(place: str, sets: Mapping[str, list[str]], names: Any) -> list[str]:
    """Categories, with those that `@name` stands for. Raises `ConfigError`."""
    return list(_expand(place, sets, listed(place, names)))


def _expand(place: str, sets: Mapping[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not name.startswith("@"):
            yield name
        elif name[1:] in sets:
            yield from sets[name[1:]]
        else:
            raise ConfigError(f"{place}: {name} is not defined under [categories]")


def listed(place: str, value: Any) -> list[str]:
    """A word or a list of words as a list. Raises `ConfigError`."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{place}: must be a word or a list of words, not {value!r}")
    return list(words)


def _words(place: str, kind: Iterable[T], names: Any) -> tuple[T, ...]:
    return tuple(_word(place, kind, name) for name in listed(place, names))


def _word(place: str, kind: Iterable[T], name: Any) -> T:
    for word in kind:
        if word == name:
            return word
    raise ConfigError(f"{place}: {name!r} is not one of {', '.join(str(word) for word in kind)}")
