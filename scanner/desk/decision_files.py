"""The documents that hold a job's decisions for `provscan judge`, written and read back: waivers (TOML), rows (CSV)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from media.errors import ConfigError
from media.tables import write_csv
from scanner.judge.register.columns import COLUMNS, column_of
from scanner.judge.register.sheet import lines_of

__all__ = ["read_rows", "read_waivers", "write_rows", "write_waivers"]


def write_waivers(waivers: Sequence[Mapping[str, str]]) -> bytes:
    """A list of waivers in TOML."""
    lines = ["# Decisions of provscan desk. Each binds one finding in one content; see docs/register.md."]
    for waiver in waivers:
        lines += ["", "[[waiver]]"]
        lines += [f"{name} = {_toml_text(value)}" for name, value in waiver.items() if value]
    return "\n".join([*lines, ""]).encode()


def _toml_text(value: str) -> str:
    """A basic string of TOML 1.0: JSON's escapes are all known there; DEL and half surrogates are not allowed."""
    plain = value.encode("utf-8", "backslashreplace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_waivers(path: Path) -> Iterator[dict[str, str]]:
    """The tables of such a list. Raises `ConfigError` where it cannot be read."""
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("waiver", [])
        yield from ({str(name): str(value) for name, value in table.items()} for table in tables)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} was edited and cannot be read: {error}. Correct it, or remove it.") from error


def write_rows(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A register in CSV, with the columns that its rows use."""
    used = {name for row in rows for name, value in row.items() if value}
    columns = [name for name in COLUMNS if name in used]
    columns += sorted(used - set(columns))
    return "".join(write_csv(columns, rows)).encode()


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a register, by column. Raises `ConfigError` where it cannot be read."""
    lines = lines_of(path)
    names = [column_of(cell.text) or cell.text for cell in lines[0].cells] if lines else []
    for line in lines[1:]:
        yield {name: cell.text for name, cell in zip(names, line.cells, strict=False) if name and cell.text}
