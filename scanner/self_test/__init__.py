"""The self-test of `provscan doctor`: small files of provscan's own, read and compared like those of a delivery.

`samples/` is made by `python -m fixtures.make samples scanner/self_test/samples`.
"""

from __future__ import annotations

from scanner.self_test.trials import TRIALS, Result, Trial, run_trials

__all__ = ["TRIALS", "Result", "Trial", "run_trials"]
