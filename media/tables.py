"""Tables as productions keep them: CSV with `,` `;` or tab, with or without a byte order mark, and XLSX.

Rule: a cell is text, and `Cell.was` states its former type; only empty rows and hidden sheets are left out, and a file
that is larger than people make them is refused completely. What is written cannot be a formula. Workbooks are read here
and written by `workbook`; nothing else opens openpyxl.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from media.encoding import open_text

__all__ = ["Cell", "SheetFault", "SheetRow", "csv_line", "read_table", "sheet_names", "write_csv"]

MAX_ROWS = 100_000
_MAX_LINES = 1 << 20
"""With the empty ones: a sheet that was formatted to its end has as many."""
MAX_COLUMNS = 512
MAX_BYTES = 512 << 20
MAX_WORKBOOK = 64 << 20
MAX_UNPACKED = 1 << 30
"""200,000 rows with a register's 30 columns filled in unpack to 300 MB."""
_BEGIN = 1 << 16
"""Characters in which the delimiter is looked for."""
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
"""What a spreadsheet may take for a formula. Apostrophes before it are counted: one is added, and one taken away."""


_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*?ref=.([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_LONGEST_TAG = 400
"""Bytes of a tag that is looked for across two pieces."""
_MAX_MERGED = 100_000
_HIDDEN = re.compile(rb"<(?:\w+:)?row [^>]*hidden=.(?:1|true)")


class SheetFault(Exception):
    """The file is not a readable table. The message names it, and states why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as text."""

    text: str
    was: str = "text"
    """Its type in the spreadsheet: `text`, `date`, `time`, `number`, or a `formula` without a computed value; `struck`
    for one that is crossed out in a row that is not, `merged` for one that a cell above it covers."""


_NONE = Cell("")
"""Most cells of most tables."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not empty, with its number as the spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]
    void: str = ""
    """Why a person who looks at the sheet does not see it, or sees it crossed out: `hidden`, `struck out`."""


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook that are not hidden; for another table its only one, which has no name."""
    if not _is_workbook(path):
        return [""]
    with _workbook(path) as book:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def read_table(path: Path, *, sheet: str = "", most: int = MAX_ROWS) -> Iterator[SheetRow]:
    """The rows that hold anything, of the sheet of that name or of the first that is not hidden. Raises `SheetFault`
    where the file is not a table, or has more rows than the limit."""
    count = 0
    try:
        for line in _xlsx(path, sheet) if _is_workbook(path) else _csv(path):
            if any(cell.text for cell in line.cells):
                yield line
                count += 1
            if count > most or line.number > _MAX_LINES:
                raise SheetFault(f"{path}: more than {most:,} rows. Split it into several files, and name each of them")
    except OSError as error:
        raise SheetFault(f"{path}: {error.strerror or error}") from error


def _csv(path: Path) -> Iterator[SheetRow]:
    with open_text(_check_size(path, MAX_BYTES)) as file:
        # A title may stand above the headings.
        first = [line for line in file.read(_BEGIN).splitlines() if line.strip()][:20]
        delimiter = max(",;\t", key=lambda sign: max((line.count(sign) for line in first), default=0))
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for number, row in enumerate(rows, 1):
                if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                    raise SheetFault(f"{path}, line {number}: more than {MAX_COLUMNS} columns")
                cells = [Cell(text) if (text := _unescape(value.strip())) else _NONE for value in row[:MAX_COLUMNS]]
                yield SheetRow(number, tuple(cells))
        except csv.Error as error:
            raise SheetFault(f"{path}, line {rows.line_num}: {error}") from error


def _unescape(value: str) -> str:
    """Without the apostrophe that keeps a cell from being a formula."""
    return value[1:] if value[:1] == "'" and _FORMULA.match(value, 1) else value


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm")


def _check_size(path: Path, most: int) -> Path:
    if (size := path.stat().st_size) > most:
        raise SheetFault(f"{path}: larger than any table of this kind: {size:,} bytes")
    return path


@contextmanager
def _workbook(path: Path, *, formulas: bool = False) -> Iterator[Any]:
    import openpyxl  # seldom needed, and slow to load

    try:
        with zipfile.ZipFile(_check_size(path, MAX_WORKBOOK)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise SheetFault(f"{path}: unpacks to more than {MAX_UNPACKED >> 20} MiB")
        book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
        try:
            yield book
        finally:
            book.close()
    except (SheetFault, OSError):
        raise
    except Exception as error:
        raise SheetFault(f"{path}: not a readable XLSX workbook ({error})") from error


def _xlsx(path: Path, sheet: str) -> Iterator[SheetRow]:
    """Every cell's value beside what was written into it: a formula that nobody worked out has no value."""
    with _workbook(path) as values, _workbook(path, formulas=True) as written:
        shown = (it.title for it in values.worksheets if it.sheet_state == "visible" and sheet in ("", it.title))
        name = next(shown, None)
        if name is None:
            raise SheetFault(f"{path}: has no sheet with cells that is not hidden")
        marks = _read_marks(written, name)
        for book in (values, written):
            book[name].reset_dimensions()  # what a sheet declares of its size may leave rows out
        both = (book[name].iter_rows(values_only=True, max_col=MAX_COLUMNS + 1) for book in (values, written))
        gap: object = None
        for number, (row, said) in enumerate(zip(*both, strict=True), 1):
            if said is gap and number <= _MAX_LINES:
                continue  # one cell in the last row makes a million empty ones before it, which are one tuple
            if not any(value is not None for value in said):
                gap = said
            if any(value is not None for value in said[MAX_COLUMNS:]):
                raise SheetFault(f"{path}, row {number}: more than {MAX_COLUMNS} columns")
            cells = tuple(_cell(value) for value in _trim_row(tuple(map(_value, row, said))))
            yield SheetRow(number, marks.of(number, cells), marks.void.get(number, ""))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a person sees of the rows of a sheet beside their values."""

    void: dict[int, str] = field(default_factory=dict)
    struck: dict[int, frozenset[int]] = field(default_factory=dict)
    """The columns, from 1, of cells that are crossed out in a row that is not void."""
    merged: dict[int, set[int]] = field(default_factory=dict)
    """The columns of cells that a merged cell above covers."""

    def of(self, number: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells of a row, with those that are crossed out or covered marked."""
        struck, merged = self.struck.get(number, frozenset()), self.merged.get(number, ())
        if not struck and not merged:
            return cells
        marked = [replace(cell, was="struck") if at in struck else cell for at, cell in enumerate(cells, 1)]
        marked += [_NONE] * (max((column for column in merged if column <= MAX_COLUMNS), default=0) - len(marked))
        for column in merged:
            if column <= len(marked):
                marked[column - 1] = replace(marked[column - 1], was="merged")
        return tuple(marked)


def _merged_cells(refs: Iterable[tuple[bytes, ...]], where: str) -> dict[int, set[int]]:
    """Row → the columns that cells which are merged over several rows cover below their first row."""
    from openpyxl.utils import column_index_from_string

    found: dict[int, set[int]] = {}
    for left, top, right, bottom in refs:
        first, last = (min(column_index_from_string(side.decode()), MAX_COLUMNS) for side in (left, right))
        for row in range(int(top) + 1, int(bottom) + 1):
            found.setdefault(row, set()).update(range(first, last + 1))
            if len(found) > _MAX_MERGED:
                raise SheetFault(f"{where}: merged cells cover more than {_MAX_MERGED:,} rows: unmerge them")
    return found


def _read_marks(book: Any, name: str) -> _Marks:
    """The rows of a sheet that are hidden, by hand or by a filter, or of which every cell is struck out; and its cells
    that are struck out or merged."""
    from openpyxl.worksheet._reader import WorkSheetParser

    struck = {number for number, style in enumerate(book._cell_styles) if book._fonts[style.fontId].strike}
    sheet = book[name]
    hides, refs, rest = False, set[tuple[bytes, ...]](), b""
    with sheet._get_source() as source:
        for piece in iter(lambda: source.read(1 << 20), b""):
            hides = hides or _HIDDEN.search(rest + piece) is not None
            refs.update(_MERGED.findall(rest + piece))
            rest = piece[-_LONGEST_TAG:]
    marks = _Marks(merged=_merged_cells(refs, name))
    if not hides and not struck:
        return marks
    with sheet._get_source() as source:
        parser = WorkSheetParser(source, sheet._shared_strings, data_only=False, epoch=book.epoch)
        for number, cells in parser.parse():
            row = parser.row_dimensions.get(str(number), {})
            styles = [cell["style_id"] for cell in cells if cell.get("value") not in (None, "")]
            if row.get("hidden") in ("1", "true"):
                marks.void[number] = "hidden"
            elif styles and struck.issuperset(styles):
                marks.void[number] = "struck out"
            elif not struck.isdisjoint(styles):
                marks.struck[number] = frozenset(cell["column"] for cell in cells if cell["style_id"] in struck)
    return marks


@dataclass(frozen=True, slots=True)
class _Formula:
    """One without a value."""

    text: str


def _value(value: Any, said: Any) -> Any:
    return _Formula(str(said)) if value is None and said is not None else value


def _trim_row(row: Sequence[Any]) -> Sequence[Any]:
    """Without the empty cells behind the last that is not: every row comes as wide as a row may be."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _cell(value: Any) -> Cell:
    if value is None:
        return _NONE
    if isinstance(value, _Formula):
        return Cell(value.text, "formula")
    if isinstance(value, datetime):
        if value.year < 1901:  # a time of more than 24 hours, or of day zero
            return Cell(_clock(value - datetime(1899, 12, 31)), "time")
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return Cell(value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds"), "date")
    if isinstance(value, date):
        return Cell(value.isoformat(), "date")
    if isinstance(value, time):
        since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
        return Cell(_clock(since), "time")
    if isinstance(value, timedelta):
        return Cell(_clock(value), "time")
    if isinstance(value, bool):
        return Cell("y" if value else "n")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Cell(str(value).strip(), "number" if isinstance(value, int | float) else "text")


def _clock(since: timedelta) -> str:
    whole, rest = divmod(round(since.total_seconds() * 1000), 1000)
    shown = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{shown}.{rest:03}" if rest else shown


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]], separator: str = ",") -> Iterator[str]:
    """The table in pieces; the first begins with a byte order mark, as Excel needs."""
    yield "\ufeff" + csv_line(columns, separator)
    for row in rows:
        yield csv_line([row.get(column, "") for column in columns], separator)


def csv_line(cells: Sequence[str], separator: str = ",") -> str:
    """One row, no cell of which can be a formula. `read_table` returns the same cells."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerow(map(_inert, cells))
    return text.getvalue()


def _inert(value: str) -> str:
    plain = value.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{plain}" if _FORMULA.match(plain) else plain
