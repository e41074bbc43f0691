"""`python -m tests.benchmarks.visible [SECONDS] [HEIGHT]`: marks planted into programmes, found with in and out; and
what looks like a mark and is none. Prints tables.

Words are drawn with fonts of the machine and not with that of the fixtures; sizes are those of a picture of 1080 lines.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fingerprints.marks.glimpses import FileSource
from fingerprints.marks.ocr import read_lines
from fingerprints.marks.programme import ShownMark, marks_of_programme
from fingerprints.marks.words import classify
from fixtures.encode import rgb
from fixtures.photos import photograph
from media.decode import Wish, decode
from media.ffmpeg import tool
from tests.benchmarks.measure import machine
from tests.benchmarks.table import table

RATE = 25
FONTS = ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSerif-Bold.ttf", "dejavu/DejaVuSans.ttf")
WORDS = (
    "Kling AI", "Veo", "Sora", "Getty Images", "TEMP VFX", "Hailuo AI", "PREVIZ", "Vidu", "shutterstock", "AI generated",
)  # fmt: skip
PLACES = ((0.03, 0.04), (0.8, 0.04), (0.03, 0.9), (0.8, 0.9), (0.42, 0.47))
SIZES, OPACITIES, WAYS = (18, 24, 36, 60), (1.0, 0.6, 0.35, 0.2, 0.12), ("static", "fading", "moving")
PHOTOGRAPHS = ("coffee", "rocket", "astronaut", "pavilion", "cat")
HEADS = ("codec", "found", "firm", "in and out off: median frames, within 2", "none of them", "cost / decoding")
CODECS = {
    "H.264, a key frame every 2 s": ["-c:v", "libx264", "-preset", "superfast", "-g", "50"],
    "H.264, up to 10 s between key frames": ["-c:v", "libx264", "-preset", "superfast"],
    "ProRes 422 LT": ["-c:v", "prores_aw", "-profile:v", "1", "-pix_fmt", "yuv422p10le"],
}


@dataclass(frozen=True)
class Planted:
    """One mark of a programme."""

    words: str
    name: str
    first: int
    after: int
    size: int
    opacity: float
    way: str
    place: int

    def opacity_at(self, number: int) -> float:
        if self.way != "fading":
            return self.opacity
        return self.opacity * min(1.0, (number - self.first + 1) / 12, (self.after - number) / 12)

    def place_at(self, number: int) -> tuple[float, float]:
        hop = (number - self.first) // (3 * RATE) if self.way == "moving" else 0
        return PLACES[(self.place + hop) % len(PLACES)]

    @property
    def span(self) -> tuple[int, int]:
        """From half its opacity on, up to there."""
        return (self.first + 5, self.after - 5) if self.way == "fading" else (self.first, self.after)


def plan(seconds: int) -> list[Planted]:
    """Marks one after the other, each other one beside the next."""
    dice = np.random.default_rng(21)
    found, at = [], RATE
    while at + 7 * RATE < seconds * RATE:
        words = WORDS[len(found) % len(WORDS)]
        length = int(dice.integers(3 * RATE, 6 * RATE))
        size, opacity = SIZES[int(dice.integers(4))], OPACITIES[len(found) % 5]
        way = WAYS[len(found) % 3]
        found.append(
            Planted(
                words, _name_of(words), at, at + length * (1 + (way == "moving")), size, opacity, way, len(found) % 5
            )
        )
        at += length + int(dice.integers(0, 2 * RATE))
    return found


def _name_of(words: str) -> str:
    mark = classify(words)
    assert mark is not None, words
    return mark.name


def scenes(count: int, size: tuple[int, int]) -> Iterator[Image.Image]:
    """Photographs that a camera moves over; every fifth shot is locked off."""
    wide, high = size
    dice = np.random.default_rng(4)
    for number in range(count):
        if number % (4 * RATE) == 0:
            shot = number // (4 * RATE)
            picture = (
                photograph(PHOTOGRAPHS[shot % len(PHOTOGRAPHS)]).convert("RGB").resize((wide * 3 // 2, high * 3 // 2))
            )
            way = dice.uniform(-1, 1, 2) * (shot % 5 != 4)
        share = number % (4 * RATE) / (4 * RATE)
        left, top = (int(side * (0.25 + 0.2 * share * one)) for side, one in zip(size, way, strict=True))
        yield picture.crop((left, top, left + wide, top + high))


def font_of(size: int, high: int, number: int = 0) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    pixels = max(6, round(size * high / 1080))
    try:
        return ImageFont.truetype(f"/usr/share/fonts/truetype/{FONTS[number % len(FONTS)]}", pixels)
    except OSError:
        return ImageFont.load_default(pixels)


def written(picture: Image.Image, words: str, at: tuple[float, float], font: object, opacity: float) -> None:
    over = Image.new("L", picture.size)
    place = (at[0] * picture.width, at[1] * picture.height)
    ImageDraw.Draw(over).text(place, words, fill=round(255 * opacity), font=font)  # type: ignore[arg-type]
    box = over.getbbox()
    if box:
        picture.paste((255, 255, 255), box, over.crop(box))


def marked(seconds: int, size: tuple[int, int], marks: list[Planted]) -> Iterator[Image.Image]:
    fonts = [font_of(mark.size, size[1], number) for number, mark in enumerate(marks)]
    for number, picture in enumerate(scenes(seconds * RATE, size)):
        for mark, font in zip(marks, fonts, strict=True):
            if mark.first <= number < mark.after:
                written(picture, mark.words, mark.place_at(number), font, mark.opacity_at(number))
        yield picture


def unmarked(seconds: int, size: tuple[int, int]) -> Iterator[Image.Image]:
    """Credits, a ticker, a lower third, subtitles, and a sign that the camera passes."""
    font = font_of(40, size[1])
    for number, picture in enumerate(scenes(seconds * RATE, size)):
        part, at = number // (6 * RATE) % 5, number % (6 * RATE) / (6 * RATE)
        if part == 0:
            for row, name in enumerate(
                ("Sora Tanaka", "Ken Vidu", "Luma Ortiz", "Kling Peters", "Pika Lund", "Wan Li")
            ):
                written(picture, name, (0.35, 1.0 - 1.4 * at + 0.09 * row), font, 1.0)
        elif part == 1:
            written(picture, "Kling AI raises prices again, Sora follows", (1.0 - 1.6 * at, 0.92), font, 1.0)
        elif part == 2:
            written(picture, "Sora Tanaka", (0.06, 0.8), font, 1.0)
            written(picture, "curator, archive of Veo", (0.06, 0.86), font, 1.0)
        elif part == 3:
            written(
                picture,
                ("She asked Sora to wait.", "Luma is not here.", "Runway three, cleared.")[int(at * 3)],
                (0.3, 0.88),
                font,
                1.0,
            )
        else:
            written(picture, "Runway", (0.7 - 0.5 * at, 0.4 + 0.2 * at), font, 1.0)
        yield picture


def encode(pictures: Iterator[Image.Image], size: tuple[int, int], folder: Path) -> dict[str, Path]:
    """The same frames in every codec."""
    rate = 3e6 * size[0] * size[1] / (1920 * 1080)
    writers, paths = [], {}
    for number, (name, options) in enumerate(CODECS.items()):
        paths[name] = folder / f"{number}.mov"
        command = [tool().path, "-v", "error", "-y", *rgb(size, RATE), *options, "-threads", "1"]
        command += ["-pix_fmt", "yuv420p", "-b:v", f"{rate:.0f}"] if "264" in name else []
        writers.append(subprocess.Popen([*command, str(paths[name])], stdin=subprocess.PIPE))
    for picture in pictures:
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write(picture.tobytes())
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
        writer.wait()
    return paths


def decoding(path: Path) -> float:
    """Processor seconds of decoding every frame."""
    from resource import RUSAGE_CHILDREN, getrusage

    before, began = getrusage(RUSAGE_CHILDREN), process_time()
    for _ in decode(path, Wish(sound=False)):
        pass
    after = getrusage(RUSAGE_CHILDREN)
    return process_time() - began + after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(marks: list[Planted], found: tuple[ShownMark, ...]) -> tuple[list[Planted], list[int], int]:
    """The marks that were missed, by how many frames the others' in and out are off, and how many are none."""
    missed, off, met = [], [], set()
    for mark in marks:
        first, after = mark.span
        near = [one for one in found if one.mark.name == mark.name and one.frames[0] < after and first < one.frames[1]]
        met.update(id(one) for one in near)
        if near:
            off += [abs(min(one.frames[0] for one in near) - first), abs(max(one.frames[1] for one in near) - after)]
        else:
            missed.append(mark)
    return missed, off, sum(id(one) not in met for one in found)


def measure(seconds: int, high: int) -> Iterator[str]:
    size = (high * 16 // 9, high)
    read_lines(np.zeros((64, 320, 3), np.uint8))  # the engine starts once a worker
    marks, rows, plain = plan(seconds), [], []
    with tempfile.TemporaryDirectory() as name:
        for codec, path in encode(marked(seconds, size, marks), size, Path(name)).items():
            began = process_time()
            found = marks_of_programme(FileSource(path, Fraction(RATE), 3600)).marks
            cost, whole = process_time() - began, decoding(path)
            missed, off, none = compare(marks, found)
            firm = sum(one.mark.is_firm for one in found)
            ends = f"{median(off):g}, {np.mean(np.array(off) <= 2):.0%}" if off else "none"
            share = f"{len(marks) - len(missed)} of {len(marks)}"
            rows.append([codec, share, str(firm), ends, str(none), f"{cost / whole:.2f}"])
            for mark in missed:
                yield f"missed in {codec}: {mark.words}, {mark.size} px, {mark.opacity:.0%}, {mark.way}, place {mark.place}"
    with tempfile.TemporaryDirectory() as name:
        for codec, path in encode(unmarked(seconds, size), size, Path(name)).items():
            found = marks_of_programme(FileSource(path, Fraction(RATE), 3600)).marks
            firm, texts = sum(one.mark.is_firm for one in found), sorted({one.mark.text for one in found})
            plain.append([codec, str(firm), str(len(found)), ", ".join(texts)])
    yield f"\n{len(marks)} marks in {seconds} s of {size[0]}x{high}; {machine()}\n"
    yield table(HEADS, rows)
    yield f"\nNear misses, {seconds} s\n"
    yield table(["codec", "firm", "reported", "what"], plain)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    for text in measure(*(numbers + [60, 720][len(numbers) :])):
        print(text, flush=True)
