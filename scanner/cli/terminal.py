"""Text from files, safe for a terminal; tables; and progress on standard error."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Any, NoReturn, TextIO, cast

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.text import TextType

from scanner.reports import Report
from scanner.reports.console import ConsoleReport
from scanner.reports.screen import SCREEN
from scanner.reports.wording import trim

__all__ = ["Bar", "fitted", "interruptible", "out", "plain"]


_UNCUT = 10_000
"""Characters of a line that another program reads: no table is cut or folded for it."""
_RULE = 80


class _Document(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError

    def rule(self, title: TextType = "", **kwargs: Any) -> None:
        """A rule across the terminal; across 80 columns where another program reads it."""
        if self.is_terminal:
            super().rule(title, **kwargs)
        else:
            self.print(Rule(title, align=kwargs.get("align", "center")), width=_RULE)


class _Trimmed:
    """Standard output without the blanks that fill a table's last column."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(_BLANKS.sub("", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_BLANKS = re.compile(r" +(?=\n)")


@contextmanager
def interruptible(said: str) -> Iterator[None]:
    """Where Ctrl-C ends the command with this sentence: what becomes of the work that was done."""
    try:
        yield
    except KeyboardInterrupt as stop:
        click.echo(err=True)  # behind the terminal's ^C
        raise click.Abort(said) from stop
    except Exception as error:
        error.add_note(said)
        raise


def out() -> Console:
    """The console that documents are printed on: standard output. Piped, it has no colour and cuts nothing."""
    if sys.stdout.isatty():
        return _Document(file=sys.stdout, highlight=False, soft_wrap=True)
    return _Document(file=cast(IO[str], _Trimmed(sys.stdout)), highlight=False, soft_wrap=True, width=_UNCUT)


def fitted(report: Report, *, verbose: bool) -> Report:
    """The console report as wide as the terminal, in colour where there is one, in full or on one screen; any other
    report as it is."""
    if not isinstance(report, ConsoleReport):
        return report
    width = min(shutil.get_terminal_size().columns, 120)
    return ConsoleReport(width=width, colour=sys.stdout.isatty(), lines=0 if verbose else SCREEN)


def plain(value: str, length: int = 300) -> str:
    """A value from a file: trimmed, without control characters, and with markup escaped."""
    return escape(trim(value, length))


class Bar:
    """Progress on standard error, only where that is a terminal. A context manager."""

    def __init__(self) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}"),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total, what="")

    def step(self, what: str = "") -> None:
        """One more is done."""
        if self._task is not None:
            self._bar.update(self._task, advance=1, what=plain(what, 60))
