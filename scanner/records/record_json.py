"""A `Record` as JSON values, key by key, and back: what the schema `provscan/record/1` says of every noun.

Called for every record of a season: dictionaries are written out, and lines are read by msgspec straight into
nouns. Keys that are not ours are passed over; what misses a key of ours, or holds another type, is no record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Generic, Literal, TypeVar

import msgspec

from media.errors import ConfigError
from scanner.judge.policy import match_id
from scanner.model import (
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
    Match,
    MediaFacts,
    Problem,
    Reason,
    Record,
    Relation,
    Role,
    Strength,
    Verdict,
)
from scanner.records.match_json import comparison_json, facts_json, read_comparison, read_facts
from scanner.records.place_json import at_json, read_place, region_json

__all__ = ["SCHEMA", "from_json", "from_line", "looks_json", "to_json", "to_json_with", "typed", "verdict_json"]

SCHEMA = "provscan/record/1"
_SHARED = 1024
"""How many different looks, and verdicts, are kept for the records that come."""
Looks = TypeVar("Looks")
Said = TypeVar("Said")
T = TypeVar("T")


class _Asset(msgspec.Struct):
    """An asset as a line has it: with its digest, and without where it lay."""

    path: str
    root: str
    kind: Kind
    media_type: str
    size: int
    mtime_ns: int
    category: Category
    digest: Digest | None
    frames: Frames | None
    sidecars: tuple[str, ...]
    disputed: tuple[str, ...] = ()
    whole_digest: Digest | None = None


class _Finding(msgspec.Struct):
    """A finding as a line has it: where it is in the words of JSON."""

    id: str
    rule: str
    tool: str | None
    vendor: str | None
    claim: Claim
    strength: Strength
    evidence: tuple[str, ...]
    text: str
    model: str | None = None
    version: str | None = None
    at: dict[str, Any] | None = None
    rules: tuple[str, ...] = ()

    def finding(self) -> Finding:
        """As judging has it."""
        return Finding(
            id=self.id, rule=self.rule, tool=self.tool, vendor=self.vendor, claim=self.claim, strength=self.strength,
            evidence=self.evidence, text=self.text, model=self.model, version=self.version, at=read_place(self.at),
            rules=self.rules,
        )  # fmt: skip


class _Match(msgspec.Struct):
    """A match as a line has it."""

    reference: str
    role: Role
    relation: Relation
    score: float | int
    threshold: float | int
    at: dict[str, Any] | None = None
    region: dict[str, Any] | None = None
    flip: bool = False
    alteration: dict[str, Any] | None = None
    facts: dict[str, str] = {}

    def match(self) -> Match:
        """As judging has it."""
        return Match(
            reference=self.reference, role=self.role, relation=self.relation, score=self.score,
            threshold=self.threshold, at=read_place(self.at, self.region), flip=self.flip,
            alteration=read_comparison(self.alteration), facts=read_facts(self.facts),
        )  # fmt: skip


class _Line(msgspec.Struct, Generic[Looks, Said]):
    """A line. Its looks, which thousands of lines share, and its verdict may be left as they are written."""

    schema: Literal["provscan/record/1"]
    asset: _Asset
    looks: Looks
    evidence: tuple[Evidence, ...]
    findings: tuple[_Finding, ...]
    matches: tuple[_Match, ...]
    problems: tuple[Problem, ...]
    verdict: Said
    media: MediaFacts | None = None


_SIZES = 1 << 63
"""No file system counts further."""
_line = msgspec.json.Decoder(_Line[msgspec.Raw, msgspec.Raw]).decode
_looks = msgspec.json.Decoder(tuple[Look, ...]).decode
_verdict_of = msgspec.json.Decoder(Verdict).decode
_VERDICT = b',"verdict":'


def from_line(line: bytes) -> tuple[Record, bytes]:
    """The record of a line; and the line up to its verdict, empty where the verdict is not its end.

    `ConfigError` for another schema, `ValueError` for what is no record.
    """
    try:
        read = _line(line)
    except ValueError:
        # Lone surrogates, the odd bytes of names, are no Unicode, and nor are they JSON to msgspec.
        return from_json(json.loads(line.decode("utf-8", "surrogateescape"), parse_constant=_refuse)), b""
    said = bytes(read.verdict)
    ends = line.endswith(b"%b%b}\n" % (_VERDICT, said)) and line.isascii()
    head = line[: -len(said) - 2] if ends else b""
    return _record(read, _same_looks(bytes(read.looks)), _same_verdict(said)), head


def from_json(data: Any) -> Record:
    """The record that `to_json` wrote. `ConfigError` for another schema, `ValueError` for what is no record."""
    if isinstance(data, Mapping) and data.get("schema") != SCHEMA:
        raise ConfigError(f"a record of schema {data.get('schema')!r}; this provscan reads {SCHEMA}")
    read = msgspec.convert(data, _Line[tuple[Look, ...], Verdict])
    return _record(read, read.looks, read.verdict)


def typed(data: Any, cls: type[T]) -> T:
    """JSON values as a dataclass. `ValueError` names the place that is of another type."""
    return msgspec.convert(data, cls)


@lru_cache(maxsize=_SHARED)
def _same_looks(text: bytes) -> tuple[Look, ...]:
    return _looks(text)


@lru_cache(maxsize=_SHARED)
def _same_verdict(text: bytes) -> Verdict:
    return _verdict_of(text)


def _record(read: _Line[Any, Any], looks: tuple[Look, ...], verdict: Verdict) -> Record:
    asset, media = read.asset, read.media
    if not 0 <= asset.size < _SIZES:
        raise ValueError("a size that no file has")
    if media is not None and media.duration is not None and not isfinite(media.duration):
        raise ValueError(f"a duration of {media.duration} seconds")
    examination = Examination(
        asset=Asset(
            path=asset.path,
            root=asset.root,
            location="",
            kind=asset.kind,
            media_type=asset.media_type,
            size=asset.size,
            mtime_ns=asset.mtime_ns,
            category=asset.category,
            disputed=asset.disputed,
            frames=asset.frames,
            sidecars=asset.sidecars,
        ),
        digest=asset.digest,
        whole=asset.whole_digest,
        media=media,
        evidence=read.evidence,
        looks=looks,
        problems=read.problems,
    )
    return Record(
        examination=examination,
        findings=tuple([one.finding() for one in read.findings]) if read.findings else (),
        matches=tuple([one.match() for one in read.matches]) if read.matches else (),
        verdict=verdict,
    )


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


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
        "verdict": verdict_json(record.verdict),
    }


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
        **({"whole_digest": {"algorithm": seen.whole.algorithm, "value": seen.whole.value}} if seen.whole else {}),
        "frames": _frames(asset.frames) if asset.frames else None,
        "sidecars": list(asset.sidecars),
        **({"disputed": list(asset.disputed)} if asset.disputed else {}),
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
        "at": at_json(found.at),
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
        "at": at_json(match.at),
        "region": region_json(match.at),
        "flip": match.flip,
        "alteration": comparison_json(match.alteration),
    }
    facts = facts_json(match.facts)
    return {**plain, "facts": facts} if facts else plain


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "stage": problem.stage,
        "by": problem.by,
        "message": problem.message,
        "blocking": problem.blocking,
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """What the house asks for."""
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
    if reason.asked_by:
        plain["asked_by"] = list(reason.asked_by)
    return plain
