"""The register of AI uses: which rows speak of a hit, and whether together they cover it. Pure.

Law: several rows may cover jointly; what is left over is said. Another approval never makes a standing
worse, and one row that was rejected later takes back those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from scanner.globs import folded
from scanner.model import Asset, Claim, Examination, Strength
from scanner.policy.binding import Binding, Bound, bind, digest_of, in_episode, kept, placed, weighed
from scanner.policy.case import DECLARED, Box, Case, Hit
from scanner.policy.policy import Policy, Standing, speaking
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


_NOTHING = Cover()
_WHOLE: Box = (0.0, 0.0, 100.0, 100.0)


@dataclass(frozen=True, slots=True)
class Register:
    """Every row and declaration of a run, indexed by how it locates."""

    files: tuple[RegisterFile, ...] = ()
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
        rows = self._candidates(examination, (*hit.references, *hit.pictures))
        if not rows:
            return _NOTHING_SAID
        locus = locus_of(examination, hit.at)
        found = (bind(row, examination, hit, locus) for row in rows)
        return Said(hit, locus, tuple(weighed(one, examination, hit, day) for one in found if one is not None))

    def naming(self, examination: Examination) -> Iterator[Row]:
        """The rows that name an asset, whatever was found in it."""
        for row in self._candidates(examination, ()):
            if (row.digest and row.digest == digest_of(examination)) or (row.glob and placed(row, examination.asset)):
                yield row

    def denials(self, asset: Asset, hit: Hit) -> Iterator[Declaration]:
        """Declarations of the whole that say less than what was found."""
        for said in self._said:
            if hit.declared > CLASSES[said.classification] and in_episode(said.episode, asset):
                yield said

    def _candidates(self, examination: Examination, references: Iterable[str]) -> tuple[Row, ...]:
        if not self._by:
            return ()
        asset = examination.asset
        path = folded(f"{asset.root}/{asset.path}")
        parts = (f"n {part}" for part in path.split("/"))
        keys = (f"d {digest_of(examination)}", f"p {folded(asset.path)}", f"p {path}", *parts, "*")
        found = [row for key in (*keys, *(f"r {name}" for name in references)) for row in self._by.get(key, ())]
        return tuple({(row.file, row.number): row for row in found}.values())


@dataclass(frozen=True, slots=True)
class Said:
    """What rows say of one hit."""

    hit: Hit
    locus: Locus
    bound: tuple[Bound, ...] = ()

    def cover(self, policy: Policy, needs: Sequence[str]) -> Cover:
        """How far they cover it, under a rule that needs some columns filled in."""
        if not self.bound:
            return _NOTHING
        counting = [one for one in self.bound if not one.against]
        given = [one for one in counting if _approves(one)]
        approving = [left for one in given if (left := kept(one, self.bound, self.locus)) is not None]
        settled = [one for one in approving if not _lacks(one.row, policy, needs)]
        informing = [one for one in counting if one.row.status in ("informed", "submitted", "approved")]
        standing, rows = Standing.NONE, []
        for level, some in (
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
        )

    def _notes(
        self, policy: Policy, needs: Sequence[str], standing: Standing, approving: list[Bound], informing: list[Bound]
    ) -> Iterator[str]:
        """What keeps it from being covered, in sentences."""
        for one in self.bound:
            if one.against:
                yield f"row {one.row.id} {one.against}"
            elif one.row.status == "approved" and one.row.wrong:
                yield f"row {one.row.id} is not right in {', '.join(one.row.wrong)}"
            elif _approves(one) and (lack := _lacks(one.row, policy, needs)):
                yield f"row {one.row.id} lacks {', '.join(lack)}"
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
    for need in _lacks(row, policy, needs):
        column, _, word = need.partition("=")
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


def _approves(one: Bound) -> bool:
    return one.row.status == "approved" and not one.row.wrong and one.firm


def _lacks(row: Row, policy: Policy, needs: Sequence[str]) -> list[str]:
    asked = (*needs, *(need for use in policy.uses if use.covers(row.cells) for need in use.needs))
    return [need for need in dict.fromkeys(asked) if not row.has(need)]


def _inside(inner: Box, outer: Box, slack: float = 1.0) -> bool:
    """Whether a box lies in another, to a percent of the picture."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )
