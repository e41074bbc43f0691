"""What commands about libraries and programmes show of references with `--redact`. The same default-deny as of records.

Names of files stay and folders do not: those of a library and of a search are folders of the user's machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fingerprints.model import Details, Reference
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment
from media.frames import FrameSequence
from scanner.records.masking import hide
from scanner.records.redaction import redact_sentence, redact_word

__all__ = ["redact_reference", "redact_traced"]

_STATED: Final = ("title", "source", "rights", "licence", "ai_terms", "uses", "territory")
"""What people state about a reference in their own words."""


def redact_reference(reference: Reference) -> Reference:
    """The reference without what people state about it, and without its folder and name. Its digest stays."""
    stated = reference.details
    details = Details(
        id=hide(stated.id),
        role=stated.role,
        quality=stated.quality,
        valid_until=stated.valid_until,
        **{name: redact_word(getattr(stated, name)) for name in _STATED},
    )
    return replace(reference, details=details, file=reference.file and hide(reference.file))


def redact_traced(
    found: Iterable[tuple[Programme, Sequence[Segment]]], items: Collection[Path]
) -> list[tuple[Programme, tuple[Segment, ...]]]:
    """What a search found, with the names of files alone and without the ids of libraries' references."""
    names = {str(path): path.name for path in items}
    return [
        (
            replace(
                programme,
                medium=_bare(programme.medium),
                fault=redact_sentence(programme.fault),
                note=redact_sentence(programme.note),
            ),
            tuple(replace(one, reference=names.get(one.reference) or hide(one.reference)) for one in segments),
        )
        for programme, segments in found
    ]


def _bare(medium: Path | FrameSequence) -> Path | FrameSequence:
    """The medium by its name alone; nothing opens it."""
    return replace(medium, folder=Path()) if isinstance(medium, FrameSequence) else Path(medium.name)
