"""Files inside programmes and sounds: covers (ID3, FLAC, Vorbis, MP4, APE, ASF) and Matroska's attachments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from media.errors import MediaError, TooLarge
from media.probe import demuxed, opened, stream_of

__all__ = ["CarriedFile", "find_covers"]

_FONTS = ("font", "truetype", "opentype")
_MAX_COVERS = 200


class CarriedFile(NamedTuple):
    """A file that comes with a programme or a sound."""

    name: str
    """Its file name; empty for most covers."""
    data: bytes


def find_covers(path: Path, *, limit: int) -> Iterator[CarriedFile]:
    """Covers, then attachments without fonts. Raises `TooLarge` for one over `limit` bytes. Nothing for a file that
    cannot be opened: that is for the `container` reader to report."""
    try:
        yield from _covers(path, limit)
    except TooLarge:
        raise
    except MediaError:
        return


def _covers(path: Path, limit: int) -> Iterator[CarriedFile]:
    with opened(path) as container:
        pictures = [stream for stream in container.streams if stream_of(stream).kind == "picture"][:_MAX_COVERS]
        missing = {stream.index for stream in pictures}
        for packet in demuxed(container, pictures, is_plain=True) if pictures else ():
            if packet.size > limit:
                raise TooLarge(f"a cover of {packet.size} bytes; the limit is {limit}")
            if packet.size and packet.stream.index in missing:
                missing.discard(packet.stream.index)
                yield CarriedFile(packet.stream.metadata.get("filename", ""), bytes(packet))
            if not missing:
                break
        for stream in container.streams:
            if stream.type == "attachment" and not any(word in (stream.mimetype or "") for word in _FONTS):
                data = bytes(stream.data or b"")
                if len(data) > limit:
                    raise TooLarge(f"an attachment of {len(data)} bytes; the limit is {limit}")
                yield CarriedFile(stream.name or "", data)
