"""Whether one row of the register speaks of one hit, how firmly, and what speaks against its counting. Pure.

Law: all that a row states must hold. It speaks of content by digest, of a reference by its id, of a picture
or clip by naming its file, of a place by path and timecode; by path alone it informs and never approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from scanner.globs import matches
from scanner.model import Asset, Examination
from scanner.policy.case import WORKING, Hit
from scanner.policy.row import Row
from scanner.policy.span import Locus, Span, uncovered

__all__ = ["Binding", "Bound", "bind", "digest_of", "in_episode", "kept", "placed", "weighed"]


class Binding(StrEnum):
    """How firmly a row is bound to a hit, firmest first."""

    CONTENT = "content"
    REFERENCE = "reference"
    PICTURE = "picture"
    """A picture, clip or sound that it names was recognised there."""
    PLACE = "place"
    """Path and timecode."""
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Bound:
    """A row that speaks of a hit, and of how much of it."""

    row: Row
    binding: Binding
    spans: tuple[Span, ...] | None
    """None is all of it."""
    against: str = ""
    """Why it does not count although it speaks of it; empty where it counts."""
    contradicts: bool = False
    forbids: bool = False
    """Whether it was rejected or withdrawn: approvals before it count no more where it speaks."""

    @property
    def firm(self) -> bool:
        """Whether it is bound to more than a path."""
        return self.binding is not Binding.PATH


def digest_of(examination: Examination) -> str:
    """Its content, as a register names it; `none` where it was not digested."""
    digest = examination.digest
    return f"{digest.algorithm}:{digest.value}" if digest else "none"


def bind(row: Row, examination: Examination, hit: Hit, locus: Locus) -> Bound | None:
    """How a row speaks of a hit; None where something that it states does not hold."""
    asset = examination.asset
    if row.category is not None and row.category is not asset.category:
        return None
    if not in_episode(row.cells.get("episode", ""), asset):
        return None
    track, at = row.cells.get("track", "").strip(), hit.at or {}
    if track and "track" in at and track != str(at["track"]):
        return None
    content = bool(row.digest) and row.digest == digest_of(examination)
    if not content and row.glob and not placed(row, asset):
        return None
    named = bool(set(row.references) & set(hit.references))
    pictured = bool(set(row.references) & set(hit.pictures))
    if row.references and hit.case.about == "match" and not (named or pictured):
        return None
    about = row.cells.get("finding_id", "").strip().lower()
    if about and about != hit.id:
        return None
    spans = _row_spans(row, locus)
    if spans == ():
        return None
    binding = _binding(row, content=content, named=named, pictured=pictured, timed=spans is not None)
    if binding is None:
        return None
    return Bound(row, binding, (), spans) if isinstance(spans, str) else Bound(row, binding, spans)


def _binding(row: Row, *, content: bool, named: bool, pictured: bool, timed: bool) -> Binding | None:
    if content:
        return Binding.CONTENT
    if named:
        return Binding.REFERENCE
    if pictured:
        return Binding.PICTURE
    if row.glob:
        return Binding.PLACE if timed else Binding.PATH
    # A shot disclosure map names no file: its timecodes are those of the episode's picture.
    return Binding.PLACE if timed and row.cells.get("episode", "").strip("* ") else None


def _row_spans(row: Row, locus: Locus) -> tuple[Span, ...] | str | None:
    """What of a hit a row's timecodes cover: None is all, () nothing; in words, why they are no place there."""
    if not row.tc_in and not row.tc_out:
        return None
    if not locus.timed:  # a still lies in no time: the timecode says where the programme uses it
        return None
    try:
        first, after = locus.between(row.tc_in, row.tc_out)
    except ValueError as error:
        return str(error)
    if after <= first:
        return f"ends at {row.tc_out}, which is not after {row.tc_in}"
    if not locus.spans:
        return ((first, after),)
    return tuple((max(first, a), min(after, b)) for a, b in locus.spans if max(first, a) < min(after, b))


def weighed(one: Bound, examination: Examination, hit: Hit, day: date | None) -> Bound:
    """The same, with what speaks against its counting."""
    row, asset, against = one.row, examination.asset, one.against
    other = bool(row.digest) and row.digest != digest_of(examination)
    forbids = row.status in ("rejected", "withdrawn") and not other
    if row.declared is not None and row.declared < hit.declared:
        return replace(one, against=f"declares {row.said}", contradicts=True, forbids=forbids)
    if against:
        return replace(one, forbids=forbids)
    if other:
        against = "was written for other content: the file has changed since"
    elif row.status in ("rejected", "withdrawn", "draft"):
        against = f"is {row.status}"
    elif row.expires is not None and day is not None and row.expires < day:
        against = f"expired on {row.expires}"
    elif asset.category not in WORKING and not row.final and row.cells.get("scope_temp_or_final", ""):
        against = "covers temporary use only"
    elif row.status == "approved" and day is not None and row.approved_on is not None and row.approved_on > day:
        against = f"is approved only from {row.approved_on}"
    elif row.status == "approved" and one.binding in (Binding.PLACE, Binding.PATH) and _older(row, asset.written):
        against = f"was approved on {row.approved_on}, before the file was last written; enter its digest"
    elif row.status == "approved" and one.firm and not row.digest and _older(row, hit.written):
        against = f"was approved on {row.approved_on}, before what it names was last written"
    return replace(one, against=against, forbids=forbids)


def _older(row: Row, written: date | None) -> bool:
    """Whether an approval is older than what it approves."""
    return row.approved_on is not None and written is not None and written > row.approved_on


def kept(one: Bound, bound: Iterable[Bound], locus: Locus) -> Bound | None:
    """What of an approval is left where rows of the same use were rejected or withdrawn, not before it was given."""
    when = one.row.approved_on
    no = [it for it in bound if it.forbids and not (it.row.approved_on and when and it.row.approved_on < when)]
    if not no:
        return one
    # A no whose timecodes are none here is a no to all of it.
    if not locus.spans or any(not other.spans for other in no):
        return None
    left = uncovered(locus.spans if one.spans is None else one.spans, (span for it in no for span in it.spans or ()))
    return replace(one, spans=left) if left else None


@lru_cache(maxsize=65_536)
def _path_fits(glob: str, root: str, path: str) -> bool:
    return matches(path, glob) or matches(f"{root}/{path}", glob)


def placed(row: Row, asset: Asset) -> bool:
    """Whether the row's path means the asset, with or without the root's name before it."""
    return _path_fits(row.glob, asset.root, asset.path)


def in_episode(said: str, asset: Asset) -> bool:
    """Whether an episode's name stands in the asset's path: `EP101` in `EP101_v3/art/a.png`."""
    episode = said.strip().lower()
    return episode in ("", "*") or _has_word(f"{asset.root}/{asset.path}".lower(), episode)


@lru_cache(maxsize=65_536)
def _has_word(path: str, word: str) -> bool:
    at = path.find(word)
    while at >= 0:
        before, after = path[at - 1 : at], path[at + len(word) : at + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = path.find(word, at + 1)
    return False
