"""The one check of every format: what a structure declares must be in the file."""

from __future__ import annotations

from media.errors import Malformed

__all__ = ["require"]


def require(end: int, size: int, what: str) -> None:
    """Raise `Malformed` where something ends after the end of the file."""
    if end > size:
        raise Malformed(f"{what} ends at {end}, but the file at {size}: it was cut off")
