"""Whether a file system keeps inode numbers and change times, so that a replaced file is noticed."""

from __future__ import annotations

import os
from functools import lru_cache

import psutil

__all__ = ["identity_of", "keeps_identity"]

_LOCAL = frozenset(
    "apfs bcachefs bfs btrfs ext2 ext3 ext4 f2fs ffs hfs jfs nilfs2 overlay ramfs reiserfs tmpfs ufs xfs zfs".split()  # noqa: SIM905
)
"""File systems that keep both for as long as a file lives.

FAT has no inodes; network shares and FUSE may number their files again at each mount and set change times by another
machine's clock; NTFS is read through FUSE.
"""


def identity_of(status: os.stat_result, location: str) -> tuple[int, int] | None:
    """Inode and change time (ns) of a file below a folder; None where they identify nothing.

    A file of another file system that is mounted below the folder has none: only the folder's own is known.
    """
    device = keeps_identity(location)
    return (status.st_ino, status.st_ctime_ns) if device is not None and status.st_dev == device else None


@lru_cache(maxsize=256)
def keeps_identity(location: str) -> int | None:
    """The device of a folder whose file system keeps both, asked once a process; None for any other, and on Windows,
    where the time in question is that of creation."""
    if os.name == "nt":
        return None
    try:
        folder = os.path.realpath(location)
        mounts = {mount.mountpoint: mount.fstype for mount in psutil.disk_partitions(all=True)}
        while folder not in mounts and (above := os.path.dirname(folder)) != folder:  # noqa: PTH120
            folder = above
        return os.stat(location).st_dev if mounts.get(folder, "").lower() in _LOCAL else None  # noqa: PTH116
    except (OSError, ValueError, psutil.Error):
        return None
