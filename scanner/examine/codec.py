"""Frozen dataclasses ↔ JSON, exactly: `from_json(type(x), to_json(x)) == x` for every noun of the model.

Odd bytes of file names are lone surrogates in strings. msgspec refuses them, because they are not Unicode; a value
that holds one goes through `json`, with `surrogatepass`. This is the cache's form, private and versioned by `shape`;
the public one is `records.jsonl`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from scanner.model import Asset, Digest, EditSequence, Evidence, Examination, Look, MediaFacts, Problem

__all__ = ["from_json", "pack", "shape", "to_json", "unpack"]

T = TypeVar("T")
_SHARED = 1024
"""How many different looks are kept for the examinations that come."""


def to_json(value: Any) -> bytes:
    """Dataclasses, and tuples of what they hold, as JSON. Numbers that are not finite become null."""
    try:
        return msgspec.json.encode(value, enc_hook=_words)
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(value, enc_hook=_words), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def from_json(cls: type[T], data: bytes) -> T:
    """The value again. `ValueError` where the text is not one of that class."""
    hint: Any = cls
    try:
        value: T = _decoder(hint).decode(data)
    except ValueError:
        value = msgspec.convert(json.loads(data.decode("utf-8", "surrogatepass")), cls, dec_hook=_read_words)
    return value


@cache
def _decoder(cls: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cls, dec_hook=_read_words)


def _words(value: Any) -> str:
    """A fraction as its words: the one type of the model that JSON and msgspec do not know."""
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not of the model")


def _read_words(cls: type[Any], text: str) -> Any:
    if cls is not Fraction:
        raise TypeError(f"{cls.__name__} is not of the model")
    return _fraction(text)


_fraction = lru_cache(maxsize=_SHARED)(Fraction)
"""Of one timeline thousands are the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Body:
    """What an examination holds beside its asset, its looks, and the entries of lists and compositions."""

    digest: Digest | None
    whole: Digest | None
    media: MediaFacts | None
    evidence: tuple[Evidence, ...]
    problems: tuple[Problem, ...]
    sequences: tuple[EditSequence, ...]


def pack(seen: Examination) -> bytes:
    """An examination without its asset: a line of its looks, which thousands share, and a line of the rest."""
    body = _Body(seen.digest, seen.whole, seen.media, seen.evidence, seen.problems, seen.sequences)
    return to_json(seen.looks) + b"\n" + to_json(body)


def unpack(asset: Asset, data: bytes) -> Examination:
    """The examination of this asset again. `ValueError` where the text is not one."""
    looks, _, rest = data.partition(b"\n")
    body = from_json(_Body, rest)
    return Examination(
        asset=asset,
        digest=body.digest,
        whole=body.whole,
        media=body.media,
        evidence=body.evidence,
        looks=_looks(looks),
        problems=body.problems,
        sequences=body.sequences,
    )


@lru_cache(maxsize=_SHARED)
def _looks(data: bytes) -> tuple[Look, ...]:
    return from_json(tuple[Look, ...], data)


def shape(cls: type) -> str:
    """A digest of a class's fields and theirs. What was written under another shape is not read."""
    seen: dict[str, list[str]] = {}
    pending: list[Any] = [cls]
    while pending:
        hint = pending.pop()
        pending.extend(get_args(hint))
        if isinstance(hint, type) and (names := _names(hint)) and hint.__name__ not in seen:
            hints = get_type_hints(hint)
            seen[hint.__name__] = [f"{name}: {hints[name]}" for name in names]
            pending.extend(hints.values())
    return hashlib.blake2b(json.dumps(seen, sort_keys=True).encode(), digest_size=8).hexdigest()


def _names(cls: type) -> tuple[str, ...]:
    """The fields of a dataclass or of a named tuple."""
    if dataclasses.is_dataclass(cls):
        return tuple(field.name for field in dataclasses.fields(cls))
    return tuple(getattr(cls, "_fields", ()))
