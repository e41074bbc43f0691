"""What a person reads in a report, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import openpyxl

from scanner.model import Record
from scanner.reports.interface import Report
from tests.scanner.reports.handmade import RECORDS, summed


def render(report: Report, records: tuple[Record, ...] = RECORDS, **more: int) -> bytes:
    pieces: Iterable[str | bytes] = report.render(summed(records, **more), lambda: records)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def text_of(report: Report, records: tuple[Record, ...] = RECORDS, **more: int) -> str:
    data = render(report, records, **more)
    return {"xlsx": text_of_workbook}.get(report.name, bytes.decode)(data)


def text_of_workbook(data: bytes) -> str:
    return "\n".join(" | ".join(cells) for cells in cells_of_workbook(data)) + "\n"


def cells_of_workbook(data: bytes) -> Iterator[list[str]]:
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        yield [f"[{sheet.title}]"]
        for row in sheet.iter_rows(values_only=True):
            yield ["" if value is None else str(value) for value in row]
