"""Whether a disclosure that the register states is where the use is that it discloses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.policy.row import Row
from scanner.policy.span import Locus

__all__ = ["disclosed_at"]

_TIME = re.compile(r"\d{1,2}[:;]\d\d[:;]\d\d(?:[:;.]\d{1,3})?")
_BEFORE_SECONDS = 15
"""So long before a use its card or narration may stand."""
_ANYWHERE = frozenset({"credit", "description"})
"""Forms whose place is not that of the use."""


def disclosed_at(row: Row, locus: Locus) -> bool:
    """Whether one of the stated timecodes lies at the hit or shortly before it; a card may open the programme.

    True where the row states no timecode, or the hit lies in no time.
    """
    meaning = row.meanings.get("disclosure_method")
    forms = meaning.words if meaning else frozenset()
    stated = f"{row.cells.get('disclosure_tc', '')} {row.cells.get('disclosure_method', '')}"
    times = _TIME.findall(stated)
    if not times or forms & _ANYWHERE or not locus.spans:
        return True
    before = _BEFORE_SECONDS * round(locus.origin.rate) if locus.origin else 0
    for frame in _frames(times, locus):
        if any(first - before <= frame < after for first, after in locus.spans):
            return True
        if "card" in forms and any(frame <= first for first, _ in locus.spans):
            return True
    return False


def _frames(times: list[str], locus: Locus) -> Iterator[int]:
    """The stated timecodes as frames of the file; one that is no label there lies nowhere."""
    for time in times:
        label = time if len(re.findall("[:;.]", time)) == 3 else f"{time}:00"
        try:
            yield locus.between(label, label)[0]
        except ValueError:
            continue
