"""`records.jsonl` itself: the schema's own lines, for programs."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.records.records import to_line
from scanner.records.summary import Summary
from scanner.reports.interface import Records

__all__ = ["JsonlReport"]


class JsonlReport:
    """One record a line."""

    name = "jsonl"
    file_name = "records.jsonl"

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The lines, in order of discovery."""
        return (to_line(record).decode("ascii") for record in records())
