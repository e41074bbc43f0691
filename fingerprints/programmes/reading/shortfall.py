"""Why a programme was read only in part: what FFmpeg says, and what is missing of what its file declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from media.errors import MediaError
from media.frames import FrameSequence
from media.limits import is_cut_short
from media.probe import Probe, Stream

if TYPE_CHECKING:
    from fingerprints.programmes.programme import Programme

__all__ = ["describe_fault", "describe_lost", "describe_shortfall"]

LOST_SECONDS, LOST_SHARE = 1.0, 0.0005
"""Frames that may be missing of those that are counted: of a group whose begin was cut off, and damaged ones."""
KEY_SECONDS = 11.0
"""So far apart are key frames unless a file shows more: 250 frames, at 24 a second."""
HOLE_SECONDS, IRREGULAR = 1.0, 0.02
"""So long without a frame is a hole, unless more than this part of the frames is not one after the other."""
_RATE = re.compile(r"Decode error rate ([0-9.]+)")


def describe_fault(fault: MediaError) -> str:
    """What FFmpeg says."""
    rate = _RATE.search(str(fault))
    return f"{float(rate[1]):.1%} of its frames are damaged" if rate else str(fault)


def describe_lost(found: Programme) -> str:
    """How many frames of a sequence are missing."""
    count = len(found.medium) if isinstance(found.medium, FrameSequence) else 0
    lost = count - len(found.numbers)
    return f"{lost} of its {count} frames could not be decoded" if lost > 0 else ""


def _uncounted(found: Programme, video: Stream) -> str:
    """How many are missing of the frames that are counted, and of as many as its duration has at its rate.

    A track may count fields, or frames that its edit list hides; a rate may be an average.
    """
    if found.mode.quick or video.frames is None or not video.duration:
        return ""
    declared = min(video.frames, round(video.duration * found.rate))
    there = len(found.numbers)
    if declared - there <= max(LOST_SECONDS * found.rate, LOST_SHARE * declared):
        return ""
    return f"it declares {declared} frames; {there} could be decoded"


def _unseen(found: Programme) -> float:
    """The seconds that may follow the last key frame, where only those are decoded."""
    if not found.mode.keyframes:
        return 0.0
    return max(KEY_SECONDS, float(np.diff(found.numbers).max(initial=0) / found.rate))


def describe_shortfall(found: Programme, said: Probe) -> str:
    """What is missing against what the file declares, or in its middle."""
    declared, reached = said.duration or 0.0, found.seconds
    sounds = [stream.duration for stream in said.streams if stream.kind == "audio"]
    video = said.first("video")
    if video is not None and None in sounds:  # the file's duration may be that of the sound
        reached = max(reached, found.peaks.seconds)
    elif video is not None and video.duration is not None and max(filter(None, sounds), default=0.0) > video.duration:
        declared = min(declared, video.duration)
    if is_cut_short(declared, reached + _unseen(found)):
        return f"it declares {declared:.1f} s; {reached:.1f} s could be decoded"
    if video is not None and (lost := _uncounted(found, video)):
        return lost
    steps = np.diff(found.numbers)
    holes = steps[steps > HOLE_SECONDS * found.rate]
    if found.mode.quick or isinstance(found.medium, FrameSequence) or not len(holes) or (steps != 1).mean() > IRREGULAR:
        return ""
    return f"no picture could be decoded for {float(holes.sum() / float(found.rate)):.1f} s in its middle"
