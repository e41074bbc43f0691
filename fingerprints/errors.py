"""How a medium or a tool can fail this package. Nothing here knows of records or exit codes."""

from __future__ import annotations

__all__ = ["LibraryFault", "MediaFault", "MediaTimeout", "MediaUnsupported", "ToolMissing"]


class MediaFault(Exception):
    """One medium cannot be read as it should; the message holds the decoder's own words."""


class MediaUnsupported(MediaFault):
    """A format or codec that the decoders on this machine lack."""


class MediaTimeout(MediaFault):
    """The decoder stood still for too long and was stopped."""


class ToolMissing(Exception):
    """A program that is needed is not on this machine. Costs the run, not the medium."""


class LibraryFault(Exception):
    """A reference library cannot be opened, read or written; the message says the mend."""
