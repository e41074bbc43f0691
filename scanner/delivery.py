"""What one asset is decides about another: the relations of a delivery, compact and pure.

Today: an AI-made source clip that a timeline names is contained in that timeline, and in the master
that was conformed from it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from scanner.model import STRENGTH_ORDER, Asset, Claim, Evidence, Examination, Finding, Kind, Problem, Strength
from scanner.rules import Engine

__all__ = ["READER", "Delivery", "Told", "survey"]

READER = "delivery"
"""The reader of evidence that was concluded from other assets; judging again concludes it anew."""
RULE = "provscan.conformed-from-ai-source"
_VERSION = re.compile(r"v\d+|ver|version\d*|edit|cut|lock|locked|pl|conform|final|fine|rough|online|offline|export")
_MADE_BY_AI = (Claim.GENERATED, Claim.EDITED, Claim.CONTAINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the rest of the delivery says about one asset."""

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An AI-made asset that some timeline names."""

    asset: Asset
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One event of a timeline that names an AI-made source."""

    timeline: Asset
    clip: Evidence
    source: _Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The relations, looked up by asset."""

    uses: Mapping[tuple[str, str], tuple[_Use, ...]] = field(default_factory=dict)
    """(root, path) of a timeline or a master → the AI-made sources in it."""

    def about(self, asset: Asset) -> Told:
        """What the others say of this one."""
        uses = self.uses.get((asset.root, asset.path), ())
        if not uses:
            return Told()
        evidence: list[Evidence] = []
        findings: list[Finding] = []
        by_source: dict[tuple[str, str], list[_Use]] = {}
        for use in uses:
            by_source.setdefault((use.source.asset.root, use.source.asset.path), []).append(use)
        for events in by_source.values():
            cited = tuple(_cited(asset, use, f"d{len(evidence) + n}") for n, use in enumerate(events, 1))
            evidence.extend(cited)
            findings.append(_contains(asset, events, cited))
        return Told(evidence=tuple(evidence), findings=tuple(findings))


def survey(examinations: Iterable[Examination], engine: Engine, again: Iterable[Examination] = ()) -> Delivery:
    """Read a run's examinations for relations. `again` gives them once more; asked only where timelines are."""
    timelines: list[tuple[Asset, tuple[Evidence, ...]]] = []
    masters: list[Asset] = []
    for examination in examinations:
        asset = examination.asset
        if asset.kind is Kind.TIMELINE:
            clips = tuple(item for item in examination.evidence if item.key in ("source-clip", "title"))
            timelines.append((asset, clips))
        elif asset.kind is Kind.VIDEO:
            masters.append(asset)
    wanted = {name for _, clips in timelines for clip in clips for name in _names(clip)}
    if not wanted:
        return Delivery()
    sources = dict(_sources(again, wanted, engine))
    uses: dict[tuple[str, str], list[_Use]] = {}
    for timeline, clips in timelines:
        homes = (timeline, *_conformed(timeline, clips, masters))
        for clip in clips:
            source = next((sources[name] for name in _names(clip) if name in sources), None)
            for home in homes if source is not None and clip.key == "source-clip" else ():
                if source is not None and home is not source.asset:
                    uses.setdefault((home.root, home.path), []).append(
                        _Use(timeline=timeline, clip=clip, source=source)
                    )
    return Delivery(uses={key: tuple(found) for key, found in uses.items()})


def _sources(again: Iterable[Examination], wanted: set[str], engine: Engine) -> Iterator[tuple[str, _Source]]:
    for examination in again:
        name = PurePosixPath(examination.asset.path).name.lower()
        stem = PurePosixPath(name).stem
        if examination.asset.kind is Kind.TIMELINE or not {name, stem} & wanted:
            continue
        findings = engine.detect(examination.evidence).findings
        made = next((finding for finding in findings if finding.claim in _MADE_BY_AI), None)
        if made is not None:
            source = _Source(asset=examination.asset, finding=made)
            yield stem, source
            yield name, source


def _names(clip: Evidence) -> tuple[str, ...]:
    """The file names by which a timeline's event may be found in the tree, the surest first; lower case."""
    names = [_base(clip.facts[key]) for key in ("file", "name") if clip.facts.get(key)]
    names.append(_base(clip.value))
    return tuple(dict.fromkeys(name for name in names if _tells(name)))


def _tells(name: str) -> bool:
    """Whether a name is one asset's own: every other tree has an `image.png` and a `clip1.mov`."""
    stem = PurePosixPath(name).stem
    return len(stem) >= 8 or (sum(char.isdigit() for char in stem) >= 3 and len(stem) >= 5)


def _base(path: str) -> str:
    if "://" in path:
        path = unquote(urlsplit(path).path)
    return PureWindowsPath(path).name.lower()


def _conformed(timeline: Asset, clips: Iterable[Evidence], masters: Iterable[Asset]) -> Iterator[Asset]:
    """The masters whose names begin as the timeline's or its title's does, versions aside.

    `LC_EP101_V12.edl` speaks of `LC_EP101_MASTER_2398.mov`, and not of `LC_EP1010_MASTER.mov`.
    """
    titles = {_identity(PurePosixPath(timeline.path).stem)}
    titles.update(_identity(clip.value) for clip in clips if clip.key == "title")
    titles.discard(())
    for master in masters:
        words = _words(PurePosixPath(master.path).stem)
        if master.root == timeline.root and any(words[: len(title)] == title for title in titles):
            yield master


def _words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", name.lower()))


def _identity(title: str) -> tuple[str, ...]:
    """What a timeline's name says apart from which cut it is; nothing where no number tells it from others."""
    words = _words(title)
    named = tuple(takewhile(lambda word: _VERSION.fullmatch(word) is None, words))
    return named if any(char.isdigit() for word in named for char in word) else ()


def _cited(asset: Asset, use: _Use, number: str) -> Evidence:
    where = f"{use.timeline.path}: {use.clip.where}"
    facts = {**use.clip.facts, "source": use.source.asset.path, "finding": use.source.finding.id}
    return dataclasses.replace(use.clip, reader=READER, id=number, where=where, facts=facts, frames=())


def _contains(asset: Asset, events: list[_Use], cited: tuple[Evidence, ...]) -> Finding:
    source = events[0].source
    weakest = max(source.finding.strength, Strength.STRUCTURED, key=STRENGTH_ORDER.index)
    words = "\0".join((RULE, asset.path, source.asset.path, source.finding.id))
    first = events[0].clip.facts
    at = {"in": first["record_in"], "out": first["record_out"]} if {"record_in", "record_out"} <= first.keys() else None
    maker = source.finding.tool or "AI"
    return Finding(
        id=hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        rule=RULE,
        tool=source.finding.tool,
        vendor=source.finding.vendor,
        claim=Claim.CONTAINS,
        strength=weakest,
        evidence=tuple(item.id for item in cited),
        text=f"{events[0].timeline.path} names {source.asset.path}, which says it was made with {maker}.",
        model=source.finding.model,
        at=at,
        rules=(RULE,),
    )
