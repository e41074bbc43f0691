"""What is looked for in finals without any library: temporary material, and material with the mark of a generator.

Pure: chooses among examinations, opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import Final

from scanner.discover.sequences import frame_paths
from scanner.examinations import Examinations
from scanner.judge.rules import Engine
from scanner.model import Asset, Category, Claim, Examination, Kind, Role, Strength
from scanner.recognise.lookup import OwnClip

__all__ = ["FINALS", "Origin", "OwnStill", "ReferenceChoice", "References", "name_of", "place_of"]

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


class ReferenceChoice:
    """Chooses what a run looks for, as its examinations are read: what is temporary or AI-marked; and, before these,
    everything in the `sources` that the user names."""

    def __init__(self, engine: Engine, sources: Examinations | None = None) -> None:
        self._engine = engine
        self._taken: dict[str, OwnStill | OwnClip] = {}
        self._copies: dict[str, list[str]] = {}
        self._places: dict[str, set[str]] = {}
        self._origins: dict[str, Origin] = {}
        self._met: set[str] = set()
        self._left_out: list[str] = []
        self._stamps: list[str] = []
        for seen in sources(_is_seen_or_heard) if sources is not None else ():
            self._take(_Candidate(seen, _claim(seen, engine), is_named=True))

    def wants(self, asset: Asset) -> bool:
        """Whether it may be looked for."""
        # A marked final that moves is its own finding; other versions of it are no use of something else.
        return _is_seen_or_heard(asset) and (asset.kind is Kind.IMAGE or asset.category not in FINALS)

    def note(self, seen: Examination) -> None:
        """Take an asset that is temporary or AI-marked."""
        claim = _claim(seen, self._engine)
        if claim or seen.asset.category in _PASSING:
            self._take(_Candidate(seen, claim, is_named=False))

    def _take(self, one: _Candidate) -> None:
        asset, files = one.seen.asset, _files(one.seen.asset)
        if not files or files[0] in self._met:
            return
        self._met.add(files[0])
        name = name_of(asset)
        if not one.is_named and (length := _too_long(one.seen)):
            self._left_out.append(
                f"{name} lasts {length:.0f} s: taken for a cut of the programme and not looked for;"
                " name its folder with --sources to look for it"
            )
            return
        known = one.seen.digest.value if one.seen.digest else ""
        self._stamps.append(f"{name} {one.role} {asset.size} {asset.mtime_ns} {asset.identity} {known}")
        content = f"{known} {asset.size}" if one.seen.digest else files[0]
        if content in self._taken:
            known_as = self._taken[content].name
            self._copies.setdefault(known_as, []).append(name)
            self._places[known_as].add(files[0])
            earliest = min(self._origins[known_as].written, asset.written.isoformat())
            self._origins[known_as] = replace(self._origins[known_as], written=earliest)
        else:
            self._taken[content] = _reference(one, files)
            self._places[name] = {files[0]}
            self._origins[name] = Origin(claim=one.claim, written=asset.written.isoformat())

    def references(self) -> References:
        """What was chosen."""
        return References(
            stills=tuple(one for one in self._taken.values() if isinstance(one, OwnStill)),
            clips=tuple(one for one in self._taken.values() if isinstance(one, OwnClip)),
            left_out=tuple(self._left_out),
            stamps=tuple(self._stamps),
            copies={name: tuple(others) for name, others in self._copies.items()},
            places={name: frozenset(paths) for name, paths in self._places.items()},
            origins=self._origins,
        )


def name_of(asset: Asset) -> str:
    """The name of a reference of the run."""
    return f"{asset.root}/{asset.path}"


def _is_seen_or_heard(asset: Asset) -> bool:
    return asset.kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO) and not any(one.blocking for one in asset.problems)


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
