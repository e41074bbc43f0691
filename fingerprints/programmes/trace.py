"""Where in programmes do these stills, clips and sounds appear? One row an instance, frame for frame.

Candidates come from hashes and from features; nothing is a segment before its geometry or its course in
time was verified. Picture and sound are evidence of their own and are never merged. What is proposed in a sample
depends on no other one, and what becomes of a candidate on no other candidate: both can be shared out among workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Features
from fingerprints.prints import chromaprint
from fingerprints.programmes.align import FrameHits
from fingerprints.programmes.clips import clip_segments
from fingerprints.programmes.follow import Appearance, Still, follow
from fingerprints.programmes.lined_up import lined_up
from fingerprints.programmes.looks import Looks, Sight
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment, apart, pictured, region_of, shared, sounded
from fingerprints.programmes.shots import Shot
from fingerprints.programmes.sought import SAME, KeyImages, Query, ranked
from fingerprints.programmes.sound.hearing import Hearing
from fingerprints.programmes.sound.sounds import Heard
from fingerprints.stills import verify
from fingerprints.vocabulary import Measure
from media.errors import MediaError

__all__ = ["Candidates", "Key", "Proposals", "Tracer", "trace"]

VOTES = 5
"""Descriptors that must vote for a key image, and agree about, before its geometry is tried."""
TRIED, MISSED, AGREE = 24, 2, 8
"""Key images whose geometry is tried in one look; how many may fail in a row before only those are tried on which
that many descriptors agree. 97 % of the matches come first; among many references they may come later."""

OWN = 64
"""Key images of one clip that are compared with a look at most, once it was proposed."""

Key = tuple[int, bool]
"""Item and mirroring."""
Proposal = tuple[int, int, int, float, bool]
"""Sample, item, key image, how near it came in bits (0 where a geometry was verified), mirroring."""
Proposals = tuple[list[Proposal], list[Proposal]]
"""By hashes, and by features."""
Pairs = dict[tuple[int, int], float]
"""Sample and key image → how near it came."""
Candidates = dict[Key, Pairs]


def trace(items: Sequence[Query], programmes: Iterable[Programme]) -> tuple[Segment, ...]:
    """Every instance of every item, by programme and time."""
    tracer = Tracer(items)
    return tuple(segment for programme in programmes for segment in tracer.segments(programme))


@dataclass(eq=False)
class Tracer:
    """Items that are looked for in one programme after the other."""

    items: Sequence[Query]
    _key_images: KeyImages = field(init=False)
    _hearing: Hearing = field(init=False)
    _heard: list[Query] = field(init=False)
    _known: dict[str, NDArray[np.uint32]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._key_images = KeyImages(self.items)
        self._heard = [item for item in self.items if item.sound is not None]
        self._hearing = Hearing(self._heard)

    def segments(self, programme: Programme) -> list[Segment]:
        """Of one programme, by time."""
        looks = Looks(programme)
        found = self.candidates([self.proposals(programme, looks, 0, len(programme.samples))])
        pictures = [one for key, pairs in found.items() for one in self.pictures(programme, looks, key, pairs)]
        return self.ordered(programme, [*pictures, *self.sound(programme)])

    def ordered(self, programme: Programme, found: Sequence[Segment]) -> list[Segment]:
        """All segments of pictures, by their candidates, and then those of sound: by time, line-up by itself."""
        return [part for one in apart(found) for part in lined_up(programme, one)]

    def proposals(self, programme: Programme, looks: Looks, first: int, end: int) -> Proposals:
        """Where references may be, of some samples."""
        return list(self._by_hash(programme, first, end)), list(self._by_features(programme, looks, first, end))

    def candidates(self, proposals: Sequence[Proposals]) -> Candidates:
        """What was proposed in samples one after the other, stills first."""
        stills: Candidates = defaultdict(dict)
        clips: Candidates = defaultdict(dict)
        by_hash, by_features = zip(*proposals, strict=True)
        for sample, number, key_image, bits, flip in chain(*by_hash, *by_features):
            pairs = (stills if self.items[number].still is not None else clips)[number, flip]
            pairs[sample, key_image] = min(bits, pairs.get((sample, key_image), bits))
        return {**stills, **clips}

    def pictures(self, programme: Programme, looks: Looks, key: Key, pairs: Pairs) -> Iterator[Segment]:
        """The segments of one candidate."""
        item, flip = self.items[key[0]], key[1]
        if item.still is not None:
            near = {sample: bits for (sample, _), bits in pairs.items()}
            yield from _still_segments(programme, looks, item, near, flip=flip)
        else:
            seen = self._seen(programme, item, self._completed(programme, looks, key, pairs))
            yield from clip_segments(programme, looks, item, seen, flip=flip)

    def _completed(self, programme: Programme, looks: Looks, key: Key, pairs: Pairs) -> Pairs:
        """The same with the key images that its clip alone would propose in every look of the shots where it was.

        Votes are cast among all references. What is found must not depend on which others there are.
        """
        item, flip = self.items[key[0]], key[1]
        known: dict[Shot, set[tuple[int, int]]] = defaultdict(set)
        for pair in pairs:
            known[programme.shot_of(programme.samples[pair[0]].row)].add(pair)
        done = dict(pairs)
        for shot, mine in known.items():
            looked = _looked_about(item, sorted({key_image for _, key_image in mine}))
            key_images = {key_image: item.key_image(key_image) for key_image in looked}
            own = {
                (number, key_image): 0.0
                for number in _looks_in(programme, shot)
                for key_image in _own(looks, number, key_images, flip=flip)
            }
            if own:
                done = {pair: bits for pair, bits in done.items() if bits or pair not in mine} | own
        return done

    def _by_hash(self, programme: Programme, first: int, end: int) -> Iterator[Proposal]:
        begin, stop = np.searchsorted(programme.asked["sample"], (first, end))
        asked = programme.asked[begin:stop]
        if not len(asked) or not len(self._key_images.index):
            return
        hits = self._key_images.near(np.ascontiguousarray(asked["hash"]))
        for query, entry, bits in zip(hits.queries, hits.entries, hits.distances, strict=True):
            guise, (number, key_image) = asked[query], self._key_images.owners[entry]
            yield int(guise["sample"]), int(number), int(key_image), float(bits), bool(guise["mirrored"])

    def _by_features(self, programme: Programme, looks: Looks, first: int, end: int) -> Iterator[Proposal]:
        for number, sample in enumerate(programme.samples[first:end], first):
            if not sample.look:
                continue
            # A panel whose box is loose is missed by its hash; few are mirrored too.
            asked = [(False, None), (True, None), *((False, panel) for panel in sample.panels)]
            for flip, panel in asked:
                found = self._registered(looks.sight(number, flip, panel))
                yield from ((number, item, key_image, 0.0, flip) for item, key_image in found)

    def _registered(self, sight: Sight) -> Iterator[tuple[int, int]]:
        """Items and key images that appear in a look, by votes; those with many that agree are tried at any rank."""
        missed = 0
        for item, key_image, together in self._key_images.voted(sight.look.features, least=VOTES, most=TRIED):
            if missed >= MISSED and together < AGREE:
                continue
            sought = self.items[item]
            picture = None if sought.still is None else sought.picture
            tried = (key_image, *sought.about(key_image)) if together >= AGREE else (key_image,)
            moves = sought.clip is not None
            found = next((one for one in tried if sight.registered(sought.key_image(one), picture, moves=moves)), None)
            if found is not None:
                yield item, found
                missed = 0
            else:
                missed += 1

    def _seen(self, programme: Programme, item: Query, pairs: Pairs) -> FrameHits:
        assert item.clip is not None  # noqa: S101
        here, there = programme.clock, item.clip.clock
        rows = [
            (programme.samples[sample].row, item.clip.samples[key_image].row, bits)
            for (sample, key_image), bits in pairs.items()
        ]
        return FrameHits(
            *(np.array(column) for column in zip(*((here[a], there[b], bits) for a, b, bits in rows), strict=True))
        )

    def sound(self, programme: Programme) -> Iterator[Segment]:
        """By landmarks, and by Chromaprint what they do not find."""
        if not self._heard or not len(programme.peaks.times):
            return
        found = [self._by_ear(programme, heard) for heard in self._hearing.heard(programme)]
        yield from found
        for one in self._by_chromaprint(programme):
            if not any(one.reference == other.reference and shared(one, other) > 0 for other in found):
                yield one

    def _by_ear(self, programme: Programme, heard: Heard) -> Segment:
        return Segment(
            **sounded(programme, heard.start, heard.end),  # type: ignore[arg-type]
            reference=self._heard[heard.item].name,
            reference_in=round(max(0.0, heard.reference_start), 3),
            reference_out=round(heard.reference_end, 3),
            speed=heard.speed,
            pitch=heard.variant.pitch,
            score=heard.peaks,
            threshold=heard.threshold,
            by=Measure.WAVEFORM if heard.by_waveform else Measure.LANDMARKS,
        )

    def _by_chromaprint(self, programme: Programme) -> Iterator[Segment]:
        try:
            here = chromaprint.words(programme.path)
        except MediaError:  # what fails here failed, and was said, when the programme was read
            return
        for item in self._heard:
            for run in chromaprint.alike(here, self._words(item)):
                start, end, there, until = run.seconds
                yield Segment(
                    **sounded(programme, start - programme.origin, end - programme.origin),  # type: ignore[arg-type]
                    reference=item.name,
                    reference_in=round(there, 3),
                    reference_out=round(until, 3),
                    score=round(1 - run.errors, 4),
                    threshold=1 - chromaprint.THRESHOLD,
                    by=Measure.CHROMAPRINT,
                )

    def _words(self, item: Query) -> NDArray[np.uint32]:
        if item.words is not None:
            return item.words
        if item.name not in self._known:
            try:
                self._known[item.name] = chromaprint.words(item.path)
            except MediaError:
                self._known[item.name] = np.zeros(0, np.uint32)
        return self._known[item.name]


def _own(looks: Looks, number: int, key_images: Mapping[int, Features], *, flip: bool) -> Iterator[int]:
    """Key images of a clip with most votes that register in a sample, in the whole or in a panel."""
    numbers, described = list(key_images), list(key_images.values())
    for panel in (None, *looks.programme.samples[number].panels):
        sight = looks.sight(number, flip, panel)
        for place in ranked(sight.look.features, described)[:SAME]:
            if sight.registered(described[place], moves=True) is not None:
                yield numbers[place]


def _looks_in(programme: Programme, shot: Shot) -> Iterator[int]:
    """Samples that stand for a shot when features are compared."""
    return (
        number for number, sample in enumerate(programme.samples) if sample.look and shot.first <= sample.row < shot.end
    )


def _looked_about(item: Query, key_images: Sequence[int]) -> Sequence[int]:
    """Key images of a clip whose features are compared: all of a short one, of a long one those about some."""
    assert item.clip is not None  # noqa: S101 - only clips come here
    looked = [number for number, sample in enumerate(item.clip.samples) if sample.look]
    if len(looked) <= OWN:
        return looked
    reach = OWN // (2 * len(key_images)) + 1
    places = np.searchsorted(looked, key_images)
    chosen = {at for place in places.tolist() for at in range(max(0, place - reach), place + reach)}
    return [looked[at] for at in sorted(chosen) if at < len(looked)]


def _still_segments(
    programme: Programme, looks: Looks, item: Query, near: dict[int, float], *, flip: bool
) -> Iterator[Segment]:
    """Followed from each sample in which the still may be and that no instance holds yet; the surest first."""
    assert item.still is not None  # noqa: S101 - only stills come here
    still = Still(item.picture(), item.still, flip, item.windows)
    spans: list[Appearance] = []
    missed: list[int] = []
    for sample in sorted(near, key=lambda one: (near[one], one)):
        row = programme.samples[sample].row
        if any(span.first <= row < span.end for span in spans) or any(abs(sample - other) <= 2 for other in missed):
            continue
        span = follow(programme, looks, still, sample)
        if span is None:
            missed.append(sample)
            continue
        spans.append(span)
        yield Segment(
            **pictured(programme, span.first, span.end),  # type: ignore[arg-type]
            reference=item.name,
            reference_in=0.0,
            reference_out=0.0,
            flip=flip,
            score=span.inliers,
            threshold=verify.INLIERS,
            by=Measure.INLIERS,
            region=region_of(span.quad, flip=flip),
            is_doubtful=span.is_doubtful,
        )
