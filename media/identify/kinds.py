"""The media types that provscan knows, and the kind of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from media.identify.litter import LITTER

__all__ = ["KINDS", "UNKNOWN", "WITHOUT_PIXELS", "Kind"]


class Kind(StrEnum):
    """What a file is to a post-production person; from its content, not its name."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    SUBTITLE = "subtitle"
    TIMELINE = "timeline"
    PACKAGE = "package"
    """A list that makes other files one delivery: ASSETMAP, PKL, CPL, MHL, checksums."""
    SIDECAR = "sidecar"
    TEXT = "text"
    """Texts that provscan reads: notes, logs, front matter."""
    INERT = "inert"
    """Known, and unable to hold picture, sound or a statement about them: fonts, LUTs, desktop litter."""
    UNKNOWN = "unknown"
    """Not a kind that provscan reads. Recorded and reported, never passed."""


UNKNOWN = "application/octet-stream"

WITHOUT_PIXELS = frozenset({"image/svg+xml", "image/x-xpixmap", "image/x-raw", "image/x-dng"})
"""Pictures that are drawn, or developed: none is stored that could be decoded."""

KINDS: Mapping[str, Kind] = {
    "image/jpeg": Kind.IMAGE,
    "image/png": Kind.IMAGE,
    "image/webp": Kind.IMAGE,
    "image/gif": Kind.IMAGE,
    "image/tiff": Kind.IMAGE,
    "image/x-dng": Kind.IMAGE,
    "image/x-raw": Kind.IMAGE,
    "image/heif": Kind.IMAGE,
    "image/avif": Kind.IMAGE,
    "image/jxl": Kind.IMAGE,
    "image/jp2": Kind.IMAGE,
    "image/bmp": Kind.IMAGE,
    "image/vnd.adobe.photoshop": Kind.IMAGE,
    "image/x-exr": Kind.IMAGE,
    "image/x-dpx": Kind.IMAGE,
    "image/x-cineon": Kind.IMAGE,
    "image/vnd.radiance": Kind.IMAGE,
    "image/x-tga": Kind.IMAGE,
    "image/x-portable-anymap": Kind.IMAGE,
    "image/x-xpixmap": Kind.IMAGE,
    "image/svg+xml": Kind.IMAGE,
    "image/vnd.microsoft.icon": Kind.IMAGE,
    "video/mp4": Kind.VIDEO,
    "video/quicktime": Kind.VIDEO,
    "video/x-matroska": Kind.VIDEO,
    "video/x-msvideo": Kind.VIDEO,
    "video/x-flv": Kind.VIDEO,
    "video/mp2t": Kind.VIDEO,
    "video/mpeg": Kind.VIDEO,
    "video/x-ms-asf": Kind.VIDEO,
    "video/ogg": Kind.VIDEO,
    "video/x-dv": Kind.VIDEO,
    "video/iso.segment": Kind.VIDEO,
    "application/mxf": Kind.VIDEO,
    "video/h264": Kind.VIDEO,
    "video/hevc": Kind.VIDEO,
    "audio/mp4": Kind.AUDIO,
    "audio/wav": Kind.AUDIO,
    "audio/aiff": Kind.AUDIO,
    "audio/mpeg": Kind.AUDIO,
    "audio/aac": Kind.AUDIO,
    "audio/flac": Kind.AUDIO,
    "audio/ogg": Kind.AUDIO,
    "audio/ac3": Kind.AUDIO,
    "audio/basic": Kind.AUDIO,
    "audio/x-ape": Kind.AUDIO,
    "audio/x-caf": Kind.AUDIO,
    "audio/x-musepack": Kind.AUDIO,
    "audio/x-w64": Kind.AUDIO,
    "audio/x-wavpack": Kind.AUDIO,
    "application/pdf": Kind.DOCUMENT,
    "application/postscript": Kind.DOCUMENT,
    "application/vnd.openxmlformats": Kind.DOCUMENT,
    "application/vnd.oasis.opendocument": Kind.DOCUMENT,
    "application/epub+zip": Kind.DOCUMENT,
    "application/x-ole": Kind.DOCUMENT,
    "text/html": Kind.DOCUMENT,
    "text/rtf": Kind.DOCUMENT,
    "text/markdown": Kind.DOCUMENT,
    "application/ttml+xml": Kind.SUBTITLE,
    "application/x-subrip": Kind.SUBTITLE,
    "text/vtt": Kind.SUBTITLE,
    "text/x-scc": Kind.SUBTITLE,
    "application/x-cmx3600": Kind.TIMELINE,
    "application/x-fcp7+xml": Kind.TIMELINE,
    "application/x-fcpxml": Kind.TIMELINE,
    "application/x-aaf": Kind.TIMELINE,
    "application/x-otio+json": Kind.TIMELINE,
    "application/x-ale": Kind.TIMELINE,
    "application/x-smpte-assetmap": Kind.PACKAGE,
    "application/x-smpte-pkl": Kind.PACKAGE,
    "application/x-smpte-cpl": Kind.PACKAGE,
    "application/x-smpte-opl": Kind.PACKAGE,
    "application/x-asc-mhl": Kind.PACKAGE,
    "application/x-mhl": Kind.PACKAGE,
    "application/x-checksums": Kind.PACKAGE,
    "application/x-bagit": Kind.PACKAGE,
    "application/dash+xml": Kind.PACKAGE,
    "application/c2pa": Kind.SIDECAR,
    "application/rdf+xml": Kind.SIDECAR,
    "application/xml": Kind.TEXT,
    "application/json": Kind.TEXT,
    "text/csv": Kind.TEXT,
    "text/plain": Kind.TEXT,
    "application/x-plist": Kind.INERT,
    "font/ttf": Kind.INERT,
    "font/otf": Kind.INERT,
    "font/woff": Kind.INERT,
    "application/x-lut": Kind.INERT,
    LITTER: Kind.INERT,
    "application/zip": Kind.UNKNOWN,
    "application/x-empty": Kind.UNKNOWN,
    UNKNOWN: Kind.UNKNOWN,
}
"""Every media type that provscan names, and its kind."""
