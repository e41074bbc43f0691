"""Frozen dataclasses ↔ JSON text, exactly: `from_json(type(x), to_json(x)) == x` for every noun of the model.

Odd file-name bytes live in strings as lone surrogates; they stay as they are, so the text is encoded
with `surrogatepass`. This is the cache's form, private and versioned by `shape`; the public one is
`records.jsonl`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

__all__ = ["from_json", "shape", "to_json"]

T = TypeVar("T")
_Convert = Callable[[Any], Any]


def to_json(value: Any) -> str:
    """A dataclass as JSON: an array of its fields in order, without their names. `Mapping` fields stay objects."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(cls: type[T], text: str) -> T:
    """The dataclass again. `ValueError` or `TypeError` where the text is not one of that class."""
    hint: Any = cls
    rebuilt: T = _reader(hint)(json.loads(text))
    return rebuilt


def shape(cls: type) -> str:
    """A digest of a class's fields and theirs. What was written under another shape is not read."""
    seen: dict[str, list[str]] = {}
    pending: list[Any] = [cls]
    while pending:
        hint = pending.pop()
        pending.extend(get_args(hint))
        if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint.__name__ not in seen:
            hints = get_type_hints(hint)
            seen[hint.__name__] = [f"{field.name}: {hints[field.name]}" for field in dataclasses.fields(hint)]
            pending.extend(hints.values())
    return hashlib.blake2b(json.dumps(seen, sort_keys=True).encode(), digest_size=8).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if dataclasses.is_dataclass(value):
        cls: Any = type(value)
        return [_plain(getattr(value, name)) for name in _names(cls)]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no place in the model")


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _reader(hint: Any) -> _Convert:
    """How to rebuild a value of one type."""
    arguments = get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    if get_origin(hint) is UnionType:
        (inner,) = {_reader(each) for each in arguments if each is not NoneType}
        return _same if inner is _same else lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple:
        return _tuple_reader(arguments)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return _same


def _tuple_reader(arguments: tuple[Any, ...]) -> _Convert:
    if arguments[-1] is not Ellipsis:
        members = [_reader(argument) for argument in arguments]
        return lambda value: tuple([member(item) for member, item in zip(members, value, strict=True)])
    each = _reader(arguments[0])
    return tuple if each is _same else lambda value: tuple([each(item) for item in value])


def _dataclass_reader(cls: Any) -> _Convert:
    names = _names(cls)
    readers = [(name, _reader(hint)) for name, hint in get_type_hints(cls).items() if _reader(hint) is not _same]

    def read(values: Any) -> Any:
        fields = dict(zip(names, values, strict=True))
        for name, reader in readers:
            fields[name] = reader(fields[name])
        return cls(**fields)

    return read


def _same(value: Any) -> Any:
    return value
