"""What the house asks for: policies as data, the register, the waivers, and the judge that applies them."""

from __future__ import annotations

from scanner.policy.case import Setting, hits_of, match_id
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
    "load_policy",
    "load_register",
    "load_waivers",
    "match_id",
    "prove_policy",
    "unfilled",
]
