"""Each report of the hand-made run, byte for byte; of a binary one the text in it.

`PROVSCAN_GOLDEN=write` writes them anew: then read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scanner.reports import REPORTS
from scanner.reports.interface import Report
from tests.scanner.reports.read_back import text_of

GOLDEN = Path(__file__).parents[2] / "golden" / "reports"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_golden(report: Report) -> None:
    text = text_of(report).encode()
    golden = GOLDEN / (f"{report.file_name}.txt" if report.binary else report.file_name)
    if os.environ.get("PROVSCAN_GOLDEN") == "write":
        golden.write_bytes(text)
    assert text == golden.read_bytes()
