"""What the house asks for: policies as data, and the judge that applies them."""

from __future__ import annotations

from scanner.policy.judge import Approvals, NoApprovals, judge, prove_policy
from scanner.policy.policy import Policy, PolicyRule, builtin_policies, load_policy

__all__ = [
    "Approvals",
    "NoApprovals",
    "Policy",
    "PolicyRule",
    "builtin_policies",
    "judge",
    "load_policy",
    "prove_policy",
]
