"""Makes rows of a table's cells, one after another, with what is wrong with each. What rows repeat is kept once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from media.tables import Cell, SheetRow
from scanner.judge.register.cells import Defect
from scanner.judge.register.columns import ASKED, COLUMNS
from scanner.judge.register.row import Row, row_of
from scanner.judge.register.row_cells import Cells

__all__ = ["RowReader", "name_cells"]

_TIMECODES: Final = ("tc_in", "tc_out")
_REPEATED: Final = 65_536
"""Texts that are compared with later ones: names, words, dates, and what comes first of the others."""


class RowReader:
    """Makes the rows of one table. A row whose id an earlier one has gets its number behind it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._texts: dict[str, str] = {}

    def read(self, number: int, named: Iterable[tuple[str, Cell]], void: str = "") -> tuple[Row, list[Defect]]:
        """The row of these cells, and what is wrong with it."""
        cells, faults = self._read_cells(number, named)
        row, wrong = row_of(self._file, number, Cells(cells, self._places), void=void)
        grave = [note.column for note in faults if note.grave]
        faults.extend(wrong)
        if row.void:
            message = f"is {row.void} in its sheet: it approves nothing and informs nobody"
            faults.append(Defect(self._file, number, "", message))
        if grave:
            row = replace(row, wrong=tuple(dict.fromkeys((*row.wrong, *grave))))
        if row.id in self._seen:
            faults.append(Defect(self._file, number, "entry_id", f"{row.id!r} is also row {self._seen[row.id]}", False))
            row = replace(row, id=f"{row.id} (row {number})")
        self._seen.setdefault(row.id, number)
        return row, faults

    def _read_cells(self, number: int, named: Iterable[tuple[str, Cell]]) -> tuple[dict[str, str], list[Defect]]:
        cells: dict[str, str] = {}
        notes: list[Defect] = []
        for name, cell in named:
            if (message := _UNCLEAR.get(cell.was)) and name in COLUMNS:
                notes.append(Defect(self._file, number, name, message))
            if not cell.text or cells.get(name):
                if name in ASKED:
                    cells.setdefault(name, "")  # the sheet asks for it
                continue
            text = cell.text
            if cell.was == "formula":
                message = "is a formula without its value; save the file in a spreadsheet"
                notes.append(Defect(self._file, number, name, message))
            elif name in _TIMECODES:
                text, note = _timecode(self._file, number, name, cell)
                notes.extend(note)
            cells[name] = self._kept(text)
        return cells, notes

    def _kept(self, text: str) -> str:
        """The text that is kept for all that are equal."""
        texts = self._texts
        return texts.setdefault(text, text) if len(texts) < _REPEATED else texts.get(text, text)


def name_cells(line: SheetRow, columns: Sequence[str]) -> Iterator[tuple[str, Cell]]:
    """The cells of a line with the names of their columns; one without a heading goes by its number."""
    cells = line.cells
    for place in range(max(len(columns), len(cells))):
        name = columns[place] if place < len(columns) else ""
        yield name or f"column {place + 1}", cells[place] if place < len(cells) else _EMPTY


_EMPTY: Final = Cell("")
_UNCLEAR: Final = {
    "struck": "is crossed out in its sheet: enter what holds, or empty the cell",
    "merged": "is merged with the row above: unmerge the cells, and fill in each row",
}
"""What a person sees in a cell, and what its value does not state."""


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
