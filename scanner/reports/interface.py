"""What a report is: a pure function of a run's summary and records, to text, streamed.

A report opens nothing and asks nothing. What files said reaches it as data and must leave it
escaped for its medium: HTML, CSV cells (no formula), terminals (no control characters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from media.identify import LITTER
from scanner.model import Record
from scanner.records.summary import Summary

__all__ = ["Records", "Report", "litter_last"]

Records = Callable[[], Iterable[Record]]
"""The run's records, worst outcome not sorted: in order of discovery. May be called more than once."""


def litter_last(records: Records) -> Iterator[Record]:
    """All records in their order, and behind them what desktops leave in folders. Reads them twice and keeps none."""
    for last in (False, True):
        yield from (one for one in records() if (one.examination.asset.media_type == LITTER) is last)


class Report(Protocol):
    """One format. Instances are stateless; the list of them is `scanner.reports.REPORTS`."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""

    @property
    def file_name(self) -> str:
        """The file it becomes in `--out DIR`."""

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The document, in pieces."""
