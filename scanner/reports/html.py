"""The report as one offline page: verdict, work list, a card for each file to act on, and everything else.

Streamed: records pass once for the work list and once for each outcome; none is kept. The page opens
nothing but `pictures/` beside it: its policy forbids the rest, and lets no script run but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from scanner.judge.policy import match_id
from scanner.model import Evidence, Outcome, Record
from scanner.records.records import StoredRecords
from scanner.records.summary import Summary
from scanner.reports import wording
from scanner.reports.interface import Records, Report, litter_last
from scanner.reports.pictures.pictures import pair_name, picture_name, wants_pair, wants_picture
from scanner.reports.places import size
from scanner.reports.view import Sheet, sheet
from scanner.reports.worklist import worklist

__all__ = ["HtmlReport"]

_PIECE: Final = 64
"""Template events that make one piece of the stream."""
_VALUE: Final = 4000
_VALUE_SHORT: Final = 220
_ORDER: Final = tuple(reversed(Outcome))


class HtmlReport(Report):
    """The page a supervisor signs."""

    name = "html"
    file_name = "report.html"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return str(escape(wording.inert(text)))

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The page, in pieces."""
        stream = _template().stream(
            summary=summary,
            made=summary.provenance,
            words=wording,
            order=_ORDER,
            work=worklist(records(), listed=0),
            cards=(card for outcome in _ORDER if outcome is not Outcome.PASS for card in _cards(records, outcome)),
            others=_cards(records, Outcome.PASS),
        )
        stream.enable_buffering(_PIECE)
        yield from stream


@dataclass(frozen=True, slots=True)
class _Card:
    """A record and where its pictures are, if it has any."""

    page: Sheet
    picture: str
    pairs: Mapping[str, str]
    """Match → the picture that shows it beside its reference."""

    @classmethod
    def of(cls, record: Record) -> _Card:
        if not wants_picture(record):
            return cls(sheet(record), "", {})
        pairs = {match_id(match): f"pictures/{pair_name(record, match)}" for match in wants_pair(record)}
        return cls(sheet(record), f"pictures/{picture_name(record)}", pairs)

    @property
    def rules(self) -> str:
        """For the filter: what the work list counts this file under."""
        return self.page.reasons[0].rule if self.page.reasons else ""


def _cards(records: Records, outcome: Outcome) -> Iterator[_Card]:
    """Those of one outcome; where the records lie in a file, without reading the others."""
    stored = isinstance(records, StoredRecords)
    found = partial(records, outcome=outcome) if stored else records  # type: ignore[call-arg]
    return (_Card.of(record) for record in litter_last(found) if record.verdict.outcome is outcome)


@cache
def _template() -> Template:
    # The loader is the package's own folder; every expression is escaped for HTML and made inert.
    environment = Environment(
        loader=PackageLoader("scanner.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (environment.loader.get_source(environment, name)[0] for name in ("report.css.j2", "report.js.j2"))  # type: ignore[union-attr]
    environment.globals.update(
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; img-src 'self' file: data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
    )
    environment.filters.update(size=size, quote=_quote, brief=_brief, counted=_counted)
    return environment.get_template("report.html.j2")


def _shown(value: Any) -> Any:
    """What an expression prints: no control character leaves, whoever forgot it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return wording.inert(value, keep="\n\t")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _quote(item: Evidence) -> str:
    """A statement's words with their line breaks, cut at a length that a page can bear."""
    head = wording.inert(item.value[:_VALUE], keep="\n\t")
    return head if len(item.value) <= _VALUE else f"{head}\n… {len(item.value):,} characters in all; see records.jsonl"


def _brief(item: Evidence) -> str:
    return wording.trim(item.value, _VALUE_SHORT)


def _counted(values: Iterable[str], plain: str) -> str:
    return "; ".join(values) or plain
