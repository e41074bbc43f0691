"""Serves a desk on 127.0.0.1 until its last window is closed, or its terminal asks it to end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import platformdirs
import uvicorn

from media.errors import RunError
from scanner.desk.app import make_app
from scanner.desk.desk import Desk
from scanner.desk.safety import HOST, AccessKeys
from scanner.desk.shelf import JobShelf

__all__ = ["DeskServer", "user_shelf"]

_PATIENCE = 2
"""Seconds that answers get to end when the desk ends."""
_LOOK = 0.5
"""Seconds between two looks at whether a window is open."""
_ASLEEP = 30
"""Seconds between two looks when the machine slept, or was too busy for windows to report."""


def user_shelf() -> JobShelf:
    """The jobs of who runs this process."""
    return JobShelf(
        settings=platformdirs.user_config_path("provscan", appauthor=False) / "desk",
        work=platformdirs.user_data_path("provscan", appauthor=False) / "desk",
        documents=platformdirs.user_documents_path() / "provscan",
    )


class DeskServer:
    """A desk at an address. `port` 0 is any that is free. `RunError` where the port is taken."""

    def __init__(self, jobs: JobShelf, port: int = 0) -> None:
        self._socket = _listen(port)
        self.desk = Desk(AccessKeys(self._socket.getsockname()[1]), jobs)
        config = uvicorn.Config(
            make_app(self.desk),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http="h11",
            timeout_graceful_shutdown=_PATIENCE,
        )
        self._server = _Server(config, self.desk)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._socket.getsockname()
        return host, port

    @property
    def is_serving(self) -> bool:
        """Whether it answers."""
        return bool(self._server.started)

    def serve(self, opened: Callable[[str], None], path: str = "/") -> None:
        """Answer until the desk ends. `opened` is called with the first address: the socket listens already, and what
        connects before the first answer waits for it."""
        for work in (lambda: opened(self.desk.keys.address(path)), self._end_with_windows):
            threading.Thread(target=work, daemon=True).start()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.desk.close()
            self._socket.close()

    def end(self) -> None:
        """Ask the server to end; safe from any thread."""
        self.desk.is_ending = True
        self._server.should_exit = True

    def _end_with_windows(self) -> None:
        while not self.desk.is_ending:
            before = time.monotonic()
            time.sleep(_LOOK)
            if time.monotonic() - before > _ASLEEP:
                self.desk.windows.wake()
            if self.desk.windows.are_gone(is_busy=self.desk.runner.active is not None):
                self.end()


class _Server(uvicorn.Server):
    """Ends what the desk started before it waits for answers that need it."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.close()
        await super().shutdown(sockets)


def _listen(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.bind((HOST, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise RunError(
            f"--port {port}: {error.strerror or error}; choose another, or 0 for any that is free"
        ) from error
    return found
