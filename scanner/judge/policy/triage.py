"""Judges planned uses of AI before anything exists: what each needs, by which policy, and what its row leaves out.

Each row is applied to a file that does not exist yet, of the category that it plans for, and judged by the same rules
as a delivery: once as it is, once as if the contact had been informed. What remains after that must be asked. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from scanner.judge.case import Case, Setting
from scanner.judge.policy.declarations import unfilled
from scanner.judge.policy.judge import judge
from scanner.judge.policy.policy import Policy, PolicyRule, UseCase, decide
from scanner.judge.policy.register import Register
from scanner.judge.register.cells import Defect
from scanner.judge.register.columns import APPROVAL
from scanner.judge.register.register_file import RegisterFile
from scanner.judge.register.row import Row
from scanner.model import (
    Action,
    Asset,
    Category,
    Claim,
    Digest,
    Examination,
    Finding,
    Kind,
    Outcome,
    Strength,
    Verdict,
)

__all__ = ["ASKING", "PLANNED", "Ask", "Level", "Planned", "lacking", "rules_by_id", "triage"]

ASKING = (Action.WRITTEN_APPROVAL, Action.CONSENT, Action.CLEARANCE, Action.DISCLOSE)
"""What must be asked of somebody, or shown to somebody, beyond informing the contact."""
PLANNED = ("planned", "draft", "unclear")
"""The statuses of rows that nobody was informed of. A status that is not understood may mean planned."""
LATER = (*APPROVAL, "approver_role")
"""Columns that are filled in when the answer comes."""
_CLAIMS = {1: Claim.ENHANCED, 2: Claim.EDITED, 3: Claim.GENERATED, None: Claim.GENERATED}
_DIGEST = "0" * 32
_FINDING = "planned"
_QUESTIONS = ("licence_tier", "trains_on_inputs", "inputs_used")
_HEARD = frozenset({"voice", "music", "sound"})
_PLACES = ("asset_glob", "content_digest", "finding_id", "tc_in", "tc_out")
"""Columns of where the use is. Nothing is there yet."""


class Level(StrEnum):
    """What a planned use needs before it starts."""

    NOTHING = "nothing asked"
    INFORM = "inform"
    UNCLEAR = "answer first"
    """The row leaves open what decides."""
    ASK = "ask first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One rule that applies to a planned use."""

    policy: str
    rule: str
    text: str
    remedy: str
    outcome: Outcome
    """The outcome of a delivery while there is only the row."""
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One planned use, and what it needs."""

    row: Row
    level: Level
    category: Category
    is_assumed: bool
    """Whether the row does not state what the material is for: it is then judged as final."""
    actions: tuple[Action, ...] = ()
    """What is needed: words of `ASKING`, or to inform where that is all."""
    asks: tuple[Ask, ...] = ()
    """Worst first."""
    missing: tuple[tuple[str, str], ...] = ()
    """(column, what is wrong with it)."""


def triage(
    file: RegisterFile, policies: Sequence[Policy], *, approvers: tuple[str, ...] = (), setting: Setting | None = None
) -> tuple[Planned, ...]:
    """Judge the planned rows of a register, in order; rows with another status, and hidden ones, are left out."""
    faults: dict[int, list[Defect]] = {}
    for fault in file.faults:
        faults.setdefault(fault.row, []).append(fault)
    rows = (row for row in file.rows if row.status in PLANNED and not row.void)
    return tuple(_judge_row(row, faults.get(row.number, ()), policies, approvers, setting or Setting()) for row in rows)


def _judge_row(
    row: Row, faults: Iterable[Defect], policies: Sequence[Policy], approvers: tuple[str, ...], setting: Setting
) -> Planned:
    category, is_assumed = _category(row)
    asks: list[Ask] = []
    left = Outcome.PASS
    for policy in policies:
        before = _verdict(row, "planned", category, policy, approvers, setting)
        after = _verdict(row, "informed", category, policy, approvers, setting)
        left = max(left, _worst(after, policy), key=lambda it: it.rank)
        asks.extend(_asks(row, before, after, policy))
        asks.extend(_uses(row, policy, category, setting, {ask.rule for ask in asks}))
    open_ = tuple(_list_open(row, faults))
    level = Level.INFORM if asks else Level.NOTHING
    open_decides = any(column not in _QUESTIONS or _is_asked(policies, category, setting) for column, _ in open_)
    if left.rank >= Outcome.ISSUE.rank or open_decides:
        level = Level.ASK if left.rank >= Outcome.ISSUE.rank else Level.UNCLEAR
    wanted = ASKING if level is Level.ASK else (Action.INFORM,)
    asks = sorted((ask for ask in asks if set(ask.actions) & set(wanted)), key=lambda it: -it.outcome.rank)
    actions = {action for ask in asks for action in ask.actions if action in wanted}
    return Planned(
        row=row,
        level=level,
        category=category,
        is_assumed=is_assumed,
        actions=tuple(action for action in (*ASKING, Action.INFORM) if action in actions),
        asks=tuple(asks),
        missing=tuple(_missing(row, open_, policies, category, is_assumed=is_assumed)),
    )


def _is_asked(policies: Sequence[Policy], category: Category, setting: Setting) -> bool:
    """Whether a delivery would be stopped for a question about its tool that is left open."""
    case = Case(about="left-open", category=category, genre=setting.genre)
    rules = (decide(policy, case) for policy in policies)
    return any(rule is not None and rule.outcome.rank >= Outcome.ISSUE.rank for rule in rules)


def _category(row: Row) -> tuple[Category, bool]:
    """What the material is planned for: as the row states it, else by its scope and use; else it counts as final."""
    if row.category is not None:
        return row.category, False
    scope = row.meanings.get("scope_temp_or_final")
    words = scope.words if scope else frozenset()
    if words == {"temp"}:
        return Category.TEMP, False
    if row.words == {"ideation"} and not words:
        return Category.IDEATION, False
    if row.words and row.words <= _HEARD:
        return Category.FINAL_AUDIO, not row.final
    return (Category.ARTWORK if row.words == {"marketing"} else Category.FINAL_PICTURE), not row.final


def _verdict(
    row: Row, status: str, category: Category, policy: Policy, approvers: tuple[str, ...], setting: Setting
) -> Verdict:
    """The verdict on a file that the row plans, if it were there and stated what the row declares."""
    heard = category is Category.FINAL_AUDIO or (bool(row.words) and row.words <= _HEARD)
    kind = Kind.AUDIO if heard else Kind.VIDEO if category is Category.FINAL_PICTURE else Kind.IMAGE
    asset = Asset(
        root="planned", path=row.id, location="", kind=kind, media_type="", size=0, mtime_ns=0, category=category
    )
    digest = Digest(algorithm="xxh3-128", value=_DIGEST)
    cells: Mapping[str, str] = {
        name: value for name, value in row.cells.items() if name not in (*_PLACES, "episode", "track")
    }
    there = replace(
        row, cells=cells, status=status, glob="", is_absolute=False, digest=f"xxh3-128:{_DIGEST}", tc_in="", tc_out="",
        boxes=(), category=None, wrong=(),
    )  # fmt: skip
    finding = Finding(
        id=_FINDING, rule="", tool=None, vendor=None, claim=_CLAIMS[row.declared], strength=Strength.STRUCTURED,
        evidence=(), text="",
    )  # fmt: skip
    register = Register((RegisterFile(name=row.file, digest="", rows=(there,)),), approvers)
    examination = Examination(asset=asset, digest=digest)
    return judge(examination, (finding,), policy, register=register, setting=setting)


def rules_by_id(policy: Policy) -> Mapping[str, PolicyRule | UseCase]:
    """All parts of a policy that have an id: rules, and uses that need an approval."""
    rules: dict[str, PolicyRule | UseCase] = {rule.id: rule for rule in policy.rules}
    return {**rules, **{use.id: use for use in policy.uses if use.id}}


def _worst(verdict: Verdict, policy: Policy) -> Outcome:
    """The worst that asks for something of somebody; what only the production itself has to do is none."""
    known = rules_by_id(policy)
    return max(
        (it.outcome for it in verdict.reasons if it.rule in known and set(known[it.rule].actions) & set(ASKING)),
        key=lambda it: it.rank,
        default=Outcome.PASS,
    )


def _asks(row: Row, before: Verdict, after: Verdict, policy: Policy) -> Iterator[Ask]:
    """What is asked of the use as it stands, and what is left when the contact was informed."""
    known = rules_by_id(policy)
    seen: set[str] = set()
    for reason in (*after.reasons, *before.reasons):
        rule = known.get(reason.rule)
        if rule is None or reason.rule in seen or reason.outcome is Outcome.PASS:
            continue
        seen.add(reason.rule)
        actions = tuple(action for action in rule.actions if action in (*ASKING, Action.INFORM))
        if actions:
            yield Ask(
                policy=policy.name, rule=rule.id, text=_open(rule, row), remedy=rule.remedy, outcome=reason.outcome,
                actions=actions,
            )  # fmt: skip


def _uses(row: Row, policy: Policy, category: Category, setting: Setting, known: set[str]) -> Iterator[Ask]:
    """The uses that need an approval and that a verdict does not name beside graver ones: a request names all."""
    told = replace(row, status="informed")
    for use in policy.uses:
        if use.outcome is None or use.id in known or not use.holds(category, setting.genre) or not use.covers(told):
            continue
        yield Ask(
            policy=policy.name, rule=use.id, text=_open(use, row), remedy=use.remedy, outcome=use.outcome,
            actions=use.actions,
        )  # fmt: skip


def _open(asked: PolicyRule | UseCase, row: Row) -> str:
    """What is asked, and the columns for whose openness alone it is."""
    opened = asked.left_open(replace(row, status="informed")) if isinstance(asked, UseCase) else ()
    return f"{asked.text} (Asked because the row leaves open: {', '.join(opened)}.)" if opened else asked.text


def _list_open(row: Row, faults: Iterable[Defect]) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) of missing answers without which the demand is not known. Unsure is a reason to
    escalate."""
    for fault in faults:
        if fault.grave and fault.column not in (*_PLACES, *LATER):
            yield fault.column, fault.message
    for column in _QUESTIONS:
        meaning = row.meanings.get(column)
        if meaning is None or meaning.is_open:
            written = row.cells.get(column, "").strip()
            yield (
                column,
                f"{written!r} is no answer"
                if written
                else "is not filled in" + "; `none` is an answer" * (column == "inputs_used"),
            )


def lacking(row: Row, faults: Iterable[Defect], policies: Sequence[Policy], category: Category) -> dict[str, str]:
    """Column → what is wrong with it: what a row leaves open, and what the policies need of such a use."""
    open_ = tuple(_list_open(row, faults))
    return dict(_missing(row, open_, policies, category, is_assumed=False))


def _missing(
    row: Row,
    open_: Iterable[tuple[str, str]],
    policies: Sequence[Policy],
    category: Category,
    *,
    is_assumed: bool,
) -> Iterator[tuple[str, str]]:
    """What the row leaves open, and what the policies need for an answer; a column once."""
    said: set[str] = set()

    def once(column: str, message: str) -> Iterator[tuple[str, str]]:
        if column not in said and column not in LATER:
            said.add(column)
            yield column, message

    for column, message in open_:
        yield from once(column, message)
    if is_assumed:
        yield from once("category", f"does not state whether it is for the final; judged as {category}")
    approved = replace(row, status="approved", category=category)
    for policy in policies:
        for fault in unfilled(approved, policy):
            yield from once(fault.column, fault.message.replace("in such an approval", "of such a use"))
