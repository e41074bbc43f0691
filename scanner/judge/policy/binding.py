"""Decides whether a register row covers a hit, how firmly it is bound to it, and what keeps it from counting. Pure.

Rule: everything that a row states must hold. A row refers to content by digest, to a reference by its id, to a picture
or clip by its file name, to a place by path and timecode. A row with a path alone informs and never approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from scanner.globs import folded, matches
from scanner.judge.case import WORKING, Hit
from scanner.judge.phrases import is_placeholder, is_temporary
from scanner.judge.policy.content import Content, content_of, digest_of
from scanner.judge.register.row import Row
from scanner.judge.register.span import Locus, Span, uncovered
from scanner.model import Asset, Examination

__all__ = ["Binding", "Bound", "bind", "in_episode", "kept", "placed", "weighed"]


class Binding(StrEnum):
    """How firmly a row is bound to a hit, firmest first."""

    CONTENT = "content"
    REFERENCE = "reference"
    PICTURE = "picture"
    """A picture, clip or sound that the row names was recognised there."""
    PLACE = "place"
    """Path and timecode."""
    SAMPLE = "sample"
    """A sample of the content: it informs and never approves."""
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Bound:
    """A row that covers a hit, and how much of the hit it covers."""

    row: Row
    binding: Binding
    spans: tuple[Span, ...] | None
    """None: the whole hit."""
    against: str = ""
    """Why the row does not count although it refers to the hit; empty where it counts."""
    of_element: bool = False
    """Whether the row refers to an element of the delivery that was recognised here, and not to this file."""
    is_stale: bool = False
    """Whether it was written for other content."""
    contradicts: bool = False
    forbids: bool = False
    """Whether it was rejected or withdrawn: earlier approvals no longer count where it applies."""
    whole: str = ""
    """Where the row is bound to a sample: the digest of the whole content, if the scan computed it."""

    @property
    def firm(self) -> bool:
        """Whether it is bound to more than a path or a sample."""
        return self.binding not in (Binding.PATH, Binding.SAMPLE)


def bind(row: Row, examination: Examination, hit: Hit, locus: Locus) -> Bound | None:
    """Bind a row to a hit; None where something that the row states does not hold."""
    asset = examination.asset
    element = _is_element(row, hit)
    if row.category is not None and row.category is not asset.category and not element:
        return None
    if not in_episode(row.cells.get("episode", ""), asset):
        return None
    known = content_of(row.digest, examination)
    content, sampled = known is Content.WHOLE, known is Content.SAMPLE
    if not (content or sampled) and row.glob and not element and not placed(row, asset):
        return None
    named = bool(set(row.references) & set(hit.references))
    pictured = element or bool(set(row.references) & set(hit.pictures))
    if row.references and hit.case.about in ("match", "doubtful") and not (named or pictured):
        return None
    about = row.cells.get("finding_id", "").strip().lower()
    if about and about != hit.id:
        return None
    spans = _row_spans(row, locus)
    if spans == ():
        return None
    binding = _binding(row, content=content, named=named, pictured=pictured, timed=spans is not None)
    if sampled:
        binding = Binding.SAMPLE
    if binding is None:
        return None
    if isinstance(spans, str):
        return Bound(row, binding, (), spans)
    whole = digest_of(examination) if sampled and examination.whole else ""
    return Bound(row, binding, spans, of_element=element and not content, whole=whole)


def _is_element(row: Row, hit: Hit) -> bool:
    """Whether a row names, by its whole path or its content, the file of the delivery that was recognised."""
    if row.digest.rpartition(":")[2] in hit.contents and row.digest:
        return True
    names = (*hit.pictures, *(name for name in hit.references if "/" in name))
    return bool(row.glob) and not set(row.glob) & set("*?") and any(_same_path(row.glob, name) for name in names)


def _same_path(said: str, path: str) -> bool:
    """Whether a path is that of a file, with or without the root's name before either."""
    one, other = f"/{folded(said)}", f"/{folded(path)}"
    return one == other or ("/" in said and (one.endswith(other) or other.endswith(one)))


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
    if timed and row.cells.get("episode", "").strip("* "):
        return Binding.PLACE
    return Binding.PATH if row.cells.get("finding_id", "").strip() else None  # the finding's id alone: no approval


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
    """The same bound row, with what keeps it from counting."""
    row = one.row
    known = content_of(row.digest, examination) if row.digest and not _is_of(one, hit) else None
    other = known is Content.OTHER
    one = replace(one, is_stale=other)
    forbids = row.status in ("rejected", "withdrawn", "unclear") and not other
    if row.declared is not None and row.declared < hit.declared:
        return replace(one, against=f"declares {row.said}", contradicts=True, forbids=forbids)
    against = one.against or _against(row, examination.asset, other=other, day=day)
    if not against and known is Content.UNKNOWN:
        against = "names all of the content, but the scan digested only a sample: scan again with this row"
    if not against and row.declared is None and hit.declared and "generated_or_altered" in row.cells:
        against = f"declares {row.said}, which does not state how far AI went"
    return replace(one, against=against, forbids=forbids)


def _is_of(one: Bound, hit: Hit) -> bool:
    """Whether the content that a row names is that of the element that was recognised."""
    return one.of_element and (not hit.contents or one.row.digest.rpartition(":")[2] in hit.contents)


def _against(row: Row, asset: Asset, *, other: bool, day: date | None) -> str:
    if row.void:
        return f"is {row.void} in its sheet"
    if other:
        return "was written for other content: the file has changed since"
    if row.status in ("rejected", "withdrawn", "draft", "planned"):
        return f"is {row.status}"
    if row.status == "unclear":
        return f"has the status {row.cells.get('status', '')!r}, which is not known"
    if "expires" in row.wrong:
        return "does not state the last day on which it is valid"
    if row.expires is not None and day is not None and row.expires < day:
        return f"expired on {row.expires}"
    covered = row.cells.get("scope_text", "").strip()
    if asset.category not in WORKING and covered and (is_placeholder(covered) or is_temporary(covered)):
        what = "does not state what it covers" if is_placeholder(covered) else "covers temporary use only"
        return f"{what} ({covered!r})"
    if asset.category not in WORKING and not row.final and "scope_temp_or_final" in row.cells:
        scope = row.cells["scope_temp_or_final"]
        if scope.strip() and "temp" in row.meanings["scope_temp_or_final"].words:
            return "covers temporary use only"
        if row.status == "approved":
            return f"does not state that it covers the final ({scope!r})"
    if row.status == "approved" and "date_approved" in row.wrong:
        return "does not state when it was approved"
    if row.status == "approved" and day is not None and row.approved_on is not None and row.approved_on > day:
        return f"is approved only from {row.approved_on}"
    return ""


def kept(one: Bound, bound: Iterable[Bound], locus: Locus) -> Bound | None:
    """What remains of a bound row where rows of the same use in `bound` were rejected or withdrawn; None: nothing. An
    approval remains if it was given after them; a statement that the contact was informed never does."""
    when = one.row.approved_on if one.row.status == "approved" and not one.row.wrong else date.min
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
    """Whether the asset's path holds an episode's name: `EP101` in `EP101_v3/art/a.png`."""
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
