"""Whether files are what the lists in their delivery say: ASC MHL, packing lists, checksum files.

Law: media are read again only where a list names them, by the algorithm that the list uses. What was
computed is compared in the worker; the evidence says how many agree, and names each that does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scanner.digest import hasher
from scanner.errors import MediaError
from scanner.hashlists import locate
from scanner.model import Asset, Evidence, Examination, Kind, Problem
from scanner.opening import open_regular
from scanner.sequences import frame_paths

__all__ = ["READER", "Check", "Listed", "Lists", "verify"]

READER = "integrity"
BLOCK = 1 << 20
MAX_NAMED = 200
"""Files of one list that are named as absent, or of one asset as different; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list says of one file."""

    path: str
    algorithm: str
    digest: str
    by: str
    """The list, relative to the root."""


@dataclass(frozen=True, slots=True)
class Check:
    """One asset, and what lists say of its files."""

    asset: Asset
    listed: tuple[Listed, ...]

    @property
    def toolset(self) -> str:
        """Names what would give the same result, for the cache."""
        words = "\n".join(f"{one.path}\t{one.algorithm}\t{one.digest}\t{one.by}" for one in self.listed)
        return f"integrity/1 {hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()}"


@dataclass(slots=True)
class Lists:
    """All the lists of a run: (root, path) → what they say. Grows with the lists, not with the tree."""

    said: dict[tuple[str, str], list[Listed]] = field(default_factory=dict)
    absent: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(root, list) → listed files that are not there; right when every asset has been `check`ed."""
    encrypted: set[tuple[str, str]] = field(default_factory=set)
    """Compositions and track files whose essence is encrypted."""

    @classmethod
    def of(cls, examinations: Iterable[Examination]) -> Lists:
        """Read the lists among a run's examinations."""
        packages = [seen for seen in examinations if seen.asset.kind is Kind.PACKAGE]
        lists = cls()
        names = _paths_by_id(packages)
        for seen in packages:
            asset = seen.asset
            for item in seen.evidence:
                if item.key == "uses" and item.facts.get("encrypted") == "yes":
                    track = names.get((asset.root, item.value))
                    lists.encrypted.update({(asset.root, asset.path), *([(asset.root, track)] if track else [])})
                if item.key != "lists":
                    continue
                path = names.get((asset.root, item.facts.get("id", ""))) or locate(asset.path, item.value)
                if path is None:
                    continue
                lists.absent.setdefault((asset.root, asset.path), []).append(path)
                if "algorithm" in item.facts and item.facts.get("action") != "failed":
                    said = Listed(path, item.facts["algorithm"], item.facts["digest"], asset.path)
                    lists.said.setdefault((asset.root, path), []).append(said)
        lists.absent = {key: list(dict.fromkeys(paths)) for key, paths in lists.absent.items()}
        return lists

    def checks(self, assets: Iterable[Asset]) -> Iterator[Check]:
        """What is to be verified. Afterwards `absent` holds what was listed and not met."""
        met: dict[str, set[str]] = {}
        for asset in assets if self.absent else ():
            listed: list[Listed] = []
            for _, path in frame_paths(asset):
                met.setdefault(asset.root, set()).add(path)
                listed.extend(self.said.get((asset.root, path), ()))
            if listed:
                yield Check(asset, tuple(dict.fromkeys(listed)))
        for (root, name), paths in self.absent.items():
            self.absent[root, name] = [path for path in paths if path not in met.get(root, ())]

    def problems(self, asset: Asset) -> tuple[Problem, ...]:
        """That its essence is encrypted, where a composition says so: what cannot be seen is not passed."""
        if (asset.root, asset.path) not in self.encrypted:
            return ()
        message = "the essence is encrypted (KDM); the picture and sound could not be inspected"
        return (Problem(code="unsupported", stage="verify", by=READER, message=message),)

    def absence(self, asset: Asset) -> tuple[Evidence, ...]:
        """What a list names and the delivery does not have, as statements on the list's own record."""
        paths = self.absent.get((asset.root, asset.path), ())
        named = tuple(
            Evidence(reader=READER, key="absent", value=path, where=asset.path, facts={"listed": str(len(paths))})
            for path in paths[:MAX_NAMED]
        )
        if len(paths) > MAX_NAMED:
            rest = f"{len(paths) - MAX_NAMED} more"
            named = (*named, Evidence(reader=READER, key="absent", value=rest, where=asset.path))
        return named


def _paths_by_id(packages: Iterable[Examination]) -> Mapping[tuple[str, str], str]:
    """A packing list knows files by id; the asset map beside it knows where they lie."""
    found = {}
    for seen in packages:
        if seen.asset.media_type == "application/x-smpte-assetmap":
            for item in seen.evidence:
                path = locate(seen.asset.path, item.value) if item.key == "lists" and "id" in item.facts else None
                if path is not None:
                    found[seen.asset.root, item.facts["id"]] = path
    return found


def verify(check: Check) -> Examination:
    """Read the listed files once, and compare. Runs in a sealed worker."""
    agree: dict[tuple[str, str], int] = {}
    differ: list[Evidence] = []
    problems: list[Problem] = []
    by_path: dict[str, list[Listed]] = {}
    for one in check.listed:
        by_path.setdefault(one.path, []).append(one)
    for path, listed in by_path.items():
        try:
            computed = _digests(Path(check.asset.location) / path, {one.algorithm for one in listed})
        except (MediaError, OSError) as error:
            message = f"{path}: cannot be verified: {error}"
            problems.append(Problem(code="unreadable", stage="verify", by=READER, message=message))
            continue
        for one in listed:
            if computed[one.algorithm] == one.digest:
                agree[one.by, one.algorithm] = agree.get((one.by, one.algorithm), 0) + 1
            elif len(differ) < MAX_NAMED:
                facts = {"list": one.by, "algorithm": one.algorithm, "listed": one.digest}
                differ.append(
                    Evidence(reader=READER, key="mismatch", value=computed[one.algorithm], where=path, facts=facts)
                )
    agreed = tuple(
        Evidence(reader=READER, key="agrees", value=by, where=by, facts={"algorithm": algorithm, "files": str(count)})
        for (by, algorithm), count in agree.items()
    )
    return Examination(asset=check.asset, evidence=(*agreed, *differ), problems=tuple(problems))


def _digests(path: Path, algorithms: set[str]) -> dict[str, str]:
    states = {name: _state(name) for name in algorithms}
    with open_regular(path) as file:
        while block := file.read(BLOCK):
            for state in states.values():
                state.update(block)
    return {name: state.hexdigest() for name, state in states.items()}


def _state(name: str) -> Any:
    fast = hasher(name)
    return fast if fast is not None else hashlib.new(name, usedforsecurity=False)
