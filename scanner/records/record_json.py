"""A `Record` as JSON values, key by key, and back: schema `provscan/record/2`. Earlier ones are upgraded when read.

Called for every record of a season: lines are read by msgspec straight into nouns, whose types give the published JSON
Schema too. Keys that are not ours are passed over; what misses a key of ours, or holds another type, is no record.
"""

from __future__ import annotations

import codecs
import dataclasses
import json
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from media.errors import ConfigError
from media.place import checked_box
from scanner.match_ids import match_id
from scanner.model import (
    Asset,
    Box,
    Category,
    Claim,
    Comparison,
    CutFacts,
    Digest,
    Evidence,
    Examination,
    Finding,
    Frames,
    Kind,
    Look,
    Match,
    MatchFacts,
    MediaFacts,
    Place,
    Problem,
    Reason,
    Record,
    Relation,
    Role,
    Strength,
    Verdict,
)
from scanner.records.place_json import at_json, box_json
from scanner.records.upgrade import SCHEMA_1, Finding1, Match1

__all__ = [
    "SCHEMA", "encode", "from_json", "from_line", "json_schema", "looks_json", "to_json", "to_json_with", "typed",
    "verdict_json",
]  # fmt: skip

SCHEMA = "provscan/record/2"
_SHARED = 1024
"""How many different looks, and verdicts, are kept for the records that come."""
Looks = TypeVar("Looks")
FoundT = TypeVar("FoundT")
MatchT = TypeVar("MatchT")
Judged = TypeVar("Judged")
_RATE = r"^[0-9]+(\.[0-9]+|/[0-9]+)?$"
T = TypeVar("T")


class _Asset(msgspec.Struct):
    """The file or frame sequence that the record is about."""

    path: str
    """Relative to the root, `/` between parts; a printf pattern for a frame sequence. Bytes that are no UTF-8 are lone
    surrogates, U+DC80 to U+DCFF, as Python's surrogateescape makes them."""
    root: str
    """Name of the scanned folder that it lies under."""
    kind: Kind
    """By content, not by name."""
    media_type: str
    """By content; `application/octet-stream` where it is not recognised."""
    size: Annotated[int, msgspec.Meta(ge=0)]
    """Bytes; of all frames together for a frame sequence."""
    mtime_ns: int
    """Modification time in nanoseconds, the latest of its files. Not unique and not part of the identity."""
    category: Category
    """What the production uses it for."""
    digest: Digest | None
    """Of the content: of all of it, or of a sample (`sampled-…`); null where it could not be read."""
    frames: Frames | None
    """Which frames a sequence has and lacks; null for anything else."""
    sidecars: tuple[str, ...]
    """Paths of the files that speak for it."""
    disputed: tuple[str, ...] = ()
    """Names of its folders that contradict each other about what it is used for; only where some do."""
    whole_digest: Digest | None = None
    """Of all of the content, where `digest` is not, and a register row or a waiver names content; else absent."""


class _At(msgspec.Struct, rename={"into": "in"}):
    """Where in the asset, where it holds only for a part: frames of a sequence, or a range of a programme. `out` and
    `out_frame` are the frame after the last one."""

    frames: tuple[tuple[int, int], ...] | msgspec.UnsetType = msgspec.UNSET
    """Of a frame sequence: first and last of each range, both within it, by the numbers in the file names."""
    into: str | msgspec.UnsetType = msgspec.UNSET
    """SMPTE timecode at the asset's own rate, from its start timecode; `;` before the frames where it counts
    drop-frame."""
    out: str | msgspec.UnsetType = msgspec.UNSET
    """Likewise."""
    in_frame: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    """Counted from the asset's first frame, which is 0."""
    out_frame: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    """Likewise."""
    rate: Annotated[str, msgspec.Meta(pattern=_RATE)] | msgspec.UnsetType = msgspec.UNSET
    """Frames a second, as a fraction or a whole number."""


def _place(at: _At | None, region: Box | None) -> Place | None:
    """The place that `at` and `region` state. `ValueError` where they state none."""
    if at is None:
        return None if region is None else Place(box=region)
    labels = None if at.into is msgspec.UNSET or at.out is msgspec.UNSET else (at.into, at.out)
    spans: tuple[tuple[int, int], ...] = ()
    if at.frames is not msgspec.UNSET:
        spans = tuple((first, last + 1) for first, last in at.frames)
    elif at.in_frame is not msgspec.UNSET:
        spans = ((at.in_frame, at.in_frame + 1 if at.out_frame is msgspec.UNSET else at.out_frame),)
    rate = "" if at.rate is msgspec.UNSET else at.rate
    return Place(frames=spans, is_numbered=at.frames is not msgspec.UNSET, rate=rate, labels=labels, box=region)


class _Finding(msgspec.Struct):
    """What the evidence means, by a rule."""

    id: str
    """Stable across runs and renames."""
    rule: str
    """The marker rule that fired; see `provscan rules show`."""
    tool: str | None
    """What made it, where that is stated."""
    vendor: str | None
    """Whose tool it is."""
    claim: Claim
    strength: Strength
    evidence: tuple[str, ...]
    """Ids of the statements it rests on."""
    text: str
    """One sentence for a person."""
    model: str | None
    """Of the tool."""
    version: str | None
    """Of the tool."""
    at: _At | None
    rules: tuple[str, ...]
    """All rules that fired on the same physical cause, `rule` first."""
    region: Box | None = None
    """Where in the picture, where it holds only for a part of it; else absent."""

    def finding(self) -> Finding:
        """As judging has it."""
        return Finding(
            id=self.id, rule=self.rule, tool=self.tool, vendor=self.vendor, claim=self.claim, strength=self.strength,
            evidence=self.evidence, text=self.text, model=self.model, version=self.version,
            at=_place(self.at, self.region), rules=self.rules,
        )  # fmt: skip


class _Match(msgspec.Struct):
    """A reference that was recognised in the asset."""

    reference: str
    """Its id in the library; of the delivery's own material root and path."""
    role: Role
    relation: Relation
    score: float | int
    threshold: float | int
    at: _At | None
    region: Box | None
    """Where in the picture; null where it is all of it, or nothing is seen."""
    flip: bool
    """Whether it is seen mirrored."""
    alteration: Comparison | None
    facts: MatchFacts = MatchFacts()
    """What is known of it; only what is known is written."""
    id: str = ""
    """Stable across runs and renames; what a reason rests on and a waiver names."""

    def match(self) -> Match:
        """As judging has it. `ValueError` where a place is none."""
        for box in self.alteration.regions if self.alteration else ():
            checked_box(box)
        return Match(
            reference=self.reference, role=self.role, relation=self.relation, score=self.score,
            threshold=self.threshold, at=_place(self.at, self.region), flip=self.flip, alteration=self.alteration,
            facts=self.facts,
        )  # fmt: skip


class _Line(msgspec.Struct, Generic[Looks, FoundT, MatchT, Judged]):
    """A line. Its looks, which thousands of lines share, and its verdict may be left as they are written."""

    schema: str
    asset: _Asset
    media: MediaFacts | None
    """What it is technically; null where that is not known."""
    looks: Looks
    """That each reader looked, and what came of it."""
    evidence: tuple[Evidence, ...]
    findings: tuple[FoundT, ...]
    matches: tuple[MatchT, ...]
    problems: tuple[Problem, ...]
    verdict: Judged


_SIZES = 1 << 63
"""No file system counts further."""
_line = msgspec.json.Decoder(_Line[msgspec.Raw, _Finding, _Match, msgspec.Raw]).decode
_line_1 = msgspec.json.Decoder(_Line[msgspec.Raw, Finding1, Match1, msgspec.Raw]).decode
_OF_1 = b'{"schema":"%b"' % SCHEMA_1.encode()
_looks = msgspec.json.Decoder(tuple[Look, ...]).decode
_verdict_of = msgspec.json.Decoder(Verdict).decode
_VERDICT = b',"verdict":'


def from_line(line: bytes) -> tuple[Record, bytes]:
    """The record of a line of this schema or of an earlier one; and the line up to its verdict, empty where it is not
    written as this provscan writes it.

    `ConfigError` for another schema, `ValueError` for what is no record.
    """
    is_old = line.startswith(_OF_1)
    try:
        read = _line_1(line) if is_old else _line(line)
    except ValueError:
        read = None  # lone surrogates, the odd bytes of names, are no Unicode, and no JSON to msgspec
    if read is None or read.schema != (SCHEMA_1 if is_old else SCHEMA):
        return from_json(json.loads(line.decode("utf-8", "surrogateescape"), parse_constant=_refuse)), b""
    said = bytes(read.verdict)
    ends = not is_old and line.endswith(b"%b%b}\n" % (_VERDICT, said)) and line.isascii()
    head = line[: -len(said) - 2] if ends else b""
    return _record(read, _same_looks(bytes(read.looks)), _same_verdict(said)), head


def from_json(data: Any) -> Record:
    """The record that `to_json` wrote, here or in an earlier provscan.

    `ConfigError` for another schema, `ValueError` for what is no record.
    """
    schema = data.get("schema") if isinstance(data, Mapping) else None
    if schema == SCHEMA_1:
        old = msgspec.convert(data, _Line[tuple[Look, ...], Finding1, Match1, Verdict])
        return _record(old, old.looks, old.verdict)
    if schema != SCHEMA and isinstance(data, Mapping):
        raise ConfigError(f"a record of schema {schema!r}; this provscan reads {SCHEMA} and {SCHEMA_1}")
    read = msgspec.convert(data, _Line[tuple[Look, ...], _Finding, _Match, Verdict])
    return _record(read, read.looks, read.verdict)


def encode(values: Any) -> bytes:
    """JSON values as one ASCII line, without its end. Lone surrogates stay as they are, escaped."""
    try:
        text = msgspec.json.encode(values)
    except UnicodeEncodeError:
        return json.dumps(_plain(values), separators=(",", ":"), allow_nan=False).encode("ascii")
    return text if text.isascii() else text.decode("utf-8").encode("ascii", _ESCAPED)


def _escape(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - registered for encoding only
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


_ESCAPED = "provscan-json"
codecs.register_error(_ESCAPED, _escape)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a line, as its types have it, without descriptions of fields."""
    return msgspec.json.schema(_Line[tuple[Look, ...], _Finding, _Match, Verdict])


def typed(data: Any, cls: type[T]) -> T:
    """JSON values as a dataclass. `ValueError` names the place that is of another type."""
    return msgspec.convert(data, cls)


@lru_cache(maxsize=_SHARED)
def _same_looks(text: bytes) -> tuple[Look, ...]:
    return _looks(text)


@lru_cache(maxsize=_SHARED)
def _same_verdict(text: bytes) -> Verdict:
    return _verdict_of(text)


def _record(read: _Line[Any, Any, Any, Any], looks: tuple[Look, ...], verdict: Verdict) -> Record:
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
        **({"region": box_json(found.at.box)} if found.at and found.at.box else {}),
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
        "region": box_json(match.at.box) if match.at and match.at.box else None,
        "flip": match.flip,
        "alteration": _comparison(match.alteration) if match.alteration else None,
    }
    facts = _known(match.facts)
    return {**plain, "facts": facts} if facts else plain


def _comparison(comparison: Comparison) -> dict[str, Any]:
    stated: dict[str, Any] = {"judged": comparison.judged, "reason": comparison.reason}
    if comparison.judged:
        stated |= {
            "grade": comparison.grade,
            "relations": list(comparison.relations),
            "area_percent": comparison.area_percent,
            "regions": [box_json(box) for box in comparison.regions],
        }
    if comparison.graphics_percent:
        stated["graphics_percent"] = comparison.graphics_percent
    return stated if comparison.frame is None else {**stated, "frame": comparison.frame}


_NONE = object()
_DEFAULTS = {
    noun: {field.name: _NONE if field.default is dataclasses.MISSING else field.default for field in fields}
    for noun, fields in ((noun, dataclasses.fields(noun)) for noun in (MatchFacts, CutFacts))
}


def _known(facts: MatchFacts | CutFacts) -> dict[str, Any]:
    """The fields that are not as where nothing is known."""
    defaults = _DEFAULTS[type(facts)].items()
    return {name: _stated(value) for name, usual in defaults if (value := getattr(facts, name)) != usual}


def _stated(value: Any) -> Any:
    return _known(value) if isinstance(value, CutFacts) else list(value) if isinstance(value, tuple) else value


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
