"""Examination → Record: rules detect, the policy judges. Pure; opens nothing.

Begins when examining has ended, over the store and not over memory: what one asset is decides about
another, so the compact `Delivery` of such relations is built first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scanner.delivery import READER, Delivery, survey
from scanner.model import Examination, Kind, Match, Record
from scanner.policy import Policy, Register, Setting, Waivers, judge
from scanner.rules import Engine

__all__ = ["RELATED", "Judgement", "conclude", "examined"]

Examinations = Callable[[], Iterable[Examination]]
"""A run's examinations in order of discovery. Called twice: survey, then judge."""
RELATED = (Kind.TIMELINE, Kind.VIDEO)
"""What relations between assets begin with."""
Matched = Callable[[], Iterable[tuple[Examination, tuple[Match, ...]]]]
"""The same, each with the references that were recognised in it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """By what is judged."""

    engine: Engine
    policy: Policy
    register: Register = dataclasses.field(default_factory=Register)
    waivers: Waivers = dataclasses.field(default_factory=Waivers)
    setting: Setting = dataclasses.field(default_factory=Setting)


def conclude(
    examinations: Examinations,
    judgement: Judgement,
    *,
    matched: Matched | None = None,
    related: Examinations | None = None,
) -> Iterator[Record]:
    """One record for each examination, in the same order. `related` are at least those of the kinds in `RELATED`."""
    delivery = survey((related or examinations)(), judgement.engine, examinations())
    pairs = matched() if matched is not None else ((examination, ()) for examination in examinations())
    for examination, matches in pairs:
        yield _record(examination, matches, judgement, delivery)


def examined(record: Record) -> Examination:
    """The record's examination as it was before it was concluded."""
    seen = record.examination
    if all(item.reader != READER for item in seen.evidence) and all(it.stage != "conclude" for it in seen.problems):
        return seen
    return dataclasses.replace(
        seen,
        evidence=tuple(item for item in seen.evidence if item.reader != READER),
        problems=tuple(problem for problem in seen.problems if problem.stage != "conclude"),
    )


def _record(examination: Examination, matches: tuple[Match, ...], judgement: Judgement, delivery: Delivery) -> Record:
    detection = judgement.engine.detect(examination.evidence)
    told = delivery.about(examination.asset)
    base = len(examination.evidence)
    extra = tuple(dataclasses.replace(item, id=f"e{base + n}") for n, item in enumerate(told.evidence, 1))
    renamed = {old.id: new.id for old, new in zip(told.evidence, extra, strict=True)}
    linked = tuple(
        dataclasses.replace(finding, evidence=tuple(renamed.get(it, it) for it in finding.evidence))
        for finding in told.findings
    )
    findings = (*detection.findings, *linked)
    if extra or detection.problems or told.problems:
        examination = dataclasses.replace(
            examination,
            evidence=(*examination.evidence, *extra),
            problems=(*examination.problems, *detection.problems, *told.problems),
        )
    verdict = judge(
        examination,
        findings,
        judgement.policy,
        matches=matches,
        approvals=judgement.register,
        waivers=judgement.waivers,
        setting=judgement.setting,
    )
    return Record(examination=examination, findings=findings, matches=matches, verdict=verdict)
