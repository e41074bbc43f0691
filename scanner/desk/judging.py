"""A job judged again with its decisions: `decided/` in its output folder. No media is opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from scanner.desk.job import DeskJob
from scanner.output.output import Output
from scanner.pipeline import rejudge
from scanner.provenance import judged_by, stored_provenance
from scanner.settings import load_settings

__all__ = ["judge_again"]

_JUDGED_BY: Final = ("policy", "genre", "use", "territory", "delivery_date", "library", "register", "waivers")


def judge_again(job: DeskJob) -> None:
    """Write the records and their summary as they are with what was decided. Raises `ConfigError` where a register,
    a policy or a library of the job cannot be read."""
    flags: dict[str, Any] = {name: getattr(job.choices, name) for name in _JUDGED_BY}
    for name, path in (("waivers", job.waivers_file), ("register", job.register_file)):
        if path.is_file():
            flags[name] = (*flags[name], str(path))
    before = judged_by(stored_provenance(job.records))
    settings = load_settings((job.records,), file=None, flags=flags, environ=os.environ, before=before)
    output = Output(folder=Path(job.decided), formats=("jsonl",), about=dict(job.choices.about))
    with rejudge(job.records, settings.config, output, origins=settings.origins):
        pass
