"""All report formats. To add one: its module here, its instance in `REPORTS`, its golden file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scanner.reports.console import ConsoleReport
from scanner.reports.csv import SEPARATORS, CsvReport
from scanner.reports.ebu_qc import EbuQcReport
from scanner.reports.edl import EdlReport, ResolveReport
from scanner.reports.fcp7 import Fcp7Report
from scanner.reports.fcpxml import FcpxmlReport
from scanner.reports.html import HtmlReport
from scanner.reports.interface import Report
from scanner.reports.json import JsonReport
from scanner.reports.jsonl import JsonlReport
from scanner.reports.junit import JunitReport
from scanner.reports.markers import MarkersReport
from scanner.reports.otio import OtioReport
from scanner.reports.pdf import PdfReport
from scanner.reports.sarif import SarifReport
from scanner.reports.xlsx import XlsxReport

__all__ = ["REPORTS", "Report", "choose_reports"]

REPORTS: tuple[Report, ...] = (
    ConsoleReport(),
    CsvReport(),
    EbuQcReport(),
    EdlReport(),
    Fcp7Report(),
    FcpxmlReport(),
    HtmlReport(),
    JsonReport(),
    JsonlReport(),
    JunitReport(),
    MarkersReport(),
    OtioReport(),
    PdfReport(),
    ResolveReport(),
    SarifReport(),
    XlsxReport(),
)


def choose_reports(names: Collection[str], *, separator: str = "comma") -> Iterator[Report]:
    """The reports of these names, in the order of `REPORTS`. `separator`: of CSV, by its name."""
    for report in REPORTS:
        if report.name in names:
            yield CsvReport(SEPARATORS[separator]) if isinstance(report, CsvReport) else report
