"""Reads rows from files of declarations: the register as CSV or XLSX, shot disclosure maps (also as JSON), HPF
declarations.

Rule: every row that holds anything becomes a `Row`, with its faults beside it. HPF: a declaration is never inferred,
and a missing one is not `no_ai`. A large table is read and passed on in parts, so that nothing holds it twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from media.tables import Cell
from scanner.judge.register.columns import COLUMNS, NOTHING, column_of, guess_of
from scanner.judge.register.row import Defect, Row
from scanner.judge.register.row_reader import RowReader, name_cells
from scanner.judge.register.sheet import sheets_of, stream_lines

__all__ = ["CLASSES", "MAX_ROWS", "Declaration", "RegisterFile", "join_parts", "read_parts", "read_register"]

CLASSES: Mapping[str, int] = {"no_ai": 0, "assistive_ai": 1, "generative_ai": 3}
"""HPF's classification → how far AI went at most, as `Row.declared` counts."""
_HEAD = 20
"""Rows among which the headings are looked for: trackers begin with a title."""
MAX_ROWS = 500_000
"""Of a file. 200,000 with 30 columns filled in take 430 MB."""
_LINES = MAX_ROWS + 1000
"""With those above the rows."""
MAX_JSON = 256 << 20
_PART = 20_000
"""Rows that are passed on at a time."""


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
    a file of another kind, and for one of more rows than `MAX_ROWS`."""
    return join_parts(tuple(read_parts(path, name, columns)))


def join_parts(parts: Sequence[RegisterFile]) -> RegisterFile:
    """The whole register of its parts, in their order."""
    return RegisterFile(
        name=parts[0].name,
        digest=parts[0].digest,
        rows=tuple(row for one in parts for row in one.rows),
        declarations=tuple(said for one in parts for said in one.declarations),
        faults=tuple(fault for one in parts for fault in one.faults),
        unknown=tuple(dict.fromkeys(heading for one in parts for heading in one.unknown)),
    )


def read_parts(path: Path, name: str = "", columns: Mapping[str, str] = NOTHING) -> Iterator[RegisterFile]:
    """The same in parts of some thousand rows; at least one. See `read_register`."""
    name = name or path.name
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"register {path}: {error.strerror or error}") from error
    if path.suffix.lower() == ".json":
        yield from _from_json(path, name, digest, columns)
        return
    heads = {sheet: head for sheet in sheets_of(path) if (head := _heading(path, sheet, columns))}
    if not heads:
        raise ConfigError(
            f"register {path}: no row of headings was found; `provscan register template` writes one with all of them"
        )
    rows = 0
    for sheet, (above, headings) in heads.items():
        called = name if len(heads) == 1 else f"{name}, sheet {sheet}"
        lines = islice(stream_lines(path, sheet, _LINES), above, None)
        reader = RowReader(called)
        made = (reader.read(line.number, name_cells(line, headings), line.void) for line in lines)
        start = RegisterFile(name=name, digest=digest, **_judge_headings(called, headings))
        for part in _cut_parts(made, start):
            _check_count(path, rows := rows + len(part.rows))
            yield part


def _check_count(path: Path, rows: int) -> None:
    if rows > MAX_ROWS:
        raise ConfigError(
            f"register {path}: more than {MAX_ROWS:,} rows. Split it, by episode for instance, and give each file with"
            " --register"
        )


def _cut_parts(made: Iterator[tuple[Row, list[Defect]]], start: RegisterFile) -> Iterator[RegisterFile]:
    """The rows and their faults in parts; the first begins with what is known of the whole table."""
    part = start
    while some := list(islice(made, _PART)):
        faults = tuple(fault for _, wrong in some for fault in wrong)
        yield replace(part, rows=tuple(row for row, _ in some), faults=(*part.faults, *faults))
        part = RegisterFile(name=start.name, digest=start.digest)
    if part is start:
        yield start


def _heading(path: Path, sheet: str, columns: Mapping[str, str]) -> tuple[int, list[str]] | None:
    """How many lines of a sheet end with its headings, and the columns that they mean; None for a cover page or an
    explanation."""
    lines = list(islice(stream_lines(path, sheet, _LINES), _HEAD))
    best, known = 0, 0
    for number, line in enumerate(lines):
        count = len({column_of(cell.text, columns) for cell in line.cells} & set(COLUMNS))
        if count > known:
            best, known = number, count
    if known < 2:
        return None
    return best + 1, [column_of(cell.text, columns) for cell in lines[best].cells]


def _judge_headings(file: str, columns: Sequence[str]) -> dict[str, Any]:
    """What is wrong with a table's headings, and which are not the register's."""
    twice = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    message = "two columns mean this; the first that is filled in counts"
    unknown = tuple(name for name in dict.fromkeys(columns) if name and name not in COLUMNS)
    faults = (*(Defect(file, 0, column, message, False) for column in twice), *_guess_headings(file, unknown))
    return {"faults": faults, "unknown": unknown}


def _guess_headings(file: str, unknown: Iterable[str]) -> Iterator[Defect]:
    """Headings that were not understood, with what they were probably meant to be."""
    for heading in unknown:
        if guess := guess_of(heading):
            message = (
                f"is not a known heading and has no effect; if it means {guess}, rename it, or map it in [columns]"
            )
            yield Defect(file, 0, heading, message, False)


def _from_json(path: Path, file: str, digest: str, headings: Mapping[str, str]) -> Iterator[RegisterFile]:
    try:
        if path.stat().st_size > MAX_JSON:
            raise ConfigError(f"register {path}: larger than {MAX_JSON >> 20} MiB. Split it, and name each file")
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"register {path}: not readable as JSON ({error})") from error
    declarations = tuple(_declarations(file, data))
    entries = _entries(data)
    if not declarations and not entries:
        raise ConfigError(f"register {path}: neither an HPF declaration (hpf_classification) nor rows of uses")
    _check_count(path, len(entries))
    columns = {key: column_of(key, headings) for key in dict.fromkeys(key for entry in entries for key in entry)}
    unknown = tuple(name for name in dict.fromkeys(columns.values()) if name and name not in COLUMNS)
    bad = tuple(
        Defect(file, 0, "hpf_classification", f"{said.classification!r} is not one of {', '.join(CLASSES)}")
        for said in declarations
        if said.classification not in CLASSES
    )
    start = RegisterFile(
        name=file,
        digest=digest,
        declarations=tuple(said for said in declarations if said.classification in CLASSES),
        faults=(*bad, *_guess_headings(file, unknown)),
        unknown=unknown,
    )
    reader = RowReader(file)
    made = (
        reader.read(number, ((columns[key], Cell(_text(value))) for key, value in entry.items()))
        for number, entry in enumerate(entries, 1)
    )
    yield from _cut_parts(made, start)


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
