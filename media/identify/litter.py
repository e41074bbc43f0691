"""Files that desktops and storage systems leave in every folder, recognised by content and not by name alone.

AppleDouble: RFC 1740, appendix A. Thumbs.db: an OLE file ([MS-CFB]) whose streams are numbered thumbnails.
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO, Final

__all__ = ["LITTER", "is_apple_double", "is_desktop_ini", "is_empty_marker", "is_litter_place", "is_stored_by_system",
           "is_thumbnail_store"]  # fmt: skip

LITTER: Final = "application/x-desktop-litter"

_EMPTY = frozenset({".localized", "icon\r", ".metadata_never_index", "no_log", ".apdisk", ".nobackup"})
"""Empty files by which macOS and storage systems mark a folder."""
_PLACES = frozenset({".appledouble", "__macosx"})
"""Folders of AppleDouble files, which bear the full names of the files that they belong to."""
_SYSTEM = frozenset({".spotlight-v100", ".fseventsd", ".documentrevisions-v100", "system volume information"})
"""Folders that the system keeps for itself. `.Trashes` and the recycle bins are not among them: masters may be
there."""
_INDEXED = "@eadir"
"""Synology's index: beside its own files it holds thumbnails, which are pictures and are read as such."""
_INDEX_FILE = re.compile(r"(?:.*@syno\w+|syno\w+(?:\.\w+)?)", re.IGNORECASE | re.DOTALL)
_INI = re.compile(
    r"\[(?:\.ShellClassInfo|ViewState|LocalizedFileNames|DeleteOnCopy|ExtShellFolderViews|\{[0-9A-Fa-f-]{36}\})", re.I
)
_THUMBNAIL = re.compile(r"\d{1,6}|\d{1,4}_[0-9a-f]{1,16}|Catalog", re.IGNORECASE)
_DATA_FORK = 1
_MAX_ENTRIES = 64
_SLACK = 4096
"""Bytes that may come after the last entry: storage systems round up."""
_STREAM, _ROOT = 2, 5
"""Types of OLE directory entries ([MS-CFB] 2.6.1)."""


def is_litter_place(path: str) -> bool:
    """Whether such files have this path, relative to its root, as under another file's name: `._clip.mov`."""
    *folders, name = path.split("/")
    return name.startswith("._") or not _PLACES.isdisjoint(folder.lower() for folder in folders)


def is_stored_by_system(path: str) -> bool:
    """Whether a file of unknown content at this path is a system's own index, and not somebody's file."""
    *folders, name = (part.lower() for part in path.split("/"))
    return not _SYSTEM.isdisjoint(folders) or (_INDEXED in folders and _INDEX_FILE.fullmatch(name) is not None)


def is_empty_marker(name: str) -> bool:
    """Whether an empty file of this name marks a folder, rather than being a file whose content was lost."""
    return name.lower() in _EMPTY


def is_apple_double(head: bytes, size: int) -> bool:
    """Whether these are a Mac file's attributes alone: no data fork among them, and nothing after them."""
    if len(head) < 26:
        return False
    (count,) = struct.unpack_from(">H", head, 24)
    if count > _MAX_ENTRIES or 26 + 12 * count > len(head):
        return False
    entries = [struct.unpack_from(">3I", head, 26 + 12 * index) for index in range(count)]
    end = max((offset + length for _, offset, length in entries), default=26)
    return all(entry != _DATA_FORK for entry, _, _ in entries) and size <= end + _SLACK


def is_desktop_ini(name: str, text: str) -> bool:
    """Whether this is the text by which Windows remembers how a folder is shown."""
    return name.lower() == "desktop.ini" and _INI.search(text) is not None


def is_thumbnail_store(file: BinaryIO, name: str, root: int, sector: int) -> bool:
    """Whether an OLE file, whose directory begins at `root` in a sector of so many bytes, holds only thumbnails."""
    if not re.fullmatch(r"(?:eh)?thumbs(?:_vista)?\.db", name, re.IGNORECASE):
        return False
    file.seek(root)
    data = file.read(sector)
    names = []
    for at in range(0, len(data) - 127, 128):
        length, kind = struct.unpack_from("<HB", data, at + 64)
        if kind == _STREAM and 2 <= length <= 64:
            names.append(data[at : at + length - 2].decode("utf-16-le", "replace"))
        elif kind not in (0, _ROOT):
            return False
    return bool(names) and all(_THUMBNAIL.fullmatch(found) for found in names)
