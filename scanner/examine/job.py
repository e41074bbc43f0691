"""A sealed worker's task for one asset. Imports what it needs and no more: every worker pays for it."""

from __future__ import annotations

from dataclasses import dataclass

from media.work.meter import begin_item, end_item
from scanner.examine.examine import ExamineSettings, examine
from scanner.examine.packed import Packed, pack_examination
from scanner.examine.verify import Check, verify
from scanner.model import Asset

__all__ = ["ExaminationJob", "examine_and_verify"]


@dataclass(frozen=True, slots=True)
class ExaminationJob:
    """An asset to examine, and what lists state about its files."""

    asset: Asset
    check: Check | None


def examine_and_verify(job: ExaminationJob, settings: ExamineSettings) -> tuple[Packed, Packed | None]:
    """Examine an asset, and verify it in the same read; pack the result here, since the parent only keeps it."""
    begin_item(job.asset.size)
    try:
        return _examine(job, settings)
    finally:
        end_item()


def _examine(job: ExaminationJob, settings: ExamineSettings) -> tuple[Packed, Packed | None]:
    if job.check is None:
        return pack_examination(examine(job.asset, settings)), None
    sums = job.check.sums
    seen = examine(job.asset, settings, sums)
    return pack_examination(seen), pack_examination(verify(job.check, sums.found))
