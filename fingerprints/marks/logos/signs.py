"""Finds logos that are flat, light shapes of one opacity in their corner: each a table of `signs.toml`.

In the logarithm of the distance to white, such a shape is one constant step, whatever the ground shows. It is compared
as a drawing at the sizes and places that the tool uses. A ring is also a button, a star also a light: what is found by
its shape alone is possible, never firm.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.logos.logo import Logo
from media.place import Box

__all__ = ["Sign", "find_signs", "load_signs"]

Floats = NDArray[np.float32]

SIDE: Final = 1080
"""Pixels of the shorter side at which signs are compared. Larger pictures are scaled down."""
LEAST_PIXELS: Final = 15
"""Height of a sign: a smaller one has no shape."""
STEP: Final = 1.07
"""From one size to the next."""
FINE: Final = 8
"""Signs are drawn so many times larger, then scaled down."""
ROOM: Final = 0.18
"""Of a sign's height: what is compared around it, where it has nothing."""
DAMPING: Final = 8.0
"""Levels added to the distance to white, so that noise in highlights does not grow without bound."""
AGREES: Final = (0.8, 0.68)
"""Correlation with the drawing, at least: over a ground with little of its own, and over any."""
PART_AGREES: Final = (0.6, 0.45)
"""The same of each quarter."""
WEAKEST: Final = 0.12
"""The step: an opacity of .11."""
UNEVEN: Final = (2.2, 1.5)
"""The largest step of a quarter, in steps of the smallest."""


@dataclass(frozen=True, slots=True)
class Sign:
    """The shape of a logo without words, and where tools put it."""

    name: str
    source: str
    known: str
    """`seen` where a real file was compared, else `documents`."""
    is_left: bool
    size: tuple[float, float]
    margin: tuple[float, float]
    parts: tuple[Mapping[str, Any], ...]


@cache
def load_signs() -> tuple[Sign, ...]:
    """The signs of `signs.toml`."""
    text = resources.files("fingerprints.marks.logos").joinpath("signs.toml").read_text("utf-8")
    return tuple(
        Sign(
            str(one["name"]),
            str(one["source"]),
            str(one.get("known", "documents")),
            one["corner"] == "lower left",
            (float(one["size"][0]), float(one["size"][1])),
            (float(one["margin"][0]), float(one["margin"][1])),
            tuple(one["parts"]),
        )
        for one in tomllib.loads(text)["logo"]
    )


def find_signs(picture: NDArray[np.uint8]) -> Iterator[Logo]:
    """The signs in a picture (H × W × 3, RGB), each possible: at most one of each tool."""
    found: dict[str, tuple[float, Logo]] = {}
    for number, sign in enumerate(load_signs()):
        score, box = _sought(picture, number, sign)
        if box is not None and score > found.get(sign.name, (0.0, None))[0]:
            found[sign.name] = (score, Logo(sign.name, "generator-label", box, is_firm=False))
    yield from (logo for _, logo in found.values())


def _sought(picture: NDArray[np.uint8], number: int, sign: Sign) -> tuple[float, Box | None]:
    """How well the best place in its corner agrees with a sign, and its box; 0 and None where none does."""
    height, width = picture.shape[:2]
    shorter = min(height, width)
    reach = min(shorter, round((sign.size[1] * (1 + ROOM) + sign.margin[1]) * shorter))
    corner = picture[height - reach :, :reach] if sign.is_left else picture[height - reach :, width - reach :]
    scale = min(1.0, SIDE / shorter)
    levels = corner.mean(axis=2, dtype=np.float32)
    if scale < 1:
        levels = np.asarray(cv2.resize(levels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32)
    light = -np.log(255 + DAMPING - levels)
    best, at = 0.0, (0, 0, 0)
    size = max(float(LEAST_PIXELS), sign.size[0] * shorter * scale)
    while size <= sign.size[1] * shorter * scale:
        drawn = draw_sign(number, round(size))
        if len(drawn) < len(light):
            agreement = cv2.matchTemplate(light, drawn, cv2.TM_CCOEFF_NORMED)
            _, score, _, (x, y) = cv2.minMaxLoc(agreement)
            if score > max(best, AGREES[1]) and _is_alike(light[y : y + len(drawn), x : x + len(drawn)], drawn, score):
                best, at = score, (x, y, round(size))
        size *= STEP
    if not best:
        return 0.0, None
    side = at[2] / scale
    room = round(at[2] * ROOM) / scale
    left = at[0] / scale + room + (0 if sign.is_left else width - reach)
    top = height - reach + at[1] / scale + room
    apart = (left if sign.is_left else width - left - side, height - top - side)
    if min(apart) < sign.margin[0] * shorter or max(apart) > sign.margin[1] * shorter:
        return 0.0, None
    corners = np.array([[left, top], [left + side, top + side]]) / (width, height)
    return best, Box.around(np.clip(corners, 0, 1))


def _is_alike(shown: Floats, drawn: Floats, score: float) -> bool:
    """Whether each quarter shows its part of a drawing, all with about one step.

    The ground may hide the shape, but not make the step the same in all quarters.
    """
    level = int(score < AGREES[0])
    half = (len(drawn) + 1) // 2
    steps = []
    for rows in (slice(0, half), slice(-half, None)):
        for columns in (slice(0, half), slice(-half, None)):
            one, other = shown[rows, columns], drawn[rows, columns]
            one, other = one - one.mean(), other - other.mean()
            product, power = float((one * other).sum()), float((other * other).sum())
            if power <= 0 or product < PART_AGREES[level] * (float((one * one).sum()) * power) ** 0.5:
                return False
            steps.append(product / power)
    return min(steps) > WEAKEST and max(steps) < UNEVEN[level] * min(steps)


@lru_cache(256)
def draw_sign(number: int, size: int) -> Floats:
    """A sign as it covers a square of `size` pixels with room around it: 0 to 1."""
    room = round(size * ROOM)
    side = (size + 2 * room) * FINE
    canvas: Any = np.zeros((side, side), np.uint8)
    for part in load_signs()[number].parts:
        outline = _outlines(part)
        pixels = [np.round(one * size * FINE + room * FINE).astype(np.int32) for one in outline]
        if gap := part.get("gap"):
            cv2.polylines(canvas, pixels, isClosed=True, color=0, thickness=round(2 * gap * size * FINE))
        layer: Any = np.zeros_like(canvas)
        cv2.fillPoly(layer, pixels, 255)
        canvas = np.maximum(canvas, layer)
    small = cv2.resize(canvas, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32)


def _outlines(part: Mapping[str, Any]) -> list[NDArray[np.float64]]:
    """The closed outlines of a part in a square of side 1; of two, the inner one is a hole."""
    around = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    circle = np.stack([np.cos(around), np.sin(around)], axis=1)
    if "polygon" in part:
        return [np.array(part["polygon"], np.float64)]
    if "star" in part:
        x, y, reach = part["star"]
        return [np.array([x, y]) + reach * np.sign(circle) * np.abs(circle) ** 3.2]
    if "ring" in part:
        x, y, outer, inner = part["ring"]
        return [np.array([x, y]) + radius * circle for radius in (outer, inner)]
    if "line" in part:
        x, y, to_x, to_y, width = part["line"]
        way = np.array([to_x - x, to_y - y]) / np.hypot(to_x - x, to_y - y)
        side = np.array([-way[1], way[0]]) * width / 2
        start, end = np.array([x, y]), np.array([to_x, to_y])
        return [np.array([start + side, end + side, end - side, start - side])]
    x, y, length, width, stroke, degrees = part["loop"]
    turn = np.deg2rad(degrees)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    loops = []
    for inset in (0, stroke):
        radius, straight = width / 2 - inset, (length - width) / 2
        loops.append(circle * radius + np.stack([np.sign(circle[:, 0]) * straight, np.zeros(len(circle))], axis=1))
    return [np.array([x, y]) + loop @ turned.T for loop in loops]
