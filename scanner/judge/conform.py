"""What the cut of a programme has where a reference was recognised: the source clip, or no mention of it. Pure.

Frames are compared with frames, at one rate and one way of counting. Where two cuts are possible, or none fits, nothing
is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from pathlib import PurePosixPath
from typing import Final

from media.timecode import Span, Timecode, nominal, rate_of
from scanner.clock import frame_of
from scanner.judge.cut import EXACT, AssetKey, Cut, Laid, Track, called, cuts_of, shared, words
from scanner.model import Asset, CutFacts, EditSequence, Event, Kind, Match, MatchFacts, MediaFacts, Says, Sense

__all__ = ["Conform", "said_of_cut", "without_cut"]

_WORDS: Final = 400
"""Of a clip's name or place."""
_NO_REEL = ("", "AX")
_PROMOS: Final = frozenset(
    ("trailer", "trailers", "teaser", "teasers", "promo", "promos", "sizzle", "spot", "spots", "tvspot", "recap",
     "clip", "bumper", "ba", "avance", "vorschau", "anteprima", "chamada")
)  # fmt: skip
"""What a programme's name says that is made of an episode and is not it."""
_REEL = re.compile(r"(?:r|reel|part|pt|akt|acto|rolle|bobine)\d*")


def said_of_cut(facts: MatchFacts) -> str:
    """A match's facts in a short phrase: `cut from A003C002 at 01:02:03:04 (EP101.edl)`; empty where there are none."""
    cut = facts.cut
    if cut is None:
        return ""
    name = cut.timeline.rpartition("/")[2][:120]
    if cut.clip is None:
        elsewhere = "; it names it elsewhere" if cut.says is Says.ELSEWHERE else ""
        return f"not in {name} at these frames{elsewhere}"
    at = f" at {cut.source_in}" if cut.source_in else ""
    known = {
        Says.NAMED: ", which names it",
        Says.ELSEWHERE: ", which names this reference elsewhere",
        Says.OTHER: ", which does not name this reference",
    }
    return f"cut from {cut.clip[:120]}{at} ({name}{known.get(cut.says, '')})"


def without_cut(match: Match) -> Match:
    """The match as it was recognised, without the facts of a cut."""
    return replace(match, facts=replace(match.facts, cut=None)) if match.facts.cut else match


# Programmes and their cuts


@dataclass(frozen=True, slots=True)
class _Programme:
    """A video, a frame sequence or a sound with a place on a clock."""

    place: AssetKey
    start: Timecode
    """The label of its first frame."""
    after: int
    is_stated: bool
    """The file says its start timecode; else it is counted from zero, or by the numbers of its frames."""
    number: int | None = None
    """What the first frame of a sequence is called."""

    @property
    def stem(self) -> str:
        """Its name, without the pattern of its frame numbers."""
        name = PurePosixPath(self.place[1])
        return name.name.rpartition("%")[0].rstrip("._-") if self.number is not None else name.stem


class Conform:
    """The cuts and programmes of a delivery. Lays out a cut when a match first needs it."""

    def __init__(
        self,
        timelines: Iterable[tuple[AssetKey, Iterable[EditSequence]]] = (),
        programmes: Iterable[tuple[Asset, MediaFacts | None]] = (),
    ) -> None:
        self._cuts = [cut for place, sequences in timelines for cut in cuts_of(place, sequences)]
        placed = (_programme(asset, media) for asset, media in programmes) if self._cuts else ()
        self._programmes = {one.place: one for one in placed if one is not None}
        self._tracks: dict[tuple[int, Fraction, bool, str], Track] = {}

    def reconciled(
        self, asset: Asset, matches: tuple[Match, ...], media: MediaFacts | None = None
    ) -> tuple[Match, ...]:
        """The matches, each with what the programme's cut has at its frames; the same object where nothing changes.

        A sound that states its clock is also on it. That is read when it is needed, because stems are many.
        """
        if not matches:
            return matches
        programme = self._programmes.get((asset.root, asset.path))
        if self._cuts and asset.kind is Kind.AUDIO:
            programme = _programme(asset, media)
        cuts = self._cuts_of(programme) if programme else []
        told = []
        for match in matches:
            cut = self._describe_match(match, programme, cuts) if programme and cuts else None
            told.append(match if cut == match.facts.cut else replace(match, facts=replace(match.facts, cut=cut)))
        return matches if all(new is old for new, old in zip(told, matches, strict=True)) else tuple(told)

    def events_under(self, asset: Asset, media: MediaFacts | None) -> tuple[AssetKey, list[Laid]] | None:
        """The cut that a programme was made from, and its events on the frames of the programme: the first frame is 0,
        for a sequence the number in its name. None where no cut, or more than one, fits it; the first of several equal
        ones."""
        programme = self._programmes.get((asset.root, asset.path))
        cuts = self._cuts_of(programme) if programme else []
        if programme is None or not cuts:
            return None
        origin = programme.start.frame - (programme.number or 0)
        events = (replace(one, first=one.first - origin, after=one.after - origin)
                  for one in self._track(cuts[0], programme.start, "picture").events)  # fmt: skip
        return cuts[0].place, list(events)

    def may_be_of(self, cut: Cut, place: AssetKey) -> bool:
        """Whether a programme with a cut's name can have been made from it.

        A trailer has its episode's name and begins at the same hour, but is named as a trailer, or is less than half as
        long. Where they disagree, only what is recognised in the programme counts. A reel needs less; a programme of
        unknown length is accepted by its name.
        """
        programme = self._programmes.get(place)
        said = set(words(PurePosixPath(place[1]).stem))
        titled = {word for title in cut.titles for word in words(title)}
        if (said & _PROMOS) - titled:
            return False
        if programme is None or any(_REEL.fullmatch(word) for word in said - titled):
            return True
        length = (programme.after - programme.start.frame) / programme.start.rate
        return 2 * length >= cut.seconds

    def has(self, place: AssetKey, labels: tuple[str, str]) -> bool:
        """Whether a programme has such labels on its clock; accepted where its clock is not known."""
        programme = self._programmes.get(place)
        if programme is None:
            return True
        try:
            into, out = (frame_of(Timecode.parse(label, programme.start.rate), programme.start) for label in labels)
        except ValueError:
            return False
        return 0 <= into < out <= programme.after - programme.start.frame

    def _cuts_of(self, programme: _Programme) -> list[Cut]:
        """Those that come closest to its name, of those that fit it; else the only one, where it fits no other."""
        near = [cut for cut in self._cuts if cut.place[0] == programme.place[0]]
        close = [(cut.closeness(programme.stem), cut) for cut in near]
        fitting = [
            (rank, cut)
            for rank, cut in close
            if rank and self.may_be_of(cut, programme.place) and self._fits(cut, programme, rank)
        ]
        if fitting:
            best = max(rank for rank, _ in fitting)
            return [cut for rank, cut in fitting if rank == best]
        if len(near) != 1 or not programme.is_stated:
            return []
        videos = [one for one in self._programmes.values() if one.place[0] == programme.place[0]]
        if any(near[0].closeness(one.stem) for one in videos):
            return []
        return near if [one for one in videos if self._fits(near[0], one, 0)] == [programme] else []

    def _track(self, cut: Cut, clock: Timecode, sense: str = "") -> Track:
        key = (id(cut), clock.rate, clock.drop, sense)
        if key not in self._tracks:
            self._tracks[key] = self._track(cut, clock).of(sense) if sense else cut.track(clock)
        return self._tracks[key]

    def _fits(self, cut: Cut, programme: _Programme, closeness: int) -> bool:
        """Whether one holds the other, up to a second. The less the name says, the more frames they must share: a
        trailer bears its episode's name too, and every programme begins at the hour."""
        track = self._track(cut, programme.start)
        if not track.events:
            return False
        (begin, end), (first, after) = (track.events[0].first, track.ends[-1]), (programme.start.frame, programme.after)
        slack = nominal(programme.start.rate)
        holds = begin <= first + slack and after <= end + slack
        held = first <= begin + slack and end <= after + slack
        if not (holds or held) or closeness == EXACT:
            return holds or held
        common = min(end, after) - max(begin, first)
        return 2 * common >= (end - begin if closeness else max(end - begin, after - first))

    def _describe_match(self, match: Match, programme: _Programme, cuts: list[Cut]) -> CutFacts | None:
        span = _span(match, programme)
        if span is None:
            return None
        sense, names = match.facts.sense or Sense.PICTURE, called(match.reference)
        found = (
            _describe_cut(cut, self._track(cut, programme.start, sense), span, names, programme.start) for cut in cuts
        )
        said = [told for told in found if told is not None]
        # An EDL and an AAF of one cut agree; where cuts do not, it is not known which the programme was made from.
        if len({(told.says, min(called(told.clip or ""), default="")) for told in said}) != 1:
            return None
        return max(said, key=lambda told: bool(told.source_in))


def _programme(asset: Asset, media: MediaFacts | None) -> _Programme | None:
    frames = asset.frames
    if media is None or not media.rate or not (frames.ranges if frames else media.duration):
        return None
    try:
        rate = rate_of(media.rate)
        number = frames.ranges[0][0] if frames else None
        start = Timecode.parse(media.timecode, rate) if media.timecode else Timecode(number or 0, rate)
        length = (
            frames.ranges[-1][1] + 1 - frames.ranges[0][0] if frames else round(Fraction(media.duration or 0) * rate)
        )
    except (ValueError, OverflowError):
        return None
    return _Programme((asset.root, asset.path), start, start.frame + length, bool(media.timecode), number)


def _span(match: Match, programme: _Programme) -> Span | None:
    at = match.at
    # Several spans are stills of a sequence that were compared by themselves.
    if at is None or len(at.frames) != 1 or at.is_numbered != (programme.number is not None):
        return None
    if not at.is_numbered and (not at.rate or rate_of(at.rate) != programme.start.rate):
        return None
    begin = programme.start.frame - (programme.number or 0)
    return begin + at.frames[0][0], begin + at.frames[0][1]


def _describe_cut(cut: Cut, track: Track, span: Span, names: frozenset[str], clock: Timecode) -> CutFacts | None:
    """What a track has at a reference's frames; None where it holds nothing of this sense, or leaves it open."""
    events = track.at(span)
    named = [event for event in events if names & event.names]
    if not track.events or (not named and (names & track.loose_names or (track.loose and not events))):
        return None
    # Under a clip that was not opened anything may lie: what is not named is not called absent.
    if not named and any(event.clip.unexpanded for event in (*events, *track.loose)):
        return None
    if not events:
        return CutFacts(timeline=cut.place[1], says=Says.ELSEWHERE if names & track.names else Says.NOTHING)
    says = Says.NAMED if named else Says.ELSEWHERE if names & track.names else Says.OTHER
    event = max(named or events, key=lambda event: shared(span, event))
    clip, reel = event.clip.name[:_WORDS], event.clip.reel[:_WORDS]
    if reel.upper() in _NO_REEL or reel == clip:
        reel = ""
    into, out = _source(event, span, clock) or ("", "")
    return CutFacts(
        timeline=cut.place[1], says=says, event=event.clip.where[:_WORDS], clip=clip, reel=reel, source_in=into,
        source_out=out,
    )  # fmt: skip


def _source(event: Laid, span: Span, clock: Timecode) -> tuple[str, str] | None:
    """The source's own in and out for the frames that are shared, converted where it was retimed or counts at another
    rate; nothing where that cannot be known to the frame."""
    clip = event.clip
    shared_frames = max(span[0], event.first) - event.first, min(span[1], event.after) - event.first
    try:
        rate = rate_of(clip.source_rate) if clip.source_rate else clock.rate
        into = Timecode.parse(clip.source_in, rate)
        out = Timecode.parse(clip.source_out, rate) if clip.source_out else None
    except ValueError:
        return None
    ranges = {_count_shown(shared_frames, speed * rate / clock.rate) for speed in _speeds(clip, clock.rate)}
    is_plain = clip.speed == 1 and clip.speed_fps is None and clip.source_rate is None
    if len(ranges) != 1 or (is_plain and (out is None or out.frame - into.frame != event.after - event.first)):
        return None
    ((first, after, is_backwards),) = ranges
    if is_backwards:
        if out is None or clip.speed_fps is not None:  # an edit list leaves open at which end it begins
            return None
        return str(out - after), str(out - first)
    return str(into + first), str(into + after)


def _speeds(clip: Event, rate: Fraction) -> tuple[Fraction, ...]:
    """How fast the source may run: one speed, or of an edit list those that its frames a second can mean. They are
    rounded, and counted at the exact rate or at the whole one; a speed of whole percents is taken to be meant.
    Empty where it varies."""
    if clip.speed_fps is None:
        return () if clip.speed is None else (clip.speed,)
    fps = Fraction(clip.speed_fps)
    slack = Fraction(1, 2 * 10 ** -int(clip.speed_fps.as_tuple().exponent))
    rates = (rate, Fraction(nominal(rate)))
    percents = ((Fraction(round(100 * fps / counted), 100), counted) for counted in rates)
    meant = [speed for speed, counted in percents if speed and abs(speed - fps / counted) <= slack / counted]
    return tuple(meant or [end / counted for counted in rates for end in (fps - slack, fps + slack)])


def _count_shown(frames: Span, step: Fraction) -> tuple[int, int, bool]:
    """The source's frames from its begin that are shown by some of the record's, at `step` of them for each; and
    whether they are counted from its end."""
    if step == 0:
        return 0, 1, False
    first, after = floor(frames[0] * abs(step)), ceil(frames[1] * abs(step))
    return first, max(after, first + 1), step < 0
