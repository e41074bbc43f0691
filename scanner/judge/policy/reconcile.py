"""Compares the register with the delivery both ways: declared but not found, found but not declared, declared
otherwise. Pure.

Reads every record of a run once. Rule: every row and every waiver ends in exactly one state; the first few undeclared
findings are kept and all are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scanner.judge.case import Hit, Setting, hits_of
from scanner.judge.policy.content import Content, content_of, digest_of
from scanner.judge.policy.register import Register
from scanner.judge.policy.waivers import Waiver, Waivers
from scanner.judge.register.cells import Defect
from scanner.judge.register.faults_grouped import grouped
from scanner.judge.register.row import Row
from scanner.model import Examination, Outcome, Record

__all__ = ["Reconciliation", "describe_found", "describe_register", "describe_waivers"]

_FIRST = 50
"""Of what is not declared, or otherwise, so many are named."""
_LISTED = 1000
"""Of rows that were not found, and of faults, so many are listed; above it, rows with the same fault share a line."""
_NAMED = 5
_WAIVERS = ("in use", "sampled", "stale", "not met", "expired")
_STATES = ("found", "no marker found", "not in the delivery")


@dataclass(slots=True)
class _Some:
    """The first few causes of many, how many hits they have, and where each is seen besides."""

    count: int = 0
    first: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, cause: str, one: Mapping[str, str]) -> None:
        self.count += 1
        known = self.first.get(cause)
        place = f"{one['root']}/{one['path']}"
        if known is None and len(self.first) < _FIRST:
            self.first[cause] = {**one, "hits": 1}
        elif known is not None:
            known["hits"] += 1
            elsewhere = place not in (f"{known['root']}/{known['path']}", *known.get("also_in", ()))
            if elsewhere and len(known.get("also_in", ())) < _FIRST:
                known.setdefault("also_in", []).append(place)

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "first": list(self.first.values())}


@dataclass(slots=True)
class Reconciliation:
    """The comparison. Its size depends on the register and the waivers, not on the delivery."""

    register: Register
    waivers: Waivers
    day: date | None = None
    _rows: dict[tuple[str, int], int] = field(default_factory=dict)
    """(file, row) → its best state so far, an index of `_STATES`."""
    _used: set[tuple[str, int]] = field(default_factory=set)
    _met: set[tuple[str, int]] = field(default_factory=set)
    """Waivers whose finding is still there, in other content."""
    _sampled: dict[tuple[str, int], str] = field(default_factory=dict)
    """Waivers that name a sample of the content, or were given for all where a sample was taken; with its digest."""
    _undeclared: _Some = field(default_factory=_Some)
    _contradicted: _Some = field(default_factory=_Some)

    def add(self, record: Record) -> None:
        """Take one record into account."""
        seen = record.examination
        if self.register.files:
            for row in self.register.naming(seen):
                self._state(row, 1)
            asked = {name for it in record.verdict.reasons if it.outcome is not Outcome.PASS for name in it.because}
            for hit in hits_of(seen, record.findings, record.matches, Setting()):
                if hit.case.about != "unsourced":
                    self._note_declared(record, hit, asked=hit.id in asked)
        if self.waivers.files:
            for reason in record.verdict.reasons:
                for waiver in self.waivers.speaking(reason):
                    self._note_waiver(waiver, seen)

    def _note_declared(self, record: Record, hit: Hit, *, asked: bool) -> None:
        """Note whether rows cover a hit, and whether they or the whole's declarations disagree with it."""
        seen = record.examination
        bound = self.register.find_declarations(seen, hit).bound
        for one in bound:
            self._state(one.row, 0)
        whole = digest_of(seen).rpartition(":")[2] if hit.case.about == "finding" else hit.cause
        cause = hit.contents[0] if hit.contents else whole
        place = {"root": seen.asset.root, "path": seen.asset.path, "finding": hit.id, "found": _words(hit)}
        if not bound and asked:
            self._undeclared.add(cause, place)
        otherwise = [f"row {one.row.id} declares {one.row.said}" for one in bound if one.contradicts]
        otherwise += [f"{it.file} declares {it.classification}" for it in self.register.denials(seen.asset, hit)]
        if otherwise:
            said = "; ".join(otherwise)
            self._contradicted.add(f"{cause} {said}", {**place, "declared": said})

    def _note_waiver(self, waiver: Waiver, seen: Examination) -> None:
        """A waiver of what was found here: in this content, in a sample of it, or in another."""
        key, known = (waiver.file, waiver.number), content_of(waiver.digest, seen)
        if known in (Content.SAMPLE, Content.UNKNOWN):
            self._sampled[key] = digest_of(seen) if seen.whole else ""
        else:
            (self._used if known is Content.WHOLE else self._met).add(key)

    def _state(self, row: Row, state: int) -> None:
        key = (row.file, row.number)
        self._rows[key] = min(state, self._rows.get(key, len(_STATES)))

    def register_json(self) -> dict[str, Any] | None:
        """The register's part of `summary.json`; None where no register was given."""
        if not self.register.files:
            return None
        rows = self.register.rows
        states = [self._rows.get(row.key, 2) for row in rows]
        missing = [(row, _STATES[state]) for row, state in zip(rows, states, strict=True) if state]
        return {
            "files": [{"name": file.name, "digest": f"sha256:{file.digest}"} for file in self.register.files],
            "rows": len(rows),
            "states": {name: states.count(number) for number, name in enumerate(_STATES)},
            "declarations": [
                {"file": said.file, "episode": said.episode, "classification": said.classification}
                for said in self.register.declarations
            ],
            "declared_not_found": [_missing_json(row, state) for row, state in missing[:_LISTED]],
            **({"declared_not_found_more": more} if (more := len(missing[_LISTED:])) else {}),
            "found_not_declared": self._undeclared.to_json(),
            "contradictions": self._contradicted.to_json(),
            "faults": _list_faults([fault for file in self.register.files for fault in file.faults]),
            "unknown_columns": [name for file in self.register.files for name in file.unknown],
        }

    def waivers_json(self) -> dict[str, Any] | None:
        """The waivers' part of `summary.json`; None where none were given."""
        if not self.waivers.files:
            return None
        states = {(waiver.file, waiver.number): self._waiver(waiver.file, waiver.number) for waiver in self.waivers.all}
        expired = {(it.file, it.number) for it in self.waivers.all if it.expired(self.day)}
        for key in expired:
            states[key] = "expired"
        return {
            "files": [{"name": file.name, "digest": f"sha256:{file.digest}"} for file in self.waivers.files],
            "waivers": len(self.waivers.all),
            "states": {name: list(states.values()).count(name) for name in _WAIVERS},
            "not_in_use": [
                {
                    "file": it.file,
                    "number": it.number,
                    "finding": it.finding,
                    "state": states[it.file, it.number],
                    **({"content": whole} if (whole := self._sampled.get((it.file, it.number), "")) else {}),
                }
                for it in self.waivers.all
                if states[it.file, it.number] != "in use"
            ],
            "faults": [str(fault) for file in self.waivers.files for fault in file.faults],
        }

    def _waiver(self, file: str, number: int) -> str:
        if (file, number) in self._used:
            return "in use"
        if (file, number) in self._sampled:
            return "sampled"
        return "stale" if (file, number) in self._met else "not met"

    def sentences(self) -> tuple[str, ...]:
        """The statements that belong to no file, and so to no verdict."""
        return (*describe_register(self.register_json() or {}), *describe_waivers(self.waivers_json() or {}))


def _missing_json(row: Row, state: str) -> dict[str, Any]:
    """A row without a finding."""
    planned = {"planned": True} if row.status == "planned" else {}
    where = {"file": row.file, "number": row.number, "state": state, "where": _where(row)}
    return {"row": row.id, **where, **planned}


def _list_faults(faults: Sequence[Defect]) -> list[str]:
    if len(faults) <= _LISTED:
        return list(map(str, faults))
    lines = list(grouped(faults))
    if more := len(lines[_LISTED:]):
        return [*lines[:_LISTED], f"and {more:,} more faults; `provscan register check` lists them"]
    return lines


def describe_register(told: Mapping[str, Any]) -> Iterator[str]:
    """The sentences of `summary.json` about the register: faults first, then declared and not found."""
    yield from told.get("faults", ())
    for row in told.get("declared_not_found", ()):
        absent = row["state"] == _STATES[2]
        if absent and row.get("planned"):
            continue  # nothing of it exists yet, as its row says
        what = "declared, but missing from the delivery" if absent else "declared, but no marker was found"
        yield f"{row['file']}, row {row['number']} ({row['row']}): {what}: {row['where']}"
    if more := told.get("declared_not_found_more"):
        yield f"and {more:,} more declared rows without a finding"


def describe_found(told: Mapping[str, Any]) -> Iterator[str]:
    """The sentences about what was found and is declared otherwise, or not at all."""
    yield from _each(told.get("contradictions"), lambda it: f"declared differently from the finding ({it['declared']})")
    yield from _each(told.get("found_not_declared"), lambda it: "found, but not declared in the register")


def _each(some: Mapping[str, Any] | None, what: Callable[[Mapping[str, Any]], str]) -> Iterator[str]:
    first = some["first"] if some else ()
    for it in first:
        others = it.get("also_in", ())
        also = f"; also in {', '.join(others[:_NAMED])}" if others else ""
        more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        yield f"{it['root']}/{it['path']}: {what(it)}: {it['found']}, finding {it['finding']}{also}{more}"
    named = sum(it.get("hits", 1) for it in first)
    if some and some["count"] > named:
        yield f"and {some['count'] - named:,} more of these"


def describe_waivers(told: Mapping[str, Any]) -> Iterator[str]:
    """The sentences of `summary.json` about the waivers: faults first, then those that accept nothing."""
    yield from told.get("faults", ())
    for waiver in told.get("not_in_use", ()):
        why = {
            "stale": "the waiver is stale: the content has changed since",
            "not met": "the waiver names a finding that is not in this scan",
            "expired": "the waiver has expired",
            "sampled": "the waiver has no effect: its digest or the scan's covers only a sample of the content; "
            + (f"enter {waiver['content']}" if waiver.get("content") else "scan again with this waiver"),
        }.get(waiver["state"], waiver["state"])
        yield f"{waiver['file']}, waiver {waiver['number']} of {waiver['finding']}: {why}"


def _words(hit: Hit) -> str:
    return hit.case.claim.value if hit.case.claim else f"{hit.case.relation} {hit.case.role}: {hit.note}"


def _where(row: Row) -> str:
    time = f"{row.tc_in}–{row.tc_out}" if row.tc_in else ""
    place = row.glob or row.digest or ", ".join(row.references)
    return " ".join(filter(None, (place, time))) or row.cells.get("description", "")
