"""A program whose output is read in blocks, and which is stopped when it stands still."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import IO

from fingerprints.errors import MediaFault, MediaTimeout

__all__ = ["STALL_SECONDS", "output"]

STALL_SECONDS = 60.0
"""A decoder that gives nothing for so long is stopped."""


def output(command: list[str], *, block: int) -> Iterator[bytes]:
    """The program's output in blocks of `block` bytes, the last one maybe shorter.

    What was decoded before a fault is given before the fault is raised.
    """
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    assert process.stderr is not None  # noqa: S101
    watch = _Watch(process)
    said: deque[bytes] = deque(maxlen=8)
    drain = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    drain.start()
    given = False
    try:
        while piece := watch.read(process.stdout, block):
            given = True
            yield piece
        code = process.wait()
        drain.join()
    finally:
        watch.close()
        drain.join()
        process.stdout.close()
        process.stderr.close()
    if watch.stopped:
        raise MediaTimeout(f"FFmpeg gave nothing for {STALL_SECONDS:g} s and was stopped")
    if code != 0 or not given:
        words = b" ".join(said).decode("utf-8", "replace").split()
        raise MediaFault("FFmpeg: " + (" ".join(words)[-400:] or "nothing to decode"))


class _Watch:
    """Kills a process when a read from it lasts longer than `STALL_SECONDS`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.stopped = False
        self._process = process
        self._since: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def read(self, stream: IO[bytes], size: int) -> bytes:
        """Up to `size` bytes; the clock runs only while waiting for them."""
        self._since = monotonic()
        try:
            return stream.read(size)
        finally:
            self._since = None

    def _look(self) -> None:
        while not self._over.wait(0.5):
            since = self._since
            if since is not None and monotonic() - since > STALL_SECONDS:
                self.stopped = True
                self._process.kill()
                return

    def close(self) -> None:
        """End the watch and the process."""
        self._over.set()
        self._thread.join()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
