"""A job judged again with its decisions: `decided/` in its output folder. No media is opened."""

from __future__ import annotations

import os
import threading
from typing import Final

from scanner.desk.job import DeskJob
from scanner.output.output import Output
from scanner.pipeline import rejudge
from scanner.provenance import stored_judging
from scanner.settings import load_settings

__all__ = ["judge_again"]

_one_judging: Final = threading.Lock()
"""Of two windows that decide at once, the later judging must read the later decisions and be put in place last."""


def judge_again(job: DeskJob) -> None:
    """Write the records and their summary as they are with what was decided, as `provscan judge` would. Raises
    `ConfigError` where a register, a policy or a library of the job cannot be read."""
    before, _ = stored_judging(job.records)
    with _one_judging:
        settings = load_settings((job.records,), file=None, flags=job.judged_by, environ=os.environ, before=before)
        output = Output(folder=job.decided, formats=("jsonl",), about=dict(job.choices.about))
        with rejudge(job.records, settings.config, output, origins=settings.origins):
            pass
