"""What it costs to look at every frame, and how much memory: against FFmpeg, which only decodes, in the same run.

The films are made here: photographs that move, with grain, as a camera's master is. The peers do the same work,
every frame decoded and hashed, in the way that is usual.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fingerprints.prints import phash
from fingerprints.programmes.programme import read
from fixtures.encode import rgb, run
from fixtures.photos import NAMES, photograph
from media.ffmpeg import tool
from tests.benchmarks.measure import Sample, Series, machine, of_process, written
from tests.benchmarks.programme_set import RATE, cover
from tests.benchmarks.table import table

__all__ = ["h264", "null", "prores", "read_costs"]

PAGE = Path(__file__).parents[2] / "docs/trace.md"
SIZE = (1920, 1080)
SHOT = 3
"""Seconds."""
GRAIN = 6.0
"""Levels of standard deviation."""
BATCH = 256
SMALL = (320, 180)
SHORT, LONG = 5, 90
"""Minutes of the programmes whose memory is measured."""

Frame = NDArray[np.uint8]


def read_costs(work: Path, times: int) -> Iterator[str]:
    """Decode-and-hash of two 1080p films, and the memory that a feature film takes, as Markdown."""
    films = (("H.264", h264(work / "film.mp4", 20)), ("ProRes 422 HQ", prores(work / "film.mov", 10)))
    for name, film in films:
        runs: list[tuple[str, Callable[[], Sample]]] = [
            ("ffmpeg -f null", lambda film=film: null(film)),
            ("every frame read", lambda film=film: of_process(lambda: read(film))),
            ("PyAV, the same hash", lambda film=film: of_process(lambda: _pyav(film))),
        ]
        if find_spec("videohash") is not None:
            runs.append(("videohash, a frame a second", lambda film=film: of_process(lambda: _videohash(film, work))))
        megabits = film.stat().st_size * 8 / _seconds(film) / 1e6
        yield f"{name}, 1920 × 1080, {_seconds(film):g} s, {megabits:.0f} Mbit/s; median of {times} runs in turn:\n"
        yield table(
            ("run", "CPU s", "wall s", "min-max", "CPU ÷ null", "wall ÷ null", "CPU ÷, min-max"), _rows(runs, times)
        )
    yield (
        "`videohash` takes part where it is installed, with the one name given back that Pillow 10 took away."
        " `vpdq` has no wheel, and its source needs FFmpeg's headers: it is not measured.\n"
    )
    yield from _memory(work)


def _seconds(film: Path) -> float:
    with av.open(str(film)) as container:
        return float(container.duration or 0) / 1_000_000


def _rows(runs: list[tuple[str, Callable[[], Sample]]], times: int) -> Iterator[tuple[str, ...]]:
    """Each run in turn, so that what else the machine does falls on all of them."""
    turns = [[run() for _, run in runs] for _ in range(times)]
    for number, (name, _) in enumerate(runs):
        found = Series(name, tuple(turn[number] for turn in turns))
        cpu = [turn[number].cpu / turn[0].cpu for turn in turns]
        wall = [turn[number].wall / turn[0].wall for turn in turns]
        spread = f"{min(cpu):.2f}-{max(cpu):.2f}"
        middle = [f"{float(np.median(ratios)):.2f}" for ratios in (cpu, wall)]
        yield name, f"{found.cpu:.1f}", f"{found.wall:.1f}", found.spread, *middle, spread


def null(film: Path) -> Sample:
    """FFmpeg decodes, and gives nothing."""
    return of_process(lambda: subprocess.run([tool().path, "-v", "error", "-i", film, "-f", "null", "-"], check=True))


def _pyav(film: Path) -> None:
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        batch: list[Frame] = []
        for frame in container.decode(stream):
            batch.append(frame.reformat(64, 64, "gray", interpolation="AREA").to_ndarray())
            if len(batch) == BATCH:
                phash.bits_of(phash.coefficients(np.stack(batch)))
                batch.clear()


def _videohash(film: Path, work: Path) -> None:
    """One hash of 64 bits for the whole film, from a collage of its frames. It calls the `ffmpeg` on the path."""
    import videohash

    (work / "bin").mkdir(exist_ok=True)
    if not (work / "bin/ffmpeg").exists():
        (work / "bin/ffmpeg").symlink_to(tool().path)
    os.environ["PATH"] = os.pathsep.join(dict.fromkeys([str(work / "bin"), *os.environ["PATH"].split(os.pathsep)]))
    Image.ANTIALIAS = Image.Resampling.LANCZOS  # type: ignore[attr-defined]
    videohash.VideoHash(path=str(film))


# ---- films


def h264(path: Path, seconds: int) -> Path:
    """About 20 Mbit/s, with sound."""
    options = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "20M", "-maxrate", "24M", "-bufsize", "40M")
    return _film(path, seconds, *options, "-pix_fmt", "yuv420p", "-c:a", "aac")


def prores(path: Path, seconds: int) -> Path:
    """ProRes 422 HQ, with sound."""
    return _film(path, seconds, "-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s16le")


def _film(path: Path, seconds: int, *options: str) -> Path:
    sound = ("-f", "lavfi", "-t", str(seconds), "-i", "anoisesrc=r=48000:color=pink:amplitude=0.1:seed=3")
    run(*rgb(SIZE, RATE), *sound, *options, path, stdin=_frames(SIZE, seconds))
    return path


def _frames(size: tuple[int, int], seconds: int) -> Iterator[bytes]:
    """Photographs under a moving camera, a cut every few seconds, fresh grain on every frame."""
    random = np.random.default_rng(5)
    grain = random.normal(0, GRAIN, (size[1] + 64, size[0] + 64, 1)).astype(np.int8)
    count = SHOT * RATE
    pictures = [np.asarray(photograph(name)) for name in NAMES]
    for number in range(seconds * RATE):
        shot, share = number // count, number % count / count
        shown = cover(pictures[shot % len(pictures)], size, zoom=1.1 + 0.4 * share, x=0.2 + 0.6 * share, y=0.4)
        x, y = random.integers(0, 64, 2)
        wide = grain[y : y + size[1], x : x + size[0]].astype(np.int16).repeat(3, axis=2)
        yield cv2.add(shown.astype(np.int16), wide).clip(0, 255).astype(np.uint8).tobytes()


# ---- memory


def _memory(work: Path) -> Iterator[str]:
    """Peak of a process of its own that reads a short and a long programme; FFmpeg's is another one's."""
    minute = work / "minute.mp4"
    sound = ("-f", "lavfi", "-t", "60", "-i", "anoisesrc=r=48000:color=pink:amplitude=0.1:seed=3")
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-c:a", "aac")
    run(*rgb(SMALL, RATE), *sound, *options, minute, stdin=_frames(SMALL, 60))
    yield f"Memory of the process that reads {SMALL[0]} × {SMALL[1]}, all of it together:\n"
    rows = []
    for minutes in (SHORT, LONG):
        film = work / f"film-{minutes}.mp4"
        run("-stream_loop", str(minutes - 1), "-i", minute, "-c", "copy", film)
        said = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.reading", "--peak", film],
            capture_output=True,
            text=True,
            check=True,
        )
        before, peak = map(int, said.stdout.split())
        rows.append((f"{minutes} minutes", f"{before / 1024:.0f}", f"{peak / 1024:.0f}"))
    yield table(("programme", "MB before", "MB at the peak"), rows)


def _peak() -> int:
    """Peak of this process in kB. What `getrusage` says of it begins with its parent's."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="runs, of which the median is shown")
    parser.add_argument("--write", action="store_true", help="write docs/trace.md too")
    parser.add_argument("--peak", type=Path, metavar="FILM", help="only read this, and say how much memory that took")
    asked = parser.parse_args()
    if asked.peak:
        before = _peak()
        read(asked.peak)
        print(before, _peak())
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        said = "\n".join([f"{machine()}\n", *read_costs(Path(work), asked.times)])
    print(said)
    if asked.write:
        written(PAGE, "reading", said)


if __name__ == "__main__":
    main()
