"""What people decided about a job: waivers, register rows, comments. Two windows lose nothing; each step can be undone.

`decisions.json` in the job's output folder holds all of it with its history; `waivers.toml` and `register.csv` are
written from it. Whichever of these two a person edited by hand is read again before the next step.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from media.errors import ConfigError
from scanner.desk.decision_files import read_rows, read_waivers, write_rows, write_waivers
from scanner.desk.job import DeskJob, refuse_own_delivery
from scanner.output.document import write_document
from scanner.output.staging import hold_folder

__all__ = ["DecisionBook", "DecisionState", "Overtaken", "Step"]

_SCHEMA: Final = "provscan/desk-decisions/1"
_FILE: Final = "decisions.json"
_KEPT: Final = 500
"""Steps that can be undone."""
Table = Mapping[str, str]
_one_change: Final = threading.Lock()
"""Keeps the desk's own threads apart, also where folders cannot be locked."""


class Overtaken(Exception):
    """Another window decided something in the meantime; `now` is what holds."""

    def __init__(self, now: DecisionState) -> None:
        last = f" The last step was: {now.steps[-1].words}" if now.steps else ""
        super().__init__(
            f"Not saved: another window decided something in the meantime.{last} Check it, then decide again."
        )
        self.now = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a person did."""

    words: str
    """What, in a sentence."""
    at: str
    """UTC, ISO 8601."""
    added: tuple[tuple[str, Table], ...] = ()
    """(`waiver`, `row` or `comment`, its cells)."""
    removed: tuple[tuple[str, Table], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionState:
    """Everything that was decided, at one moment."""

    waivers: tuple[Table, ...] = ()
    rows: tuple[Table, ...] = ()
    comments: tuple[Table, ...] = ()
    """`about` (a finding's anchor), `name`, `text`, `at`."""
    steps: tuple[Step, ...] = ()
    """Oldest first."""

    @property
    def version(self) -> str:
        """Changes with every step: a form states from which version it was made."""
        words = json.dumps([self.waivers, self.rows, self.comments, len(self.steps)], sort_keys=True)
        return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()

    def waivers_of(self, findings: Sequence[str], rule: str, digest: str) -> tuple[Table, ...]:
        """What was decided about one reason of one content."""
        names = set(findings) or {rule}
        return tuple(
            it for it in self.waivers
            if it.get("finding") in names and it.get("rule") in ("", rule, None) and it.get("digest") == digest
        )  # fmt: skip

    def comments_on(self, about: str) -> tuple[Table, ...]:
        """Oldest first."""
        return tuple(it for it in self.comments if it.get("about") == about)


class DecisionBook:
    """The decisions of one job. Every change is made of a version, and refused where that is no longer the last one."""

    def __init__(self, job: DeskJob) -> None:
        self._job = job
        self._path = Path(job.out, _FILE)

    def decide(self, version: str, waivers: Sequence[Table], words: str) -> DecisionState:
        """Decide about findings: what was decided about the same finding, rule and content is replaced."""
        keys = {_key(it) for it in waivers}
        with self._changing(version) as state:
            gone = tuple(it for it in state.waivers if _key(it) in keys)
            return self._step(state, words, [("waiver", it) for it in waivers], [("waiver", it) for it in gone])

    def withdraw(self, version: str, waivers: Sequence[Table], words: str) -> DecisionState:
        """Take decisions back."""
        with self._changing(version) as state:
            gone = [("waiver", it) for it in state.waivers if it in waivers]
            return self._step(state, words, [], gone)

    def add_row(self, version: str, row: Table, words: str) -> DecisionState:
        """Add a row to the register of this job; a row with the same `entry_id` is replaced."""
        with self._changing(version) as state:
            gone = [("row", it) for it in state.rows if it.get("entry_id") == row.get("entry_id")]
            return self._step(state, words, [("row", row)], gone)

    def comment(self, version: str, about: str, name: str, text: str) -> DecisionState:
        """Add a remark, which decides nothing."""
        with self._changing(version) as state:
            table = {"about": about, "name": name, "text": text, "at": _now()}
            return self._step(state, f"{name} commented", [("comment", table)], [])

    def undo(self, version: str) -> DecisionState:
        """Take the last step back."""
        with self._changing(version) as state:
            if not state.steps:
                raise ConfigError("There is nothing to undo.")
            last = state.steps[-1]
            changed = _changed(state, added=last.removed, removed=last.added)
            return self._save(state, replace(changed, steps=state.steps[:-1]))

    def _step(
        self, state: DecisionState, words: str, added: Sequence[tuple[str, Table]], removed: Sequence[tuple[str, Table]]
    ) -> DecisionState:
        step = Step(words=words, at=_now(), added=tuple(added), removed=tuple(removed))
        changed = _changed(state, added=step.added, removed=step.removed)
        return self._save(state, replace(changed, steps=(*state.steps, step)[-_KEPT:]))

    @contextmanager
    def _changing(self, version: str) -> Iterator[DecisionState]:
        """The state that a change is made of, while nobody else changes it."""
        refuse_own_delivery(self._job)
        out = Path(self._job.out)
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"output folder {out}: {error.strerror or error}; choose one that can be written"
            ) from error
        with _one_change, hold_folder(out):
            state = self.read()
            if state.version != version:
                raise Overtaken(state)
            yield state

    def _save(self, before: DecisionState, after: DecisionState) -> DecisionState:
        """The book first, with what its files were before: a kill between the two is known by that."""
        files = {path.name: (path, made) for path, made in self._files(after)}
        was = {name: _digest(path) for name, (path, _) in files.items()}
        book = json.dumps({"schema": _SCHEMA, "was": was, **_to_json(after)}, indent=1)
        write_document(self._path, [book.encode()])
        for path, made in files.values():
            _put(path, made)
        return after

    def read(self) -> DecisionState:
        """What holds now. Raises `ConfigError` where a file of it is damaged."""
        try:
            data = json.loads(self._path.read_text("utf-8"))
            if data["schema"] != _SCHEMA:
                raise ConfigError(f"{self._path}: schema {data['schema']!r}; this provscan reads {_SCHEMA}")
            state = _from_json(data)
        except FileNotFoundError:
            data, state = {"was": {}}, DecisionState()
        except OSError as error:
            raise ConfigError(f"{self._path}: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ConfigError(f"{self._path}: not the decisions of a job: {type(error).__name__}") from error
        for path, made in self._files(state):
            now = _digest(path)
            if now == data["was"].get(path.name) and now != _sum(made):  # a kill came between the book and this file
                _put(path, made)
            elif now != _sum(made):
                state = self._adopt(state, path)
        return state

    def _adopt(self, state: DecisionState, path: Path) -> DecisionState:
        """The state with what a person wrote into one of the files by hand."""
        if path == self._job.waivers_file:
            return replace(state, waivers=tuple(read_waivers(path)) if path.exists() else ())
        return replace(state, rows=tuple(read_rows(path)) if path.exists() else ())

    def _files(self, state: DecisionState) -> Iterator[tuple[Path, bytes]]:
        """(path, content) of the documents that `judge` reads; no content where there is nothing to state."""
        yield self._job.waivers_file, write_waivers(state.waivers) if state.waivers else b""
        yield self._job.register_file, write_rows(state.rows) if state.rows else b""


def _key(waiver: Table) -> tuple[str, str, str]:
    return waiver.get("finding", ""), waiver.get("rule", ""), waiver.get("digest", "")


def _changed(
    state: DecisionState, *, added: Sequence[tuple[str, Table]], removed: Sequence[tuple[str, Table]]
) -> DecisionState:
    """Raises `ConfigError` where something that is to be removed is not there: a person edited it by hand."""
    kinds = {"waiver": list(state.waivers), "row": list(state.rows), "comment": list(state.comments)}
    for kind, table in removed:
        if table not in kinds[kind]:
            raise ConfigError(f"This {kind} was changed by hand in the meantime, so the step cannot be undone.")
        kinds[kind].remove(table)
    for kind, table in added:
        kinds[kind].append(table)
    return replace(state, waivers=tuple(kinds["waiver"]), rows=tuple(kinds["row"]), comments=tuple(kinds["comment"]))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(path: Path) -> str:
    """Of a file; empty where there is none, or it is empty."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    return _sum(content)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if content else ""


def _put(path: Path, content: bytes) -> None:
    if content:
        write_document(path, [content])
    else:
        path.unlink(missing_ok=True)


def _to_json(state: DecisionState) -> dict[str, Any]:
    return {
        "waivers": [dict(it) for it in state.waivers],
        "rows": [dict(it) for it in state.rows],
        "comments": [dict(it) for it in state.comments],
        "steps": [
            {"words": it.words, "at": it.at, "added": [[kind, dict(table)] for kind, table in it.added],
             "removed": [[kind, dict(table)] for kind, table in it.removed]}
            for it in state.steps
        ],
    }  # fmt: skip


def _from_json(data: Mapping[str, Any]) -> DecisionState:
    return DecisionState(
        waivers=tuple(map(_table, data["waivers"])),
        rows=tuple(map(_table, data["rows"])),
        comments=tuple(map(_table, data["comments"])),
        steps=tuple(
            Step(
                words=str(it["words"]), at=str(it["at"]),
                added=tuple((str(kind), _table(table)) for kind, table in it["added"]),
                removed=tuple((str(kind), _table(table)) for kind, table in it["removed"]),
            )
            for it in data["steps"]
        ),
    )  # fmt: skip


def _table(data: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in data.items()}
