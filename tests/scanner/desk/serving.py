"""A desk that answers in this process, and a client that sends exactly what a test asks for."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from scanner.desk.server import DeskServer
from scanner.desk.shelf import JobShelf


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    text: str


class Client:
    """A browser with the desk's cookie: `get` and `post` send what a page of the desk would."""

    def __init__(self, server: DeskServer) -> None:
        self.server = server
        self.keys = server.desk.keys
        entered = self.send("GET", self.keys.address().removeprefix(self.keys.origin), {})
        self.set_cookie = entered.headers["set-cookie"]
        self.cookie = self.set_cookie.partition(";")[0]

    def send(self, method: str, path: str, headers: Mapping[str, str], body: str = "") -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.keys.origin).netloc, timeout=30)
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode() or None)
        answer = connection.getresponse()
        found = Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        )
        connection.close()
        return found

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, {"Cookie": self.cookie, **headers})

    def post(self, path: str, fields: Mapping[str, object] | None = None, **headers: str) -> Answer:
        body = urlencode({"token": self.keys.token, **(fields or {})}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, {"Cookie": self.cookie, "Origin": self.keys.origin, **kind, **headers}, body)


@contextmanager
def serve_desk(folder: Path) -> Iterator[DeskServer]:
    """A desk that nobody has entered yet; its jobs are in the folder."""
    server = DeskServer(JobShelf(folder / "settings", folder / "work", folder / "documents"))
    thread = threading.Thread(target=server.serve, args=(lambda _: None,))
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.is_serving and time.monotonic() < deadline:
            time.sleep(0.01)
        yield server
    finally:
        server.end()
        thread.join(60)
    assert not thread.is_alive()


@contextmanager
def serve(folder: Path) -> Iterator[Client]:
    """A desk, and who has entered it."""
    with serve_desk(folder) as server:
        yield Client(server)
