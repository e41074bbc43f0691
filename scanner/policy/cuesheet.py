"""The cue sheet, or shot disclosure map: the hits of a run as register rows, for the producer to complete.

Law: one row for each hit; what was read is filled in, what only people know is left empty. Its columns
are the register's, so that the completed sheet is a register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from media.workbook import Note
from scanner.clock import clock, places
from scanner.conform import said_of_cut
from scanner.model import Claim, Examination, Finding, Match, Record
from scanner.policy.case import AI_CLAIMS, match_id
from scanner.policy.columns import COLUMNS
from scanner.policy.vocabulary import vocabulary_of

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
        ("What binds a row", "content_digest binds firmest, then a reference's id, then path with timecode."),
        ("", "A path alone informs, and never approves."),
        ("Your own columns", "are kept and printed again; they decide nothing."),
    ],
)
_WORDS = {Claim.GENERATED: "generated", Claim.CONTAINS: "generated", Claim.EDITED: "edited", Claim.ENHANCED: "enhanced"}


def cue_rows(records: Callable[[], Iterable[Record]]) -> Iterator[Mapping[str, str]]:
    """The rows of every hit, in the order of the records; numbered. Reads them twice."""
    made = _made(records())
    number = 0
    for record in records():
        for row in _rows(record, made):
            number += 1
            yield {"entry_id": f"AI-{number:04}", **row}


def _made(records: Iterable[Record]) -> Mapping[str, Finding]:
    """How each file was made that says so, by the name that it has as a reference of the run."""
    said: dict[str, Finding] = {}
    for record in records:
        asset = record.examination.asset
        for finding in record.findings:
            if finding.claim in AI_CLAIMS:
                said.setdefault(f"{asset.root}/{asset.path}", finding)
    return said


def _rows(record: Record, made: Mapping[str, Finding]) -> Iterator[dict[str, str]]:
    seen = record.examination
    asset, digest = seen.asset, seen.whole or seen.digest
    covered = {name: reason for reason in record.verdict.reasons for name in reason.because}
    about = {
        "asset_glob": asset.path,
        "content_digest": f"{digest.algorithm}:{digest.value}" if digest else "",
        "category": asset.category.value,
    }
    hits = [
        (finding.id, finding.at, _finding(finding))
        for finding in record.findings
        if finding.claim in (*AI_CLAIMS, "possible")
    ]
    hits += [(match_id(match), match.at, _match(match, made)) for match in record.matches]
    cuts = {match_id(match): said_of_cut(match.facts) for match in record.matches}
    for name, at, cells in hits:
        reason = covered.get(name)
        state = {"finding_id": name, "policy_outcome": reason.outcome.value if reason else "", "status": "draft"}
        row = f"register: {reason.register}" if reason and reason.register else ""
        notes = "; ".join(filter(None, (row, cuts.get(name, ""))))
        for place in _places(seen, at):
            yield {**about, **cells, **place, **state, "notes": notes}


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
    maker = None if "library" in match.facts else made.get(match.reference)
    area = (match.alteration or {}).get("area_percent")
    return {
        "phash_or_ref_id": match.reference,
        "description": " ".join(filter(None, (f"{match.relation} {match.role}", match.facts.get("title", "")))),
        "use_case": "talent" if match.role == "talent" else "",
        "generated_or_altered": "edited" if area else "",
        "share_of_frame": f"{area:g}" if isinstance(area, int | float) else _share(match.region),
        "source_material_ids": match.reference,
        "source_rights": match.facts.get("rights", "") or match.facts.get("source", ""),
        "licence_ref": match.facts.get("licence", ""),
        "ai_terms": _terms(match.facts.get("ai_terms", "")),
        **(_maker(maker) if maker else {}),
    }


def _terms(stated: str) -> str:
    """The word for what a licence states of AI; empty where a person has to read it."""
    vocabulary = vocabulary_of("ai_terms")
    meaning = vocabulary.read(stated) if vocabulary and stated else None
    return next(iter(meaning.words)) if meaning and len(meaning.words) == 1 and not meaning.unknown else ""


def _share(region: Mapping[str, Any] | None) -> str:
    if not region or region.get("unit") != "percent":
        return ""
    return f"{float(region['w']) * float(region['h']) / 100:.0f}"


def _places(seen: Examination, at: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """One for each instance, as timecode where there is any; a single empty one where it holds for the whole file."""
    if at and "in" in at and "out" in at:
        return [{"tc_in": str(at["in"]), "tc_out": str(at["out"])}]
    origin = clock(seen)
    labels = [(origin + first, origin + after) if origin else (first, after - 1) for first, after in places(at, origin)]
    return [{"tc_in": str(first), "tc_out": str(out)} for first, out in labels] or [{}]
