"""Files of declarations → rows: the register as CSV or XLSX, shot disclosure maps (also as JSON), HPF declarations.

Law: every row that holds anything becomes a `Row`; what is wrong with it stands beside it. HPF: a
declaration is never inferred, and a missing one is not `no_ai`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from scanner.errors import ConfigError
from scanner.policy.columns import COLUMNS, column_of
from scanner.policy.row import Fault, Row, row_of
from scanner.policy.sheet import lines_of
from sheets import Cell, Line

__all__ = ["CLASSES", "Declaration", "RegisterFile", "read_register"]

CLASSES: Mapping[str, int] = {"no_ai": 0, "assistive_ai": 1, "generative_ai": 3}
"""HPF's classifications → how far AI went at most, as `Row.declared` counts."""
_HEAD = 20
"""Rows among which the headings are looked for: trackers begin with a title."""
_TIMECODES = ("tc_in", "tc_out")
MAX_JSON = 64 << 20


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a production declares of the whole, or of one episode."""

    file: str
    classification: str
    episode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """One file, read."""

    name: str
    digest: str
    rows: tuple[Row, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    faults: tuple[Fault, ...] = ()
    unknown: tuple[str, ...] = ()
    """Headings that are none of ours: kept and echoed."""


def read_register(path: Path, name: str = "") -> RegisterFile:
    """The file's rows and declarations, told under its name. `ConfigError` where it is neither; bad rows are faults."""
    name = name or path.name
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"register {path}: {error.strerror or error}") from error
    if path.suffix.lower() == ".json":
        return _from_json(path, name, digest)
    lines = lines_of(path)
    at, columns = _heading(path, lines)
    return _from_lines(name, digest, columns, lines[at + 1 :])


def _heading(path: Path, lines: Sequence[Line]) -> tuple[int, list[str]]:
    best, known = 0, 0
    for number, line in enumerate(lines[:_HEAD]):
        count = len({column_of(cell.text) for cell in line.cells} & set(COLUMNS))
        if count > known:
            best, known = number, count
    if known < 2:
        raise ConfigError(
            f"register {path}: no row of headings was found; `provscan register template` writes one with all of them"
        )
    return best, [column_of(cell.text) for cell in lines[best].cells]


def _from_lines(file: str, digest: str, columns: Sequence[str], lines: Sequence[Line]) -> RegisterFile:
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    names = _unique(columns)
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    message = "two columns mean this; the first that is filled in counts"
    faults.extend(Fault(file, 0, column, message, False) for column in twice)
    for line in lines:
        cells, notes = _cells(file, line, columns, names)
        row, wrong = row_of(file, line.number, cells)
        faults.extend((*notes, *wrong))
        if row.id in seen:
            faults.append(Fault(file, line.number, "entry_id", f"{row.id!r} is also row {seen[row.id]}", False))
            row = replace(row, id=f"{row.id} (row {line.number})")
        seen.setdefault(row.id, line.number)
        rows.append(row)
    unknown = tuple(name for name in dict.fromkeys(columns) if name and name not in COLUMNS)
    return RegisterFile(
        name=file, digest=digest, rows=tuple(rows), faults=tuple(faults), unknown=unknown
    )  # fmt: skip


def _unique(columns: Sequence[str]) -> list[str]:
    """Headings under which cells are kept; one without a heading goes by its letter-less number."""
    return [name or f"column {place}" for place, name in enumerate(columns, 1)]


def _cells(file: str, line: Line, columns: Sequence[str], names: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
    cells: dict[str, str] = {}
    notes: list[Fault] = []
    for place, cell in enumerate(line.cells):
        name = names[place] if place < len(columns) else f"column {place + 1}"
        if not cell.text or cells.get(name):
            continue
        if name in _TIMECODES:
            cell, note = _timecode(file, line.number, name, cell)  # noqa: PLW2901 - the same cell, mended
            notes.extend(note)
        cells[name] = cell.text
    return cells, notes


def _timecode(file: str, number: int, column: str, cell: Cell) -> tuple[Cell, list[Fault]]:
    """A timecode that a spreadsheet took for a time or a day's fraction, as it was meant; and that it was so."""
    text = cell.text
    try:
        serial = Fraction(text) if cell.was == "number" or text.startswith("0.") else None
    except ValueError:
        serial = None
    if serial is not None and 0 < serial < 1:
        whole = round(serial * 86_400_000)
        text = f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}"
        text += f".{whole % 1000:03}" if whole % 1000 else ""
    elif cell.was == "date":  # 24 hours and more, shown as a day
        text = text.rpartition(" ")[2]
    elif cell.was != "time" and text.count(":") + text.count(";") != 2:
        return cell, []
    meant = text if "." in text else f"{text}:00"
    message = f"a spreadsheet made a time of this timecode; read as {meant}. Format the column as text"
    return Cell(meant), [Fault(file, number, column, message, False)]


def _from_json(path: Path, file: str, digest: str) -> RegisterFile:
    try:
        if path.stat().st_size > MAX_JSON:
            raise ConfigError(f"register {path}: larger than {MAX_JSON >> 20} MiB")
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"register {path}: not readable as JSON ({error})") from error
    declarations = tuple(_declarations(file, data))
    entries = _entries(data)
    if not declarations and not entries:
        raise ConfigError(f"register {path}: neither an HPF declaration (hpf_classification) nor rows of uses")
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    lines = [
        Line(number, tuple(Cell(_text(entry.get(column))) for column in columns))
        for number, entry in enumerate(entries, 1)
    ]
    read = _from_lines(file, digest, [column_of(column) for column in columns], lines)
    bad = tuple(
        Fault(file, 0, "hpf_classification", f"{said.classification!r} is not one of {', '.join(CLASSES)}")
        for said in declarations
        if said.classification not in CLASSES
    )
    known = tuple(said for said in declarations if said.classification in CLASSES)
    return replace(read, declarations=known, faults=(*bad, *read.faults))


def _declarations(file: str, data: Any) -> Iterator[Declaration]:
    """At the top, and of episodes in a list below it."""
    tops = data if isinstance(data, list) else [data]
    for top in tops:
        if not isinstance(top, dict):
            continue
        lists = [value for value in top.values() if isinstance(value, list)]
        for entry in (top, *(entry for inner in lists for entry in inner if isinstance(entry, dict))):
            if "hpf_classification" in entry:
                said = str(entry["hpf_classification"]).strip().lower()
                yield Declaration(file, said, str(entry.get("episode", "")).strip())


def _entries(data: Any) -> list[dict[str, Any]]:
    """The objects that are rows: the list itself, or the longest list of objects at the top."""
    lists = [data] if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
    found = [
        [entry for entry in value if isinstance(entry, dict) and "hpf_classification" not in entry]
        for value in lists
        if isinstance(value, list)
    ]
    return max(found, key=len, default=[])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(str(item).strip() for item in value)
    return ("y" if value else "n") if isinstance(value, bool) else str(value).strip()
