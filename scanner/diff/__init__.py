"""The fix check: two runs of the same delivery compared."""

from __future__ import annotations

from scanner.diff.compare import SCHEMA, Change, Diff, State, compare
from scanner.diff.concerns import Concern

__all__ = ["SCHEMA", "Change", "Concern", "Diff", "State", "compare"]
