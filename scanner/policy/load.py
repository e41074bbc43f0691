"""TOML → `Policy`: a built-in one by name, or a file; with the policies that it `extends`.

Law: what is written is understood or refused with its place, a word that nobody knows too: a policy that is not
understood is none. A rule of an inherited id changes only the fields that it names; `off = true` takes it away.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from media.errors import ConfigError
from scanner.model import Action, Category, Claim, Kind, Outcome, Strength
from scanner.policy.case import Case
from scanner.policy.columns import COLUMNS
from scanner.policy.policy import ABOUT, Policy, PolicyExample, PolicyRule, Standing, Use
from scanner.policy.vocabulary import folded_phrase, vocabulary_of

__all__ = ["ASKS", "builtin_policies", "load_policy"]

T = TypeVar("T")

_RELATIONS: tuple[str, ...] = ("exact", "near", "reframed", "graded", "enhanced", "embedded", "mirrored", "segment")
_RELATIONS += ("altered", "extended", "recoloured", "re-synthesised")
_GENRES = ("fiction", "documentary", "news")
ASKS: Mapping[str, tuple[str, Any]] = {
    "claims": ("claim", Claim),
    "strengths": ("strength", Strength),
    "categories": ("category", Category),
    "kinds": ("kind", Kind),
    "genres": ("genre", _GENRES),
    "told_genres": ("told_genre", _GENRES),
    "roles": ("role", ("archival", "copyrighted", "talent", "temp", "ai-made", "own")),
    "relations": ("relation", _RELATIONS),
    "qualities": ("quality", ("master", "scan", "preview", "watermarked")),
    "alterations": ("alteration", ("altered", "same", "unjudged", "uncompared", "watermark")),
    "ai_terms": ("ai_terms", ("prohibited", "review", "allowed", "unknown")),
    "licences": ("licence", ("none", "valid", "expired")),
    "permitted": ("permitted", ("yes", "no", "unknown")),
    "archival": ("archival", ("matched", "unmatched")),
    "beside": ("beside", Claim),
    "marked": ("marked", ("yes", "no")),
    "refused": ("refused", ("yes",)),
    "decisions": ("decision", ("rejected",)),
}
"""Condition of a rule → the field of `Case` that it asks, and the words there are."""
_TEXTS = ("id", "text", "uncovered", "remedy", "about", "source")
_OUTCOMES = ("outcome", "informed", "lacking", "approved")
_TOP: Mapping[str, tuple[type, str]] = {
    "policy": (dict, "[policy]"),
    "categories": (dict, "[categories]"),
    "rule": (list, "[[rule]]"),
    "use": (list, "[[use]]"),
}
_HEAD = frozenset({"name", "title", "source", "dated", "read", "extends", "altered_area", "approvals"})
_USE = frozenset(
    {"id", "text", "when", "needs", "outcome", "approved", "remedy", "actions", "genres", "categories", "source"}
)
_FIELDS = frozenset({*_TEXTS, *_OUTCOMES, *ASKS, "actions", "needs", "examples", "off"})
_CASE = {name: words for name, words in ASKS.values() if name != "told_genre"}
_DEPTH = 8


@dataclass(slots=True)
class _Raw:
    """Policies as tables, merged, before their words are understood."""

    rules: dict[str, tuple[str, dict[str, Any]]]
    """Rule id → (file, table)."""
    sets: dict[str, list[str]]
    uses: list[tuple[str, dict[str, Any]]]
    digests: list[str]
    limit: float
    commissioned: bool = False


def builtin_policies() -> tuple[str, ...]:
    """The names of the policies that come with provscan."""
    folder = resources.files("scanner.policy") / "builtin"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load_policy(name_or_file: str) -> Policy:
    """A built-in policy by name, or one from a file. Raises `ConfigError`."""
    file, table, digest = _open(name_or_file, Path())
    head = table["policy"]
    raw = _Raw(rules={}, sets={}, uses=[], digests=[], limit=2.5)
    _merge(raw, name_or_file, Path(), 0)
    whole = hashlib.sha256("\n".join(raw.digests).encode()).hexdigest() if len(raw.digests) > 1 else digest
    if not raw.rules:
        raise ConfigError(f"policy file {file}: has no rules, and extends no policy that has: everything would pass")
    return Policy(
        name=head["name"],
        title=head["title"],
        source=head["source"],
        digest=whole,
        rules=tuple(
            replace(_rule(where, entry), inherited=not where.startswith(f"policy file {file},"))
            for where, entry in raw.rules.values()
            if not _is_off(where, entry)
        ),
        uses=tuple(_use(where, entry, raw.sets) for where, entry in raw.uses),
        commissioned=raw.commissioned,
        extends=tuple(_listed(f"policy file {file}, extends", head.get("extends", ()))),
        altered_area=raw.limit,
        dated=_day(f"policy file {file}, dated", head.get("dated")),
        read=_day(f"policy file {file}, read", head.get("read")),
    )


def _day(place: str, value: Any) -> date | None:
    if value is not None and type(value) is not date:
        raise ConfigError(f"{place}: a date is written 2026-11-22, without quotation marks, not {value!r}")
    return value


def _open(name: str, folder: Path) -> tuple[str, dict[str, Any], str]:
    if name in builtin_policies():
        file, data = f"{name}.toml", (resources.files("scanner.policy") / "builtin" / f"{name}.toml").read_bytes()
    else:
        path = folder / name
        if path.suffix != ".toml":
            known = ", ".join(builtin_policies())
            raise ConfigError(f"policy {name!r} is not known; built in are {known}; or name a .toml file")
        try:
            file, data = path.name, path.read_bytes()
        except OSError as error:
            raise ConfigError(f"policy file {path}: {error.strerror or error}") from error
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"policy file {file}: {error}") from error
    place = f"policy file {file}"
    _known(place, table, _TOP)
    for key, (kind, shape) in _TOP.items():
        entries = table.get(key, kind())
        tables = entries if isinstance(entries, list) else [entries]
        if not isinstance(entries, kind) or not all(isinstance(entry, dict) for entry in tables):
            raise ConfigError(f"{place}: {key} is written {shape}, and is {entries!r}")
    head = table.get("policy", {})
    _known(f"{place}, [policy]", head, _HEAD)
    for key in ("name", "title", "source"):
        if not isinstance(head.get(key), str) or not head[key]:
            raise ConfigError(f"{place}: [policy] {key} is missing")
    return file, table, hashlib.sha256(data).hexdigest()


def _merge(raw: _Raw, name: str, folder: Path, depth: int) -> None:
    """The parents first, then the policy's own words over them."""
    file, table, digest = _open(name, folder)
    place = f"policy file {file}"
    if depth > _DEPTH:
        raise ConfigError(f"{place}: extends more than {_DEPTH} policies in a row, or itself")
    for parent in _listed(f"{place}, extends", table["policy"].get("extends", ())):
        _merge(raw, parent, folder / Path(name).parent if name.endswith(".toml") else Path(), depth + 1)
    raw.digests.append(digest)
    raw.sets.update({key: _listed(f"{place}, {key}", words) for key, words in table.get("categories", {}).items()})
    limit = table["policy"].get("altered_area", raw.limit)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit <= 100:
        raise ConfigError(f"{place}: altered_area is a percentage, and is {limit!r}")
    raw.limit = float(limit)
    approvals = table["policy"].get("approvals", "")
    if approvals not in ("", "commissioner", "anybody"):
        raise ConfigError(f"{place}: approvals is commissioner or anybody, not {approvals!r}")
    raw.commissioned = approvals == "commissioner" if approvals else raw.commissioned
    raw.uses.extend((place, entry) for entry in table.get("use", ()))
    own: set[str] = set()
    for entry in table.get("rule", ()):
        name = entry.get("id")
        where = f"{place}, rule {name or '(without id)'}"
        _known(where, entry, _FIELDS)
        if not isinstance(name, str) or not name or name in own:
            raise ConfigError(f"{where}: each rule has an id of its own")
        own.add(name)
        inherited = raw.rules.get(name, ("", {}))[1]
        sets = {key: _expanded(where, raw.sets, entry[key]) for key in ("categories",) if key in entry}
        raw.rules[name] = (where, {**inherited, **_capped(inherited, entry), **entry, **sets})


def _capped(inherited: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a milder outcome makes of the inherited ones for what is better covered: none stays harsher than it."""
    most = entry.get("outcome")
    order = [str(outcome) for outcome in Outcome]
    if most not in order:
        return {}
    kept = {key: inherited[key] for key in _OUTCOMES[1:] if inherited.get(key) in order}
    return {key: min(word, most, key=order.index) for key, word in kept.items()}


def _known(place: str, table: Mapping[str, Any], words: Iterable[str]) -> None:
    """Nothing is passed over: a word that is not known may have been meant."""
    if unknown := sorted(set(table) - set(words)):
        raise ConfigError(f"{place}: unknown field {unknown[0]!r}; known are {', '.join(sorted(words))}")


def _is_off(place: str, table: Mapping[str, Any]) -> bool:
    off = table.get("off", False)
    if not isinstance(off, bool):
        raise ConfigError(f"{place}: off is true or false, not {off!r}")
    return off


def _rule(place: str, table: Mapping[str, Any]) -> PolicyRule:
    for key in ("id", "text", "remedy", "outcome", "examples"):
        if not table.get(key):
            raise ConfigError(f"{place}: {key} is missing")
    for key in _TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise ConfigError(f"{place}: {key} is {table[key]!r}, and not a text")
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
        raise ConfigError(f"{place}: what is better covered must not come out worse; see {', '.join(_OUTCOMES)}")
    if about in ("problem", "unread-kind") and none is Outcome.PASS:
        raise ConfigError(f"{place}: what could not be inspected cannot pass")
    return none, informed, lacking, approved


def _use(place: str, table: Mapping[str, Any], sets: Mapping[str, list[str]]) -> Use:
    place = f"{place}, use {table.get('id', '')}".rstrip()
    _known(place, table, _USE)
    ways = table.get("when", {})
    ways = ways if isinstance(ways, list) else [ways]
    if not all(isinstance(way, dict) for way in ways) or not isinstance(table.get("text", ""), str):
        raise ConfigError(f"{place}: text is a text, and when is a table of columns and words, or a list of such")
    needs = _needs(place, table.get("needs", ()))
    if not table.get("text") or not all(ways) or not ways:
        raise ConfigError(f"{place}: text and when are needed")
    outcome = _word(place, Outcome, table["outcome"]) if "outcome" in table else None
    if outcome is not None and not (table.get("id") and table.get("remedy")):
        raise ConfigError(f"{place}: with an outcome, id and remedy are needed")
    return Use(
        text=table["text"],
        when=tuple({column: _spoken(place, column, words) for column, words in way.items()} for way in ways),
        needs=needs,
        id=table.get("id", ""),
        outcome=outcome,
        remedy=table.get("remedy", ""),
        actions=_words(place, Action, table.get("actions", ())),
        genres=_words(place, _GENRES, table.get("genres", ())),
        categories=_words(place, Category, _expanded(place, sets, table.get("categories", ()))),
        approved_too=table.get("approved", "pass") != "pass",
    )


def _needs(place: str, value: Any) -> tuple[str, ...]:
    """`column`, `column=word`, or `column|column`."""
    needs = _listed(f"{place}, needs", value)
    for need in needs:
        for one in need.split("|"):
            if one.partition("=")[0] not in COLUMNS:
                raise ConfigError(f"{place}: needs {need!r}, which is no column of the register")
    return tuple(needs)


def _spoken(place: str, column: str, words: Any) -> frozenset[str]:
    """The words of a register column, as the register's vocabulary has them."""
    if column not in COLUMNS:
        raise ConfigError(f"{place}: {column!r} is no column of the register")
    vocabulary, said = vocabulary_of(column), _listed(place, words)
    if vocabulary is None or said == ["*"]:
        return frozenset(word if word == "*" else folded_phrase(word) for word in said)
    meanings = {word: vocabulary.read(word).words for word in said}
    for word, meaning in meanings.items():
        if not meaning:
            raise ConfigError(f"{place}: {word!r} is no word of {column}; choose from {', '.join(vocabulary.names)}")
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
        raise ConfigError(f"{place}: examples are tables in a list, not {value!r}")
    return value


def _expanded(place: str, sets: Mapping[str, list[str]], names: Any) -> list[str]:
    return list(_expand(place, sets, _listed(place, names)))


def _expand(place: str, sets: Mapping[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not name.startswith("@"):
            yield name
        elif name[1:] in sets:
            yield from sets[name[1:]]
        else:
            raise ConfigError(f"{place}: {name} is not defined under [categories]")


def _listed(place: str, value: Any) -> list[str]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{place}: a word or a list of words is needed, not {value!r}")
    return list(words)


def _words(place: str, kind: Iterable[T], names: Any) -> tuple[T, ...]:
    return tuple(_word(place, kind, name) for name in _listed(place, names))


def _word(place: str, kind: Iterable[T], name: Any) -> T:
    for word in kind:
        if word == name:
            return word
    raise ConfigError(f"{place}: {name!r} is not one of {', '.join(str(word) for word in kind)}")
