"""Netpbm and PFM (netpbm.sourceforge.net/doc): whether every sample that the header promises is there."""

from __future__ import annotations

import re
from typing import BinaryIO, NamedTuple

from media.errors import Malformed

__all__ = ["check"]

_HEAD = 16 << 10
_BLOCK = 1 << 20
_MAX_PLAIN = 64 << 20
"""Bytes of samples written in digits that are counted."""
_MAX_PICTURES = 1000
"""Of one file, one behind the other."""
_GAP = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])+"
_MAP = re.compile(
    rb"P(?:(?P<bits>[14])" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})|"
    rb"(?P<samples>[2356])" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,5}))(?:#[^\r\n]*)?[\s]"
)
_PFM = re.compile(rb"P(?P<colours>[Ff])\s+(\d{1,9})\s+(\d{1,9})\s+[-+\d.eE]+\s")
_PAM_END = b"ENDHDR\n"
_SAMPLES = {b"2": 1, b"3": 3, b"5": 1, b"6": 3}


class _Raster(NamedTuple):
    """What a header promises: where its samples begin, how many bytes or digits' words they take."""

    at: int
    least: int
    plain: bool = False
    single: bool = False
    """Samples are single digits, with or without a gap (P1)."""


def check(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where there are fewer samples than the header of a picture states."""
    at = 0
    for _ in range(_MAX_PICTURES):
        file.seek(at)
        raster = _raster(file.read(_HEAD), at)
        if raster is None:
            if not at:
                raise Malformed("its header is not complete")
            break  # what lies behind a picture is no other picture
        if raster.plain:
            _count(file, raster)
            break
        if raster.at + raster.least > size:
            raise Malformed(f"its samples should reach up to {raster.at + raster.least}; the file has {size} bytes")
        at = raster.at + raster.least


def _raster(head: bytes, at: int) -> _Raster | None:
    if head.startswith(b"P7\n"):
        return _arbitrary(head, at)
    if found := _PFM.match(head):
        samples = 3 if found["colours"] == b"F" else 1
        return _Raster(at + found.end(), 4 * samples * int(found[2]) * int(found[3]))
    if (found := _MAP.match(head)) is None:
        return None
    if bits := found["bits"]:
        width, height = int(found[2]), int(found[3])
        least = width * height if bits == b"1" else (width + 7) // 8 * height
        return _Raster(at + found.end(), least, plain=bits == b"1", single=bits == b"1")
    kind, width, height, most = found["samples"], int(found[5]), int(found[6]), int(found[7])
    count = width * height * _SAMPLES[kind]
    if kind in b"23":
        return _Raster(at + found.end(), count, plain=True)
    return _Raster(at + found.end(), count * (1 if most < 256 else 2))


def _arbitrary(head: bytes, at: int) -> _Raster | None:
    end = head.find(_PAM_END)
    if end < 0:
        return None
    lines = (line.split(None, 1) for line in head[:end].splitlines() if not line.startswith(b"#"))
    fields = {words[0]: words[1].strip() for words in lines if len(words) == 2}
    numbers = [fields.get(name, b"0") for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")]
    if not all(word.isdigit() and len(word) < 10 for word in numbers):
        return None
    width, height, depth, most = map(int, numbers)
    return _Raster(at + end + len(_PAM_END), width * height * depth * (1 if most < 256 else 2))


def _count(file: BinaryIO, raster: _Raster) -> None:
    """Samples written in digits; a number that a cut left shorter is still one."""
    file.seek(raster.at)
    found, read, inside = 0, 0, False
    while read < _MAX_PLAIN and found < raster.least and (block := file.read(_BLOCK)):
        read += len(block)
        if raster.single:
            found += block.count(b"0") + block.count(b"1")
            continue
        found += len(block.split()) - (inside and not block[:1].isspace())
        inside = not block[-1:].isspace()
    if found < raster.least and read < _MAX_PLAIN:
        raise Malformed(f"its header promises {raster.least} samples; {found} are there")
