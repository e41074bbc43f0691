"""The report as one file that opens anywhere: verdict, what to do, timelines, a card for each file to act on, the rest.

Streamed: records pass once for each part and once for each outcome; none is kept. The run's pictures are written into
the page, worst first, up to a limit. Its content security policy lets it open nothing, and run no script but its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Final

from markupsafe import escape

from scanner.model import Evidence, Outcome
from scanner.records.summary import Summary
from scanner.reports import wording
from scanner.reports.components.cards import FileCard, card_of
from scanner.reports.components.strip import TimelineStrip, cuts_among, strip_of
from scanner.reports.components.work import gather_work
from scanner.reports.interface import ACTING, Records, Report, records_of, worst_first
from scanner.reports.pictures.inlined import InlinedPictures
from scanner.reports.pictures.pictures import NoPictures, Pictures
from scanner.reports.signing import NOT_CRYPTOGRAPHIC, sign_off_lines
from scanner.reports.templating import Environment, page_environment, page_template

__all__ = ["MOST_CARDS", "PICTURES_LIMIT", "HtmlReport", "add_filters"]

PICTURES_LIMIT: Final = 10_000_000
"""Characters of the pictures in the page. With the text of a usual delivery the file stays under the limit of mails."""
MOST_CARDS: Final = 2_500
"""Files that are shown in full; each further file has one line."""
_PIECE: Final = 16
"""Template events that make one piece of the stream."""
_VALUE: Final = 4000
_VALUE_SHORT: Final = 220
_ORDER: Final = tuple(reversed(Outcome))
MOST_STRIPS: Final = 200
"""Programmes whose timeline is drawn, worst first; the page states when there are more."""


class HtmlReport(Report):
    """The page a supervisor signs. `most_cards` and `pictures_limit` bound its size."""

    name = "html"
    file_name = "report.html"
    shows_pictures = True

    def __init__(
        self, pictures: Pictures | None = None, *, most_cards: int = MOST_CARDS, pictures_limit: int = PICTURES_LIMIT
    ) -> None:
        self._pictures = pictures or NoPictures()
        self._most_cards = most_cards
        self._limit = pictures_limit

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return str(escape(wording.inert(text)))

    def illustrated(self, pictures: Pictures) -> Report:
        """See `Report.illustrated`."""
        return HtmlReport(pictures, most_cards=self._most_cards, pictures_limit=self._limit)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The page, in pieces."""
        has_register = summary.provenance.register is not None
        cards = partial(_cards, records, has_register=has_register)
        acting = chain.from_iterable(map(cards, ACTING))
        wanted = () if isinstance(self._pictures, NoPictures) else _order_pictures(cards, self._most_cards)
        inlined = InlinedPictures(self._pictures, wanted, self._limit)
        add_filters(page_environment())
        stream = page_template("report.html.j2", style="report.css.j2", script="report.js.j2").stream(
            summary=summary,
            signed=tuple(sign_off_lines(summary)),
            typed=NOT_CRYPTOGRAPHIC,
            made=summary.provenance,
            order=_ORDER,
            work=gather_work(records()),
            strips=islice(_strips(records), MOST_STRIPS + 1),
            most_strips=MOST_STRIPS,
            inlined=inlined,
            limit=self._limit,
            most_cards=self._most_cards,
            acting=sum(summary.outcomes[outcome] for outcome in ACTING),
            cards=islice(acting, self._most_cards),
            briefly=acting,
            others=cards(Outcome.PASS),
        )
        stream.enable_buffering(_PIECE)
        yield from stream


def _cards(records: Records, outcome: Outcome, *, has_register: bool) -> Iterator[FileCard]:
    return (card_of(record, has_register=has_register) for record in worst_first(records, (outcome,)))


def _order_pictures(cards: Callable[[Outcome], Iterable[FileCard]], most: int) -> Iterator[str]:
    """The names of the pictures in the order in which they are taken: of each outcome, worst first, a file of each
    cause before the others, so that a page of few pictures shows every cause."""
    left = most
    for outcome in ACTING:
        later: list[str] = []
        causes: set[str] = set()
        for card in islice(cards(outcome), left):
            left -= 1
            keys = {cause.key for cause in card.page.causes}
            names = [one.name for one in card.pictures]
            if keys <= causes:
                later.extend(names)
            else:
                yield from names
            causes |= keys
        yield from later


def _strips(records: Records) -> Iterator[TimelineStrip]:
    """Of the programmes that have findings, worst first."""
    conform = cuts_among(records)
    for outcome in ACTING:
        for record in records_of(records, outcome):
            if strip := strip_of(record, conform):
                yield strip


def add_filters(environment: Environment) -> None:
    """Add the filters that the templates of causes, files and findings use."""
    environment.filters.update(quote=_quote, brief=_brief, counted=_count_values)


def _quote(item: Evidence) -> str:
    """A statement's words with their line breaks, cut at a length that a page can bear."""
    head = wording.inert(item.value[:_VALUE], keep="\n\t")
    return head if len(item.value) <= _VALUE else f"{head}\n… {len(item.value):,} characters in all; see records.jsonl"


def _brief(item: Evidence) -> str:
    return wording.trim(item.value, _VALUE_SHORT)


def _count_values(values: Iterable[str], plain: str) -> str:
    return "; ".join(values) or plain
