"""The id of a match, by which a register, a waiver and a report refer to it. Pure."""

from __future__ import annotations

import hashlib
import json

from media.place import Place
from scanner.model import Match

__all__ = ["match_id"]


def match_id(match: Match) -> str:
    """Stable across runs and renames: a digest of what was recognised, how, and where in the asset."""
    box = match.at.box if match.at else None
    region = {"unit": "percent", "x": box.x, "y": box.y, "w": box.w, "h": box.h} if box else None
    shown = match.facts.digest or match.reference
    words = json.dumps((shown, match.role, match.relation, _when(match.at), region), sort_keys=True)
    return hashlib.blake2b(words.encode("ascii"), digest_size=8).hexdigest()


def _when(at: Place | None) -> tuple[object, object, object]:
    """First frame or label, the one after the last, and numbers of files. Its form decides the id: keep it."""
    into, out = (at.labels if at and at.labels else None) or (None, None)
    if at is None or not at.frames:
        return into, out, None
    if at.is_numbered:
        return into, out, [[first, after - 1] for first, after in at.frames]
    return at.frames[0][0], at.frames[0][1], None
