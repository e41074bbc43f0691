"""Marks that the scene shows, on a telephone or a monitor in it, while the camera moves.

Nothing stands still there, so that some whole frames are looked through for lines of text. A line that is nothing but a
mark is looked for in the frames beside; one that moves with what is around it belongs to the scene.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from fingerprints.marks.firmness import FEW_LINES, may_be_embedded
from fingerprints.marks.glimpses import Glimpse
from fingerprints.marks.ocr import Line, find_lines, read_one
from fingerprints.marks.patches import Pixels
from fingerprints.marks.screens import find_screens
from fingerprints.marks.still import VisibleMark
from fingerprints.marks.words import MarkWord, classify
from media.place import Box
from media.still import Picture, fitted, grey

__all__ = ["SceneMark", "SceneMarks", "lines_of_frame"]

EVERY: Final = 5.0
"""Seconds between the frames that are looked through: about 0.1 s of work each."""
SIDE: Final = 640
"""Longer side at which lines are looked for; they are read in the frame as it is."""
ALIKE: Final = 0.6
"""Correlation of a line with what it is in another frame."""
AROUND: Final = 0.4
"""Correlation of its surroundings, at least. With less, the line stands over the picture."""
MOVED: Final = 0.4
"""Percent of the picture, by which a line of the scene moves at least."""


@dataclass(eq=False)
class SceneMark:
    """A mark that the scene shows, in the frames that were looked at."""

    name: str
    mark: VisibleMark
    line: Picture
    around: Picture
    """The line and what is about it, grey, as they were seen last."""
    seen: list[tuple[float, Box]]
    """Seconds and place of each sight."""

    @property
    def moves(self) -> bool:
        """Whether it was seen in more than one place."""
        x, y = (np.array([getattr(box, side) for _, box in self.seen]) for side in ("x", "y"))
        return bool(max(np.ptp(x), np.ptp(y)) > MOVED)


class SceneMarks:
    """The marks of the scenes of a programme, found as its frames come."""

    def __init__(self) -> None:
        self._open: list[SceneMark] = []
        self._last: Glimpse | None = None
        self._next = 0.0
        self._found: list[SceneMark] = []

    def take(self, glimpse: Glimpse) -> None:
        """The next frame."""
        self._open = [one for one in self._open if _follow(one, glimpse)]
        if glimpse.seconds >= self._next and self._last is not None:
            self._next = glimpse.seconds + EVERY
            for one in _candidates(glimpse):
                if any(known.name == one.name for known in self._open):
                    continue
                line, around = one.line, one.around
                _follow(one, self._last)
                one.seen.sort(key=lambda sight: sight[0])
                one.line, one.around = line, around
                self._open.append(one)
                self._found.append(one)
        self._last = glimpse

    def found(self) -> list[SceneMark]:
        """Those that were seen more than once and moved."""
        return [one for one in self._found if len(one.seen) > 1 and one.moves]


def _candidates(glimpse: Glimpse) -> Iterator[SceneMark]:
    """The lines of a frame that are nothing but a mark, with few others in the frame."""
    picture = glimpse.picture
    lines = lines_of_frame(picture)
    words = [(line, word) for line in lines if (word := classify(line.text)) is not None and word.whole_line]
    screens = find_screens(picture) if words else ()
    for line, word in words:
        if may_be_embedded(line, word, lines, screens):
            yield _seen(glimpse, line, word)


def lines_of_frame(picture: Picture) -> list[Line]:
    """The lines of a whole frame, looked for at `SIDE`; where they are more than a few, they are not read."""
    boxes = find_lines(fitted(picture, SIDE))
    return [_read(picture, box) if len(boxes) <= FEW_LINES else Line("", box, 0.0) for box in boxes]


def _read(picture: Picture, box: Box) -> Line:
    at = _pixels(picture, box)
    text, score = read_one(picture[at.widened(max(2, at.h // 6), picture.shape[1], picture.shape[0]).region])
    return Line(text, box, score)


def _pixels(picture: Picture, box: Box) -> Pixels:
    height, width = picture.shape[:2]
    left, top = int(box.x * width / 100), int(box.y * height / 100)
    return Pixels(left, top, max(4, round(box.w * width / 100)), max(4, round(box.h * height / 100)))


def _seen(glimpse: Glimpse, line: Line, word: MarkWord) -> SceneMark:
    levels = np.asarray(grey(glimpse.picture), np.uint8)
    at = _pixels(levels, line.box)
    mark = VisibleMark(word.kind, word.name, line.text, line.box, is_firm=False, is_embedded=True)
    sight = (glimpse.seconds, line.box)
    return SceneMark(word.name, mark, levels[at.region].copy(), _around(levels, at), [sight])


def _around(levels: Picture, at: Pixels) -> Picture:
    return levels[at.widened(2 * at.h, levels.shape[1], levels.shape[0]).region].copy()


def _follow(one: SceneMark, glimpse: Glimpse) -> bool:
    """Whether a frame shows a mark with what is around it; its place is added then. At first it is read there too."""
    import cv2

    levels: Any = np.asarray(grey(glimpse.picture), np.uint8)
    if any(side >= whole for side, whole in zip(one.around.shape, levels.shape, strict=True)):
        return False
    _, alike, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(levels, one.line, cv2.TM_CCOEFF_NORMED))
    at = Pixels(x, y, one.line.shape[1], one.line.shape[0])
    near = at.widened(3 * at.h, levels.shape[1], levels.shape[0])
    if alike < ALIKE or any(side > room for side, room in zip(one.around.shape, (near.h, near.w), strict=True)):
        return False
    if cv2.minMaxLoc(cv2.matchTemplate(levels[near.region], one.around, cv2.TM_CCOEFF_NORMED))[1] < AROUND:
        return False
    height, width = levels.shape
    box = Box.around(np.array([[x, y], [x + at.w, y + at.h]], np.float64) / (width, height))
    if len(one.seen) == 1:
        again = classify(_read(glimpse.picture, box).text)
        if again is None or again.name != one.name:
            return False
    one.seen.append((glimpse.seconds, box))
    one.line, one.around = levels[at.region].copy(), _around(levels, at)
    return True
