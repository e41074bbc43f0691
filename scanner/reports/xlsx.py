"""A workbook: the verdict and its counts, every finding worst first, and every file. Filters and colours by outcome.

Every text is a text cell: nothing that a file states can be a formula, a link or a macro.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from media.workbook import Table, stream_xlsx
from scanner.model import Outcome
from scanner.records.summary import Summary
from scanner.reports.csv import rows_of_file
from scanner.reports.interface import Records, Report, worst_first
from scanner.reports.signing import sign_off
from scanner.reports.view import sheet
from scanner.reports.wording import (
    balance,
    headline,
    inert,
    inspected,
    judged_by,
    notes,
    register_and_waivers,
    trim,
    unchecked,
)

__all__ = ["OUTCOME_COLOURS", "XlsxReport"]

_FOUND: Final = {
    "outcome": ("Outcome", 10),
    "path": ("File", 44),
    "says": ("What was found", 50),
    "tc_in": ("In", 13),
    "tc_out": ("Out", 13),
    "where": ("Where", 24),
    "reason": ("Why", 50),
    "remedy": ("Next step", 50),
    "actions": ("To do", 22),
    "register": ("Register row", 14),
    "waiver": ("Waiver", 24),
    "row": ("Kind of row", 10),
    "claim": ("Claim", 14),
    "tool": ("Tool", 20),
    "vendor": ("Vendor", 16),
    "model": ("Model", 16),
    "version": ("Version", 10),
    "strength": ("Strength", 16),
    "evidence": ("Evidence", 50),
    "evidence_at": ("Evidence at", 30),
    "rule": ("Marker rule", 24),
    "policy_rule": ("Policy rule", 28),
    "binding": ("Bound by", 12),
    "category": ("Category", 16),
    "inspected": ("Inspected", 10),
    "in_frame": ("First frame", 11),
    "out_frame": ("Frame after last", 11),
    "finding": ("Finding", 18),
    "digest": ("Digest", 44),
    "root": ("Root", 20),
}
"""Columns of `report.csv`, in the order in which a person reads them, with headings and widths."""
_FILES: Final = {
    "Outcome": 10, "File": 60, "Found": 60, "Inspected": 10, "Category": 16, "Kind": 10, "Media type": 22, "Bytes": 16,
    "To do": 30, "Readers": 60, "Digest": 44, "Root": 20,
}  # fmt: skip
OUTCOME_COLOURS: Final = {
    Outcome.BLOCKER.value: "F8B4B4",
    Outcome.ISSUE.value: "FDE3A7",
    Outcome.FYI.value: "BFE3F2",
    Outcome.PASS.value: "D5EFD5",
}
_NUMBERS: Final = frozenset({"in_frame", "out_frame"})


class XlsxReport(Report):
    """Everything found, for people who sort, filter and tick off in a spreadsheet."""

    name = "xlsx"
    file_name = "report.xlsx"
    binary = True

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def render(self, summary: Summary, records: Records) -> Iterator[bytes]:
        """The workbook, in pieces."""
        tables = (
            Table(title="Report", columns={"": 26, " ": 120}, rows=_about(summary), prints_heading=False),
            Table(
                title="Findings",
                columns=dict(_FOUND.values()),
                rows=_findings(records),
                colours=OUTCOME_COLOURS,
            ),
            Table(title="Files", columns=_FILES, rows=_files(records), colours=OUTCOME_COLOURS),
        )
        yield from stream_xlsx(tables, made=summary.provenance.moment)


def _about(summary: Summary) -> Iterator[tuple[str, str]]:
    made = summary.provenance
    policy, *warnings = judged_by(summary)
    yield "Verdict", headline(summary)
    yield from (("Sign-off", sentence) for sentence in sign_off(summary))
    yield "Policy", policy
    yield from (("Warning", said) for said in (*warnings, *notes(summary)))
    yield from (("Scanned", inert(root)) for root in made.roots)
    yield "Files", balance(summary)
    yield "Inspected", inspected(summary)
    for title, books, said in register_and_waivers(summary):
        yield from ((title, sentence) for sentence in (books, *said) if sentence)
    yield from (("Not checked", trim(said, 600)) for said in unchecked(summary))
    yield "Made with", f"{inert(made.tool)}, started {inert(made.started)}"


def _findings(records: Records) -> Iterator[list[str | int]]:
    for record in worst_first(records):
        for row in rows_of_file(record):
            if row["row"] != "file":
                yield [_value(name, row) for name in _FOUND]


def _value(name: str, row: Mapping[str, str]) -> str | int:
    value = row.get(name, "")
    return int(value) if name in _NUMBERS and value.isdecimal() and len(value) < 16 else value


def _files(records: Records) -> Iterator[list[str | int]]:
    for record in worst_first(records):
        page = sheet(record)
        yield [
            page.outcome.value, page.path, page.found, "yes" if page.inspected else "no", page.category, page.kind,
            page.media_type, page.size, "; ".join(page.todo), page.looks, page.digest, page.root,
        ]  # fmt: skip
