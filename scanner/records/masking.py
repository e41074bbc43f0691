"""Takes private words out of texts, and replaces them by marks in which equal words can be seen.

The digests in marks are made with a secret key of this machine, so that nobody can try out names against them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import platformdirs

from scanner.records.public_words import WORD, is_public

__all__ = ["HIDDEN", "Quoted", "hide", "is_hidden", "mask", "read_key", "shorten"]

HIDDEN: Final = "[redacted: "
"""How a value begins that was taken out: the number of its characters and its digest follow."""
_OUT: Final = re.compile(r"\[redacted: \d+ characters, [0-9a-f]{10}\]")
_MARK: Final = re.compile(r"(\[redacted(?:: \d+ characters, [0-9a-f]{10})?\]|\[[0-9a-f]{10}\])")
_OFFSET: Final = re.compile(r"(?:@|line|record|byte|bytes) \Z")
_FEW: Final = 3
"""Words in a row that are a quotation."""
_MOST: Final = 4_000
"""Words of a value against which sentences are compared."""


def is_hidden(value: str) -> bool:
    """Whether a value is shown as one that was taken out."""
    return _OUT.fullmatch(value) is not None


class Quoted:
    """The words that sentences about a file may have taken from its statements. Looked through when they are asked
    for."""

    def __init__(self, values: Callable[[], Iterable[str]]) -> None:
        self._values = values
        self._runs: frozenset[tuple[str, ...]] | None = None

    def runs(self) -> frozenset[tuple[str, ...]]:
        """Three words in a row of any private value, shorter values whole."""
        if self._runs is None:
            self._runs = frozenset(run for value in self._values() for run in _runs_of(value))
        return self._runs


def _runs_of(value: str) -> Iterator[tuple[str, ...]]:
    words = [word.lower() for word in WORD.findall(value[: _MOST * 20])[:_MOST]]
    if len(words) == _FEW - 1:
        yield tuple(words)
    yield from (tuple(words[at : at + _FEW]) for at in range(len(words) - _FEW + 1))
    yield from ((word,) for word in words if len(word) >= _FEW and not word.isalpha())


def mask(
    text: str,
    *,
    allowed: frozenset[str] = frozenset(),
    quoted: Quoted | None = None,
    mark: Callable[[str], str] = lambda _: "[redacted]",
    has_offsets: bool = False,
) -> str:
    """The text with one mark for each run of words that are not public, or that are quoted. Words in `allowed`, offsets
    in places, and marks that stand there already are kept."""
    parts = _MARK.split(text)
    return "".join(
        part if number % 2 else _mask_part(part, allowed, quoted, mark, has_offsets)
        for number, part in enumerate(parts)
    )


def _mask_part(
    text: str, allowed: frozenset[str], quoted: Quoted | None, mark: Callable[[str], str], has_offsets: bool
) -> str:
    words = list(WORD.finditer(text))
    low = [word[0].lower() for word in words]
    private = [not (is_public(word) or word in allowed) for word in low]
    if has_offsets:
        private = [it and not _is_offset(text, word) for it, word in zip(private, words, strict=True)]
    runs = quoted.runs() if quoted else frozenset()
    for size in range(1, _FEW + 1) if runs else ():
        for at in range(len(low) - size + 1):
            if tuple(low[at : at + size]) in runs and not allowed.issuperset(low[at : at + size]):
                private[at : at + size] = [True] * size
    return "".join(_masked(text, words, private, mark))


def _masked(text: str, words: list[re.Match[str]], private: list[bool], mark: Callable[[str], str]) -> Iterator[str]:
    at = 0
    for is_private, group in groupby(zip(words, private, strict=True), key=itemgetter(1)):
        if is_private:
            run = [word for word, _ in group]
            yield text[at : run[0].start()]
            yield mark(text[run[0].start() : run[-1].end()])
            at = run[-1].end()
    yield text[at:]


def _is_offset(text: str, word: re.Match[str]) -> bool:
    return word[0].isdigit() and _OFFSET.search(text, max(0, word.start() - 8), word.start()) is not None


def shorten(words: str) -> str:
    """A short mark, by which equal words can be seen."""
    return f"[{_digest(words)}]"


def hide(value: str) -> str:
    """How a value is shown that is taken out: its length and its digest. One that is shown so already stays."""
    return value if is_hidden(value) else f"{HIDDEN}{len(value)} characters, {_digest(value)}]"


def _digest(value: str) -> str:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=read_key(), digest_size=5).hexdigest()


@cache
def read_key() -> bytes:
    """Made once and kept in the user's data folder, so that equal values are equal in the next run too; where that
    cannot be written, one of this process."""
    path = platformdirs.user_data_path("provscan", appauthor=False) / "redaction.key"
    made = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - made with its permissions
            file.write(made)
        return made
    except FileExistsError:
        return _stored(path) or made
    except OSError:
        return made


def _stored(path: Path) -> bytes:
    try:
        return path.read_bytes()[:64]
    except OSError:
        return b""
