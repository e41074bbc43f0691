"""What finishing leaves in an untouched photograph: graphics, neighbours, light, lenses, film, screens, encoders.

Each takes a photograph as an RGB array, another one and a generator, and gives the frame that is delivered.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.transforms import TRANSFORMS

__all__ = ["COLOURS", "FINISHED", "GRAPHICS", "LINES", "NAMES", "draw_text", "frame_of"]

Photo = np.ndarray
Rng = np.random.Generator
Finish = Callable[[Photo, Photo, Rng], Photo]
NAMES = ("Margaret Oakes", "Dr Tomas Brandt", "INGRID VALE", "Harbour, 1962", "Jo Lindqvist-Marsh")
LINES = ("curator, county museum", "former neighbour", "archive of the town", "investigative reporter")
WORDS = (
    "Nobody in the village remembers",
    "the summer when it was taken.",
    "- And then? - Then we left.",
    "I asked him twice.",
)
COLOURS = ((130, 30, 24), (18, 40, 96), (12, 12, 12), (240, 240, 238), (200, 160, 20), (20, 110, 80))


def _clipped(levels: Photo) -> Photo:
    return np.clip(levels, 0, 255).astype(np.uint8)


def _pick(rng: Rng, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def draw_text(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    words: str,
    size: float,
    fill: str,
    outline: int = 0,
    anchor: str = "lm",
) -> None:
    font = ImageFont.load_default(size=max(9, size))
    draw.text(at, words, fill=fill, font=font, anchor=anchor, stroke_width=outline, stroke_fill="black")


# Graphics


def lower_third(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    """A plate, solid or translucent, plain or shaded, with a name and a line; or letters alone over a rule."""
    height, width = photo.shape[:2]
    top, tall = rng.uniform(0.70, 0.78) * height, rng.uniform(0.12, 0.17) * height
    left, wide = rng.uniform(0.04, 0.10) * width, rng.uniform(0.42, 0.7) * width
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    opacity, kind = rng.uniform(0.65, 1.0), int(rng.integers(4))
    levels = photo.astype(np.float32)
    if kind < 3:
        x0, y0, x1, y1 = round(left), round(top), round(left + wide), round(top + tall)
        cover = np.full((y1 - y0, x1 - x0, 1), opacity, np.float32)
        if kind == 2:
            cover *= np.linspace(1, 0.25, x1 - x0, dtype=np.float32)[None, :, None]
        levels[y0:y1, x0:x1] = levels[y0:y1, x0:x1] * (1 - cover) + np.array(colour, np.float32) * cover
    image = Image.fromarray(_clipped(levels))
    draw = ImageDraw.Draw(image)
    ink = "black" if sum(colour) > 500 and kind < 3 else "white"
    outline = 1 if kind == 3 else 0
    if kind == 3:
        draw.rectangle((left, top + tall * 0.55, left + wide, top + tall * 0.6), fill=COLOURS[0])
    draw_text(draw, (left + 0.03 * width, top + tall * 0.3), _pick(rng, NAMES), tall * 0.38, ink, outline)
    draw_text(draw, (left + 0.03 * width, top + tall * 0.76), _pick(rng, LINES), tall * 0.27, ink, outline)
    return np.asarray(image)


def subtitle(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    """One or two lines, white or yellow, outlined or in a box."""
    image = Image.fromarray(photo.copy())
    draw = ImageDraw.Draw(image)
    height, width = photo.shape[:2]
    size, fill, is_boxed = height * rng.uniform(0.05, 0.07), _pick(rng, ("white", "yellow")), rng.random() < 0.25
    for row in range(int(rng.integers(1, 3))):
        words, centre = _pick(rng, WORDS), (width / 2, height * 0.92 - row * size * 1.25)
        if is_boxed:
            box = draw.textbbox(centre, words, font=ImageFont.load_default(size=max(9, size)), anchor="mm")
            draw.rectangle((box[0] - 6, box[1] - 4, box[2] + 6, box[3] + 4), fill="black")
        draw_text(draw, centre, words, size, fill, 0 if is_boxed else 1 + int(rng.integers(2)), "mm")
    return np.asarray(image)


def bug(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    """A channel's mark in a corner, and a running timecode."""
    image = Image.fromarray(photo.copy())
    draw = ImageDraw.Draw(image)
    height, width = photo.shape[:2]
    radius = height * rng.uniform(0.05, 0.075)
    x, y = width - 2.2 * radius, 2.2 * radius
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=COLOURS[int(rng.integers(len(COLOURS)))])
    draw_text(draw, (x, y), "K4", radius, "white", 0, "mm")
    if rng.random() < 0.6:
        box = (width * 0.33, height * 0.03, width * 0.67, height * 0.11)
        draw.rectangle(box, fill="black")
        draw_text(draw, (width * 0.5, height * 0.07), "10:02:17:09", height * 0.055, "white", 0, "mm")
    return np.asarray(image)


# Neighbours


def dissolve(photo: Photo, other: Photo, rng: Rng) -> Photo:
    part = rng.uniform(0.15, 0.45)
    next_one = cv2.resize(other, photo.shape[1::-1], interpolation=cv2.INTER_AREA)
    return _clipped(photo * (1 - part) + next_one.astype(np.float32) * part)


def split_screen(photo: Photo, other: Photo, rng: Rng) -> Photo:
    """Half of the photograph beside half of another one, with or without a line between."""
    done, across = photo.copy(), rng.random() < 0.7
    side = photo.shape[1] if across else photo.shape[0]
    seam, first = round(side * rng.uniform(0.42, 0.58)), rng.random() < 0.5
    part = slice(0, seam) if first else slice(seam, side)
    place = np.s_[:, part] if across else np.s_[part, :]
    done[place] = cv2.resize(other, done[place].shape[1::-1], interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        line = slice(seam - 2, seam + 2)
        done[np.s_[:, line] if across else np.s_[line, :]] = 255 if rng.random() < 0.5 else 0
    return done


# Light and colour


def vignette(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    height, width = photo.shape[:2]
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    radius = np.hypot(rows - rng.uniform(-0.2, 0.2), columns - rng.uniform(-0.2, 0.2))
    fall = 1 - rng.uniform(0.45, 0.85) * np.clip((radius - rng.uniform(0.2, 0.6)) / 0.9, 0, 1) ** rng.uniform(1.2, 2.5)
    return _clipped(photo * fall[..., None])


def tone_mapped(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    tiles = int(rng.integers(3, 9))
    lab[..., 0] = cv2.createCLAHE(rng.uniform(1.5, 4.0), (tiles, tiles)).apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


def crushed(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    levels = photo.astype(np.float32) / 255
    levels = 0.5 + (levels ** rng.uniform(1.1, 1.7, 3) - rng.uniform(0.4, 0.5)) * rng.uniform(1.4, 2.0)
    grey = levels.mean(axis=2, keepdims=True)
    return _clipped(255 * (grey + (levels - grey) * rng.uniform(0.4, 1.2)))


def monochrome(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    """Through a filter: what is red may come out light or dark."""
    weights = rng.dirichlet((1.5, 2.5, 1.2))
    grey = (photo @ weights - 128) * rng.uniform(0.9, 1.5) + 128
    return _clipped(np.repeat(grey[..., None], 3, axis=2))


# Film, lenses and screens


def motion_blur(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    length = int(rng.integers(7, 20))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(photo, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def old_film(photo: Photo, other: Photo, rng: Rng) -> Photo:
    """Sepia, dust, hairs and upright scratches, with flicker and grain."""
    image = TRANSFORMS["sepia"](Image.fromarray(photo), Image.fromarray(other), rng)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(int(rng.integers(20, 70))):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.5, 0.006 * height + 0.5)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_pick(rng, ("white", "#e8dcc0", "#181008")))
    for _ in range(int(rng.integers(1, 5))):
        x = rng.uniform(0, width)
        draw.line(
            (x, rng.uniform(0, height / 3), x + rng.uniform(-4, 4), height), fill=_pick(rng, ("#f0e6d0", "#201408"))
        )
    for _ in range(int(rng.integers(0, 4))):
        x, y, long = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.03, 0.1) * height
        draw.arc((x, y, x + long, y + long), rng.uniform(0, 180), rng.uniform(180, 360), fill="#181008")
    levels = np.asarray(image, np.float32) * rng.uniform(0.8, 1.15)
    noise = cv2.GaussianBlur(rng.normal(0, 1, photo.shape[:2]).astype(np.float32), (0, 0), 0.7)
    return _clipped(levels + (noise / noise.std() * rng.uniform(4, 12))[..., None])


def _projected(photo: Photo, scene: Photo, corners: np.ndarray) -> tuple[Photo, np.ndarray]:
    """The photograph laid into a scene; and where it lies, 0 to 1."""
    height, width = photo.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(whole, corners.astype(np.float32))
    size = scene.shape[1::-1]
    laid = cv2.warpPerspective(photo, matrix, size, flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)[..., None]
    return laid, cover


def _corners(size: tuple[int, int], box: tuple[float, float, float, float], wobble: float, rng: Rng) -> np.ndarray:
    left, top, right, bottom = box
    whole = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return (whole + rng.uniform(-wobble, wobble, (4, 2))) * size


def television(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    """Photographed off a set: keystone, lines, moiré, a reflection, light that falls off, a frame around it."""
    height, width = photo.shape[:2]
    rows = np.arange(height)[:, None, None]
    shown = photo * (1 - rng.uniform(0.08, 0.3) * (rows % int(rng.integers(2, 5)) == 0))
    scene = np.full_like(photo, 30, dtype=np.float32) + rng.normal(0, 3, photo.shape)
    corners = _corners((width, height), (0.07, 0.07, 0.93, 0.93), 0.03, rng)
    laid, cover = _projected(_clipped(shown), scene, corners)
    y, x = np.mgrid[:height, :width]
    moire = 1 + rng.uniform(0.01, 0.05) * np.sin(x * rng.uniform(0.4, 1.2) + y * rng.uniform(0.05, 0.5))
    glare = rng.uniform(10, 45) * np.exp(
        -(((x / width - rng.uniform(0.1, 0.9)) / 0.18) ** 2 + ((y / height - rng.uniform(0.1, 0.9)) / 0.25) ** 2)
    )
    tint = rng.uniform((0.8, 0.85, 0.95), (1.0, 1.0, 1.2))
    done = (laid * moire[..., None] * tint + glare[..., None]) * cover + scene * (1 - cover)
    soft = cv2.GaussianBlur(done.astype(np.float32), (0, 0), rng.uniform(0.5, 1.0))
    return _clipped(soft + rng.normal(0, rng.uniform(1, 4), soft.shape))


def telephone(photo: Photo, other: Photo, rng: Rng) -> Photo:
    """On a phone that lies on something: a black body, bright screen, a reflection, fingers away."""
    height, width = photo.shape[:2]
    scene = cv2.GaussianBlur(cv2.resize(other, (width, height)), (0, 0), 2).astype(np.float32) * 0.7
    part = rng.uniform(0.62, 0.8)
    left, top = rng.uniform(0.08, 0.92 - part), rng.uniform(0.08, 0.92 - part)
    body = _corners((width, height), (left - 0.06, top - 0.04, left + part + 0.06, top + part + 0.04), 0.0, rng)
    scene = cv2.fillConvexPoly(scene, body.round().astype(np.int32), (14, 14, 16))
    corners = _corners((width, height), (left, top, left + part, top + part), 0.02, rng)
    laid, cover = _projected(photo, scene, corners)
    y, x = np.mgrid[:height, :width]
    glare = rng.uniform(5, 30) * np.clip(1 - np.abs(x / width + y / height - rng.uniform(0.6, 1.4)) / 0.3, 0, 1)
    done = (laid.astype(np.float32) * rng.uniform(0.85, 1.15) + glare[..., None]) * cover + scene * (1 - cover)
    return _clipped(done + rng.normal(0, rng.uniform(1, 4), done.shape))


def grained(photo: Photo, _other: Photo, rng: Rng) -> Photo:
    noise = cv2.GaussianBlur(rng.normal(0, 1, photo.shape[:2]).astype(np.float32), (0, 0), rng.uniform(0.4, 0.9))
    return _clipped(photo + (noise / noise.std() * rng.uniform(8, 25))[..., None])


# Encoding and framing


def jpeg(photo: Photo, quality: int) -> Photo:
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def _named(name: str) -> Finish:
    def finish(photo: Photo, other: Photo, rng: Rng) -> Photo:
        return np.asarray(TRANSFORMS[name](Image.fromarray(photo), Image.fromarray(other), rng).convert("RGB"))

    return finish


FINISHED: Mapping[str, Finish] = {
    "lower third": lower_third,
    "subtitle": subtitle,
    "bug, timecode": bug,
    "dissolve": dissolve,
    "split screen": split_screen,
    "vignette": vignette,
    "local tone mapping": tone_mapped,
    "crushed grade": crushed,
    "black and white": monochrome,
    "motion blur": motion_blur,
    "dust, scratches, sepia": old_film,
    "from a television": television,
    "from a phone": telephone,
    "grain": grained,
    "interlaced": _named("interlaced"),
    "JPEG 15": lambda photo, _other, _rng: jpeg(photo, 15),
    "grade": _named("grade"),
    "upscaled, sharpened": _named("upscaled, sharpened"),
    "Ken Burns 1.28×": _named("Ken Burns 1.28×"),
    "matte 2.39": _named("matte 2.39"),
    "print, photographed": _named("print, photographed"),
}
GRAPHICS = ("lower third", "subtitle", "bug, timecode")


def frame_of(name: str, photo: Photo, other: Photo, rng: Rng) -> Photo:
    """The photograph finished as named, then encoded as a delivery is."""
    done = FINISHED[name](photo, other, rng)
    return done if name == "JPEG 15" else jpeg(done, int(rng.integers(80, 95)))
