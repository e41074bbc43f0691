"""The register of AI uses: which rows speak of a hit, and whether together they cover it. Pure.

Law: several rows may cover jointly; what is left over is said. Another approval never makes a standing
worse, and one row that was rejected later takes back those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from scanner.model import Asset, Claim, Examination, Strength
from scanner.policy.binding import Binding, Bound, bind, digest_of, in_episode, placed, revoked, weighed
from scanner.policy.case import DECLARED, Box, Case, Hit
from scanner.policy.policy import Policy, Standing, speaking
from scanner.policy.register_file import CLASSES, Declaration, RegisterFile
from scanner.policy.row import Fault, Row
from scanner.policy.span import Locus, Span, locus_of, uncovered

__all__ = ["Cover", "Register", "unfilled"]


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

    def bound(self, examination: Examination, hit: Hit, day: date | None = None) -> tuple[Bound, ...]:
        """The rows that speak of a hit."""
        rows = self._candidates(examination, (*hit.references, *hit.pictures))
        if not rows:
            return ()
        locus = locus_of(examination, hit.at)
        found = (bind(row, examination, hit, locus) for row in rows)
        return tuple(weighed(one, examination, hit, day) for one in found if one is not None)

    def naming(self, examination: Examination) -> Iterator[Row]:
        """The rows that name an asset, whatever was found in it."""
        for row in self._candidates(examination, ()):
            if (row.digest and row.digest == digest_of(examination)) or (row.glob and placed(row, examination.asset)):
                yield row

    def cover(
        self, examination: Examination, hit: Hit, policy: Policy, needs: Sequence[str], day: date | None
    ) -> Cover:
        """How far rows cover a hit, under a rule that needs some columns filled in."""
        bound = self.bound(examination, hit, day)
        if not bound:
            return _NOTHING
        locus = locus_of(examination, hit.at)
        counting = [one for one in bound if not one.against]
        approving = [one for one in counting if one.row.status == "approved" and one.row.whole and one.firm]
        approving = [one for one in approving if not revoked(one, bound)]
        settled = [one for one in approving if not _lacks(one.row, policy, needs)]
        notes = [f"row {one.row.id} {one.against}" for one in bound if one.against]
        notes += [
            f"row {one.row.id} lacks {', '.join(_lacks(one.row, policy, needs))}"
            for one in approving
            if one not in settled
        ]
        contradictions = tuple(f"row {one.row.id} declares {one.row.said}" for one in bound if one.contradicts)
        informing = [one for one in counting if one.row.status in ("informed", "submitted", "approved")]
        standing, rows = Standing.NONE, []
        for level, some in (
            (Standing.APPROVED, settled),
            (Standing.LACKING, approving),
            (Standing.INFORMED, informing),
        ):
            left = _left(locus, some) if some else None
            if some and not left and (level is not Standing.APPROVED or not _regions_left(hit, some)):
                standing, rows = level, some
                break
        notes += list(_gaps(locus, hit, standing, settled or approving, informing))
        return Cover(
            standing=standing,
            rows=tuple(one.row for one in rows),
            binding=max((one.binding for one in rows), key=tuple(Binding).index, default=None),
            notes=tuple(notes),
            contradictions=contradictions,
        )

    def denials(self, asset: Asset, hit: Hit) -> Iterator[Declaration]:
        """Declarations of the whole that say less than what was found."""
        found = DECLARED.get(hit.case.claim, 0) if hit.case.claim else 0
        for said in self._said:
            if found > CLASSES[said.classification] and in_episode(said.episode, asset):
                yield said

    def _candidates(self, examination: Examination, references: Iterable[str]) -> tuple[Row, ...]:
        if not self._by:
            return ()
        asset = examination.asset
        keys = (f"d {digest_of(examination)}", f"p {asset.path}".lower(), f"p {asset.root}/{asset.path}".lower(), "*")
        found = [row for key in (*keys, *(f"r {name}" for name in references)) for row in self._by.get(key, ())]
        return tuple({(row.file, row.number): row for row in found}.values())


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
    if row.digest and row.digest != "?":
        yield f"d {row.digest}"
    yield from (f"r {name}" for name in row.references)
    if row.glob and "/" in row.glob and not set(row.glob) & set("*?"):
        yield f"p {row.glob}".lower()
    elif row.glob or row.tc_in:
        yield "*"


def _lacks(row: Row, policy: Policy, needs: Sequence[str]) -> list[str]:
    asked = (*needs, *(need for use in policy.uses if use.covers(row.cells) for need in use.needs))
    return [need for need in dict.fromkeys(asked) if not row.has(need)]


def _left(locus: Locus, some: Iterable[Bound]) -> tuple[Span, ...] | bool:
    """What of a hit's time rows leave uncovered; True where its length is not known."""
    spans = [one.spans for one in some]
    if None in spans:
        return ()
    return uncovered(locus.spans, (span for one in spans for span in one or ())) if locus.spans else True


def _regions_left(hit: Hit, some: Sequence[Bound]) -> list[Box]:
    if any(not one.row.boxes for one in some):
        return []
    boxes = [box for one in some for box in one.row.boxes]
    return [
        region
        for region in hit.regions or ((0.0, 0.0, 100.0, 100.0),)
        if not any(_inside(region, box) for box in boxes)
    ]


def _inside(inner: Box, outer: Box, slack: float = 1.0) -> bool:
    """Whether a box lies in another, to a percent of the picture."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )


def _gaps(
    locus: Locus, hit: Hit, standing: Standing, approving: Sequence[Bound], informing: Sequence[Bound]
) -> Iterator[str]:
    """What keeps a hit from being covered, in sentences."""
    if standing is Standing.APPROVED:
        return
    weak = [one.row.id for one in informing if one.row.status == "approved" and not one.firm]
    if weak:
        yield f"row {', '.join(weak)} names the path alone: that informs; enter the digest or the timecode to approve"
    part = approving or informing
    left = _left(locus, part) if part else ()
    if left is True:
        yield "not covered: the rest of the file, whose length is not known"
    elif left:
        yield f"not covered: {', '.join(locus.clock.words(span) for span in left)}"
    if approving and (regions := _regions_left(hit, approving)):
        yield (
            "not covered: the region"
            + "s" * (len(regions) > 1)
            + " "
            + ", ".join("x {:g} y {:g} w {:g} h {:g} %".format(*region) for region in regions)
        )
