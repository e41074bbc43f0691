"""Turns findings, matches and problems into a verdict, by a policy, the register and the waivers. Pure.

Rules: a record with a blocking problem is never `pass`. For each hit the strictest policy rule decides; a milder rule
that also stops it, and asks for something else, is reported beside it. The worst reason decides the asset. Nothing is
dropped: what is approved or accepted keeps its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from scanner.judge.case import Case, Hit, Setting, hits_of
from scanner.judge.policy.declarations import Cover, Declarations
from scanner.judge.policy.declared import pair_hits
from scanner.judge.policy.missing_labels import missing_labels
from scanner.judge.policy.policy import Policy, PolicyRule, Standing, decide, find_rules
from scanner.judge.policy.register import Register
from scanner.judge.policy.waivers import Waivers
from scanner.judge.register.row import Row
from scanner.model import (
    Action,
    Asset,
    Evidence,
    Examination,
    Finding,
    Kind,
    Match,
    Outcome,
    Problem,
    ProblemCode,
    Reason,
    Scan,
    Verdict,
)

__all__ = ["judge"]

_NAMED = 5


_NO_REGISTER = Register()
_NO_WAIVERS = Waivers()
_NOTHING_SAID = Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE)


@dataclass(frozen=True, slots=True)
class _Said:
    """A reason, and what it asks for while nobody has accepted it."""

    reason: Reason
    actions: tuple[Action, ...] = ()
    also: bool = False
    """Of a hit that a stricter rule decides."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.reason.outcome is not Outcome.PASS and bool(self.actions)


def judge(
    examination: Examination,
    findings: Sequence[Finding],
    policy: Policy,
    *,
    matches: Sequence[Match] = (),
    register: Register | None = None,
    waivers: Waivers | None = None,
    setting: Setting | None = None,
) -> Verdict:
    """Judge one asset."""
    setting, register, waivers = setting or Setting(), register or _NO_REGISTER, waivers or _NO_WAIVERS
    hits = list(hits_of(examination, findings, matches, setting, policy.altered_area))
    known = pair_hits(examination, hits, policy, register, setting)
    said = [
        *(one for hit, rows in known for one in _on_hit(examination, hit, rows, policy, register)),
        *_on_statements(examination.asset, examination.evidence, policy, setting),
        *_on_labels(examination, findings, policy, register, setting),
        *_on_holes(examination.asset, policy, setting),
        *_on_use(examination.asset, policy, setting),
        *_on_problems(examination.asset, examination.problems, policy, setting),
    ]
    if not said:
        return _NOTHING_SAID
    said = [_apply_waiver(one, waivers, examination, setting) for one in said]
    reasons = [one.reason for one in said]
    return Verdict(
        outcome=max((reason.outcome for reason in reasons), key=lambda outcome: outcome.rank, default=Outcome.PASS),
        scan=Scan.INCOMPLETE if any(problem.blocking for problem in examination.problems) else Scan.COMPLETE,
        actions=tuple(dict.fromkeys(action for one in said if one.is_open for action in one.actions)),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.outcome.rank)),
    )


def _apply_waiver(one: _Said, waivers: Waivers, examination: Examination, setting: Setting) -> _Said:
    """The same, with the waiver that holds for it: one that accepts leaves it an `fyi` that asks for nothing."""
    waiver = waivers.holding(one.reason, examination, setting.day, named=one.also)
    if waiver is None:
        return one
    if not waiver.accepts:
        return replace(one, reason=replace(one.reason, waiver=str(waiver)))
    return replace(one, reason=replace(one.reason, outcome=Outcome.FYI, waiver=str(waiver)), actions=())


def _on_hit(
    examination: Examination, hit: Hit, said: Declarations, policy: Policy, register: Register
) -> Iterator[_Said]:
    judged = [(rule, said.cover(policy, rule.needs)) for rule in find_rules(policy, hit.case)]
    judged.sort(key=lambda it: -it[0].outcomes[it[1].standing].rank)
    because = (hit.id,) if hit.id else ()
    asked: set[Action] = set()
    worst = Outcome.PASS
    for number, (rule, cover) in enumerate(judged):
        outcome = rule.outcomes[cover.standing]
        if number and (outcome.rank < Outcome.ISSUE.rank or asked.issuperset(rule.actions)):
            continue
        asked.update(rule.actions)
        worst = max(worst, outcome, key=lambda it: it.rank)
        yield _Said(_make_reason(rule, cover, hit, because), rule.actions, also=number > 0)
        if cover.contradictions and not number:
            # A row about this very hit never makes it worse than it is without the row.
            yield from _contradiction(hit, because, policy, cover.contradictions, outcome)
    if judged:
        yield from _on_uses(hit, said, policy, because, worst, asked)
        yield from _on_approvals(hit, judged, policy, because, said.remarks(policy))
    denied = [f"{said.file} declares {said.classification}" for said in register.denials(examination.asset, hit)]
    if denied:
        yield from _contradiction(hit, because, policy, denied, Outcome.BLOCKER)


def _on_uses(
    hit: Hit, said: Declarations, policy: Policy, because: tuple[str, ...], worst: Outcome, asked: set[Action]
) -> Iterator[_Said]:
    """Declared uses that need an approval before they start, and have none: those that are worse than the rules'
    outcome for the hit, and those that ask for more."""
    asked = set(asked) if worst.rank >= Outcome.ISSUE.rank else set()
    for use, rows in sorted(said.asked(policy), key=lambda it: -(it[0].outcome or Outcome.PASS).rank):
        if use.outcome is None or (use.outcome.rank <= worst.rank and asked.issuperset(use.actions)):
            continue
        worst = max(worst, use.outcome, key=lambda it: it.rank)
        asked.update(use.actions)
        text = _with(use.text, [_list_rows(rows)])
        reason = Reason(rule=use.id, outcome=use.outcome, because=because, text=text, remedy=use.remedy)
        yield _Said(reason, use.actions, also=True)


def _on_approvals(
    hit: Hit,
    judged: Sequence[tuple[PolicyRule, Cover]],
    policy: Policy,
    because: tuple[str, ...],
    more: Iterable[tuple[str, str]],
) -> Iterator[_Said]:
    """What somebody has to see of the rows on which an outcome rests."""
    remarks: dict[str, dict[str, None]] = {}
    for rule, cover in judged:
        rests = rule.outcomes[Standing.INFORMED].rank > rule.outcomes[Standing.APPROVED].rank
        for about, words in cover.remarks:
            if rests or about == "left-open":
                remarks.setdefault(about, {})[words] = None
    for about, words in more:
        remarks.setdefault(about, {})[words] = None
    for about, said in remarks.items():
        case = Case(about=about, category=hit.case.category, kind=hit.case.kind, genre=hit.case.genre)
        asks = decide(policy, case)
        if asks is not None:
            text = _with(asks.text, list(said))
            reason = Reason(rule=asks.id, outcome=asks.outcome, because=because, text=text, remedy=asks.remedy)
            yield _Said(reason, asks.actions, also=True)


def _list_rows(rows: Sequence[Row]) -> str:
    """Rows in words: the first few by their ids and status."""
    first = ", ".join(f"{row.id}, {row.cells.get('status', '').strip() or row.status}" for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f"register: {first}{more}"


def _make_reason(rule: PolicyRule, cover: Cover, hit: Hit, because: tuple[str, ...]) -> Reason:
    """The reason of a rule for a hit, with the rows of the register that it depends on."""
    sentences = (rule.text, "" if cover.standing is Standing.APPROVED else rule.uncovered)
    notes = [note for note in (hit.note, *cover.notes) if note]
    return Reason(
        rule=rule.id,
        outcome=rule.outcomes[cover.standing],
        because=because,
        text=_with(" ".join(filter(None, sentences)), notes),
        remedy=rule.remedy,
        register=" + ".join(row.id for row in cover.rows) or None,
        binding=cover.binding,
    )


def _contradiction(
    hit: Hit, because: tuple[str, ...], policy: Policy, declared: Sequence[str], limit: Outcome
) -> Iterator[_Said]:
    case = Case(about="contradiction", category=hit.case.category, kind=hit.case.kind, genre=hit.case.genre)
    rule = decide(policy, case)
    if rule is None:
        return
    text = _with(rule.text, [f"{'; '.join(declared)}; found: {hit.claim}"])
    outcome = min(rule.outcome, limit, key=lambda it: it.rank)
    yield _Said(Reason(rule=rule.id, outcome=outcome, because=because, text=text, remedy=rule.remedy), rule.actions)


def _with(text: str, notes: Sequence[str]) -> str:
    """A rule's sentence with what is special in this case in brackets behind it."""
    return f"{text} ({'; '.join(dict.fromkeys(notes))})" if notes else text


def _on_statements(asset: Asset, evidence: Iterable[Evidence], policy: Policy, setting: Setting) -> Iterator[_Said]:
    """Reasons that rest on statements which are no marker: manifests and lists that do not match."""
    told: dict[str, list[Evidence]] = {}
    read = False  # a manifest that lies beside the file, although the file names one elsewhere
    for item in evidence:
        read = read or (item.reader == "c2pa" and item.key != "remote-manifest")
        if item.reader == "c2pa" and item.key == "remote-manifest":
            told.setdefault("credentials-elsewhere", []).append(item)
        elif item.key == "validation" and item.facts.get("kind") == "tamper":
            told.setdefault("tampered", []).append(item)
        elif item.reader == "delivery" and item.key == "unsourced-still":
            told.setdefault("unsourced", []).append(item)
        elif item.reader == "integrity" and item.key in ("mismatch", "absent", "unlisted"):
            told.setdefault(item.key, []).append(item)
    if read:
        told.pop("credentials-elsewhere", None)
    for about, items in told.items():
        rule = _of_asset(policy, about, asset, setting)
        if rule is not None:
            words = ", ".join(dict.fromkeys(_word(item) for item in items[:_NAMED]))
            rest = sum(map(_count, items[_NAMED:]))
            more = f" and {rest:,} more" if rest else ""
            because = tuple(item.id for item in items[:_NAMED])
            text = f"{rule.text} ({words}{more})"
            reason = Reason(rule=rule.id, outcome=rule.outcome, because=because, text=text, remedy=rule.remedy)
            yield _Said(reason, rule.actions)


def _on_labels(
    examination: Examination, findings: Sequence[Finding], policy: Policy, register: Register, setting: Setting
) -> Iterator[_Said]:
    """A reason for each label that a row states and that was not read in the picture."""
    for label in missing_labels(examination, findings, register):
        rule = decide(policy, label.case(examination.asset, setting))
        if rule is not None:
            text = _with(rule.text, [label.note])
            reason = Reason(
                rule=rule.id, outcome=rule.outcome, because=(), text=text, remedy=rule.remedy, register=label.row.id
            )  # fmt: skip
            yield _Said(reason, rule.actions)


def _on_holes(asset: Asset, policy: Policy, setting: Setting) -> Iterator[_Said]:
    """A reason that names the frames which a sequence lacks between its first and its last."""
    missing = asset.frames.missing if asset.frames else ()
    rule = _of_asset(policy, "holes", asset, setting) if missing else None
    if rule is None:
        return
    numbers = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in missing[:_NAMED])
    more = f" and {len(missing) - _NAMED} more ranges" if len(missing) > _NAMED else ""
    count = sum(last - first + 1 for first, last in missing)
    text = f"{rule.text} ({count:,} missing: {numbers}{more})"
    yield _Said(Reason(rule=rule.id, outcome=rule.outcome, because=(), text=text, remedy=rule.remedy), rule.actions)


def _on_use(asset: Asset, policy: Policy, setting: Setting) -> Iterator[_Said]:
    """That its folders' names contradict each other."""
    rule = _of_asset(policy, "disputed", asset, setting) if asset.disputed else None
    if rule is not None:
        text = f"{rule.text} ({' and '.join(asset.disputed)}: judged as {asset.category})"
        yield _Said(Reason(rule=rule.id, outcome=rule.outcome, because=(), text=text, remedy=rule.remedy), rule.actions)


def _count(item: Evidence) -> int:
    """How many a statement stands for: of a long list not every file has one."""
    files = item.facts.get("files", "") if item.reader == "integrity" else ""
    return int(files) if files.isdecimal() else 1


def _word(item: Evidence) -> str:
    return f"{item.where}, by {item.facts['list']}" if item.key == "mismatch" else item.value


def _on_problems(asset: Asset, problems: Iterable[Problem], policy: Policy, setting: Setting) -> Iterator[_Said]:
    blocking = [problem for problem in problems if problem.blocking]
    if not blocking:
        return
    unread = asset.kind is Kind.UNKNOWN and all(problem.code == ProblemCode.UNSUPPORTED for problem in blocking)
    rule = _of_asset(policy, "unread-kind", asset, setting) if unread else None
    rule = rule or _of_asset(policy, "problem", asset, setting)
    told = "; ".join(dict.fromkeys(f"{problem.by}: {problem.message}" for problem in blocking[:3]))
    if rule is None:  # the law holds whatever a policy forgets
        remedy = "Supply a file that can be read, or have a person inspect it."
        text = f"Not inspected: {told}"
        yield _Said(Reason(rule="provscan.not-inspected", outcome=Outcome.FYI, because=(), text=text, remedy=remedy))
        return
    reason = Reason(
        rule=rule.id, outcome=rule.outcome, because=(), text=f"{rule.text} ({told})", remedy=rule.remedy
    )  # fmt: skip
    yield _Said(reason, rule.actions)


def _of_asset(policy: Policy, about: str, asset: Asset, setting: Setting) -> PolicyRule | None:
    return decide(policy, Case(about=about, category=asset.category, kind=asset.kind, genre=setting.genre))
