"""What the picture of a record is called, and which records get one. Known to who draws it and who shows it."""

from __future__ import annotations

import hashlib

from scanner.judge.policy import match_id
from scanner.model import Kind, Match, Outcome, Record

__all__ = ["MOST_PAIRS", "pair_name", "picture_name", "wants_pair", "wants_picture"]

MOST_PAIRS = 12


def picture_name(record: Record) -> str:
    """The file in `pictures/`: a digest of root and path, so that odd names make plain ones."""
    asset = record.examination.asset
    words = f"{asset.root}\0{asset.path}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=10).hexdigest() + ".jpg"


def pair_name(record: Record, match: Match) -> str:
    """The file in `pictures/` that shows a match beside its reference."""
    return f"{picture_name(record).removesuffix('.jpg')}-{match_id(match)}.jpg"


def wants_pair(record: Record) -> tuple[Match, ...]:
    """The matches that are shown beside their reference; others are told in words."""
    return tuple(match for match in record.matches if match.facts.get("sense") != "sound")[:MOST_PAIRS]


def wants_picture(record: Record) -> bool:
    """Whether a person will want to see it: a picture, and something to act on."""
    return record.examination.asset.kind in (Kind.IMAGE, Kind.VIDEO) and record.verdict.outcome is not Outcome.PASS
