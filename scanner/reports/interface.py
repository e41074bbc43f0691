"""What a report is: a pure function of a run's summary and records, to text, streamed.

A report opens nothing and asks nothing. What files said reaches it as data and must leave it
escaped for its medium: HTML, CSV cells (no formula), terminals (no control characters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from media.identify import LITTER
from scanner.model import Outcome, Record
from scanner.records.records import StoredRecords
from scanner.records.summary import Summary
from scanner.reports.pictures.pictures import Pictures

__all__ = ["Document", "Listed", "Pieces", "Records", "Report", "litter_last", "worst_first"]

Listed = Literal["every asset", "what does not pass", "hits in time"]
"""Which assets a report names: all, those that do not pass, or those that have a hit at a timecode."""

Pieces = Iterator[str] | Iterator[bytes]
"""A document as it is written: text, or the bytes of a format that is none."""

Records = Callable[[], Iterable[Record]]
"""The run's records, worst outcome not sorted: in order of discovery. May be called more than once."""


def litter_last(records: Records) -> Iterator[Record]:
    """All records in their order, and behind them what desktops leave in folders. Reads them twice and keeps none."""
    for last in (False, True):
        yield from (one for one in records() if (one.examination.asset.media_type == LITTER) is last)


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a report."""

    part: str
    """What it is about, as its file name says it: plain; empty where it is the report's only file."""
    pieces: Pieces


def worst_first(records: Records) -> Iterator[Record]:
    """All records by outcome, blockers first; in each their order, and last what desktops leave in folders.

    Reads them once for each outcome, or only those of one where they lie in a file, and keeps none.
    """
    for outcome in reversed(Outcome):
        found = partial(records, outcome=outcome) if isinstance(records, StoredRecords) else records
        yield from (record for record in litter_last(found) if record.verdict.outcome is outcome)


class Report(Protocol):
    """One format. Instances are stateless; the list of them is `scanner.reports.REPORTS`.

    A report's class names it as its base and states what the contract tests hold it to: which assets it lists, how it
    escapes what files state, and which control characters belong to its own structure.
    """

    @property
    def name(self) -> str:
        """What `--format` calls it."""

    @property
    def file_name(self) -> str:
        """The file it becomes in `--out DIR`."""

    @property
    def lists(self) -> Listed:
        """Which assets it names."""
        return "every asset"

    @property
    def controls(self) -> str:
        """The control characters that are its own structure. No other leaves it."""
        return "\n"

    def check(self) -> None:
        """Raise `MissingDependency` where what it needs is not installed: asked before the long work."""
        return

    def escape(self, text: str) -> str:
        """How it writes a text that a file states, such as an asset's path: inert in its medium."""

    @property
    def binary(self) -> bool:
        """Whether it is bytes, which a terminal cannot show."""
        return False

    @property
    def shows_pictures(self) -> bool:
        """Whether its format holds pictures: a scan draws them only for such a report."""
        return False

    def illustrated(self, pictures: Pictures) -> Report:
        """The same report with the run's pictures in it, where its format holds pictures."""
        return self

    def render(self, summary: Summary, records: Records) -> Pieces:
        """The document, in pieces."""

    def documents(self, summary: Summary, records: Records) -> Iterator[Document]:
        """The files that it becomes in a folder: one, where the format does not want one for each deliverable."""
        yield Document("", self.render(summary, records))
