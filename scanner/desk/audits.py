"""Audits that a person opened at the desk: where they are, and what their roll-up states."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from media.errors import ConfigError
from scanner.audit.rollup import SCHEMA
from scanner.model import Outcome
from scanner.output.document import write_json

__all__ = ["AuditGrid", "AuditShelf", "AuditedDelivery", "GridRule", "is_audit", "read_grid"]

_ID: Final = re.compile(r"[0-9a-f]{16}")
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
class GridRule:
    """One rule over all deliveries."""

    rule: str
    outcome: Outcome
    text: str
    remedy: str
    is_accepted: bool
    cells: Mapping[str, tuple[Outcome, int]]
    """Delivery → the worst outcome and the number of files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditGrid:
    """What `audit.json` states of deliveries and rules."""

    series: str
    started: str
    policy: str
    warnings: tuple[str, ...]
    deliveries: tuple[AuditedDelivery, ...]
    rules: tuple[GridRule, ...]


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


def _rule(one: Mapping[str, Any]) -> GridRule:
    return GridRule(
        rule=str(one["rule"]), outcome=Outcome(one["outcome"]), text=str(one["text"]), remedy=str(one["remedy"]),
        is_accepted=bool(one["accepted"]),
        cells={str(name): (Outcome(it["outcome"]), int(it["files"])) for name, it in one["deliveries"].items()},
    )  # fmt: skip


class AuditShelf:
    """The folders of audits that a person opened, a file each in a folder of the user's settings."""

    def __init__(self, settings: Path) -> None:
        self._settings = settings

    def open_audit(self, folder: Path) -> str:
        """The id of an audit's folder: 16 hexadecimal digits, the same each time."""
        whole = os.path.realpath(folder)
        name = hashlib.sha256(os.fsencode(whole)).hexdigest()[:16]
        self._settings.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(self._settings / f"{name}.json", {"folder": whole})
        return name

    def find_folder(self, name: str) -> Path:
        """The folder of an audit. Raises `KeyError` where there is none of this id."""
        try:
            if not _ID.fullmatch(name):
                raise KeyError(name)
            return Path(str(json.loads((self._settings / f"{name}.json").read_text("utf-8"))["folder"]))
        except (OSError, ValueError, TypeError) as error:
            raise KeyError(name) from error

    def list_audits(self) -> Iterator[tuple[str, Path]]:
        """Id and folder of each audit that is still there, by name."""
        found = []
        for path in self._settings.glob("*.json") if self._settings.is_dir() else ():
            try:
                found.append((path.stem, self.find_folder(path.stem)))
            except KeyError:
                continue
        yield from sorted((one for one in found if is_audit(one[1])), key=lambda one: (one[1].name, one[0]))

    def forget_audit(self, name: str) -> None:
        """Take an audit off the list. Its documents stay."""
        self.find_folder(name)
        (self._settings / f"{name}.json").unlink(missing_ok=True)
