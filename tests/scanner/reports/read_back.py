"""What a person reads in a report, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from functools import cache

import openpyxl
import pypdfium2

from scanner.model import Record
from scanner.reports import REPORTS
from scanner.reports.interface import Report
from tests.scanner.reports.handmade import RECORDS, summed


@cache
def _hand_made(name: str) -> bytes:
    (report,) = (one for one in REPORTS if one.name == name)
    return _render(report, RECORDS)


def render(report: Report, records: tuple[Record, ...] = RECORDS, **more: int) -> bytes:
    """The document; of the hand-made run the same each time."""
    if records is RECORDS and not more and report in REPORTS:
        return _hand_made(report.name)
    return _render(report, records, **more)


def _render(report: Report, records: tuple[Record, ...], **more: int) -> bytes:
    pieces: Iterable[str | bytes] = report.render(summed(records, **more), lambda: records)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def text_of(report: Report, records: tuple[Record, ...] = RECORDS, **more: int) -> str:
    data = render(report, records, **more)
    return {"xlsx": text_of_workbook, "pdf": text_of_pdf}.get(report.name, bytes.decode)(data)


def text_of_pdf(data: bytes) -> str:
    """All pages; then all of it in one line, because names of files are broken at the end of a line."""
    text = "".join(pages_of_pdf(data))
    return f"{text}\n{text.replace(chr(10), '')}\n"


def pages_of_pdf(data: bytes) -> list[str]:
    """The text of each page, without the places where a long name may be broken."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range().replace("\r", "").replace("\u200b", "") for page in document]
    finally:
        document.close()


def text_of_workbook(data: bytes) -> str:
    return "\n".join(" | ".join(cells) for cells in cells_of_workbook(data)) + "\n"


def cells_of_workbook(data: bytes) -> Iterator[list[str]]:
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        yield [f"[{sheet.title}]"]
        for row in sheet.iter_rows(values_only=True):
            yield ["" if value is None else str(value) for value in row]
