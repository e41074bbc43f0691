"""`python -m tests.benchmarks.clips FOOTAGE PHOTOS [--distractors N] [--kind KIND] [--work FOLDER] [--write NAME]`.

Shows each kind of edit once in a programme of 23.976, of 25 and of 29.97 frames a second (drop-frame), with as many
near misses: the same footage at another time, behind the end of what the reference holds. FOOTAGE holds `clips` and
`filler`; no two of its files may show the same. Looks with N other references and without: both must find the same.
`--work` keeps what was made for the next run. `--write` puts the table between the marks of that name in `docs/trace.md`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import Query, open_item
from fingerprints.programmes.trace import Tracer
from fingerprints.vocabulary import Sense
from fixtures.encode import rgb, run
from media.ffmpeg import tool
from tests.benchmarks.clip_kinds import KINDS, SHORT, SPEEDS, Frame, Reel, shown
from tests.benchmarks.measure import machine, of_process, written
from tests.benchmarks.programme_set import cover
from tests.benchmarks.transforms import photos_in
from tests.benchmarks.vpdq import seen_by_vpdq

PAGE = Path(__file__).parents[2] / "docs/trace.md"
SIZE = (512, 288)
RATES = {"24000/1001": "10:00:00:00", "25": "10:00:00:00", "30000/1001": "10:00:00;00"}
REFERENCE, LATER = 0.6, 0.64
"""Part of a reel that is the reference, and from where it is a near miss."""
FLASH = "flash of 2 frames"
SECONDS = 3.2
WITHIN = 2
"""Frames by which an edge may be off to count as right."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a programme shows. A near miss has the name of its reel, and is found where it must not be."""

    reference: str
    kind: str
    first: int
    end: int
    is_near_miss: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of one that is planted: the frames by which its edges are off, if it was found."""

    kind: str
    edges: tuple[int, int] | None


class Draft:
    """Draws one programme. Its truth is `shown` when all frames are drawn."""

    def __init__(
        self, rate: Fraction, reels: Sequence[Reel], filler: Sequence[Reel], photos: Sequence[Path], seed: int
    ):
        self.rate, self.reels, self.filler, self.photos = float(rate), reels, filler, photos
        self.random, self.shown, self.at = random.Random(seed), list[Shown](), 0

    def frames(self, kinds: Sequence[str], turn: int) -> Iterator[Frame]:
        """Every kind once, each with a near miss, in an order of its own."""
        planted = [(kind, number, False) for number, kind in enumerate(kinds)]
        missed = [(self.random.choice(kinds), number + 5, True) for number in range(len(kinds))]
        order = [*planted, *missed]
        self.random.shuffle(order)
        for kind, number, is_near_miss in order:
            yield from self._counted(self._fill(self.random.randint(14, 40)))
            reel = self.reels[(number + 7 * turn) % len(self.reels)]
            if kind == FLASH:
                yield from self._flash(self.photos[-1 - number % 3 - 3 * turn], is_near_miss=is_near_miss)
            else:
                yield from self._clip(reel, kind, is_near_miss=is_near_miss)
        yield from self._counted(self._fill(30))

    def _counted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            yield frame
            self.at += 1

    def _fill(self, count: int) -> Iterator[Frame]:
        if self.random.random() < 0.6:
            reel = self.random.choice(self.filler)
            start = self.random.uniform(0, max(0.0, reel.seconds - count / self.rate))
            yield from (reel.at(start + n / self.rate) for n in range(count))
            return
        photo = cv2.imread(str(self.random.choice(self.photos[: len(self.photos) // 2])))[..., ::-1]
        yield from (cover(photo, SIZE, zoom=1 + 0.2 * n / count) for n in range(count))

    def _flash(self, photo: Path, *, is_near_miss: bool) -> Iterator[Frame]:
        """Two frames within other short shots; a near miss is a still that is no reference."""
        name = self.random.choice(self.photos[: len(self.photos) // 2]) if is_near_miss else photo
        for number in range(5):
            if number == 2:
                picture = cover(cv2.imread(str(name))[..., ::-1], SIZE)
                self.shown.append(Shown(name.name, FLASH, self.at, self.at + 2, is_near_miss))
                yield from self._counted(iter((picture, picture)))
            yield from self._counted(self._fill(8))

    def _clip(self, reel: Reel, kind: str, *, is_near_miss: bool) -> Iterator[Frame]:
        speed, short = SPEEDS.get(kind, 1.0), SHORT.get(kind)
        begin, stop = (reel.seconds * LATER, reel.seconds) if is_near_miss else (0.0, reel.seconds * REFERENCE)
        room = max(0.1, stop - begin - 2 / reel.rate) / abs(speed)
        count = min(short or round(SECONDS * self.rate), int(room * self.rate))
        start = self.random.uniform(begin, stop - 2 / reel.rate - count / self.rate * abs(speed))
        origin = start if speed > 0 else start + count / self.rate * abs(speed)
        if short:
            for _ in range(3):
                yield from self._counted(self._fill(short))
        behind = [list(self._fill(count)) for _ in range(3)]
        first = self.at
        for n in range(count):
            picture = lambda later, n=n: reel.at(origin + (n + later) / self.rate * speed)  # noqa: E731
            laid = [frames[min(n, len(frames) - 1)] for frames in behind]
            yield from self._counted(iter((shown(kind, picture, n, count, laid),)))
        self.shown.append(Shown(reel.name, kind, first, self.at, is_near_miss))
        if short:
            for _ in range(2):
                yield from self._counted(self._fill(short))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--distractors", type=int, default=120)
    parser.add_argument("--kind", action="append", help="only this one; again for more")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--verbose", action="store_true", help="name what is missed and what is false")
    parser.add_argument("--write", metavar="NAME")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = asked.work or Path(folder)
        work.mkdir(exist_ok=True)
        table = "\n".join(_measured(asked, work))
    print(table)
    if asked.write:
        written(PAGE, asked.write, table)


def _measured(asked: argparse.Namespace, work: Path) -> Iterator[str]:
    kinds = tuple(asked.kind or (*KINDS, FLASH))
    photos = photos_in(asked.photos)
    random.Random(asked.seed).shuffle(photos)
    photos, others = photos[: len(photos) - asked.distractors], photos[len(photos) - asked.distractors :]
    _make(asked, work, kinds, photos)
    truth = {path: [Shown(**one) for one in json.loads(path.with_suffix(".json").read_text())] for path in _made(work)}
    references = sorted((work / "references").iterdir())
    items: list[Query] = []
    opening = of_process(lambda: items.extend(open_item(path, path.name) for path in references)).cpu
    more = [open_item(path, path.name) for path in others]
    outcomes: list[Outcome] = []
    false: list[str] = []
    changed: list[str] = []
    peers: list[tuple[int, int]] = []
    cost: dict[str, float] = defaultdict(float)
    for path, known in truth.items():
        few, many = _searched(path, [items, [*items, *more]], cost)
        names = {item.name for item in items}
        changed += sorted({_plain(one) for one in few} ^ {_plain(one) for one in many if one.reference in names})
        done, wrong = _compared(known, many, verbose=asked.verbose)
        outcomes += done
        false += wrong
        if (seen := seen_by_vpdq(path, references)) is not None:
            peers.append(_of_peer(known, seen))
    misses = sum(one.is_near_miss for known in truth.values() for one in known)
    yield f"{machine()}\n"
    yield (
        f"{len(truth)} programmes of {SIZE[0]} × {SIZE[1]} at {', '.join(RATES)} frames a second, {len(outcomes)} planted, "
        f"{misses} near misses, {len(items)} references and {len(more)} others, seed {asked.seed}.\n"
    )
    yield from _table(outcomes)
    yield f"\nFalse segments: {len(false)}{''.join(f'; {one}' for one in false)}."
    yield f"Segments that are other without the {len(more)} other references: {len(changed)}."
    if peers:
        hit, off = (sum(pair[n] for pair in peers) for n in (0, 1))
        yield f"vPDQ (a frame a second, 31 bits) sees {hit} of them, and {off} references where they are not."
    else:
        yield "vPDQ takes part where `pdqhash` is installed."
    null = cost.pop("decoding")
    yield f"Processor seconds: decoding {null:.1f}; " + "; ".join(
        f"{name} {spent:.1f} ({spent / null:.2f})" for name, spent in cost.items()
    )
    yield f"References opened, once: {opening:.1f}."
    if asked.verbose and changed:
        print("changed:", *changed, sep="\n  ")


def _made(work: Path) -> list[Path]:
    return sorted(work.glob("programme*.mov"))


def _make(asked: argparse.Namespace, work: Path, kinds: Sequence[str], photos: Sequence[Path]) -> None:
    """Programmes, what they show, and the references; nothing where they are there already."""
    if _made(work):
        return
    reels, filler = (
        [Reel(path, SIZE, work) for path in sorted((asked.footage / name).iterdir())] for name in ("clips", "filler")
    )
    random.Random(asked.seed).shuffle(reels)
    (work / "references").mkdir()
    for reel in reels:
        kept = reel.frames[: round(len(reel.frames) * REFERENCE)]
        run(
            *rgb(SIZE, str(reel.rate)),
            "-pix_fmt",
            "yuv420p",
            "-crf",
            "18",
            work / "references" / reel.name,
            stdin=_raw(kept),
        )
    for turn, (rate, start) in enumerate(RATES.items()):
        draft = Draft(Fraction(rate), reels, filler, photos, asked.seed + turn)
        path = work / f"programme{turn}.mov"
        options = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-timecode", start)
        run(*rgb(SIZE, rate), *options, path, stdin=_raw(draft.frames(kinds, turn)))
        path.with_suffix(".json").write_text(json.dumps([asdict(one) for one in draft.shown]), "utf-8")
        for one in draft.shown:
            if one.kind == FLASH and not one.is_near_miss:
                (work / "references" / one.reference).symlink_to(
                    next(photo.absolute() for photo in photos if photo.name == one.reference)
                )


def _raw(frames: Iterator[Frame] | Sequence[Frame]) -> Iterator[bytes]:
    return (np.ascontiguousarray(frame).tobytes() for frame in frames)


def _searched(path: Path, sets: Sequence[Sequence[Query]], cost: dict[str, float]) -> list[list[Segment]]:
    command = [tool().path, "-v", "error", "-i", path, "-f", "null", "-"]
    cost["decoding"] += of_process(lambda: subprocess.run(command, check=True)).cpu
    programmes: list[Programme] = []
    cost["reading"] += of_process(lambda: programmes.append(read(path))).cpu
    found: list[list[Segment]] = []
    for items in sets:
        tracer = Tracer(items)
        name = f"searching for {len(items)}"
        segments: list[Segment] = []
        cost[name] += of_process(
            lambda segments=segments, tracer=tracer: segments.extend(tracer.segments(programmes[0]))
        ).cpu
        found.append([one for one in segments if one.kind is Sense.PICTURE])
    return found


def _plain(one: Segment) -> str:
    return f"{Path(one.programme).stem} {one.reference} {one.in_frame}-{one.out_frame} at {one.speed:g}"


def _compared(known: Sequence[Shown], found: Sequence[Segment], *, verbose: bool) -> tuple[list[Outcome], list[str]]:
    """What became of the planted; and what is false, with what is seen there."""
    used: set[int] = set()
    outcomes: list[Outcome] = []
    for one in known:
        if one.is_near_miss:
            continue
        mine = {n: _shared(one, each) for n, each in enumerate(found) if each.reference == one.reference}
        used |= {n for n, shared in mine.items() if shared > 0.5 * (found[n].out_frame - found[n].in_frame)}
        best = max(mine, key=lambda n: mine[n], default=None)
        if best is None or mine[best] <= 0:
            outcomes.append(Outcome(one.kind, None))
            if verbose:
                print(f"missed: {one}")
            continue
        edges = found[best].in_frame - one.first, found[best].out_frame - one.end
        outcomes.append(Outcome(one.kind, edges))
        if verbose:
            print(
                f"found: {one.kind} {one.reference} {edges} at {found[best].speed:g} by {found[best].by} {found[best].score}"
            )
    false = [
        f"{_plain(each)} by {each.by} {each.score:.2f} ({_seen(known, each)})"
        for n, each in enumerate(found)
        if n not in used
    ]
    return outcomes, false


def _of_peer(known: Sequence[Shown], seen: Sequence[tuple[int, str]]) -> tuple[int, int]:
    """How many of the planted have a frame that shows them, and how many others shown have one that shows another."""
    hit = sum(
        any(name == one.reference and one.first <= frame < one.end for frame, name in seen)
        for one in known
        if not one.is_near_miss
    )
    rows = {(one.first, one.end): one for one in known}
    off = set()
    for frame, name in seen:
        here = next((one for (first, end), one in rows.items() if first <= frame < end), None)
        if here is None or here.is_near_miss or here.reference != name:
            off.add((name, here.first if here else frame // 25))
    return hit, len(off)


def _shared(one: Shown, other: Segment) -> int:
    return min(one.end, other.out_frame) - max(one.first, other.in_frame)


def _seen(known: Sequence[Shown], found: Segment) -> str:
    best = max(known, key=lambda one: _shared(one, found))
    if _shared(best, found) <= 0:
        return "filler"
    return f"{'near miss' if best.is_near_miss else 'planted'}, {best.kind}, {best.reference}"


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    by_kind: Mapping[str, list[Outcome]] = {one.kind: [] for one in outcomes}
    for one in outcomes:
        by_kind[one.kind].append(one)
    yield "| kind | found | in, frames off (median) | out | edges within 2 |\n|---|---|---:|---:|---:|"
    for kind in sorted(by_kind):
        yield _row(kind, by_kind[kind])
    yield _row("**all**", outcomes)


def _row(kind: str, outcomes: Sequence[Outcome]) -> str:
    edges = [one.edges for one in outcomes if one.edges is not None]
    head = f"| {kind} | {len(edges)} of {len(outcomes)} "
    if not edges:
        return f"{head}| – | – | – |"
    off = [abs(edge) for pair in edges for edge in pair]
    middle = [f"{statistics.median(abs(pair[n]) for pair in edges):g}" for n in (0, 1)]
    return f"{head}| {middle[0]} | {middle[1]} | {sum(edge <= WITHIN for edge in off) / len(off):.0%} |"


if __name__ == "__main__":
    main()
