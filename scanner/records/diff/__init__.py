"""The fix check: two runs of the same delivery compared."""

from __future__ import annotations

from scanner.records.diff.compare import SCHEMA, Change, Diff, State, compare
from scanner.records.diff.concerns import Concern

__all__ = ["SCHEMA", "Change", "Concern", "Diff", "State", "compare"]
