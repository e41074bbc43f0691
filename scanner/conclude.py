"""Examination → Record: rules detect, the policy judges. Pure; opens nothing.

Begins when examining has ended, over the store and not over memory: what one asset is decides about
another, so the compact `Delivery` of such relations is built first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scanner.delivery import READER, Delivery, survey
from scanner.model import Examination, Record
from scanner.policy import Approvals, NoApprovals, Policy, judge
from scanner.rules import Engine

__all__ = ["Judgement", "conclude", "examined"]

Examinations = Callable[[], Iterable[Examination]]
"""A run's examinations in order of discovery. Called twice: survey, then judge."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """By what is judged."""

    engine: Engine
    policy: Policy
    approvals: Approvals = dataclasses.field(default_factory=NoApprovals)


def conclude(examinations: Examinations, judgement: Judgement) -> Iterator[Record]:
    """One record for each examination, in the same order."""
    delivery = survey(examinations(), judgement.engine, examinations())
    for examination in examinations():
        yield _record(examination, judgement, delivery)


def examined(record: Record) -> Examination:
    """The record's examination as it was before it was concluded."""
    seen = record.examination
    return dataclasses.replace(
        seen,
        evidence=tuple(item for item in seen.evidence if item.reader != READER),
        problems=tuple(problem for problem in seen.problems if problem.stage != "conclude"),
    )


def _record(examination: Examination, judgement: Judgement, delivery: Delivery) -> Record:
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
    examination = dataclasses.replace(
        examination,
        evidence=(*examination.evidence, *extra),
        problems=(*examination.problems, *detection.problems, *told.problems),
    )
    verdict = judge(examination, findings, judgement.policy, approvals=judgement.approvals)
    return Record(examination=examination, findings=findings, verdict=verdict)
