"""The report on paper: verdict, what to settle and sign-off first, then each file to act on; tagged and paginated.

Typst typesets it in a sealed worker. The document stays short enough to leaf through for a delivery of any size: `full`
files are shown in full, `lines` more in one line each, and the others are counted. Every text reaches the template as
data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

from media.errors import MediaError, RunError
from media.work import Lost, run_sealed
from scanner.records.summary import Summary
from scanner.reports.interface import Listed, Records, Report
from scanner.reports.pdf_page import PdfPage
from scanner.reports.pictures.pictures import NoPictures, Pictures
from scanner.reports.typeset import check_typst, typeset
from scanner.reports.wording import inert, trim

__all__ = ["PdfReport"]

_FULL: Final = 300
"""Files that are shown in full."""
_LINES: Final = 2_000
"""Files in a line each behind them."""
_CHUNK: Final = 1 << 16
_SECONDS: Final = 300.0


class PdfReport(Report):
    """The report to sign and file. `full` and `lines` bound its length."""

    name = "pdf"
    file_name = "report.pdf"
    binary = True
    shows_pictures = True
    lists: Listed = "what does not pass"

    def __init__(self, pictures: Pictures | None = None, *, full: int = _FULL, lines: int = _LINES) -> None:
        self._pictures = pictures or NoPictures()
        self._full, self._lines = full, lines

    def illustrated(self, pictures: Pictures) -> Report:
        """See `Report.illustrated`."""
        return PdfReport(pictures, full=self._full, lines=self._lines)

    def check(self) -> None:
        """See `Report.check`."""
        check_typst()

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def render(self, summary: Summary, records: Records) -> Iterator[bytes]:
        """The document, in pieces. Raises `RunError` where Typst cannot make it."""
        check_typst()
        page = PdfPage(self._pictures)
        data = page.data(summary, records, self._full, self._lines)
        made = _typeset(data, page.taken, summary)
        yield from (made[first : first + _CHUNK] for first in range(0, len(made), _CHUNK))


def _typeset(data: dict[str, Any], pictures: dict[str, bytes], summary: Summary) -> bytes:
    """The document; where pictures or files make that impossible, the same without them, which says so."""
    said = ""
    for number in range(3):
        if number == 1:
            pictures = {}
            data = _without_pictures(data)
        elif number == 2:
            note = f"The files could not be typeset ({trim(said, 200)}). They are in report.html and report.xlsx."
            data |= {"cards": [], "brief": [], "work": [], "left": note}
        answer: bytes | Lost
        try:
            answer = run_sealed(typeset, _SECONDS, _template(), json.dumps(data), pictures, summary.provenance.moment)
        except MediaError as error:
            said = str(error)
            continue
        if isinstance(answer, bytes):
            return answer
        said = answer.brief
    raise RunError(f"report.pdf could not be typeset: {said}; choose another --format")


def _without_pictures(data: dict[str, Any]) -> dict[str, Any]:
    bare = [
        {**card, "picture": None, "findings": [{**one, "picture": None} for one in card["findings"]]}
        for card in data["cards"]
    ]
    return {**data, "cards": bare, "warnings": [*data["warnings"], "The pictures could not be typeset."]}


@cache
def _template() -> str:
    return files("scanner.reports").joinpath("templates/report.typ").read_text("utf-8")
