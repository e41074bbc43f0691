"""The digest by which a library knows a file again: xxh3 of 128 bits over all its bytes.

Of several files, that of their digests (16 bytes each) in order. It finds changes and equal files; it is
no proof against somebody who wants to deceive.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xxhash

from media.errors import Malformed

__all__ = ["digest_bytes", "digest_file", "digest_files"]

_BLOCK = 1 << 20


def digest_files(paths: Sequence[Path]) -> str:
    """Of one file or of a sequence. Raises `MediaError`."""
    if len(paths) == 1:
        return digest_file(paths[0])
    return digest_bytes(b"".join(bytes.fromhex(digest_file(path)) for path in paths))


def digest_file(path: Path) -> str:
    """Of one file. Raises `MediaError`."""
    state = xxhash.xxh3_128()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                state.update(block)
    except (OSError, ValueError) as error:
        raise Malformed(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return str(state.hexdigest())


def digest_bytes(data: bytes) -> str:
    """Of bytes in hand."""
    return str(xxhash.xxh3_128_hexdigest(data))
