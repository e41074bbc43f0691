"""Writes one document where the user wants it: completely or not at all, and never over a file that is read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from media.errors import ConfigError
from scanner.reports.interface import Document
from scanner.reports.naming import file_of

__all__ = ["check_target", "encoded", "naming", "replace_file", "write_document", "write_documents", "write_json"]


def check_target(flag: str, target: Path, inputs: Iterable[Path]) -> None:
    """Raise `ConfigError` where a document would be written over a file that the command reads."""
    for path in inputs:
        with suppress(OSError):
            if target.samefile(path):
                raise ConfigError(f"{flag} {target} is a file that is read here; name another file")


def encoded(pieces: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    """Encode a document's pieces as they are written: text becomes UTF-8."""
    return (piece.encode("utf-8") if isinstance(piece, str) else piece for piece in pieces)


def write_documents(
    flag: str, target: Path, documents: Iterable[Document], file_name: str, inputs: Iterable[Path] = ()
) -> tuple[Path, ...]:
    """Write the files of a report: `found.edl`, or `found-EP101.edl` and `found-EP102.edl` where there are several.

    In a folder they have the names that a run gives them, made of `file_name`. Returns their paths. Raises
    `ConfigError` where one would be written over a file that is read.
    """
    written = []
    for document in documents:
        path = target / file_of(file_name, document.part) if target.is_dir() else _beside(target, document.part)
        check_target(flag, path, inputs)
        write_document(path, encoded(document.pieces))
        written.append(path)
    return tuple(written)


def _beside(target: Path, part: str) -> Path:
    return target.with_name(file_of(target.name, part))


def write_document(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file beside the target, then put it in the target's place. A link is replaced and not followed.

    A target that is not a file, such as a terminal or a pipe, is written to directly. An error names the target.
    """
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as document:
                document.writelines(pieces)
            return
        replace_file(target, pieces)
    except OSError as error:
        raise ConfigError(f"{os.fsdecode(target)}: cannot be written: {error.strerror or error}") from error


def replace_file(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file completely or not at all. Raises `OSError` that names a place."""
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with naming(target):
        try:
            with new.open("xb") as document:
                document.writelines(pieces)
            new.replace(target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a document for programs completely or not at all. Raises `OSError` that names a place."""
    replace_file(path, [json.dumps(data, indent=1).encode(), b"\n"])


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Where an error of writing names the place that could not be written, as that of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(place)
        raise
