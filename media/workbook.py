"""Workbooks for people: a table with drop-downs, filters, frozen headings and marks, and sheets that explain it.

Every cell is text: no value can be a formula, and a timecode or a date stays as it was typed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

__all__ = ["ColumnInput", "Note", "Table", "stream_xlsx", "write_xlsx"]

_ENTRY_ROWS = 2000
"""Rows of a sheet for people that have drop-downs and marks, where it holds fewer."""
_FEW = 6
"""Columns of a sheet that explains; more make a table."""
_MOST_ROWS = 1_048_000
"""A sheet holds 1,048,576."""
_CHUNK = 1 << 16
_MOST_CHARACTERS = 32_000
"""A cell holds 32,767."""
_MARKS = {True: "FFF2CC", False: "E2EFDA"}
"""Colours of what every row needs, and of what it needs depending on others."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sheet of explanations: its title and its rows."""

    title: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInput:
    """How people fill in a column of a sheet."""

    choices: tuple[str, ...] = ()
    """Words of a drop-down."""
    is_several: bool = False
    """Whether a cell may hold several of them, or others: the sheet does not refuse them."""
    needed: str = ""
    """`always` where a row must have it; a formula with `{column}` for the letters of columns, where it depends."""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet of any length."""

    title: str
    columns: Mapping[str, int]
    """Headings, and how wide each column is in characters."""
    rows: Iterable[Sequence[str | int]]
    """Numbers stay numbers; every text stays text."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Words of the first column → the colour of its cell, as `FFC7CE`."""
    prints_heading: bool = True
    """Whether the columns have a heading row, which stays in view and has filters."""


def stream_xlsx(tables: Iterable[Table], *, made: datetime | None = None) -> Iterator[bytes]:
    """A workbook in pieces. Rows are taken one by one, so that memory follows the columns and not the rows."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    if made is not None:
        book.properties.created = book.properties.modified = made.replace(tzinfo=None)
    book.properties.creator = "provscan"
    for table in tables:
        _stream(book.create_sheet(table.title), table)
    with tempfile.TemporaryFile() as packed:
        book.save(packed)
        packed.seek(0)
        yield from iter(lambda: packed.read(_CHUNK), b"")


def _stream(sheet: Any, table: Table) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(place) for place in range(1, len(table.columns) + 1)]
    for letter, width in zip(letters, table.columns.values(), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_width()
    placed, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    fills = {word: PatternFill("solid", start_color=colour, end_color=colour) for word, colour in table.colours.items()}

    def cell(value: str | int, place: int, *, heading: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=_printable(value[:_MOST_CHARACTERS]) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type, made.number_format = "s", "@"
        made.alignment = placed
        if heading:
            made.font = bold
        if place == 0 and value in fills:
            made.fill = fills[value]
        return made

    if table.prints_heading:
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        sheet.append([cell(name, place, heading=True) for place, name in enumerate(table.columns)])
    number = int(table.prints_heading)
    rows = iter(table.rows)
    for row in islice(rows, _MOST_ROWS):
        sheet.append([cell(value, place) if value != "" else None for place, value in enumerate(row)])
        number += 1
    if left := sum(1 for _ in rows):
        sheet.append([cell(f"and {left:,} more rows than a sheet holds: --format csv writes all of them", 1)])
    if table.prints_heading:
        sheet.auto_filter.ref = f"A1:{letters[-1]}{max(number, 2)}"


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    notes: Sequence[Note] = (),
    entry: Mapping[str, ColumnInput] | None = None,
    title: str = "Register",
    *,
    wraps: bool = False,
) -> None:
    """A workbook: the table, every cell of it text, with filters and frozen headings; then the sheets of explanations.

    `entry` states how people fill in its columns: words to choose from, and which cells must not stay empty. `wraps`
    shows long texts of the table in several lines.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    for name, written in ((title, lines), *((note.title, list(note.rows)) for note in notes)):
        _fill(book.create_sheet(name), written, wraps=wraps or name != title)
    table = book[title]
    letters = [openpyxl.utils.get_column_letter(place) for place in range(1, len(columns) + 1)]
    for letter in letters:
        # Empty cells are text too: what is typed as a timecode or a date stays as it was typed.
        table.column_dimensions[letter].number_format = "@"
    table.freeze_panes = "B2"
    table.page_setup.orientation = "landscape"
    table.print_title_rows = "1:1"
    table.auto_filter.ref = f"A1:{letters[-1]}{max(len(lines), 2)}"
    if entry:
        _guide(book, table, dict(zip(columns, letters, strict=True)), entry, max(len(lines), _ENTRY_ROWS))
    book.save(path)


def _fill(sheet: Any, lines: Sequence[Sequence[str]], *, wraps: bool) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    placed = Alignment(vertical="top", wrap_text=wraps)
    fonts = {True: Font(bold=True), False: Font(bold=False)}
    for number, line in enumerate(lines, 1):
        for place, value in enumerate(line, 1):
            if not value:  # its column is text already
                continue
            cell = sheet.cell(number, place)
            cell.value = _printable(value)
            cell.data_type, cell.number_format = "s", "@"
            cell.font, cell.alignment = fonts[number == 1], placed
    sheet.freeze_panes = "A2"
    for place in range(1, len(lines[0]) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = (
            90 if wraps and len(lines[0]) < _FEW and place == 2 else 44 if wraps else 22
        )


def _guide(book: Any, table: Any, letters: Mapping[str, str], entry: Mapping[str, ColumnInput], last: int) -> None:
    """Drop-downs, hints and marks of the cells that must be filled in. The words are in a hidden sheet."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    words = book.create_sheet("Words")
    words.sheet_state = "hidden"
    fills = {mark: PatternFill("solid", start_color=colour, end_color=colour) for mark, colour in _MARKS.items()}
    everything = f"$A2:${letters[next(reversed(tuple(letters)))]}2"
    for number, (column, how) in enumerate(((it, entry[it]) for it in letters if it in entry), 1):
        letter = letters[column]
        for place, word in enumerate(how.choices, 1):
            words.cell(place, number).value = word
        if how.needed:
            table[f"{letter}1"].fill = fills[how.needed == "always"]
            empty = f"LEN(TRIM({letter}2))=0"
            when = f"COUNTA({everything})>0" if how.needed == "always" else how.needed.format(**letters)
            table.conditional_formatting.add(
                f"{letter}2:{letter}{last}", FormulaRule(formula=[f"AND({when},{empty})"], fill=fills[True])
            )
        if how.choices or how.hint:
            of = f"Words!${get_column_letter(number)}$1:${get_column_letter(number)}${len(how.choices)}"
            rule = DataValidation(type="list" if how.choices else None, formula1=of if how.choices else None)
            rule.allow_blank, rule.showErrorMessage = True, how.choices != () and not how.is_several
            rule.errorStyle, rule.errorTitle, rule.error = (
                "warning",
                column[:32],
                "This is not one of the listed words.",
            )
            rule.showInputMessage, rule.promptTitle, rule.prompt = True, column[:32], how.hint[:255]
            rule.add(f"{letter}2:{letter}{last}")
            table.add_data_validation(rule)


def _printable(value: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", value.encode("utf-8", "backslashreplace").decode("utf-8")))
