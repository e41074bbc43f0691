"""The other way round: what was declared and is not there, and waivers that no longer hold. Pure.

Fed with every record of a run once. Law: every row and every waiver comes out in exactly one state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scanner.model import Record
from scanner.policy.case import Setting, hits_of
from scanner.policy.register import Register
from scanner.policy.row import Row
from scanner.policy.waivers import Waivers

__all__ = ["Reconciliation"]

_STATES = ("found", "no marker found", "not in the delivery")


@dataclass(slots=True)
class Reconciliation:
    """Grows with the register and the waivers, not with the delivery."""

    register: Register
    waivers: Waivers
    day: date | None = None
    _rows: dict[tuple[str, int], int] = field(default_factory=dict)
    """(file, row) → its best state so far, an index of `_STATES`."""
    _used: set[tuple[str, int]] = field(default_factory=set)
    _met: set[tuple[str, int]] = field(default_factory=set)
    """Waivers whose finding is still there, in other content."""

    def add(self, record: Record) -> None:
        """Take one record into account."""
        seen = record.examination
        if self.register.files:
            for row in self.register.naming(seen):
                self._state(row, 1)
            for hit in hits_of(seen, record.findings, record.matches, Setting()):
                if hit.case.about != "unsourced":
                    for bound in self.register.bound(seen, hit):
                        self._state(bound.row, 0)
        if self.waivers.files:
            digest = f"{seen.digest.algorithm}:{seen.digest.value}" if seen.digest else ""
            for reason in record.verdict.reasons:
                for waiver in self.waivers.speaking(reason):
                    (self._used if waiver.digest == digest else self._met).add((waiver.file, waiver.number))

    def _state(self, row: Row, state: int) -> None:
        key = (row.file, row.number)
        self._rows[key] = min(state, self._rows.get(key, len(_STATES)))

    def register_json(self) -> dict[str, Any] | None:
        """What `summary.json` says of the register; None where none was given."""
        if not self.register.files:
            return None
        states = [self._rows.get((row.file, row.number), 2) for row in self.register.rows]
        return {
            "files": [{"name": file.name, "digest": f"sha256:{file.digest}"} for file in self.register.files],
            "rows": len(self.register.rows),
            "states": {name: states.count(number) for number, name in enumerate(_STATES)},
            "declarations": [
                {"file": said.file, "episode": said.episode, "classification": said.classification}
                for said in self.register.declarations
            ],
            "declared_not_found": [
                {"row": row.id, "file": row.file, "number": row.number, "state": _STATES[state], "where": _where(row)}
                for row, state in zip(self.register.rows, states, strict=True)
                if state
            ],
            "faults": [str(fault) for file in self.register.files for fault in file.faults],
            "unknown_columns": [name for file in self.register.files for name in file.unknown],
        }

    def waivers_json(self) -> dict[str, Any] | None:
        """What `summary.json` says of the waivers; None where none were given."""
        if not self.waivers.files:
            return None
        states = {(waiver.file, waiver.number): self._waiver(waiver.file, waiver.number) for waiver in self.waivers.all}
        expired = {(it.file, it.number) for it in self.waivers.all if it.expired(self.day)}
        for key in expired:
            states[key] = "expired"
        return {
            "files": [{"name": file.name, "digest": f"sha256:{file.digest}"} for file in self.waivers.files],
            "waivers": len(self.waivers.all),
            "states": {name: list(states.values()).count(name) for name in ("in use", "stale", "not met", "expired")},
            "not_in_use": [
                {"file": it.file, "number": it.number, "finding": it.finding, "state": states[it.file, it.number]}
                for it in self.waivers.all
                if states[it.file, it.number] != "in use"
            ],
            "faults": [str(fault) for file in self.waivers.files for fault in file.faults],
        }

    def _waiver(self, file: str, number: int) -> str:
        if (file, number) in self._used:
            return "in use"
        return "stale" if (file, number) in self._met else "not met"

    def sentences(self) -> tuple[str, ...]:
        """What a person should be told, besides the reasons of the verdicts."""
        register, waivers = self.register_json() or {}, self.waivers_json() or {}
        said = [*register.get("faults", ()), *waivers.get("faults", ())]
        for row in register.get("declared_not_found", ()):
            absent = row["state"] == _STATES[2]
            what = "declared, but not in the delivery" if absent else "declared; no marker of it was found"
            said.append(f"{row['file']}, row {row['number']} ({row['row']}): {what}: {row['where']}")
        for waiver in waivers.get("not_in_use", ()):
            why = {
                "stale": "stale waiver: the content has changed since",
                "not met": "waiver of something that was not found",
                "expired": "the waiver has expired",
            }[waiver["state"]]
            said.append(f"{waiver['file']}, waiver {waiver['number']} of {waiver['finding']}: {why}")
        return tuple(said)


def _where(row: Row) -> str:
    time = f"{row.tc_in}–{row.tc_out}" if row.tc_in else ""
    place = row.glob or row.digest or ", ".join(row.references)
    return " ".join(filter(None, (place, time))) or row.cells.get("description", "")
