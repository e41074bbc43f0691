"""SARIF 2.1.0 for code-scanning services and security dashboards.

A result for every hit, by the marker rule that applied, and for every reason without a finding, by the policy rule.
What could not be inspected is a notification of the tool. Source: OASIS SARIF 2.1.0, sections 3.14 (run), 3.24
(artifact), 3.27 (result).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import chain
from typing import Any, Final
from urllib.parse import quote

from scanner.model import Digest, Outcome, Record
from scanner.records.place_json import box_json
from scanner.records.summary import Provenance, Summary
from scanner.reports.checks import RunChecks, gather_checks
from scanner.reports.instances import Instance, instances
from scanner.reports.interface import Records, Report
from scanner.reports.reasons import Because
from scanner.reports.signing import sign_off
from scanner.reports.view import Sheet, sheet
from scanner.reports.wording import headline, inert, judged_by, notes, trim

__all__ = ["SCHEMA", "SarifReport"]

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_MIME: Final = re.compile(r"[^/]+/.+")
_MATCH: Final = "reference-match"
_LEVELS: Final = {
    Outcome.PASS: "none",
    Outcome.FYI: "note",
    Outcome.ISSUE: "warning",
    Outcome.BLOCKER: "error",
}


class SarifReport(Report):
    """One run. Records are read three times, for the separate lists of artifacts, results and notifications."""

    name = "sarif"
    file_name = "report.sarif"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return json.dumps(inert(text))[1:-1]

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The log, one list entry at a time."""
        run = gather_checks(summary, records())
        yield f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{\n"tool":{_json(_tool(summary, run))},\n'
        roots = {inert(root): {"description": {"text": inert(root)}} for root in summary.provenance.roots}
        yield f'"originalUriBaseIds":{_json(roots)},\n"columnKind":"unicodeCodePoints",\n"artifacts":['
        yield from _list(_artifact(record) for record in records())
        yield '],\n"results":['
        yield from _list(result for index, record in enumerate(records()) for result in _results(index, record))
        yield f'],\n"invocations":[{{{_json(_invocation(summary))[1:-1]},"toolExecutionNotifications":['
        told = (note for index, record in enumerate(records()) for note in _notifications(index, record))
        yield from _list(chain(_of_run(summary), told))
        yield f']}}],\n"properties":{_json(_run_properties(summary))}\n}}]}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _list(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    separator = "\n"
    for entry in entries:
        yield separator + _json(entry)
        separator = ",\n"


def _tool(summary: Summary, run: RunChecks) -> dict[str, Any]:
    name, _, version = inert(summary.provenance.tool).partition(" ")
    rules = [
        *(_rule(rule, "marker", text or rule) for rule, text in sorted(run.markers.items())),
        *(_rule(rule, "policy", text) for rule, text in run.rules.items() if rule not in run.markers),
        *([_rule(_MATCH, "match", "A reference was recognised in the asset.")] if run.matches else []),
    ]
    return {"driver": {"name": name or "provscan", **({"version": version} if version else {}), "rules": rules}}


def _rule(rule: str, kind: str, text: str) -> dict[str, Any]:
    return {"id": trim(rule, 120), "shortDescription": {"text": trim(text, 600)}, "properties": {"kind": kind}}


def _invocation(summary: Summary) -> dict[str, Any]:
    started = _moment(summary.provenance)
    return {
        "executionSuccessful": summary.balanced and not summary.provenance.empty_roots,
        "exitCode": int(summary.exit_code),
        **({"startTimeUtc": started} if started else {}),
    }


def _moment(made: Provenance) -> str:
    """UTC with a `Z`, as section 3.9 asks; empty where the run does not know."""
    moment = made.moment
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment and moment.tzinfo else ""


def _run_properties(summary: Summary) -> dict[str, Any]:
    made = summary.provenance
    said = {
        "judgedBy": list(judged_by(summary)),
        "verdict": headline(summary),
        "assets": {"found": summary.found, **{outcome.value: n for outcome, n in summary.outcomes.items()}},
        "policy": _inert(made.policy),
        "rules": _inert(made.rules),
        "settings": _inert(made.settings),
        "versions": _inert(made.versions),
        "warnings": list(notes(summary)),
        "notChecked": [inert(words) for words in made.not_checked],
        **({"signOff": list(sign_off(summary))} if made.signed else {}),
    }
    return {"provscan": said}


def _inert(facts: Mapping[str, str]) -> dict[str, str]:
    return {inert(name): inert(value) for name, value in facts.items()}


def _artifact(record: Record) -> dict[str, Any]:
    seen, page = record.examination, sheet(record)
    hashes = {"hashes": {inert(seen.digest.algorithm): inert(seen.digest.value)}} if seen.digest else {}
    said = {"outcome": page.outcome.value, "inspected": page.inspected, "category": page.category, "found": page.found}
    return {
        "location": {
            "uri": _uri(seen.asset.path),
            "uriBaseId": page.root,
            "description": {"text": page.path},
        },
        "length": seen.asset.size,
        **({"mimeType": page.media_type} if _MIME.fullmatch(page.media_type) else {}),
        "roles": ["analysisTarget"],
        **hashes,
        "properties": {"provscan": said},
    }


def _uri(path: str) -> str:
    """A relative reference that gives the name's own bytes back, also those that are no UTF-8."""
    try:
        name = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        name = path.encode("utf-8", "surrogatepass")
    return quote(name, safe="/")


def _results(index: int, record: Record) -> Iterator[dict[str, Any]]:
    if not (record.findings or record.matches or record.verdict.reasons):
        return
    page = sheet(record)
    hits = list(instances(record))
    yield from (_of_hit(index, record, hit) for hit in hits)
    named = {hit.id for hit in hits}
    yield from (_of_reason(index, record, reason, page) for reason in page.reasons if named.isdisjoint(reason.findings))


def _of_hit(index: int, record: Record, hit: Instance) -> dict[str, Any]:
    told = [
        " · ".join(filter(None, (hit.mark.text, hit.mark.cut))) if hit.mark.text else hit.words,
        *(it.sentence for it in hit.reasons),
    ]
    place: dict[str, Any] = {"frames": hit.span.frames} if hit.span else {}
    if hit.span and hit.span.counted:
        place["firstFrame"] = hit.span.first
    if hit.span and hit.span.start:
        place |= {"in": str(hit.span.start), "out": str(hit.span.end), "rate": str(hit.span.start.rate)}
    said = {
        "claim": hit.mark.claim,
        "tool": hit.mark.maker,
        "strength": hit.mark.strength,
        "outcome": hit.outcome.value,
        "policyRules": [reason.rule for reason in hit.reasons],
        "evidence": [trim(f"{it.reader} {it.key}, {it.where}", 200) for it in hit.mark.statements],
        **place,
        **({"region": {"unit": "percent", **box_json(hit.region)}} if hit.region else {}),
    }
    return {
        "ruleId": _MATCH if hit.recognised else hit.mark.rule,
        **_weight(hit.outcome),
        "message": {"text": " ".join(told)},
        "locations": [_location(index, hit.page, record, hit.mark.where)],
        **_make_suppressions(hit.reasons),
        "partialFingerprints": {"provscanFinding/v1": hit.id, **_content(record.examination.digest), **_place(hit)},
        "properties": {"provscan": said},
    }


def _of_reason(index: int, record: Record, reason: Because, page: Sheet) -> dict[str, Any]:
    return {
        "ruleId": reason.rule,
        **_weight(reason.outcome),
        "message": {"text": reason.sentence},
        "locations": [_location(index, page, record, "")],
        **_make_suppressions((reason,)),
        "partialFingerprints": {"provscanRule/v1": reason.rule, **_content(record.examination.digest)},
        "properties": {"provscan": {"outcome": reason.outcome.value, "policyRules": [reason.rule]}},
    }


def _make_suppressions(reasons: Iterable[Because]) -> dict[str, Any]:
    """Section 3.27.23: what a person accepted (no status means so), in which words; `fix` accepts nothing."""
    given = [{"kind": "external", "justification": reason.waiver} for reason in reasons if reason.accepted]
    return {"suppressions": given} if given else {}


def _weight(outcome: Outcome) -> dict[str, str]:
    """`kind` other than `fail` wants the level `none`: section 3.27.9."""
    return {"level": _LEVELS[outcome], "kind": "informational" if outcome is Outcome.PASS else "fail"}


def _location(index: int, page: Sheet, record: Record, where: str) -> dict[str, Any]:
    uri = {"uri": _uri(record.examination.asset.path), "uriBaseId": page.root, "index": index}
    told = f"{page.path}, {where}" if where else page.path
    return {"physicalLocation": {"artifactLocation": uri}, "message": {"text": told}}


def _content(digest: Digest | None) -> dict[str, str]:
    return {"provscanContent/v1": f"{inert(digest.algorithm)}:{inert(digest.value)}"} if digest else {}


def _place(hit: Instance) -> dict[str, str]:
    return {"provscanPlace/v1": f"{hit.span.first}+{hit.span.frames}"} if hit.span else {}


def _of_run(summary: Summary) -> Iterator[dict[str, Any]]:
    """What concerns no file: roots without files, which are an error, and warnings."""
    errors = len(summary.provenance.empty_roots)
    for number, note in enumerate(notes(summary)):
        code, level = ("empty-root", "error") if number < errors else ("run-warning", "warning")
        yield {"descriptor": {"id": code}, "level": level, "message": {"text": note}}


def _notifications(index: int, record: Record) -> Iterator[dict[str, Any]]:
    if not record.examination.problems:
        return
    page = sheet(record)
    for fault in page.faults:
        yield {
            "descriptor": {"id": fault.code},
            "level": "error" if fault.blocking else "note",
            "message": {"text": fault.line},
            "locations": [_location(index, page, record, "")],
        }
