"""The cue sheet, or shot disclosure map: the hits of a run as register rows, for the producer to complete.

One row for each use, not for each version of a file: an AI-made file of the delivery has a row that covers it wherever
it is recognised; a reference at the same timecode of a programme, its screener and its cuts has one. The row holds what
the scan read; what only people know stays empty. The columns are the register's: the completed sheet is a register.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from media.workbook import Note
from scanner.clock import clock, places
from scanner.judge.case import AI_CLAIMS, is_line_up
from scanner.judge.causes import cause_of_finding, cause_of_match
from scanner.judge.conform import said_of_cut
from scanner.judge.register.columns import COLUMNS
from scanner.judge.vocabulary import vocabulary_of
from scanner.match_ids import match_id
from scanner.model import Claim, Examination, Finding, Match, Place, Record, Role

__all__ = ["CUE_COLUMNS", "EXPLANATIONS", "cue_rows"]

CUE_COLUMNS = (*COLUMNS, "policy_outcome")
EXPLANATIONS = Note(
    "Explanations",
    [
        ("column", "what to write"),
        *COLUMNS.items(),
        ("", ""),
        ("Needed in every row", "entry_id, tool, use_case, generated_or_altered, status, and where the use is"),
        ("Needed for approved", "approved_by, date_approved, approval_ref, scope_temp_or_final"),
        ("What binds a row", "content_digest binds best, then a reference's id, then path with timecode."),
        ("", "A path alone informs, and never approves."),
        ("Your own columns", "are kept and printed again; they have no effect."),
    ],
)
_NAMED = 12
"""Places that a row's notes name."""
_WORDS = {Claim.GENERATED: "generated", Claim.CONTAINS: "generated", Claim.EDITED: "edited", Claim.ENHANCED: "enhanced"}


def cue_rows(records: Callable[[], Iterable[Record]]) -> Iterator[Mapping[str, str]]:
    """Yield the rows of every use, in the order of the records, numbered. Reads the records twice."""
    known = _Known.of(records())
    number = 0
    for record in records():
        for row in _rows(record, known):
            number += 1
            yield {"entry_id": f"AI-{number:04}", **row}


@dataclass(slots=True)
class _Known:
    """What the records say of one another."""

    made: dict[str, Finding] = field(default_factory=dict)
    """How each file was made that says so, by the name that it has as a reference of the run."""
    own: Counter[str] = field(default_factory=Counter)
    """Content of a file that states AI → how many rows its own hits have."""
    placed: set[str] = field(default_factory=set)
    """Such contents whose own hits are at a place of the file: their rows cover no more than that."""
    seen: dict[str, list[str]] = field(default_factory=dict)
    """Cause → where it is in other files, in words."""
    alike: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    """Uses as `_alike` distinguishes them → the files that have them."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> _Known:
        known = cls()
        for record in records:
            asset, content = record.examination.asset, _content(record)
            for finding in record.findings:
                if finding.claim in AI_CLAIMS:
                    known.made.setdefault(f"{asset.root}/{asset.path}", finding)
            for hit in _hits(record):
                if hit.cause == content:
                    known.own[content] += len(hit.places)
                    known.placed.update({content} if any(hit.places) else ())
                    continue
                known.seen.setdefault(hit.cause, []).extend(_format_place(asset.path, place) for place in hit.places)
                for place in hit.places:
                    if (key := _alike(record, hit, place)) and asset.path not in known.alike.setdefault(key, []):
                        known.alike[key].append(asset.path)
        return known


@dataclass(frozen=True, slots=True)
class _Hit:
    """A finding or a match of a record."""

    id: str
    cause: str
    of: Finding | Match
    places: list[dict[str, str]]
    name: str
    """By which a row names it wherever it is seen; empty where only its file does."""


def _content(record: Record) -> str:
    """The content of a file that itself states AI: a row that names it covers it wherever it is seen. Else nothing."""
    seen = record.examination
    stated = {cause_of_finding(seen, it).key for it in record.findings if it.claim in AI_CLAIMS}
    return seen.digest.value if seen.digest and seen.digest.value in stated else ""


def _hits(record: Record) -> Iterator[_Hit]:
    seen = record.examination
    for finding in record.findings:
        if finding.claim in (*AI_CLAIMS, "possible"):
            cause = cause_of_finding(seen, finding)
            name = "" if cause.name == seen.asset.path else cause.name
            yield _Hit(finding.id, cause.key, finding, _places(seen, finding.at), name)
    for match in (one for one in record.matches if not is_line_up(one)):
        yield _Hit(match_id(match), cause_of_match(match).key, match, _places(seen, match.at), match.reference)


def _alike(record: Record, hit: _Hit, place: Mapping[str, str]) -> tuple[str, ...]:
    """By what a use is the same in several versions of a programme: what is seen, when, and how the files' names begin;
    nothing where it has no timecode or no name that would cover it there."""
    if not hit.name or not place.get("tc_in") or ":" not in place["tc_in"]:
        return ()
    return (hit.cause, hit.name, place["tc_in"], place["tc_out"], _begin(record.examination.asset.path).lower())


def _begin(path: str) -> str:
    """The first word of a file's name: `EP101` of `EP101_screener.mp4`."""
    return re.split(r"[ _-]", PurePosixPath(path).name.partition(".")[0])[0]


def _episode(path: str) -> str:
    """What keeps a row that names no file to its episode; empty where the name begins with no number."""
    return word if re.search(r"\d", word := _begin(path)) else ""


def _format_place(path: str, place: Mapping[str, str]) -> str:
    return f"{path} {place['tc_in']}–{place['tc_out']}" if place else path


def _rows(record: Record, known: _Known) -> Iterator[dict[str, str]]:
    seen = record.examination
    asset, digest = seen.asset, seen.whole or seen.digest
    covered = {name: reason for reason in record.verdict.reasons for name in reason.because}
    about = {
        "asset_glob": asset.path,
        "content_digest": f"{digest.algorithm}:{digest.value}" if digest else "",
        "category": asset.category.value,
    }
    content = _content(record)
    elsewhere = list(dict.fromkeys(known.seen.get(content, []))) if content else []
    covers_all = bool(elsewhere) and known.own[content] == 1 and content not in known.placed
    for hit in _hits(record):
        if hit.cause != content and known.own.get(hit.cause):
            continue  # the row of the file that it comes from covers it
        reason = covered.get(hit.id)
        row = f"register: {reason.register}" if reason and reason.register else ""
        state = {"finding_id": hit.id, "policy_outcome": reason.outcome.value if reason else "", "status": "draft"}
        cells = _finding(hit.of) if isinstance(hit.of, Finding) else _match(hit.of, known.made)
        cut = said_of_cut(hit.of.facts) if isinstance(hit.of, Match) else ""
        for place in hit.places:
            notes = [row, cut]
            whole = dict(about)
            if hit.cause == content and covers_all:
                state["finding_id"] = ""  # it covers what is seen of the file elsewhere
                notes.append(_also(elsewhere))
            files = known.alike.get(_alike(record, hit, place), [])
            if len(files) > 1:
                if files[0] != asset.path:
                    continue
                whole = {"phash_or_ref_id": hit.name, "episode": _episode(asset.path)}
                state["finding_id"] = ""
                notes.append(_also(files, "in"))
            yield {**whole, **cells, **whole, **place, **state, "notes": "; ".join(filter(None, notes))}
    if elsewhere and not covers_all:
        made = known.made[f"{asset.root}/{asset.path}"]
        yield {**about, **_finding(made), "status": "draft", "policy_outcome": "", "notes": _also(elsewhere)}


def _also(places: Sequence[str], word: str = "also in") -> str:
    more = f"; and {len(places) - _NAMED} more places" if len(places) > _NAMED else ""
    return f"{word} {'; '.join(places[:_NAMED])}{more}"


def _finding(finding: Finding) -> dict[str, str]:
    return {"description": finding.text, **_maker(finding)}


def _maker(finding: Finding) -> dict[str, str]:
    return {
        "generated_or_altered": _WORDS.get(finding.claim, ""),
        "tool": finding.tool or "",
        "model_version": " ".join(filter(None, (finding.model, finding.version))),
        "vendor": finding.vendor or "",
    }


def _match(match: Match, made: Mapping[str, Finding]) -> dict[str, str]:
    maker = made.get(match.reference) if match.facts.is_own else None
    area = match.alteration.area_percent if match.alteration else None
    return {
        "phash_or_ref_id": match.reference,
        "description": " ".join(filter(None, (f"{match.relation} {match.role}", match.facts.title))),
        "use_case": "talent" if match.role == Role.TALENT else "",
        "generated_or_altered": "edited" if area else "",
        "share_of_frame": _share(match.at) if area is None else f"{area:g}",
        "source_material_ids": match.reference,
        "source_rights": match.facts.source,
        "licence_ref": match.facts.licence,
        "ai_terms": _terms(match.facts.ai_terms),
        **(_maker(maker) if maker else {}),
    }


def _terms(stated: str) -> str:
    """The word for what a licence states of AI; empty where a person has to read it."""
    vocabulary = vocabulary_of("ai_terms")
    meaning = vocabulary.read(stated) if vocabulary and stated else None
    return next(iter(meaning.words)) if meaning and len(meaning.words) == 1 and not meaning.unknown else ""


def _share(at: Place | None) -> str:
    return f"{at.box.area_percent:.0f}" if at and at.box else ""


def _places(seen: Examination, at: Place | None) -> list[dict[str, str]]:
    """One for each instance, as timecode where there is any; a single empty one where it holds for the whole file."""
    if at and at.labels:
        return [{"tc_in": at.labels[0], "tc_out": at.labels[1]}]
    origin = clock(seen)
    labels = [(origin + first, origin + after) if origin else (first, after - 1) for first, after in places(at, origin)]
    return [{"tc_in": str(first), "tc_out": str(out)} for first, out in labels] or [{}]
