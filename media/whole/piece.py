"""What a structure declares must be there: the one check of every format."""

from __future__ import annotations

from media.errors import Malformed

__all__ = ["require"]


def require(end: int, size: int, what: str) -> None:
    """`Malformed` where something ends behind the end of the file."""
    if end > size:
        raise Malformed(f"{what} ends at {end}, but the file at {size}: it was cut off")
