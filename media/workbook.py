"""Workbooks for people: a table with drop-downs, filters, frozen headings and marks, and sheets that explain it.

Every cell is text: no value can be a formula, and what is typed as a timecode or a date stays as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Entry", "Note", "write_xlsx"]

_ENTRY_ROWS = 2000
"""Rows of a sheet for people that have drop-downs and marks, where it holds fewer."""
_FEW = 6
"""Columns of a sheet that explains; more make a table."""
_MARKS = {True: "FFF2CC", False: "E2EFDA"}
"""Colours of what every row needs, and of what it needs depending on others."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sheet of explanations to be written: its title and its rows."""

    title: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How people fill in a column of a sheet that is written."""

    choices: tuple[str, ...] = ()
    """Words of a drop-down."""
    is_several: bool = False
    """Whether a cell may hold several of them, or others: the sheet does not object."""
    needed: str = ""
    """`always` where a row must have it; a formula with `{column}` for the letters of columns, where it depends."""
    hint: str = ""


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    notes: Sequence[Note] = (),
    entry: Mapping[str, Entry] | None = None,
    title: str = "Register",
    *,
    wraps: bool = False,
) -> None:
    """A workbook: the table, every cell of it text, with filters and frozen headings; then the sheets of explanations.

    `entry` says how people fill in its columns: words to choose from, and which cells must not stay empty. `wraps`
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


def _guide(book: Any, table: Any, letters: Mapping[str, str], entry: Mapping[str, Entry], last: int) -> None:
    """Drop-downs, hints and marks of the cells that must be filled in. The words lie in a hidden sheet."""
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
                "This is none of the words to choose from.",
            )
            rule.showInputMessage, rule.promptTitle, rule.prompt = True, column[:32], how.hint[:255]
            rule.add(f"{letter}2:{letter}{last}")
            table.add_data_validation(rule)


def _printable(value: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", value.encode("utf-8", "backslashreplace").decode("utf-8")))
