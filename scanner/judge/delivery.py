"""Relations between the assets of a delivery, by which one asset decides about another. Compact and pure.

An AI-made source clip that a timeline names is contained in that timeline, and in the master that was conformed from
it; and what is recognised in a master is reconciled with its cut (`scanner.judge.conform`).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from scanner.globs import folded
from scanner.judge.conform import Conform
from scanner.judge.cut import AssetKey, Cut, base_name, cuts_of, identity, name_in_folder, words
from scanner.model import (
    STRENGTH_ORDER,
    Asset,
    Claim,
    EditSequence,
    Event,
    Evidence,
    Examination,
    Finding,
    Kind,
    MediaFacts,
    Place,
    Strength,
)
from scanner.sequences import state_event

__all__ = ["READER", "RULE", "Delivery", "Survey", "Told"]

READER = "delivery"
"""The reader of evidence that was concluded from other assets; judging again concludes it again."""
RULE = "provscan.conformed-from-ai-source"
"""The rule of such findings."""
Labels = tuple[str, str]
"""Timecode in and out, as a cut has them."""
_MADE_BY_AI = (Claim.GENERATED, Claim.EDITED, Claim.CONTAINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the rest of the delivery states about one asset."""

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An AI-made asset that some timeline names."""

    place: AssetKey
    content: str
    """Its digest, so that a renamed source is the same; its path where it was not digested."""
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One event of a timeline that names an AI-made source."""

    timeline: str
    clip: Event
    source: _Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The relations, looked up by asset."""

    uses: Mapping[AssetKey, tuple[_Use, ...]] = field(default_factory=dict)
    """A timeline or a master → the AI-made sources in it."""
    conform: Conform = field(default_factory=Conform)
    """What cuts have where a reference was recognised."""

    @property
    def made_names(self) -> frozenset[str]:
        """The names of the AI-made files that timelines name: they have findings of their own."""
        return frozenset(use.source.place[1] for uses in self.uses.values() for use in uses)

    def about(self, asset: Asset) -> Told | None:
        """What the other assets state about this one; None where they state nothing."""
        uses = self.uses.get((asset.root, asset.path))
        if not uses:
            return None
        evidence: list[Evidence] = []
        findings: list[Finding] = []
        instances: dict[tuple[str, str, Labels | None], list[_Use]] = {}
        for use in uses:
            at = self._place(asset, use.clip)
            instances.setdefault((use.source.content, use.source.finding.id, at), []).append(use)
        for (_, _, at), events in instances.items():
            cited = tuple(_cited(use, f"d{len(evidence) + n}") for n, use in enumerate(events, 1))
            evidence.extend(cited)
            findings.append(_contains(events, cited, at))
        return Told(evidence=tuple(evidence), findings=tuple(findings))

    def _place(self, asset: Asset, clip: Event) -> Labels | None:
        """Where an event is; None where it states no place, or the programme has no such labels on its clock."""
        at = clip.record_in, clip.record_out
        return at if all(at) and self.conform.has((asset.root, asset.path), at) else None


class Survey:
    """A run as it is read for relations: its timelines, then its programmes and what the timelines name."""

    def __init__(self) -> None:
        self._timelines: list[tuple[AssetKey, tuple[EditSequence, ...]]] = []
        self._programmes: list[tuple[Asset, MediaFacts | None]] = []
        self._made: dict[str, _Source] = {}
        self._named: set[str] = set()

    def note(self, examination: Examination) -> None:
        """Note a timeline, a video or a frame sequence; others have no part in relations."""
        asset = examination.asset
        if asset.kind is Kind.TIMELINE:
            self._timelines.append(((asset.root, asset.path), examination.sequences))
            self._named.update(name for one in examination.sequences for event in one.enabled for name in _names(event))
        elif asset.kind is Kind.VIDEO or asset.frames is not None:
            self._programmes.append((asset, examination.media))

    def names(self, asset: Asset) -> bool:
        """Whether a noted timeline names the asset: then `note_source` must get what is found in it."""
        return asset.kind is not Kind.TIMELINE and self.may_name(asset.path)

    def may_name(self, path: str) -> bool:
        """The same by the path alone."""
        return bool(self._named) and _bears(path, self._named)

    def note_source(self, examination: Examination, findings: Iterable[Finding]) -> None:
        """Note what a timeline names. Of several with the same name, the one that states AI most firmly counts."""
        asset, digest = examination.asset, examination.digest
        claims = [finding for finding in findings if finding.claim in _MADE_BY_AI]
        if not claims:
            return
        content = f"{digest.algorithm}:{digest.value}" if digest else asset.path
        source = _Source(place=(asset.root, asset.path), content=content, finding=min(claims, key=_firmness))
        for name in _called(asset.path):
            known = self._made.get(name, source)
            self._made[name] = min(known, source, key=lambda it: (*_firmness(it.finding), it.content))

    def delivery(self) -> Delivery:
        """The relations."""
        conform = Conform(self._timelines, self._programmes)
        if not self._made:
            return Delivery(conform=conform)
        cuts = [cut for place, sequences in self._timelines for cut in _cuts(place, sequences)]
        masters = [(asset.root, asset.path) for asset, _ in self._programmes if asset.kind is Kind.VIDEO]
        conformed = _conformed(cuts, masters, conform)
        uses: dict[AssetKey, list[_Use]] = {}
        for number, cut in enumerate(cuts):
            homes = (cut.place, *conformed.get(number, ()))
            for clip in cut.clips:
                source = next((self._made[name] for name in _names(clip) if name in self._made), None)
                for home in homes if source is not None else ():
                    if source is not None and home != source.place:
                        uses.setdefault(home, []).append(_Use(timeline=cut.place[1], clip=clip, source=source))
        return Delivery(uses={key: tuple(found) for key, found in uses.items()}, conform=conform)


def _bears(path: str, names: Collection[str]) -> bool:
    """Whether a file's name, with or without its ending, or behind its folder's, is one of some names in lower case."""
    name = folded(path[path.rfind("/") + 1 :])
    return name in names or name.rpartition(".")[0] in names or name_in_folder(path) in names


def _called(path: str) -> frozenset[str]:
    name = folded(path.rpartition("/")[2])
    return frozenset((name, name.rpartition(".")[0] or name, name_in_folder(path))) - {""}


def _firmness(finding: Finding) -> tuple[int, int, str]:
    return STRENGTH_ORDER.index(finding.strength), _MADE_BY_AI.index(finding.claim), finding.id


def _names(clip: Event) -> tuple[str, ...]:
    """The names by which a timeline's event may be found in the tree, in lower case: file names that are one asset's
    own, and any file's name behind that of its folder."""
    names = filter(_tells, map(base_name, filter(None, (clip.file, clip.name))))
    return tuple(dict.fromkeys((*names, *filter(None, (name_in_folder(clip.file or ""),)))))


def _tells(name: str) -> bool:
    """Whether a name is one asset's own: every other tree has an `image.png` and a `clip1.mov`."""
    stem = PurePosixPath(name).stem
    return len(stem) >= 8 or (sum(char.isdigit() for char in stem) >= 3 and len(stem) >= 5)


def _cuts(place: AssetKey, sequences: tuple[EditSequence, ...]) -> list[Cut]:
    """A timeline's cuts; what names clips and is no cut of a programme, such as a list of our own hits, as one that
    belongs to none."""
    return cuts_of(place, sequences) or [
        Cut(place, frozenset(), tuple(event for one in sequences for event in one.enabled))
    ]


def _conformed(
    sequences: Sequence[Cut], masters: Iterable[AssetKey], conform: Conform
) -> Mapping[int, Sequence[AssetKey]]:
    """Which sequence → the masters that it is the cut of: their names begin as its own or its timeline's does, versions
    aside, and their length does not contradict that.

    `LC_EP101_V12.edl` speaks of `LC_EP101_MASTER_2398.mov`, and neither of `LC_EP1010_MASTER.mov` nor of a trailer.
    """
    titled: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, cut in enumerate(sequences):
        for title in {identity(title) for title in cut.titles} - {()}:
            titled.setdefault((cut.place[0], title), []).append(number)
    conformed: dict[int, list[AssetKey]] = {}
    for root, path in masters:
        name = words(PurePosixPath(path).stem)
        speaking = [titled.get((root, name[:length]), ()) for length in range(1, len(name) + 1)]
        for number in dict.fromkeys(number for numbers in speaking for number in numbers):
            if conform.may_be_of(sequences[number], (root, path)):
                conformed.setdefault(number, []).append((root, path))
    return conformed


def _cited(use: _Use, number: str) -> Evidence:
    where = f"{use.timeline}: {use.clip.where}"
    stated = state_event(use.clip)
    facts = {**stated.facts, "source": use.source.place[1], "finding": use.source.finding.id}
    facts["content"] = use.source.content
    return dataclasses.replace(stated, reader=READER, id=number, where=where, facts=facts)


def _at(labels: Labels | None) -> Place | None:
    try:
        return Place(labels=labels) if labels else None
    except ValueError:
        return None


def _contains(events: Sequence[_Use], cited: tuple[Evidence, ...], labels: Labels | None) -> Finding:
    """One for each place, though several cuts name it. Its id is of the source's content and of the place, and not of
    any path: a waiver outlives a renamed file."""
    source = events[0].source
    weakest = max(source.finding.strength, Strength.STRUCTURED, key=STRENGTH_ORDER.index)
    identified = "\0".join((RULE, source.content, source.finding.id, *(labels or ())))
    maker = source.finding.tool or "AI"
    return Finding(
        id=hashlib.blake2b(identified.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        rule=RULE,
        tool=source.finding.tool,
        vendor=source.finding.vendor,
        claim=Claim.CONTAINS,
        strength=weakest,
        evidence=tuple(item.id for item in cited),
        text=f"{events[0].timeline} names {source.place[1]}, which states that it was made with {maker}.",
        model=source.finding.model,
        at=_at(labels),
        rules=(RULE,),
    )
