"""Every setting, and how it is read from a file or from environment variables; `settings` finds the file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from media.work import EXECUTORS
from scanner.model import Category, Outlet

__all__ = ["CHOICES", "FILES", "FILE_NAME", "NOT_IN_FILES", "PREFIX", "Config", "check_values", "read_environment",
           "read_file"]  # fmt: skip

FILE_NAME = "provscan.toml"
PREFIX = "PROVSCAN_"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "digest": ("auto", "full", "sampled", "none"),
    "executor": EXECUTORS,
    "fail_on": ("fyi", "issue", "blocker", "never"),
    "matching": ("on", "off"),
    "frames": ("every", "key"),
    "genre": ("fiction", "documentary", "news"),
    "use": tuple(map(str, Outlet)),
    "marks": ("off", "artwork", "finals", "all"),
    "watermarks": tuple(map(str, Category)),
}
"""Settings that take one of these words, or several."""
FILES = ("library", "register", "rules", "sources", "trust_anchors", "waivers")
"""Settings that name files or folders."""
NOT_IN_FILES = ("executor", "scheduler")
"""Settings for flags and variables only: whoever answers as a scheduler sends objects that are unpickled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that a user may set, with its default. The field names are the names in `provscan.toml`."""

    policy: tuple[str, ...] = ()
    """Names of built-in policies, or TOML files: all of them judge; none means the neutral `default`."""
    genre: str = ""
    """`fiction`, `documentary` or `news` (and factual); empty: not given, and the rules of every genre apply."""
    delivery_date: str = ""
    """2026-11-22: approvals and licences that have expired by then do not count; empty: today."""
    use: tuple[str, ...] = ()
    """What the delivery is for, `svod`, `theatrical`, …: what a licence must permit; empty: not given."""
    territory: tuple[str, ...] = ()
    """Where it will be shown: `world`, or two-letter country codes (`GB`); empty: not given."""
    register: tuple[str, ...] = ()
    """Registers of AI uses, shot disclosure maps, HPF declarations: CSV, XLSX or JSON."""
    columns: tuple[tuple[str, str], ...] = ()
    """(heading of your register, column that it means) pairs."""
    approvers: tuple[str, ...] = ()
    """Who may approve: organisations, roles, or domains (`@example.com`); empty: decided by the words of their
    roles."""
    waivers: tuple[str, ...] = ()
    """What people accepted: TOML, CSV or XLSX."""
    library: tuple[str, ...] = ()
    """Reference libraries that pictures and programmes are compared with."""
    sources: tuple[str, ...] = ()
    """Folders beside the delivery whose pictures, clips and sounds must not reach a final."""
    matching: str = "on"
    """`on`, or `off`: nothing is compared; only what files state is read."""
    fps: int = 0
    """Frames of a programme that are compared each second; 0: every frame, with its sound."""
    frames: str = "every"
    """`every`, or `key`: only key frames of a programme are compared, without its sound."""
    rules: tuple[str, ...] = ()
    """Files with marker rules that extend or override the built-in ones."""
    categories: tuple[tuple[str, Category], ...] = ()
    """Ordered (glob, category) pairs, tried before the defaults."""
    include: tuple[str, ...] = ()
    """Globs: if there are any, only what matches is examined."""
    exclude: tuple[str, ...] = ()
    """Globs of what the walk leaves out."""
    trust_anchors: tuple[str, ...] = ()
    """PEM files with the C2PA roots that you trust."""
    verify_limit: int = 2 << 30
    """Bytes: a file with a manifest up to this size is verified in full."""
    digest: str = "auto"
    """`auto`, `full`, `sampled` or `none`."""
    sequence_minimum: int = 8
    """This many consecutive frames make a sequence; fewer stay stills."""
    marks: str = "finals"
    """Where visible marks are looked for: `off`; `artwork` (artwork, promos, graphics); `finals` (with
    temporary material, ideation and VFX elements, which are looked for in finals); or `all`."""
    watermarks: tuple[str, ...] = ()
    """Categories whose pictures are also searched for pixel watermarks."""
    fail_on: str = "issue"
    """`fyi`, `issue`, `blocker` or `never`."""
    executor: str = "local"
    """`local`, `serial` or `dask`."""
    scheduler: str = ""
    """A dask scheduler's address; empty: one is started on this machine."""
    jobs: int = 0
    """Workers; 0: one for each core."""
    memory_limit: int = 4 << 30
    """Bytes that a worker may hold before its file is given up."""
    cache: str = ""
    """The examination cache; empty: the user's cache folder."""


def read_file(path: Path) -> dict[str, Any]:
    """Read the settings of a file; relative paths start at its folder. Raises `ConfigError`."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"configuration {path}: {error}") from error
    known = {field.name for field in fields(Config)}
    if unknown := sorted(set(table) - known):
        raise ConfigError(f"configuration {path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    for key in NOT_IN_FILES:
        if key in table:
            raise ConfigError(
                f"configuration {path}: {key} is not read from any file, because a cluster runs what it is sent;"
                f" remove it, and give --{key} or {PREFIX}{key.upper()}"
            )
    return {key: _value(f"configuration {path}", key, value, path.parent) for key, value in table.items()}


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the settings that `PROVSCAN_*` variables hold, all but `categories` and `columns`. Raises `ConfigError`."""
    given = {}
    for field in fields(Config):
        text = environ.get(PREFIX + field.name.upper())
        if text is None or field.name in ("categories", "columns"):
            continue
        value: Any = text
        if isinstance(field.default, tuple):
            value = [part for part in text.split(os.pathsep) if part]
        elif isinstance(field.default, int):
            value = int(text) if text.isdigit() else text
        given[field.name] = _value(PREFIX + field.name.upper(), field.name, value, Path())
    return given


def check_values(place: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Check the settings that a program gives like those of a file. None counts as not given; a setting of several
    words also takes one, and paths of any kind. `place` begins the message. Raises `ConfigError`."""
    defaults = {field.name: field.default for field in fields(Config)}
    given = {}
    for name, value in values.items():
        if value is not None:
            plain = _plain(value)
            if isinstance(defaults[name], tuple) and isinstance(plain, str):
                plain = [plain]
            given[name] = _value(place, name, plain, Path())
    return given


def _plain(value: Any) -> Any:
    """A path or an enum's member as text; what holds several, as a list of these."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        return [_plain(part) for part in value]
    return value


def _value(place: str, key: str, value: Any, folder: Path) -> Any:
    default = next(field.default for field in fields(Config) if field.name == key)
    if key == "categories":
        return _categories(place, value)
    if key == "columns":
        return _columns(place, value)
    for word in (value if isinstance(value, list) else [value]) if key in CHOICES else ():
        if word not in CHOICES[key]:
            raise ConfigError(f"{place}: {key} cannot be {word!r}; choose from {', '.join(CHOICES[key])}")
    if key == "territory":
        return parse_territory(place, value)
    if key == "policy":
        value = [value] if isinstance(value, str) else value
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{place}: {key} must be a list of strings")
        # Files are named relative to the file that names them.
        return tuple(str(folder / item) if _is_file(key, item) else item for item in value)
    if key == "delivery_date":
        return parse_date(place, value)
    if not isinstance(value, type(default)) or isinstance(value, bool):
        raise ConfigError(f"{place}: {key} must be {type(default).__name__}, not {value!r}")
    if isinstance(value, int) and value < 0:
        raise ConfigError(f"{place}: {key} must not be negative, and is {value}")
    if isinstance(value, int) and value >= 1 << 63:
        raise ConfigError(f"{place}: {key} is too large a number")
    return value


def _is_file(key: str, value: str) -> bool:
    return key in FILES or (key == "policy" and value.endswith(".toml"))


def parse_date(place: str, value: Any) -> str:
    """Parse a date: TOML has dates of its own; text must be an ISO date."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise ConfigError(f"{place}: delivery_date is written 2026-11-22, not {value!r}") from error


def parse_territory(place: str, words: Any) -> tuple[str, ...]:
    """Parse `world` or two-letter country codes; `UK` is accepted because logs write it for `GB`."""
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{place}: territory must be a list of strings")
    told = tuple("world" if word.lower() == "world" else {"UK": "GB"}.get(word.upper(), word.upper()) for word in words)
    for word in told:
        if word != "world" and not re.fullmatch("[A-Z]{2}", word):
            raise ConfigError(f"{place}: territory is `world`, or a country's two letters such as GB, not {word!r}")
    return told


def _columns(place: str, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping) or not all(isinstance(word, str) for word in value.values()):
        raise ConfigError(f'{place}: columns must be a table of headings, such as "AI Tool" = "tool"')
    return tuple(value.items())


def _categories(place: str, value: Any) -> tuple[tuple[str, Category], ...]:
    if not isinstance(value, Mapping):
        raise ConfigError(f'{place}: categories must be a table of globs, such as "03_Art/**" = "artwork"')
    return parse_categories(place, value.items())


def parse_categories(place: str, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, Category], ...]:
    """Turn (glob, word) pairs into (glob, category) pairs. `ConfigError` lists the allowed words."""
    parsed = []
    for glob, word in pairs:
        try:
            parsed.append((glob, Category(word)))
        except ValueError as error:
            raise ConfigError(f"{place}: {word!r} is not a category; choose from {', '.join(Category)}") from error
    return tuple(parsed)
