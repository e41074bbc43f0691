"""Checks that `records.jsonl` is what `summary.json` beside it declares: number of lines, outcomes, SHA-256.

Without that there is no verdict on a stored run: half of its records, and their findings, may be missing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from media.errors import ConfigError, RunError
from scanner.exit_codes import ExitCode
from scanner.records.records import read_lines
from scanner.records.summary import SCHEMA, Seal

__all__ = ["Agreement", "Disagreement", "agreed", "compare_with_summary", "declared_of", "read_summary"]

SUMMARY: Final = "summary.json"

_OUTCOMES: Final = ("blocker", "issue", "fyi", "pass")
_VERDICT: Final = b'"verdict":{"outcome":"'
_NO_SUMMARY: Final = (
    "There is no summary.json beside the records: whether any of them are missing or were changed could not be checked."
)
_NO_DIGEST: Final = (
    "summary.json holds no digest of the records: only their numbers were checked. A scan by this provscan writes one."
)


class Disagreement(RunError):
    """Stored records are not what the summary beside them declares; no verdict is given, whatever is in them."""

    exit_code = ExitCode.INCOMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The result of comparing the records with their summary."""

    records: int
    """Number of lines that hold something."""
    faults: tuple[str, ...] = ()
    """Sentences: where the two disagree, and by how much."""
    warnings: tuple[str, ...] = ()
    """Sentences: what could not be checked."""


@dataclass(slots=True)
class _Lines:
    """What the lines of a file are, counted."""

    records: int = 0
    empty: int = 0
    doubled: int = 0
    broken: list[int] = field(default_factory=list)
    """Numbers of lines that are no record."""
    whole: bool = True
    """Whether the last line is ended."""
    outcomes: Counter[str] = field(default_factory=Counter)
    sha256: str = ""


def agreed(records: Path) -> tuple[str, ...]:
    """Return warnings about what could not be checked. Raises `Disagreement`, which names every fault, where there is
    any."""
    found = compare_with_summary(records)
    if found.faults:
        faults = "\n".join(f"  {fault}" for fault in found.faults)
        raise Disagreement(
            f"no verdict: {records} and the {SUMMARY} beside it do not agree.\n{faults}\n"
            "Take both from the folder that the scan wrote, or scan again."
        )
    return found.warnings


def read_summary(records: Path) -> dict[str, Any] | None:
    """Read the `summary.json` in the folder of the records; None where there is none.

    Raises `ConfigError` where it cannot be read, or is not a summary that this provscan understands.
    """
    path = records.with_name(SUMMARY)
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; the records beside it cannot be checked") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a summary ({error})") from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise ConfigError(f"{path}: schema {schema!r}; this provscan reads {SCHEMA}")
    for name, keys in (("assets", ("found", "written")), ("outcomes", _OUTCOMES)):
        table = data.get(name)
        if not isinstance(table, dict) or not all(isinstance(table.get(key), int) for key in keys):
            raise ConfigError(f"{path}: {name} lacks a number that every summary has ({', '.join(keys)})")
    return dict(data)


def compare_with_summary(records: Path) -> Agreement:
    """Compare the file with the `summary.json` in its folder. Raises `ConfigError` where one cannot be read."""
    summary, lines = read_summary(records), _count(records)
    if summary is None:  # the line that is no record is named where it is read
        lines.doubled = _count_doubled(records)
        faults = tuple(_list_doubled(lines))
        return Agreement(records=lines.records, faults=faults, warnings=(_NO_SUMMARY,))
    seal = declared_of(summary)
    if lines.sha256 != seal.sha256:  # what is as it was written holds no line twice
        lines.doubled = _count_doubled(records)
    faults = tuple(_compare(lines, summary, seal))
    warnings = () if seal.sha256 else (_NO_DIGEST,)
    return Agreement(records=lines.records, faults=faults, warnings=warnings)


def _count(records: Path) -> _Lines:
    """One pass: no line is read as a record whose outcome can be read without."""
    lines, digest = _Lines(), hashlib.sha256()
    for number, line in enumerate(read_lines(records), 1):
        digest.update(line)
        lines.whole = line.endswith(b"\n")
        if line.isspace():
            lines.empty += 1
            continue
        lines.records += 1
        outcome = _outcome(line)
        if outcome is None:
            lines.broken.append(number)
        else:
            lines.outcomes[outcome] += 1
    lines.sha256 = digest.hexdigest()
    return lines


def _count_doubled(records: Path) -> int:
    """How many lines are in the file before. Holds 16 bytes of each."""
    seen, doubled = set[bytes](), 0
    for line in read_lines(records):
        if not line.isspace():
            own = hashlib.blake2b(line.rstrip(), digest_size=16).digest()
            doubled += own in seen
            seen.add(own)
    return doubled


def _outcome(line: bytes) -> str | None:
    """The outcome of a record; None for a line that is not one. No mark within a JSON string has its quotes
    unescaped."""
    at = line.rfind(_VERDICT)
    if at >= 0 and line.rstrip().endswith(b"}}"):
        start = at + len(_VERDICT)
        word = line[start : line.find(b'"', start)].decode("ascii", "replace")
    else:
        word = _parse_outcome(line)
    return word if word in _OUTCOMES else None


def _parse_outcome(line: bytes) -> str:
    """Of a line that others wrote, with other spaces between its words."""
    try:
        record = json.loads(line)
        return str(record["verdict"]["outcome"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def declared_of(summary: Mapping[str, Any]) -> Seal:
    """How many records the summary declares, and their digest; empty where it declares none."""
    records = summary.get("records")
    if isinstance(records, Mapping) and isinstance(records.get("count"), int):
        return Seal(count=int(records["count"]), sha256=str(records.get("sha256", "")))
    return Seal(count=int(summary["assets"]["written"]), sha256="")


def _compare(lines: _Lines, summary: Mapping[str, Any], seal: Seal) -> Iterator[str]:
    declared, sha256 = seal.count, seal.sha256
    if lines.records < declared:
        missing = _number(declared - lines.records, "record is", "records are")
        yield f"{missing} missing: {SUMMARY} declares {declared:,}, the file holds {lines.records:,}."
    elif lines.records > declared:
        more = _number(lines.records - declared, "record", "records")
        yield f"{more} more than {SUMMARY} declares: it declares {declared:,}, the file holds {lines.records:,}."
    yield from _faults_of(lines)
    said = {outcome: int(summary["outcomes"].get(outcome, 0)) for outcome in _OUTCOMES}
    if any(said[outcome] != lines.outcomes[outcome] for outcome in _OUTCOMES):
        both = ", ".join(
            f"{outcome} {lines.outcomes[outcome]:,} of {said[outcome]:,}"
            for outcome in _OUTCOMES
            if said[outcome] != lines.outcomes[outcome]
        )
        yield f"The outcomes differ (in the file, of those declared): {both}."
    if sum(said.values()) != declared or summary["assets"]["found"] != declared:
        yield (
            f"{SUMMARY} contradicts itself: {summary['assets']['found']:,} files found, {declared:,} records, "
            f"{sum(said.values()):,} outcomes."
        )
    if sha256 and sha256 != lines.sha256:
        yield (
            f"The records are not those that were written: their SHA-256 is {lines.sha256[:16]}…, {SUMMARY} declares "
            f"{sha256[:16]}…. They were changed, or the two are of different runs."
        )


def _list_doubled(lines: _Lines) -> Iterator[str]:
    if lines.doubled:
        yield f"{_number(lines.doubled, 'line is', 'lines are')} in the file twice."


def _faults_of(lines: _Lines) -> Iterator[str]:
    """What no file of records has."""
    yield from _list_doubled(lines)
    if lines.empty:
        yield f"{_number(lines.empty, 'line is', 'lines are')} empty."
    if lines.broken:
        shown = ", ".join(f"{number:,}" for number in lines.broken[:5])
        more = " and more" if len(lines.broken) > 5 else ""
        yield f"{_number(len(lines.broken), 'line is no record', 'lines are no records')}: {shown}{more}."
    if not lines.whole:
        yield "The last line is cut off."


def _number(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
