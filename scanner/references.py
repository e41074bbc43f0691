"""What is looked for in finals without any library: temporary material, and what carries the mark of a generator.

Pure: chooses among examinations, opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scanner.lookup import Clip
from scanner.model import Asset, Category, Claim, Examination, Kind, Strength
from scanner.rules import Engine
from scanner.sequences import frame_paths

__all__ = ["FINALS", "References", "Still", "name_of", "references_of"]

FINALS: Final = frozenset(
    {Category.FINAL_PICTURE, Category.FINAL_AUDIO, Category.ARTWORK, Category.PROMO, Category.GRAPHICS}
)
"""What a delivery calls final. The uncategorised is judged as final, but looked into only where somebody asks."""
_PASSING: Final = frozenset({Category.TEMP, Category.IDEATION})
_LONGEST: Final = {Kind.VIDEO: 180.0, Kind.AUDIO: 900.0}
"""Seconds: a longer one in a temp folder is a cut or a mix of the programme and would be found all over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A picture, or the frames of a sequence, that is looked for."""

    name: str
    files: tuple[str, ...]
    role: str


@dataclass(slots=True)
class References:
    """What a run looks for of its own accord."""

    stills: list[Still] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Why something is not looked for, in a sentence each."""
    stamps: list[str] = field(default_factory=list)
    """Of every reference: name, role, size and time of change."""

    def __bool__(self) -> bool:
        return bool(self.stills or self.clips)


def references_of(
    examinations: Iterable[Examination], engine: Engine, *, sources: Iterable[Examination] = ()
) -> References:
    """Of a delivery: what is temporary or AI-marked. Of the `sources` that the user names: everything."""
    found = References()
    known: set[str] = set()
    for seen in sources:
        _take(found, seen, _role(seen, engine) or "temp", known, named=True)
    for seen in examinations:
        if role := _role(seen, engine):
            _take(found, seen, role, known, named=False)
    return found


def name_of(asset: Asset) -> str:
    """What a reference of the run is called."""
    return f"{asset.root}/{asset.path}"


def _role(seen: Examination, engine: Engine) -> str | None:
    if seen.asset.kind not in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO):
        return None
    # What is left of an edited final when its edit is not seen is only another version of that final.
    claims = (Claim.GENERATED,) if seen.asset.category in FINALS else (Claim.GENERATED, Claim.EDITED)
    findings = engine.detect(seen.evidence).findings
    if any(finding.claim in claims and finding.strength is not Strength.HEURISTIC for finding in findings):
        return "ai-made"
    return "temp" if seen.asset.category in _PASSING else None


def _take(found: References, seen: Examination, role: str, known: set[str], *, named: bool) -> None:
    asset = seen.asset
    if asset.kind not in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO) or any(problem.blocking for problem in asset.problems):
        return
    files = tuple(_files(asset))
    if not files or files[0] in known:
        return
    name = name_of(asset)
    if asset.kind is not Kind.IMAGE and not named:
        if asset.category in FINALS:
            return  # a marked final is its own finding; other versions of it are no use of something else
        length, longest = (seen.media.duration if seen.media else None) or 0.0, _LONGEST[asset.kind]
        if length > longest:
            found.left_out.append(
                f"{name} lasts {length:.0f} s: taken for a cut of the programme and not looked for;"
                " name its folder with --sources to look for it"
            )
            return
    known.add(files[0])
    found.stamps.append(f"{name} {role} {asset.size} {asset.mtime_ns}")
    if asset.kind is Kind.IMAGE:
        found.stills.append(Still(name=name, files=files, role=role))
    else:
        digest = seen.digest.value if seen.digest else ""
        found.clips.append(Clip(name=name, path=files[0], role=role, digest=digest))


def _files(asset: Asset) -> Iterator[str]:
    root = Path(asset.location)
    return (str(root / path) for _, path in frame_paths(asset))
