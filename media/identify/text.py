"""Identifies a text: its content decides first, and the extension only breaks a tie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from media.encoding import detect_wide
from media.identify.litter import LITTER, is_desktop_ini

__all__ = ["text_type"]

_XML_ROOTS: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "tt": "application/ttml+xml",
    "xmeml": "application/x-fcp7+xml",
    "fcpxml": "application/x-fcpxml",
    "AssetMap": "application/x-smpte-assetmap",
    "PackingList": "application/x-smpte-pkl",
    "CompositionPlaylist": "application/x-smpte-cpl",
    "OutputProfileList": "application/x-smpte-opl",
    "hashlist": "application/x-asc-mhl",
    "ascmhldirectory": "application/x-asc-mhl",
    "MPD": "application/dash+xml",
    "xmpmeta": "application/rdf+xml",
    "RDF": "application/rdf+xml",
    "plist": "application/x-plist",
    "html": "text/html",
}

_LISTED = re.compile(r"checksums?\.txt|(?:md5|sha\d{1,3})sums?(?:\.txt)?|(?:tag)?manifest-(?:md5|sha\d+)\.txt")
_CHECKSUM = re.compile(
    r"(?:[#;].*\n)*\\?(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}|(?:XXH3_)?[0-9A-Fa-f]{16})"
    r"[ \t]+\*?[^\s,|].*|(?:[#;].*\n)*(?:MD5|SHA-?\d{1,3}|XXH\d{1,3}) ?\(.+\) ?= ?[0-9A-Fa-f]{8,128}"
)
"""The first line, comments aside, of what `md5sum` and its kin write."""

_BY_EXTENSION: Mapping[str, str] = {
    ".srt": "application/x-subrip",
    ".scc": "text/x-scc",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".json": "application/json",
    ".otio": "application/x-otio+json",
    ".edl": "application/x-cmx3600",
    ".ale": "application/x-ale",
    ".cube": "application/x-lut",
    ".3dl": "application/x-lut",
    ".md5": "application/x-checksums",
    ".sha1": "application/x-checksums",
    ".sha256": "application/x-checksums",
    ".sha512": "application/x-checksums",
    ".xxh": "application/x-checksums",
    ".html": "text/html",
    ".htm": "text/html",
}


def text_type(head: bytes, name: str) -> str | None:
    """The media type of a text by its first bytes, the name breaking ties; None where it is not text."""
    text = _decode(head)
    if text is None:
        return None
    stripped = text.lstrip("\ufeff \t\r\n")
    extension = PurePosixPath(name.lower()).suffix
    if stripped.startswith("<"):
        return _xml(stripped, extension)
    if stripped.startswith("WEBVTT"):
        return "text/vtt"
    if stripped.startswith("Scenarist_SCC"):
        return "text/x-scc"
    if re.match(r"\d+\s*\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> ", stripped):
        return "application/x-subrip"
    if stripped.startswith("{") and '"OTIO_SCHEMA"' in text:
        return "application/x-otio+json"
    if re.match(
        r"(?:TITLE:.*\r?\n)?(?:\s*FCM:.*\r?\n)?[\s\S]{0,400}?^\d{3,6}\s+\S+\s+\S+\s+\S+.*\d\d:\d\d:\d\d[:;]\d\d",
        stripped,
        re.M,
    ):
        return "application/x-cmx3600"
    if stripped.startswith("Heading") and "FIELD_DELIM" in text:
        return "application/x-ale"
    if name.lower() in ("bagit.txt", "bag-info.txt") and re.match(r"[A-Z][\w-]{1,60}:", stripped):
        return "application/x-bagit"
    if stripped.startswith("---\n") or stripped.startswith("---\r\n"):
        return "text/markdown"
    listed = _LISTED.fullmatch(name.lower()) and re.search(r"[0-9A-Fa-f]{32}", stripped)
    if listed or _CHECKSUM.match(stripped):
        return "application/x-checksums"
    if is_desktop_ini(name, text):
        return LITTER
    if re.match(r'\{\s*(?:"|\}\s*\Z)|\[\s*[{\["]', stripped) and extension in (".json", ".txt", ""):
        return "application/json"
    return _BY_EXTENSION.get(extension, "text/plain")


def _decode(head: bytes) -> str | None:
    """The head as text, or None where it is not text."""
    if wide := detect_wide(head):
        return head.decode(wide, "replace")
    if b"\x00" in head:
        return None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        if 0 < error.start >= len(head) - 3:
            return head[: error.start].decode("utf-8")
    control = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)
    return head.decode("latin-1") if control == 0 and len(head) >= 16 else None


_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def _xml(text: str, extension: str) -> str:
    """By the root; where it comes later, by the document type that names it. What a comment quotes does not count."""
    bare = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.S).lstrip()
    found = _ROOT.search(bare) or _DOCTYPE.search(bare)
    if found is not None and (root := found[1]) in _XML_ROOTS:
        if root == "hashlist" and 'version="1' in text[:2000] and "urn:ASC:MHL" not in text[:2000]:
            return "application/x-mhl"
        return _XML_ROOTS[root]
    if bare[:15].lower().startswith(("<!doctype html", "<html")):
        return "text/html"
    return _BY_EXTENSION.get(extension, "application/xml")
