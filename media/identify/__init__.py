"""Identifies a file by its content: media type, kind and raster from its first bytes. Reads heads, decodes nothing."""

from __future__ import annotations

from media.identify.kinds import KINDS, UNKNOWN, WITHOUT_PIXELS, Kind
from media.identify.litter import LITTER
from media.identify.signatures import VERSION, Format, identify

__all__ = ["KINDS", "LITTER", "UNKNOWN", "VERSION", "WITHOUT_PIXELS", "Format", "Kind", "identify"]
