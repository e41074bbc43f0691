"""Compares programmes and sounds with references: the segments of a tracer as matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from fingerprints.library_queries import items_of
from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment, apart
from fingerprints.programmes.sought import Query, open_item
from fingerprints.programmes.trace import Tracer
from fingerprints.stills.placing import framing
from fingerprints.vocabulary import Relation, Sense
from media.decode import EVERY_FRAME, Medium, Mode
from media.errors import MediaError
from media.frames import FrameSequence
from media.place import Box
from media.probe import probe
from media.work.folders import find_folder
from scanner.clock import first_label
from scanner.model import Kind, Match, MatchFacts, Place, Problem, ProblemCode, Role
from scanner.recognise.altered import (
    OR_ANOTHER_RECORDING,
    altered_in_segment,
    comparison_of,
    relation_of,
    shows_watermark_in_segment,
)
from scanner.recognise.lookup import Lookup, OwnClip, Sightings, match_problem
from scanner.recognise.opened import facts_of, library_at

__all__ = ["Sought", "look_up_programme", "open_queries", "sightings_of"]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is said of that which is looked for in programmes."""

    whose: dict[str, str]
    """Item's name → the key of its reference: a sequence has several items."""
    told: dict[str, tuple[str, Role, MatchFacts]]
    """That key → reference, role, facts."""
    unopened: list[str]


def look_up_programme(lookup: Lookup, medium: Medium) -> Sightings:
    """Find all references in a programme or a sound. Raises `MediaError` where nothing of it can be decoded."""
    tracer, sought = open_queries(lookup)
    quick = Mode(fps=lookup.fps or None, keyframes=lookup.is_keyed)
    programme = read(medium, mode=quick if lookup.asset.kind is Kind.VIDEO else EVERY_FRAME)
    return sightings_of(programme, tracer.segments(programme), lookup, sought)


def open_queries(lookup: Lookup) -> tuple[Tracer, Sought]:
    """All that is looked for in programmes. Kept until something else is."""
    changes = tuple((find_folder(folder), library_at(folder).catalogue.change()) for folder in lookup.shelves)
    return _open_queries(lookup.shelves, changes, lookup.clips)


def sightings_of(programme: Programme, segments: Sequence[Segment], lookup: Lookup, sought: Sought) -> Sightings:
    """The segments that were found in a programme, as matches."""
    found = [replace(one, reference=sought.whose[one.reference]) for one in segments]
    # A doubtful match with a still that AI made, or that is somebody else's work, would accuse. Of clips, policies
    # report a doubtful one as an issue, whatever its role.
    seen = [
        one
        for one in found
        if not one.is_doubtful or one.reference_out > 0 or sought.told[one.reference][1] is Role.ARCHIVAL
    ]
    matches = [_judge_alteration(one, _of_segment(one, programme, sought), programme, lookup) for one in apart(seen)]
    problems = _further_tracks(programme.medium) if isinstance(programme.medium, Path) else ()
    if programme.fault:
        fault = match_problem(ProblemCode.MALFORMED, f"compared with references in part only: {programme.fault}")
        problems = (*problems, fault)
    if programme.note:
        problems = (*problems, replace(match_problem(ProblemCode.UNSUPPORTED, programme.note), blocking=False))
    return Sightings(matches=tuple(matches), problems=problems, unopened=tuple(sought.unopened))


def _further_tracks(medium: Path) -> tuple[Problem, ...]:
    """That a medium has more tracks of pictures than the one that is compared."""
    count = sum(stream.kind == "video" for stream in probe(medium).streams)
    if count < 2:
        return ()
    said = f"only the first of its {count} picture tracks was compared with references"
    return (match_problem(ProblemCode.UNSUPPORTED, said),)


def _judge_alteration(segment: Segment, match: Match, programme: Programme, lookup: Lookup) -> Match:
    """With what was altered in a library's still, compared with the frame that shows it."""
    if match.relation == Relation.SEGMENT:
        return match
    library = next((library_at(one) for one in lookup.shelves if Path(one).name == match.facts.library), None)
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
) -> tuple[Tracer, Sought]:
    """Made anew when a library has changed. Names are those of the shelves and not of their places, which may be others
    on another machine: the order of what is found goes by them."""
    items: list[Query] = []
    sought = Sought({}, {}, [])
    for folder in shelves:
        library = library_at(folder)
        for reference, item in items_of(library):
            items.append(replace(item, name=f"{folder} {item.name}"))
            key = sought.whose[items[-1].name] = f"{folder} {reference.id}"
            sought.told[key] = (reference.id, reference.details.role, facts_of(reference, library))
    for clip in clips:
        try:
            items.append(open_item(Path(clip.path), clip.name))
        except (MediaError, OSError) as fault:
            sought.unopened.append(f"{clip.name} is not searched for: {fault}")
        else:
            sought.whose[clip.name] = clip.name
            sought.told[clip.name] = (clip.name, clip.role, MatchFacts(digest=clip.digest))
    return Tracer(items), sought


def _of_segment(segment: Segment, programme: Programme, sought: Sought) -> Match:
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
