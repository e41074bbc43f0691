"""What a report is: a pure function from a run's summary and records to text, streamed.

A report opens nothing and asks nothing. What files state reaches it as data and must leave it escaped for its medium:
HTML, CSV cells (no formula), terminals (no control characters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from media.identify import LITTER
from scanner.model import Outcome, Record
from scanner.records.records import StoredRecords
from scanner.records.summary import Summary
from scanner.reports.pictures.pictures import Pictures

__all__ = ["ACTING", "Document", "Listed", "Pieces", "Records", "Report", "records_of", "worst_first"]

Listed = Literal["every asset", "what does not pass", "hits in time"]
"""Which assets a report names: all, those that do not pass, or those that have a hit at a timecode."""

Pieces = Iterator[str] | Iterator[bytes]
"""A document as it is written: text, or the bytes of a binary format."""

Records = Callable[[], Iterable[Record]]
"""The run's records in order of discovery. May be called more than once."""

_WORST_FIRST: Final = tuple(reversed(Outcome))
ACTING: Final = tuple(outcome for outcome in _WORST_FIRST if outcome is not Outcome.PASS)
"""Outcomes that do not pass, worst first."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a report."""

    part: str
    """What it is about, as its file name states it: plain; empty where it is the report's only file."""
    pieces: Pieces


def records_of(records: Records, outcome: Outcome) -> Iterator[Record]:
    """The records of one outcome, in order; where they are in a file, without reading the others."""
    found = records(outcome=outcome) if isinstance(records, StoredRecords) else records()
    return (record for record in found if record.verdict.outcome is outcome)


def worst_first(records: Records, outcomes: Iterable[Outcome] = _WORST_FIRST) -> Iterator[Record]:
    """The records of these outcomes, one outcome after the other, each in order; the files that desktops leave in
    folders come last.

    Reads the records twice for each outcome, or only those of it where they are in a file, and keeps none.
    """
    for outcome in outcomes:
        for last in (False, True):
            for record in records_of(records, outcome):
                if (record.examination.asset.media_type == LITTER) is last:
                    yield record


class Report(Protocol):
    """One format. Instances are stateless; the list of them is `scanner.reports.REPORTS`.

    A report's class names it as its base and states what the contract tests check: which assets it lists, how it
    escapes what files state, and which control characters belong to its own structure.
    """

    @property
    def name(self) -> str:
        """Its name for `--format`."""

    @property
    def file_name(self) -> str:
        """The name of its file in `--out DIR`."""

    @property
    def lists(self) -> Listed:
        """Which assets it names."""
        return "every asset"

    @property
    def controls(self) -> str:
        """The control characters of its own structure. It writes no others."""
        return "\n"

    def check(self) -> None:
        """Raise `MissingDependency` where something that it needs is not installed. Called before the long work."""
        return

    def escape(self, text: str) -> str:
        """Escape a text that a file states, such as an asset's path, so that it does nothing in the report's medium."""

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
        """The files that it becomes in a folder: one, unless the format wants one for each deliverable."""
        yield Document("", self.render(summary, records))
