"""Reads rows from files of declarations: the register as CSV or XLSX, shot disclosure maps (also as JSON), HPF
declarations.

Rule: every row that holds anything becomes a `Row`, with its faults beside it. HPF: a declaration is never inferred,
and a missing one is not `no_ai`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from media.tables import MAX_ROWS, Cell, SheetRow
from scanner.judge.register.columns import ASKED, COLUMNS, NOTHING, column_of, guess_of
from scanner.judge.register.row import Defect, Row, row_of
from scanner.judge.register.sheet import lines_of, sheets_of

__all__ = ["CLASSES", "Declaration", "RegisterFile", "read_register"]

CLASSES: Mapping[str, int] = {"no_ai": 0, "assistive_ai": 1, "generative_ai": 3}
"""HPF's classification → how far AI went at most, as `Row.declared` counts."""
_HEAD = 20
"""Rows among which the headings are looked for: trackers begin with a title."""
_TIMECODES = ("tc_in", "tc_out")
MAX_JSON = 64 << 20


@dataclass(frozen=True, slots=True)
class Declaration:
    """A production's declaration about the whole, or about one episode."""

    file: str
    classification: str
    episode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """One register file."""

    name: str
    digest: str
    rows: tuple[Row, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    faults: tuple[Defect, ...] = ()
    unknown: tuple[str, ...] = ()
    """Headings that are not the register's: kept and echoed."""


def read_register(path: Path, name: str = "", columns: Mapping[str, str] = NOTHING) -> RegisterFile:
    """Read the rows and declarations of a file, reported under its name. Bad rows are faults. Raises `ConfigError` for
    a file of another kind."""
    name = name or path.name
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"register {path}: {error.strerror or error}") from error
    if path.suffix.lower() == ".json":
        return _from_json(path, name, digest, columns)
    sheets = ((sheet, lines_of(path, sheet)) for sheet in sheets_of(path))
    tables = [(sheet, lines, head) for sheet, lines in sheets if (head := _heading(lines, columns))]
    if not tables:
        raise ConfigError(
            f"register {path}: no row of headings was found; `provscan register template` writes one with all of them"
        )
    read = [
        _from_lines(name if len(tables) == 1 else f"{name}, sheet {sheet}", digest, head[1], lines[head[0] + 1 :])
        for sheet, lines, head in tables
    ]
    return RegisterFile(
        name=name,
        digest=digest,
        rows=tuple(row for one in read for row in one.rows),
        faults=tuple(fault for one in read for fault in one.faults),
        unknown=tuple(dict.fromkeys(heading for one in read for heading in one.unknown)),
    )


def _heading(lines: Sequence[SheetRow], columns: Mapping[str, str]) -> tuple[int, list[str]] | None:
    """Which row has the headings, and the columns that they mean; None for a cover page or an explanation."""
    best, known = 0, 0
    for number, line in enumerate(lines[:_HEAD]):
        count = len({column_of(cell.text, columns) for cell in line.cells} & set(COLUMNS))
        if count > known:
            best, known = number, count
    if known < 2:
        return None
    return best, [column_of(cell.text, columns) for cell in lines[best].cells]


def _from_lines(file: str, digest: str, columns: Sequence[str], lines: Sequence[SheetRow]) -> RegisterFile:
    # One without a heading goes by its number.
    names = [name or f"column {place}" for place, name in enumerate(columns, 1)]
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    message = "two columns mean this; the first that is filled in counts"
    unknown = tuple(name for name in dict.fromkeys(columns) if name and name not in COLUMNS)
    faults = (*(Defect(file, 0, column, message, False) for column in twice), *_guess_headings(file, unknown))
    more = [f"column {place}" for place in range(len(names) + 1, max((len(it.cells) for it in lines), default=0) + 1)]
    short = [Cell("")] * len(names)
    named = ((it.number, zip((*names, *more), (*it.cells, *short), strict=False)) for it in lines)
    read = _from_cells(file, digest, named, {it.number: it.void for it in lines if it.void})
    return replace(read, faults=(*faults, *read.faults), unknown=unknown)


def _guess_headings(file: str, unknown: Iterable[str]) -> Iterator[Defect]:
    """Headings that were not understood, with what they were probably meant to be."""
    for heading in unknown:
        if guess := guess_of(heading):
            message = (
                f"is not a known heading and has no effect; if it means {guess}, rename it, or map it in [columns]"
            )
            yield Defect(file, 0, heading, message, False)


def _from_cells(
    file: str, digest: str, lines: Iterable[tuple[int, Iterable[tuple[str, Cell]]]], void: Mapping[int, str] = NOTHING
) -> RegisterFile:
    rows: list[Row] = []
    faults: list[Defect] = []
    seen: dict[str, int] = {}
    for number, named in lines:
        cells, notes = _cells(file, number, named)
        row, wrong = row_of(file, number, cells, void=void.get(number, ""))
        faults.extend((*notes, *wrong))
        if row.void:
            faults.append(
                Defect(file, number, "", f"is {row.void} in its sheet: it approves nothing and informs nobody")
            )
        grave = (note.column for note in notes if note.grave)
        row = replace(row, wrong=tuple(dict.fromkeys((*row.wrong, *grave))))
        if row.id in seen:
            faults.append(Defect(file, number, "entry_id", f"{row.id!r} is also row {seen[row.id]}", False))
            row = replace(row, id=f"{row.id} (row {number})")
        seen.setdefault(row.id, number)
        rows.append(row)
    return RegisterFile(name=file, digest=digest, rows=tuple(rows), faults=tuple(faults))


def _cells(file: str, number: int, named: Iterable[tuple[str, Cell]]) -> tuple[dict[str, str], list[Defect]]:
    cells: dict[str, str] = {}
    notes: list[Defect] = []
    for name, cell in named:
        if not cell.text or cells.get(name):
            if name in ASKED:
                cells.setdefault(name, "")  # the sheet asks for it
            continue
        text = cell.text
        if cell.was == "formula":
            notes.append(Defect(file, number, name, "is a formula without its value; save the file in a spreadsheet"))
        elif name in _TIMECODES:
            text, note = _timecode(file, number, name, cell)
            notes.extend(note)
        cells[name] = text
    return cells, notes


def _timecode(file: str, number: int, column: str, cell: Cell) -> tuple[str, list[Defect]]:
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
        return text, []
    meant = text if "." in text else f"{text}:00"
    message = f"the spreadsheet converted this timecode to a time; it is read as {meant}. Format the column as text"
    return meant, [Defect(file, number, column, message, False)]


def _from_json(path: Path, file: str, digest: str, headings: Mapping[str, str]) -> RegisterFile:
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
    if len(entries) > MAX_ROWS:
        raise ConfigError(f"register {path}: more than {MAX_ROWS:,} rows")
    columns = {key: column_of(key, headings) for key in dict.fromkeys(key for entry in entries for key in entry)}
    lines = (
        (number, ((columns[key], Cell(_text(value))) for key, value in entry.items()))
        for number, entry in enumerate(entries, 1)
    )
    unknown = tuple(name for name in dict.fromkeys(columns.values()) if name and name not in COLUMNS)
    read = replace(_from_cells(file, digest, lines), unknown=unknown)
    read = replace(read, faults=(*_guess_headings(file, unknown), *read.faults))
    bad = tuple(
        Defect(file, 0, "hpf_classification", f"{said.classification!r} is not one of {', '.join(CLASSES)}")
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
