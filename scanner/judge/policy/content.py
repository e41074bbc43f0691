"""Whether a digest that a row or a waiver states is that of an asset's content. Pure.

Law: a signature is bound to all of the content. The digest of a sample finds a file again, and does not see what
changed between the blocks of the sample: what it binds informs, and approves and accepts nothing.
"""

from __future__ import annotations

from enum import Enum, auto

from media.digest import SAMPLED, WHOLE
from scanner.model import Examination

__all__ = ["Content", "asks_whole", "content_of", "digest_of", "digests_of"]


class Content(Enum):
    """What a stated digest is to an asset."""

    WHOLE = auto()
    """It is that of all of the content."""
    SAMPLE = auto()
    """It is that of a sample of the content, which nobody can approve."""
    UNKNOWN = auto()
    """It is one of whole contents, and of this content not all was digested."""
    OTHER = auto()
    """It is that of another content, or none is stated."""


def digest_of(examination: Examination) -> str:
    """Its content, as a register names it: all of it where that was digested; `none` where nothing was."""
    return next(iter(digests_of(examination)), "none")


def digests_of(examination: Examination) -> tuple[str, ...]:
    """Every name of its content, that of all of it first."""
    known = (examination.whole, examination.digest)
    return tuple(f"{digest.algorithm}:{digest.value}" for digest in known if digest)


def content_of(stated: str, examination: Examination) -> Content:
    """What the digest in a cell is to an asset."""
    if stated in digests_of(examination):
        return Content.SAMPLE if stated.startswith(f"{SAMPLED}:") else Content.WHOLE
    is_known = any(name.startswith(f"{WHOLE}:") for name in digests_of(examination))
    return Content.UNKNOWN if stated.startswith(f"{WHOLE}:") and not is_known else Content.OTHER


def asks_whole(stated: str, examination: Examination) -> bool:
    """Whether all of a content has to be digested to know what a stated digest is to it."""
    return examination.whole is None and content_of(stated, examination) in (Content.SAMPLE, Content.UNKNOWN)
