"""No file makes the C2PA reader touch a network. Seen from the other end: a listener counts who calls.

The SDK connects in native code, so a patched Python socket alone would prove nothing; both are watched.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from fixtures.c2pa_ca import AI, Authority, action, actions, sign
from media.errors import MediaError
from scanner.model import Evidence, Kind
from scanner.readers.c2pa import C2pa
from scanner.readers.interface import Medium, ReadSettings


@dataclass
class Listener:
    """Counts connections to a port of this machine."""

    server: socket.socket
    calls: list[object] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/manifest.c2pa"

    def serve(self) -> None:
        while True:
            try:
                caller, address = self.server.accept()
            except OSError:
                return
            self.calls.append(address)
            with caller:
                caller.settimeout(60)
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = Listener(server)
        thread = threading.Thread(target=listening.serve, daemon=True)
        thread.start()
        yield listening
        server.shutdown(socket.SHUT_RDWR)
    thread.join(60)


@pytest.fixture
def remote(tmp_path: Path, listener: Listener) -> Path:
    """A picture whose manifest lies at the listener."""
    Image.new("RGB", (32, 32), (1, 99, 8)).save(tmp_path / "plain.png")
    path = tmp_path / "remote.png"
    sign(tmp_path / "plain.png", path, actions(action(source=AI)), ca=Authority(), remote=listener.url, embed=False)
    return path


def read(path: Path, *, network: bool) -> list[Evidence]:
    settings = ReadSettings(network=network)
    medium = Medium(path, "image/png", Kind.IMAGE, size=path.stat().st_size, settings=settings)
    try:
        return list(C2pa().read(medium))
    finally:
        medium.close()


def test_a_remote_manifest_is_a_statement_not_a_request(
    remote: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    (said,) = read(remote, network=False)
    assert (said.key, said.value) == ("remote-manifest", listener.url)
    assert listener.calls == []


def test_the_listener_would_have_seen_it(remote: Path, listener: Listener) -> None:
    """The control: the same file, with the network allowed, calls. Without this the test above proves nothing."""
    try:
        read(remote, network=True)
    except MediaError as error:
        said = str(error)
    else:
        said = ""
    assert listener.calls, said


def test_a_manifest_for_which_revocation_could_be_asked_is_read_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "plain.png")
    sign(tmp_path / "plain.png", tmp_path / "x.png", actions(action(source=AI)), ca=Authority())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a name was looked up"))
    assert "actions.digitalSourceType" in {said.key for said in read(tmp_path / "x.png", network=False)}
