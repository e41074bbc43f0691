"""Editorial timelines: which source clips a cut is made of. One module for each format, one form for all.

Rule: names and paths are kept word for word; positions are SMPTE labels where the format gives or allows them, and left
out where it does not. Nothing is resolved, opened or fetched.
"""

from __future__ import annotations

from media.timelines.event import MAX_EVENTS, EditSequence, Event, Said, Title, Unread, Words

__all__ = ["MAX_EVENTS", "EditSequence", "Event", "Said", "Title", "Unread", "Words"]
