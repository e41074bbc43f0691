"""Rows for a spreadsheet: one for each place of a finding or match, and each problem; one for a file without any.

Worst first: a spreadsheet opens on what must be settled. `media.tables` writes them, so that no cell can be a formula.
Columns are a contract: new ones go at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from media.tables import csv_line, write_csv
from scanner.model import Record
from scanner.records.summary import Summary
from scanner.reports.instances import Instance, Span, instances
from scanner.reports.interface import Records, Report, worst_first
from scanner.reports.reasons import Because
from scanner.reports.signing import sign_off
from scanner.reports.view import Fault, sheet
from scanner.reports.wording import inert, judged_by, list_register_sentences, list_waiver_sentences, notes, trim

__all__ = ["COLUMNS", "SEPARATORS", "CsvReport", "rows_of_file", "rows_of_run"]

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
    "tc_in",
    "tc_out",
    "in_frame",
    "out_frame",
)
"""`row` names what the row is about: first `policy`, the policy that judged, `warning` and `signed`, a sentence each
about the whole run; then `finding`, `match`, `problem`, `reason` (a verdict without either) or `file`; at the end
`register` and `waivers`, a sentence for each declaration or waiver that does not agree with the delivery. The out point
is the frame after the last, as in an edit list; the four are empty where a hit holds for the whole file."""

SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
"""Separators by the names that options use."""
_EVIDENCE = 500


class CsvReport(Report):
    """Everything found, for sorting and ticking off."""

    name = "csv"
    file_name = "report.csv"

    def __init__(self, separator: str = ",") -> None:
        self._separator = separator

    @property
    def controls(self) -> str:
        """See `Report.controls`."""
        return "\r\n\t" if self._separator == "\t" else "\r\n"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return csv_line([inert(text)], self._separator).removesuffix("\r\n")

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The header, then row by row."""
        yield from write_csv(COLUMNS, rows_of_run(summary, records), self._separator)


def rows_of_run(summary: Summary, records: Records) -> Iterator[dict[str, str]]:
    """All rows by column: of the run, of its files worst first, of register and waivers. Empty cells are left out."""
    yield from ({"row": "policy", "says": sentence} for sentence in judged_by(summary))
    yield from ({"row": "warning", "says": note} for note in notes(summary))
    yield from ({"row": "signed", "says": sentence} for sentence in sign_off(summary))
    for record in worst_first(records):
        yield from rows_of_file(record)
    for row, said in (("register", list_register_sentences(summary)), ("waivers", list_waiver_sentences(summary))):
        yield from ({"row": row, "says": sentence} for sentence in said)


def rows_of_file(record: Record) -> Iterator[dict[str, str]]:
    """The rows of one file: at least one."""
    page = sheet(record)
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
    hits = {mark.id for mark in page.marks}
    loose = [reason for reason in page.reasons if hits.isdisjoint(reason.findings)]
    rows = [_of_hit(hit) for hit in instances(record)]
    rows += [_of_fault(fault, loose) for fault in page.faults]
    if loose and not any(fault.blocking for fault in page.faults):
        rows += [{"row": "reason", "says": reason.text, **_verdict([reason])} for reason in loose]
    yield from ({**about, **row} for row in rows or [{"row": "file", "says": page.found}])


def _of_hit(hit: Instance) -> dict[str, str]:
    mark = hit.mark
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
        **_verdict(hit.reasons),
        **(_span(hit.span) if hit.span else {}),
    }


def _span(span: Span) -> dict[str, str]:
    labels = {"tc_in": str(span.start), "tc_out": str(span.end)} if span.start else {}
    return labels | ({"in_frame": str(span.first), "out_frame": str(span.after)} if span.counted else {})


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
