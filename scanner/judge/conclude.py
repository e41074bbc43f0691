"""Turns an examination into a record: rules detect, the policy judges. Pure; opens nothing.

Starts when all files are examined, and reads the store, not memory. One asset can decide about another, so the compact
`Delivery` of such relations is built first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from scanner.examinations import Examinations
from scanner.judge.delivery import READER, RULE, Delivery, bears, survey
from scanner.judge.policy import Policy, Register, Setting, Waivers, judge_by_all
from scanner.judge.rules import Engine
from scanner.judge.stills import NamedStills, names_of_matches
from scanner.model import Asset, Evidence, Examination, Finding, Kind, Match, Problem, Record

__all__ = ["NAME", "Judgement", "Stored", "conclude", "conclude_again", "located", "state_name"]

NAME = "name"
"""The reader of evidence that is the file's own name; such evidence is stated only where a rule takes it for a
trace."""
_RELATED = (Kind.TIMELINE, Kind.VIDEO)
"""What relations between assets begin with."""
Matched = Callable[[], Iterable[tuple[Examination, tuple[Match, ...]]]]
"""The examinations of a run, each with the references that were recognised in it."""
Recognised = Callable[[], Iterable[tuple[Asset, tuple[Match, ...]]]]
"""The assets in which a reference was recognised, without their examinations."""
Told = Callable[[tuple[Match, ...]], tuple[Match, ...]]
"""The matches with what is known now of their references; the same object where nothing changed."""


class Stored(Protocol):
    """A run's records, which can be read any number of times."""

    def __call__(self, *, kinds: Collection[Kind] = (), named: Callable[[str], bool] | None = None) -> Iterable[Record]:
        """All of them, or at least those of some kinds and all frame sequences, or those whose paths are named."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rules, policy, register and waivers that a run is judged by."""

    engine: Engine
    policy: Policy
    register: Register = dataclasses.field(default_factory=Register)
    waivers: Waivers = dataclasses.field(default_factory=Waivers)
    setting: Setting = dataclasses.field(default_factory=Setting)


@dataclass(frozen=True, slots=True)
class _Known:
    """An examination, and what is known of it before it is judged."""

    examination: Examination
    matches: tuple[Match, ...] = ()
    findings: tuple[Finding, ...] | None = None
    """What the rules made of its evidence; None where they have yet to look."""

    def detected(self, engine: Engine) -> tuple[Examination, tuple[Finding, ...], tuple[Problem, ...]]:
        """The examination, with its name where that is evidence; what the rules found, and where they gave up."""
        seen = self.examination
        if self.findings is not None:
            return seen, self.findings, ()
        name = state_name(seen)
        detection = engine.detect((*seen.evidence, name))
        if any(name.id in finding.evidence for finding in detection.findings):
            seen = dataclasses.replace(seen, evidence=(*seen.evidence, name))
        return seen, detection.findings, detection.problems


def state_name(seen: Examination) -> Evidence:
    """State the file's own name as evidence that rules find at `name:file`."""
    asset = seen.asset
    name = asset.path.rpartition("/")[2] or asset.root.rpartition("/")[2]
    return Evidence(reader=NAME, key="file", value=name, where="the file's name", id=f"e{len(seen.evidence) + 1}")


def conclude(
    examinations: Examinations,
    judgement: Judgement,
    *,
    matched: Matched | None = None,
    recognised: Recognised | None = None,
) -> Iterator[Record]:
    """One record for each examination, in the same order.

    Timelines and programmes are read first, then what timelines name, then all of them.
    """

    def sources(names: Collection[str]) -> Iterator[tuple[Examination, tuple[Finding, ...]]]:
        for seen in examinations(lambda asset: bears(asset.path, names)):
            yield _Known(seen).detected(judgement.engine)[:2]

    judgement = located(judgement, examinations.assets)
    stills = NamedStills()
    delivery = survey(stills.noting(examinations(_is_related)), sources)

    def pairs() -> Iterable[tuple[Examination, tuple[Match, ...]]]:
        return matched() if matched is not None else ((seen, ()) for seen in examinations())

    def known() -> Iterable[tuple[Asset, tuple[Match, ...]]]:
        return recognised() if recognised is not None else ((seen.asset, matches) for seen, matches in pairs())

    sourced = names_of_matches(known() if stills else (), (*delivery.made_names, *judgement.register.names))
    cut = _Cut(delivery, stills, sourced)
    for examination, matches in pairs():
        yield _record(_Known(examination, matches), judgement, cut)


def _is_related(asset: Asset) -> bool:
    """Whether relations between assets begin with it."""
    return asset.kind in _RELATED or asset.frames is not None


def located(judgement: Judgement, assets: Callable[[], Iterable[Asset]]) -> Judgement:
    """Return the same judgement, with the register rows bound that only the whole delivery can locate."""
    if not judgement.register.is_loose:
        return judgement
    return dataclasses.replace(judgement, register=judgement.register.located(assets()))


def conclude_again(
    stored: Stored, judgement: Judgement, *, same_rules: bool = False, told: Told | None = None
) -> Iterator[Record]:
    """Conclude each stored record again, in the same order. `same_rules`: keep the findings that these rules made
    before."""
    known = partial(_restore, same_rules=same_rules)

    def sources(names: Collection[str]) -> Iterator[tuple[Examination, tuple[Finding, ...]]]:
        named = partial(bears, names=names)
        for record in stored(named=named):
            if named(record.examination.asset.path):
                one = known(record)
                yield one.detected(judgement.engine)[:2]

    judgement = located(judgement, lambda: (record.examination.asset for record in stored()))
    stills = NamedStills()
    related = (known(record).examination for record in stored(kinds=_RELATED))
    delivery = survey(stills.noting(related), sources)
    pairs = ((record.examination.asset, record.matches) for record in stored()) if stills else ()
    cut = _Cut(delivery, stills, names_of_matches(pairs, (*delivery.made_names, *judgement.register.names)))
    for record in stored():
        one = known(record)
        if told is not None and one.matches:
            one = dataclasses.replace(one, matches=told(one.matches))
        yield _record(one, judgement, cut)


def _restore(record: Record, *, same_rules: bool) -> _Known:
    """The record's examination as it was before it was concluded, and what of the record still holds."""
    seen = record.examination
    timely = not [problem for problem in seen.problems if problem.stage == "conclude"]
    findings = tuple([it for it in record.findings if it.rule != RULE]) if same_rules and timely else None
    concluded = {READER} if findings is not None else {READER, NAME}
    if not timely or [item for item in seen.evidence if item.reader in concluded]:
        seen = dataclasses.replace(
            seen,
            evidence=tuple(item for item in seen.evidence if item.reader not in concluded),
            problems=tuple(problem for problem in seen.problems if problem.stage != "conclude"),
        )
    return _Known(seen, record.matches, findings)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What other assets say of one."""

    delivery: Delivery
    stills: NamedStills
    sourced: frozenset[str]
    """Names of stills that a library, a row or their own mark accounts for."""

    def unsourced(self, examination: Examination) -> Examination:
        """The same, with the stills that it names as a cut and that nothing sources."""
        base = len(examination.evidence)
        found = self.stills.unsourced(examination.asset, self.sourced, READER)
        extra = tuple(dataclasses.replace(item, id=f"e{base + n}") for n, item in enumerate(found, 1))
        return dataclasses.replace(examination, evidence=(*examination.evidence, *extra)) if extra else examination


def _record(known: _Known, judgement: Judgement, cut: _Cut) -> Record:
    examination, findings, problems = known.detected(judgement.engine)
    delivery = cut.delivery
    told = delivery.about(examination.asset)
    if told is not None:
        base = len(examination.evidence)
        ids = {item.id: f"e{base + n}" for n, item in enumerate(told.evidence, 1)}
        extra = tuple(dataclasses.replace(item, id=ids[item.id]) for item in told.evidence)
        linked = (
            dataclasses.replace(finding, evidence=tuple(ids[name] for name in finding.evidence))
            for finding in told.findings
        )
        findings = (*findings, *linked)
        examination = dataclasses.replace(examination, evidence=(*examination.evidence, *extra))
    examination = cut.unsourced(examination)
    if problems:
        examination = dataclasses.replace(examination, problems=(*examination.problems, *problems))
    matches = delivery.conform.reconciled(examination.asset, known.matches, examination.media)
    verdict = judge_by_all(
        examination,
        findings,
        judgement.policy,
        matches=matches,
        register=judgement.register,
        waivers=judgement.waivers,
        setting=judgement.setting,
    )
    return Record(examination=examination, findings=findings, matches=matches, verdict=verdict)
