"""A made season: episodes of a programme, its stills, frame sequences, references, temporary clips and AI pictures.

Everything is drawn from the fixtures' photographs by a seed. Each episode has a shot of an archival still, of a picture
made by AI and of a temporary clip in its programme; one AI picture is in every second episode.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fixtures.encode import EXACT, rgb, run
from fixtures.formats import png
from fixtures.marks import a1111
from fixtures.photos import GRADES, photograph

__all__ = ["Season", "make_season"]

SIZE: Final = (320, 180)
RATE: Final = 25
_SHOT: Final = 5
"""Seconds of each shot."""
_TEMP_CLIPS: Final = 2
_PICTURES: Final = (
    "astronaut", "cat", "coffee", "rocket", "galaxies", "moon", "pavilion", "flower", "retina", "motorcycle", "tissue",
    "coins", "gravel", "grass", "brick",
)  # fmt: skip
_H264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-threads", "1", "-pix_fmt", "yuv420p")
Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What was made."""

    folder: Path
    register: Path
    assets: int
    seconds: int
    """Of programme, all episodes together."""


def make_season(
    folder: Path,
    *,
    episodes: int,
    assets: int,
    seconds: int,
    reels: int = 1,
    pictures: int = 12,
    shots: int = 1,
    seed: int = 22,
) -> Season:
    """Write `episodes` folders into `folder`/SEASON, and a register beside it. Each has `assets` files, of them `seconds` of
    programme in `reels`, `pictures` that are archival, half as many made by AI, and `shots` as frame sequences. A season
    that is there already is not made again."""
    season, register = folder / "SEASON", folder / "register.csv"
    made = Season(folder=season, register=register, assets=episodes * assets, seconds=episodes * seconds)
    if register.exists():
        return made
    shared = _picture(random.Random(f"{seed} shared"), (640, 360))
    for number in range(1, episodes + 1):
        _Episode(season / f"EP{number:03d}", number, random.Random(f"{seed} {number}")).write(
            assets, seconds, reels, pictures, shots, shared
        )
    rows = (
        f"AI-{number},EP{number:03d}/07_Ideation/concept_00.png,Stable Diffusion,other,generated,"
        f"{'approved' if number % 2 else 'planned'}"
        for number in range(1, episodes + 1)
    )
    register.write_text("\n".join(("entry_id,asset_glob,tool,use_case,generated_or_altered,status", *rows, "")))
    return made


class _Episode:
    def __init__(self, folder: Path, number: int, chance: random.Random) -> None:
        self._folder, self._number, self._chance = folder, number, chance
        self._written = 0

    def write(self, assets: int, seconds: int, reels: int, pictures: int, shots: int, shared: Image.Image) -> None:
        """Every file of the episode; ordinary stills fill it up to `assets`."""
        chance = self._chance
        archival = [_picture(chance, (480, 270)) for _ in range(pictures)]
        concepts = [_picture(chance, (512, 288)) for _ in range(pictures // 2)]
        for index, picture in enumerate(archival):
            self._jpeg(f"05_Archival/arc_{index:02d}.jpg", picture)
        for index, picture in enumerate(concepts):
            self._ai(f"07_Ideation/concept_{index:02d}.png", picture)
        if self._number % 2:
            self._ai("07_Ideation/keyart_shared.png", shared)
        clips = [list(_move(chance, _picture(chance, (640, 360)), 4 * RATE)) for _ in range(_TEMP_CLIPS)]
        for index, frames in enumerate(clips):
            self._film(f"06_Temp/temp_clip_{index}.mp4", iter(frames))
        planted = (
            _move(chance, archival[0], _SHOT * RATE), _move(chance, concepts[0], _SHOT * RATE), iter(clips[0]),
        )  # fmt: skip
        frames = self._programme(seconds, planted)
        for reel in range(1, reels + 1):
            length = seconds // reels
            name = f"01_Masters/LC_EP{self._number:03d}_R{reel}.mov"
            self._film(name, islice(frames, length * RATE), sound=length)
        for shot in range(10, 10 * shots + 1, 10):
            for index, frame in enumerate(_move(chance, _picture(chance, (640, 360)), min(60, assets // 5)), 1001):
                self._jpeg(f"04_VFX/sh{shot:03d}/sh{shot:03d}_comp_v001.{index}.jpg", Image.fromarray(frame))
        index = 0
        while self._written < assets:
            folder = "03_Artwork" if index % 25 == 0 else "08_Documentation"
            self._jpeg(f"{folder}/{index // 40:02d}/still_{index * 7919 % 9973:04d}x.jpg", _picture(chance, (320, 180)))
            index += 1

    def _programme(self, seconds: int, planted: tuple[Iterator[Frame], ...]) -> Iterator[Frame]:
        """Shots of five seconds, the planted ones spread among them."""
        shots = seconds // _SHOT
        places = {shots * (index + 1) // (len(planted) + 1): frames for index, frames in enumerate(planted)}
        shown = 0
        for shot in range(shots + 1):
            made = places.get(shot) or _move(self._chance, _picture(self._chance, (640, 360)), _SHOT * RATE)
            for frame in made:
                if shown == seconds * RATE:
                    return
                shown += 1
                yield frame

    def _place(self, name: str) -> Path:
        self._written += 1
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _jpeg(self, name: str, picture: Image.Image) -> None:
        picture.save(self._place(name), "JPEG", quality=86)

    def _ai(self, name: str, picture: Image.Image) -> None:
        words = a1111(f"concept {name} of episode {self._number}")
        self._place(name).write_bytes(png.insert(png.png(picture), png.plain("parameters", words)))

    def _film(self, name: str, frames: Iterator[Frame], *, sound: int = 0) -> None:
        noise = f"anoisesrc=c=pink:a=0.1:r=48000:d={sound}:seed={self._number}"
        heard = ("-f", "lavfi", "-i", noise, "-c:a", "aac", "-b:a", "64k") if sound else ()
        run(*rgb(SIZE, RATE), *heard, *_H264, *EXACT, self._place(name), stdin=(frame.tobytes() for frame in frames))


def _picture(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """A part of a photograph, mirrored or not, graded, with a second photograph set into it: no two are the same."""
    name, other = chance.sample(_PICTURES, 2)
    whole = photograph(name, (960, 540), chance.choice(tuple(GRADES)), (chance.random(), chance.random()))
    width = chance.randint(480, 900)
    left, top = chance.randint(0, 960 - width), chance.randint(0, 539 - width * 9 // 16)
    part = whole.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + width, top + width * 9 / 16))
    if chance.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    share = chance.uniform(0.25, 0.5)
    inset = photograph(other, (480, 270)).resize((int(size[0] * share), int(size[1] * share)))
    part.paste(inset, (chance.randint(0, size[0] - inset.width), chance.randint(0, size[1] - inset.height)))
    return part


def _move(chance: random.Random, picture: Image.Image, frames: int) -> Iterator[Frame]:
    """A slow move over a picture."""
    pixels = np.asarray(picture.convert("RGB"))
    height, width = pixels.shape[:2]
    zoom, drift = chance.uniform(0.80, 0.95), chance.uniform(-0.04, 0.04)
    for number in range(frames):
        share = 1 - (1 - zoom) * number / max(frames - 1, 1)
        scale = SIZE[0] / (width * share)
        x = width * (1 - share) / 2 + drift * width * (1 - share)
        y = height * (1 - share) / 2
        matrix = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
        yield cv2.warpAffine(pixels, matrix, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
