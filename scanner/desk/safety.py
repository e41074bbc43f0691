"""Who may ask the desk, and what every answer forbids the browser: the one gate in front of all pages.

The server listens on 127.0.0.1 alone. A request passes when its `Host` is that address, its `Origin` and
`Sec-Fetch-Site` are the desk's own, and it holds the cookie that the address with the key gave, once. What changes
something is a POST, and holds the form token too, which no other site can read.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HOST", "MOST_BODY", "AccessKeys", "Gate"]

HOST: Final = "127.0.0.1"
MOST_BODY: Final = 2_000_000
"""Bytes of a form."""
TOKEN_FIELD: Final = "token"  # noqa: S105 - its name
TOKEN_HEADER: Final = "x-provscan-token"  # noqa: S105
ENTER: Final = "/enter"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    # `no-referrer` would make the Origin of a form `null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_FORM: Final = "application/x-www-form-urlencoded"


class AccessKeys:
    """The secrets of one run of the desk: the key in the first address, the cookie, the token of forms."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = f"provscan-desk-{port}"
        """Name of the cookie: browsers send a cookie to every port of an address."""
        self.token = secrets.token_urlsafe(32)
        """What every form and every fetch that changes something holds."""
        self._session = secrets.token_urlsafe(32)
        self._key: str | None = secrets.token_urlsafe(32)
        self._lock = threading.Lock()

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self.port}"

    def address(self, path: str = "/") -> str:
        """What the browser opens first. It works once."""
        return f"{self.origin}{ENTER}?{urlencode({'key': self._key or '', 'to': path})}"

    def take_session(self, key: str) -> str | None:
        """The value of the cookie for who has the key, the first time; None for anybody else."""
        with self._lock:
            if self._key is None or not _equal(key, self._key):
                return None
            self._key = None
        return self._session

    def knows(self, session: str) -> bool:
        """Whether a cookie's value is ours."""
        return _equal(session, self._session)

    def trusts(self, token: str) -> bool:
        """Whether a form's token is ours."""
        return _equal(token, self.token)


class Gate:
    """Refuses what is not the desk's own page asking, and puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp, keys: AccessKeys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI. Anything but HTTP is left without an answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _guarded(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if reason := self._refuse_source(scope["method"], headers):
            await _refuse(reason)(scope, receive, send)
        elif scope["path"] == ENTER:
            await self._enter(scope)(scope, receive, send)
        elif not self._keys.knows(_cookie(headers, self._keys.cookie)):
            reason = "This page is open to the person who started provscan desk: use the address that it printed."
            await _refuse(reason)(scope, receive, send)
        elif scope["method"] == "POST":
            await self._pass_post(scope, receive, send, headers)
        else:
            await self._app(scope, receive, send)

    def _refuse_source(self, method: str, headers: Headers) -> str:
        """Why a request is refused for where it comes from; empty where it is not."""
        if headers.getlist("host") != [f"{HOST}:{self._keys.port}"]:
            return f"Host must be {HOST}:{self._keys.port}."
        if method not in ("GET", "HEAD", "POST"):
            return "Method must be GET, HEAD or POST."
        origins = headers.getlist("origin")
        if any(origin != self._keys.origin for origin in origins) or (method == "POST" and not origins):
            return "Origin is not this desk."
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return "The request comes from another site."
        return ""

    def _enter(self, scope: Scope) -> Response:
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        session = self._keys.take_session(asked.get("key", ""))
        if session is None:
            return _refuse("This address was used already or is not complete. Start provscan desk again.")
        target = asked.get("to", "/")
        is_path = target.startswith("/") and not target.startswith("//") and "\\" not in target
        response = RedirectResponse(target if is_path else "/", status_code=303)
        response.set_cookie(self._keys.cookie, session, httponly=True, samesite="strict", path="/")
        return response

    async def _pass_post(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        body = await _read_body(receive)
        if body is None:
            await _refuse("The form is too large.", 413)(scope, receive, send)
            return
        if not self._keys.trusts(headers.get(TOKEN_HEADER) or _form_token(headers, body)):
            await _refuse("The form's token is missing or not this desk's: load the page again.")(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _guarded(send: Send) -> Send:
    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return forward


def _refuse(reason: str, status: int = 403) -> Response:
    return PlainTextResponse(f"Refused: {reason}\n", status_code=status)


async def _read_body(receive: Receive) -> bytes | None:
    """All of it; None where it is larger than `MOST_BODY`."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what follows it."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again


def _form_token(headers: Headers, body: bytes) -> str:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return ""
    return dict(parse_qsl(body.decode("utf-8", "replace"))).get(TOKEN_FIELD, "")


def _cookie(headers: Headers, name: str) -> str:
    """The cookie's value; empty where it is missing or given twice."""
    given = (part.strip().partition("=") for line in headers.getlist("cookie") for part in line.split(";"))
    values = [value for key, _, value in given if key == name]
    return values[0] if len(values) == 1 else ""


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
