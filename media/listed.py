"""What a list of files states of one file: ASSETMAP, packing list, MHL, checksum file. Read by `media.lists`."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ListedFile"]


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
