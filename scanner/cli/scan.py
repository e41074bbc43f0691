"""`provscan scan PATH…` and `provscan judge RECORDS`; and what all commands that scan read from their flags."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from media.work.share import share_memory
from scanner.cli.ending import hush
from scanner.cli.options import (
    judging_options,
    library_option,
    memory_option,
    output_options,
    refuse_binary,
    scanning_options,
    settings_of,
)
from scanner.cli.terminal import Bar, fitted, interruptible
from scanner.exit_codes import ExitCode
from scanner.pipeline import Output, Run, rejudge, run_scan
from scanner.provenance import stored_judging
from scanner.reports import choose_reports
from scanner.reports.wording import inert
from scanner.several.order import ScanOrder

__all__ = ["judge", "kept_words", "order_of", "output_of", "require_out", "scan"]


@click.command(
    epilog="""
\b
Examples:
  provscan scan DELIVERY                            print the verdict on the terminal
  provscan scan DELIVERY --out REPORT               write report.html, records.jsonl, summary.json
  provscan scan EP101 EP102 --out REPORT --format csv --format html
  provscan scan DELIVERY --category '03_Art/**=artwork' --fail-on blocker
  provscan scan DELIVERY --library ARCHIVE --sources AI_TESTS --out REPORT
  provscan scan DELIVERY --format json > delivery.json
"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@judging_options
@output_options
@scanning_options
@memory_option("reported as not inspected")
def scan(
    paths: tuple[Path, ...],
    verbose: bool,
    shown: str,
    config_file: Path | None,
    no_cache: bool,
    rehash: bool,
    retry: bool,
    memory: int | None,
    **flags: Any,
) -> int:
    """Scan deliverables: read the metadata of every file, detect AI markers and matches, judge by a policy.

    Media are opened for reading only, nothing is sent, and nothing is written beside media. After an
    interruption run the same command again: finished files are not examined again.
    """
    output = output_of(flags)
    settings = settings_of(paths, config_file, flags)
    config = settings.config
    if memory is not None:
        share = share_memory(memory, config.jobs or None, sys.maxsize)
        config = replace(config, jobs=share.jobs, memory_limit=share.worker or config.memory_limit)
    with Bar(shown) as progress, interruptible(kept_words(no_cache=no_cache)):
        run = run_scan(
            paths,
            config,
            output,
            progress,
            no_cache=no_cache,
            retry=retry,
            rehash=rehash,
            origins=settings.origins,
        )
    return _print(run, output, verbose=verbose)


@click.command(
    epilog="""
\b
Examples:
  provscan judge out/records.jsonl --policy house.toml --out judged
  provscan judge out/records.jsonl --register ai-uses.xlsx --use svod --territory GB
  provscan judge out/records.jsonl --library ARCHIVE   after a licence was renewed
"""
)
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@judging_options
@library_option("Library to take current rights and licences from; no new matching. [those of the scan]")
@output_options
def judge(
    records: Path,
    verbose: bool,
    shown: str,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Judge a scan again with other rules, register, policy or library data. No media is opened.

    Policy, genre, use and territory are those of the scan, unless an option or a setting changes them.
    """
    output = output_of(flags)
    before, not_read = stored_judging(records)
    if not_read:
        click.echo(f"provscan: {inert(_in_delivery(records, not_read))}", err=True)
    settings = settings_of((records,), config_file, flags, before)
    with Bar(shown) as progress:
        run = rejudge(
            records,
            settings.config,
            output,
            progress,
            origins=settings.origins,
        )
    return _print(run, output, verbose=verbose)


def _in_delivery(records: Path, not_read: Mapping[str, Any]) -> str:
    """Why a summary beside its records does not say how they are judged, and the flags that would."""
    each = (
        (name, word) for name, value in not_read.items() for word in (value if isinstance(value, tuple) else (value,))
    )
    flags = " ".join(f"--{name} {word}" for name, word in each)
    return (
        f"settings not read: {records.with_name('summary.json')} is inside the delivery that its records describe,"
        f" and a delivery must not configure its own judging. If these settings are yours, add: {flags}"
    )


def kept_words(*, no_cache: bool) -> str:
    """What happens to the finished work of an interrupted scan."""
    if no_cache:
        return "Nothing is kept with --no-cache: the same command starts from the beginning."
    return "Finished work is kept; run the same command again to continue."


def output_of(flags: dict[str, Any]) -> Output:
    """Where the documents go, taken out of the flags of `output_options`. Raises `UsageError` where a binary report
    would be printed on a terminal."""
    folder, formats, about = flags.pop("out"), flags.pop("formats"), dict(flags.pop("about"))
    refuse_binary(folder, formats)
    return Output(
        folder=folder, formats=formats, redact=flags.pop("redact"), separator=flags.pop("separator"), about=about
    )


def require_out(flags: Mapping[str, Any], contents: str) -> Path:
    """`--out`, for a folder with these `contents`. Raises `UsageError` where it is not given."""
    out: Path | None = flags["out"]
    if out is None:
        raise click.UsageError(f"--out is needed: a folder for {contents}")
    return out


def order_of(location: Path, out: Path, config_file: Path | None, flags: dict[str, Any]) -> ScanOrder:
    """How all deliveries in `location` are scanned, taken out of the flags of `audit` and `watch`. Raises
    `ConfigError`."""
    output = output_of(flags)
    reuse = {name: flags.pop(name) for name in ("no_cache", "retry", "rehash")}
    settings = settings_of((location,), config_file, flags)
    return ScanOrder(out=out, config=settings.config, output=output, origins=settings.origins, **reuse)


def _print(run: Run, output: Output, *, verbose: bool) -> int:
    with run:
        for warning in run.warnings:
            click.echo(f"provscan: {inert(warning)}", err=True)
        wanted = ("console",) if output.folder is not None or not output.formats else output.formats
        try:
            for report in choose_reports(wanted, separator=output.separator):
                for piece in fitted(report, verbose=verbose).render(run.summary, run.records):
                    click.echo(piece, nl=False)
        except BrokenPipeError:
            hush()
        for path in run.written:
            click.echo(f"Written: {path}", err=True)
        return run.summary.exit_code if run.summary.exit_code else ExitCode.OK
