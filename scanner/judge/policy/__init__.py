"""Policies as data, the register, the waivers, and the judge that applies them."""

from __future__ import annotations

from scanner.judge.case import Setting, hits_of
from scanner.judge.policy.combined import NEUTRAL, judge_by_all, load_policies
from scanner.judge.policy.declarations import unfilled
from scanner.judge.policy.judge import judge
from scanner.judge.policy.load import builtin_policies, load_policy
from scanner.judge.policy.load_tables import load_register, load_waivers
from scanner.judge.policy.policy import Policy, PolicyRule
from scanner.judge.policy.prove import prove_policy
from scanner.judge.policy.reconcile import Reconciliation
from scanner.judge.policy.register import Register
from scanner.judge.policy.waivers import Waivers, findings_of

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
    "prove_policy",
    "unfilled",
]
