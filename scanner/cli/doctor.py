"""`provscan doctor`: what is there, what is missing, and the mend."""

from __future__ import annotations

import click
from rich.table import Table

from scanner.cli.terminal import out
from scanner.doctor import checks, formats
from scanner.errors import ExitCode
from scanner.identify import KINDS

__all__ = ["doctor"]


@click.command(epilog="Example:\n\n  provscan doctor --formats")
@click.option("--formats", "with_formats", is_flag=True, help="Also list every format and the readers that look at it.")
def doctor(with_formats: bool) -> int:
    """List every tool and library that provscan stands on, and the mend for what is missing."""
    console = out()
    table = Table("", "name", "version", "for", box=None, pad_edge=False)
    missing = 0
    for check in checks():
        lost = check.found is None
        missing += lost and check.needed
        state = "ok" if not lost else ("MISSING" if check.needed else "not there")
        table.add_row(state, check.name, check.found or "-", check.purpose + (f"; mend: {check.mend}" if lost else ""))
    console.print(table)
    if with_formats:
        listing = Table("media type", "kind", "readers", box=None, pad_edge=False)
        looked = formats()
        for media_type, kind in KINDS.items():
            listing.add_row(media_type, kind, ", ".join(looked.get(media_type, ())) or "none: recorded, said so")
        console.print()
        console.print(listing)
    console.print("Everything that is needed is there." if not missing else f"{missing} needed but missing.")
    return ExitCode.SETUP if missing else ExitCode.OK
