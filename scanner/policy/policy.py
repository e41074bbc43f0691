"""Policies as data: TOML → `Policy`. Each rule is one sentence with its worked examples."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from scanner.errors import ConfigError
from scanner.model import Action, Category, Claim, Outcome, Strength

__all__ = ["Policy", "PolicyExample", "PolicyRule", "builtin_policies", "load_policy"]

T = TypeVar("T")

_FIELDS = frozenset(
    {"id", "text", "remedy", "about", "claims", "strengths", "categories", "outcome", "actions", "examples", "source"}
)
_ABOUT = ("finding", "problem", "tampered", "unread-kind", "mismatch", "absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExample:
    """A case, and what the rule must make of it; `outcome` None where it must say nothing."""

    claim: Claim | None
    strength: Strength | None
    category: Category
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """What the house asks for in one kind of case. An empty tuple means any."""

    id: str
    text: str
    """The sentence that a verdict prints."""
    remedy: str
    """What would make it pass."""
    about: str
    """`finding`; `problem`: could not be inspected; `tampered`: a manifest that does not match its file;
    `unread-kind`: a kind of file that provscan does not read; `mismatch`: a list in the delivery gives another
    digest; `absent`: a list names what is not there."""
    outcome: Outcome
    actions: tuple[Action, ...] = ()
    claims: tuple[Claim, ...] = ()
    strengths: tuple[Strength, ...] = ()
    categories: tuple[Category, ...] = ()
    source: str = ""
    examples: tuple[PolicyExample, ...] = ()

    def covers(
        self, about: str, category: Category, claim: Claim | None = None, strength: Strength | None = None
    ) -> bool:
        """Whether the rule speaks of such a case."""
        return (
            self.about == about
            and (not self.categories or category in self.categories)
            and (not self.claims or claim in self.claims)
            and (not self.strengths or strength in self.strengths)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A commissioner's or a house's rules, in the order in which they are asked."""

    name: str
    title: str
    source: str
    digest: str
    rules: tuple[PolicyRule, ...] = field(default=())


def builtin_policies() -> tuple[str, ...]:
    """The names of the policies that come with provscan."""
    folder = resources.files("scanner.policy") / "builtin"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load_policy(name_or_file: str) -> Policy:
    """A built-in policy by name, or one from a file. Raises `ConfigError`."""
    if name_or_file in builtin_policies():
        data = (resources.files("scanner.policy") / "builtin" / f"{name_or_file}.toml").read_bytes()
        return _read(f"{name_or_file}.toml", data)
    path = Path(name_or_file)
    if path.suffix != ".toml":
        known = ", ".join(builtin_policies())
        raise ConfigError(f"policy {name_or_file!r} is not known; built in are {known}; or name a .toml file")
    try:
        return _read(path.name, path.read_bytes())
    except OSError as error:
        raise ConfigError(f"policy file {path}: {error.strerror or error}") from error


def _read(file: str, data: bytes) -> Policy:
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"policy file {file}: {error}") from error
    head = table.get("policy", {})
    for key in ("name", "title", "source"):
        if not head.get(key):
            raise ConfigError(f"policy file {file}: [policy] {key} is missing")
    return Policy(
        name=head["name"],
        title=head["title"],
        source=head["source"],
        digest=hashlib.sha256(data).hexdigest(),
        rules=tuple(_rule(file, table.get("categories", {}), entry) for entry in table.get("rule", ())),
    )


def _rule(file: str, sets: Mapping[str, list[str]], table: Mapping[str, Any]) -> PolicyRule:
    place = f"policy file {file}, rule {table.get('id', '(without id)')}"
    if unknown := sorted(set(table) - _FIELDS):
        raise ConfigError(f"{place}: unknown field {unknown[0]!r}; known are {', '.join(sorted(_FIELDS))}")
    for key in ("id", "text", "remedy", "outcome", "examples"):
        if not table.get(key):
            raise ConfigError(f"{place}: {key} is missing")
    about = table.get("about", "finding")
    if about not in _ABOUT:
        raise ConfigError(f"{place}: about is {about!r}; choose from {', '.join(_ABOUT)}")
    return PolicyRule(
        id=table["id"],
        text=table["text"],
        remedy=table["remedy"],
        about=about,
        outcome=_word(place, Outcome, table["outcome"]),
        actions=_words(place, Action, table.get("actions", ())),
        claims=_words(place, Claim, table.get("claims", ())),
        strengths=_words(place, Strength, table.get("strengths", ())),
        categories=_words(place, Category, _expand(place, sets, table.get("categories", ()))),
        source=table.get("source", ""),
        examples=tuple(_example(place, entry) for entry in table["examples"]),
    )


def _expand(place: str, sets: Mapping[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not name.startswith("@"):
            yield name
        elif name[1:] in sets:
            yield from sets[name[1:]]
        else:
            raise ConfigError(f"{place}: {name} is not defined under [categories]")


def _example(place: str, table: Mapping[str, str]) -> PolicyExample:
    return PolicyExample(
        claim=_word(place, Claim, table["claim"]) if "claim" in table else None,
        strength=_word(place, Strength, table["strength"]) if "strength" in table else None,
        category=_word(place, Category, table["category"]),
        outcome=_word(place, Outcome, table["outcome"]) if table.get("outcome", "none") != "none" else None,
    )


def _words(place: str, kind: type[T], names: Iterable[str]) -> tuple[T, ...]:
    return tuple(_word(place, kind, name) for name in names)


def _word(place: str, kind: type[T], name: str) -> T:
    try:
        return kind(name)  # type: ignore[call-arg]  # every kind is a StrEnum
    except ValueError as error:
        raise ConfigError(f"{place}: {name!r} is not one of {', '.join(str(k) for k in kind)}") from error  # type: ignore[attr-defined]
