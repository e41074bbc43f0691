"""What the statements of files mean: marker rules as data, and the engine that applies them."""

from __future__ import annotations

from scanner.judge.rules.engine import Detection, Engine
from scanner.judge.rules.load import load_rules
from scanner.judge.rules.prove import Failure, prove
from scanner.judge.rules.rule import Example, Rule, RuleSet

__all__ = ["Detection", "Engine", "Example", "Failure", "Rule", "RuleSet", "load_rules", "prove"]
