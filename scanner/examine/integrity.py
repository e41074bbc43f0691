"""The lists of a delivery (ASC MHL, packing lists, checksum files) as one: what they name, what they cover, and the
result.

A listed file is digested by the algorithm of its list, in the read that examines it; a file is read again only where
its examination was known and the list is new. `verify.py` compares one asset, in a worker.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from media.lists import locate
from scanner.discover.sequences import frame_paths
from scanner.examine.verify import MAX_NAMED, READER, Check, Listed
from scanner.globs import composed, matches
from scanner.model import Asset, Evidence, Examination, Kind, ListedFile, PlayedResource, Problem, ProblemCode

__all__ = ["Lists"]

MAX_UNLISTED = 20
"""Media that are named as unlisted; the rest are counted."""
_COMPOSITION = "application/x-smpte-cpl"
_MEDIA = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)


@dataclass(slots=True)
class _Tally:
    """One list in numbers, and the files of it that differ."""

    entries: int
    files: int
    agree: int = 0
    """Digests that agree; a file may be listed with several, and by several names."""
    differ: int = 0
    differing: list[str] = field(default_factory=list)

    def statement(self, asset: Asset, absent: int) -> Evidence:
        """What the list comes to, in one sentence."""
        numbers = {"agree": self.agree, "differ": self.differ, "absent": absent}
        words = ", ".join(f"{number:,} {name}" for name, number in numbers.items() if number)
        files = f"{self.files:,} {'file' if self.files == 1 else 'files'} listed"
        facts = {"entries": self.entries, "files": self.files, **numbers}
        return Evidence(
            reader=READER,
            key="compared",
            value=f"{files}: {words or 'none with a digest that can be compared'}",
            where=asset.path,
            facts={name: str(number) for name, number in facts.items()},
        )


@dataclass(slots=True)
class _Unlisted:
    """What one list does not name."""

    files: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Lists:
    """All the lists of a run: (root, path) → their entries. Grows with the lists, not with the tree."""

    said: dict[tuple[str, str], list[Listed]] = field(default_factory=dict)
    absent: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(root, list) → listed files that are missing; complete when every asset was `check`ed."""
    unlisted: dict[tuple[str, str], _Unlisted] = field(default_factory=dict)
    """(root, list) → media inside the list's scope that no list names; complete when `absent` is."""
    speaking: dict[tuple[str, str], str] = field(default_factory=dict)
    """(root, folder or glob of a tree) → the list whose scope is all media there; the last of several."""
    tallies: dict[tuple[str, str], _Tally] = field(default_factory=dict)
    """(root, list) → its result; complete when every check was `count`ed."""
    ignored: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """(root, list) → patterns that it leaves out on purpose, relative to the folder of its scope."""
    encrypted: set[tuple[str, str]] = field(default_factory=set)
    """Compositions and track files whose essence is encrypted."""

    @classmethod
    def of(
        cls,
        packages: Iterable[Examination],
        listed: Callable[[Asset], Iterable[ListedFile]],
        played: Callable[[Asset], Iterable[PlayedResource]],
    ) -> Lists:
        """The lists of a run's packages; `listed` yields the files that one of them lists, `played` what a composition
        plays, any number of times."""
        packages = list(packages)
        lists = cls()
        names = _paths_by_id(packages, listed)
        for seen in packages:
            lists._add(seen, listed(seen.asset), names)
            if seen.asset.media_type == _COMPOSITION:
                lists._add_played(seen.asset, played(seen.asset), names)
        return lists

    def _add(self, seen: Examination, listed: Iterable[ListedFile], names: Mapping[tuple[str, str], str]) -> None:
        """Note one package: what it leaves out, the files that it lists, the folders it covers."""
        asset = seen.asset
        key = asset.root, asset.path
        for item in seen.evidence:
            if item.key == "pattern":
                self.ignored[key] = (*self.ignored.get(key, ()), item.value)
        paths: dict[str, None] = {}
        entries = 0
        for entry in listed:
            entries += 1
            found = names.get((asset.root, entry.id)) or locate(asset.path, entry.path or entry.id)
            if found is None:
                continue
            path = composed(found)
            paths[path] = None
            if entry.algorithm and entry.action != "failed":
                said = Listed(path, entry.algorithm, entry.digest, asset.path)
                self.said.setdefault((asset.root, path), []).append(said)
        if entries:
            self.absent[key] = list(paths)
            self.tallies[key] = _Tally(entries=entries, files=len(paths))
        if not any(problem.blocking for problem in seen.problems):  # one that is read in part leaves files out
            self.speaking.update({(asset.root, folder): asset.path for folder in _reach(asset, paths)})

    def _add_played(self, asset: Asset, played: Iterable[PlayedResource], names: Mapping[tuple[str, str], str]) -> None:
        """Note what of a composition is encrypted."""
        for resource in played:
            if resource.is_encrypted:
                track = names.get((asset.root, resource.id))
                self.encrypted.update({(asset.root, asset.path), *([(asset.root, track)] if track else [])})

    def check(self, asset: Asset) -> Check | None:
        """What to verify of one asset; None where no list names any of its files."""
        return self._check(asset, (path for _, path in frame_paths(asset))) if self.said else None

    def _check(self, asset: Asset, paths: Iterable[str]) -> Check | None:
        said = ((path, one) for path in paths for one in self.said.get((asset.root, composed(path)), ()))
        listed = dict.fromkeys(replace(one, path=path) for path, one in said)
        return Check(asset, tuple(listed)) if listed else None

    def checks(self, assets: Iterable[Asset]) -> Iterator[Check]:
        """Yield what to verify. Afterwards `absent` holds the listed files that were not met, `unlisted` the
        opposite."""
        named = {(root, path) for (root, _), paths in self.absent.items() for path in paths}
        met: set[tuple[str, str]] = set()
        for asset in assets if self.absent else ():
            paths = [path for _, path in frame_paths(asset)]
            present = named.intersection((asset.root, composed(path)) for path in paths)
            met |= present
            if len(present) < len(paths) and asset.kind in _MEDIA:
                self._tell_unlisted(asset, sum((asset.root, composed(path)) not in present for path in paths))
            if (check := self._check(asset, paths)) is not None:
                yield check
        for (root, name), paths in self.absent.items():
            self.absent[root, name] = [path for path in paths if (root, path) not in met]

    def count(self, verified: Examination) -> None:
        """Enter the result of a check in the tallies of its lists."""
        root = verified.asset.root
        for item in verified.evidence:
            tally = self.tallies.get((root, item.facts["list"] if item.key == "mismatch" else item.value))
            if tally is None:
                continue
            number = int(item.facts.get("files", "1"))
            if item.key == "agrees":
                tally.agree += number
            else:
                tally.differ += number
                if len(tally.differing) < MAX_NAMED:
                    tally.differing.append(item.where)

    def _tell_unlisted(self, asset: Asset, files: int) -> None:
        by = next((self.speaking[key] for key in _places(asset) if key in self.speaking), None)
        if by is not None and not _is_ignored(asset.path, by, self.ignored.get((asset.root, by), ())):
            told = self.unlisted.setdefault((asset.root, by), _Unlisted())
            told.files += files
            if len(told.names) <= MAX_UNLISTED:
                told.names.append(asset.path)

    def problems(self, asset: Asset) -> tuple[Problem, ...]:
        """A problem for an asset whose essence is encrypted, as a composition states: what cannot be seen is not
        passed."""
        if (asset.root, asset.path) not in self.encrypted:
            return ()
        message = "the essence is encrypted (KDM); the picture and sound could not be inspected"
        return (Problem(code=ProblemCode.UNSUPPORTED, stage="verify", by=READER, message=message),)

    def absence(self, asset: Asset) -> Iterator[Evidence]:
        """Listed files that are missing, and media that no list names, as statements on the list's own record."""
        tally = self.tallies.get((asset.root, asset.path))
        if tally is None:
            return
        paths = self.absent[asset.root, asset.path]
        yield tally.statement(asset, len(paths))
        state = partial(Evidence, reader=READER, where=asset.path)
        yield from (state(key="differs", value=path) for path in tally.differing)
        yield from (state(key="absent", value=path, facts={"listed": str(len(paths))}) for path in paths[:MAX_NAMED])
        rest = len(paths) - MAX_NAMED
        if rest > 0:
            yield state(key="absent", value=f"{rest:,} more", facts={"files": str(rest)})
        unlisted = self.unlisted.get((asset.root, asset.path))
        if unlisted is not None:
            yield _as_evidence(asset, unlisted)


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
    """The scope of a list: folders, and trees as `folder/**`.

    A packing list and an ASC MHL cover a whole folder, an old MHL the card that its files share, a bag's manifest
    `data`. A checksum file may be made of anything: it covers the folders of its files, and one that is named after its
    files covers nothing else.
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
    """The names by which lists may refer to a place, nearest first; none for a hidden file."""
    parts = composed(asset.path).split("/")
    if any(part.startswith(".") for part in parts):
        return
    yield asset.root, "/".join(parts[:-1])
    for end in range(len(parts) - 1, -1, -1):
        yield asset.root, "/".join((*parts[:end], "**"))


def _paths_by_id(
    packages: Iterable[Examination], listed: Callable[[Asset], Iterable[ListedFile]]
) -> Mapping[tuple[str, str], str]:
    """A packing list names files by id; the asset map beside it states where they are."""
    found = {}
    for asset in (seen.asset for seen in packages if seen.asset.media_type == "application/x-smpte-assetmap"):
        for entry in listed(asset):
            path = locate(asset.path, entry.path) if entry.id else None
            if path is not None:
                found[asset.root, entry.id] = path
    return found
