"""JUnit XML for build servers: a test case for every asset, also for those that pass.

`failure` is an asset with an issue or a blocker, `error` one that could not be inspected; information without a failure
is in `system-out`. Source: the schema of Jenkins' xUnit plugin (junit-10.xsd).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scanner.model import Outcome, Record, Scan
from scanner.records.summary import Summary
from scanner.reports.interface import Records, Report
from scanner.reports.signing import sign_off
from scanner.reports.view import Sheet, sheet
from scanner.reports.wording import NOT_INSPECTED, balance, headline, judged_by, notes, trim
from scanner.reports.xml import DECLARATION, Markup, close, element, opening
from scanner.reports.xml import text as escape_xml

__all__ = ["JunitReport"]


class JunitReport(Report):
    """One suite for each root. Counts come before the cases, so records are read once more for each root."""

    name = "junit"
    file_name = "report.junit.xml"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return escape_xml(text)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The suites, a test case at a time."""
        counts: dict[str, Counter[str]] = {}
        for record in records():
            counts.setdefault(record.examination.asset.root, Counter()).update(("tests", _result(record)))
        empty = [root for root in summary.provenance.empty_roots if root not in counts]
        counts |= {root: Counter(("tests", "error")) for root in empty}
        total = sum(counts.values(), Counter[str]())
        yield DECLARATION + opening(
            "testsuites", name="provscan", **_format_counts(total), time=f"{summary.seconds:.3f}"
        )
        for root, count in counts.items():
            yield opening("testsuite", name=root, **_format_counts(count), timestamp=summary.provenance.started)
            yield _properties(summary)
            if root in empty:
                yield _empty(root)
            yield from (_case(record) for record in records() if record.examination.asset.root == root)
            yield close("testsuite")
        yield close("testsuites")


def _format_counts(count: Counter[str]) -> dict[str, str]:
    names = {"tests": "tests", "failures": "failure", "errors": "error"}
    return {**{name: str(count[kind]) for name, kind in names.items()}, "skipped": "0"}


def _properties(summary: Summary) -> Markup:
    made = summary.provenance
    said = {
        "tool": made.tool,
        "judged by": " ".join(judged_by(summary)),
        "verdict": headline(summary),
        "books": balance(summary),
        **{f"warning {number}": words for number, words in enumerate(notes(summary), 1)},
        **{f"sign-off {number}": words for number, words in enumerate(sign_off(summary), 1)},
        **{f"policy {name}": value for name, value in made.policy.items()},
        **{f"rules {name}": value for name, value in made.rules.items()},
        **{f"not checked {number}": words for number, words in enumerate(made.not_checked, 1)},
    }
    return element("properties", *(element("property", name=name, value=value) for name, value in said.items()))


def _result(record: Record) -> str:
    """`failure`, `error` or `ok`. A file that could not be read whole, yet says enough to stop it, is a failure."""
    stops = [reason for reason in record.verdict.reasons if reason.outcome.rank >= Outcome.ISSUE.rank]
    if any(reason.because for reason in stops):
        return "failure"
    if record.verdict.scan is Scan.INCOMPLETE:
        return "error"
    return "failure" if record.verdict.outcome.rank >= Outcome.ISSUE.rank else "ok"


def _case(record: Record) -> Markup:
    page, result = sheet(record), _result(record)
    inside: list[Markup] = []
    if result == "failure":
        inside.append(element("failure", _describe_page(page), message=_headline(page), type_=page.outcome.value))
    elif result == "error":
        code = next((fault.code for fault in page.faults if fault.blocking), NOT_INSPECTED)
        inside.append(element("error", _describe_page(page), message=_headline(page), type_=code))
    elif page.outcome is Outcome.FYI or page.marks or page.faults:
        inside.append(element("system-out", f"{page.outcome}: {page.found}\n{_describe_page(page)}"))
    return element("testcase", *inside, name=page.path, classname=f"{page.root}.{page.category}")


def _empty(root: str) -> Markup:
    """A root in which nothing was found is no suite that passed."""
    words = f"{root} contains no files; check that its volume is mounted"
    return element("testcase", element("error", words, message=words, type_="empty-root"), name=root, classname=root)


def _headline(page: Sheet) -> str:
    return page.reasons[0].text if page.reasons else page.found


def _describe_page(page: Sheet) -> str:
    """Everything that a person needs to act, a line each."""
    lines = [f"{reason.outcome}: [{reason.rule}] {reason.sentence}" for reason in page.reasons]
    for mark in page.marks:
        lines.append(f"found: {mark.line}")
        if mark.statements:
            lines.append(f"  {mark.source}: {trim(mark.statements[0].value, 200)}")
    lines += [fault.line for fault in page.faults]
    lines += [f"to do: {words}" for words in page.todo]
    return "\n".join(lines)
