"""The command line: the only code that parses flags, prints and exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from scanner import __version__
from scanner.cli.ending import ending, hush, prepare_streams
from scanner.exit_codes import ExitCode

__all__ = ["main", "provscan"]


_COMMANDS = (
    "scan", "audit", "watch", "judge", "explain", "report", "sign", "verify-report", "diff", "trace", "library",
    "register", "categories", "rules", "policy", "desk", "doctor",
)  # fmt: skip
_ELSEWHERE = {"judge": "scan", "sign": "verify_report"}
"""Commands that stand in another one's file."""


class _Commands(click.Group):
    """Imports a command when it is asked for: what compares pictures is slow to load, and `rules` needs none of it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"scanner.cli.{_ELSEWHERE.get(cmd_name, name)}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would answer 1, which means that something was found
            hush()
            return ExitCode.OK


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""
\b
Exit codes:
  0    no outcome at or above --fail-on
  1    at least one outcome at or above --fail-on
  2    the command line is not valid
  3    the scan is incomplete: some files could not be judged, or no file was found (1 outranks 3)
  4    set-up or environment: configuration, rules, policy, a tool, or a full disk
  70   an internal error of provscan: no verdict; the message names the log file
  130  interrupted; finished work is kept, except with --no-cache
""",
)
@click.version_option(__version__, prog_name="provscan")
def provscan() -> None:
    """The media provenance scanner that film and TV productions run before they deliver.

    It reads the metadata of every file, detects markers of generative AI tools, and judges them by a
    commissioner's policy. It works locally and read-only: nothing is sent, nothing is written beside media.
    No marker found never means that a file is authentic.

    \b
    Start here:
      provscan scan DELIVERY --out REPORT
      provscan explain DELIVERY/key_art.png
      provscan trace AI_STILL.png --in EP101.mov
      provscan doctor
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with one of `ExitCode`."""
    # Processes that are started search no module in the working folder: it may be a delivery.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    prepare_streams()
    with ending():
        code = provscan.main(args=arguments, prog_name="provscan", standalone_mode=False)
    sys.exit(int(code or 0))
