"""Which tracks of an MP4 or QuickTime file are encrypted (ISO/IEC 14496-12 §8.12)."""

from __future__ import annotations

from pathlib import Path

from media.containers.bmff import walk
from media.errors import MediaError

__all__ = ["encrypted_tracks"]

_CODES = frozenset({b"encv", b"enca", b"drms", b"drmi"})


def encrypted_tracks(path: Path) -> frozenset[int]:
    """The tracks, counted from 0, whose first sample description is an encrypted one; of a damaged file those found."""
    found = set[int]()
    number = -1
    try:
        with path.open("rb") as file:
            for part in walk(file, path.stat().st_size):
                number += part.name == "moov/trak"
                if part.name == "moov/trak/mdia/minf/stbl/stsd":
                    file.seek(part.offset + 12)
                    if file.read(4) in _CODES:
                        found.add(number)
    except (MediaError, OSError):
        pass  # both are reported by who inspects the structure
    return frozenset(found)
