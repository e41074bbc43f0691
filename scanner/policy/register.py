"""The register of AI uses: which rows speak of a hit, and whether together they cover it. Pure.

Law: several rows may cover jointly; what is left over is said. Another approval never makes a standing
worse, and one row that was rejected later takes back those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scanner.globs import folded
from scanner.model import Asset, Claim, Examination, Strength
from scanner.policy.binding import Binding, Bound, bind, digest_of, in_episode, kept, placed, weighed
from scanner.policy.case import DECLARED, Box, Case, Hit
from scanner.policy.disclosure import disclosed_at
from scanner.policy.policy import Policy, Standing, Use, speaking
from scanner.policy.register_file import CLASSES, Declaration, RegisterFile
from scanner.policy.row import Fault, Row
from scanner.policy.span import Locus, Span, locus_of, uncovered

__all__ = ["Cover", "Register", "Said", "unfilled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What the register makes of one hit under one rule."""

    standing: Standing = Standing.NONE
    rows: tuple[Row, ...] = ()
    binding: Binding | None = None
    """The weakest that it rests on."""
    notes: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    """What somebody has to see of the approvals that it rests on: (a word of `ABOUT`, in words)."""


_NOTHING = Cover()
_WHOLE: Box = (0.0, 0.0, 100.0, 100.0)


@dataclass(frozen=True, slots=True)
class Register:
    """Every row and declaration of a run, indexed by how it locates."""

    files: tuple[RegisterFile, ...] = ()
    approvers: tuple[str, ...] = ()
    """Who may approve: organisations, roles, or domains of addresses; empty leaves it to the words of their roles."""
    _by: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _said: list[Declaration] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._said.extend(self.declarations)
        for row in self.rows:
            for key in _keys(row):
                self._by.setdefault(key, []).append(row)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in the order of the files."""
        return tuple(row for file in self.files for row in file.rows)

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """What is declared of the whole production or of episodes."""
        return tuple(said for file in self.files for said in file.declarations)

    def said_of(self, examination: Examination, hit: Hit, day: date | None = None) -> Said:
        """What the rows say of a hit."""
        rows = self._candidates(examination, (*hit.references, *hit.pictures), hit.contents)
        if not rows:
            return _NOTHING_SAID
        locus = locus_of(examination, hit.at)
        found = (bind(row, examination, hit, locus) for row in rows)
        bound = tuple(weighed(one, examination, hit, day) for one in found if one is not None)
        return Said(hit, locus, bound, self.approvers)

    def rows_by_name(self, examination: Examination) -> tuple[Row, ...]:
        """The rows that name this file and no other: by its content, or by a path without wildcards."""
        if not self._by:
            return ()
        return tuple(
            row
            for row in self.naming(examination)
            if row.digest in ("", digest_of(examination)) and not (set(row.glob) & set("*?") and not row.digest)
        )

    def naming(self, examination: Examination) -> Iterator[Row]:
        """The rows that name an asset, whatever was found in it."""
        for row in self._candidates(examination):
            if (row.digest and row.digest == digest_of(examination)) or (row.glob and placed(row, examination.asset)):
                yield row

    def denials(self, asset: Asset, hit: Hit) -> Iterator[Declaration]:
        """Declarations of the whole that say less than what was found."""
        for said in self._said:
            if hit.declared > CLASSES[said.classification] and in_episode(said.episode, asset):
                yield said

    def _candidates(
        self, examination: Examination, references: Iterable[str] = (), contents: Iterable[str] = ()
    ) -> tuple[Row, ...]:
        if not self._by:
            return ()
        asset = examination.asset
        path = folded(f"{asset.root}/{asset.path}")
        parts = (f"n {part}" for part in path.split("/"))
        keys = (f"d {digest_of(examination)}", f"p {folded(asset.path)}", f"p {path}", *parts, "*")
        elements = (key for name in references for key in (f"r {name}", *_tails(name)))
        keys = (*keys, *elements, *(f"d xxh3-128:{value}" for value in contents))
        return tuple({row.key: row for key in keys for row in self._by.get(key, ())}.values())


def _tails(name: str) -> Iterator[str]:
    """Under what a row that names a recognised file by its path is looked up."""
    path = folded(name)
    yield from (f"p {path}", f"p {path.partition('/')[2]}", f"n {path}")


@dataclass(frozen=True, slots=True)
class Said:
    """What rows say of one hit."""

    hit: Hit
    locus: Locus
    bound: tuple[Bound, ...] = ()
    approvers: tuple[str, ...] = ()
    shared: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    """File and number of rows that name no finding and speak of several → what these are."""

    def cover(self, policy: Policy, needs: Sequence[str]) -> Cover:
        """How far they cover it, under a rule that needs some columns filled in."""
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
            open_ = self._regions_left(some) if level is Standing.APPROVED else self._left(some)
            if some and not open_:
                standing, rows = level, some
                break
        return Cover(
            standing=standing,
            rows=tuple(one.row for one in rows),
            binding=max((one.binding for one in rows), key=tuple(Binding).index, default=None),
            notes=tuple(self._notes(policy, needs, standing, settled or approving, informing)),
            contradictions=tuple(f"row {one.row.id} declares {one.row.said}" for one in self.bound if one.contradicts),
            remarks=tuple(
                it for one in rows if standing is Standing.APPROVED for it in _remarks(one.row, policy, self.approvers)
            ),
        )

    def asked(self, policy: Policy, genre: str) -> Iterator[tuple[Use, tuple[Row, ...]]]:
        """The uses that rows declare and that need an approval before they proceed, where none that is whole covers
        them; each with the rows that declare it."""
        speaking_ = [one for one in self.bound if not one.row.void and (not one.against or _still_declares(one))]
        for use in policy.uses:
            if use.outcome is None or (use.genres and genre and genre not in use.genres):
                continue
            rows = [one.row for one in speaking_ if use.covers(one.row) and use.holds(self.hit.case.category)]
            if rows and not self._settles(use, policy):
                yield use, tuple(rows)

    def _settles(self, use: Use, policy: Policy) -> bool:
        """Whether approvals that declare a use, and lack nothing that it needs, cover all of the hit."""
        counting = [left for one in self.bound if not one.against and (left := kept(one, self.bound, self.locus))]
        some = [one for one in counting if self._approves(one, policy) and use.covers(one.row)]
        whole = [one for one in some if not _lacks(one, self, policy, ())]
        return bool(whole) and not self._left(whole) and not use.approved_too

    def _approves(self, one: Bound, policy: Policy) -> bool:
        if one.row.status != "approved" or one.row.wrong or one.row.void or self._is_shared(one):
            return False
        if not one.firm and self.hit.case.about != "declared":
            return False
        return self._side(one.row, policy) != "production"

    def _side(self, row: Row, policy: Policy) -> str:
        return row.side(self.approvers) if policy.commissioned or self.approvers else "commissioner"

    def _is_shared(self, one: Bound) -> bool:
        """Whether a row that names no finding speaks of several."""
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
                yield f"row {one.row.id} names no finding, and speaks of several here ({others}): enter which it approves"
            elif one.row.status == "approved" and self._side(one.row, policy) == "production":
                who = one.row.cells.get("approved_by", "") or one.row.cells.get("approver_role", "")
                yield f"row {one.row.id} was approved by {who!r}, who is not known to approve for the commissioner"
            elif one.row.status == "approved" and one.row.wrong:
                yield f"row {one.row.id} is not right in {', '.join(one.row.wrong)}"
            elif self._approves(one, policy) and (lack := _lacks(one, self, policy, needs)):
                yield f"row {one.row.id} lacks {', '.join(it.replace('|', ' or ') for it in lack)}"
        if standing is Standing.APPROVED:
            return
        weak = [one.row.id for one in informing if one.row.status == "approved" and not one.firm]
        if weak:
            rows = ", ".join(weak)
            yield f"row {rows} names the path alone: that informs; enter the digest or the timecode to approve"
        part = approving or informing
        left = self._left(part) if part else ()
        if left is True:
            yield "not covered: the rest of the file, whose length is not known"
        elif left:
            yield f"not covered: {', '.join(self.locus.words(span) for span in left)}"
        # Where time is left too, a region that some row holds is left for that reason.
        regions = [box for box in self._regions_left(approving) if not left or not _holding(approving, box)]
        if approving and regions:
            boxes = ", ".join("x {:g} y {:g} w {:g} h {:g} %".format(*region) for region in regions)
            yield f"not covered: the region{'s' * (len(regions) > 1)} {boxes}"

    def _left(self, some: Iterable[Bound]) -> tuple[Span, ...] | bool:
        """What of its time rows leave uncovered; True where its length is not known."""
        spans = [one.spans for one in some]
        if None in spans:
            return ()
        return uncovered(self.locus.spans, (it for one in spans for it in one or ())) if self.locus.spans else True

    def _regions_left(self, some: Sequence[Bound]) -> list[Box]:
        """The regions that rows leave open at some time: all of it must lie in rows that hold the region."""
        return [region for region in self.hit.regions or (_WHOLE,) if self._left(_holding(some, region))]


def _holding(some: Iterable[Bound], region: Box) -> list[Bound]:
    """The rows that speak of a region: those of all of the picture, and those that name a box around it."""
    return [one for one in some if not one.row.boxes or any(_inside(region, box) for box in one.row.boxes)]


_NOTHING_SAID = Said(Hit(id="", case=Case()), Locus(None))


def unfilled(row: Row, policy: Policy) -> Iterator[Fault]:
    """What a policy asks of such an approval and the row does not say. Notes: a finding decides whether it is asked."""
    if row.status != "approved":
        return
    claims = [claim for claim in Claim if DECLARED.get(claim) == row.declared]
    cases = (Case(category=row.category, claim=it, strength=Strength.STRUCTURED) for it in claims if row.category)
    needs = [need for case in cases for rule in speaking(policy, case) for need in rule.needs]
    for need in _unfilled(row, policy, needs):
        column, _, word = need.partition("|")[0].partition("=")
        state = f"is not {word!r}" if word else "is not filled in"
        yield Fault(row.file, row.number, column, f"{state}; {policy.name} asks for it in such an approval", False)


def _keys(row: Row) -> Iterator[str]:
    """Under what a row is looked up. One that names its file is not asked about every other."""
    if row.digest and row.digest != "?":
        yield f"d {row.digest}"
    yield from (f"r {name}" for name in row.references)
    if row.glob and not set(row.glob) & set("*?"):
        yield f"{'p' if '/' in row.glob else 'n'} {folded(row.glob)}"
    elif row.glob or row.tc_in:
        yield "*"


def _still_declares(one: Bound) -> bool:
    """Whether a row that does not count still states what is in this content."""
    return one.row.status in ("draft", "rejected", "withdrawn", "unclear") or one.contradicts or "expired" in one.against


def _remarks(row: Row, policy: Policy, approvers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What somebody has to see of an approval that counts: (what a rule is about, in words)."""
    if row.approved_on and row.generated_on and row.approved_on > row.generated_on:
        yield "late-approval", f"row {row.id}: generated on {row.generated_on}, approved on {row.approved_on}"
    needs_consent = any("consent_date" in need for use in policy.uses if use.covers(row) for need in use.needs)
    if needs_consent and row.consent_on and row.generated_on and row.consent_on > row.generated_on:
        yield "late-consent", f"row {row.id}: generated on {row.generated_on}, consent of {row.consent_on}"
    if (policy.commissioned or approvers) and "approver_role" in row.cells and not row.side(approvers):
        who = ", ".join(filter(None, (row.cells.get("approved_by", ""), row.cells["approver_role"] or "no role stated")))
        yield "approver", f"row {row.id}: {who}"


def _lacks(one: Bound, said: Said, policy: Policy, needs: Sequence[str]) -> list[str]:
    """The columns that an approval needs and does not have, and a disclosure that is not where the use is."""
    lacking = _unfilled(one.row, policy, needs)
    asked = (*needs, *(need for use in policy.uses if use.covers(one.row) for need in use.needs))
    if any(need.startswith("disclosure_method") for need in asked) and not disclosed_at(one.row, said.locus):
        lacking.append("a disclosure where the use is")
    return lacking


def _unfilled(row: Row, policy: Policy, needs: Sequence[str]) -> list[str]:
    """What an approval needs and does not have: of a use that it only leaves open, the answer."""
    asked = list(needs)
    for use in policy.uses:
        if use.covers(row):
            asked.extend(use.left_open(row) or use.needs)
    return [need for need in dict.fromkeys(asked) if not row.has(need)]


def _inside(inner: Box, outer: Box, slack: float = 1.0) -> bool:
    """Whether a box lies in another, to a percent of the picture."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )
