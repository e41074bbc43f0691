"""Waivers: what a person accepted, bound to a finding and to the content that it was found in.

Rule: a waiver survives a renamed file and ends with changed content. What is accepted stays listed, as `fyi`: a waiver
makes no file pass unseen. `fix` accepts nothing. A waiver accepts what decides about a finding; other rules' demands
for the same finding it accepts only by naming the rule.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from scanner.judge.phrases import is_placeholder
from scanner.judge.policy.content import Content, asks_whole, content_of
from scanner.judge.register.row import DIGEST, Defect, date_of
from scanner.judge.register.sheet import lines_of
from scanner.model import Examination, Outcome, Reason

__all__ = ["Disposition", "Waiver", "WaiverFile", "Waivers", "findings_of", "read_waivers"]


class Disposition(StrEnum):
    """What was decided: the first three in the words of Netflix's Asset QC."""

    CREATIVE_INTENT = "creative-intent"
    BEST_POSSIBLE = "best-possible"
    FIX = "fix"
    FALSE_POSITIVE = "false-positive"
    ACCEPTED_RISK = "accepted-risk"


_FINDING = re.compile(r"[0-9a-f]{16}")
_COLUMNS = ("finding", "rule", "digest", "disposition", "name", "role", "reason", "date", "expires")
_NAMES = {"finding_fingerprint": "finding", "content_sha256": "digest", "content_digest": "digest", "expiry": "expires"}
_VOID = "\0void"
"""Where a table keeps that its row is hidden or struck out."""
_REQUIRED = ("finding", "digest", "disposition", "name", "reason", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One decision about one finding in one content."""

    file: str
    number: int
    finding: str
    """A finding's id; for a reason without a finding, the policy rule's id."""
    rule: str = ""
    """The policy rule, where only that rule's demand is accepted."""
    digest: str
    """`xxh3-128:…`, as reports print it."""
    disposition: Disposition
    name: str
    role: str
    reason: str
    on: str
    """The day, as written."""
    expires: date | None = None

    def __str__(self) -> str:
        who = f"{self.name} ({self.role})" if self.role else self.name
        until = f", until {self.expires}" if self.expires else ""
        return f"{self.disposition.replace('-', ' ')}: {self.reason} – {who}, {self.on}{until}"

    @property
    def accepts(self) -> bool:
        """Whether it accepts the finding as it is."""
        return self.disposition is not Disposition.FIX

    def expired(self, day: date | None) -> bool:
        """Whether it no longer holds on a day."""
        return self.expires is not None and day is not None and self.expires < day

    def holds(self, day: date | None) -> bool:
        """Whether it was given by a day, and has not expired."""
        given = date_of(self.on)
        return not self.expired(day) and not (day is not None and given is not None and given > day)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverFile:
    """One file of waivers."""

    name: str
    digest: str
    waivers: tuple[Waiver, ...] = ()
    faults: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Waivers:
    """All waivers of a run."""

    files: tuple[WaiverFile, ...] = ()
    _by: dict[str, list[Waiver]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for waiver in self.all:
            self._by.setdefault(waiver.finding, []).append(waiver)

    @property
    def all(self) -> tuple[Waiver, ...]:
        """In the order of the files."""
        return tuple(waiver for file in self.files for waiver in file.waivers)

    def speaking(self, reason: Reason) -> Iterable[Waiver]:
        """The waivers of what a reason is based on, for any content."""
        # What rests on statements or on the scan itself has no finding: the rule stands for it.
        names = findings_of(reason) or (reason.rule,)
        return (waiver for name in names for waiver in self._by.get(name, ()))

    def asks_whole(self, examination: Examination) -> bool:
        """Whether a waiver names content, and the asset was not digested whole: a waiver names no path."""
        return any(asks_whole(waiver.digest, examination) for waiver in self.all)

    def holding(
        self, reason: Reason, examination: Examination, day: date | None, *, named: bool = False
    ) -> Waiver | None:
        """The waiver of a reason for exactly this content, if one holds; one that accepts before one that says fix.

        `named`: only one that names the reason's rule.
        """
        if not self._by or reason.outcome is Outcome.PASS:
            return None
        holding = [
            it
            for it in self.speaking(reason)
            if content_of(it.digest, examination) is Content.WHOLE
            and it.holds(day)
            and it.rule in ((reason.rule,) if named else ("", reason.rule))
        ]
        return min(holding, key=lambda it: not it.accepts, default=None)


def findings_of(reason: Reason) -> tuple[str, ...]:
    """The findings and matches that a reason is based on, by their stable ids; none where it is based on statements."""
    return tuple(name for name in reason.because if _FINDING.fullmatch(name))


def read_waivers(path: Path, name: str = "") -> WaiverFile:
    """Read a TOML file of `[[waiver]]` tables, or a CSV or XLSX table, reported under its name. Bad waivers are faults;
    raises `ConfigError` for other errors."""
    name = name or path.name
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        tables = _toml(path) if path.suffix.lower() == ".toml" else _table(path)
    except OSError as error:
        raise ConfigError(f"waivers {path}: {error.strerror or error}") from error
    waivers, faults = [], []
    for number, table in tables:
        wrong = [*_faults(name, number, table)]
        faults.extend(wrong)
        if not any(fault.grave for fault in wrong):
            waivers.append(_waiver(name, number, table))
    return WaiverFile(name=name, digest=digest, waivers=tuple(waivers), faults=tuple(faults))


def _toml(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"waivers {path}: {error}") from error
    tables = data.get("waiver", [])
    if set(data) - {"waiver"} or not isinstance(tables, list) or not all(isinstance(it, dict) for it in tables):
        raise ConfigError(f"waivers {path}: only [[waiver]] tables are allowed")
    return [(number, _map_columns(table)) for number, table in enumerate(tables, 1)]


def _table(path: Path) -> list[tuple[int, dict[str, str]]]:
    lines = lines_of(path)
    if not lines:
        return []
    heads = [cell.text for cell in lines[0].cells]
    if not {"finding", "digest"} <= set(_map_columns(dict.fromkeys(heads, ""))):
        raise ConfigError(f"waivers {path}: the headings are {', '.join(_COLUMNS)}")
    tables = []
    for line in lines[1:]:
        table = _map_columns(dict(zip(heads, (cell.text for cell in line.cells), strict=False)))
        void = line.void or next((f"partly {cell.was}" for cell in line.cells if cell.was in ("struck", "merged")), "")
        tables.append((line.number, {**table, _VOID: void} if void else table))
    return tables


def _map_columns(table: Mapping[str, Any]) -> dict[str, str]:
    plain = {key.strip().lower().replace(" ", "_"): str(value).strip() for key, value in table.items()}
    return {_NAMES.get(key, key): value for key, value in plain.items()}


def _faults(file: str, number: int, table: Mapping[str, str]) -> Iterable[Defect]:
    if table.get(_VOID):
        yield Defect(file, number, "", f"is {table[_VOID]} in its sheet: the waiver is not valid")
    for column in _REQUIRED:
        if not table.get(column):
            yield Defect(file, number, column, "is empty: the waiver is not valid")
        elif column in ("name", "reason", "date") and is_placeholder(table[column]):
            yield Defect(file, number, column, f"{table[column]!r} is a placeholder: the waiver is not valid")
    said = table.get("disposition", "")
    if said and _word(said) not in tuple(Disposition):
        yield Defect(file, number, "disposition", f"{said!r} is not one of {', '.join(Disposition)}")
    digest = table.get("digest", "")
    if digest and not DIGEST.fullmatch(digest):
        yield Defect(
            file, number, "digest", f"{digest!r} is not a digest that a scan computes; copy the one that reports print"
        )
    for column in ("date", "expires"):
        if table.get(column) and date_of(table[column]) is None:
            yield Defect(file, number, column, f"{table[column]!r} is ambiguous or not a date; write 2026-11-22")
    for column in sorted(set(table) - {*_COLUMNS, _VOID}):
        if column:
            yield Defect(file, number, column, "is not a column of a waiver and has no effect", grave=False)


def _waiver(file: str, number: int, table: Mapping[str, str]) -> Waiver:
    digest = table["digest"].lower()
    return Waiver(
        file=file,
        number=number,
        finding=table["finding"].lower(),
        rule=table.get("rule", ""),
        digest=digest if ":" in digest else f"xxh3-128:{digest}",
        disposition=Disposition(_word(table["disposition"])),
        name=table["name"],
        role=table.get("role", ""),
        reason=table["reason"],
        on=table["date"],
        expires=date_of(table["expires"]) if table.get("expires") else None,
    )


def _word(said: str) -> str:
    return said.strip().lower().replace("_", "-").replace(" ", "-")
