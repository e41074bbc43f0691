"""What is looked for in finals without any library: temporary material, and material with the mark of a generator.

Pure: chooses among examinations, opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from math import inf
from pathlib import Path
from typing import Final

from scanner.discover.sequences import frame_paths
from scanner.examinations import Examinations
from scanner.judge.rules import Engine
from scanner.model import Asset, Category, Claim, Examination, Kind, Role, Strength
from scanner.recognise.lookup import OwnClip

__all__ = ["FINALS", "Origin", "OwnStill", "References", "name_of", "place_of", "references_of"]

FINALS: Final = frozenset(
    {Category.FINAL_PICTURE, Category.FINAL_AUDIO, Category.ARTWORK, Category.PROMO, Category.GRAPHICS}
)
"""The categories of finals. An uncategorised asset is judged and compared as one of them, but may also be a reference:
a mark that it has may be a temporary file's."""
_PASSING: Final = frozenset({Category.TEMP, Category.IDEATION})
_LONGEST: Final = {Kind.VIDEO: 180.0, Kind.AUDIO: 900.0}
"""Seconds: a longer one in a temp folder is a cut or a mix of the programme and would be found all over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStill:
    """A picture, or the frames of a sequence, that is looked for."""

    name: str
    files: tuple[str, ...]
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The origin of a reference of the run: what AI did to it, and the day it was written."""

    claim: Claim | None
    written: str
    """ISO date; of several copies the earliest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What a run looks for without a library."""

    stills: tuple[OwnStill, ...] = ()
    clips: tuple[OwnClip, ...] = ()
    left_out: tuple[str, ...] = ()
    """Why something is not looked for, one sentence each."""
    stamps: tuple[str, ...] = ()
    """For every reference: name, role, size and time of change."""
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A reference's name → other files with the same content, which are not looked for again."""
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """A reference's name → where it and its copies are: `--sources` may name a folder of the delivery itself."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """A reference's name → the values that a register is compared with."""

    def __bool__(self) -> bool:
        return bool(self.stills or self.clips)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may be looked for."""

    seen: Examination
    claim: Claim | None
    """What it says that AI did."""
    is_named: bool
    """The user named its folder."""

    @property
    def role(self) -> Role:
        """As a reference."""
        return Role.AI_MADE if self.claim else Role.TEMP


def references_of(examinations: Examinations, engine: Engine, *, sources: Examinations | None = None) -> References:
    """The references of a delivery: what is temporary or AI-marked, and everything in the `sources` that the user
    names."""
    taken: dict[str, OwnStill | OwnClip] = {}
    copies: dict[str, list[str]] = {}
    places: dict[str, set[str]] = {}
    met: set[str] = set()
    left_out: list[str] = []
    stamps: list[str] = []
    origins: dict[str, Origin] = {}
    named = _find_named(sources, engine) if sources is not None else ()
    for one in chain(named, _find_candidates(examinations, engine)):
        asset, files = one.seen.asset, _files(one.seen.asset)
        if not files or files[0] in met:
            continue
        met.add(files[0])
        if not one.is_named and (length := _too_long(one.seen)):
            left_out.append(
                f"{name_of(asset)} lasts {length:.0f} s: taken for a cut of the programme and not looked for;"
                " name its folder with --sources to look for it"
            )
            continue
        known = one.seen.digest.value if one.seen.digest else ""
        stamps.append(f"{name_of(asset)} {one.role} {asset.size} {asset.mtime_ns} {asset.identity} {known}")
        content = f"{one.seen.digest.value} {asset.size}" if one.seen.digest else files[0]
        if content in taken:
            copies.setdefault(taken[content].name, []).append(name_of(asset))
            places[taken[content].name].add(files[0])
            known_as = taken[content].name
            earliest = min(origins[known_as].written, asset.written.isoformat())
            origins[known_as] = replace(origins[known_as], written=earliest)
        else:
            taken[content] = _reference(one, files)
            places[name_of(asset)] = {files[0]}
            origins[name_of(asset)] = Origin(claim=one.claim, written=asset.written.isoformat())
    return References(
        stills=tuple(one for one in taken.values() if isinstance(one, OwnStill)),
        clips=tuple(one for one in taken.values() if isinstance(one, OwnClip)),
        left_out=tuple(left_out),
        stamps=tuple(stamps),
        copies={name: tuple(others) for name, others in copies.items()},
        places={name: frozenset(paths) for name, paths in places.items()},
        origins=origins,
    )


def name_of(asset: Asset) -> str:
    """The name of a reference of the run."""
    return f"{asset.root}/{asset.path}"


def _find_named(sources: Examinations, engine: Engine) -> Iterator[_Candidate]:
    for seen in sources(_is_seen_or_heard):
        yield _Candidate(seen, _claim(seen, engine), is_named=True)


def _find_candidates(examinations: Examinations, engine: Engine) -> Iterator[_Candidate]:
    for seen in examinations(_may_be_found):
        claim = _claim(seen, engine)
        if claim or seen.asset.category in _PASSING:
            yield _Candidate(seen, claim, is_named=False)


def _is_seen_or_heard(asset: Asset) -> bool:
    return asset.kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO) and not any(one.blocking for one in asset.problems)


def _may_be_found(asset: Asset) -> bool:
    # A marked final that moves is its own finding; other versions of it are no use of something else.
    return _is_seen_or_heard(asset) and (asset.kind is Kind.IMAGE or asset.category not in FINALS)


def _claim(seen: Examination, engine: Engine) -> Claim | None:
    # What is left of an edited final when its edit is not seen is only another version of that final.
    claims = (Claim.GENERATED,) if seen.asset.category in FINALS else (Claim.GENERATED, Claim.EDITED)
    firm = {it.claim for it in engine.detect(seen.evidence).findings if it.strength is not Strength.HEURISTIC}
    return next((claim for claim in claims if claim in firm), None)


def _too_long(seen: Examination) -> float | None:
    """How long a clip lasts that is too long to be looked for."""
    length = (seen.media.duration if seen.media else None) or 0.0
    return length if length > _LONGEST.get(seen.asset.kind, inf) else None


def _reference(one: _Candidate, files: tuple[str, ...]) -> OwnStill | OwnClip:
    name, seen = name_of(one.seen.asset), one.seen
    if seen.asset.kind is Kind.IMAGE:
        return OwnStill(name=name, files=files, role=one.role)
    return OwnClip(name=name, path=files[0], role=one.role, digest=seen.digest.value if seen.digest else "")


def _files(asset: Asset) -> tuple[str, ...]:
    root = Path(asset.location)
    return tuple(str(root / path) for _, path in frame_paths(asset))


def place_of(asset: Asset) -> str:
    """Where its first file is: the same however it is reached."""
    return next(iter(_files(asset)), "")
