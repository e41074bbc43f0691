"""`records.jsonl` itself: the schema's own lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from scanner.records.records import StoredRecords, to_line
from scanner.records.summary import Summary
from scanner.reports.interface import Records, Report

__all__ = ["JsonlReport"]

_TOGETHER = 32
"""Lines of one piece."""


class JsonlReport(Report):
    """One record on each line."""

    name = "jsonl"
    file_name = "records.jsonl"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return json.dumps(text)[1:-1]

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The lines, in order of discovery, some at a time. Records in a file are copied."""
        lines = records.lines() if isinstance(records, StoredRecords) else map(to_line, records())
        while some := b"".join(islice(lines, _TOGETHER)):
            yield some.decode("ascii")
