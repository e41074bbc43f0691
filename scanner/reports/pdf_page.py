"""What the PDF report shows, as data for its template: page one, a card for each file, the lists at the end. Pure.

Every text is inert; pictures are named, and their bytes kept beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from scanner.judge.conform import Conform
from scanner.model import Record
from scanner.records.summary import ABOUT, Summary
from scanner.reports.components.cards import FindingView, card_of
from scanner.reports.components.illustrations import Illustration, PictureKind
from scanner.reports.components.strip import TimelineStrip, cuts_among, strip_of
from scanner.reports.components.work import RuleEntry, SeenPlace, gather_work
from scanner.reports.interface import ACTING, Records, worst_first
from scanner.reports.pictures.pictures import Pictures
from scanner.reports.places import join_first
from scanner.reports.signing import NOT_CRYPTOGRAPHIC, sign_off_lines
from scanner.reports.view import sheet
from scanner.reports.wording import (
    NOTHING,
    balance,
    count,
    headline,
    headline_outcome,
    inert,
    inspected,
    judged_by,
    notes,
    register_and_waivers,
    trim,
    unchecked,
)

__all__ = ["PdfPage"]

_FINDINGS: Final = 30
_LISTED: Final = 36
"""Places on the first pages."""
_PLACES: Final = 6
_SENTENCES: Final = 60
_QUOTE: Final = 300
_RUN: Final = 60
"""Characters of a word that fits a line; in longer ones, such as names of files, places to break are made."""
_NARROW: Final = 30
"""The same in a column."""
_BREAK: Final = "\u200b"
_SIGNING: Final = (
    "The signature is of this report. It covers the records whose digest stands at its end, and no other version of a"
    f" file. Where nothing was found, the report states “{NOTHING}”: this does not prove that no AI was used."
)


@dataclass(slots=True)
class PdfPage:
    """Gathers what the template shows, and the pictures that it names."""

    pictures: Pictures
    taken: dict[str, bytes] = field(default_factory=dict)

    def data(self, summary: Summary, records: Records, full: int, lines: int) -> dict[str, Any]:
        """All of it, as JSON has it."""
        made = summary.provenance
        acting = worst_first(records, ACTING)
        conform = cuts_among(records)
        cards = [self._card(record, conform, made.register is not None) for record in islice(acting, full)]
        brief = [_line(record) for record in islice(acting, lines)]
        beyond = sum(1 for _ in acting)
        shown = {card["id"] for card in cards}
        title = made.about.get("title") or ", ".join(made.roots) or "delivery"
        policy, *warnings = judged_by(summary)
        more = f"; {beyond:,} more are in report.xlsx and report.html" * bool(beyond)
        return {
            "title": _breakable(f"Provenance report: {trim(title, 120)}"),
            "footer": trim(
                " · ".join(filter(None, (title, made.about.get("version", ""), made.tool, made.started))), 140
            ),
            "about": _about(summary),
            "worst": headline_outcome(summary).value,
            "verdict": _breakable(headline(summary)),
            "policy": _breakable(policy),
            "balance": balance(summary),
            "inspected": inspected(summary),
            "warnings": [_breakable(said) for said in (*warnings, *notes(summary))],
            "work": _work(records, shown),
            "signing": _SIGNING,
            "signed": [(what, _breakable(words)) for what, words in sign_off_lines(summary)],
            "typed": NOT_CRYPTOGRAPHIC,
            "cards": cards,
            "brief": brief,
            "brief-title": f"{count(len(brief), 'more file')}, in short{more}",
            "parts": list(_parts(summary)),
        }

    def _card(self, record: Record, conform: Conform, has_register: bool) -> dict[str, Any]:
        card = card_of(record, has_register=has_register)
        page, left = card.page, len(card.findings) - _FINDINGS
        seen = "" if page.inspected else " · could not be inspected"
        return {
            "id": card.anchor,
            "outcome": page.outcome.value,
            "path": _breakable(page.path),
            "about": _breakable(f"{page.category} · {page.facts}{seen}"),
            "digest": page.digest,
            "reasons": [
                {
                    "outcome": one.outcome.value,
                    "text": _breakable(one.text),
                    "rule": one.rule,
                    "next": "" if one.settled else _breakable(one.remedy),
                    "standing": [_breakable(said) for said in one.standing],
                }
                for one in card.reasons
            ],
            "faults": [
                _breakable(f"{'The file' if one.blocking else 'Remark: the file'} {one.line}") for one in page.faults
            ],
            "strip": _strip(strip_of(record, conform)),
            "picture": self._picture(card.picture),
            "findings": [self._finding(one) for one in card.findings[:_FINDINGS]],
            "left": f"and {count(left, 'more finding')}; see report.xlsx" if left > 0 else "",
        }

    def _finding(self, one: FindingView) -> dict[str, Any]:
        mark = one.mark
        more = " · ".join(part for part in (mark.maker, mark.model, mark.firmness) if part)
        return {
            "outcome": one.outcome.value,
            "words": _breakable(mark.words),
            "more": _breakable(f" · {more}" if more else ""),
            "where": _breakable(mark.where),
            "cut": _breakable(mark.cut),
            "text": _breakable(mark.text),
            "source": _breakable(mark.source),
            "quote": _breakable(trim(mark.statements[0].value, _QUOTE)) if mark.statements else "",
            "register": _breakable(one.register.text) if one.register else "",
            "id": _breakable(" · ".join(filter(None, (mark.id, mark.rule, *one.rules)))),
            "picture": self._picture(one.picture),
            "wide": one.picture is not None and one.picture.kind in (PictureKind.PAIR, PictureKind.WAVEFORM),
        }

    def _picture(self, one: Illustration | None) -> dict[str, Any] | None:
        """The picture, if it was drawn: its bytes are taken."""
        if one is None or not (data := self.taken.get(one.name) or self.pictures.read(one.name)):
            return None
        self.taken[one.name] = data
        caption = _breakable(one.caption)
        outlines = [(box.x, box.y, box.w, box.h) for box in one.outlines]
        return {"file": one.name, "alt": one.alt, "caption": caption, "outlines": outlines}


def _about(summary: Summary) -> list[tuple[str, str]]:
    """Job, title, version and operator, whether they were given or not, and when and of what."""
    made = summary.provenance
    given = [(name.title(), _breakable(trim(made.about.get(name, ""), 120))) for name in ABOUT]
    roots = _breakable(trim(", ".join(made.roots), 300))
    return [*given, ("Scanned", roots), ("Started", inert(made.started))]


def _work(records: Records, shown: set[str]) -> list[dict[str, Any]]:
    """The rules that need a decision, with the files and places of each, and how many files are left out."""
    room, told = _LISTED, []
    for entry in gather_work(records()).acting:
        places = list(_places(entry, shown))
        taken = places[: max(room, 1)]
        room -= len(taken)
        files = entry.files - len(taken)
        told.append(
            {
                "outcome": entry.outcome.value,
                "text": _breakable(entry.text),
                "size": f"{entry.size} · {entry.rule}",
                "next": _breakable(entry.remedy),
                "places": taken,
                "more": f"and {count(files, 'more file')} below" if files > 0 else "",
            }
        )
    return told


def _places(entry: RuleEntry, shown: set[str]) -> Iterator[dict[str, str]]:
    """The files of a rule, each once with all its places."""
    found: dict[str, list[SeenPlace]] = {}
    for cause in entry.causes:
        for one in cause.places:
            found.setdefault(one.file, []).append(one)
    for file, places in found.items():
        yield {
            "path": _breakable(places[0].path),
            "where": _breakable(join_first((one.where for one in places), _PLACES)),
            "id": file if file in shown else "",
        }


def _line(record: Record) -> dict[str, str]:
    page = sheet(record)
    return {
        "outcome": page.outcome.value,
        "path": _breakable(page.path, _NARROW),
        "found": _breakable(trim(page.found, 160), _NARROW),
    }


def _strip(strip: TimelineStrip | None) -> dict[str, Any] | None:
    if strip is None:
        return None
    lanes = [
        {"name": lane.name, "bars": [(bar.left, bar.width, bar.tone) for bar in lane.bars]} for lane in strip.lanes
    ]
    return {"lanes": lanes, "ticks": [tick.label for tick in strip.ticks]}


def _parts(summary: Summary) -> Iterator[dict[str, Any]]:
    """The lists at the end."""
    made = summary.provenance
    sealed = (f"Records: {summary.seal.count:,}, SHA-256 {summary.seal.sha256}",) if summary.seal else ()
    settings = (f"{name}: {trim(str(value), 80)}" for name, value in made.settings.items())
    versions = ", ".join(f"{name} {value}" for name, value in made.versions.items())
    rules = ", ".join(f"{name} {value}" for name, value in made.rules.items())
    policy = ", ".join(f"{name} {value}" for name, value in made.policy.items())
    made_with = (made.tool, *sealed, f"Policy: {policy}", f"Rules: {rules}", *settings, versions)
    for title, said in (
        *((title, (books, *said)) for title, books, said in register_and_waivers(summary)),
        ("Not checked", unchecked(summary)),
        ("Made with", made_with),
    ):
        sentences = [_breakable(trim(one, 600)) for one in said if one]
        if (left := len(sentences) - _SENTENCES) > 0:
            sentences[_SENTENCES:] = [f"and {left:,} more; see summary.json"]
        if sentences:
            yield {"title": title, "sentences": sentences}


def _breakable(text: str, run: int = _RUN) -> str:
    """Inert, with places where a line may break in names that are longer than a line. Other text stays as it is: what
    is searched for in the document, or copied out of it, has nothing in it that cannot be seen."""
    return " ".join(_broken(word, run) if len(word) > run else word for word in inert(text).split(" "))


def _broken(word: str, run: int) -> str:
    pieces, last = [], 0
    for place, char in enumerate(word, 1):
        if (char in "/_-.,;:@=|&?" and place - last > run // 3) or place - last >= run:
            pieces.append(word[last:place])
            last = place
    return _BREAK.join(filter(None, (*pieces, word[last:])))
