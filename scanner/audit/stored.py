"""What an audit left in its folder: the deliveries and the grid of rules of `audit.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from media.errors import ConfigError
from scanner.audit.rollup import SCHEMA, GridCell, GridRow
from scanner.model import Outcome

__all__ = ["AuditGrid", "AuditedDelivery", "is_audit", "read_grid"]

_FILE: Final = "audit.json"
_LARGEST: Final = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedDelivery:
    """One delivery of an audit."""

    name: str
    headline: str
    counts: Mapping[str, int]
    """Files by outcome, and of those that were not inspected."""
    folder: Path | None
    """Of its records; None where it was not scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditGrid:
    """What `audit.json` states of deliveries and rules."""

    series: str
    started: str
    policy: str
    warnings: tuple[str, ...]
    deliveries: tuple[AuditedDelivery, ...]
    rules: tuple[GridRow, ...]


def is_audit(folder: Path) -> bool:
    """Whether an audit has ended in this folder."""
    try:
        with (folder / _FILE).open("rb") as file:
            return SCHEMA.encode() in file.read(200)
    except OSError:
        return False


def read_grid(folder: Path) -> AuditGrid:
    """The roll-up in a folder. Only folders inside it are taken from the document. Raises `ConfigError`."""
    path = folder / _FILE
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST >> 20} MiB")
        stored = json.loads(path.read_text("utf-8"))
        if stored["schema"] != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        return AuditGrid(
            series=str(stored["series"]), started=str(stored["started"]), policy=str(stored["policy"]),
            warnings=tuple(map(str, stored["warnings"])),
            deliveries=tuple(_delivery(folder, one) for one in stored["deliveries"]),
            rules=tuple(_rule(one) for one in stored["rules"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a roll-up of an audit: {error}") from error


def _delivery(folder: Path, one: Mapping[str, Any]) -> AuditedDelivery:
    counts = {str(key): int(count) for key, count in one["outcomes"].items()}
    named = PurePosixPath(str(one["folder"]))
    is_inside = bool(named.parts) and not named.is_absolute() and ".." not in named.parts
    return AuditedDelivery(
        name=str(one["delivery"]), headline=str(one["headline"]),
        counts={**counts, "not inspected": int(one["not_inspected"])}, folder=folder / named if is_inside else None,
    )  # fmt: skip


def _rule(one: Mapping[str, Any]) -> GridRow:
    cells = {
        str(name): GridCell(outcome=Outcome(it["outcome"]), files=int(it["files"]), causes=int(it["causes"]))
        for name, it in one["deliveries"].items()
    }
    if not cells:
        raise ValueError(f"rule {one['rule']} has no delivery")
    return GridRow(
        rule=str(one["rule"]), text=str(one["text"]), remedy=str(one["remedy"]), is_accepted=bool(one["accepted"]),
        cells=cells,
    )  # fmt: skip
