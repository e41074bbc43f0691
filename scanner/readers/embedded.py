"""Files inside files: what the pictures, programmes, sounds and documents state that another file encloses.

A statement of an enclosed file is reported under its own reader's name; `where` begins with its place. A file that is
placed in another one has the fact `inside`: rules then treat the outer file as containing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import PurePosixPath

from media.errors import MediaError, StatementUnread, TooLarge, Unsupported
from media.identify import Kind, identify
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.enclosed import ENCLOSING, Enclosed, find_enclosed
from scanner.readers.interface import Medium, Reader, read_statements

__all__ = ["EMBEDDED", "Embedded"]

_READ = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT})
_PACKET = "application/rdf+xml"
"""XMP that belongs to a picture of a PDF."""
_ARCHIVE, _OBJECT = "application/zip", "application/x-ole"
_FROM_DISK = frozenset({"container", "sei"})
"""Readers that open a file by its path, which an enclosed file does not have."""
_MAX_DEPTH = 2
"""How deep files are enclosed in enclosed files that are read."""
_MAX_FILES = 2000
_MAX_TOTAL = 1 << 30
"""Bytes of all enclosed files together."""
_MAX_STATED = 10 * MAX_STATEMENTS


@dataclass(slots=True)
class _Budget:
    """What is left of the limits of one outermost file."""

    files: int = field(default_factory=lambda: _MAX_FILES)
    size: int = field(default_factory=lambda: _MAX_TOTAL)
    stated: int = field(default_factory=lambda: _MAX_STATED)

    def spend(self, enclosed: Enclosed) -> bool:
        """Count a file, and say whether it is still within the limits."""
        self.files -= 1
        self.size -= enclosed.size
        return min(self.files, self.size, self.stated) >= 0


class _Inner(Medium):
    """An enclosed file, as readers see a file."""

    def __init__(self, outer: Medium, enclosed: Enclosed, data: bytes) -> None:
        file = BytesIO(data)
        found = identify(file, PurePosixPath(enclosed.name or enclosed.where).name, len(data))
        super().__init__(outer.path, found.media_type, found.kind, size=len(data), settings=outer.settings)
        self._file = file
        self.depth: int = outer.depth + 1 if isinstance(outer, _Inner) else 1
        self.budget: _Budget = outer.budget if isinstance(outer, _Inner) else _Budget()


class Embedded(Reader):
    """Reads `picture`, the place of an enclosed file that states anything, and what it states.

    Looks into office documents, e-books, PDFs, smart objects of Photoshop, covers and attachments of programmes and
    sounds, pictures that pages and drawings hold as text, icons, and BMPs that wrap another picture.
    """

    name = "embedded"
    version = 3
    media_types = ENCLOSING

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the statements, file by file. Damage in one does not hide the others."""
        fault: MediaError | None = None
        budget = medium.budget if isinstance(medium, _Inner) else _Budget()
        try:
            for enclosed in find_enclosed(medium):
                if not budget.spend(enclosed):
                    raise fault or TooLarge("more files inside, or more that they state, than are read of one file")
                try:
                    for said in self._statements(medium, enclosed, budget):
                        budget.stated -= 1
                        yield said
                except MediaError as error:
                    fault = _worse(fault, type(error)(f"{enclosed.where}: {error}"))
        except StatementUnread as error:
            fault = _worse(fault, error)
        if fault is not None:
            raise fault

    def _statements(self, medium: Medium, enclosed: Enclosed, budget: _Budget) -> Iterator[Evidence]:
        inner = _Inner(medium, enclosed, enclosed.load())
        inner.budget = budget
        if inner.media_type == _ARCHIVE:
            raise StatementUnread("an archive inside it was not read")
        if inner.kind not in _READ and inner.media_type != _PACKET:
            return
        fault: MediaError | None = None
        is_named = False
        for reader in self._readers_of(inner):
            try:
                for said in read_statements(reader, inner):
                    if not is_named:
                        is_named = True
                        yield Evidence(reader=self.name, key="picture", value=enclosed.where, where=enclosed.where)
                    yield _placed(said, enclosed)
            except Unsupported as error:
                # A variant that a reader does not know: of an object of another program that is no fault of the whole.
                fault = _worse(fault, StatementUnread(str(error)) if inner.media_type == _OBJECT else error)
            except MediaError as error:
                fault = _worse(fault, error)
        fault = _worse(fault, inner.fault) if inner.fault else fault
        if fault is not None:
            raise fault

    def _readers_of(self, inner: _Inner) -> Iterator[Reader]:
        from scanner.readers import readers_of  # late: this is one of them

        for reader in readers_of(inner.media_type):
            needs_path = reader.name in _FROM_DISK or (reader is self and inner.kind in (Kind.VIDEO, Kind.AUDIO))
            if not needs_path and not reader.costly and (reader is not self or inner.depth <= _MAX_DEPTH):
                yield reader


EMBEDDED = Embedded()


def _placed(said: Evidence, enclosed: Enclosed) -> Evidence:
    """A statement of an enclosed file, with its place in the outer one."""
    deeper = said.facts.get("inside")
    inside = f"{enclosed.where}, {deeper}" if deeper else enclosed.where
    facts = {**said.facts, "inside": inside} if enclosed.inside else said.facts
    return replace(said, where=f"{enclosed.where}, {said.where}", facts=facts)


def _worse(fault: MediaError | None, error: MediaError) -> MediaError:
    """The first fault, unless a later one blocks and it does not."""
    return error if fault is None or (error.blocking and not fault.blocking) else fault
