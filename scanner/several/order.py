"""How the deliveries of an audit or a watch are scanned: all with the same settings, each into a folder of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from scanner.config import Config
from scanner.discover.roots import refuse_inside
from scanner.judge.loading import judgement_of
from scanner.output.output import Output
from scanner.pipeline import Run, run_scan
from scanner.progress import Progress
from scanner.settings import Origins

__all__ = ["RUNS", "ScanOrder"]

RUNS: Final = "deliveries"
"""The folder in `out` that holds a folder for each delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOrder:
    """What the scans of several deliveries have in common. It can be pickled."""

    out: Path
    config: Config
    output: Output
    """Its folder is that of one delivery, and is set for each scan."""
    origins: Origins
    no_cache: bool = False
    retry: bool = False
    rehash: bool = False

    def check(self, location: Path) -> None:
        """Raise `ConfigError` or `MissingDependency` where no delivery in `location` can be scanned: `out` or the cache
        is inside it, a policy or register is wrong, or something that a report needs is not installed."""
        refuse_inside((location,), {"--out": self.out, "cache": Path(self.config.cache) if self.config.cache else None})
        judgement_of(self.config)
        self.output.check()

    def folder_of(self, name: str) -> Path:
        """Where the records and reports of a delivery are written."""
        return self.out / RUNS / name

    def scan(self, name: str, paths: Sequence[Path], progress: Progress | None = None) -> Run:
        """Scan one delivery into its folder: see `run_scan`."""
        return run_scan(
            paths,
            self.config,
            replace(self.output, folder=self.folder_of(name)),
            progress,
            no_cache=self.no_cache,
            retry=self.retry,
            rehash=self.rehash,
            origins=self.origins,
        )
