"""Verifies that the files of one asset are what lists state. Runs in a sealed worker.

Computed digests are compared here; the evidence states how many agree, and names each that does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from media.digest import sums_of
from media.errors import MediaError
from scanner.examine.digest import Sums
from scanner.model import Asset, Evidence, Examination, Problem, ProblemCode

__all__ = ["MAX_NAMED", "READER", "Check", "Listed", "verify"]

READER = "integrity"
MAX_NAMED = 200
"""Files of one list that are named as absent, or of one asset as different; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One list's entry for one file."""

    path: str
    algorithm: str
    digest: str
    by: str
    """The list, relative to the root."""


@dataclass(frozen=True, slots=True)
class Check:
    """One asset, and what lists state about its files."""

    asset: Asset
    listed: tuple[Listed, ...]

    @property
    def sums(self) -> Sums:
        """The digests to compute while its files are read."""
        wanted: dict[str, set[str]] = {}
        for one in self.listed:
            wanted.setdefault(one.path, set()).add(one.algorithm)
        return Sums(wanted)

    @property
    def toolset(self) -> str:
        """Identifies what gives the same result, for the cache."""
        words = "\n".join(f"{one.path}\t{one.algorithm}\t{one.digest}\t{one.by}" for one in self.listed)
        return f"integrity/2 {hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()}"


def verify(check: Check, known: Mapping[str, Mapping[str, str]] | None = None) -> Examination:
    """Compare the listed files, each by its `known` digests or read once. Runs in a sealed worker."""
    agree: dict[tuple[str, str], int] = {}
    differ: list[Evidence] = []
    unnamed: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    by_path: dict[str, list[Listed]] = {}
    for one in check.listed:
        by_path.setdefault(one.path, []).append(one)
    for path, listed in by_path.items():
        try:
            computed = (known or {}).get(path) or sums_of(
                Path(check.asset.location) / path, {one.algorithm for one in listed}
            )
        except (MediaError, OSError) as error:
            message = f"{path}: cannot be verified: {error}"
            problems.append(Problem(code=ProblemCode.UNREADABLE, stage="verify", by=READER, message=message))
            continue
        for one in listed:
            if computed[one.algorithm] == one.digest:
                agree[one.by, one.algorithm] = agree.get((one.by, one.algorithm), 0) + 1
            elif len(differ) < MAX_NAMED:
                facts = {"list": one.by, "algorithm": one.algorithm, "listed": one.digest}
                differ.append(
                    Evidence(reader=READER, key="mismatch", value=computed[one.algorithm], where=path, facts=facts)
                )
            else:
                unnamed[one.by, one.algorithm] = unnamed.get((one.by, one.algorithm), 0) + 1
    agreed = tuple(
        Evidence(reader=READER, key="agrees", value=by, where=by, facts={"algorithm": algorithm, "files": str(count)})
        for (by, algorithm), count in agree.items()
    )
    more = tuple(
        Evidence(
            reader=READER,
            key="mismatch",
            value="",
            where=f"{count:,} more {'file' if count == 1 else 'files'}",
            facts={"list": by, "algorithm": algorithm, "files": str(count)},
        )
        for (by, algorithm), count in unnamed.items()
    )
    return Examination(asset=check.asset, evidence=(*agreed, *differ, *more), problems=tuple(problems))
