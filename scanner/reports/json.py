r"""The whole run as one JSON document: the summary, and the records of `records.jsonl`.

ASCII throughout, like the record schema: undecodable bytes of names are written as `\udcXX`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from scanner.records.records import to_line
from scanner.records.summary import Summary
from scanner.reports.interface import Records, Report

__all__ = ["SCHEMA", "JsonReport"]

SCHEMA = "provscan/report/1"


class JsonReport(Report):
    """`{"schema": …, "summary": {…}, "records": […]}`, one record on each line."""

    name = "json"
    file_name = "report.json"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return json.dumps(text)[1:-1]

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The document; a record is held one at a time."""
        yield f'{{"schema":"{SCHEMA}",\n"summary":{json.dumps(summary.to_json(), allow_nan=False)},\n"records":['
        separator = "\n"
        for record in records():
            yield separator + to_line(record).decode("ascii").rstrip("\n")
            separator = ",\n"
        yield "\n]}\n"
