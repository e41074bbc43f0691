"""Finds the four-pointed sparkle that Google's generators blend into the lower right corner.

The mark is white at one opacity: `shown = ground × (1 − a) + 255 × a`. In the logarithm of the distance to white it is
therefore one constant step at the outline, whatever the ground shows. A star, a flare or a snowflake has no such step:
its light fades, its arms differ, it is opaque or coloured, or it lies somewhere else.

Geometry (measured on pictures of a black ground): four arcs of circles between blunt points; sizes of 96, 72, 48 and 36
pixels; the distance to both sides of the picture is ⅔, 1½, 2 or 2⅔ of the size.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.logos.logo import Logo
from media.place import Box

__all__ = ["find_sparkle"]

Floats = NDArray[np.float32]

ARC_CENTRE: Final = 1.306
"""Of half the mark's size, from its middle in both directions: where the circle of an arc has its centre."""
ARC_RADIUS: Final = 1.310
ARC_FROM, ARC_TO = np.deg2rad(25), np.deg2rad(65)
"""Nearer to the points the arms are too narrow to be sampled inside."""
POINTS: Final = 20
"""Samples along each arc: two of the eight parts."""
DEEP, INNER, OUTER, BEYOND = (-0.22, 1.6), (-0.07, 0.8), (0.07, 1.1), (0.20, 2.2)
"""Where the ground is sampled off the outline: as a share of half the mark's size, and in pixels at least."""

MARGINS: Final = (2 / 3, 1.5, 2.0, 8 / 3)
"""The distance to the sides, in sizes of the mark."""
LARGEST_AT: Final = (1.0, 0.08, 0.10, 0.08)
"""The largest mark at each of these distances, as a share of the picture's shorter side."""
NEAR: Final = 0.13
"""How far from such a distance it may lie, in sizes: outlines are read to a few hundredths."""
SMALLEST, LARGEST, IN_STRIPS = 0.02, 0.135, 0.26
"""The mark's size as a share of the picture's shorter side; in strips of 1:3 and longer it is larger."""
LEAST_PIXELS: Final = 14
FIRM_PIXELS: Final = 20
"""The smallest mark that can be firm where the tools do not put it."""
SIDE: Final = 1080
"""Pixels of the shorter side at which outlines are read. Larger pictures are scaled down."""
COARSE_SIDE: Final = 560
"""The same for the search of a whole corner."""
REACH: Final = 0.45
"""How far from the corner it is looked for, as a share of the shorter side; in strips further."""
DAMPING: Final = 8.0
"""Levels added to the distance to white, so that noise in highlights does not grow without bound."""
NO_ROOM: Final = float(np.log(14 + DAMPING))
"""Darkness of a ground on which white hardly shows: nothing is read there."""
UNREAD_PARTS: Final = 3
"""Of eight: so many may lie on such a ground."""
WEAKEST_STEP, STRONGEST_STEP = 0.12, 1.25
"""Opacities of .11 to .7, in logarithms. Icons are opaque: their step is two and more."""
STRONGEST_STRAY: Final = 0.9
"""The same where the tools do not put the mark: an opacity of .6."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """Candidates as arrays of N: where they are, and how their outline agrees."""

    places: Floats
    """Middles, x and y in pixels (N × 2)."""
    radii: Floats
    step: Floats
    """The mean step at the outline."""
    evenness: Floats
    """The mean step over its deviation among eight parts of the outline."""
    weakest: Floats
    """The smallest part's step as a share of the mean."""
    share: Floats
    """Of the outline's points, how many show about the mean step."""
    glow: Floats
    """What changes outside of the outline, as a share of the step: a light that fades has much."""
    depth: Floats
    """What changes inside of it, as a share of the step: lines that happen to lie like the outline have much."""

    def order(self) -> NDArray[np.intp]:
        """The candidates that may be marks, the best first."""
        plausible = (self.step > WEAKEST_STEP) & (self.step < STRONGEST_STEP) & (np.abs(self.glow) < 0.6)
        best = np.argsort(-self.evenness * self.share)
        return best[plausible[best]]

    def only(self, chosen: NDArray[np.intp]) -> _Fit:
        """These candidates."""
        return _Fit(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def passes(self, evenness: float, weakest: float, share: float, stray: float) -> bool:
        """Whether the first candidate is at least so even, and strays at most so much off its outline."""
        return bool(
            self.evenness[0] > evenness
            and self.weakest[0] > weakest
            and self.share[0] > share
            and max(abs(self.glow[0]), abs(self.depth[0])) < stray
        )


def find_sparkle(picture: NDArray[np.uint8]) -> Logo | None:
    """The sparkle in a picture (H × W × 3, RGB), or None. Firm where nothing else explains what is seen."""
    height, width = picture.shape[:2]
    shorter = min(height, width)
    largest = IN_STRIPS if max(height, width) >= 3 * shorter else LARGEST
    reach = int(min(height, width, max(REACH, 3.7 * largest) * shorter))
    corner: NDArray[Any] = picture[height - reach :, width - reach :].astype(np.float32)
    scale = min(1.0, SIDE / shorter)
    if scale < 1:
        corner = cv2.resize(corner, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    colours = np.log(255 + DAMPING - corner, dtype=np.float32)
    fit = _found(colours, shorter * scale, largest)
    if fit is None:
        return None
    middle = (fit.places[0] + 0.5) / scale + np.array([width - reach, height - reach])
    radius = float(fit.radii[0]) / scale
    box = Box.around(np.clip(np.stack([middle - radius, middle + radius]) / (width, height), 0, 1))
    return Logo("Gemini", "generator-label", box, _is_firm(fit, len(corner), shorter * scale))


def _found(colours: Floats, shorter: float, largest: float) -> _Fit | None:
    """The best possible candidate of a corner's darkness: first where the tools put the mark, then anywhere."""
    dark = np.asarray(colours.mean(axis=2), np.float32)
    for candidates in (_at_home(len(dark), shorter, largest), _anywhere(dark, shorter, largest)):
        fit = _best(dark, *candidates)
        if fit is not None and _is_possible(fit, len(dark), shorter) and _is_white(colours, fit):
            return fit
    return None


def _is_at_home(fit: _Fit, reach: int, shorter: float) -> bool:
    """Whether the first candidate lies where the tools put the mark, in a corner of `reach` pixels."""
    size = 2 * float(fit.radii[0])
    right, below = (reach - 0.5 - fit.places[0] - size / 2) / size
    return any(
        abs(right - margin) < NEAR and abs(below - margin) < NEAR and size < most * shorter * 1.05
        for margin, most in zip(MARGINS, LARGEST_AT, strict=True)
    )


def _is_possible(fit: _Fit, reach: int, shorter: float) -> bool:
    if _is_at_home(fit, reach, shorter):
        return fit.passes(evenness=4, weakest=0.5, share=0.62, stray=0.35)
    return bool(fit.step[0] < STRONGEST_STRAY) and fit.passes(evenness=8, weakest=0.75, share=0.65, stray=0.25)


def _is_firm(fit: _Fit, reach: int, shorter: float) -> bool:
    """Where the tools put it a good outline is enough; elsewhere it must be nearly perfect."""
    if _is_at_home(fit, reach, shorter):
        return fit.passes(evenness=7, weakest=0.8, share=0.55, stray=0.33)
    return 2 * fit.radii[0] >= FIRM_PIXELS and fit.passes(evenness=14, weakest=0.88, share=0.85, stray=0.15)


def _is_white(colours: Floats, fit: _Fit) -> bool:
    """Whether each colour takes the same step, where the ground leaves it room."""
    inner, outer = (
        _sampled(colours, fit.places[:1], fit.radii[:1], off).mean(axis=(0, 1, 2)) for off in (INNER, OUTER)
    )
    steps = (outer - inner)[outer > np.log(50 + DAMPING)]
    return bool(not steps.size or steps.min() > 0.55 * steps.max())


def _at_home(reach: int, shorter: float, largest: float) -> tuple[Floats, Floats]:
    """Middles and radii of all candidates where the tools put the mark; coordinates of the corner of `reach` pixels."""
    sizes = np.exp(np.arange(np.log(max(LEAST_PIXELS, SMALLEST * shorter)), np.log(max(1, largest * shorter)), 0.03))
    shifts = np.stack(np.meshgrid([-0.03, 0, 0.03], [-0.03, 0, 0.03]), axis=-1).reshape(-1, 2)
    off = (np.array(MARGINS)[:, None, None] + 0.5 + shifts)[None] * sizes[:, None, None, None]
    places = (reach - 0.5 - off).reshape(-1, 2)
    radii = np.repeat(sizes / 2, len(MARGINS) * len(shifts))
    fitting = np.repeat(sizes[:, None] < np.array(LARGEST_AT) * shorter, len(shifts), axis=1).reshape(-1)
    inside = fitting & ((places - radii[:, None]).min(axis=1) > 0)
    return places[inside].astype(np.float32), radii[inside].astype(np.float32)


def _anywhere(dark: Floats, shorter: float, largest: float) -> tuple[Floats, Floats]:
    """Middles and radii where the corner looks most like the mark: it was cropped, or set into another picture."""
    found: list[tuple[float, float, float, float]] = []
    scale = min(1.0, COARSE_SIDE / shorter)
    small = cv2.resize(dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else dark
    low, high = max(LEAST_PIXELS, SMALLEST * shorter * scale), max(1, largest * shorter * scale)
    for size in np.exp(np.arange(np.log(low), np.log(high), 0.09)):
        shape = _drawn(round(float(size)))
        if min(small.shape) <= len(shape):
            break
        agreement = cv2.matchTemplate(small, shape, cv2.TM_CCOEFF_NORMED)
        for _ in range(2):
            _, best, _, (x, y) = cv2.minMaxLoc(agreement)
            middle = (len(shape) - 1) / 2 + 0.5
            found.append((best, (x + middle) / scale - 0.5, (y + middle) / scale - 0.5, size / scale / 2))
            cv2.circle(agreement, (x, y), len(shape) // 2, -1.0, -1)
    found.sort(reverse=True)
    kept = np.array(found[:6], np.float32).reshape(-1, 4)
    return kept[:, 1:3], kept[:, 3]


@cache
def _drawn(size: int) -> Floats:
    """The mark's darkness as a template, with a margin of an eighth: the mark takes darkness away."""
    half, fine = size / 2, 4
    side = 2 * round(size * 5 / 8) + 1
    line = np.abs((np.arange(side * fine) + 0.5) / fine - side / 2) / half
    x, y = np.meshgrid(line, line)
    inside = (np.hypot(x - ARC_CENTRE, y - ARC_CENTRE) > ARC_RADIUS) & (x < 1) & (y < 1)
    return np.asarray(-inside.reshape(side, fine, side, fine).mean(axis=(1, 3)), np.float32)


def _best(dark: Floats, places: Floats, radii: Floats) -> _Fit | None:
    """The candidate whose outline agrees best, moved and scaled until it agrees best of all; an array of one."""
    if not len(places):
        return None
    fit = _measured(dark, places, radii)
    chosen = fit.order()[:6]
    for finer in (1.0, 0.4):
        if not len(chosen):
            return None
        moves = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3), axis=-1).reshape(-1, 3) * finer
        radius = fit.radii[chosen][:, None]
        near = fit.places[chosen][:, None] + moves[:, :2] * np.maximum(0.5, 0.025 * radius)[..., None]
        sized = radius * (1 + 0.02 * moves[:, 2])
        fit = _measured(dark, near.reshape(-1, 2).astype(np.float32), sized.reshape(-1).astype(np.float32))
        chosen = fit.order()[:1]
    if not len(chosen):
        return None
    return fit.only(chosen)


def _measured(dark: Floats, places: Floats, radii: Floats) -> _Fit:
    deep, inner, outer, beyond = (_sampled(dark, places, radii, off) for off in (DEEP, INNER, OUTER, BEYOND))
    steps = np.where(outer > NO_ROOM, outer - inner, np.nan)
    parts = _medians(steps)
    unread = np.isnan(parts)
    parts[unread.all(axis=1)] = 0
    step = np.where(unread.sum(axis=1) > UNREAD_PARTS, 0, np.nanmean(parts, axis=1))
    least = np.maximum(step, 1e-3)
    evenness = step / (np.nanstd(parts, axis=1) + 0.01)
    share = _share(steps, step)
    glow = np.median((beyond - outer).reshape(len(step), -1), axis=1) / least
    depth = np.median((inner - deep)[..., _widest()].reshape(len(step), -1), axis=1) / least
    return _Fit(places, radii, step, evenness, np.nanmin(parts, axis=1) / least, share, glow, depth)


def _share(steps: Floats, step: Floats) -> Floats:
    """How many of all points, readable or not, show from half to 1.6 of the mean step."""
    mean = step[:, None, None]
    with np.errstate(invalid="ignore"):
        return np.asarray(((steps > 0.5 * mean) & (steps < 1.6 * mean)).mean(axis=(1, 2)), np.float32)


def _medians(values: Floats) -> Floats:
    """Medians along the last axis of what is a number; not a number where fewer than half are."""
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(ordered)).sum(axis=-1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(0, (count - 1) // 2), axis=-1)
    high = np.take_along_axis(ordered, np.minimum(ordered.shape[-1] - 1, count // 2), axis=-1)
    return np.asarray(np.where(2 * count < ordered.shape[-1], np.nan, (low + high) / 2)[..., 0], np.float32)


def _sampled(dark: Floats, places: Floats, radii: Floats, off: tuple[float, float]) -> Floats:
    """Darkness (N × 8 × points, and × 3 of colours) off the outlines of N sparkles."""
    points, out = _outline()
    shift = np.sign(off[0]) * np.maximum(abs(off[0]) * radii, off[1])
    at = places[:, None, None] + points * radii[:, None, None, None] + out * shift[:, None, None, None]
    at = at.reshape(len(places), -1, 2).astype(np.float32)
    read = [
        cv2.remap(dark, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for part in np.array_split(at, len(at) // 8192 + 1)
    ]
    return np.asarray(np.concatenate(read), np.float32).reshape(len(places), 8, -1, *dark.shape[2:])


@cache
def _outline() -> tuple[Floats, Floats]:
    """Points on the outline of a sparkle of half size 1 (8 × POINTS / 2 × 2), and the directions out of it."""
    angles = np.linspace(ARC_FROM, ARC_TO, POINTS)
    out = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    arc = ARC_CENTRE - ARC_RADIUS * out
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    points, directions = (signs[:, None] * arc).reshape(8, -1, 2), (signs[:, None] * out).reshape(8, -1, 2)
    return points.astype(np.float32), directions.astype(np.float32)


@cache
def _widest() -> NDArray[np.bool_]:
    """Which points (8 × POINTS / 2) lie in the middle of an arc, where the mark is wide enough to look deep inside."""
    middle = np.abs(np.arange(POINTS) - (POINTS - 1) / 2) < POINTS / 5
    return np.tile(middle, 4).reshape(8, -1)
