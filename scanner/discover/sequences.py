"""Finds frame sequences among the file names of one folder, and the frames of a sequence.

What counts as frames is chosen narrowly, since a wrong group hides stills and a missed one costs only a longer report.
The number is the last thing before the extension and is separate, after `.`, `_` or nothing (`sh010.1001.exr`,
`name_0001.dpx`, `0001.tif`), or has four digits or more after a letter or `-` (`render0001.png`, `out-00086400.png`);
so `v002`, `ep101` and `t01` are not frame numbers. EXR, DPX and Cineon are made for frames; other formats need at least
three digits, and names that count other things stay stills: camera files (`IMG_0001.JPG`), pages, scans, versions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from scanner.model import Asset, Frames

__all__ = ["Pattern", "candidates", "frame_paths", "frames_at", "frames_of", "is_sequence"]

_NAME = re.compile(
    r"(?P<stem>.*?)(?P<number>(?:(?<![^._])-)?[0-9]{1,10})(?P<extension>\.[a-z][a-z0-9]{1,4})",
    re.DOTALL | re.IGNORECASE,
)
_MADE_FOR_FRAMES = frozenset({"image/x-exr", "image/x-dpx", "image/x-cineon"})
_MAY_BE_FRAMES = frozenset(
    f"image/{kind}" for kind in ("tiff", "png", "jpeg", "jp2", "x-dng", "x-tga", "x-raw", "webp", "bmp", "jxl")
)
_UNSIGNED = frozenset({".ari", ".tga", ".sgi", ".rgb"})
"""Formats of frames without a signature at the head; they come as an unknown media type."""
_COUNTS_OTHER_THINGS = re.compile(
    r"(?:^|[^a-z])(?:v|ver|version|take|ep|episode|page|pg|p|scan|slide|card|board|panel|storyboard|sheet|photo|"
    r"pic|picture|still|thumb|screenshot|alt|option|opt|var|variant|variation|concept|look|"
    r"draft|poster|key|keyart|art|dsc|dscf|dscn|mg|pxl|dji|gopr|contact|item|figure|fig)[ ._-]*$",
    re.IGNORECASE,
)
_CAMERA = re.compile(r"[A-Z0-9_]{4}[0-9]{4}\.(?!png)[a-z0-9]+", re.IGNORECASE)
"""DCF: four characters and four digits. No camera writes PNG."""
_DENSITY, _RUN = 0.5, 4
"""Of the numbers between first and last, the part that must be there: on twos is a sequence, a selection is not. Runs
of so many frames on average are one, however large the holes between them are."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The name that the frames of a sequence share."""

    stem: str
    width: int
    extension: str

    @property
    def printf(self) -> str:
        """`sh010.%04d.exr`; a `%` of the name itself is doubled."""
        stem, extension = self.stem.replace("%", "%%"), self.extension
        return f"{stem}%0{self.width}d{extension}" if self.width > 1 else f"{stem}%d{extension}"

    def name(self, number: int) -> str:
        """The file name of one frame."""
        return f"{self.stem}{number:0{self.width}d}{self.extension}"


def candidates(names: Iterable[str], *, at_least: int) -> Iterator[tuple[Pattern, tuple[int, ...]]]:
    """Name patterns with at least this many numbers, ascending; the files' contents are not read yet."""
    series: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        if (parts := _NAME.fullmatch(name)) and _stands_alone(parts["stem"], parts["number"]):
            series[parts["stem"], parts["extension"]].append(parts["number"])
    for (stem, extension), numbers in series.items():
        if len(numbers) < at_least:
            continue
        written = frozenset(numbers)
        from fileseq.filesequence import FileSequence  # late: workers only ask for the paths of frames

        # fileseq tells paddings apart: 0999 and 1000 are one sequence, 999 and 0999 are two.
        for found in FileSequence.findSequencesInList([f"frame.{number}.x" for number in numbers]):
            pattern = Pattern(stem, found.zfill(), extension)
            frames = sorted(int(frame) for frame in found.frameSet() or ())
            kept = tuple(number for number in frames if f"{number:0{pattern.width}d}" in written)
            if len(kept) >= at_least:
                yield pattern, kept


def _stands_alone(stem: str, number: str) -> bool:
    if not stem or stem[-1] in "._":
        return True
    return not stem[-1].isdigit() and len(number) >= 4 and (stem[-1].isalpha() or stem[-1] in "- ")


def is_sequence(pattern: Pattern, media_type: str, numbers: tuple[int, ...], *, at_least: int) -> bool:
    """Whether files of one pattern, media type and raster are frames of one sequence."""
    if len(numbers) < at_least:
        return False
    is_dense = len(numbers) >= _DENSITY * (numbers[-1] - numbers[0] + 1)
    if not is_dense and len(numbers) < _RUN * len(_ranges(numbers)):
        return False
    if media_type in _MADE_FOR_FRAMES:
        return True
    if media_type not in _MAY_BE_FRAMES and pattern.extension.lower() not in _UNSIGNED:
        return False
    written = pattern.name(numbers[0])
    digits = len(written) - len(pattern.stem) - len(pattern.extension)
    return digits >= 3 and not _COUNTS_OTHER_THINGS.search(pattern.stem) and not _CAMERA.fullmatch(written)


def frames_of(numbers: tuple[int, ...], present: Iterable[int]) -> Frames:
    """The frames of a sequence. Numbers `present` under its pattern but not in it are not missing."""
    there = [number for number in sorted({*present, *numbers}) if numbers[0] <= number <= numbers[-1]]
    holes = tuple((one + 1, two - 1) for one, two in pairwise(there) if two - one > 1)
    return Frames(ranges=_ranges(numbers), missing=holes)


def frames_at(path: Path) -> Frames | None:
    """The frames on disk under a printf pattern, `reel/sh010.%04d.exr`; None where there are none."""
    try:
        names = [there.name for there in path.parent.iterdir()]
    except OSError:
        return None
    found = (numbers for pattern, numbers in candidates(names, at_least=1) if pattern.printf == path.name)
    return next((frames_of(numbers, numbers) for numbers in found), None)


def _ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)


def frame_paths(asset: Asset) -> Iterator[tuple[int | None, str]]:
    """Each frame's number and path relative to the root; the one path, without a number, of a plain file."""
    if asset.frames is None:
        yield None, asset.path
        return
    for first, last in asset.frames.ranges:
        for number in range(first, last + 1):
            yield number, asset.path % number
