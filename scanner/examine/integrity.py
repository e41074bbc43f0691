"""Whether files are what the lists in their delivery say: ASC MHL, packing lists, checksum files.

Law: what a list names is digested by the algorithm that the list uses, in the read that examines it; a file is
read again only where its examination was known and the list is new. What was computed is compared in the worker;
the evidence says how many agree, and names each that does not.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from media.digest import sums_of
from media.errors import MediaError
from media.lists import locate
from scanner.discover.sequences import frame_paths
from scanner.examine.digest import Sums
from scanner.globs import composed, matches
from scanner.model import Asset, Evidence, Examination, Kind, Problem

__all__ = ["READER", "Check", "Listed", "Lists", "verify"]

READER = "integrity"
MAX_NAMED = 200
"""Files of one list that are named as absent, or of one asset as different; the rest are counted."""
MAX_UNLISTED = 20
"""Media that are named as unlisted; the rest are counted."""
_MEDIA = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)


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
    def sums(self) -> Sums:
        """What is to be taken while its files are read."""
        wanted: dict[str, set[str]] = {}
        for one in self.listed:
            wanted.setdefault(one.path, set()).add(one.algorithm)
        return Sums(wanted)

    @property
    def toolset(self) -> str:
        """Names what would give the same result, for the cache."""
        words = "\n".join(f"{one.path}\t{one.algorithm}\t{one.digest}\t{one.by}" for one in self.listed)
        return f"integrity/1 {hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()}"


@dataclass(slots=True)
class _Unlisted:
    """What one list does not name."""

    files: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Lists:
    """All the lists of a run: (root, path) → what they say. Grows with the lists, not with the tree."""

    said: dict[tuple[str, str], list[Listed]] = field(default_factory=dict)
    absent: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(root, list) → listed files that are not there; right when every asset has been `check`ed."""
    unlisted: dict[tuple[str, str], _Unlisted] = field(default_factory=dict)
    """(root, list) → media that lie where it speaks of all, and that no list names; right when `absent` is."""
    speaking: dict[tuple[str, str], str] = field(default_factory=dict)
    """(root, folder or glob of a tree) → the list that speaks of all media there; of several the last."""
    ignored: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(root, list) → patterns of what it leaves out on purpose, from the folder that it speaks of."""
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
                if item.key == "pattern":
                    key = asset.root, asset.path
                    lists.ignored[key] = (*lists.ignored.get(key, ()), item.value)
                if item.key != "lists":
                    continue
                path = names.get((asset.root, item.facts.get("id", ""))) or locate(asset.path, item.value)
                if path is None:
                    continue
                path = composed(path)
                lists.absent.setdefault((asset.root, asset.path), []).append(path)
                if "algorithm" in item.facts and item.facts.get("action") != "failed":
                    said = Listed(path, item.facts["algorithm"], item.facts["digest"], asset.path)
                    lists.said.setdefault((asset.root, path), []).append(said)
            if not any(problem.blocking for problem in seen.problems):  # one that is read in part leaves files out
                reach = _reach(asset, lists.absent.get((asset.root, asset.path), ()))
                lists.speaking.update({(asset.root, folder): asset.path for folder in reach})
        lists.absent = {key: list(dict.fromkeys(paths)) for key, paths in lists.absent.items()}
        return lists

    def check(self, asset: Asset) -> Check | None:
        """What is to be verified of one asset; None where no list names any of its files."""
        return self._check(asset, (path for _, path in frame_paths(asset))) if self.said else None

    def _check(self, asset: Asset, paths: Iterable[str]) -> Check | None:
        said = ((path, one) for path in paths for one in self.said.get((asset.root, composed(path)), ()))
        listed = dict.fromkeys(replace(one, path=path) for path, one in said)
        return Check(asset, tuple(listed)) if listed else None

    def checks(self, assets: Iterable[Asset]) -> Iterator[Check]:
        """What is to be verified. Afterwards `absent` holds what was listed and not met, `unlisted` the contrary."""
        met: dict[str, set[str]] = {}
        named = {(root, path) for (root, _), paths in self.absent.items() for path in paths}
        for asset in assets if self.absent else ():
            paths = [path for _, path in frame_paths(asset)]
            met.setdefault(asset.root, set()).update(map(composed, paths))
            unnamed = sum((asset.root, composed(path)) not in named for path in paths)
            if unnamed and asset.kind in _MEDIA:
                self._tell_unlisted(asset, unnamed)
            if (check := self._check(asset, paths)) is not None:
                yield check
        for (root, name), paths in self.absent.items():
            self.absent[root, name] = [path for path in paths if path not in met.get(root, ())]

    def _tell_unlisted(self, asset: Asset, files: int) -> None:
        by = next((self.speaking[key] for key in _places(asset) if key in self.speaking), None)
        if by is not None and not _is_ignored(asset.path, by, self.ignored.get((asset.root, by), ())):
            told = self.unlisted.setdefault((asset.root, by), _Unlisted())
            told.files += files
            if len(told.names) <= MAX_UNLISTED:
                told.names.append(asset.path)

    def problems(self, asset: Asset) -> tuple[Problem, ...]:
        """That its essence is encrypted, where a composition says so: what cannot be seen is not passed."""
        if (asset.root, asset.path) not in self.encrypted:
            return ()
        message = "the essence is encrypted (KDM); the picture and sound could not be inspected"
        return (Problem(code="unsupported", stage="verify", by=READER, message=message),)

    def absence(self, asset: Asset) -> tuple[Evidence, ...]:
        """What a list names and the delivery lacks, and the contrary, as statements on the list's own record."""
        paths = self.absent.get((asset.root, asset.path), ())
        named = tuple(
            Evidence(reader=READER, key="absent", value=path, where=asset.path, facts={"listed": str(len(paths))})
            for path in paths[:MAX_NAMED]
        )
        if len(paths) > MAX_NAMED:
            rest = f"{len(paths) - MAX_NAMED} more"
            named = (*named, Evidence(reader=READER, key="absent", value=rest, where=asset.path))
        unlisted = self.unlisted.get((asset.root, asset.path))
        return named if unlisted is None else (*named, _as_evidence(asset, unlisted))


def _is_ignored(path: str, by: str, patterns: Iterable[str]) -> bool:
    """Whether a list's patterns leave a file out: one names a file, or a folder with all that is in it."""
    top = posixpath.dirname(locate(by, "*") or "")
    below = path[len(top) :].lstrip("/")
    return any(matches(below, one) or matches(below, f"{one.rstrip('/')}/**") for one in patterns if one.strip("/"))


def _as_evidence(asset: Asset, unlisted: _Unlisted) -> Evidence:
    """One statement, however many they are."""
    names = ", ".join(unlisted.names[:MAX_UNLISTED])
    more = ", …" if len(unlisted.names) > MAX_UNLISTED else ""
    count = f"{unlisted.files:,} {'file' if unlisted.files == 1 else 'files'}"
    facts = {"files": str(unlisted.files)}
    return Evidence(reader=READER, key="unlisted", value=f"{count}: {names}{more}", where=asset.path, facts=facts)


def _reach(asset: Asset, named: Collection[str]) -> set[str]:
    """Where a list speaks of all media: folders, and trees as `folder/**`.

    A packing list and an ASC MHL are made of a whole folder, an old MHL of the card that its files share, a bag's
    manifest of `data`. A checksum file may be made of anything: it speaks of the folders that it names files in, and
    one that is called after its files of nothing else.
    """
    folder, name = posixpath.split(asset.path)
    if not named or name.lower().startswith("tagmanifest-"):
        return set()
    if name.lower().startswith("manifest-"):
        return {posixpath.join(folder, "data", "**")}
    folders = {posixpath.dirname(path) for path in named}
    match asset.media_type:
        case "application/x-smpte-pkl" | "application/x-asc-mhl":
            return {locate(asset.path, "**") or "**"}
        case "application/x-mhl":
            return {posixpath.join(posixpath.commonpath(folders), "**")}
        case "application/x-checksums":
            stem = posixpath.splitext(name)[0]
            return set() if all(posixpath.basename(path).startswith(stem) for path in named) else folders
    return set()


def _places(asset: Asset) -> Iterator[tuple[str, str]]:
    """What lists may call the place where it lies, nearest first; none for what is hidden."""
    parts = composed(asset.path).split("/")
    if any(part.startswith(".") for part in parts):
        return
    yield asset.root, "/".join(parts[:-1])
    for end in range(len(parts) - 1, -1, -1):
        yield asset.root, "/".join((*parts[:end], "**"))


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


def verify(check: Check, known: Mapping[str, Mapping[str, str]] | None = None) -> Examination:
    """Compare the listed files, each by its `known` digests or read once. Runs in a sealed worker."""
    agree: dict[tuple[str, str], int] = {}
    differ: list[Evidence] = []
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
