"""One delivery scanned in a process of its own: what it takes or breaks ends with it."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from media.errors import RunError
from media.work import end_work
from media.work.interrupt import Interrupts
from scanner.exit_codes import ExitCode
from scanner.output.staging import abandon_all
from scanner.progress import Named, Progress, Silent
from scanner.reports.wording import headline, inert
from scanner.several.order import ScanOrder

__all__ = ["Answer", "ProgressMaker", "scan_apart", "show_nothing"]

ProgressMaker = Callable[[], AbstractContextManager[Progress]]
"""Makes what shows the progress of a scan, in the process of the scan. It can be pickled."""
_BEAT: Final = 1.0
_PATIENCE: Final = 20.0
"""Seconds in which a scan that is to end puts its things away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a scan."""

    exit_code: ExitCode
    headline: str = ""
    """The verdict in a sentence; empty where there is none."""
    error: str = ""
    """Why there is none."""
    written: tuple[Path, ...] = ()
    """Documents and folders of its reports."""


def show_nothing() -> AbstractContextManager[Progress]:
    """A `ProgressMaker`: none."""
    return nullcontext(Silent())


def scan_apart(order: ScanOrder, name: str, path: Path, shown: ProgressMaker, beat: Callable[[], None]) -> Answer:
    """Scan a delivery in another process, which ends before this returns; `beat` is called every second meanwhile."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    arguments = (order, name, path, shown, theirs, os.getpid())
    process = context.Process(target=_run, args=arguments, name="provscan-watch-scan")
    process.start()
    theirs.close()
    try:
        while process.is_alive() and not ours.poll(_BEAT):
            beat()
        try:
            answer: Answer = ours.recv()
        except EOFError:
            process.join(_PATIENCE)
            answer = Answer(exit_code=ExitCode.INTERNAL, error=f"the scan ended with {_ending(process.exitcode)}")
        process.join(_PATIENCE)
        return answer
    finally:
        ours.close()
        if process.is_alive():
            process.terminate()
            process.join(_PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _ending(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _run(order: ScanOrder, name: str, path: Path, shown: ProgressMaker, answers: Connection, parent: int) -> None:
    """In the process: the scan, and one answer."""
    interrupts = Interrupts(abandon_all)
    threading.Thread(target=_end_with, args=(parent, interrupts), daemon=True).start()
    try:
        with interrupts:
            answers.send(_scan(order, name, path, shown))
            end_work()  # multiprocessing waits for every process that this one started before it ends
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(ExitCode.INTERRUPTED)


def _scan(order: ScanOrder, name: str, path: Path, shown: ProgressMaker) -> Answer:
    try:
        with shown() as progress, order.scan(name, (path,), Named(progress, inert(name))) as run:
            return Answer(exit_code=run.summary.exit_code, headline=headline(run.summary), written=run.written)
    except RunError as error:
        return Answer(exit_code=ExitCode(error.exit_code), error=str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return Answer(exit_code=ExitCode.SETUP, error=f"{place}{error.strerror or error}")


def _end_with(parent: int, interrupts: Interrupts) -> None:
    """End this process and what it started when the watch is gone: a killed watch leaves nothing that runs."""
    while os.getppid() == parent:
        time.sleep(_BEAT)
    interrupts.end_at_once()
