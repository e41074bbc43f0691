"""`provscan desk [FOLDER]`: the local page for the whole job."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import click

from scanner.exit_codes import ExitCode
from scanner.reports.wording import inert

__all__ = ["desk"]


@click.command(
    epilog="""
\b
Examples:
  provscan desk                      open the desk: earlier jobs, or a new one
  provscan desk DELIVERY             begin a job with this delivery
  provscan desk REPORT               open the folder that a scan wrote with --out
  provscan desk AUDIT                open the folder that an audit wrote: a grid of deliveries and rules
  provscan desk --install-launcher   an entry in the menu, or a file on the desktop, that opens the desk
"""
)
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. [any that is free]")
@click.option("--no-browser", is_flag=True, help="Print the address only; open it yourself. [a browser is opened]")
@click.option(
    "--install-launcher",
    "installs",
    is_flag=True,
    help="Write a launcher for people who use no terminal, print where it is, and end. [no]",
)
def desk(folder: Path | None, port: int, no_browser: bool, installs: bool) -> int:
    """Open a local page for the whole job: choose a delivery, scan, review, decide, sign.

    The page is served on 127.0.0.1 to the browser that opens the printed address, and to nobody else. Nothing is
    fetched from a network. The desk ends with its last window, or with Ctrl-C; a scan that runs then stops, and its
    finished work is kept.
    """
    if installs:
        from scanner.desk.launcher import install_launcher

        click.echo(install_launcher())
        return ExitCode.OK
    from scanner.desk.server import DeskServer, user_shelf

    server = DeskServer(user_shelf(), port)
    job = server.desk.begin(folder) if folder is not None else "/"
    server.serve(lambda address: _announce(address, opens=not no_browser), job)
    return ExitCode.OK


def _announce(address: str, *, opens: bool) -> None:
    click.echo(f"provscan desk: {inert(address)}", err=True)
    click.echo("The address works once, on this machine. Close the window or press Ctrl-C to end.", err=True)
    if opens and not webbrowser.open(address):
        click.echo("provscan: no browser could be opened; open the address yourself", err=True)
    sys.stderr.flush()
