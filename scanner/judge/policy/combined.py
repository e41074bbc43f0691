"""Several policies that judge together: each by itself, then their demands combined. Pure, except for loading.

Rule: an additional policy never makes a verdict milder. Every reason names the policies that ask for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from scanner.judge.case import Setting
from scanner.judge.policy.judge import judge
from scanner.judge.policy.load import load_policy
from scanner.judge.policy.policy import Policy, UseCase
from scanner.judge.policy.register import Register
from scanner.judge.policy.waivers import Waivers
from scanner.model import Examination, Finding, Match, Reason, Verdict

__all__ = ["NEUTRAL", "judge_by_all", "load_policies"]

NEUTRAL = "default"
"""The policy that judges where nobody chose one."""


def load_policies(names: Sequence[str]) -> Policy:
    """Load one policy made of all that are named, each once; the neutral one where none is named. Raises
    `ConfigError`."""
    parts = tuple(load_policy(name) for name in dict.fromkeys(names or (NEUTRAL,)))
    if len(parts) == 1:
        return parts[0]
    rules = {rule.id: rule for part in reversed(parts) for rule in part.rules}
    return Policy(
        name=" + ".join(part.name for part in parts),
        title="; ".join(part.title for part in parts),
        source="; ".join(part.source for part in parts),
        digest=hashlib.sha256("\n".join(part.digest for part in parts).encode()).hexdigest(),
        rules=tuple(rules.values()),
        uses=tuple(use for number, part in enumerate(parts) for use in part.uses if use not in _before(parts, number)),
        altered_area=min(part.altered_area for part in parts),
        parts=parts,
    )


def _before(parts: Sequence[Policy], number: int) -> list[UseCase]:
    """What the parts before one have: two that extend the same policy share its uses."""
    return [use for part in parts[:number] for use in part.uses]


def judge_by_all(
    examination: Examination,
    findings: Sequence[Finding],
    policy: Policy,
    *,
    matches: Sequence[Match] = (),
    register: Register | None = None,
    waivers: Waivers | None = None,
    setting: Setting | None = None,
) -> Verdict:
    """Judge one asset by every part of a policy."""
    verdicts = [
        judge(examination, findings, part, matches=matches, register=register, waivers=waivers, setting=setting)
        for part in policy.parts or (policy,)
    ]
    if len(verdicts) == 1:
        return verdicts[0]
    return Verdict(
        outcome=max((verdict.outcome for verdict in verdicts), key=lambda outcome: outcome.rank),
        scan=verdicts[0].scan,
        actions=tuple(dict.fromkeys(action for verdict in verdicts for action in verdict.actions)),
        reasons=_together([(part.name, verdict) for part, verdict in zip(policy.parts, verdicts, strict=True)]),
    )


def _together(verdicts: Sequence[tuple[str, Verdict]]) -> tuple[Reason, ...]:
    """The reasons of all, worst first; what several ask in the same words is one that names them."""
    asking: dict[Reason, list[str]] = {}
    for name, verdict in verdicts:
        for reason in verdict.reasons:
            asking.setdefault(reason, []).append(name)
    reasons = (replace(reason, asked_by=tuple(names)) for reason, names in asking.items())
    return tuple(sorted(reasons, key=lambda reason: -reason.outcome.rank))
