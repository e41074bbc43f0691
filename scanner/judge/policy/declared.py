"""What the register declares about one asset: about each hit in it, and uses that it declares without any hit.

A row that declares a use in a file of the delivery needs a decision of its own where no hit there matches it: masters
carry no markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from scanner.judge.case import DECLARED, MARKS, Case, Hit, Setting
from scanner.judge.policy.declarations import NO_DECLARATIONS, Declarations
from scanner.judge.policy.policy import Policy, speaking
from scanner.judge.policy.register import Register
from scanner.judge.register.row import Row
from scanner.judge.register.span import locus_of
from scanner.model import Claim, Examination, Place, Role, Strength

__all__ = ["pair_hits"]

_CLAIMS = {1: Claim.ENHANCED, 2: Claim.EDITED, 3: Claim.GENERATED, None: Claim.GENERATED}
"""How far a row declares that AI went; one that does not say may have gone all the way."""


def pair_hits(
    examination: Examination, hits: Sequence[Hit], policy: Policy, register: Register, setting: Setting
) -> list[tuple[Hit, Declarations]]:
    """Pair every hit with the rows about it; then list the uses that rows declare and that no hit shows."""
    known = [
        (hit, NO_DECLARATIONS if hit.claim in MARKS else register.find_declarations(examination, hit, setting.day))
        for hit in hits
    ]
    if not any(said.bound for _, said in known) and not register.rows_by_name(examination):
        return known
    asked = [(hit, said) for hit, said in known if speaking(policy, hit.case)]
    shared = _share_rows(asked)
    spoken = {one.row.key for hit, said in asked for one in said.bound if _is_what(hit, one.row)}
    rows = [row for row in register.rows_by_name(examination) if row.key not in spoken and _declares(row)]
    archival = "matched" if any(hit.case.role == Role.ARCHIVAL for hit in hits) else "unmatched"
    declared = [*_list_declared(examination, rows, register, setting, archival)]
    return [*((hit, replace(said, shared=shared)) for hit, said in known), *declared]


def _share_rows(asked: Iterable[tuple[Hit, Declarations]]) -> dict[tuple[str, int], tuple[str, ...]]:
    """Rows that name no finding and refer to more than one thing here, with what these are."""
    causes: dict[tuple[str, int], dict[str, str]] = {}
    for hit, said in asked:
        if not hit.id or any(one.row.is_exact and one.row.status == "approved" for one in said.bound):
            continue  # another row names it
        for one in said.bound:
            if not one.row.is_exact and not one.of_element:
                causes.setdefault(one.row.key, {}).setdefault(hit.cause, hit.id)
    return {key: tuple(found.values()) for key, found in causes.items() if len(found) > 1}


def _is_what(hit: Hit, row: Row) -> bool:
    """Whether something that was found is what a row declares: no less, and not only a name in a free field."""
    case = hit.case
    if case.about == "unsourced":  # the row says where an archival item comes from
        return row.status == "approved" and row.has("source_material_ids") and row.has("custody_note")
    if case.about == "match" and (set(row.references) or case.role in (Role.TEMP, Role.AI_MADE)):
        return True
    if case.strength is Strength.HEURISTIC:
        return False
    # What contains something generated is declared as generated.
    return hit.claim is Claim.CONTAINS or hit.declared >= (row.declared or max(DECLARED.values()))


def _declares(row: Row) -> bool:
    """Whether a row declares a use of its own: one of a finding or reference counts where that is found."""
    return not row.void and not row.cells.get("finding_id", "").strip()


def _place_of(row: Row) -> Place | None:
    """Where a row places its use, by timecode; None where it names none."""
    try:
        return Place(labels=(row.tc_in, row.tc_out)) if row.tc_in and row.tc_out else None
    except ValueError:
        return None


def _list_declared(
    examination: Examination, rows: Sequence[Row], register: Register, setting: Setting, archival: str
) -> Iterator[tuple[Hit, Declarations]]:
    asset, keys = examination.asset, {row.key for row in rows}
    for row in rows:
        at = _place_of(row)
        if at is not None and not locus_of(examination, at).spans:
            at = None
        decision = "rejected" if row.status == "rejected" else ""
        claim = _CLAIMS[row.declared]
        place = Case(about="declared", category=asset.category, kind=asset.kind, genre=setting.genre, archival=archival)
        case = replace(place, claim=claim, decision=decision)
        status = row.cells.get("status", "").strip() or row.status
        hit = Hit(
            id="", case=case, claim=claim, at=at, regions=row.boxes, note=f"row {row.id} declares {row.said}, {status}"
        )
        said = register.find_declarations(examination, hit, setting.day)
        mine = tuple(one for one in said.bound if one.row.key in keys and not one.contradicts)
        if mine:
            yield hit, replace(said, bound=mine)
