"""Entries of packages: a file that a list names (ASSETMAP, packing list, MHL, checksum file), a resource that a
composition plays."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

__all__ = ["ListedFile", "PlayedResource"]


class ListedFile(NamedTuple):
    """One file that a list names, under one algorithm. A tuple: lists have hundreds of thousands."""

    path: str
    """With `/`, as the list means it; see `media.lists.locate`. Empty where the list knows the file by `id` alone."""
    where: str
    algorithm: str = ""
    """One of `media.lists.ALGORITHMS`; empty where the list gives no digest, or none that can be verified."""
    digest: str = ""
    size: int | None = None
    written: str = ""
    """The digest word for word: `c4` and base64 forms are converted, malformed ones are not."""
    id: str = ""
    """`urn:uuid:…` of an asset in a SMPTE package."""
    action: str = ""
    """ASC MHL: `original`, `verified`, `failed`."""
    previous: str = ""
    """ASC MHL: the path before a rename."""


class PlayedResource(NamedTuple):
    """One use of a track file in a composition (SMPTE ST 2067-3, ST 429-7). None where nothing is stated."""

    id: str
    """`urn:uuid:…` of the track file."""
    where: str
    kind: str
    """Element name of the IMF sequence, or of the DCP asset: `MainImageSequence`, `MainSound`."""
    reel: int
    """Of its reel or segment, from 1."""
    entry: int | None = None
    """First edit unit that is played."""
    duration: int | None = None
    """Edit units that are played."""
    intrinsic: int | None = None
    """Edit units that the track file has."""
    repeat: int | None = None
    rate: Fraction | None = None
    """Edit units a second."""
    annotation: str = ""
    is_encrypted: bool = False
