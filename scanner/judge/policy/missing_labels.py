"""Labels that a register row states in a picture, and that were looked for there and not read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from fingerprints.marks.words import classify
from scanner.judge.case import Case, Setting
from scanner.judge.policy.disclosure import find_timecodes, frames_at
from scanner.judge.policy.register import Register
from scanner.judge.register.row import Row
from scanner.judge.register.span import Locus, locus_of
from scanner.model import Asset, Examination, Finding, LookStatus

__all__ = ["MissingLabel", "missing_labels"]

_READER: Final = "visible"
_LABELS: Final = ("legal-label", "generator-label")
_SLACK_SECONDS: Final = 1
"""So far from the stated timecode a label may begin or end."""


@dataclass(frozen=True, slots=True)
class MissingLabel:
    """A label that a row states and that was not read."""

    row: Row
    stated: Literal["words", "sign"]
    """`words` where the row gives words that provscan reads as a label; an icon, or other words, is a `sign`."""

    def case(self, asset: Asset, setting: Setting) -> Case:
        """What a policy is asked about it."""
        return Case(
            about="label-missing", category=asset.category, kind=asset.kind, genre=setting.genre, stated=self.stated
        )  # fmt: skip

    @property
    def note(self) -> str:
        """`row AI-014 states “KI-generiert” at 01:02:03:04`."""
        words = self.row.cells.get("disclosure_text", "").strip()
        place = self.row.cells.get("disclosure_tc", "").strip()
        return f"row {self.row.id} states {f'“{words}”' if words else 'a label'}" + (f" at {place}" if place else "")


def missing_labels(examination: Examination, findings: Sequence[Finding], register: Register) -> Iterator[MissingLabel]:
    """The labels of rows that name this very file, where marks were looked for in it and no label was read there."""
    rows = register.rows_by_name(examination)
    looked = (LookStatus.FOUND, LookStatus.NOTHING)
    if not rows or not any(look.by == _READER and look.status in looked for look in examination.looks):
        return
    spans = list(_labelled(examination, findings))
    for row in rows:
        if _states_label(row) and not _is_read(row, examination, spans):
            word = classify(row.cells.get("disclosure_text", ""))
            yield MissingLabel(row, "words" if word is not None and word.kind in _LABELS else "sign")


def _states_label(row: Row) -> bool:
    """Whether a row in force states that the picture bears a label."""
    meaning = row.meanings.get("disclosure_method")
    return (
        not row.void
        and row.status not in ("planned", "rejected", "withdrawn")
        and bool(meaning and "label" in meaning.words)
    )


def _labelled(examination: Examination, findings: Sequence[Finding]) -> Iterator[Locus]:
    """Where labels were read, firm or possible."""
    read = {item.id for item in examination.evidence if item.reader == _READER and item.key in _LABELS}
    for finding in findings:
        if read.intersection(finding.evidence):
            yield locus_of(examination, finding.at)


def _is_read(row: Row, examination: Examination, labelled: Sequence[Locus]) -> bool:
    """Whether a label was read where the row states one; anywhere, where it states no place or none is known."""
    locus = locus_of(examination, None)
    wanted = list(_stated(row, locus))
    if not wanted or not locus.timed:
        return bool(labelled)
    slack = round(locus.origin.rate) * _SLACK_SECONDS if locus.origin else 0
    return any(
        not place.spans or any(first < end + slack and begin - slack < after for begin, end in place.spans)
        for place in labelled
        for first, after in wanted
    )


def _stated(row: Row, locus: Locus) -> Iterator[tuple[int, int]]:
    """The frames at which a row states its label: by the label's own timecodes, else by those of the use."""
    if times := find_timecodes(row.cells.get("disclosure_tc", "")):
        yield from ((frame, frame + 1) for frame in frames_at(times, locus))
    elif row.tc_in and row.tc_out:
        with suppress(ValueError):
            first, after = locus.between(row.tc_in, row.tc_out)
            yield first, max(after, first + 1)
