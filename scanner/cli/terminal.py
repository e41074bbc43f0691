"""Text from files, safe for a terminal; tables; and progress on standard error."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import IO, Any, NoReturn, TextIO, cast

import click
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.text import TextType

from media.work.meter import MeterReader
from scanner.cli.gauge import Gauge, JsonLines
from scanner.reports import Report
from scanner.reports.console import ConsoleReport
from scanner.reports.places import running_time
from scanner.reports.screen import SCREEN
from scanner.reports.wording import trim

__all__ = ["PROGRESS", "Bar", "fitted", "interruptible", "out", "plain"]


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


PROGRESS = ("auto", "json", "none")
"""How progress is shown: as a bar on a terminal, as JSON lines, or not at all."""
_BLANKS = re.compile(r" +(?=\n)")


@contextmanager
def interruptible(said: str) -> Iterator[None]:
    """A block in which Ctrl-C ends the command with this sentence, which states what happens to the finished work."""
    try:
        yield
    except KeyboardInterrupt as stop:
        click.echo(err=True)  # behind the terminal's ^C
        raise click.Abort(said) from stop
    except Exception as error:
        error.add_note(said)
        raise


def out() -> Console:
    """The console that documents are printed on: standard output. Piped, it has no colour and shortens nothing."""
    if sys.stdout.isatty():
        return _Document(file=sys.stdout, highlight=False, soft_wrap=True)
    return _Document(file=cast(IO[str], _Trimmed(sys.stdout)), highlight=False, soft_wrap=True, width=_UNCUT)


def fitted(report: Report, *, verbose: bool) -> Report:
    """The console report as wide as the terminal, in colour where there is one, in full or on one screen; any other
    report unchanged."""
    if not isinstance(report, ConsoleReport):
        return report
    width = min(shutil.get_terminal_size().columns, 120)
    return ConsoleReport(width=width, colour=sys.stdout.isatty(), lines=0 if verbose else SCREEN)


def plain(value: str, length: int = 300) -> str:
    """A value from a file: trimmed, without control characters, and with markup escaped."""
    return escape(trim(value, length))


class _Live(Progress):
    """Asks the gauge each time it is drawn: inside a long file too."""

    gauge: Gauge | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn now."""
        if (gauge := self.gauge) is not None:
            share, what, left = gauge.share, escape(trim(gauge.what, 60)), _time_left(gauge.seconds_left)
            for task in self.tasks:
                total = 1.0 if share is not None else None
                self.update(task.id, total=total, completed=share or 0.0, what=what, left=left)
        yield from super().get_renderables()


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{running_time(whole)} left" if whole >= 60 else f"{whole} s left"


class Bar:
    """Progress on standard error: a bar where that is a terminal, JSON lines where a program asks for them. A context
    manager."""

    def __init__(self, form: str = "auto") -> None:
        """`form`: one of `PROGRESS`."""
        self._closing = ExitStack()
        self._meter = MeterReader()
        self._gauge = Gauge(self._meter)
        self._lines = JsonLines(self._gauge) if form == "json" else None
        self._bar = _Live(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[what]}"),
            console=Console(stderr=True),
            transient=True,
            disable=form != "auto" or not sys.stderr.isatty(),
        )
        self._bar.gauge = self._gauge
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        if self._lines is not None or not self._bar.disable:
            self._closing.enter_context(self._meter)
        if self._lines is not None:
            self._closing.enter_context(self._lines)
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._closing.close()

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """A stage begins."""
        if self._lines is not None:
            self._lines.write()
        self._gauge.begin(name, total, work)
        if self._lines is not None:
            self._lines.write()
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=None, what="", left="", count=self._count())

    def step(self, what: str = "", *, work: int = 0) -> None:
        """One more is done."""
        self._gauge.add(what, work)
        if self._task is not None and not self._bar.disable:
            self._bar.update(self._task, count=self._count())

    def _count(self) -> str:
        return f"{self._gauge.done:,}" + (f"/{self._gauge.total:,}" if self._gauge.total is not None else "")
