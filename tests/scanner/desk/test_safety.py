"""Whoever is not a page of the desk is refused, and every answer forbids the browser what no page needs."""

from __future__ import annotations

import socket
from urllib.parse import urlencode

import pytest

from scanner.desk.safety import MOST_BODY
from tests.scanner.desk.serving import Client

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_the_page_opens_for_the_cookie_and_for_nobody_else(client: Client) -> None:
    assert client.get("/").status == 200
    assert client.send("GET", "/", {}).status == 403
    name = client.cookie.partition("=")[0]
    assert client.send("GET", "/", {"Cookie": f"{name}=wrong"}).status == 403
    assert client.send("GET", "/", {"Cookie": f"{name}=wrong; {client.cookie}"}).status == 403


def test_the_first_address_works_once(client: Client) -> None:
    again = client.send("GET", client.keys.address().removeprefix(client.keys.origin), {})
    assert again.status == 403
    assert "set-cookie" not in again.headers
    assert client.send("GET", "/enter?key=guess", {}).status == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    assert client.set_cookie.lower().endswith("samesite=strict")
    assert "HttpOnly" in client.set_cookie


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1", "evil.example:{port}", "127.0.0.1:1", ""])
def test_another_host_is_refused(client: Client, host: str) -> None:
    """A name of a stranger that resolves to this machine reads nothing."""
    headers = {"Cookie": client.cookie, "Host": host.format(port=client.keys.port)}
    assert client.send("GET", "/", headers).status in (400, 403)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:{port}"])
def test_another_origin_is_refused(client: Client, origin: str) -> None:
    origin = origin.format(port=client.keys.port)
    assert client.get("/", Origin=origin).status == 403
    assert client.post("/begin", {"path": "/"}, Origin=origin).status == 403


def test_a_form_without_origin_is_refused(client: Client) -> None:
    body = urlencode({"token": client.keys.token, "path": "/"})
    assert client.send("POST", "/begin", {"Cookie": client.cookie, **FORM}, body).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_starts_is_refused(client: Client, site: str) -> None:
    assert client.get("/", **{"Sec-Fetch-Site": site}).status == 403
    assert client.get("/", **{"Sec-Fetch-Site": "same-origin"}).status == 200


def test_a_form_without_its_token_is_refused(client: Client) -> None:
    headers = {"Cookie": client.cookie, "Origin": client.keys.origin}
    for body, kind in (("path=/", FORM), ("token=guess&path=/", FORM), (f"token={client.keys.token}", {})):
        assert client.send("POST", "/begin", {**headers, **kind}, body).status == 403
    right = {"X-Provscan-Token": client.keys.token}
    assert client.send("POST", "/begin", {**headers, **FORM, **right}, "path=").status == 422


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_no_other_method_is_answered(client: Client, method: str) -> None:
    answer = client.send(method, "/", {"Cookie": client.cookie, "Origin": client.keys.origin})
    assert answer.status == 403
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/static//etc/passwd", "/etc/passwd",
        "/static/desk.py", "/jobs/../../etc/passwd/review", "/jobs/..%2f..%2fsettings/review", "/jobs/0/choose",
        "/jobs/0123456789abcdef/choose", "/jobs/0123456789abcdef/run/events", "/nothing",
    ],
)  # fmt: skip
def test_a_path_that_names_nothing_of_the_desk_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_a_form_that_is_too_large_is_refused(client: Client) -> None:
    assert client.post("/begin", {"path": "x" * MOST_BODY}).status == 413


def test_every_answer_forbids_what_no_page_needs(client: Client) -> None:
    for answer in (client.get("/"), client.get("/nothing"), client.send("GET", "/", {}), client.get("/static/desk.js")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


def test_no_page_holds_a_script_or_style_of_its_own(client: Client) -> None:
    for path in ("/", "/nothing"):
        page = client.get(path).text
        assert page.count("<script") == page.count('<script type="module" src="/static/')
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page


def test_it_listens_on_this_machine_alone(client: Client) -> None:
    assert client.server.address == ("127.0.0.1", client.keys.port)
    for other in {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not other.startswith("127."):
            with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                socket.create_connection((other, client.keys.port), timeout=2)
