"""Turns an examination into a record: rules detect, the policy judges. Pure; opens nothing.

Starts when all files are examined, and reads the store, not memory. One asset can decide about another, so the compact
`Delivery` of such relations is built first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from scanner.examinations import Examinations, read_once
from scanner.judge.delivery import READER, RULE, Delivery, Survey
from scanner.judge.policy import Policy, Register, Setting, Waivers, judge_by_all
from scanner.judge.rules import Engine
from scanner.judge.stills import NamedStills, names_of_matches
from scanner.model import Asset, Evidence, Examination, Finding, Kind, Match, Problem, Record
from scanner.sequences import CLIP, state_events
from scanner.sequences import READER as TIMELINE

__all__ = ["NAME", "Judgement", "Relations", "Stored", "conclude", "conclude_again", "located", "state_all"]

NAME = "name"
"""The reader of evidence that is the file's own name; such evidence is stated only where a rule takes it for a
trace."""
_RELATED = (Kind.TIMELINE, Kind.VIDEO)
"""What relations between assets begin with."""
Matched = Callable[[], Iterable[tuple[Examination, tuple[Match, ...]]]]
"""The examinations of a run, each with the references that were recognised in it."""
Recognised = Callable[[], Iterable[tuple[Asset, tuple[Match, ...]]]]
"""The assets in which a reference was recognised, without their examinations."""
Refresh = Callable[[tuple[Match, ...]], tuple[Match, ...]]
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
        concluded = tuple(_state_parts(seen))
        detection = engine.detect((*seen.evidence, *concluded))
        cited = {id_ for finding in detection.findings for id_ in finding.evidence}
        kept = [item for item in concluded if item.id in cited]
        if not kept:
            return seen, detection.findings, detection.problems
        seen, ids = _with(seen, kept)
        return seen, _relinked(detection.findings, ids), detection.problems


def state_all(seen: Examination) -> tuple[Evidence, ...]:
    """All that rules look into: what the file states, the events of a timeline, and the file's own name."""
    return (*seen.evidence, *_state_parts(seen))


def _state_parts(seen: Examination) -> Iterator[Evidence]:
    """What a record holds as evidence only where a rule takes it for a trace: events, found at `timeline:source-clip`,
    and the file's own name, found at `name:file`."""
    base, events = _last_number(seen.evidence), 0
    for events, item in enumerate(state_events(seen.sequences, base + 1), 1):  # noqa: B007 - counted
        yield item
    asset = seen.asset
    name = asset.path.rpartition("/")[2] or asset.root.rpartition("/")[2]
    yield Evidence(reader=NAME, key="file", value=name, where="the file's name", id=f"e{base + events + 1}")


def _last_number(evidence: Iterable[Evidence]) -> int:
    """The number that no id of some evidence is above: ids are `e1`, `e2` …, and may have holes."""
    return max((int(item.id[1:]) for item in evidence if item.id[1:].isdecimal()), default=0)


def _with(seen: Examination, extra: Sequence[Evidence]) -> tuple[Examination, dict[str, str]]:
    """The examination with more evidence, numbered on; and what their ids became."""
    base = _last_number(seen.evidence)
    numbered = tuple(dataclasses.replace(item, id=f"e{base + n}") for n, item in enumerate(extra, 1))
    ids = {item.id: new.id for item, new in zip(extra, numbered, strict=True)}
    return dataclasses.replace(seen, evidence=(*seen.evidence, *numbered)), ids


def _relinked(findings: Iterable[Finding], ids: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings, by the ids that their evidence has now."""
    return tuple(
        dataclasses.replace(one, evidence=tuple(ids.get(id_, id_) for id_ in one.evidence)) for one in findings
    )


class Relations:
    """What the assets of a run decide about one another, noted as they are read: timelines first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stills = NamedStills()
        self.survey = Survey()

    def wants(self, asset: Asset) -> bool:
        """Whether it is a timeline or a programme, or a timeline that was noted names it."""
        return _is_related(asset) or self.survey.names(asset)

    def note(self, seen: Examination) -> None:
        """Note an asset that is wanted, with what is found in it where a timeline names it."""
        self.note_related(seen)
        if self.survey.names(seen.asset):
            self.note_source(_Known(seen))

    def note_related(self, seen: Examination) -> None:
        """Note a timeline or a programme."""
        self.survey.note(seen)
        self._stills.note(seen)

    def note_source(self, known: _Known) -> None:
        """Note what a timeline names, with what is found in it."""
        seen, findings, _ = known.detected(self._engine)
        self.survey.note_source(seen, findings)

    def cut(self, judgement: Judgement, shown: Recognised) -> _Cut:
        """The relations, when all is noted. `shown` is called only where a timeline names stills."""
        delivery = self.survey.delivery()
        if not self._stills:
            return _Cut(delivery, self._stills, frozenset())
        named = (*delivery.made_names, *judgement.register.names)
        return _Cut(delivery, self._stills, names_of_matches(shown(), named))


def conclude(
    examinations: Examinations,
    judgement: Judgement,
    *,
    relations: Relations | None = None,
    matched: Matched | None = None,
    recognised: Recognised | None = None,
) -> Iterator[Record]:
    """One record for each examination, in the same order.

    Without `relations`, what decides about others is read first.
    """
    judgement = located(judgement, examinations.assets)
    if relations is None:
        relations = Relations(judgement.engine)
        read_once(examinations, [relations])

    def pairs() -> Iterable[tuple[Examination, tuple[Match, ...]]]:
        return matched() if matched is not None else ((seen, ()) for seen in examinations())

    def known() -> Iterable[tuple[Asset, tuple[Match, ...]]]:
        return recognised() if recognised is not None else ((seen.asset, matches) for seen, matches in pairs())

    cut = relations.cut(judgement, known)
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
    stored: Stored, judgement: Judgement, *, same_rules: bool = False, refresh: Refresh | None = None
) -> Iterator[Record]:
    """Conclude each stored record again, in the same order. `same_rules`: keep the findings that these rules made
    before."""
    known = partial(_restore, same_rules=same_rules)
    judgement = located(judgement, lambda: (record.examination.asset for record in stored()))
    relations = Relations(judgement.engine)
    for record in stored(kinds=_RELATED):
        if _is_related(record.examination.asset):
            relations.note_related(known(record).examination)
    for record in stored(named=relations.survey.may_name):
        if relations.survey.names(record.examination.asset):
            relations.note_source(known(record))
    cut = relations.cut(judgement, lambda: ((record.examination.asset, record.matches) for record in stored()))
    for record in stored():
        one = known(record)
        if refresh is not None and one.matches:
            one = dataclasses.replace(one, matches=refresh(one.matches))
        yield _record(one, judgement, cut)


def _restore(record: Record, *, same_rules: bool) -> _Known:
    """The record's examination as it was before it was concluded, and what of the record still holds."""
    seen = record.examination
    timely = not [problem for problem in seen.problems if problem.stage == "conclude"]
    findings = tuple([it for it in record.findings if it.rule != RULE]) if same_rules and timely else None
    cited = frozenset(id_ for finding in findings or () for id_ in finding.evidence)
    if not timely or [item for item in seen.evidence if _is_concluded(item, cited)]:
        seen = dataclasses.replace(
            seen,
            evidence=tuple(item for item in seen.evidence if not _is_concluded(item, cited)),
            problems=tuple(problem for problem in seen.problems if problem.stage != "conclude"),
        )
    return _Known(seen, record.matches, findings)


def _is_concluded(item: Evidence, cited: Collection[str]) -> bool:
    """Whether evidence was concluded from other assets, or stated for a rule and nothing that still holds cites it."""
    is_stated = item.reader == NAME or (item.reader == TIMELINE and item.key == CLIP)
    return item.reader == READER or (is_stated and item.id not in cited)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What other assets say of one."""

    delivery: Delivery
    stills: NamedStills
    sourced: frozenset[str]
    """Names of stills that a library, a row or their own mark accounts for."""

    def unsourced(self, examination: Examination) -> Examination:
        """The same, with the stills that it names as a cut and that nothing sources."""
        found = self.stills.unsourced(examination.asset, self.sourced, READER)
        return _with(examination, found)[0] if found else examination


def _record(known: _Known, judgement: Judgement, cut: _Cut) -> Record:
    examination, findings, problems = known.detected(judgement.engine)
    delivery = cut.delivery
    told = delivery.about(examination.asset)
    if told is not None:
        examination, ids = _with(examination, told.evidence)
        findings = (*findings, *_relinked(told.findings, ids))
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
