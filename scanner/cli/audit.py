"""`provscan audit SERIES`: many deliveries, one set of libraries, registers and policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.audit.audit import run_audit
from scanner.audit.documents import lines
from scanner.cli.options import judging_options, output_options, scanning_options
from scanner.cli.scan import kept_words, order_of, require_out
from scanner.cli.terminal import Bar, interruptible
from scanner.reports.wording import inert

__all__ = ["audit"]


@click.command(
    epilog="""
\b
Examples:
  provscan audit SEASON_01 --out AUDIT                a run for each folder of SEASON_01, and audit.html
  provscan audit SEASON_01 --out AUDIT --policy netflix-2025 --library ARCHIVE --register ai-uses.xlsx
  provscan audit SEASON_01 --out AUDIT --deliveries 'EP10?' --format html --format csv
"""
)
@click.argument("series", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--deliveries",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Scan only the deliveries whose folder's name matches; may be repeated. [all of them]",
)
@judging_options
@output_options
@scanning_options
def audit(
    series: Path,
    patterns: tuple[str, ...],
    verbose: bool,
    shown: str,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Audit many deliveries with the same libraries, registers and policies.

    Each folder in SERIES is a delivery and is scanned into a folder of its own in --out; files beside these folders
    are scanned together. The roll-up (audit.html, audit.xlsx, audit.json) shows rules by delivery, what is in several
    deliveries, and what is new since the last audit with the same --out. After an interruption run the same command
    again. The exit code is the worst of all deliveries: 1 outranks 3; 4 means that a delivery could not be scanned.
    """
    out = require_out(flags, "the roll-up and for the reports of each delivery")
    order = order_of(series, out, config_file, flags)
    with Bar(shown) as progress, interruptible(kept_words(no_cache=order.no_cache)):
        made = run_audit(series, order, progress, patterns=patterns)
    for warning in made.rollup.warnings:
        click.echo(f"provscan: {inert(warning)}", err=True)
    for line in lines(made.rollup, most=None if verbose else 12):
        click.echo(line)
    for path in made.written:
        click.echo(f"Written: {path}", err=True)
    return made.rollup.exit_code
