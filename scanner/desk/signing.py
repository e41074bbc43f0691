"""Signing a job: the reports are written from what holds now, and each states who signed, when, and what was open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from scanner.desk.commands import reports_arguments
from scanner.desk.job import DeskJob, refuse_own_delivery
from scanner.desk.runner import VERDICTS, Runner
from scanner.model import Outcome, Scan
from scanner.output.document import encoded, write_document
from scanner.pipeline import stored_run
from scanner.provenance import stored_seal
from scanner.records.agreement import read_summary
from scanner.records.summary import Summary
from scanner.reports import REPORTS, choose_reports
from scanner.reports.naming import file_of, pattern_of
from scanner.reports.pictures.pictures import PictureFolder
from scanner.reports.wording import count

__all__ = ["DECISIONS", "SignOff", "list_documents", "records_digest", "sign_job", "signed_of", "state_open",
           "write_job_reports"]  # fmt: skip

DECISIONS: Final = ("deliver", "deliver with the exceptions noted", "do not deliver")
_SECONDS: Final = 3600.0
_BESIDE: Final = ("records.jsonl", "summary.json", "waivers.toml", "register.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """What a person typed. No cryptographic signature."""

    decision: str
    name: str
    role: str
    day: str
    """2026-11-30."""


def records_digest(job: DeskJob) -> str:
    """SHA-256 of the records that hold now; empty where their summary states none."""
    seal = stored_seal(job.latest)
    return seal.sha256 if seal else ""


def state_open(summary: Summary) -> str:
    """What is open: `4 blockers, 9 issues, 3 files not inspected`; `nothing`."""
    counts = (
        (summary.outcomes[Outcome.BLOCKER], "file with a blocker", "files with a blocker"),
        (summary.outcomes[Outcome.ISSUE], "file with an issue", "files with an issue"),
        (summary.scans[Scan.INCOMPLETE], "file not inspected", "files not inspected"),
    )
    return ", ".join(count(number, one, many) for number, one, many in counts if number) or "nothing"


def signed_of(job: DeskJob) -> dict[str, str]:
    """The sign-off that the reports of a job state, with `holds`: `yes` where nothing changed since. Empty where nobody
    signed."""
    stored = read_summary(Path(job.out, "records.jsonl"))
    signed = (stored or {}).get("signed")
    if not isinstance(signed, dict) or not signed:
        return {}
    return {**{str(key): str(value) for key, value in signed.items()},
            "holds": "yes" if signed.get("source") == records_digest(job) else "no"}  # fmt: skip


def write_job_reports(job: DeskJob, runner: Runner) -> None:
    """Write the reports of a job from what holds now, unsigned. Raises `RunError` where that fails."""
    refuse_own_delivery(job)
    runner.run_quietly(reports_arguments(job), _SECONDS, VERDICTS)


def sign_job(job: DeskJob, signing: SignOff, runner: Runner) -> None:
    """Write the reports, and the sign-off into each of them and into `summary.json`."""
    source = records_digest(job)
    write_job_reports(job, runner)
    records = Path(job.out, "records.jsonl")
    summary, reader = stored_run(records)
    signed = {
        "decision": signing.decision,
        "name": signing.name,
        "role": signing.role,
        "day": signing.day,
        "records": summary.seal.sha256 if summary.seal else "",
        "open": state_open(summary),
        "source": source,
    }
    summary = replace(summary, provenance=replace(summary.provenance, signed=signed))
    for report in choose_reports(job.choices.formats):
        if report.file_name != records.name:
            for document in report.illustrated(PictureFolder(job.pictures)).documents(summary, reader):
                write_document(Path(job.out, file_of(report.file_name, document.part)), encoded(document.pieces))
    stored = {**(read_summary(records) or {}), "signed": signed}
    write_document(records.with_name("summary.json"), [(json.dumps(stored, indent=1) + "\n").encode()])


def list_documents(job: DeskJob) -> Iterator[Path]:
    """The documents in the output folder that provscan wrote, by name."""
    patterns = [pattern_of(report.file_name) for report in REPORTS if report.file_name]
    folder = Path(job.out)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        is_ours = path.name in _BESIDE or any(pattern.fullmatch(path.name) for pattern in patterns)
        if is_ours and path.is_file() and not path.is_symlink():
            yield path
