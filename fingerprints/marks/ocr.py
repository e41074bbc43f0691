"""The one door to rapidocr (extra `marks`): lines of text in a picture, and where they are.

The models are files of its wheel, given by their path: the code of rapidocr that fetches models is not reached. The
telemetry of ONNX Runtime is off. One engine a process, started when the first picture is read, on one thread: workers
share the machine.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from media.errors import MissingDependency
from media.place import Box
from media.still import Picture

__all__ = ["HOW_TO_GET", "Line", "find_lines", "is_here", "read_lines", "read_one", "version_here"]

HOW_TO_GET: Final = "pip install 'provscan[marks]'"
"""For a person who has no text recognition."""
LONGEST_SIDE: Final = 2000
"""Pixels: rapidocr reduces what is larger."""

_LIBRARIES: Final = ("rapidocr", "onnxruntime")
_ENGINE = Lock()
_NO_TELEMETRY: Final = "ORT_DISABLE_TELEMETRY"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it was read."""

    text: str
    box: Box
    """Upright, around the line."""
    score: float
    """How sure the reading is, 0 to 1."""


@cache
def is_here() -> bool:
    """Whether both libraries of the extra are installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


@cache
def version_here() -> str:
    """The versions that read, such as `rapidocr 3.10.0, onnxruntime 1.32.0`; empty where one is missing."""
    from importlib.metadata import PackageNotFoundError, version  # late: workers do not ask

    try:
        return ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    except PackageNotFoundError:
        return ""


def read_lines(picture: Picture, *, at_least: float = 0.5) -> tuple[Line, ...]:
    """The lines of text in a picture of at most `LONGEST_SIDE` pixels, each read with a score of `at_least`.

    Raises `MissingDependency` where the extra is not installed.
    """
    height, width = picture.shape[:2]
    with _ENGINE:
        found = _engine()(_blue_first(picture), use_det=True, use_rec=True, text_score=at_least)
    if getattr(found, "boxes", None) is None or getattr(found, "txts", None) is None:
        return ()
    sides = np.array([width, height], np.float64)
    return tuple(
        Line(str(text), Box.around(np.clip(np.asarray(corners, np.float64) / sides, 0, 1)), float(score))
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    )


def find_lines(picture: Picture) -> tuple[Box, ...]:
    """Where lines of text are in a picture, not read: a third of the work.

    Raises `MissingDependency` where the extra is not installed.
    """
    height, width = picture.shape[:2]
    with _ENGINE:
        found = _engine()(_blue_first(picture), use_det=True, use_rec=False)
    boxes = getattr(found, "boxes", None)
    sides = np.array([width, height], np.float64)
    return tuple(
        Box.around(np.clip(np.asarray(one, np.float64) / sides, 0, 1)) for one in ([] if boxes is None else boxes)
    )


def read_one(picture: Picture) -> tuple[str, float]:
    """The one line of text that fills a picture, and its score; empty and 0 where there is none.

    Raises `MissingDependency` where the extra is not installed.
    """
    with _ENGINE:
        found = _engine()(_blue_first(picture), use_det=False, use_rec=True)
    texts, scores = getattr(found, "txts", None), getattr(found, "scores", None)
    return (str(texts[0]), float(scores[0])) if texts and scores else ("", 0.0)


def _blue_first(picture: Picture) -> Picture:
    colours = picture[:, :, ::-1] if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    return np.ascontiguousarray(colours)


@contextmanager
def _silently() -> Iterator[None]:
    """While the libraries load, they make no socket and start nothing that does.

    ONNX Runtime's wheels of 2026 send events to their maker, keep an identifier in the user's cache folder and start a
    thread for both, unless a variable is set when the library is loaded (its Privacy.md, *Disabling Telemetry*).
    urllib3, which rapidocr loads for the code that fetches models, opens a socket to see whether the machine has IPv6.
    """
    before, has_ipv6 = os.environ.get(_NO_TELEMETRY), socket.has_ipv6
    os.environ[_NO_TELEMETRY] = "1"
    socket.has_ipv6 = False
    try:
        yield
    finally:
        socket.has_ipv6 = has_ipv6
        if before is None:
            del os.environ[_NO_TELEMETRY]
        else:
            os.environ[_NO_TELEMETRY] = before


@cache
@_silently()
def _engine() -> Any:
    try:
        import_module("onnxruntime")  # rapidocr loads it only with the engine: its absence shows here
        import rapidocr
    except ImportError as error:
        raise MissingDependency(f"text in pictures cannot be read: {error} ({HOW_TO_GET})") from error
    models = Path(rapidocr.__file__).parent / "models"
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)  # it logs pictures without text as warnings
    options: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.use_cls": False,  # upside-down text is no mark
        "Global.max_side_len": LONGEST_SIDE,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        # Pictures are read at the size that they are given in.
        "Det.limit_type": "max",
        "Det.limit_side_len": LONGEST_SIDE,
        "Det.model_path": _model(models, "det"),
        "Rec.model_path": _model(models, "rec"),
    }
    return rapidocr.RapidOCR(params=options)


def _model(folder: Path, task: str) -> str:
    """The one model of the wheel for a task."""
    found = sorted(folder.glob(f"*_{task}_*.onnx"))
    if not found:
        raise MissingDependency(f"rapidocr's wheel holds no model for {task} ({HOW_TO_GET})")
    return str(found[0])
