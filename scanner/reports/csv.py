"""Rows for the spreadsheet: one for each finding, match and problem; one for a file without any.

Starts with a byte order mark: without it Excel takes UTF-8 for something else. No cell can be a
formula: one that begins like it gets an apostrophe. Columns are a contract: new ones go at the end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from scanner.reports.interface import Records
from scanner.reports.reasons import Because
from scanner.reports.view import Fault, Mark, Sheet, sheet
from scanner.reports.wording import register_said, trim, waivers_said
from scanner.summary import Summary

__all__ = ["COLUMNS", "CsvReport"]

COLUMNS = (
    "outcome",
    "inspected",
    "root",
    "path",
    "category",
    "kind",
    "media_type",
    "size",
    "row",
    "claim",
    "tool",
    "vendor",
    "model",
    "version",
    "strength",
    "where",
    "says",
    "evidence",
    "evidence_at",
    "reason",
    "remedy",
    "actions",
    "rule",
    "policy_rule",
    "register",
    "finding",
    "digest",
    "binding",
    "waiver",
)
"""`row` says what the row is of: `finding`, `match`, `problem`, `reason` (a verdict without either) or `file`; at the
end `register` and `waivers`, a sentence each of what was declared or accepted and is not so."""

_EVIDENCE = 500
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class CsvReport:
    """Everything found, for sorting and ticking off."""

    name = "csv"
    file_name = "report.csv"

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The header, then the rows of one record at a time."""
        yield "\ufeff" + _lines([dict(zip(COLUMNS, COLUMNS, strict=True))])
        for record in records():
            yield _lines(_rows(sheet(record)))
        for row, said in (("register", register_said(summary)), ("waivers", waivers_said(summary))):
            yield _lines({"row": row, "says": sentence} for sentence in said)


def _lines(rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: str) -> str:
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value


def _rows(page: Sheet) -> Iterator[dict[str, str]]:
    about = {
        "outcome": page.outcome.value,
        "inspected": "yes" if page.inspected else "no",
        "root": page.root,
        "path": page.path,
        "category": page.category,
        "kind": page.kind,
        "media_type": page.media_type,
        "size": str(page.size),
        "actions": ", ".join(page.actions),
        "digest": page.digest,
    }
    loose = [reason for reason in page.reasons if not reason.findings]
    rows = [_of_mark(mark, page.reasons) for mark in page.marks]
    rows += [_of_fault(fault, loose) for fault in page.faults]
    if loose and not any(fault.blocking for fault in page.faults):
        rows += [{"row": "reason", "says": reason.text, **_verdict([reason])} for reason in loose]
    yield from ({**about, **row} for row in rows or [{"row": "file", "says": page.found}])


def _of_mark(mark: Mark, reasons: Iterable[Because]) -> dict[str, str]:
    first = mark.statements[0] if mark.statements else None
    return {
        "row": "match" if mark.recognised else "finding",
        "claim": mark.claim,
        "tool": mark.tool,
        "vendor": mark.vendor,
        "model": mark.model,
        "version": mark.version,
        "strength": mark.strength,
        "where": mark.where,
        "says": " · ".join(filter(None, (mark.text or mark.words, mark.cut))),
        "evidence": trim(first.value, _EVIDENCE) if first else "",
        "evidence_at": mark.source,
        "rule": mark.rule,
        "finding": mark.id,
        **_verdict([reason for reason in reasons if mark.id in reason.findings]),
    }


def _of_fault(fault: Fault, reasons: Iterable[Because]) -> dict[str, str]:
    return {
        "row": "problem",
        "claim": fault.code,
        "tool": fault.by,
        "says": f"{fault.words}: {fault.message}",
        **(_verdict(reasons) if fault.blocking else {}),
    }


def _verdict(reasons: Iterable[Because]) -> dict[str, str]:
    """Several reasons for one row stand in one cell, worst first."""
    given = list(reasons)
    return {
        "reason": " | ".join(reason.text for reason in given),
        "remedy": " | ".join(dict.fromkeys(reason.remedy for reason in given if reason.remedy)),
        "policy_rule": " | ".join(reason.rule for reason in given),
        "register": " | ".join(reason.register for reason in given if reason.register),
        "binding": " | ".join(reason.binding for reason in given if reason.binding),
        "waiver": " | ".join(reason.waiver for reason in given if reason.waiver),
    }
