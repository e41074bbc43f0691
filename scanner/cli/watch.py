"""`provscan watch DIR`: a drop folder as a service."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from media.errors import ConfigError
from scanner.cli.options import judging_options, output_options, scanning_options
from scanner.cli.scan import order_of, require_out
from scanner.cli.terminal import Bar, fitted, interruptible
from scanner.exit_codes import ExitCode
from scanner.pipeline import stored_run
from scanner.reports.console import ConsoleReport
from scanner.reports.wording import inert
from scanner.watch.arrival import ArrivalRule
from scanner.watch.hooks import Hooks
from scanner.watch.watch import Watch, WatchSettings, read_state

__all__ = ["watch"]

_KEPT = "What was scanned is kept; run the same command again to continue."
_ALIVE = 300
"""Seconds: a watch whose last heartbeat is older does not run."""


@click.command(
    epilog="""
\b
Examples:
  provscan watch /Volumes/INBOX --out REPORTS --policy netflix-2025
  provscan watch /Volumes/INBOX --out REPORTS --when list --hook '/usr/local/bin/notify-qc --team post'
  provscan watch /Volumes/INBOX --out REPORTS --once         for cron
  provscan watch /Volumes/INBOX --out REPORTS --status       is it alive, and what did it do
"""
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--when",
    "rule",
    type=click.Choice([rule.value for rule in ArrivalRule]),
    default=ArrivalRule.STILL.value,
    help="When a delivery is whole: its files stand `still`; all files that its packing `list`, MHL or checksum file"
    " names are there; or a `marker` file is in it. [still]",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar="SECONDS",
    help="Seconds without a change. With --when marker the marker decides alone. [60]",
)
@click.option(
    "--marker",
    default="*.done",
    metavar="GLOB",
    help="Name of the marker file, in the delivery's folder; it is not scanned. [*.done]",
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=5.0,
    metavar="SECONDS",
    help="Look at the folder at least so often: network volumes report no changes. [5]",
)
@click.option("--once", is_flag=True, help="Scan what is whole now, and end. [run until interrupted]")
@click.option(
    "--hook",
    default="",
    metavar="COMMAND",
    help="Command to run after each scan, without a shell: its last argument is the report's folder, its standard input"
    " a JSON message with the summary. [none]",
)
@click.option(
    "--webhook", default="", metavar="URL", help="Address to send the same message to; nothing is sent without. [none]"
)
@click.option("--status", is_flag=True, help="Print watch.json and end; the exit code is 3 if no watch runs. [watch]")
@judging_options
@output_options
@scanning_options
def watch(
    folder: Path,
    rule: str,
    settle: float,
    marker: str,
    every: float,
    once: bool,
    hook: str,
    webhook: str,
    status: bool,
    verbose: bool,
    shown: str,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Watch a drop folder and scan each delivery once it has arrived.

    Each folder or file in FOLDER is a delivery. Its records and reports are written to --out/deliveries/NAME. A
    delivery that changes, also while it is read, is scanned again. What failed is tried again after a pause. The
    watch survives being killed: watch.json in --out holds what was done. Only one watch can use an --out folder.
    """
    out = require_out(flags, "the reports and for watch.json")
    if status:
        return _print_status(out)
    order = order_of(folder, out, config_file, flags)
    try:
        hooks = Hooks(command=tuple(shlex.split(hook)), address=webhook)
    except ValueError as error:
        raise ConfigError(f"--hook {hook}: {error}") from error
    if rule == ArrivalRule.MARKER:
        order = replace(order, config=replace(order.config, exclude=(*order.config.exclude, marker)))
    chosen = WatchSettings(
        rule=ArrivalRule(rule), settle=settle, marker=marker, every=every, once=once, hooks=hooks,
        shown=partial(Bar, shown), print_report=_print_report if verbose else None,
    )  # fmt: skip
    with interruptible(_KEPT):
        return Watch(folder, order, chosen, _print).run()


def _print(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {inert(line)}", err=True)


def _print_report(folder: Path) -> None:
    summary, records = stored_run(folder / "records.jsonl")
    for piece in fitted(ConsoleReport(), verbose=True).render(summary, records):
        click.echo(piece, nl=False)


def _print_status(out: Path) -> int:
    state = read_state(out)
    click.echo(json.dumps(state, indent=1))
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(str(state.get("heartbeat")))
    except ValueError:
        return ExitCode.INCOMPLETE
    return ExitCode.OK if abs(age.total_seconds()) < _ALIVE else ExitCode.INCOMPLETE
