"""`provscan sign OUT` and `provscan verify-report OUT`: a run's documents as evidence. Judges nothing."""

from __future__ import annotations

import os
from pathlib import Path

import click

from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.output.signature import sign as sign_folder
from scanner.output.signature import verify
from scanner.output.staging import SIGNATURE
from scanner.records.agreement import agreed, compare_with_summary
from scanner.reports.wording import count

__all__ = ["sign", "verify_report"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
    type=_FILE,
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


@click.command(
    epilog="""
\b
Examples:
  openssl genpkey -algorithm ed25519 -out house.pem      a key, made once; keep it secret
  openssl pkey -in house.pem -pubout -out house.pub      what others verify with
  provscan sign REPORT --key house.pem
  provscan verify-report REPORT --trust house.pub
"""
)
@click.argument("folder", metavar="OUT", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", required=True, type=_FILE, help="PEM file with the private key: Ed25519, EC or RSA.")
@click.option(
    "--certificate",
    type=_FILE,
    help="PEM file with the certificate of the key, then those that issued it. [none: the key alone]",
)
def sign(folder: Path, key: Path, certificate: Path | None) -> int:
    """Sign the documents of a run: writes signature.json into OUT.

    It covers every file in OUT: records, summary (with the versions of tool, rules, policies, libraries and SDK) and
    reports. OUT must be the folder of a scan whose records agree with its summary. A later scan into OUT removes the
    signature. The passphrase of the key, if it has one, is read from PROVSCAN_SIGN_PASSPHRASE.
    """
    agreed(folder / "records.jsonl")
    passphrase = os.environ.get("PROVSCAN_SIGN_PASSPHRASE")
    path = sign_folder(folder, key, certificate, passphrase=passphrase.encode() if passphrase is not None else None)
    out().print(plain(f"Signed: {path}", 1000))
    return ExitCode.OK
