"""What a reader is: it reads one kind of statement, in every format that can carry it.

A reader gets a `Medium` and yields `Evidence`. It judges nothing, writes nothing, opens the file for reading only and
reads no more of it than it must. Contradictory bytes raise a `MediaError` (what was yielded before stays); where there
is nothing to read, the generator ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from media.containers import Part, walk
from media.errors import MediaError, TooLarge, Unreadable
from media.timelines.event import Event, Title
from scanner.model import Evidence, Kind, ListedFile, MediaFacts, PlayedResource
from scanner.sequences import state_event

__all__ = ["MAX_VALUE", "Medium", "ReadSettings", "Reader", "Stated", "read_statements"]

MAX_VALUE = 1 << 20
"""Characters of one value that are kept: enough for a graph of 4,000 nodes, and a bound for a bomb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """The user's choices about reading. Part of the cache key, and pickled to workers."""

    trust_anchors: tuple[str, ...] = ()
    """Paths of PEM files with the C2PA roots that the user trusts."""
    verify_limit: int = 2 << 30
    """Bytes: files with a manifest up to this size are verified in full."""
    network: bool = False
    """Whether remote manifests may be fetched."""


class Medium:
    """One file (or one frame of a sequence), open for reading. Closed by whoever made it."""

    def __init__(
        self,
        path: Path,
        media_type: str,
        kind: Kind,
        *,
        size: int,
        sidecars: tuple[Path, ...] = (),
        settings: ReadSettings | None = None,
        frames: tuple[tuple[int, Path], ...] = (),
    ) -> None:
        self.path = path
        self.media_type = media_type
        self.kind = kind
        self.size = size
        self.sidecars = sidecars
        self.settings = settings or ReadSettings()
        self.frames = frames
        """Number and path of each frame of the sequence that this file begins; empty for any other file."""
        self._file: BinaryIO | None = None
        self.fault: MediaError | None = None
        """How the container's structure broke, if it did; `examine` reports it once for all readers."""
        self._parts: tuple[Part, ...] | None = None

    @property
    def file(self) -> BinaryIO:
        """The open file. Its position is not defined: seek before reading."""
        if self._file is None:
            try:
                self._file = self.path.open("rb")
            except OSError as error:
                raise Unreadable(f"cannot be opened: {error.strerror or error}") from error
        return self._file

    def parts(self, *names: str) -> Iterator[Part]:
        """The container's parts in file order: all, or those with a given name. Walked once for each medium.

        A structure that breaks half-way keeps the parts before the fault; see `fault`.
        """
        if self._parts is None:
            found: list[Part] = []
            try:
                for part in walk(self.file, self.media_type, self.size):
                    found.append(part)  # noqa: PERF402 - what came before a fault is kept
            except MediaError as error:
                self.fault = error
            except OSError as error:
                self.fault = Unreadable(f"cannot be read: {error.strerror or error}")
            self._parts = tuple(found)
        return (part for part in self._parts if not names or part.name in names)

    def payload(self, part: Part, *, limit: int = 64 << 20) -> bytes:
        """A part's payload. Raises `TooLarge` over `limit`."""
        return self.read(part.offset, part.size, limit=limit)

    def read(self, offset: int, size: int, *, limit: int = 64 << 20) -> bytes:
        """`size` bytes at `offset`; fewer only where the file ends. Raises `TooLarge` over `limit`."""
        if size > limit:
            raise TooLarge(f"a part declares {size} bytes at offset {offset}; the limit is {limit}")
        try:
            self.file.seek(offset)
            return self.file.read(size)
        except OSError as error:
            raise Unreadable(f"cannot be read at offset {offset}: {error.strerror or error}") from error

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


Stated = Evidence | MediaFacts | ListedFile | PlayedResource | Title | Event
"""What a reader yields."""


class Reader(Protocol):
    """Reads one kind of statement. Instances are stateless; the list of them is `scanner.readers.READERS`.

    A reader's class names it as its base, states its `name`, `version` and `media_types`, and has a docstring whose
    first sentence states what it reads: that sentence is its line in docs/readers.md.
    """

    @property
    def name(self) -> str:
        """Kebab-case; the `reader` of its evidence and the `by` of its looks."""

    @property
    def version(self) -> int:
        """Raised when the same bytes give other evidence; invalidates the cache."""

    @property
    def media_types(self) -> frozenset[str]:
        """The formats that can carry its statements; for others its look is `not-defined`."""

    @property
    def sidecar_suffix(self) -> str:
        """The suffix of the sidecar that it reads beside a file of any format, such as `.xmp`; empty for none."""
        return ""

    @property
    def searches_pixels(self) -> bool:
        """Whether it looks for one trace in the pixels and reads no statement: alone it inspects nothing."""
        return False

    @property
    def costly(self) -> bool:
        """Whether it looks only into categories that the settings name: `ExamineSettings.searched`."""
        return False

    @property
    def reads_whole(self) -> bool:
        """Whether it reads a frame sequence once as a whole, by `Medium.frames`, and states the frames itself."""
        return False

    def read(self, medium: Medium) -> Iterator[Stated]:
        """Yield the statements, in file order; the technical facts where it learns them (the last facts count); and
        what may be many and is no statement: the files that a list names, what a composition plays, the events of a
        timeline, each sequence after its title.

        Raises `MediaError` where the bytes contradict their format; what was yielded before is kept.
        """


def read_statements(reader: Reader, medium: Medium) -> Iterator[Evidence]:
    """What rules see of what a reader reads: its statements, and events as statements. Raises as `Reader.read` does."""
    for one in reader.read(medium):
        if isinstance(one, Evidence):
            yield one
        elif isinstance(one, Event):
            yield state_event(one)
