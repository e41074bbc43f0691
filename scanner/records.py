"""`Record` ↔ one line of `records.jsonl`, schema `provscan/record/1`. The public contract.

Odd bytes in names survive: lines are ASCII JSON, unknown bytes are lone surrogates (surrogateescape)
written as `\\udcXX`. Keys may be added; none changes its meaning without a new schema number.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.errors import ConfigError
from scanner.model import (
    Action,
    Asset,
    Category,
    Claim,
    Digest,
    Evidence,
    Examination,
    Finding,
    Frames,
    Kind,
    Look,
    LookStatus,
    Match,
    MediaFacts,
    Outcome,
    Problem,
    Reason,
    Record,
    Scan,
    Strength,
    Verdict,
)

__all__ = ["SCHEMA", "count_records", "from_json", "read_records", "redacted", "to_json", "to_line"]

SCHEMA = "provscan/record/1"

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
_LOOKED = {status.value: status for status in LookStatus}


def to_json(record: Record) -> dict[str, Any]:
    """The record as the schema has it."""
    seen = record.examination
    return {
        "schema": SCHEMA,
        "asset": _asset(seen),
        "media": _plain(seen.media) if seen.media else None,
        "looks": [{"by": look.by, "version": look.version, "status": look.status} for look in seen.looks],
        "evidence": [_evidence(evidence) for evidence in seen.evidence],
        "findings": [_finding(finding) for finding in record.findings],
        "matches": [_match(match) for match in record.matches],
        "problems": [_problem(problem) for problem in seen.problems],
        "verdict": _verdict(record.verdict),
    }


def to_line(record: Record) -> str:
    """The record as one line, newline included."""
    return _encode(to_json(record)) + "\n"


def from_json(data: Mapping[str, Any]) -> Record:
    """The record that `to_json` wrote. `ConfigError` for another schema."""
    if data.get("schema") != SCHEMA:
        raise ConfigError(f"a record of schema {data.get('schema')!r}; this provscan reads {SCHEMA}")
    digest, media = data["asset"]["digest"], data.get("media")
    examination = Examination(
        asset=_read_asset(data["asset"]),
        digest=Digest(**digest) if digest else None,
        media=MediaFacts(**{**media, "codecs": tuple(media["codecs"])}) if media else None,
        evidence=tuple([_read_evidence(evidence) for evidence in data["evidence"]]),
        looks=tuple([Look(by=it["by"], version=it["version"], status=_LOOKED[it["status"]]) for it in data["looks"]]),
        problems=tuple([Problem(**problem) for problem in data["problems"]]),
    )
    return Record(
        examination=examination,
        findings=tuple([_read_finding(finding) for finding in data["findings"]]),
        matches=tuple([Match(**match) for match in data["matches"]]),
        verdict=_read_verdict(data["verdict"]),
    )


def read_records(path: Path, kinds: Collection[Kind] = ()) -> Iterator[Record]:
    """The records of a file, one at a time; with kinds, at least all of these, and few others.

    `ConfigError` names the line that is not a record.
    """
    marks = [f'"kind":"{kind}"' for kind in kinds]
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                if not line.isspace() and (not marks or any(mark in line for mark in marks)):
                    yield _read_line(path, number, line)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; name a records.jsonl that a scan wrote") from error


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
        return from_json(json.loads(line))
    except ConfigError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}, line {number}: not a whole record ({error})") from error


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


def _plain(value: Any) -> Any:
    """Dataclasses to dicts, tuples to lists, enums to their words."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _asset(seen: Examination) -> dict[str, Any]:
    asset = seen.asset
    return {
        "path": asset.path,
        "root": asset.root,
        "kind": asset.kind,
        "media_type": asset.media_type,
        "size": asset.size,
        "mtime_ns": asset.mtime_ns,
        "category": asset.category,
        "digest": _plain(seen.digest) if seen.digest else None,
        "frames": _plain(asset.frames) if asset.frames else None,
        "sidecars": list(asset.sidecars),
    }


def _read_asset(data: Mapping[str, Any]) -> Asset:
    frames = data["frames"]
    return Asset(
        path=data["path"],
        root=data["root"],
        location="",
        kind=Kind(data["kind"]),
        media_type=data["media_type"],
        size=data["size"],
        mtime_ns=data["mtime_ns"],
        category=Category(data["category"]),
        frames=Frames(ranges=_spans(frames["ranges"]), missing=_spans(frames["missing"])) if frames else None,
        sidecars=tuple(data["sidecars"]),
    )


def _spans(spans: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((first, last) for first, last in spans)


def _evidence(item: Evidence) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": item.id,
        "reader": item.reader,
        "key": item.key,
        "value": item.value,
        "where": item.where,
    }
    if item.facts:
        plain["facts"] = dict(item.facts)
    if item.frames:
        plain["frames"] = _plain(item.frames)
    return plain


def _read_evidence(data: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**data, "frames": _spans(data["frames"])}) if "frames" in data else Evidence(**data)


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "id": found.id,
        "rule": found.rule,
        "tool": found.tool,
        "vendor": found.vendor,
        "claim": found.claim,
        "strength": found.strength,
        "evidence": list(found.evidence),
        "text": found.text,
        "model": found.model,
        "version": found.version,
        "at": _plain(found.at) if found.at else found.at,
        "rules": list(found.rules),
    }


def _match(match: Match) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(match)
    if not match.facts:
        del plain["facts"]
    return plain


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "stage": problem.stage,
        "by": problem.by,
        "message": problem.message,
        "blocking": problem.blocking,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "scan": verdict.scan,
        "actions": list(verdict.actions),
        "reasons": [_reason(reason) for reason in verdict.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "rule": reason.rule,
        "outcome": reason.outcome,
        "because": list(reason.because),
        "text": reason.text,
        "remedy": reason.remedy,
        "register": reason.register,
    }
    if reason.binding:
        plain["binding"] = reason.binding
    if reason.waiver:
        plain["waiver"] = reason.waiver
    return plain


def _read_verdict(data: Mapping[str, Any]) -> Verdict:
    return Verdict(
        outcome=Outcome(data["outcome"]),
        scan=Scan(data["scan"]),
        actions=tuple([Action(action) for action in data["actions"]]),
        reasons=tuple(
            [
                Reason(**{**it, "outcome": Outcome(it["outcome"]), "because": tuple(it["because"])})
                for it in data["reasons"]
            ]
        ),
    )


def _read_finding(data: Mapping[str, Any]) -> Finding:
    changed = {
        "claim": Claim(data["claim"]),
        "strength": Strength(data["strength"]),
        "evidence": tuple(data["evidence"]),
        "rules": tuple(data["rules"]),
    }
    return Finding(**{**data, **changed})
