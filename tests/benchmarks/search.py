"""`python -m tests.benchmarks.search PHOTOS FOOTAGE [--minutes N] [--write]`: what looking for many things costs.

Minutes of programme are searched for a thousand stills and a hundred clips, few of which are in it, and the
cost of an hour is set against that of decoding an hour of 1080p. `--write` puts it into `docs/trace.md`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2

from fingerprints.programmes.programme import read
from fingerprints.programmes.sought import open_item
from fingerprints.programmes.trace import Tracer
from fixtures.encode import run
from media.probe import probe
from tests.benchmarks.measure import machine, of_process, written
from tests.benchmarks.programme_set import STILLS, Footage, Maker, encode
from tests.benchmarks.reading import h264, null
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in

PAGE = Path(__file__).parents[2] / "docs/trace.md"
SIZE = (640, 360)
SOUGHT, CLIPS, FILLING = 1000, 100, 150
PLANTED = 0.4
"""Stills, and clips, a minute that are in the programme."""
PIECE = 2.5
"""Seconds of a clip."""
SHORTEST = 12
"""Seconds of footage that is cut into clips; shorter footage fills the programme."""
SCALE = 20
"""Seconds of 1080p whose decoding is measured."""


def searched(photos: Path, footage: Path, minutes: float, work: Path, seed: int = 1) -> Iterator[str]:
    """The cost, as Markdown."""
    pictures = photos_in(photos)
    random.Random(seed).shuffle(pictures)
    filling, sought = pictures[:FILLING], pictures[FILLING : FILLING + SOUGHT]
    planted = max(1, round(PLANTED * minutes))
    turned = list(_upside_down(sought[planted:], SOUGHT - len(sought), work))
    films = sorted(path for path in footage.iterdir() if path.suffix.lower() in (".mp4", ".mov", ".mkv"))
    long = [path for path in films if (probe(path).duration or 0) >= SHORTEST]
    clips = list(islice(_pieces(long, work), CLIPS))
    maker = Maker(
        filling,
        {path.name: Footage(path, SIZE) for path in clips[:: max(1, len(clips) // planted)][:planted]},
        {path.name: Footage(path, SIZE) for path in films if path not in long},
        SIZE,
        seed,
    )
    master = work / "programme.mov"
    stills = [(path, STILLS[n % len(STILLS)]) for n, path in enumerate(sought[:planted])]
    encode(maker.frames(stills, [(name, "clip-plain") for name in maker.clips], minutes), master, SIZE)
    film = h264(work / "scale.mp4", SCALE)
    decoding = null(film).cpu * 3600 / SCALE
    items = []
    opening = of_process(lambda: items.extend(open_item(path, path.name) for path in (*sought, *turned, *clips)))
    programme = read(master)
    tracers: list[Tracer] = []
    setting = of_process(lambda: tracers.append(Tracer(items)))
    found: list[object] = []
    searching = of_process(lambda: found.extend(tracers[0].segments(programme)))
    hour = searching.cpu * 60 / minutes
    yield (
        f"{minutes:g} minutes of {SIZE[0]} × {SIZE[1]} searched for {len(sought) + len(turned)} stills and {len(clips)} "
        f"clips of {PIECE} s, {len(maker.planted)} of which are in it ({len(found)} segments found), seed {seed}. "
        f"{len(turned)} of the stills are photographs upside down. The hour is those minutes, scaled; its decoding "
        f"is {SCALE} s of 1080p H.264 through `ffmpeg -f null`, scaled.\n"
    )
    rows = [
        ("references opened, once", f"{opening.cpu:.0f}", ""),
        ("index over them, once", f"{setting.cpu:.1f}", f"{setting.cpu / decoding:.3f}"),
        (f"search of {minutes:g} minutes", f"{searching.cpu:.0f}", ""),
        ("search of an hour", f"{hour:.0f}", f"{hour / decoding:.3f}"),
        ("decoding of an hour of 1080p", f"{decoding:.0f}", "1.000"),
    ]
    yield table(("what", "CPU s", "÷ decoding"), rows)


def _upside_down(pictures: list[Path], count: int, work: Path) -> Iterator[Path]:
    for path in pictures[: max(0, count)]:
        turned = work / f"turned-{path.stem}.jpg"
        cv2.imwrite(str(turned), cv2.imread(str(path))[::-1])
        yield turned


def _pieces(films: list[Path], work: Path) -> Iterator[Path]:
    """Clips from all films in turn."""
    lengths = [int((probe(film).duration or 0) / PIECE) for film in films]
    for number in range(max(lengths, default=0)):
        for film, length in zip(films, lengths, strict=True):
            if number < length:
                piece = work / f"{film.stem}-{number}.mp4"
                cut = ("-ss", str(number * PIECE), "-t", str(PIECE), "-i", film, "-an")
                run(*cut, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", piece)
                yield piece


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("footage", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        said = "\n".join(
            [f"{machine()}\n", *searched(asked.photos, asked.footage, asked.minutes, Path(work), asked.seed)]
        )
    print(said)
    if asked.write:
        written(PAGE, "search", said)


if __name__ == "__main__":
    main()
