"""Writes CMX 3600 edit lists: the one place that lays out their lines.

Sources: CMX 3600 as in the DaVinci Resolve manual, "Conforming EDL Files"; OpenTimelineIO's cmx_3600 adapter. Texts
must be printable already: a line break in a comment would begin another line of the list.
"""

from __future__ import annotations

import re
from typing import Final

from media.timecode import Timecode

__all__ = [
    "AUXILIARY",
    "MAX_EVENTS",
    "format_comment",
    "format_event",
    "format_head",
    "format_mark",
    "format_motion",
    "reel_of",
]

MAX_EVENTS: Final = 999
"""An event number has three digits."""
AUXILIARY: Final = "AX"
"""The reel of a source that has no tape name."""


def format_head(title: str, *, drop: bool) -> str:
    """The two lines that begin a list: its title, and how the labels behind it count."""
    return f"TITLE: {title}\nFCM: {'' if drop else 'NON-'}DROP FRAME\n"


def format_event(
    number: int, reel: str, track: str, source: tuple[Timecode, Timecode], record: tuple[Timecode, Timecode]
) -> str:
    """A cut: source and record, each from its first frame to the frame after its last."""
    places = " ".join(map(str, (*source, *record)))
    return f"{number:03}  {reel:8} {track:5} C        {places}\n"


def format_motion(reel: str, rate: float, source: Timecode) -> str:
    """The speed of the event before it, in frames a second of the source."""
    return f"M2   {reel:8} {rate:.1f}                {source}\n"


def format_comment(key: str, text: str) -> str:
    """A comment line: `FROM CLIP NAME`, `LOC`, `COMMENT`, `RATE`, `NOTE`."""
    return f"* {key}: {text}\n"


def format_mark(note: str, name: str, colour: str, length: int) -> str:
    """The marker line that DaVinci Resolve writes after an event: note and name hold no `|`, the length is frames."""
    return f"{note} |C:ResolveColor{colour.title()} |M:{name} |D:{length}\n"


def reel_of(path: str) -> str:
    """A reel name of eight characters, the format's limit; `AX` where the name has none that the format allows."""
    stem = path.rpartition("/")[2].partition(".")[0]
    return re.sub(r"[^0-9A-Z]", "", stem.upper())[:8] or AUXILIARY
