"""What the house asks for: policies as data, the register, the waivers, and the judge that applies them."""

from __future__ import annotations

from scanner.policy.case import Setting, hits_of, match_id
from scanner.policy.combined import NEUTRAL, judge_by_all, load_policies
from scanner.policy.judge import judge
from scanner.policy.load import builtin_policies, load_policy
from scanner.policy.load_tables import load_register, load_waivers
from scanner.policy.policy import Policy, PolicyRule
from scanner.policy.prove import prove_policy
from scanner.policy.reconcile import Reconciliation
from scanner.policy.register import Register
from scanner.policy.said import unfilled
from scanner.policy.waivers import Waivers, findings_of

__all__ = [
    "NEUTRAL",
    "Policy",
    "PolicyRule",
    "Reconciliation",
    "Register",
    "Setting",
    "Waivers",
    "builtin_policies",
    "findings_of",
    "hits_of",
    "judge",
    "judge_by_all",
    "load_policies",
    "load_policy",
    "load_register",
    "load_waivers",
    "match_id",
    "prove_policy",
    "unfilled",
]
