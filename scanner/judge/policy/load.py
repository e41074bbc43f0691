"""Loads a `Policy` from TOML: a built-in one by name, or a file, with the policies that it `extends`.

Rule: every key and word is understood, or refused with its place; a policy that is not understood completely is not
used. A rule with an inherited id changes only the fields that it names; `off = true` removes it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from scanner.judge.policy.policy import Policy
from scanner.judge.policy.tables import (
    FIELDS,
    OUTCOMES,
    expanded,
    is_off,
    listed,
    parse_rule,
    parse_use,
    refuse_unknown,
)
from scanner.model import Outcome

__all__ = ["builtin_policies", "load_policy"]

_TOP: Mapping[str, tuple[type, str]] = {
    "policy": (dict, "[policy]"),
    "categories": (dict, "[categories]"),
    "rule": (list, "[[rule]]"),
    "use": (list, "[[use]]"),
}
_HEAD = frozenset({"name", "title", "source", "dated", "read", "extends", "altered_area", "approvals"})
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


@cache
def builtin_policies() -> tuple[str, ...]:
    """The names of the policies that come with provscan."""
    folder = resources.files("scanner.judge.policy") / "builtin"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load_policy(name_or_file: str) -> Policy:
    """A built-in policy by name, or one from a file. Raises `ConfigError`."""
    return _load_builtin(name_or_file) if name_or_file in builtin_policies() else _load(name_or_file)


@cache
def _load_builtin(name: str) -> Policy:
    return _load(name)


def _load(name_or_file: str) -> Policy:
    file, table, digest = _open(name_or_file, Path())
    head = table["policy"]
    raw = _Raw(rules={}, sets={}, uses=[], digests=[], limit=2.5)
    _merge(raw, name_or_file, Path(), 0)
    whole = hashlib.sha256("\n".join(raw.digests).encode()).hexdigest() if len(raw.digests) > 1 else digest
    if not raw.rules:
        raise ConfigError(f"policy file {file}: has no rules and extends no policy with rules: everything would pass")
    return Policy(
        name=head["name"],
        title=head["title"],
        source=head["source"],
        digest=whole,
        rules=tuple(
            replace(parse_rule(where, entry), inherited=not where.startswith(f"policy file {file},"))
            for where, entry in raw.rules.values()
            if not is_off(where, entry)
        ),
        uses=tuple(parse_use(where, entry, raw.sets) for where, entry in raw.uses),
        commissioned=raw.commissioned,
        extends=tuple(listed(f"policy file {file}, extends", head.get("extends", ()))),
        altered_area=raw.limit,
        dated=_day(f"policy file {file}, dated", head.get("dated")),
        read=_day(f"policy file {file}, read", head.get("read")),
    )


def _day(place: str, value: Any) -> date | None:
    if value is not None and type(value) is not date:
        raise ConfigError(f"{place}: a date must be written 2026-11-22, without quotation marks, not {value!r}")
    return value


def _open(name: str, folder: Path) -> tuple[str, dict[str, Any], str]:
    if name in builtin_policies():
        file, data = f"{name}.toml", (resources.files("scanner.judge.policy") / "builtin" / f"{name}.toml").read_bytes()
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
    refuse_unknown(place, table, _TOP)
    for key, (kind, shape) in _TOP.items():
        entries = table.get(key, kind())
        tables = entries if isinstance(entries, list) else [entries]
        if not isinstance(entries, kind) or not all(isinstance(entry, dict) for entry in tables):
            raise ConfigError(f"{place}: {key} is written {shape}, and is {entries!r}")
    head = table.get("policy", {})
    refuse_unknown(f"{place}, [policy]", head, _HEAD)
    for key in ("name", "title", "source"):
        if not isinstance(head.get(key), str) or not head[key]:
            raise ConfigError(f"{place}: [policy] {key} is missing")
    return file, table, hashlib.sha256(data).hexdigest()


def _merge(raw: _Raw, name: str, folder: Path, depth: int) -> None:
    """The parents first, then the policy's own words over them."""
    file, table, digest = _open(name, folder)
    place = f"policy file {file}"
    if depth > _DEPTH:
        raise ConfigError(f"{place}: extends itself, or more than {_DEPTH} policies in a row")
    for parent in listed(f"{place}, extends", table["policy"].get("extends", ())):
        _merge(raw, parent, folder / Path(name).parent if name.endswith(".toml") else Path(), depth + 1)
    raw.digests.append(digest)
    raw.sets.update({key: listed(f"{place}, {key}", words) for key, words in table.get("categories", {}).items()})
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
        refuse_unknown(where, entry, FIELDS)
        if not isinstance(name, str) or not name or name in own:
            raise ConfigError(f"{where}: this id is used by two rules")
        own.add(name)
        inherited = raw.rules.get(name, ("", {}))[1]
        sets = {key: expanded(where, raw.sets, entry[key]) for key in ("categories",) if key in entry}
        raw.rules[name] = (where, {**inherited, **_cap_outcomes(inherited, entry), **entry, **sets})


def _cap_outcomes(inherited: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a milder outcome makes of the inherited ones for what is better covered: none stays harsher than it."""
    most = entry.get("outcome")
    order = [str(outcome) for outcome in Outcome]
    if most not in order:
        return {}
    kept = {key: inherited[key] for key in OUTCOMES[1:] if inherited.get(key) in order}
    return {key: min(word, most, key=order.index) for key, word in kept.items()}
