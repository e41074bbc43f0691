"""`python -m tests.benchmarks.programme PHOTOS FOOTAGE [--minutes N] [--distractors N] [--write]`.

Makes a programme with planted stills and clips, looks for them among distractors, and prints recall,
false segments and errors of in and out by kind. `--seed N` draws another one: what was tuned on one is
told on another. `--low KBITS` delivers it at a low bit rate. The footage must be of constant rate, and no
two files of it the same pictures. `--write` puts the table into `docs/trace.md`.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from fingerprints.programmes.programme import read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import open_item
from fingerprints.programmes.trace import Tracer
from fingerprints.vocabulary import Sense
from media.ffmpeg import tool
from tests.benchmarks.measure import of_process, written
from tests.benchmarks.programme_set import CLIPS, STILLS, Footage, Maker, Planted, encode
from tests.benchmarks.transforms import photos_in

PAGE = Path(__file__).parents[2] / "docs/trace.md"
SIZE = (640, 360)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("footage", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--distractors", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--low", type=int, metavar="KBITS")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = "\n".join(_measured(asked, Path(folder)))
    print(table)
    if asked.write:
        written(PAGE, "measured", table)


def _measured(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    photos = photos_in(asked.photos)
    random.Random(asked.seed).shuffle(photos)
    count = 4 * len(STILLS)
    planted, distractors = photos[:count], photos[count : count + asked.distractors]
    filler = photos[count + asked.distractors :]
    films = sorted(path for path in asked.footage.iterdir() if path.suffix.lower() in (".mp4", ".mov", ".mkv"))
    long = [path for path in films if path.stat().st_size > 400_000]
    clips = {path.name: path for path in long[: len(CLIPS)]}
    rest = {path.name: Footage(path, SIZE) for path in films if path.name not in clips}
    maker = Maker(filler, {name: Footage(path, SIZE) for name, path in clips.items()}, rest, SIZE, asked.seed)
    stills = [(path, STILLS[n % len(STILLS)]) for n, path in enumerate(planted)]
    names = list(clips)
    shown = [(names[n % len(names)], CLIPS[(n + n // len(names)) % len(CLIPS)]) for n in range(2 * len(CLIPS))]
    master = folder / "programme.mov"
    low = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", f"{asked.low}k") if asked.low else ()
    encode(maker.frames(stills, shown, asked.minutes), master, SIZE, *low)
    null = of_process(
        lambda: subprocess.run([tool().path, "-v", "error", "-i", master, "-f", "null", "-"], check=True)
    ).cpu
    programmes = []
    reading = of_process(lambda: programmes.append(read(master))).cpu
    tracer = Tracer([open_item(path, path.name) for path in (*planted, *clips.values(), *distractors)])
    found: list[Segment] = []
    searching = of_process(lambda: found.extend(tracer.segments(programmes[0]))).cpu
    rate = f", {asked.low} kbit/s" if asked.low else ""
    yield (
        f"{asked.minutes:g} minutes of {SIZE[0]} × {SIZE[1]}{rate}, {len(maker.planted)} instances of {len(planted)} stills "
        f"and {len(clips)} clips, {asked.distractors} stills that are not in it, seed {asked.seed}."
    )
    yield f"CPU: FFmpeg to null {null:.1f} s; reading {reading:.1f} s ({reading / null:.2f}); searching {searching:.1f} s"
    yield f"({platform.machine()}, {os.cpu_count()} cores, shared).\n"
    yield from _table(maker.planted, [segment for segment in found if segment.kind is Sense.PICTURE])


def _table(planted: list[Planted], found: list[Segment]) -> Iterator[str]:
    errors: dict[str, list[tuple[int, int] | None]] = defaultdict(list)
    used: set[int] = set()
    for one in planted:
        shared = {
            n: min(segment.out_frame, one.end) - max(segment.in_frame, one.first)
            for n, segment in enumerate(found)
            if segment.reference == one.item and n not in used
        }
        best = max(shared, key=lambda n: shared[n], default=None)
        if best is None or shared[best] <= 0:
            errors[one.kind].append(None)
            print(f"missed: {one}", file=sys.stderr)
            continue
        used.add(best)
        errors[one.kind].append((abs(found[best].in_frame - one.first), abs(found[best].out_frame - one.end)))
    yield "| kind | found | in, frames off (median) | out |\n|---|---|---|---|"
    yield from (_row(kind, off) for kind, off in sorted(errors.items()))
    every = [pair for off in errors.values() for pair in off]
    for name, are_clips in (("all clips", True), ("all stills", False)):
        yield _row(name, [pair for kind, off in errors.items() if kind.startswith("clip") is are_clips for pair in off])
    yield f"\nFound {sum(pair is not None for pair in every)} of {len(every)}; false segments: {len(found) - len(used)}."


def _row(kind: str, off: list[tuple[int, int] | None]) -> str:
    known = [pair for pair in off if pair is not None]
    middle = [f"{statistics.median(pair[n] for pair in known):g}" if known else "–" for n in (0, 1)]
    return f"| {kind} | {len(known)} of {len(off)} | {middle[0]} | {middle[1]} |"


if __name__ == "__main__":
    main()
