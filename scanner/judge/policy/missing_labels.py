"""Labels that a register row states in a picture and that were not read there, and labels in Chinese that were read
and are smaller or shorter than China's standard asks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from fingerprints.marks.words import classify
from scanner.judge.case import Case, Setting
from scanner.judge.policy.disclosure import find_timecodes, frames_at
from scanner.judge.policy.register import Register
from scanner.judge.register.row import Row
from scanner.judge.register.span import Locus, locus_of
from scanner.model import Asset, Evidence, Examination, Finding, LookStatus, MediaFacts

__all__ = ["MissingLabel", "missing_labels"]

_READER: Final = "visible"
_LABELS: Final = ("legal-label", "generator-label")
_SLACK_SECONDS: Final = 1
"""So far from the stated timecode a label may begin or end."""
_CHINESE: Final = re.compile(r"(?=.*[\u4e00-\u9fff])[^\u3040-\u30ff\uac00-\ud7af]*")
"""Han characters, without those of Japanese and Korean alone."""
_LEAST_TALL: Final = 5.0
"""Least height of a label in Chinese, in percent of the picture's short side (GB 45438-2025)."""
_LEAST_SECONDS: Final = 2.0
"""How long it is shown in a programme at least (the same)."""


@dataclass(frozen=True, slots=True)
class MissingLabel:
    """A label that a row states and that was not read, or that is too small or too short."""

    row: Row
    stated: Literal["words", "sign", "slight"]
    """`words` where the row gives words that provscan reads as a label; an icon, or other words, is a `sign`; `slight`
    where the label was read, and is too small or too short."""
    lack: str = ""
    """Of a slight one: what it lacks."""

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
        stated = f"row {self.row.id} states {f'“{words}”' if words else 'a label'}" + (f" at {place}" if place else "")
        return f"{stated}: {self.lack}" if self.lack else stated


def missing_labels(examination: Examination, findings: Sequence[Finding], register: Register) -> Iterator[MissingLabel]:
    """The labels of rows that name this very file and that are missing, where marks were looked for in it."""
    rows = register.rows_by_name(examination)
    looked = (LookStatus.FOUND, LookStatus.NOTHING)
    if not rows or not any(look.by == _READER and look.status in looked for look in examination.looks):
        return
    read = {item.id: item for item in examination.evidence if item.reader == _READER and item.key in _LABELS}
    places = [locus_of(examination, one.at) for one in findings if any(said in read for said in one.evidence)]
    lack = _lack(examination.media, _tallest(read.values()), places)
    for row in rows:
        if not _states_label(row):
            continue
        words = row.cells.get("disclosure_text", "")
        if not _is_read(row, examination, places):
            word = classify(words)
            yield MissingLabel(row, "words" if word is not None and word.kind in _LABELS else "sign")
        elif lack and _CHINESE.fullmatch(words):
            yield MissingLabel(row, "slight", lack)


def _states_label(row: Row) -> bool:
    """Whether a row in force states that the picture bears a label."""
    meaning = row.meanings.get("disclosure_method")
    return (
        not row.void
        and row.status not in ("planned", "rejected", "withdrawn")
        and bool(meaning and "label" in meaning.words)
    )


def _lack(media: MediaFacts | None, tall: float | None, places: Iterable[Locus]) -> str:
    """What the tallest and the longest of the labels that were read lack, as a clause; empty where nothing."""
    lacks: list[str] = []
    if media and media.width and media.height and tall is not None:
        share = tall * media.height / min(media.width, media.height)
        if share < _LEAST_TALL:
            lacks.append(f"its words are {share:.1f} % of the short side high, and {_LEAST_TALL:g} % are asked for")
    seconds = [
        float((after - first) / place.origin.rate) for place in places if place.origin for first, after in place.spans
    ]
    if seconds and max(seconds) < _LEAST_SECONDS:
        lacks.append(f"it stands for {max(seconds):.1f} s, and {_LEAST_SECONDS:g} s are asked for")
    return "; ".join(lacks)


def _tallest(read: Iterable[Evidence]) -> float | None:
    """Percent of the picture's height of the tallest label that was read."""
    boxes = [item.facts["box"].split(",") for item in read if "box" in item.facts]
    with suppress(ValueError, IndexError):  # records that another program wrote
        return max((float(box[3]) for box in boxes), default=None)
    return None


def _is_read(row: Row, examination: Examination, places: Sequence[Locus]) -> bool:
    """Whether a label was read where the row states one; anywhere, where it states no place or none is known."""
    locus = locus_of(examination, None)
    wanted = list(_stated(row, locus))
    if not wanted or not locus.timed:
        return bool(places)
    slack = round(locus.origin.rate) * _SLACK_SECONDS if locus.origin else 0
    return any(
        not place.spans or any(first < end + slack and begin - slack < after for begin, end in place.spans)
        for place in places
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
