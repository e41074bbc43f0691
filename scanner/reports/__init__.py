"""All report formats. To add one: its module here, its instance in `REPORTS`, its golden file."""

from __future__ import annotations

from scanner.reports.console import ConsoleReport
from scanner.reports.csv import CsvReport
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
from scanner.reports.sarif import SarifReport

__all__ = ["REPORTS", "Report"]

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
    ResolveReport(),
    SarifReport(),
)
