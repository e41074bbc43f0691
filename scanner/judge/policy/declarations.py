"""What rows of the register declare about one hit, and how much of it they cover together under a rule. Pure.

Several rows may cover a hit together; what they leave out is stated. An additional approval never makes a standing
worse, and a rejected row cancels those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scanner.judge.case import DECLARED, WORKING, Case, Hit
from scanner.judge.policy.binding import Binding, Bound, kept
from scanner.judge.policy.consent import consent_lacks
from scanner.judge.policy.disclosure import FIRST, disclosure_lacks
from scanner.judge.policy.policy import Policy, Standing, UseCase, speaking, uses_of
from scanner.judge.register.row import Defect, Row
from scanner.judge.register.span import Locus, Span, uncovered
from scanner.model import Box, Category, Claim, Strength

__all__ = ["NO_DECLARATIONS", "Cover", "Declarations", "unfilled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """How the register covers one hit under one rule."""

    standing: Standing = Standing.NONE
    rows: tuple[Row, ...] = ()
    binding: Binding | None = None
    """The weakest binding that the cover depends on."""
    notes: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    """What a person must check in the approvals that the cover depends on: (a word of `ABOUT`, in words)."""


_NOTHING = Cover()
_WHOLE = Box(0.0, 0.0, 100.0, 100.0)


@dataclass(frozen=True, slots=True)
class Declarations:
    """What rows declare about one hit."""

    hit: Hit
    locus: Locus
    bound: tuple[Bound, ...] = ()
    approvers: tuple[str, ...] = ()
    day: date | None = None
    """The day of delivery."""
    shared: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    """File and number of rows that name no finding and refer to several → what these are."""

    def cover(self, policy: Policy, needs: Sequence[str]) -> Cover:
        """How far the rows cover the hit, under a rule that needs some columns filled in."""
        if not self.bound:
            return _NOTHING
        counting = [left for one in self.bound if not one.against and (left := kept(one, self.bound, self.locus))]
        approving = [one for one in counting if self._approves(one, policy)]
        settled = [one for one in approving if not _lacks(one, self, policy, needs)]
        timely = [one for one in settled if not list(_remarks(one.row, policy, self.approvers))]
        informing = [one for one in counting if one.row.status in ("informed", "submitted", "approved")]
        standing, rows = Standing.NONE, []
        for level, some in (
            (Standing.APPROVED, timely),
            (Standing.APPROVED, settled),
            (Standing.LACKING, approving),
            (Standing.INFORMED, informing),
        ):
            open_ = self._regions_left(some) if level is Standing.APPROVED else self._find_uncovered(some)
            if some and not open_:
                standing, rows = level, some
                break
        return Cover(
            standing=standing,
            rows=tuple(one.row for one in rows),
            binding=max((one.binding for one in rows), key=tuple(Binding).index, default=None),
            notes=tuple(self._notes(policy, needs, standing, settled or approving, informing)),
            contradictions=tuple(f"row {one.row.id} declares {one.row.said}" for one in self.bound if one.contradicts),
            remarks=tuple(self._make_remarks(rows, standing, policy)),
        )

    def asked(self, policy: Policy) -> Iterator[tuple[UseCase, tuple[Row, ...]]]:
        """The declared uses that need an approval before they start, where no complete approval covers them; each with
        the rows that declare it."""
        for use, rows in self._list_uses(policy):
            if use.approved_too or not self._settling(use, policy):
                yield use, rows

    def remarks(self, policy: Policy) -> Iterator[tuple[str, str]]:
        """What a person must check in the approvals that settle such uses, where all of these have something to
        check."""
        for use, _ in self._list_uses(policy):
            said = [list(_remarks(one.row, policy, self.approvers)) for one in self._settling(use, policy)]
            if all(said):
                yield from (remark for remarks in said for remark in remarks)

    def _list_uses(self, policy: Policy) -> Iterator[tuple[UseCase, tuple[Row, ...]]]:
        speaking_ = [one.row for one in self.bound if not one.row.void and not one.is_stale]
        case = self.hit.case
        for use in policy.uses:
            rows = tuple(row for row in speaking_ if use in uses_of(policy, row))
            if rows and use.outcome is not None and use.holds(case.category, case.genre):
                yield use, rows

    def _settling(self, use: UseCase, policy: Policy) -> list[Bound]:
        """The approvals that declare a use, and lack nothing, where together they cover all of the hit."""
        counting = [left for one in self.bound if not one.against and (left := kept(one, self.bound, self.locus))]
        some = [one for one in counting if self._approves(one, policy) and use in uses_of(policy, one.row)]
        whole = [one for one in some if not _lacks(one, self, policy, ())]
        return whole if whole and not self._find_uncovered(whole) else []

    def _make_remarks(self, rows: Sequence[Bound], standing: Standing, policy: Policy) -> Iterator[tuple[str, str]]:
        for one in rows if standing is not Standing.NONE else ():
            if standing is Standing.APPROVED:
                yield from _remarks(one.row, policy, self.approvers)
            if one.row.unanswered:
                yield "left-open", f"row {one.row.id}: {', '.join(one.row.unanswered)}"

    def _approves(self, one: Bound, policy: Policy) -> bool:
        if one.row.status != "approved" or one.row.wrong or one.row.void or self._is_shared(one):
            return False
        if not (one.firm and self._is_seen(one)) and self.hit.case.about != "declared":
            return False
        return self._side(one.row, policy) != "production"

    def _side(self, row: Row, policy: Policy) -> str:
        return row.side(self.approvers) if policy.commissioned or self.approvers else "commissioner"

    def _is_seen(self, one: Bound) -> bool:
        """Whether a row says what was seen where it approves: a place alone would hold for whatever is there later."""
        return one.binding is not Binding.PLACE or one.row.is_exact

    def _is_shared(self, one: Bound) -> bool:
        """Whether a row that names no finding refers to several."""
        return one.row.key in self.shared

    def _notes(
        self, policy: Policy, needs: Sequence[str], standing: Standing, approving: list[Bound], informing: list[Bound]
    ) -> Iterator[str]:
        """What keeps it from being covered, in sentences."""
        for one in self.bound:
            if one.against:
                yield f"row {one.row.id} {one.against}"
            elif one.row.status == "approved" and self._is_shared(one):
                others = ", ".join(self.shared[one.row.key])
                yield f"row {one.row.id} names none of several findings ({others}): enter the one that it approves"
            elif one.row.status == "approved" and self._side(one.row, policy) == "production":
                who = one.row.cells.get("approved_by", "") or one.row.cells.get("approver_role", "")
                yield f"row {one.row.id} was approved by {who!r}, who is not listed as an approver for the commissioner"
            elif one.row.status == "approved" and one.row.wrong:
                yield f"row {one.row.id} has errors in {', '.join(one.row.wrong)}"
            elif self._approves(one, policy) and (lack := _lacks(one, self, policy, needs)):
                yield f"row {one.row.id} lacks {', '.join(it.replace('|', ' or ') for it in lack)}"
        if standing is Standing.APPROVED:
            return
        approved = [one for one in informing if one.row.status == "approved"]
        yield from _name_samples(one for one in approved if one.binding is Binding.SAMPLE)
        weak = [one.row.id for one in approved if one.binding is Binding.PATH]
        if weak:
            rows = ", ".join(weak)
            yield f"row {rows} names only the path, which informs: to approve, enter the digest or the timecode"
        placed = [one.row.id for one in approved if not self._is_seen(one)] if self.hit.case.about != "declared" else []
        if placed:
            what = f"finding_id {self.hit.id}" if self.hit.id else "the digest"
            rows = ", ".join(placed)
            yield f"row {rows} names only the place, which informs: to approve what was seen there, enter {what}"
        part = approving or informing
        left = self._find_uncovered(part) if part else ()
        if left is True:
            yield "not covered: the rest of the file, whose length is not known"
        elif left:
            yield f"not covered: {', '.join(self.locus.words(span) for span in left)}"
        # Where time is left too, a region that some row holds is left for that reason.
        regions = [box for box in self._regions_left(approving) if not left or not _holding(approving, box)]
        if approving and regions:
            boxes = ", ".join(f"x {box.x:g} y {box.y:g} w {box.w:g} h {box.h:g} %" for box in regions)
            yield f"not covered: the region{'s' * (len(regions) > 1)} {boxes}"

    def _find_uncovered(self, some: Iterable[Bound]) -> tuple[Span, ...] | bool:
        """What of its time rows leave uncovered; True where its length is not known."""
        spans = [one.spans for one in some]
        if None in spans:
            return ()
        return uncovered(self.locus.spans, (it for one in spans for it in one or ())) if self.locus.spans else True

    def _regions_left(self, some: Sequence[Bound]) -> list[Box]:
        """The regions that rows leave open at some time: at all times some row must cover the region."""
        return [region for region in self.hit.regions or (_WHOLE,) if self._find_uncovered(_holding(some, region))]


def _name_samples(some: Iterable[Bound]) -> Iterator[str]:
    for one in some:
        whole = f", {one.whole}," if one.whole else ""
        sample = f"row {one.row.id} names a sample of the content: that informs"
        yield f"{sample}; enter the digest of all of it{whole} to approve"


def _holding(some: Iterable[Bound], region: Box) -> list[Bound]:
    """The rows that cover a region: those of the whole picture, and those that name a box around it."""
    return [one for one in some if not one.row.boxes or any(region.lies_in(box) for box in one.row.boxes)]


NO_DECLARATIONS = Declarations(Hit(id="", case=Case()), Locus(None))


def unfilled(row: Row, policy: Policy) -> Iterator[Defect]:
    """What a policy asks of such an approval and the row leaves out. Notes are not included: the finding decides
    whether they are needed."""
    if row.status != "approved":
        return
    claims = [claim for claim in Claim if DECLARED.get(claim) == row.declared]
    cases = (Case(category=row.category, claim=it, strength=Strength.STRUCTURED) for it in claims if row.category)
    needs = [need for case in cases for rule in speaking(policy, case) for need in rule.needs]
    for need in (it for it in _list_missing(row, policy, needs, row.category) if not row.has(it)):
        column, _, word = need.partition("|")[0].partition("=")
        state = f"is not {word!r}" if word else "is not filled in"
        yield Defect(row.file, row.number, column, f"{state}; {policy.name} asks for it in such an approval", False)


def _remarks(row: Row, policy: Policy, approvers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What somebody has to see of an approval that counts: (what a rule is about, in words)."""
    if row.approved_on and row.generated_on and row.approved_on > row.generated_on:
        yield "late-approval", f"row {row.id}: generated on {row.generated_on}, approved on {row.approved_on}"
    needs_consent = any("consent_date" in need for use in uses_of(policy, row) for need in use.needs)
    if needs_consent and row.consent_on and row.generated_on and row.consent_on > row.generated_on:
        yield "late-consent", f"row {row.id}: generated on {row.generated_on}, consent of {row.consent_on}"
    if (policy.commissioned or approvers) and "approver_role" in row.cells and not row.side(approvers):
        role = row.cells["approver_role"] or "no role stated"
        yield "approver", f"row {row.id}: {row.cells.get('approved_by', '')}, {role}"


def _lacks(one: Bound, said: Declarations, policy: Policy, needs: Sequence[str]) -> list[str]:
    """The columns that an approval needs and does not have, a disclosure that is not where the use is, and a consent
    that does not cover it."""
    case = said.hit.case
    asked = _list_missing(one.row, policy, needs, case.category, case.genre)
    lacking = [need for need in asked if not one.row.has(need)]
    if any(need.startswith("disclosure_") for need in asked):
        lacking.extend(disclosure_lacks(one.row, said.locus, is_first=f"disclosure_tc={FIRST}" in asked))
    if any("consent_ref" in need for need in asked):
        lacking.extend(consent_lacks(one.row, said.day, is_final=case.category not in WORKING))
    return list(dict.fromkeys(lacking))


def _list_missing(
    row: Row, policy: Policy, needs: Sequence[str], category: Category | None = None, genre: str = ""
) -> list[str]:
    """What an approval needs: of a use that it only leaves open, the answer."""
    asked = list(needs)
    for use in uses_of(policy, row):
        if use.holds(category, genre):
            asked.extend(use.left_open(row) or use.needs)
    return list(dict.fromkeys(asked))
