"""Compares one asset's pictures and sound with references. Runs in a sealed worker; opens media for reading only.

Rule: what could not be compared is reported as a problem, never left out silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Final

from fingerprints.library.library import Library
from fingerprints.stills.match import Matcher
from fingerprints.stills.placing import PictureMatch
from fingerprints.stills.verify import INLIERS
from fingerprints.vocabulary import Grade, Quality, Relation
from media.errors import LibraryError, MediaError, MissingDependency, Unsupported
from media.frames import FILM, FrameSequence
from media.still import DETAIL_SIDE, Picture, further_pictures, open_picture
from media.timecode import rate_of
from scanner.discover.sequences import frame_paths
from scanner.model import Kind, Match, Place, ProblemCode, Role
from scanner.recognise.altered import (
    altered_in_picture,
    comparison_of,
    doubted_in_picture,
    gravity,
    is_equal,
    relation_of,
    shows_watermark,
)
from scanner.recognise.lookup import Lookup, Sightings, match_problem
from scanner.recognise.opened import facts_of, is_own, library_at, take_offline
from scanner.recognise.programmes import look_up_programme

__all__ = ["look_up"]

_NAMED: Final = 6
"""Frames that an alteration names."""
_STILLS: Final = 24
"""A sequence of more frames is a programme. One that cannot be decoded as such is compared by so many of them."""
_FURTHER: Final = 120
"""Pictures of a still that are compared beside its first one; those that look like the one before are not counted."""


def look_up(lookup: Lookup) -> Sightings:
    """Find all references that the asset shows or sounds like. Never raises because of what media hold."""
    return replace(_look_up(lookup), offline=take_offline(lookup.shelves))


def _look_up(lookup: Lookup) -> Sightings:
    asset = lookup.asset
    try:
        if asset.frames is not None and asset.frames.count > _STILLS and not lookup.fps:
            return _in_sequence(lookup)
        if asset.kind is Kind.IMAGE:
            return _in_picture(lookup)
        return look_up_programme(lookup, Path(asset.location) / asset.path)
    except Unsupported as fault:
        return Sightings(problems=(match_problem(ProblemCode.UNSUPPORTED, f"not compared with references: {fault}"),))
    except OSError as fault:
        return Sightings(
            problems=(
                match_problem(ProblemCode.UNREADABLE, f"not compared with references: {fault.strerror or fault}"),
            )
        )
    except (MediaError, LibraryError, MissingDependency) as fault:
        return Sightings(problems=(match_problem(ProblemCode.TOOL_FAILED, f"not compared with references: {fault}"),))


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
    problems = (match_problem(ProblemCode.MALFORMED, f"compared with references in part only: {said}"),) if said else ()
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
    last = 1
    try:
        for count, further in enumerate(further_pictures(path, at_least=DETAIL_SIDE)):
            if count == _FURTHER:
                left.append(f"the first {further.number - 1} of its {further.of} pictures")
                return
            last = further.number
            for match in _of_shelves(lookup, further.picture):
                yield replace(match, at=_in_frames(match.at, (further.number,))), further.number
    except MediaError as fault:
        left.append(f"behind picture {last}: {fault}")


def _of_shelves(lookup: Lookup, picture: Picture) -> Iterator[Match]:
    for folder in lookup.shelves:
        library = library_at(folder)
        for found in Matcher(library).match(picture, with_doubtful=True):
            if (match := _of_picture(found, library, picture)) is not None:
                yield match


def _of_picture(found: PictureMatch, library: Library, picture: Picture) -> Match | None:
    """None where the two, laid over each other, turn out to be different pictures."""
    reference = library.reference(found.reference)
    assert reference is not None  # noqa: S101 - the matcher asked the same library
    # Of a moving picture the nearest frame is kept: what differs from it may be another moment of the shot.
    judged = not is_own(library) and reference.clip is None
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
    relation, facts = found.relation, facts_of(reference, library)
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


# Frame sequences as programmes


def _in_sequence(lookup: Lookup) -> Sightings:
    """Every frame; where FFmpeg does not read its format, some of them, and a problem says so."""
    asset = lookup.asset
    assert asset.frames is not None  # noqa: S101 - who calls has asked
    path = Path(asset.location) / asset.path
    frames = FrameSequence(path.parent, path.name, asset.frames.ranges, _rate(lookup), lookup.start)
    try:
        return look_up_programme(lookup, frames)
    except MediaError as fault:
        said = f"only {_STILLS} of its {len(frames)} frames were compared with references: {fault}"
        some = _in_picture(lookup)
        return replace(some, problems=(match_problem(ProblemCode.UNSUPPORTED, said), *some.problems))


def _rate(lookup: Lookup) -> Fraction:
    try:
        return rate_of(lookup.rate)
    except ValueError:
        return FILM
