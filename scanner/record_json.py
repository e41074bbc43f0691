"""A `Record` as JSON values, key by key, and back: what the schema `provscan/record/1` says of every noun.

Called for every record of a season: dictionaries are written out, and words become enums by look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from scanner.policy import match_id

__all__ = ["SCHEMA", "from_json", "looks_json", "looks_of", "to_json", "to_json_with"]

SCHEMA = "provscan/record/1"
_LOOKED = {status.value: status for status in LookStatus}
_KINDS = {kind.value: kind for kind in Kind}
_CATEGORIES = {category.value: category for category in Category}
_CLAIMS = {claim.value: claim for claim in Claim}
_STRENGTHS = {strength.value: strength for strength in Strength}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_SCANS = {scan.value: scan for scan in Scan}
_ACTIONS = {action.value: action for action in Action}


def to_json(record: Record) -> dict[str, Any]:
    """The record as the schema has it."""
    return to_json_with(record, looks_json(record.examination.looks))


def to_json_with(record: Record, looks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The same with these looks: whoever has them as text already gives None, and puts the text there."""
    seen = record.examination
    return {
        "schema": SCHEMA,
        "asset": _asset(seen),
        "media": _media(seen.media) if seen.media else None,
        "looks": looks,
        "evidence": [_evidence(evidence) for evidence in seen.evidence],
        "findings": [_finding(finding) for finding in record.findings],
        "matches": [_match(match) for match in record.matches],
        "problems": [_problem(problem) for problem in seen.problems],
        "verdict": _verdict(record.verdict),
    }


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
        looks=looks_of(data["looks"]),
        problems=tuple([Problem(**problem) for problem in data["problems"]]),
    )
    return Record(
        examination=examination,
        findings=tuple([_read_finding(finding) for finding in data["findings"]]),
        matches=tuple([_read_match(match) for match in data["matches"]]),
        verdict=_read_verdict(data["verdict"]),
    )


def _plain(value: Any) -> Any:
    """Tuples to lists, mappings to dicts, whatever is in them."""
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
        "digest": {"algorithm": seen.digest.algorithm, "value": seen.digest.value} if seen.digest else None,
        "frames": {"ranges": _plain(asset.frames.ranges), "missing": _plain(asset.frames.missing)}
        if asset.frames
        else None,
        "sidecars": list(asset.sidecars),
    }


def _frames(frames: Frames) -> dict[str, Any]:
    return {"ranges": _plain(frames.ranges), "missing": _plain(frames.missing)}


def _media(media: MediaFacts) -> dict[str, Any]:
    return {
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "rate": media.rate,
        "timecode": media.timecode,
        "codecs": list(media.codecs),
    }


def looks_json(looks: tuple[Look, ...]) -> list[dict[str, Any]]:
    """What every reader's look came to."""
    return [{"by": look.by, "version": look.version, "status": look.status} for look in looks]


def _read_asset(data: Mapping[str, Any]) -> Asset:
    frames = data["frames"]
    return Asset(
        path=data["path"],
        root=data["root"],
        location="",
        kind=_KINDS[data["kind"]],
        media_type=data["media_type"],
        size=data["size"],
        mtime_ns=data["mtime_ns"],
        category=_CATEGORIES[data["category"]],
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
    plain = {
        "id": match_id(match),
        "reference": match.reference,
        "role": match.role,
        "relation": match.relation,
        "score": match.score,
        "threshold": match.threshold,
        "at": _plain(match.at),
        "region": _plain(match.region),
        "flip": match.flip,
        "alteration": _plain(match.alteration),
    }
    return {**plain, "facts": dict(match.facts)} if match.facts else plain


def _read_match(data: Mapping[str, Any]) -> Match:
    return Match(**{key: value for key, value in data.items() if key != "id"})


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
        outcome=_OUTCOMES[data["outcome"]],
        scan=_SCANS[data["scan"]],
        actions=tuple([_ACTIONS[action] for action in data["actions"]]),
        reasons=tuple(
            [
                Reason(**{**it, "outcome": _OUTCOMES[it["outcome"]], "because": tuple(it["because"])})
                for it in data["reasons"]
            ]
        ),
    )


def _read_finding(data: Mapping[str, Any]) -> Finding:
    changed = {
        "claim": _CLAIMS[data["claim"]],
        "strength": _STRENGTHS[data["strength"]],
        "evidence": tuple(data["evidence"]),
        "rules": tuple(data["rules"]),
    }
    return Finding(**{**data, **changed})


def looks_of(looks: Iterable[Any]) -> tuple[Look, ...]:
    """The nouns again; those that are nouns already are left as they are."""
    if isinstance(looks, tuple):
        return looks
    return tuple([Look(by=it["by"], version=it["version"], status=_LOOKED[it["status"]]) for it in looks])
