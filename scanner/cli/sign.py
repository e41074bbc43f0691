"""`provscan sign OUT`: a run's documents signed with the house's key."""

from __future__ import annotations

import os
from pathlib import Path

import click

from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.output.signature import sign as sign_folder
from scanner.records.agreement import agreed

__all__ = ["sign"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
