"""Identifies files by their first bytes, in the sealed worker, many of a folder at a time."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from media.errors import Malformed, MediaError, TimedOut, Unreadable
from media.identify import Format, identify
from media.opening import open_regular
from media.work import Lost, run_sealed

__all__ = ["FileIdentify", "Found", "Identify", "SealedIdentify", "identify_file"]

_BATCH: Final = 256
"""Files of one call: the call costs about as much as ten of them."""
_FIRST_SECONDS, _SECONDS_A_FILE = 60.0, 1.0
"""Of one call. A file takes less than a millisecond on a disk of the machine, and may lie on a slow network."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file in a listing."""

    folder: str
    """Absolute, as the system writes it."""
    name: str
    size: int
    mtime_ns: int
    identity: tuple[int, int] | None = None
    """Inode and change time (ns), where the file system keeps them."""


class Identify(Protocol):
    """Recognises files. `FileIdentify` opens them, `SealedIdentify` has them opened, `Store.formats` remembers them."""

    def expect(self, files: Iterable[Found]) -> None:
        """Take note of the files of the folder that comes now, about in the order in which they are asked for."""

    def __call__(self, found: Found) -> Format:
        """The format of a file. Raises `MediaError`."""


def identify_file(found: Found) -> Format:
    """Identify a file by opening it in this process."""
    with open_regular(os.path.join(found.folder, found.name)) as file:  # noqa: PTH118 - odd bytes stay as they are
        try:
            return identify(file, found.name, found.size)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error
        except (LookupError, ValueError, struct.error) as error:
            # No few bytes may cost the files beside it.
            raise Malformed(f"cannot be recognised: {error}") from error


class FileIdentify:
    """Opens each file when it is asked for, in this process."""

    def __init__(self, identify: Callable[[Found], Format] = identify_file) -> None:
        self._identify = identify

    def expect(self, files: Iterable[Found]) -> None:
        """See `Identify.expect`: nothing is prepared."""

    def __call__(self, found: Found) -> Format:
        """See `Identify`."""
        return self._identify(found)


class SealedIdentify:
    """`identify_file` in the sealed worker. A file that crashes or hangs it costs itself alone."""

    def __init__(self) -> None:
        self._coming: Iterator[Found] = iter(())
        self._known: dict[Found, Format | MediaError] = {}

    def expect(self, files: Iterable[Found]) -> None:
        """Announce the files of the next folder."""
        self._coming, self._known = iter(files), {}

    def __call__(self, found: Found) -> Format:
        """Identify a file. Raises `MediaError`."""
        if found not in self._known:
            others = (one for one in self._coming if one != found and one not in self._known)
            self._ask([found, *islice(others, _BATCH - 1)])
        answer = self._known[found]
        if isinstance(answer, MediaError):
            raise answer
        return answer

    def _ask(self, files: Sequence[Found]) -> None:
        answers = run_sealed(_identify_all, _FIRST_SECONDS + _SECONDS_A_FILE * len(files), files)
        if not isinstance(answers, Lost):
            self._known.update(zip(files, answers, strict=True))
        elif len(files) > 1:
            for one in files:
                self._ask([one])
        else:
            kind = TimedOut if answers.code == TimedOut.code else Malformed
            self._known[files[0]] = kind(f"cannot be recognised: {answers.brief}")


def _identify_all(files: Sequence[Found]) -> list[Format | MediaError]:
    return [_identified(found) for found in files]


def _identified(found: Found) -> Format | MediaError:
    try:
        return identify_file(found)
    except MediaError as error:
        return error.with_traceback(None)
