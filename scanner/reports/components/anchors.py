"""Names by which one part of a report links to another: to a file, and to each finding in it. Pure."""

from __future__ import annotations

import hashlib

from scanner.model import Record
from scanner.reports.pictures.pictures import picture_name

__all__ = ["file_anchor", "finding_anchor"]


def file_anchor(record: Record) -> str:
    """The anchor of a file: `file-` and a digest of root and path, so that it holds in the next scan too."""
    return f"file-{picture_name(record).removesuffix('.jpg')}"


def finding_anchor(file: str, name: str) -> str:
    """The anchor of a finding or match by its id, within the anchor of its file. Another program's id may be any
    text."""
    return f"{file}-{hashlib.blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=5).hexdigest()}"
