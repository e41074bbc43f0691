"""`Record` ↔ one line of `records.jsonl`, schema `provscan/record/2`. The public contract.

Undecodable bytes in names survive: lines are ASCII JSON, unknown bytes are lone surrogates (surrogateescape) written as
`\\udcXX`. Keys may be added; none changes its meaning without a new schema number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path

from media.errors import ConfigError
from scanner.model import Kind, Look, Outcome, Record, Verdict
from scanner.records.masking import HIDDEN
from scanner.records.record_json import encode, from_json, from_line
from scanner.records.record_types import SCHEMA, SCHEMA_1
from scanner.records.record_values import looks_json, to_json, to_json_with, verdict_json

__all__ = ["SCHEMA", "StoredRecords", "count_records", "from_json", "read_lines", "read_records", "to_json",
           "to_line"]  # fmt: skip

_BUFFER = 1 << 20
"""Bytes read at once: a line is some kilobytes, and a season is read several times."""
_SHARED = 1024
"""How many different looks are kept for the records that come."""
_written: dict[int, tuple[tuple[Look, ...], bytes]] = {}
"""Looks as text, known again by identity: to compare them would take longer than to write them."""
_OURS = tuple(b'{"schema":"%b","asset":{"path":"' % schema.encode() for schema in (SCHEMA_1, SCHEMA))
"""How the lines begin that we write, or wrote, with their keys in our order; one as long as the other."""
_KIND, _FRAMES, _VERDICT = b'"kind":"', b'"frames":', b'"verdict":{"outcome":"'
_LOOKS = b',"looks":'
"""Marks in our own lines. None can stand within a JSON string, whose quotes are escaped."""


def to_line(record: Record) -> bytes:
    """Write the record as one line, newline included. Its looks, which thousands of records share, are written once."""
    looks = _looks_text(record.examination.looks)
    return encode(to_json_with(record, None)).replace(b"%bnull" % _LOOKS, _LOOKS + looks, 1) + b"\n"


class StoredRecords:
    """The records of a file, one at a time, any number of times.

    Remembers the line of the last one: the unchanged parts of a record are written as they were read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: tuple[Record, bytes] | None = None

    def __call__(
        self,
        *,
        kinds: Collection[Kind] = (),
        named: Callable[[str], bool] | None = None,
        outcome: Outcome | None = None,
    ) -> Iterator[Record]:
        """With kinds, names or an outcome: at least all of these, and few others. `ConfigError` names a line that is
        not a record.

        Frame sequences, which are programmes made of images, are of every kind.
        """
        chosen = tuple(f'{kind}"'.encode() for kind in kinds), named, f'{outcome}"'.encode() if outcome else b""
        is_all = not any(chosen)
        for number, line in enumerate(read_lines(self._path), 1):
            if not (is_all or _may_be(line, *chosen)):
                continue
            if not line.isspace():
                self._last = _read_line(self._path, number, line)
                yield self._last[0]

    def lines(self) -> Iterator[bytes]:
        """The lines of all records: unchanged where they have our own form, otherwise written again."""
        for number, line in enumerate(read_lines(self._path), 1):
            if line.startswith(_OURS) and line.endswith(b"\n") and line.isascii():
                yield line
            elif not line.isspace():
                yield to_line(_read_line(self._path, number, line)[0])

    def line(self, record: Record) -> bytes:
        """`to_line`, for a record that was made from the one read last."""
        if self._last is not None and self._last[1]:
            before, head = self._last
            same = record.examination is before.examination and record.matches is before.matches
            if same and record.findings == before.findings:
                return head + _verdict_text(record.verdict)
        return to_line(record)


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file, one at a time. `ConfigError` names the line that is not a record."""
    return StoredRecords(path)()


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file unchanged. Raises `ConfigError` where it cannot be read."""
    try:
        with path.open("rb", buffering=_BUFFER) as lines:
            yield from lines
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; name a records.jsonl that a scan wrote") from error


def _may_be(line: bytes, kinds: tuple[bytes, ...], named: Callable[[str], bool] | None, outcome: bytes) -> bool:
    """By the words of a line, without reading it as a record; a line that others wrote, or a path with escapes, may."""
    if not line.startswith(_OURS):
        return True
    if kinds and not line.startswith(kinds, at := line.find(_KIND) + len(_KIND)) and not _has_frames(line, at):
        return False
    judged = line.rfind(_VERDICT) if outcome else -1
    if judged >= 0 and not line.startswith(outcome, judged + len(_VERDICT)):
        return False
    begin = len(_OURS[0])
    path = line[begin : line.find(b'"', begin)] if named else b""
    return named is None or b"\\" in path or named(path.decode("utf-8", "surrogateescape"))


def _has_frames(line: bytes, at: int) -> bool:
    """Whether it is a frame sequence's: the first key of that name is the asset's own."""
    return line.startswith(b"{", line.find(_FRAMES, at) + len(_FRAMES))


def count_records(path: Path) -> tuple[int, bool]:
    """How many records a file has, and whether words were removed from any: rules then no longer find what they
    found."""
    count, hidden, mark = 0, False, f'"value":"{HIDDEN}'.encode()
    for line in read_lines(path):
        count += not line.isspace()
        hidden = hidden or mark in line
    return count, hidden


def _read_line(path: Path, number: int, line: bytes) -> tuple[Record, bytes]:
    try:
        return from_line(line)
    except ConfigError as error:
        raise ConfigError(f"{path}, line {number}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path}, line {number}: not a whole record ({error})") from error


@lru_cache(maxsize=64)
def _verdict_text(verdict: Verdict) -> bytes:
    """A line from its verdict on. Most files of a season pass, and in the same words."""
    return encode(verdict_json(verdict)) + b"}\n"


def _looks_text(looks: tuple[Look, ...]) -> bytes:
    known = _written.get(id(looks))
    if known is None or known[0] is not looks:
        if len(_written) >= _SHARED:
            _written.clear()
        known = _written[id(looks)] = (looks, encode(looks_json(looks)))
    return known[1]
