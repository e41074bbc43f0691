"""The id of a match: what a register, a waiver and a report call it. Pure."""

from __future__ import annotations

import hashlib
import json

from scanner.model import Match

__all__ = ["match_id"]


def match_id(match: Match) -> str:
    """Stable across runs and renames: digest of what was recognised, how, and where in the asset."""
    at = match.at or {}
    place = (at.get("in_frame", at.get("in")), at.get("out_frame", at.get("out")), at.get("frames"))
    shown = match.facts.get("digest", match.reference)
    words = json.dumps((shown, match.role, match.relation, place, match.region), sort_keys=True, default=dict)
    return hashlib.blake2b(words.encode("ascii"), digest_size=8).hexdigest()
