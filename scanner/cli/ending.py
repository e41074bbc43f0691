"""How the command line begins and ends: streams that can be written, one message, one of `ExitCode`.

An error of the environment is never a finding: a full disk is 4, and an unexpected error is 70, with its log. Every
worker of an installed `provscan` imports this module, so it imports little.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click
import platformdirs

from media.errors import RunError
from media.work.interrupt import Interrupts, ignore_late
from scanner import __version__
from scanner.exit_codes import ExitCode
from scanner.output.staging import abandon_all

__all__ = ["ending", "hush", "prepare_streams"]

_ENVIRONMENT = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS, errno.EFBIG, errno.EIO}
)
"""What a machine lacks: no fault of ours, whatever raised it."""


def hush() -> None:
    """The reader of our output has gone: discard what follows."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_streams() -> None:
    """Before anything is opened: make sure that the three standard streams exist and accept every character.

    Exits with 4 where standard output is closed: what a command prints would be lost.
    """
    closed = [number for number in (0, 1, 2) if not _is_open(number)]
    for number in closed:
        # Else the next file that is opened, a database perhaps, is taken for the stream of that number.
        descriptor = os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
        if descriptor != number:
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.set_inheritable(number, True)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # not there, or not a stream of bytes
            if (stream.encoding.lower().replace("-", ""), stream.errors) != ("utf8", "surrogateescape"):
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
    if sys.stdout is None or 1 in closed:
        _say(
            "provscan: standard output is closed, and nothing can be printed; keep it open or redirect it to /dev/null"
        )
        sys.exit(ExitCode.SETUP)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@contextmanager
def ending() -> Iterator[None]:
    """However the block ends, the process ends with the matching code and one message on standard error."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries warn of what readers report by its file
    logging.lastResort = None
    try:
        with Interrupts(abandon_all):
            yield
            sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt) as stop:
        _leave(ExitCode.INTERRUPTED, f"Interrupted. {stop}".rstrip())
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        _leave(error.exit_code)
    except BrokenPipeError:  # whoever read our output has gone
        hush()
        sys.exit(ExitCode.OK)
    except RunError as error:
        _leave(error.exit_code, f"provscan: {error}")
    except (OSError, sqlite3.Error) as error:
        if (said := _environment(error)) is None:
            _leave_unexpected(error)
        _leave(ExitCode.SETUP, f"provscan: {said}")
    except Exception as error:  # noqa: BLE001 - the last stop of all
        _leave_unexpected(error)
    finally:
        ignore_late()


def _environment(error: OSError | sqlite3.Error) -> str | None:
    """What the machine lacks, in words with its place; None where that is not what was raised."""
    if isinstance(error, sqlite3.Error):
        is_space = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
        return f"{tempfile.gettempdir()} or the cache folder: {error}; make room there" if is_space else None
    reason = error.strerror or str(error)
    if error.filename:
        return f"cannot read or write {_printable(error.filename)}: {reason}"
    if error.errno in _ENVIRONMENT:
        return f"{_likely_place(error)}: {reason}"
    # `tempfile` where no folder takes a byte: its words list them.
    return f"{reason}; make room in one of them, or set TMPDIR" if error.errno == errno.ENOENT else None


def _likely_place(error: OSError) -> str:
    """Where an error without a name happened: shared memory for what `multiprocessing` made, else an open stream."""
    modules = {frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)}
    if any(name.startswith("multiprocessing.") for name in modules):
        return "/dev/shm" if Path("/dev/shm").is_dir() else "shared memory"  # noqa: S108 - named, not used
    if any(name in ("click.utils", "rich.console") for name in modules) or len(modules) <= 2:
        return "standard output"
    return f"the temporary folder {_temporary()}"


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:
        return os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - named, not used


def _leave_unexpected(error: Exception) -> None:
    kept = " ".join(getattr(error, "__notes__", ()))
    words = _printable(str(error)).partition("\n")[0][:200]
    log = _write_log(error)
    said = f"provscan: internal error ({type(error).__name__}: {words}). The log is {log}."
    _leave(ExitCode.INTERNAL, f"{said} {kept}".rstrip())


def _write_log(error: Exception) -> str:
    """The traceback into a file of the user's log folder, else of the temporary one; where it is, in words."""
    now = datetime.now(UTC)
    words = "".join(traceback.format_exception(error))
    text = f"provscan {__version__}, Python {sys.version.split()[0]}, {sys.platform}, {now:%Y-%m-%dT%H:%M:%SZ}\n{words}"
    for place in (platformdirs.user_log_dir("provscan", appauthor=False), _temporary()):
        with suppress(OSError):
            folder = Path(place)
            folder.mkdir(parents=True, exist_ok=True)
            log = folder / f"provscan-{now:%Y%m%d-%H%M%S}-{os.getpid()}.log"
            with log.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return str(log)
    return "not written: neither the log folder nor the temporary folder can be"


def _printable(words: object) -> str:
    text = os.fsdecode(words) if isinstance(words, bytes) else str(words)
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def _say(message: str) -> None:
    with suppress(OSError):
        click.echo(message, err=True)


def _leave(code: int, message: str = "") -> None:
    """What was printed before, if it can be; the message; the code."""
    if message:
        _say(message)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        hush()  # else the interpreter tries once more, and answers 120
    sys.exit(code)
