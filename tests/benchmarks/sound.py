"""Music and voices planted in a programme: found, and when? And what is found in hours of other sound.

`python -m tests.benchmarks.sound FOLDER --half 0`; `sound_set` says what the folder holds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from fingerprints.programmes.programme import read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import Query, open_item
from fingerprints.programmes.trace import trace
from tests.benchmarks.measure import machine, of_process, written
from tests.benchmarks.sound_made import RATE, Wave, music, speech
from tests.benchmarks.sound_set import KINDS, Made, Planted, make, write_sound
from tests.benchmarks.table import table

PAGE = Path(__file__).parents[2] / "docs/trace.md"
STRANGERS, STRANGE_SECONDS = 40, 12.0
"""Pieces that are looked for in hours of other sound, half of them tempered."""
HOURS = 3
NEAR = 12 / 25
"""Seconds by which an edge may be off: 12 frames at 25."""


def planted_again(made: Made, work: Path) -> Iterator[str]:
    """Recall, timing and false segments of a programme, as Markdown."""
    items = [_item(work, name, wave) for name, wave in made.pieces.items()]
    programme = read(write_sound(work / "programme.m4a", made.sound))
    found: list[Segment] = []
    cost = of_process(lambda: found.extend(trace(items, [programme])))
    minutes = len(made.sound) / RATE / 60
    yield (
        f"{len(made.planted)} instances in {minutes:.0f} minutes, AAC at 96 kbit/s; {len(made.pieces)} sounds are looked "
        f"for, {len(made.near)} of them near misses that are never planted. Found where they are, with in and out; edges "
        f"within 12 frames at 25.\n"
    )
    yield table(("kind", "found", "edges within 12 frames", "farthest, s"), _rows(made.planted, found))
    met = [best for one in made.planted if (best := _best(one, found))]
    edges = [edge for one in made.planted for edge in _edges(one, found)]
    false = [segment for segment in found if not any(_shared(segment, one) > 0 for one in made.planted)]
    near = sum(edge <= NEAR for edge in edges)
    yield (
        f"\nFound {len(met)} of {len(made.planted)} ({len(met) / len(made.planted):.3f}); edges within 12 frames: "
        f"{near} of {len(edges)} ({near / max(1, len(edges)):.3f}). Segments where their reference is not: {len(false)}. "
        f"{cost.cpu * 60 / minutes:.0f} s of CPU for an hour, after reading.\n"
    )
    for segment in false:
        yield f"- false: {segment.reference}, {segment.in_seconds:.2f}–{segment.out_seconds:.2f} s, {segment.by}, {segment.score:g}"


def strange(work: Path) -> Iterator[str]:
    """What is found in hours that hold none of the sounds."""
    items = [
        _item(work, f"stranger{n}.wav", music(STRANGE_SECONDS, 400 + n, tempered=n % 2 == 0)) for n in range(STRANGERS)
    ]
    others = [read(write_sound(work / f"other{hour}.m4a", *_other(hour))) for hour in range(HOURS)]
    false: list[Segment] = []
    listening = of_process(lambda: false.extend(trace(items, others)))
    yield (
        f"\nIn {HOURS} hours of other sound (speech, music, speech over music, all made; in every other hour the music is "
        f"in equal temperament at whole tempi, as most is), where {len(items)} pieces are looked for of which none is "
        f"there: {len(false)}, in {listening.cpu / HOURS:.1f} s of CPU an hour after reading."
    )


def _rows(planted: Sequence[Planted], found: Sequence[Segment]) -> Iterator[Sequence[str]]:
    for kind in KINDS:
        mine = [one for one in planted if one.kind == kind]
        edges = [edge for one in mine for edge in _edges(one, found)]
        met = sum(_best(one, found) is not None for one in mine)
        near = sum(edge <= NEAR for edge in edges)
        farthest = f"{max(edges, default=0.0):.2f}"
        yield kind.name, f"{met} of {len(mine)}", f"{near} of {len(edges)}" if edges else "", farthest


def _best(one: Planted, found: Sequence[Segment]) -> Segment | None:
    best = max(found, key=lambda segment: _shared(segment, one), default=None)
    return best if best is not None and _shared(best, one) > 0 else None


def _edges(one: Planted, found: Sequence[Segment]) -> tuple[float, ...]:
    """Seconds by which the in and the out of all that was found of it are off."""
    mine = [segment for segment in found if _shared(segment, one) > 0]
    if not mine:
        return ()
    first, last = min(segment.in_seconds for segment in mine), max(segment.out_seconds for segment in mine)
    return abs(first - one.start), abs(last - one.end)


def _shared(segment: Segment, one: Planted) -> float:
    shared = min(segment.out_seconds, one.end) - max(segment.in_seconds, one.start)
    return shared if segment.reference == one.item else -1.0


def _item(work: Path, name: str, wave: Wave) -> Query:
    return open_item(write_sound(work / name, wave), name)


def _other(hour: int) -> Iterator[Wave]:
    """An hour that holds none of the pieces: speech, music, and speech over music, each twice."""
    seconds, tempered = 600, hour % 2 == 1
    for seed in (8_000 + 100 * hour, 8_050 + 100 * hour):
        yield speech(seconds, seed)
        yield music(seconds, seed + 1, tempered=tempered)
        yield speech(seconds, seed + 2) + music(seconds, seed + 3, tempered=tempered) * 10 ** (-9 / 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of music, speech, takes and beds")
    parser.add_argument("--half", type=int, default=0, choices=(0, 1), help="which half of the material")
    parser.add_argument("--strange", action="store_true", help="hours of other sound too")
    parser.add_argument("--write", action="store_true", help="write docs/trace.md too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        lines = [f"{machine()}\n", *planted_again(make(asked.folder, asked.half), Path(work))]
        lines += strange(Path(work)) if asked.strange else []
    print("\n".join(lines))
    if asked.write:
        written(PAGE, "sound", "\n".join(lines))


if __name__ == "__main__":
    main()
