"""What a report is: a pure function of a run's summary and records, to text, streamed.

A report opens nothing and asks nothing. What files said reaches it as data and must leave it
escaped for its medium: HTML, CSV cells (no formula), terminals (no control characters).
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
"""A document as it is written: text, or the bytes of a format that is none."""

Records = Callable[[], Iterable[Record]]
"""The run's records, worst outcome not sorted: in order of discovery. May be called more than once."""

_WORST_FIRST: Final = tuple(reversed(Outcome))
ACTING: Final = tuple(outcome for outcome in _WORST_FIRST if outcome is not Outcome.PASS)
"""Outcomes that do not pass, worst first."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a report."""

    part: str
    """What it is about, as its file name says it: plain; empty where it is the report's only file."""
    pieces: Pieces


def records_of(records: Records, outcome: Outcome) -> Iterator[Record]:
    """Those of one outcome in their order; where they lie in a file, without reading the others."""
    found = records(outcome=outcome) if isinstance(records, StoredRecords) else records()
    return (record for record in found if record.verdict.outcome is outcome)


def worst_first(records: Records, outcomes: Iterable[Outcome] = _WORST_FIRST) -> Iterator[Record]:
    """The records of these outcomes, one after the other; in each their order, and last what desktops leave in folders.

    Reads them twice for each outcome, or only those of it where they lie in a file, and keeps none.
    """
    for outcome in outcomes:
        for last in (False, True):
            for record in records_of(records, outcome):
                if (record.examination.asset.media_type == LITTER) is last:
                    yield record


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
