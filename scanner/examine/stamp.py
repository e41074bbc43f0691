"""An asset's key in the cache, and the stamp that shows whether anything of it has changed.

Where the file system keeps them, a file's inode and change time belong to its stamp: a replacement of the same size,
with its time set back, has others.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from scanner.discover.filesystems import identity_of
from scanner.discover.sequences import frame_paths
from scanner.model import Asset

__all__ = ["key_of", "stamp_of"]


def key_of(asset: Asset) -> bytes:
    """The absolute path's bytes; for a sequence those of its pattern and first frame, as two may share a pattern."""
    key = os.fsencode(asset.location) + b"\0" + os.fsencode(asset.path)
    return key if asset.frames is None else key + b"\0%d" % asset.frames.ranges[0][0]


def stamp_of(asset: Asset) -> str:
    """A digest of size, times, inode and kind as found; of each frame's and sidecar's too, with one stat for each."""
    found = f"{asset.size} {asset.mtime_ns} {asset.identity} {asset.kind} {asset.media_type}"
    state = hashlib.blake2b(found.encode("utf-8", "surrogatepass"), digest_size=16)
    for path in _companions(asset):
        state.update(b"\0" + os.fsencode(path) + b"\0" + _status(asset.location, path))
    return state.hexdigest()


def _companions(asset: Asset) -> Iterator[str]:
    if asset.frames is not None:
        yield from (path for _, path in frame_paths(asset))
    yield from asset.sidecars


def _status(location: str, path: str) -> bytes:
    try:
        status = os.stat(os.path.join(location, path))  # noqa: PTH116, PTH118 - a sequence has many frames
    except (OSError, ValueError) as error:
        return b"%d\0" % (getattr(error, "errno", None) or 0)
    return f"{status.st_size} {status.st_mtime_ns} {identity_of(status, location)}\0".encode()
