"""`records.jsonl` itself: the schema's own lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scanner.records.records import to_line
from scanner.records.summary import Summary
from scanner.reports.interface import Records, Report

__all__ = ["JsonlReport"]


class JsonlReport(Report):
    """One record a line."""

    name = "jsonl"
    file_name = "records.jsonl"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return json.dumps(text)[1:-1]

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The lines, in order of discovery."""
        return (to_line(record).decode("ascii") for record in records())
