"""Compares one asset's pictures and sound with references. Runs in a sealed worker; opens media for reading only.

Rule: what could not be compared is reported as a problem, never left out silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Final

from fingerprints.library.library import Library
from fingerprints.library_queries import items_of
from fingerprints.model import Reference
from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment, apart
from fingerprints.programmes.sought import Query, open_item
from fingerprints.programmes.trace import Tracer
from fingerprints.stills.match import Matcher
from fingerprints.stills.placing import PictureMatch, framing
from fingerprints.stills.verify import INLIERS
from fingerprints.vocabulary import Grade, Quality, Relation, Sense
from media.decode import EVERY_FRAME, Medium, Mode
from media.errors import LibraryError, MediaError, MissingDependency, Unsupported
from media.frames import FILM, FrameSequence
from media.place import Box
from media.probe import probe
from media.still import DETAIL_SIDE, Picture, further_pictures, open_picture
from media.timecode import rate_of
from media.work.folders import find_folder
from scanner.clock import first_label
from scanner.discover.sequences import frame_paths
from scanner.model import Kind, Match, MatchFacts, Place, Problem, ProblemCode, Role
from scanner.recognise.altered import (
    OR_ANOTHER_RECORDING,
    altered_in_picture,
    altered_in_segment,
    comparison_of,
    doubted_in_picture,
    gravity,
    is_equal,
    relation_of,
    shows_watermark,
    shows_watermark_in_segment,
)
from scanner.recognise.lookup import OWN, Lookup, OwnClip, Sightings, repeat_details

__all__ = ["look_up"]

_NAMED: Final = 6
"""Frames that an alteration names."""
_STILLS: Final = 24
"""A sequence of more frames is a programme. One that cannot be decoded as such is compared by so many of them."""


def look_up(lookup: Lookup) -> Sightings:
    """Find all references that the asset shows or sounds like. Never raises because of what media hold."""
    found = _look_up(lookup)
    offline = sorted({file for folder in lookup.shelves for file in _opened_offline(folder)})
    return replace(found, offline=tuple(offline)) if offline else found


def _opened_offline(folder: str) -> Iterator[str]:
    """Files of a library's references that were wanted, and are not here."""
    try:
        offline = _library(folder).offline
    except LibraryError:  # it was reported
        return
    yield from offline
    offline.clear()


def _look_up(lookup: Lookup) -> Sightings:
    asset = lookup.asset
    try:
        if asset.frames is not None and asset.frames.count > _STILLS and not lookup.fps:
            return _in_sequence(lookup)
        if asset.kind is Kind.IMAGE:
            return _in_picture(lookup)
        return _in_programme(lookup, Path(asset.location) / asset.path)
    except Unsupported as fault:
        return Sightings(problems=(_problem(ProblemCode.UNSUPPORTED, f"not compared with references: {fault}"),))
    except OSError as fault:
        return Sightings(
            problems=(_problem(ProblemCode.UNREADABLE, f"not compared with references: {fault.strerror or fault}"),)
        )
    except (MediaError, LibraryError, MissingDependency) as fault:
        return Sightings(problems=(_problem(ProblemCode.TOOL_FAILED, f"not compared with references: {fault}"),))


def _problem(code: ProblemCode, message: str) -> Problem:
    return Problem(code=code, stage="match", by="match", message=message[:1_000])


# Stills and frame sequences


def _in_picture(lookup: Lookup) -> Sightings:
    """The best sighting of each reference; of a sequence, with the compared frames that show it."""
    broken: dict[int, str] = {}
    left: list[str] = []
    every_sighting = (*_by_frame(lookup, broken), *(() if lookup.asset.frames else _by_further_picture(lookup, left)))
    found = sorted(every_sighting, key=lambda sighting: (*_whose(sighting), -sighting[0].score))
    best = []
    for _, sightings in groupby(found, key=_whose):
        every = list(sightings)
        best.append(_strictest(every) if lookup.asset.frames else every[0][0])
    said = "; ".join((*(f"frame {number}: {why}" for number, why in broken.items()), *left))
    problems = (_problem(ProblemCode.MALFORMED, f"compared with references in part only: {said}"),) if said else ()
    return Sightings(matches=tuple(best), problems=problems)


def _strictest(sightings: Sequence[tuple[Match, int]]) -> Match:
    """Of a sequence's frames that show one reference, the best first: the match whose grade is the strictest.

    It is in all of these frames; its alteration states which of them have that grade.
    """
    frames = [number for _, number in sightings]
    strict = max((match for match, _ in sightings), key=lambda match: gravity(_grade(match)))
    match, grade = replace(strict, at=_in_frames(strict.at, frames)), _grade(strict)
    if match.alteration is None or grade in (None, Grade.NONE):
        return match
    graded = sorted({number for other, number in sightings if _grade(other) is grade})
    named = ", ".join(map(str, graded[:_NAMED])) + (f" and {len(graded) - _NAMED} more" if graded[_NAMED:] else "")
    reason = f"{match.alteration.reason}; in frame{'s' if graded[1:] else ''} {named}"
    return replace(match, alteration=replace(match.alteration, frame=graded[0], reason=reason))


def _grade(match: Match) -> Grade | None:
    return match.alteration.grade if match.alteration else None


def _in_frames(at: Place | None, numbers: Iterable[int]) -> Place:
    """A place in the picture, at frames of a sequence that were compared by themselves."""
    frames = tuple((number, number + 1) for number in sorted(set(numbers)))
    return Place(frames=frames, is_numbered=True, box=at.box if at else None)


def _whose(sighting: tuple[Match, int]) -> tuple[str, str]:
    match, _ = sighting
    return match.facts.library, match.reference


def _by_frame(lookup: Lookup, broken: dict[int, str]) -> Iterator[tuple[Match, int]]:
    """Sightings and their frames. A frame of a sequence that cannot be opened goes into `broken`."""
    root = Path(lookup.asset.location)
    files = list(frame_paths(lookup.asset))
    step = round(_rate(lookup) / lookup.fps) if lookup.fps else -(-len(files) // _STILLS)
    for number, path in files[:: max(1, step)]:
        try:
            picture = open_picture(root / path, at_least=DETAIL_SIDE)
        except MediaError as fault:
            if number is None:
                raise
            broken[number] = str(fault)
            continue
        for match in _of_shelves(lookup, picture):
            yield match, number or 0


def _by_further_picture(lookup: Lookup, left: list[str]) -> Iterator[tuple[Match, int]]:
    """Sightings in what a still shows beside its first picture, and the number of each picture. What was not compared
    goes into `left`."""
    path = Path(lookup.asset.location) / lookup.asset.path
    compared = count = 1
    try:
        for further in further_pictures(path, at_least=DETAIL_SIDE, limit=_STILLS):
            compared, count = compared + 1, further.of
            for match in _of_shelves(lookup, further.picture):
                yield replace(match, at=_in_frames(match.at, (further.number,))), further.number
    except MediaError as fault:
        left.append(f"picture {compared + 1}: {fault}")
    if count - 1 > _STILLS:
        left.append(f"{compared} of its {count} pictures")


def _of_shelves(lookup: Lookup, picture: Picture) -> Iterator[Match]:
    for folder in lookup.shelves:
        library = _library(folder)
        for found in Matcher(library).match(picture, with_doubtful=True):
            if (match := _of_picture(found, library, picture)) is not None:
                yield match


def _of_picture(found: PictureMatch, library: Library, picture: Picture) -> Match | None:
    """None where the two, laid over each other, turn out to be different pictures."""
    reference = library.reference(found.reference)
    assert reference is not None  # noqa: S101 - the matcher asked the same library
    # Of a moving picture the nearest frame is kept: what differs from it may be another moment of the shot.
    judged = not _is_own(library) and reference.clip is None
    shown = cache(partial(library.picture, reference, found.ordinal, at_least=DETAIL_SIDE))
    if found.is_doubtful:
        # A match with what AI made, or with somebody else's work, would accuse; an alteration is asked of archives.
        is_asked = judged and reference.details.role is Role.ARCHIVAL
        altered = doubted_in_picture(picture, found, shown(), reference.details.quality) if is_asked else None
        if altered is None:
            return None
    else:
        altered = altered_in_picture(picture, found, shown(), reference.details.quality) if judged else None
        if altered is not None and altered.is_other and found.threshold != INLIERS:
            return None  # by its hash alone, without points that agree
    relation, facts = found.relation, _facts(reference, library)
    if altered is not None:
        relation = relation_of(relation, altered)
    is_marked = reference.details.quality is Quality.WATERMARKED and shows_watermark(picture, found, shown())
    facts = replace(facts, shows_watermark=is_marked, is_negative=found.negative)
    if relation == Relation.EXACT and not is_equal(picture, shown()):
        relation = Relation.NEAR
    return Match(
        reference=found.reference,
        role=reference.details.role,
        relation=relation,
        score=found.score,
        threshold=found.threshold,
        at=Place(box=found.region),
        flip=found.flip,
        alteration=comparison_of(altered) if altered else None,
        facts=facts,
    )


def _is_own(library: Library) -> bool:
    """Whether it holds this run's own references: what was changed in temporary material is nobody's question."""
    return library.folder.name.startswith(OWN)


def _facts(reference: Reference, library: Library) -> MatchFacts:
    folder = "" if _is_own(library) else library.folder.name
    return MatchFacts(library=folder, digest=reference.digest, **repeat_details(reference.details))


# Programmes and sounds


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is said of that which is looked for in programmes."""

    whose: dict[str, str]
    """Item's name → the key of its reference: a sequence has several items."""
    told: dict[str, tuple[str, Role, MatchFacts]]
    """That key → reference, role, facts."""
    unopened: list[str]


def _in_sequence(lookup: Lookup) -> Sightings:
    """Every frame; where FFmpeg does not read its format, some of them, and a problem says so."""
    asset = lookup.asset
    assert asset.frames is not None  # noqa: S101 - who calls has asked
    path = Path(asset.location) / asset.path
    frames = FrameSequence(path.parent, path.name, asset.frames.ranges, _rate(lookup), lookup.start)
    try:
        return _in_programme(lookup, frames)
    except MediaError as fault:
        said = f"only {_STILLS} of its {len(frames)} frames were compared with references: {fault}"
        some = _in_picture(lookup)
        return replace(some, problems=(_problem(ProblemCode.UNSUPPORTED, said), *some.problems))


def _rate(lookup: Lookup) -> Fraction:
    try:
        return rate_of(lookup.rate)
    except ValueError:
        return FILM


def _in_programme(lookup: Lookup, medium: Medium) -> Sightings:
    changes = tuple((find_folder(folder), _library(folder).catalogue.change()) for folder in lookup.shelves)
    tracer, sought = _open_queries(lookup.shelves, changes, lookup.clips)
    quick = Mode(fps=lookup.fps or None, keyframes=lookup.is_keyed)
    programme = read(medium, mode=quick if lookup.asset.kind is Kind.VIDEO else EVERY_FRAME)
    found = [replace(one, reference=sought.whose[one.reference]) for one in tracer.segments(programme)]
    # A doubtful match with a still that AI made, or that is somebody else's work, would accuse. Of clips, policies
    # report a doubtful one as an issue, whatever its role.
    seen = [
        one
        for one in found
        if not one.is_doubtful or one.reference_out > 0 or sought.told[one.reference][1] is Role.ARCHIVAL
    ]
    matches = [_judge_alteration(one, _of_segment(one, programme, sought), programme, lookup) for one in apart(seen)]
    problems = _further_tracks(medium) if isinstance(medium, Path) else ()
    if programme.fault:
        fault = _problem(ProblemCode.MALFORMED, f"compared with references in part only: {programme.fault}")
        problems = (*problems, fault)
    if programme.note:
        problems = (*problems, replace(_problem(ProblemCode.UNSUPPORTED, programme.note), blocking=False))
    return Sightings(matches=tuple(matches), problems=problems, unopened=tuple(sought.unopened))


def _further_tracks(medium: Path) -> tuple[Problem, ...]:
    """That a medium has more tracks of pictures than the one that is compared."""
    count = sum(stream.kind == "video" for stream in probe(medium).streams)
    if count < 2:
        return ()
    said = f"only the first of its {count} picture tracks was compared with references"
    return (_problem(ProblemCode.UNSUPPORTED, said),)


def _judge_alteration(segment: Segment, match: Match, programme: Programme, lookup: Lookup) -> Match:
    """With what was altered in a library's still, compared with the frame that shows it."""
    if match.relation == Relation.SEGMENT:
        return match
    library = next((_library(one) for one in lookup.shelves if Path(one).name == match.facts.library), None)
    reference = library.reference(match.reference) if library else None
    if library is None or reference is None:
        return match
    altered, frame = altered_in_segment(programme, segment, reference, library)
    told = comparison_of(altered, frame=programme.number_of(frame))
    if shows_watermark_in_segment(programme, segment, reference, library):
        match = replace(match, facts=replace(match.facts, shows_watermark=True))
    return replace(match, relation=relation_of(match.relation, altered), alteration=told)


@lru_cache(maxsize=1)
def _open_queries(
    shelves: tuple[str, ...], _: tuple[tuple[str, int], ...], clips: tuple[OwnClip, ...]
) -> tuple[Tracer, _Sought]:
    """Made anew when a library has changed. Names are those of the shelves and not of their places, which may be others
    on another machine: the order of what is found goes by them."""
    items: list[Query] = []
    sought = _Sought({}, {}, [])
    for folder in shelves:
        library = _library(folder)
        for reference, item in items_of(library):
            items.append(replace(item, name=f"{folder} {item.name}"))
            key = sought.whose[items[-1].name] = f"{folder} {reference.id}"
            sought.told[key] = (reference.id, reference.details.role, _facts(reference, library))
    for clip in clips:
        try:
            items.append(open_item(Path(clip.path), clip.name))
        except (MediaError, OSError) as fault:
            sought.unopened.append(f"{clip.name} is not searched for: {fault}")
        else:
            sought.whose[clip.name] = clip.name
            sought.told[clip.name] = (clip.name, clip.role, MatchFacts(digest=clip.digest))
    return Tracer(items), sought


def _of_segment(segment: Segment, programme: Programme, sought: _Sought) -> Match:
    reference, role, facts = sought.told[segment.reference]
    facts = replace(
        facts, sense=segment.kind, measure=segment.by, line_up=segment.line_up, speed=float(f"{segment.speed:.4g}"),
        pitch=float(f"{segment.pitch:.4g}"),
    )  # fmt: skip
    if segment.reference_out > 0:
        into, out = round(segment.reference_in, 3), round(segment.reference_out, 3)
        facts = replace(facts, reference_in=into, reference_out=out)
    return Match(
        reference=reference,
        role=role,
        relation=_relation(segment),
        score=segment.score,
        threshold=segment.threshold,
        at=_at(segment, programme),
        flip=segment.flip,
        alteration=OR_ANOTHER_RECORDING if segment.is_doubtful and segment.reference_out > 0 else None,
        facts=facts,
    )


def _relation(segment: Segment) -> Relation:
    if segment.reference_out > 0 or segment.kind is Sense.SOUND or segment.region is None:
        return Relation.SEGMENT
    left, top, right, bottom = segment.region
    return framing(max(right - left, bottom - top), flip=segment.flip)


def _box(region: Sequence[float] | None) -> Box | None:
    if region is None:
        return None
    left, top, right, bottom = (100 * side for side in region)
    return Box(round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2))


def _at(segment: Segment, programme: Programme) -> Place:
    """Frames, and timecodes of the programme's own clock; of a sequence the numbers of its files, and timecodes where
    its frames state a rate."""
    begin, stop, box = segment.in_frame, segment.out_frame, _box(segment.region)
    frames, is_numbered = (max(0, begin), max(1, begin + 1, stop)), isinstance(programme.medium, FrameSequence)
    if isinstance(programme.medium, FrameSequence):
        frames = (programme.number_of(begin), programme.number_of(stop - 1) + 1)
        if not programme.medium.start:
            return Place(frames=(frames,), is_numbered=True, box=box)
    first = first_label(programme.start, programme.rate, programme.sound)
    labels = (str(first + begin), str(first + stop))
    return Place(frames=(frames,), is_numbered=is_numbered, rate=str(segment.rate), labels=labels, box=box)


def _library(folder: str) -> Library:
    """The library that belongs at a folder, wherever this machine has it."""
    return _opened(find_folder(folder))


@lru_cache(maxsize=16)
def _opened(place: str) -> Library:
    return Library.open(Path(place))
