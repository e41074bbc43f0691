"""What changes a photograph's content, by tools at hand, with the mask of what was changed.

Each takes a photograph as an RGB array, another one, the part of its area to change and a generator; it gives the
picture and the mask, which is empty where the change cannot be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

__all__ = ["EDITS", "FACE_EDITS", "edited", "face_edited"]

Photo = np.ndarray
Edited = tuple[np.ndarray, np.ndarray]
Rng = np.random.Generator
Edit = Callable[[Photo, Photo, np.ndarray, Rng], Photo]
_STEPS = 5
"""Levels by which an edit must differ to be one, over half of its place."""


def _clipped(levels: Photo) -> Photo:
    return np.clip(levels, 0, 255).astype(np.uint8)


def _shape(photo: Photo, part: float, rng: Rng) -> np.ndarray:
    """An ellipse of that part of the area where there is something to change, as booleans."""
    height, width = photo.shape[:2]
    radius, stretch = np.sqrt(part * height * width / np.pi), rng.uniform(0.75, 1.35)
    axes = (max(4, radius * stretch), max(4, radius / stretch))
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    best, busiest = None, -1.0
    for _ in range(6):
        x, y = rng.uniform(axes[0] + 8, width - axes[0] - 8), rng.uniform(axes[1] + 8, height - axes[1] - 8)
        mask = cv2.ellipse(
            np.zeros((height, width), np.uint8), ((x, y), (2 * axes[0], 2 * axes[1]), rng.uniform(0, 180)), 1, -1
        )
        busy = float(cv2.Laplacian(grey, cv2.CV_32F)[mask > 0].std())
        if busy > busiest:
            best, busiest = mask > 0, busy
    assert best is not None
    return best


def _soft(mask: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)[..., None]


def _mixed(photo: Photo, new: Photo, mask: np.ndarray, sigma: float = 1.5) -> Photo:
    cover = _soft(mask, sigma)
    return _clipped(photo * (1 - cover) + new.astype(np.float32) * cover)


def paste(photo: Photo, other: Photo, mask: np.ndarray, _rng: Rng) -> Photo:
    return _mixed(photo, cv2.resize(other, photo.shape[1::-1], interpolation=cv2.INTER_AREA), mask, 0.8)


def clone(photo: Photo, _other: Photo, mask: np.ndarray, rng: Rng) -> Photo:
    away = (int(photo.shape[0] * rng.uniform(0.25, 0.75)), int(photo.shape[1] * rng.uniform(0.25, 0.75)))
    return _mixed(photo, np.roll(photo, away, axis=(0, 1)), mask)


def blended(photo: Photo, other: Photo, mask: np.ndarray, _rng: Rng) -> Photo:
    """Another thing whose light is that of its surroundings."""
    ys, xs = np.nonzero(mask)
    centre = (int((xs.min() + xs.max()) // 2), int((ys.min() + ys.max()) // 2))
    there = cv2.resize(other, photo.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.seamlessClone(there, photo, mask.astype(np.uint8) * 255, centre, cv2.NORMAL_CLONE))


def removal(photo: Photo, _other: Photo, mask: np.ndarray, rng: Rng) -> Photo:
    """Inpainted from its border, with grain."""
    how = cv2.INPAINT_TELEA if rng.random() < 0.5 else cv2.INPAINT_NS
    filled = cv2.inpaint(photo, mask.astype(np.uint8), 5, how)
    return _mixed(photo, _clipped(filled + rng.normal(0, 3, photo.shape[:2])[..., None]), mask)


def liquify(photo: Photo, _other: Photo, mask: np.ndarray, rng: Rng) -> Photo:
    """A thing pushed, pinched or bulged."""
    height, width = photo.shape[:2]
    ys, xs = np.nonzero(mask)
    cy, cx, radius = ys.mean(), xs.mean(), max(np.ptp(ys), np.ptp(xs)) / 2
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    inside = np.clip(1 - ((columns - cx) ** 2 + (rows - cy) ** 2) / radius**2, 0, 1) ** 2
    if rng.random() < 0.5:
        turn, push = rng.uniform(0, 2 * np.pi), 0.45 * radius
        dx, dy = push * np.cos(turn) * inside, push * np.sin(turn) * inside
    else:
        much = rng.choice((-0.7, 0.6)) * inside
        dx, dy = much * (columns - cx), much * (rows - cy)
    return np.asarray(
        cv2.remap(photo, (columns + dx).astype(np.float32), (rows + dy).astype(np.float32), cv2.INTER_CUBIC)
    )


def relight(photo: Photo, _other: Photo, mask: np.ndarray, rng: Rng) -> Photo:
    """Another light falls on one thing."""
    much = rng.choice((0.45, 1.7))
    rows = np.linspace(-1, 1, photo.shape[0])[:, None, None]
    light = much * (1 + 0.3 * rng.choice((-1, 1)) * rows)
    return _mixed(photo, _clipped(photo * light), mask, 3)


def recolour(photo: Photo, _other: Photo, mask: np.ndarray, _rng: Rng) -> Photo:
    hsv = cv2.cvtColor(photo, cv2.COLOR_RGB2HSV).astype(np.int32)
    hsv[..., 0] = (hsv[..., 0] + 70) % 180
    hsv[..., 1] = 90 + hsv[..., 1] * 165 // 255
    return _mixed(photo, cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), mask)


def smoothing(photo: Photo, _other: Photo, mask: np.ndarray, _rng: Rng) -> Photo:
    """As skin is beautified: outlines kept, what is fine taken away."""
    soft = photo
    for _ in range(3):
        soft = cv2.bilateralFilter(soft, 11, 45, 6)
    return _mixed(photo, soft, mask, 3)


def blurring(photo: Photo, _other: Photo, mask: np.ndarray, _rng: Rng) -> Photo:
    """As faces are made unknowable."""
    return _mixed(photo, cv2.GaussianBlur(photo, (0, 0), photo.shape[0] / 30), mask)


def repaint(photo: Photo, _other: Photo, _mask: np.ndarray, rng: Rng) -> Photo:
    """All of it anew: flat strokes, outlines that wander, detail of its own."""
    height, width = photo.shape[:2]
    strokes = photo
    for _ in range(3):
        strokes = cv2.bilateralFilter(strokes, 9, 60, 5)
    strokes = cv2.medianBlur(strokes, 7)
    across, down, grain = (
        cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), sigma) for sigma in (9, 9, 1.2)
    )
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    moved = cv2.remap(strokes, columns + 2.5 * across / across.std(), rows + 2.5 * down / down.std(), cv2.INTER_LINEAR)
    busy = cv2.GaussianBlur(np.abs(cv2.Laplacian(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.CV_32F)), (0, 0), 4)
    texture = grain / grain.std() * np.clip(busy * 0.8, 2, 16)
    return _clipped(moved + texture[..., None])


EDITS: Mapping[str, Edit] = {
    "paste": paste,
    "clone": clone,
    "seamless paste": blended,
    "removal": removal,
    "liquify": liquify,
    "relight": relight,
    "recolour": recolour,
    "smoothing": smoothing,
    "blur": blurring,
    "repaint": repaint,
}


def edited(name: str, photo: Photo, other: Photo, part: float, rng: Rng) -> Edited:
    """The picture, and where it differs to the eye; nowhere, if less than half of the place does."""
    mask = np.ones(photo.shape[:2], bool) if name == "repaint" else _shape(photo, part, rng)
    return _seen(photo, EDITS[name](photo, other, mask, rng), mask)


def _seen(photo: Photo, done: Photo, mask: np.ndarray) -> Edited:
    apart = cv2.GaussianBlur(np.abs(photo.astype(np.float32) - done).max(axis=2), (0, 0), 2)
    is_visible = (apart[mask] > _STEPS).mean() > 0.5
    return done, mask if is_visible else np.zeros_like(mask)


# Faces, by their landmarks


def _oval(photo: Photo, points: np.ndarray, grow: float = 1.0) -> np.ndarray:
    centre = points.mean(axis=0)
    hull = cv2.convexHull((centre + (points - centre) * grow).astype(np.float32)).round().astype(np.int32)
    return cv2.fillConvexPoly(np.zeros(photo.shape[:2], np.uint8), hull, 1) > 0


def swapped(photo: Photo, points: np.ndarray, other: Photo, others: np.ndarray, _rng: Rng) -> Edited:
    """Another face, laid by its landmarks and blended into the skin around it."""
    matrix, _ = cv2.estimateAffinePartial2D(others.astype(np.float32), points.astype(np.float32))
    there = cv2.warpAffine(other, matrix, photo.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    mask = _oval(photo, points, 1.02)
    x, y, wide, tall = cv2.boundingRect(mask.astype(np.uint8))
    done = cv2.seamlessClone(
        there, photo, mask.astype(np.uint8) * 255, (x + wide // 2, y + tall // 2), cv2.NORMAL_CLONE
    )
    return np.asarray(done), mask


def beautified(photo: Photo, points: np.ndarray, _other: Photo, _others: np.ndarray, rng: Rng) -> Edited:
    mask = _oval(photo, points, 1.15)
    return smoothing(photo, photo, mask, rng), mask


def mouthed(photo: Photo, points: np.ndarray, _other: Photo, _others: np.ndarray, rng: Rng) -> Edited:
    """Another mouth: opened, with teeth."""
    mask = _oval(photo, points[48:], 1.35)
    ys, xs = np.nonzero(mask)
    cx, cy, wide, tall = xs.mean(), ys.mean(), np.ptp(xs) / 2, np.ptp(ys) / 2
    done = photo.copy()
    cv2.ellipse(done, ((cx, cy), (1.5 * wide, 1.3 * tall), 0), (70, 25, 30), -1)
    cv2.ellipse(done, ((cx, cy - 0.15 * tall), (1.3 * wide, 0.7 * tall), 0), (228, 222, 210), -1)
    return cv2.GaussianBlur(_mixed(photo, done, mask, 1.0), (0, 0), 0.5), mask


FACE_EDITS = {"face swap": swapped, "face smoothed": beautified, "mouth": mouthed}


def face_edited(name: str, photo: Photo, points: np.ndarray, other: Photo, others: np.ndarray, rng: Rng) -> Edited:
    """Of a face with 68 landmarks, in pixels."""
    return FACE_EDITS[name](photo, points, other, others, rng)
