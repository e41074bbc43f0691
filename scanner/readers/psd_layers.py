"""The names of Photoshop layers, without their pixels: how Generative Fill signs its work.

Source: Adobe Photoshop File Formats Specification, layer and mask information section.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from media.containers.psd_linked import SIGNATURES, WIDE_BLOCKS
from media.errors import Malformed, TooLarge
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader

__all__ = ["PSD_LAYERS", "PsdLayers"]

_MAX_LAYERS = 8000
"""Photoshop's own limit."""
_MAX_EXTRA = 64 << 20
_MAX_BLOCKS = 500
_DEEP = frozenset({b"Lr16", b"Lr32", b"Layr"})
"""Blocks that hold the layers of documents with 16 or 32 bits a channel."""


class PsdLayers(Reader):
    """Reads layer names, the Unicode one where there is one."""

    name = "psd"
    version = 2
    media_types = frozenset({"image/vnd.adobe.photoshop"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one `layer` for each distinct name, top layer last as in the file; the fact `kind` is `group` or
        `layer`."""
        large = medium.read(4, 2) == b"\x00\x02"
        seen: set[str] = set()
        for part in medium.parts("layers"):
            if not part.size:  # a flattened document
                continue
            for at, name, kind in _layers(medium, part.offset, part.offset + part.size, large):
                if name and name not in seen:
                    seen.add(name)
                    yield Evidence(
                        reader=self.name, key="layer", value=name, where=f"layer record @ {at}", facts={"kind": kind}
                    )


PSD_LAYERS = PsdLayers()


def _layers(medium: Medium, start: int, end: int, large: bool) -> Iterator[tuple[int, str, str]]:
    """Offset, name and kind of each layer record between two offsets of the section's content."""
    wide = ">Q" if large else ">I"
    info = _number(medium, start, wide, end)
    at = start + struct.calcsize(wide)
    if info:
        yield from _records(medium, at, at + info, large)
        return
    # 16- and 32-bit documents: the layers are in a tagged block behind the empty info and the global mask.
    mask = _number(medium, at, ">I", end)
    at += 4 + mask
    for _ in range(_MAX_BLOCKS):
        if at + 12 > end:
            return
        signature, key = struct.unpack(">4s4s", medium.read(at, 8))
        if signature not in SIGNATURES:
            return
        length = ">Q" if large and key in WIDE_BLOCKS else ">I"
        size = _number(medium, at + 8, length, end)
        at += 8 + struct.calcsize(length)
        if key in _DEEP:
            yield from _records(medium, at, at + size, large)
        at += size + -size % 4


def _records(medium: Medium, at: int, end: int, large: bool) -> Iterator[tuple[int, str, str]]:
    end = min(end, medium.size)
    count = abs(int(_number(medium, at, ">h", end)))
    if count > _MAX_LAYERS:
        raise TooLarge(f"{count} layers; Photoshop allows {_MAX_LAYERS}")
    at += 2
    for _ in range(count):
        channels = _number(medium, at + 16, ">H", end)
        if channels > 56:
            raise Malformed(f"a layer of {channels} channels at {at}")
        extra_at = at + 18 + channels * (10 if large else 6) + 12
        extra = _number(medium, extra_at, ">I", end)
        if extra_at + 4 + extra > end:
            raise Malformed(f"the layer record at {at} reaches past its section")
        name, kind = _read_name(medium.read(extra_at + 4, extra, limit=_MAX_EXTRA), large)
        yield at, name, kind
        at = extra_at + 4 + extra


def _read_name(extra: bytes, large: bool) -> tuple[str, str]:
    """The name in a layer record's extra data: `luni` (UTF-16) rather than the old Pascal string."""
    at = 0
    for _ in range(2):  # layer mask data, blending ranges
        if at + 4 > len(extra):
            return "", "layer"
        at += 4 + int(struct.unpack_from(">I", extra, at)[0])
    length = extra[at] if at < len(extra) else 0
    name = extra[at + 1 : at + 1 + length].decode("mac-roman", "replace")
    at += length + 4 & ~3
    kind = "layer"
    while at + 12 <= len(extra) and extra[at : at + 4] in SIGNATURES:
        key = extra[at + 4 : at + 8]
        wide = large and key in WIDE_BLOCKS
        size = int.from_bytes(extra[at + 8 : at + (16 if wide else 12)], "big")
        at += 16 if wide else 12
        if key == b"luni" and at + 4 <= len(extra):
            units = min(int(struct.unpack_from(">I", extra, at)[0]), (size - 4) // 2)
            name = extra[at + 4 : at + 4 + 2 * max(units, 0)].decode("utf-16-be", "replace")
        elif key == b"lsct" and extra[at : at + 4] in (b"\0\0\0\1", b"\0\0\0\2"):
            kind = "group"
        at += size + -size % 2
    return name.strip("\0").strip(), kind


def _number(medium: Medium, at: int, form: str, end: int) -> int:
    size = struct.calcsize(form)
    data = medium.read(at, size)
    if len(data) < size or at + size > end:
        raise Malformed(f"the layer section is cut short at {at}")
    return int(struct.unpack(form, data)[0])
