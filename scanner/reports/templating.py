"""The templates of the HTML pages: one environment in which every expression is escaped and made inert."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from scanner.reports import wording
from scanner.reports.places import size

__all__ = ["Environment", "page_environment", "page_template", "read_source"]


@cache
def page_environment(*packages: str) -> Environment:
    """Templates of this package's own folder, and before them of the folders `templates` of other packages. No
    expression can print a control character, even where a template forgets to escape it."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in (*packages, "scanner.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=size)
    environment.globals.update(words=wording)
    return environment


@cache
def page_template(name: str, *, style: str = "", script: str = "") -> Template:
    """A page that is one file, with the named style sheet and script inside. Its content security policy lets it open
    only the pictures inside itself."""
    environment = page_environment()
    texts = {kind: read_source(environment, file) for kind, file in (("style", style), ("script", script))}
    allowed = " ".join(f"{kind}-src {_hash(text)};" for kind, text in texts.items() if text)
    policy = f"default-src 'none'; img-src data:; {allowed} base-uri 'none'; form-action 'none'"
    return environment.get_template(
        name,
        globals={"policy": policy, **{kind: Markup(text) for kind, text in texts.items()}},  # noqa: S704 - our own files
    )


def read_source(environment: Environment, file: str) -> str:
    """The text of a style or script as it is stored; empty for no file."""
    if not file or environment.loader is None:
        return ""
    return environment.loader.get_source(environment, file)[0]


def _escape_controls(value: Any) -> Any:
    """What an expression prints: no control character leaves, whoever forgot it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return wording.inert(value, keep="\n\t")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
