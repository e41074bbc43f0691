"""EBU QC Report XML: every check that was made, also those that found nothing, and each hit with its place.

Namespace `tag:qc.ebu.ch,2026-01`. Sources: the EBU QC data model of 2025-12-23 and the best practice guidance for
pass/fail operations, both in the public repository `ebu/qc`. The model leaves the strings of a `Locator` to each tool:
here SMPTE timecode at the deliverable's rate from its start timecode, `End` being the frame after the last; plain
digits are frame numbers, where there is no rate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from scanner.model import LookStatus, Outcome, Record
from scanner.records.summary import Provenance, Summary
from scanner.reports.checks import RunChecks, gather_checks
from scanner.reports.ebu_qc_outputs import asset, boolean, matched, of_rule, problems
from scanner.reports.interface import Records, Report
from scanner.reports.signing import sign_off
from scanner.reports.wording import balance, count, headline, inert, notes
from scanner.reports.xml import DECLARATION, Markup, close, element, opening
from scanner.reports.xml import text as escape_xml

__all__ = ["NAMESPACE", "EbuQcReport"]

NAMESPACE: Final = "tag:qc.ebu.ch,2026-01"
_OWN: Final = "urn:x-provscan:ebu-qc:1"
_MEASURED: Final = frozenset({"dwt-dct", "stealth"})
"""Readers that work on decoded pixels; the others read out what is written."""
_WORST: Final = max(outcome.rank for outcome in Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One test: an `Item` of the profile and its `ItemResult`."""

    id: str
    name: str
    meaning: str
    """What a `CheckResult` of true means, and the counts."""
    version: int = 1
    method: str = "readout"
    passed: bool | None
    """None for a test that only reports."""
    outputs: Callable[[Record], Iterator[Markup]] | None = None

    @property
    def head(self) -> tuple[Markup, ...]:
        """What names the test, the same in profile and result."""
        return (
            element("EBUQCID", re.sub(r"[^0-9a-zA-Z]+", "-", f"provscan-{self.id}").strip("-")),
            element("EBUQCName", self.name),
            element("EBUQCVersion", f"{self.version}.0"),
            element("InstanceId", _uuid("check", self.id)),
        )


class EbuQcReport(Report):
    """One QC report of the whole delivery, for a broadcaster's QC system."""

    name = "ebu-qc"
    file_name = "report.ebu-qc.xml"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return escape_xml(text)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The report; records are read once for each check that has something to list."""
        checks = _checks(summary, gather_checks(summary, records()))
        passed = all(check.passed is not False for check in checks)
        yield DECLARATION + opening("Report", xmlns=NAMESPACE, xmlns_p=_OWN).replace("xmlns_p", "xmlns:p")
        yield from _about(summary, passed)
        yield _profile(summary, checks)
        yield opening("ItemResults") + "\n"
        for check in checks:
            yield from _result(summary, check, records)
        yield close("ItemResults")
        notes = (element("p:NotChecked", words) for words in summary.provenance.not_checked)
        yield element("ExtensionProperties", element("p:Books", balance(summary)), *notes)
        yield close("Report")


def _checks(summary: Summary, run: RunChecks) -> list[_Check]:
    known = "" if run.whole else " The policy's other rules are not in the records."
    delivery = _Check(
        id="delivery",
        name="Provenance of the delivery",
        meaning=f"True: no asset is an issue or a blocker. {headline(summary)}.{known}",
        passed=run.stops == 0 and summary.balanced,
        outputs=asset,
    )
    seen = _Check(
        id="inspected",
        name="Every asset could be inspected",
        meaning=f"True: nothing stopped the inspection. {count(run.unseen, 'asset')} of {run.total:,} could not be."
        + "".join(f" {note}" for note in (*notes(summary), *sign_off(summary))),
        passed=run.unseen == 0 and not summary.provenance.empty_roots,
        outputs=problems if run.total else None,
    )
    rules = [
        _Check(
            id=f"policy-{rule}",
            name=sentence,
            meaning=f"True: no asset is an issue or a blocker by rule {inert(rule)}. It applied to "
            f"{count(run.applied.get(rule, 0), 'asset')} of {run.total:,}.",
            passed=not run.stopped.get(rule),
            outputs=of_rule(rule) if run.applied.get(rule) else None,
        )
        for rule, sentence in run.rules.items()
    ]
    readers = [
        _Check(
            id=f"reader-{reader}",
            name=f"Statements read by {inert(reader)}",
            meaning=", ".join(f"{summary.readers.get(reader, {}).get(it, 0):,} {it}" for it in LookStatus) + ".",
            version=version,
            method="measurement" if reader in _MEASURED else "readout",
            passed=None,
        )
        for reader, version in run.readers.items()
    ]
    matches = _Check(
        id="reference-matches",
        name="Recognised references",
        meaning=f"{run.matches:,} found.",
        method="measurement",
        passed=None,
        outputs=matched,
    )
    return [delivery, seen, *rules, *readers, *([matches] if run.matches else [])]


def _about(summary: Summary, passed: bool) -> Iterator[Markup]:
    made = summary.provenance
    name, _, version = made.tool.partition(" ")
    yield element("ReportId", _uuid("report", made.started, *made.roots, *made.policy.values(), *made.rules.values()))
    yield element("ExecutionStatus", "complete" if summary.balanced else "error")
    if not summary.balanced:
        yield element("ErrorDescription", headline(summary))
    yield element("CheckResult", boolean(passed))
    yield _content(summary)
    yield element("LastModifiedDateTime", _moment(made))
    if summary.seconds:
        yield element("OverallAnalysisDuration", f"PT{summary.seconds:.3f}S")
    yield element(
        "ToolInformation",
        element("ToolID", f"urn:x-provscan:tool:{quote(inert(made.tool))}"),
        element("ToolName", name),
        element("Version", version),
    )


def _content(summary: Summary) -> Markup:
    roots = summary.provenance.roots or ("unknown",)
    return element("ContentId", *(element("ContentIdentifier", element("ID", root)) for root in roots))


def _profile(summary: Summary, checks: list[_Check]) -> Markup:
    policy, rules = summary.provenance.policy, summary.provenance.rules
    digested = {"policy": policy, "marker rules": rules}
    items = (
        element(
            "Item",
            *check.head,
            element("UsedAs", "report" if check.passed is None else "check"),
            element("Scopes"),
            element("Inputs"),
        )
        for check in checks
    )
    return element(
        "Profile",
        element("ID", _uuid("profile", *policy.values(), *rules.values())),
        element("Name", policy.get("title") or policy.get("name") or "unknown"),
        _content(summary),
        element("CheckResultRule", "AND"),
        element("Description", ", ".join(f"{name} {it.get('digest', 'unknown')}" for name, it in digested.items())),
        element("Scopes"),
        element("Items", *items),
        element("ItemDefinitions"),
    )


def _result(summary: Summary, check: _Check, records: Records) -> Iterator[Markup]:
    yield opening("ItemResult")
    yield from check.head
    yield element("AnalysisMethodUsed", check.method)
    yield element("ExecutionStatus", "complete")
    if check.passed is not None:
        yield element("CheckResult", boolean(check.passed))
    yield element("ResultDescription", check.meaning)
    yield element("MaxSeverity", str(_WORST))
    yield element("DetectionMethod", "automatic")
    yield element("CreationDateTime", _moment(summary.provenance))
    yield opening("Outputs")
    if check.passed is not None:
        yield element("Output", element("Name", "CheckResult"), element("Value", boolean(check.passed)))
    if check.outputs:
        for record in records():
            yield from check.outputs(record)
    yield close("Outputs")
    yield close("ItemResult")


def _uuid(*words: str) -> str:
    """Of the same words always the same, so that the same run makes the same report."""
    plain = "\0".join(("provscan", *map(inert, words)))
    return f"urn:uuid:{uuid5(NAMESPACE_URL, plain)}"


def _moment(made: Provenance) -> str:
    """A moment with its time zone, which the guidance asks for; the epoch where the run does not know when it was."""
    moment = made.moment
    return moment.isoformat() if moment and moment.tzinfo else "1970-01-01T00:00:00+00:00"
