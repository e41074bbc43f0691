"""`provscan verify-report OUT`: compares a run's records with its summary and with its signature. Judges nothing."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.output.signature import SIGNATURE, verify
from scanner.records.agreement import compare_with_summary
from scanner.reports.wording import count

__all__ = ["verify_report"]


@click.command(
    "verify-report",
    epilog="""
\b
Examples:
  provscan verify-report report
  provscan verify-report report --trust house.pub
""",
)
@click.argument("folder", metavar="OUT", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file with the public key or the certificates of who must have signed (see provscan sign). [any signer]",
)
def verify_report(folder: Path, trust: Path | None) -> int:
    """Check that records.jsonl in OUT agrees with the summary.json beside it: number, outcomes, SHA-256.

    OUT is the folder that a scan wrote, or its records.jsonl. If the folder holds a signature.json, or with
    --trust, the signature is checked too: every signed file, and who signed. The exit code is 0 if all agrees,
    3 if something disagrees or the summary is missing, 4 if something cannot be read.
    """
    records = folder / "records.jsonl" if folder.is_dir() else folder
    found = compare_with_summary(records)
    for said in (*found.faults, *found.warnings):
        out().print(plain(said, 1000))
    if found.faults or found.warnings:
        out().print("No verdict: the records could not be verified as complete.")
        return ExitCode.INCOMPLETE
    out().print(f"{count(found.records, 'record')}, as {plain(str(records.with_name('summary.json')), 400)} declares.")
    return _verify_signature(records.parent, trust)


def _verify_signature(folder: Path, trust: Path | None) -> ExitCode:
    if trust is None and not (folder / SIGNATURE).exists():
        return ExitCode.OK
    found = verify(folder, trust)
    for said in (*found.faults, *found.warnings):
        out().print(plain(said, 1000))
    if found.faults:
        out().print("The signature does not hold.")
        return ExitCode.INCOMPLETE
    signed = f"{count(found.files, 'file')} signed at {found.signed_at} by {found.signer}"
    out().print(plain(signed, 1000))
    return ExitCode.OK
