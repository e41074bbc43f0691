"""Who is informed of a scan: a program of the user's, or an address that the user names. Never through a shell."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from media.errors import ConfigError

__all__ = ["Hooks"]

_SECONDS: Final = 600.0
_WEB_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What is called after each scan. Nothing by default."""

    command: tuple[str, ...] = ()
    """A program with its arguments. It gets the folder of the reports as its last argument and the message on
    standard input."""
    address: str = ""
    """http or https: gets the message as the body of a POST request."""

    def __post_init__(self) -> None:
        if self.address and urlsplit(self.address).scheme not in ("http", "https"):
            raise ConfigError(f"--webhook {self.address}: must begin with https:// or http://")

    def __bool__(self) -> bool:
        return bool(self.command or self.address)

    def call(self, name: str, folder: Path, message: Mapping[str, Any]) -> str:
        """Inform both; returns what failed, or nothing. `message`: name, headline, exit code, folder, summary."""
        body = json.dumps(message).encode()
        failed = [self._run(name, folder, body) if self.command else "", self._post(body) if self.address else ""]
        return "; ".join(filter(None, failed))

    def _run(self, name: str, folder: Path, body: bytes) -> str:
        environment = {**os.environ, "PROVSCAN_DELIVERY": name, "PROVSCAN_REPORT": str(folder)}
        try:
            done = subprocess.run(
                [*self.command, str(folder)], input=body, env=environment, timeout=_SECONDS, capture_output=True,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            return f"hook {self.command[0]}: {error}"
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return f"hook {self.command[0]}: exit code {done.returncode}" + (f": {words[-1][:200]}" if words else "")
        return ""

    def _post(self, body: bytes) -> str:
        request = urllib.request.Request(  # noqa: S310 - http and https only, see above
            self.address, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_WEB_SECONDS) as answer:
                return "" if answer.status < 300 else f"webhook: status {answer.status}"
        except urllib.error.HTTPError as error:
            return f"webhook: status {error.code}"
        except (OSError, ValueError) as error:
            return f"webhook: {error}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is unreleased goes to the address that the user named and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None
