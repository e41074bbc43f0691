"""Runs commands of provscan as processes of the desk: started, watched, stopped, and never left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any, Final

import psutil

from media.errors import RunError
from scanner.exit_codes import ExitCode
from scanner.reports.wording import trim

__all__ = ["VERDICTS", "CommandRun", "Runner", "RunnerBusy"]

_PATIENCE: Final = 20.0
"""Seconds that a stopped command gets: it ends its workers and closes its cache."""
_MESSAGES: Final = 200
_LINE: Final = 1000
VERDICTS: Final = (ExitCode.OK, ExitCode.FOUND, ExitCode.INCOMPLETE)
"""How a command ends that judged a delivery."""


class RunnerBusy(RunError):
    """Another job is being scanned."""


class RunState(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class CommandRun:
    """Commands of one job, one after the other, and what they reported so far."""

    job: str
    state: RunState = RunState.RUNNING
    stages: list[dict[str, Any]] = field(default_factory=list)
    """As `--progress json` states them, the last line of each stage."""
    messages: deque[str] = field(default_factory=lambda: deque(maxlen=_MESSAGES))
    code: int | None = None
    changed: int = 0
    """Raised with every change."""

    @property
    def is_active(self) -> bool:
        """Whether a process of it may be running."""
        return self.state in (RunState.RUNNING, RunState.STOPPING)

    def to_json(self) -> dict[str, Any]:
        """For the page that shows it."""
        return {
            "state": self.state.value,
            "stages": list(self.stages),
            "messages": list(self.messages),
            "code": self.code,
        }


class Runner:
    """Runs one job at a time: a scan takes all cores. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, CommandRun] = {}
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._quiet: list[tuple[subprocess.Popen[str], IO[str] | None]] = []

    def find_run(self, job: str) -> CommandRun | None:
        """The last run of a job since the desk was started."""
        return self._runs.get(job)

    @property
    def active(self) -> CommandRun | None:
        """The run that goes on now."""
        return next((run for run in self._runs.values() if run.is_active), None)

    def start(self, job: str, commands: Sequence[Callable[[], list[str]]]) -> CommandRun:
        """Begin to run commands; each is asked for its arguments when its turn comes, and the next only runs after one
        that gave a verdict. Raises `RunnerBusy` where another job runs; a job that runs already goes on."""
        with self._lock:
            if (active := self.active) is not None:
                if active.job == job:
                    return active
                raise RunnerBusy("Another job is being scanned. Stop it, or wait until it has ended.")
            run = self._runs[job] = CommandRun(job)
            self._thread = threading.Thread(target=self._go, args=(run, list(commands)), daemon=True)
            self._thread.start()
            return run

    def stop(self, job: str) -> None:
        """Interrupt a job's run: what was examined stays in the cache."""
        with self._lock:
            run = self._runs.get(job)
            if run is None or run.state is not RunState.RUNNING:
                return
            run.state = RunState.STOPPING
            run.changed += 1
            process = self._process
        if process is not None:
            _interrupt(process)

    def run_quietly(
        self, arguments: Sequence[str], seconds: float, accepted: Collection[ExitCode] = (ExitCode.OK,)
    ) -> str:
        """Run a short command to its end and return what it printed. Raises `RunError` with its messages where it ends
        otherwise than `accepted`, and after so long. `close` ends it."""
        process = _spawn(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stdin, process.stdin = process.stdin, None  # `communicate` would close it, which ends the command
        self._quiet.append((process, stdin))
        try:
            printed, messages = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise RunError(f"provscan {arguments[0]} took longer than {seconds:.0f} seconds") from error
        finally:
            self._quiet.remove((process, stdin))
            process.stdin = stdin
            _end(process)
        if process.returncode not in accepted:
            words = _without_name(messages) or f"provscan {arguments[0]} failed (exit code {process.returncode})"
            raise RunError(words)
        return printed

    def close(self) -> None:
        """Stop what runs, and wait until no process of it is left."""
        for quiet, stdin in tuple(self._quiet):
            with suppress(OSError):
                if stdin is not None:
                    stdin.close()
            _kill_children(quiet)
            quiet.kill()
        if (run := self.active) is not None:
            self.stop(run.job)
        thread, process = self._thread, self._process
        if process is not None:
            _end(process)
        if thread is not None:
            thread.join(timeout=5)

    def _go(self, run: CommandRun, commands: list[Callable[[], list[str]]]) -> None:
        try:
            for command in commands:
                self._run_one(run, command())
                if run.state is RunState.STOPPING or run.code not in VERDICTS:
                    break
        except (OSError, RunError) as error:
            run.messages.append(trim(str(error), _LINE))
            run.code = int(ExitCode.SETUP)
        finally:
            with self._lock:
                self._process = None
                if run.code in VERDICTS:
                    run.state = RunState.DONE
                else:
                    run.state = RunState.STOPPED if run.state is RunState.STOPPING else RunState.FAILED
                run.changed += 1

    def _run_one(self, run: CommandRun, arguments: list[str]) -> None:
        with self._lock:
            if run.state is RunState.STOPPING:
                return
            process = _spawn([*arguments, "--progress", "json"], stderr=subprocess.PIPE)
            self._process = process
        assert process.stderr is not None  # noqa: S101 - asked for
        with process.stderr as lines:
            for line in lines:
                _read_line(run, line)
        run.code = process.wait()
        _kill_children(process)


def _spawn(arguments: Sequence[str], **streams: Any) -> subprocess.Popen[str]:
    """A process of the command line that ends with us. No argument is read by a shell."""
    return subprocess.Popen(
        [sys.executable, "-m", "scanner.cli.child", *arguments],
        stdin=subprocess.PIPE,
        **{"stdout": subprocess.DEVNULL, **streams},
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        # Ctrl-C in the terminal is ours: we end the command in our own way.
        start_new_session=True,
    )


def _read_line(run: CommandRun, line: str) -> None:
    """One line of standard error: where the run is, or a message."""
    step: Any = None
    if line.startswith("{"):
        with suppress(ValueError):
            step = json.loads(line)
    if not isinstance(step, dict) or "stage" not in step:
        if line.strip() and not line.startswith("Written: "):
            run.messages.append(trim(_without_name(line), _LINE))
    elif run.stages and run.stages[-1]["stage"] == step["stage"]:
        run.stages[-1] = step
    else:
        run.stages.append(step)
    run.changed += 1


def _without_name(message: str) -> str:
    return message.strip().removeprefix("provscan: ")


def _interrupt(process: subprocess.Popen[str]) -> None:
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupt it, and kill what is left of it and its workers after a while."""
    if process.poll() is None:
        _interrupt(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE)
    _kill_children(process)
    if process.poll() is None:
        process.kill()
        process.wait()


def _kill_children(process: subprocess.Popen[str]) -> None:
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
