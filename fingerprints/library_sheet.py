"""Rows of a CSV file or of the first sheet of an XLSX workbook. Bounded; the one door to openpyxl."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from fingerprints.errors import LibraryFault

__all__ = ["Row", "read_sheet"]

Row = tuple[int, tuple[object, ...]]
"""Its number in the sheet, from 1, and its cells."""

MAX_BYTES = 64_000_000
MAX_ROWS = 500_000
MAX_COLUMNS = 200


def read_sheet(path: Path) -> Iterator[Row]:
    """The rows, headings first. Raises `LibraryFault`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LibraryFault(f"{path} is larger than any log: {path.stat().st_size} bytes")
        rows = _workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _text(path)
        yield from islice(rows, MAX_ROWS)
    except (OSError, csv.Error) as error:
        raise LibraryFault(f"{path} cannot be read: {error}") from error


def _text(path: Path) -> Iterator[Row]:
    """UTF-8, or what spreadsheets on Windows write; comma, semicolon or tab, whichever the headings have most of."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    headings = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=headings.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, cells in enumerate(reader, 1):
        yield number, tuple(cells[:MAX_COLUMNS])


def _workbook(path: Path) -> Iterator[Row]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 8 * MAX_BYTES:
                raise LibraryFault(f"{path} unpacks to more than any log holds")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            for number, cells in enumerate(rows, 1):
                yield number, tuple(cells[:MAX_COLUMNS])
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, SyntaxError) as error:
        raise LibraryFault(f"{path} is no workbook that can be read: {error}") from error
