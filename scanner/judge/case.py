"""What is judged, in the words that a policy uses: findings and matches as `Hit`s, each with its `Case`.

A case states only what was seen and what the library knows; what is not known is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scanner.globs import folded
from scanner.judge.permits import is_unbounded, permits
from scanner.judge.phrases import is_withheld
from scanner.judge.vocabulary import vocabulary_of
from scanner.match_ids import match_id
from scanner.model import (
    Asset,
    Box,
    Category,
    Claim,
    Evidence,
    Examination,
    Finding,
    Grade,
    Kind,
    LineUp,
    Match,
    MatchFacts,
    Place,
    Quality,
    Relation,
    Role,
    Sense,
    Strength,
)

__all__ = ["AI_CLAIMS", "DECLARED", "MARKS", "WORKING", "Case", "Hit", "Setting", "hits_of", "is_line_up"]

AI_CLAIMS = (Claim.GENERATED, Claim.EDITED, Claim.CONTAINS, Claim.ENHANCED)
WORKING = (Category.TEMP, Category.IDEATION, Category.REFERENCE, Category.DOCUMENTATION)
"""What an approval for temporary use may cover."""
MARKS = (Claim.PREVIEW_MARK, Claim.PLACEHOLDER)
"""Marks in a picture that state nothing about AI: no row of the register of AI uses covers them."""
DECLARED: Mapping[Claim, int] = {Claim.ENHANCED: 1, Claim.EDITED: 2, Claim.CONTAINS: 2, Claim.GENERATED: 3}
"""How far AI went, by claim; a row that declares less contradicts the finding."""
_ALTERED = (Relation.ALTERED, Relation.EXTENDED, Relation.RECOLOURED, Relation.RESYNTHESISED)
_JUDGEABLE = (None, Quality.MASTER, Quality.SCAN)
_GRADES: Mapping[Grade, str] = {Grade.UNCERTAIN: "uncertain", Grade.ALTERED: "altered"}
_MEDIA = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The configuration's statements about the production."""

    genre: str = ""
    """`fiction` `documentary` `news`; empty: not given, and the rules of every genre apply."""
    day: date | None = None
    """The day of delivery: what has expired by then does not count. None: dates are not compared."""
    use: tuple[str, ...] = ()
    """What the delivery is for, words of `Outlet`; empty: not given."""
    territory: tuple[str, ...] = ()
    """Where: `world`, or two-letter country codes; empty: not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a policy rule can test."""

    about: str = "finding"
    category: Category = Category.UNCATEGORISED
    kind: Kind | None = None
    genre: str = ""
    claim: Claim | None = None
    strength: Strength | None = None
    role: Role | None = None
    relation: Relation | None = None
    quality: str = ""
    alteration: str = ""
    """`altered` `uncertain` `same` `unjudged`, `uncompared` (nothing was compared), or `watermark`: its own is seen."""
    ai_terms: str = ""
    """`prohibited` `review` `allowed`, `unknown` (in words that state none of these); empty where nothing is stated."""
    licence: str = ""
    """`none` (absent, or stated not to be one) `valid` `expired`."""
    permitted: str = ""
    """Whether the licence permits what the delivery is for: `yes` `no` `unknown`; empty where nothing is stated about
    it."""
    archival: str = "unmatched"
    """Whether an archival reference was recognised in the asset: `matched` `unmatched`."""
    beside: tuple[Claim, ...] = ()
    """The AI claims of the same asset."""
    decision: str = ""
    """For what a register declares: `rejected` where the row that declares it was refused."""
    refused: str = ""
    """For a match: `yes` where its licence is stated to be refused, quoted, for research or not there yet."""
    stated: str = ""
    """For a label that a register states: `words` that provscan reads, or a `sign`, not read; `slight` for one that was
    read and is too small or too short."""
    marked: str = ""
    """For a match: whether the asset has any mark itself, `yes` or `no`: the reference's marks may not have been
    kept."""

    @property
    def told_genre(self) -> str:
        """The genre, for rules that do not apply where it was not given."""
        return self.genre


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One finding or match of one asset."""

    id: str
    case: Case
    claim: Claim | None = None
    """What was done with AI: a finding's claim, or what the recognised material itself states."""
    contents: tuple[str, ...] = ()
    """Digests, without the algorithm, of the recognised element of the delivery."""
    at: Place | None = None
    references: tuple[str, ...] = ()
    """Ids and names by which a register may refer to it."""
    pictures: tuple[str, ...] = ()
    """Paths of the picture, clip or sound that was recognised: a row that names one applies wherever it is seen."""
    regions: tuple[Box, ...] = ()
    """Where a picture differs from its reference."""
    replaced: bool = False
    """Whether content differs, and not only its colours."""
    note: str = ""
    """What was seen, for the reason's brackets."""

    @property
    def declared(self) -> int:
        """How far a change went, as a declaration must state it: a value of `DECLARED`; 0 where nothing states one.

        A picture that differs from its reference was edited, whoever or whatever did it.
        """
        stated = DECLARED.get(self.claim, 0) if self.claim else 0
        return max(stated, DECLARED[Claim.EDITED]) if self.case.alteration == "altered" and self.replaced else stated

    @property
    def cause(self) -> str:
        """How it was recognised: two hits of one reference or source clip have one cause."""
        name = self.references[0] if self.references else self.id
        return folded(name.replace("\\", "/").rpartition("/")[2])


def hits_of(
    examination: Examination,
    findings: Sequence[Finding],
    matches: Sequence[Match],
    setting: Setting,
    altered_area: float = 0.0,
) -> Iterator[Hit]:
    """All hits of an asset, in order; last, that it is archival and that no source is stated."""
    asset = examination.asset
    if not findings and not matches and asset.category is not Category.ARCHIVAL:
        return
    beside = tuple(dict.fromkeys(finding.claim for finding in findings if finding.claim in AI_CLAIMS))
    recognised = any(match.role == Role.ARCHIVAL and not is_line_up(match) for match in matches)
    archival = "matched" if recognised else "unmatched"
    for finding in findings:
        case = Case(
            category=asset.category, kind=asset.kind, genre=setting.genre, claim=finding.claim,
            strength=finding.strength, archival=archival, beside=beside,
        )  # fmt: skip
        cited = [it for it in examination.evidence if it.id in finding.evidence and "source" in it.facts]
        within = cited if finding.claim is Claim.CONTAINS else []
        contents = tuple(
            dict.fromkeys(it.facts["content"].rpartition(":")[2] for it in within if "content" in it.facts)
        )
        yield Hit(
            id=finding.id, case=case, claim=finding.claim, at=finding.at, references=_names(within), contents=contents
        )
    for match in matches:
        yield _of_match(asset, match, setting, altered_area, beside)
    if asset.category is Category.ARCHIVAL and asset.kind in _MEDIA and archival == "unmatched":
        case = Case(about="unsourced", category=asset.category, kind=asset.kind, genre=setting.genre, beside=beside)
        yield Hit(id="", case=case)


def is_line_up(match: Match) -> bool:
    """Whether everything shared is bars, tone or silence, or in temporary material a card: a slate, a title, a credit.

    Somebody else's card belongs to them, and a card that AI made is a graphic that AI made.
    """
    shared = match.facts.line_up
    return shared == LineUp.SIGNAL or (shared == LineUp.CARD and match.role == Role.TEMP)


def is_doubtful_clip(match: Match) -> bool:
    """Whether it may be another recording of the clip's view instead: nothing moves that would show which."""
    told = match.alteration
    return match.relation == Relation.SEGMENT and told is not None and told.grade is Grade.UNCERTAIN


def _of_match(asset: Asset, match: Match, setting: Setting, limit: float, beside: tuple[Claim, ...]) -> Hit:
    state, area = _alteration(match, limit)
    regions = match.alteration.regions if match.alteration else ()
    permitted, bounds = _permitted(match.facts, setting)
    case = Case(
        about="line-up" if is_line_up(match) else "doubtful" if is_doubtful_clip(match) else "match",
        category=asset.category, kind=asset.kind, genre=setting.genre, role=match.role,
        relation=match.relation, quality=match.facts.quality or "", alteration=state,
        ai_terms=_terms(match.facts.ai_terms), licence=_licence(match.facts, setting.day),
        permitted=permitted,
        archival="matched" if match.role == Role.ARCHIVAL else "unmatched", beside=beside,
        marked="yes" if beside else "no", refused="yes" if _is_refused(match.facts) else "",
    )  # fmt: skip
    title = match.facts.title
    said = [f"matches {match.reference}" + (f", {title}" if title else "")]
    if state == "altered":
        differs = f"{area:.0f} % of the picture differs" if area else "the picture differs"
        said.append(f"{differs} in {len(regions)} regions" if len(regions) > 1 else differs)
    elif case.about == "doubtful":
        said.append("or shows another recording of the same view")
    elif state == "uncertain":
        said.append("whether the picture differs is uncertain")
    return Hit(
        id=match_id(match), case=case, claim=match.facts.claim, at=match.at,
        references=(match.reference,), regions=regions, replaced=match.relation != Relation.RECOLOURED,
        contents=_contents(match) if match.facts.is_own else (),
        pictures=_paths(match) if match.facts.is_own else (),
        note="; ".join([*said, *bounds]),
    )  # fmt: skip


def _contents(match: Match) -> tuple[str, ...]:
    digest = match.facts.digest.rpartition(":")[2]
    return (digest,) if digest else ()


def _paths(match: Match) -> tuple[str, ...]:
    """A reference that is a file of the delivery, and the copies of it there: a register may leave the root out."""
    names = (match.reference, *match.facts.copies)
    return tuple(path for path in (name.partition("/")[2] for name in names) if path)


def _alteration(match: Match, limit: float) -> tuple[str, float]:
    told, facts = match.alteration, match.facts
    share = told.area_percent or 0.0 if told else 0.0
    is_judgeable = facts.quality in _JUDGEABLE
    if facts.shows_watermark:
        return "watermark", share
    if match.relation == Relation.EXACT:  # the very file, with all that is in it
        return ("watermark" if facts.quality == Quality.WATERMARKED else "same"), share
    if told is None and is_judgeable:
        if match.relation == Relation.SEGMENT and match.role == Role.ARCHIVAL and facts.sense != Sense.SOUND:
            return "unjudged", share  # a clip: its frames are recognised, and not laid over one another
        return ("altered" if match.relation in _ALTERED else "uncompared"), share
    if told is not None and told.grade is Grade.UNCERTAIN and not is_judgeable:
        return "uncertain", share  # whether it is the preview's picture at all
    if told is None or not told.judged or not is_judgeable:
        return "unjudged", share
    if told.grade is not None:
        return _GRADES.get(told.grade, "same"), share
    return ("altered" if match.relation in _ALTERED or share > limit else "same"), share


def _terms(said: str) -> str:
    """A licence's words about AI, as a log keeps them, in one of four; empty where there are none."""
    vocabulary = vocabulary_of("ai_terms")
    words = vocabulary.read(said).words if vocabulary else frozenset()
    silent = "unknown" if said.strip() else ""
    return next((word for word in ("prohibited", "review", "allowed") if word in words), silent)


def _licence(facts: MatchFacts, day: date | None) -> str:
    """What a log calls a licence may be the word that there is none yet."""
    if not facts.licence.strip() or _is_refused(facts):
        return "none"
    until = facts.valid_until
    return "expired" if day is not None and until and until < day.isoformat() else "valid"


def _is_refused(facts: MatchFacts) -> bool:
    """Whether a log states that there is no licence: it was refused, quoted, or asked for."""
    said = facts.licence.strip()
    return bool(said) and is_withheld(said)


def _permitted(facts: MatchFacts, setting: Setting) -> tuple[str, list[str]]:
    """Whether a licence permits what the delivery is for; and in words, where it does not or that is not known."""
    on_file = _licence(facts, None) != "none" or bool(facts.uses or facts.territory)
    sides = (
        ("uses", facts.uses, setting.use),
        ("territory", facts.territory, setting.territory),
    )
    answers: list[str] = []
    bounds: list[str] = []
    for name, stated, asked in sides if on_file else ():
        if not asked and (not stated or is_unbounded(stated)):
            continue
        answers.append(permits(stated, asked) if asked else "unknown")
        if answers[-1] != "yes":
            theirs = f"its licence's {name}: {stated or 'not on file'}"
            bounds.append(f"{theirs}; this delivery's: {', '.join(asked) or 'not given'}")
    return next((word for word in ("no", "unknown", "yes") if word in answers), ""), bounds


def _names(cited: Iterable[Evidence]) -> tuple[str, ...]:
    """The source clips that a `contains` rests on: a register may name them instead of the master."""
    sources = [item.facts["source"] for item in cited]
    return tuple(dict.fromkeys(name for path in sources for name in (path, path.rpartition("/")[2])))
