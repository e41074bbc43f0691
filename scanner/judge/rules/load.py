"""Loads a `RuleSet` from TOML. A later file overrides a rule of the same id; every fault names file, rule and field."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import regex

from media.errors import ConfigError
from scanner.judge.rules.rule import Condition, Example, Name, Refinement, Rule, RuleSet
from scanner.model import Claim, Evidence, Strength

__all__ = ["load_rules"]

_RULE_FIELDS = frozenset(
    "id title source seen date claim strength tool vendor model version names text "  # noqa: SIM905 - reads as a list
    "where match unless facts also lacks refine rank hits misses".split()
)
_OWN_FIELDS = frozenset({"id", "title", "hits", "misses"})
"""What each rule states for itself."""
_CONDITION_FIELDS = frozenset({"where", "match", "unless", "facts"})
_REFINE_FIELDS = frozenset(
    {"match", "unless", "facts", "claim", "strength", "tool", "vendor", "model", "version", "text", "drop"}
)
_EXPECT_FIELDS = ("claim", "tool", "vendor", "model", "version", "strength")
_EXAMPLE_FIELDS = frozenset({"says", "facts", "why", *_EXPECT_FIELDS})
_SEEN = ("sample", "code", "spec", "vendor")

T = TypeVar("T")
Table = Mapping[str, Any]
Sets = Mapping[str, tuple[tuple[str, str], ...]]


def load_rules(extra: Iterable[Path] = ()) -> RuleSet:
    """Load the built-in rules, then those of each extra file. Raises `ConfigError`."""
    sources = [*_builtin()]
    for path in extra:
        try:
            sources.append((path.name, path.read_bytes()))
        except OSError as error:
            raise ConfigError(f"rules file {path}: {error.strerror or error}; name a readable TOML file") from error
    return _load(tuple(sources))


@lru_cache(maxsize=4)
def _load(sources: tuple[tuple[str, bytes], ...]) -> RuleSet:
    """The rules of files, as (name, content)."""
    tables = [(name, _parse(name, data)) for name, data in sources]
    sets = _sets(tables)
    rules: dict[str, Rule] = {}
    names: list[Name] = []
    for name, table in tables:
        defaults = _defaults(name, table)
        for entry in table.get("rule", ()):
            rule = _rule(name, {**defaults, **entry}, sets)
            rules[rule.id] = rule
        # A house's own names come before the built-in ones.
        names[:0] = [_name(name, entry) for entry in table.get("name", ())]
    digest = hashlib.sha256(b"\0".join(data for _, data in sources)).hexdigest()
    return RuleSet(tuple(rules.values()), tuple(names), digest)


@cache
def _builtin() -> tuple[tuple[str, bytes], ...]:
    folder = resources.files("scanner.judge.rules") / "builtin"
    return tuple(sorted((entry.name, entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".toml")))


def _parse(name: str, data: bytes) -> Table:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"rules file {name}: {error}") from error


def _sets(tables: Iterable[tuple[str, Table]]) -> Sets:
    """The named sets of homes; a later file's entries are added to a set of the same name."""
    raw: dict[str, list[str]] = {}
    for _, table in tables:
        for key, homes in table.get("homes", {}).items():
            raw.setdefault(key, []).extend(homes)
    done: dict[str, tuple[tuple[str, str], ...]] = {}

    def resolve(key: str, trail: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        if key in trail or key not in raw:
            raise ConfigError(f"homes: @{key} is {'circular' if key in trail else 'not defined'}")
        if key not in done:
            found: list[tuple[str, str]] = []
            for home in raw[key]:
                found.extend(resolve(home[1:], (*trail, key)) if home.startswith("@") else [_home(home)])
            done[key] = tuple(dict.fromkeys(found))
        return done[key]

    for key in raw:
        resolve(key, ())
    return done


def _home(text: str) -> tuple[str, str]:
    reader, colon, key = text.partition(":")
    if not colon or not reader or not key:
        raise ConfigError(f"{text!r} is not a place: write reader:key, such as png-text:parameters")
    return reader, key.lower()


class _Fault:
    """Where we are, for messages."""

    def __init__(self, file: str, rule: str) -> None:
        self.place = f"rules file {file}, rule {rule}"

    def __call__(self, message: str) -> ConfigError:
        return ConfigError(f"{self.place}: {message}")

    def pattern(self, field: str, text: object) -> regex.Pattern[str] | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise self(f"{field} must be a string, not {text!r}")
        try:
            return regex.compile(text)
        except regex.error as error:
            raise self(f"{field}: {error} in {text!r}") from error

    def known(self, fields: Iterable[str], allowed: frozenset[str], what: str) -> None:
        unknown = sorted(set(fields) - allowed)
        if unknown:
            raise self(f"{what} has unknown field {unknown[0]!r}; known are {', '.join(sorted(allowed))}")

    def one_of(self, make: Callable[[str], T], value: object, field: str, choices: Iterable[str]) -> T:
        try:
            return make(str(value))
        except ValueError as error:
            raise self(f"{field} is {value!r}; choose from {', '.join(choices)}") from error


def _defaults(file: str, table: Table) -> Table:
    """What the rules of a file have where they do not state it themselves; a rule's own field replaces it whole."""
    defaults = table.get("defaults", {})
    fault = _Fault(file, "[defaults]")
    if not isinstance(defaults, dict):
        raise fault("must be a table")
    fault.known(defaults, _RULE_FIELDS - _OWN_FIELDS, "the table")
    return defaults


def _rule(file: str, table: Table, sets: Sets) -> Rule:
    fault = _Fault(file, str(table.get("id", "(without id)")))
    fault.known(table, _RULE_FIELDS, "the rule")
    for field in ("id", "title", "source", "seen", "date", "claim", "strength", "where", "hits", "misses"):
        if not table.get(field):
            raise fault(f"{field} is missing")
    if table["seen"] not in _SEEN:
        raise fault(f"seen is {table['seen']!r}; choose from {', '.join(_SEEN)}")
    strength: Strength | Literal["c2pa"] = "c2pa"
    if table["strength"] != "c2pa":
        strength = fault.one_of(Strength, table["strength"], "strength", (*Strength, "c2pa"))
    return Rule(
        id=table["id"],
        title=table["title"],
        source=table["source"],
        seen=cast("Any", table["seen"]),
        date=str(table["date"]),
        claim=fault.one_of(Claim, table["claim"], "claim", Claim),
        strength=strength,
        condition=_condition(fault, {key: table[key] for key in _CONDITION_FIELDS if key in table}, sets),
        also=tuple(_condition(fault, entry, sets) for entry in table.get("also", ())),
        lacks=tuple(_condition(fault, entry, sets) for entry in table.get("lacks", ())),
        refine=tuple(_refinement(fault, entry) for entry in table.get("refine", ())),
        tool=table.get("tool"),
        vendor=table.get("vendor"),
        model=table.get("model"),
        version=table.get("version"),
        names=table.get("names"),
        text=table.get("text", ""),
        rank=table.get("rank", 50),
        hits=tuple(_example(fault, entry, {"claim": table["claim"]}) for entry in table["hits"]),
        misses=tuple(_example(fault, entry, {}) for entry in table["misses"]),
        file=file,
    )


def _condition(fault: _Fault, table: Table, sets: Sets) -> Condition:
    fault.known(table, _CONDITION_FIELDS, "a condition")
    where: list[tuple[str, str]] = []
    for home in table.get("where", ()):
        if home.startswith("@"):
            if home[1:] not in sets:
                raise fault(f"{home} is not a set of homes; defined are {', '.join(sorted(sets))}")
            where.extend(sets[home[1:]])
        else:
            where.append(_home(home))
    return Condition(
        where=tuple(dict.fromkeys(where)),
        match=fault.pattern("match", table.get("match")),
        unless=fault.pattern("unless", table.get("unless")),
        facts=_facts(fault, table),
    )


def _facts(fault: _Fault, table: Table) -> dict[str, regex.Pattern[str]]:
    return {
        key: cast("regex.Pattern[str]", fault.pattern(f"facts.{key}", text))
        for key, text in table.get("facts", {}).items()
    }


def _refinement(fault: _Fault, table: Table) -> Refinement:
    fault.known(table, _REFINE_FIELDS, "refine")
    return Refinement(
        condition=Condition(
            match=fault.pattern("refine.match", table.get("match")),
            unless=fault.pattern("refine.unless", table.get("unless")),
            facts=_facts(fault, table),
        ),
        claim=fault.one_of(Claim, table["claim"], "refine.claim", Claim) if "claim" in table else None,
        strength=fault.one_of(Strength, table["strength"], "refine.strength", Strength)
        if "strength" in table
        else None,
        tool=table.get("tool"),
        vendor=table.get("vendor"),
        model=table.get("model"),
        version=table.get("version"),
        text=table.get("text"),
        drop=table.get("drop", False),
    )


def _example(fault: _Fault, table: Table, expect: Mapping[str, str]) -> Example:
    fault.known(table, _EXAMPLE_FIELDS, "an example")
    if not table.get("says"):
        raise fault("an example states nothing")
    facts = {key: str(value) for key, value in table.get("facts", {}).items()}
    says = []
    for number, (home, value) in enumerate(table["says"].items(), 1):
        reader, _, key = home.partition(":")
        says.append(Evidence(reader=reader, key=key, value=value, where="example", facts=facts, id=f"e{number}"))
    wanted = {**expect, **{key: str(table[key]) for key in _EXPECT_FIELDS if key in table}} if expect else {}
    return Example(says=tuple(says), expect=wanted, why=table.get("why", ""))


def _name(file: str, table: Table) -> Name:
    fault = _Fault(file, f"name {table.get('tool', '(without tool)')!r}")
    fault.known(
        table, frozenset({"tool", "vendor", "agent", "generator", "signer", "signer_org", "format"}), "the name"
    )
    if not table.get("tool"):
        raise fault("tool is missing")
    return Name(
        tool=table["tool"],
        vendor=table.get("vendor"),
        **{key: fault.pattern(key, table.get(key)) for key in ("agent", "generator", "signer", "signer_org", "format")},
    )
