"""Decides whether a digest in a row or a waiver is that of an asset's content. Pure.

Rule: a signature is bound to the whole content. The digest of a sample identifies a file, but does not show changes
between the blocks of the sample. What it binds therefore informs, and neither approves nor accepts anything.
"""

from __future__ import annotations

from enum import Enum, auto

from media.digest import SAMPLED, WHOLE
from scanner.model import Examination

__all__ = ["Content", "asks_whole", "content_of", "digest_of", "digests_of"]


class Content(Enum):
    """How a stated digest relates to an asset's content."""

    WHOLE = auto()
    """It is the digest of the whole content."""
    SAMPLE = auto()
    """It is the digest of a sample of the content, which nobody can approve."""
    UNKNOWN = auto()
    """It is a digest of whole contents, and this content was not digested whole."""
    OTHER = auto()
    """It is the digest of other content, or none is stated."""


def digest_of(examination: Examination) -> str:
    """The asset's digest as a register states it: of the whole content where that was digested; `none` where nothing
    was."""
    return next(iter(digests_of(examination)), "none")


def digests_of(examination: Examination) -> tuple[str, ...]:
    """All digests of the asset's content, that of the whole content first."""
    known = (examination.whole, examination.digest)
    return tuple(f"{digest.algorithm}:{digest.value}" for digest in known if digest)


def content_of(stated: str, examination: Examination) -> Content:
    """How the digest in a cell relates to an asset's content."""
    if stated in digests_of(examination):
        return Content.SAMPLE if stated.startswith(f"{SAMPLED}:") else Content.WHOLE
    is_known = any(name.startswith(f"{WHOLE}:") for name in digests_of(examination))
    return Content.UNKNOWN if stated.startswith(f"{WHOLE}:") and not is_known else Content.OTHER


def asks_whole(stated: str, examination: Examination) -> bool:
    """Whether the whole content must be digested to find how a stated digest relates to it."""
    return examination.whole is None and content_of(stated, examination) in (Content.SAMPLE, Content.UNKNOWN)
