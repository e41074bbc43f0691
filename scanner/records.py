"""`Record` ↔ one line of `records.jsonl`, schema `provscan/record/1`. The public contract.

Odd bytes in names survive: lines are ASCII JSON, unknown bytes are lone surrogates (surrogateescape)
written as `\\udcXX`. Keys may be added; none changes its meaning without a new schema number.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from scanner.errors import ConfigError
from scanner.model import Evidence, Kind, Look, Record
from scanner.record_json import SCHEMA, from_json, looks_json, looks_of, to_json, to_json_with

__all__ = ["SCHEMA", "count_records", "from_json", "read_records", "redacted", "to_json", "to_line"]

_PUBLIC_KEYS = frozenset(
    {"actions.digitalsourcetype", "actions.action", "assertion", "claim_generator", "validation"}
    | {
        "iptc4xmpext:digitalsourcetype",
        "iptc4xmpext:digitalsourcefiletype",
        "xmp:creatortool",
        "software",
        "make",
        "model",
    }
    | {"encoder", "handler_name", "©too"}
)
"""What `--redact` leaves readable: fields whose values are vocabulary or a tool's own name."""
_REDACTED = "[redacted: "
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_SHARED = 1024
"""How many different looks are kept for the records that come."""
_written: dict[int, tuple[tuple[Look, ...], str]] = {}
"""Looks as text, known again by identity: to compare them would take longer than to write them."""
_PATH, _LOOKS, _EVIDENCE = '"path":"', ',"looks":', ',"evidence":'
"""Marks in our own lines. None can stand within a JSON string, whose quotes are escaped."""


def to_line(record: Record) -> str:
    """The record as one line, newline included. Its looks, which thousands of records share, are written once."""
    looks = _looks_text(record.examination.looks)
    return _encode(to_json_with(record, None)).replace(f"{_LOOKS}null", f"{_LOOKS}{looks}", 1) + "\n"


def read_records(
    path: Path, *, kinds: Collection[Kind] = (), named: Callable[[str], bool] | None = None
) -> Iterator[Record]:
    """The records of a file, one at a time; with kinds or names, at least all of these, and few others.

    `ConfigError` names the line that is not a record.
    """
    marks = [f'"kind":"{kind}"' for kind in kinds]
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                if marks and not any(mark in line for mark in marks):
                    continue
                if (named is None or _is_named(line, named)) and not line.isspace():
                    yield _read_line(path, number, line)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; name a records.jsonl that a scan wrote") from error


def _is_named(line: str, named: Callable[[str], bool]) -> bool:
    """By the line's first path, without reading the rest; a path with escapes may be any."""
    first = line.find(_PATH) + len(_PATH)
    path = line[first : line.find('"', first)]
    return first < len(_PATH) or "\\" in path or named(path)


def count_records(path: Path) -> tuple[int, bool]:
    """How many records a file has, and whether words were taken out of any: what rules see in it is gone."""
    count, hidden, mark = 0, False, f'"value":"{_REDACTED}'
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                count += not line.isspace()
                hidden = hidden or mark in line
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; name a records.jsonl that a scan wrote") from error
    return count, hidden


def _read_line(path: Path, number: int, line: str) -> Record:
    try:
        return from_json(_parsed(line))
    except ConfigError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}, line {number}: not a whole record ({error})") from error


def _parsed(line: str) -> Any:
    """The line's JSON; its looks, which thousands of records share, are read once and left as nouns."""
    first = line.find(_LOOKS)
    after = line.find(_EVIDENCE, first)
    if 0 <= first < after:
        try:
            looks = _same_looks(line[first + len(_LOOKS) : after])
            return {**json.loads(line[:first] + line[after:]), "looks": looks}
        except (ValueError, KeyError, TypeError):
            pass  # another provscan may put its keys in another order: then the line is read as any other
    return json.loads(line)


@lru_cache(maxsize=_SHARED)
def _same_looks(text: str) -> tuple[Look, ...]:
    return looks_of(json.loads(text))


def _looks_text(looks: tuple[Look, ...]) -> str:
    known = _written.get(id(looks))
    if known is None or known[0] is not looks:
        if len(_written) >= _SHARED:
            _written.clear()
        known = _written[id(looks)] = (looks, _encode(looks_json(looks)))
    return known[1]


def redacted(record: Record) -> Record:
    """The same record without prompts, names and other private words: only vocabulary and tool names stay."""
    seen = record.examination
    evidence = tuple(
        item if item.key.lower() in _PUBLIC_KEYS and len(item.value) <= 200 else _without_words(item)
        for item in seen.evidence
    )
    return dataclasses.replace(record, examination=dataclasses.replace(seen, evidence=evidence))


def _without_words(item: Evidence) -> Evidence:
    kept = {
        name: item.facts[name]
        for name in ("relation", "depth", "trust", "integrity", "of", "ifd", "chunk")
        if name in item.facts
    }
    return dataclasses.replace(item, value=f"{_REDACTED}{len(item.value)} characters]", facts=kept)
