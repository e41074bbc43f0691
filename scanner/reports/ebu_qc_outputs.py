"""The `Output`s of an EBU QC report: assets, problems, hits and matches, one at a time.

Confidence is the rank of the evidence's strength in four equal steps (heuristic 0.25 … signed 1), as the
model's scale from 0 to 1 allows: an order, not a probability. Severity is the outcome's rank, 0 to 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from scanner.model import STRENGTH_ORDER, Outcome, Record
from scanner.reports.instances import Instance, Span, instances
from scanner.reports.pictures.pictures import picture_name, wants_picture
from scanner.reports.reasons import worst_outcome
from scanner.reports.view import sheet
from scanner.reports.wording import inert
from scanner.reports.xml import Markup, element

__all__ = ["asset", "boolean", "matched", "of_rule", "problems"]


def asset(record: Record) -> Iterator[Markup]:
    """The asset and its outcome."""
    page, seen = sheet(record), record.examination
    digest = f"{seen.digest.algorithm}:{seen.digest.value}" if seen.digest else "none"
    yield element(
        "Output",
        element("Name", "Asset"),
        element("Value", page.outcome.value),
        element("Annotation", element("Text", f"{page.path}: {page.found}")),
        *_picture(record),
        element("Severity", str(page.outcome.rank)),
        _own(path=page.path, root=page.root, category=page.category, digest=digest, about=page.facts),
    )


def problems(record: Record) -> Iterator[Markup]:
    """What went wrong with the asset, also where that stopped nothing."""
    if not record.examination.problems:
        return
    page = sheet(record)
    for fault in page.faults:
        yield element(
            "Output",
            element("Name", "Problem"),
            element("Value", fault.code),
            element("Annotation", element("Text", f"{page.path}: {fault.line}")),
            element("Severity", str((page.outcome if fault.blocking else Outcome.FYI).rank)),
            _own(path=page.path, root=page.root, blocking=boolean(fault.blocking)),
        )


def of_rule(rule: str) -> Callable[[Record], Iterator[Markup]]:
    """The outputs of one policy rule for a record: its hits, each at its place; or its sentence, where it has no
    hit."""

    def outputs(record: Record) -> Iterator[Markup]:
        mine = [reason for reason in record.verdict.reasons if reason.rule == rule]
        if not mine:
            return
        page = sheet(record)
        named = {inert(name) for reason in mine for name in reason.because}
        hits = [hit for hit in instances(record) if hit.id in named]
        worst = worst_outcome(mine)
        yield from (_hit(record, hit, worst) for hit in hits)
        for reason in [] if hits else mine:
            waiver = f"[waiver: {reason.waiver}]" if reason.waiver else ""
            yield element(
                "Output",
                element("Name", "Statement"),
                element("Value", reason.outcome.value),
                element("Annotation", element("Text", f"{page.path}: {reason.text} {reason.remedy} {waiver}".rstrip())),
                *_picture(record),
                element("Severity", str(reason.outcome.rank)),
                _own(path=page.path, root=page.root, finding=" ".join(reason.because)),
            )

    return outputs


def matched(record: Record) -> Iterator[Markup]:
    """The references that were recognised in it, each at its place."""
    if record.matches:
        yield from (_hit(record, hit, hit.outcome) for hit in instances(record) if hit.recognised)


def _hit(record: Record, hit: Instance, outcome: Outcome) -> Markup:
    remedies = dict.fromkeys(reason.remedy for reason in hit.reasons if reason.remedy)
    people = dict.fromkeys(said for reason in hit.reasons for said in reason.standing)
    where = [hit.mark.where] if hit.mark.where else []
    said = ". ".join((f"{hit.page.path}: {hit.words}", *where, *remedies, *people))
    ranks = [strength.value for strength in reversed(STRENGTH_ORDER)]
    sure = [str((ranks.index(hit.mark.strength) + 1) / len(ranks))] if hit.mark.strength in ranks else []
    return element(
        "Output",
        element("Name", "Match" if hit.recognised else "Finding"),
        *([_locator(hit)] if hit.span or hit.region else []),
        element("Value", hit.mark.claim),
        element("Annotation", element("Text", said)),
        *_picture(record),
        *(element("Confidence", step) for step in sure),
        element("Severity", str(outcome.rank)),
        _own(
            path=hit.page.path,
            root=hit.page.root,
            finding=hit.id,
            rule=hit.mark.rule,
            strength=hit.mark.strength,
            frames=hit.span.words if hit.span else "",
        ),
    )


def _locator(hit: Instance) -> Markup:
    """Whole percents, as the schema has them: the smallest such box around the region."""
    inside = _ends(hit.span) if hit.span else []
    if hit.region:
        box = hit.region
        left, top = max(0, math.floor(box.x)), max(0, math.floor(box.y))
        sides = (left, top, math.ceil(box.x + box.w) - left, math.ceil(box.y + box.h) - top)
        inside.append(element("SpatialRegion", f"percent:{','.join(map(str, sides))}"))
    return element("Locator", *inside)


def _ends(span: Span) -> list[Markup]:
    labels = (span.start, span.end) if span.start else (span.first, span.after)
    return [element(name, str(label)) for name, label in zip(("Start", "End"), labels, strict=True)]


def _picture(record: Record) -> list[Markup]:
    return [element("VerificationMedia", f"pictures/{picture_name(record)}")] if wants_picture(record) else []


def _own(**facts: str) -> Markup:
    """What the model has no place for; nothing that is empty."""
    return element("ExtensionProperties", *(element(f"p:{name}", value) for name, value in facts.items() if value))


def boolean(value: bool) -> str:
    """A boolean as XML Schema writes it."""
    return "true" if value else "false"
