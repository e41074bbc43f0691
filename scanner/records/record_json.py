"""Turns lines of `records.jsonl` into records, and JSON values into lines. Earlier schemas are upgraded when read.

Called for every record of a season: msgspec reads lines straight into nouns. Unknown keys are skipped; a line that
lacks one of our keys, or has another type there, is not a record.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, TypeVar

import msgspec

from media.errors import ConfigError
from scanner.model import Asset, EditSequence, Examination, Kind, Look, Record, Verdict
from scanner.records.record_types import SCHEMA, SCHEMA_1, AnyLine, Line, Line1
from scanner.sequences import read_sequences

__all__ = ["encode", "from_json", "from_line", "typed"]

T = TypeVar("T")
_SHARED = 1024
"""How many different looks, and verdicts, are kept for the records that come."""
_SIZES = 1 << 63
"""No file system counts further."""
_line = msgspec.json.Decoder(Line[msgspec.Raw, msgspec.Raw]).decode
_line_1 = msgspec.json.Decoder(Line1[msgspec.Raw, msgspec.Raw]).decode
_OF_1 = b'{"schema":"%b"' % SCHEMA_1.encode()
_looks = msgspec.json.Decoder(tuple[Look, ...]).decode
_verdict_of = msgspec.json.Decoder(Verdict).decode
_VERDICT = b',"verdict":'


def from_line(line: bytes) -> tuple[Record, bytes]:
    """Read a line of this schema or of an earlier one; return the record, and the line up to its verdict, empty where
    this provscan would write it otherwise.

    Raises `ConfigError` for another schema, `ValueError` where it is not a record.
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
    """Read the record that `to_json` wrote, here or in an earlier provscan.

    Raises `ConfigError` for another schema, `ValueError` where it is not a record.
    """
    schema = data.get("schema") if isinstance(data, Mapping) else None
    if schema == SCHEMA_1:
        old = msgspec.convert(data, Line1[tuple[Look, ...], Verdict])
        return _record(old, old.looks, old.verdict)
    if schema != SCHEMA and isinstance(data, Mapping):
        raise ConfigError(f"a record of schema {schema!r}; this provscan reads {SCHEMA} and {SCHEMA_1}")
    read = msgspec.convert(data, Line[tuple[Look, ...], Verdict])
    return _record(read, read.looks, read.verdict)


def typed(data: Any, cls: type[T]) -> T:
    """Convert JSON values to a dataclass. `ValueError` names the place that has another type."""
    return msgspec.convert(data, cls)


@lru_cache(maxsize=_SHARED)
def _same_looks(text: bytes) -> tuple[Look, ...]:
    return _looks(text)


@lru_cache(maxsize=_SHARED)
def _same_verdict(text: bytes) -> Verdict:
    return _verdict_of(text)


def _record(read: AnyLine[Any, Any, Any, Any], looks: tuple[Look, ...], verdict: Verdict) -> Record:
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
        sequences=tuple([one.sequence() for one in read.sequences]) if read.sequences else _stated(read, asset.kind),
    )
    return Record(
        examination=examination,
        findings=tuple([one.finding() for one in read.findings]) if read.findings else (),
        matches=tuple([one.match() for one in read.matches]) if read.matches else (),
        verdict=verdict,
    )


def _stated(read: AnyLine[Any, Any, Any, Any], kind: Kind) -> tuple[EditSequence, ...]:
    """The sequences of a timeline's record that held each event as a statement."""
    return read_sequences(read.evidence) if kind is Kind.TIMELINE else ()


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def encode(values: Any) -> bytes:
    """Encode JSON values as one ASCII line, without its end. Lone surrogates stay as they are, escaped."""
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


def _plain(value: Any) -> Any:
    """Tuples to lists, mappings to dicts, whatever is in them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
