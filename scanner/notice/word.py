"""The notice as DOCX: a table of facts for each use, with pictures. The one door to python-docx."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from scanner.notice.letter import Letter, Use

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.run import Run

__all__ = ["letter_docx"]

_JPEG = b"\xff\xd8\xff"
_PICTURE_INCHES = 2.2
_LABEL_INCHES = 1.7
_TEXT_INCHES = 4.6


class _NotShown(Exception):
    """A picture that cannot be shown, which is then no picture."""


def letter_docx(letter: Letter, picture: Callable[[str], bytes | None]) -> bytes:
    """The document. `picture` gives a picture's JPEG by its name, or None where it was not drawn."""
    import docx

    document = docx.Document()
    document.core_properties.title, document.core_properties.author = letter.title[:255], ""
    document.core_properties.comments = ""
    document.add_heading(letter.title, level=0)
    for label in ("To:", "From:", "Date:"):
        document.add_paragraph(label)
    for line in letter.lines:
        document.add_paragraph(line)
    for group in letter.groups:
        document.add_heading(group.title, level=1)
        for use in group.uses:
            document.add_heading(use.title, level=2)
            _pictures(document, use, picture)
            _table(document, use)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _pictures(document: Document, use: Use, picture: Callable[[str], bytes | None]) -> None:
    shown = [data for name in use.pictures if (data := picture(name)) and data.startswith(_JPEG)]
    if not shown:
        return
    run = document.add_paragraph().add_run()
    for data in shown:
        with suppress(_NotShown):
            _show(run, data)


def _show(run: Run, data: bytes) -> None:
    from docx.shared import Inches

    try:
        run.add_picture(io.BytesIO(data), width=Inches(_PICTURE_INCHES))
    except Exception as error:  # the library raises what it likes, `Exception` too
        raise _NotShown from error
    run.add_text(" ")


def _table(document: Document, use: Use) -> None:
    from docx.shared import Inches, RGBColor

    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    widths = (Inches(_LABEL_INCHES), Inches(_TEXT_INCHES))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for label, facts in groupby(use.facts, key=lambda fact: fact.label):
        cells = table.add_row().cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        named = cells[0].paragraphs[0].add_run(label)
        named.bold = True
        for number, fact in enumerate(facts):
            paragraph = cells[1].add_paragraph() if number else cells[1].paragraphs[0]
            told = paragraph.add_run(fact.text)
            if fact.is_missing:
                named.font.color.rgb = told.font.color.rgb = RGBColor(0xB0, 0x00, 0x20)
