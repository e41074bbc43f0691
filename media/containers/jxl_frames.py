"""The frames of a JPEG XL codestream (ISO/IEC 18181-1 annexes A to F), by their headers and tables of contents.

Nothing is decoded. After a colour profile or a table of contents that is itself entropy-coded, nothing more is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from media.errors import Malformed

__all__ = ["CodestreamFrame", "Picture", "read_frame", "read_picture"]

Choice = tuple[int, int]
"""A number to add, and how many bits to read."""

_SIDE: tuple[Choice, ...] = ((1, 9), (1, 13), (1, 18), (1, 30))
_ENUM: tuple[Choice, ...] = ((0, 0), (1, 0), (2, 4), (18, 6))
_NAME: tuple[Choice, ...] = ((0, 0), (0, 4), (16, 5), (48, 10))
_SCALE: tuple[Choice, ...] = ((1, 0), (2, 0), (4, 0), (8, 0))
_CROP: tuple[Choice, ...] = ((0, 8), (256, 11), (2304, 14), (18688, 30))
_TOC: tuple[Choice, ...] = ((0, 10), (1024, 14), (17408, 22), (4211712, 30))
_XY: tuple[Choice, ...] = ((0, 19), (1 << 19, 19), (1 << 20, 20), (1 << 21, 21))
_MODE: tuple[Choice, ...] = ((0, 0), (1, 0), (2, 0), (3, 2))
_ALPHA_CHANNEL: tuple[Choice, ...] = ((0, 0), (1, 0), (2, 0), (3, 3))
_LEAST_ENTRY = 12
"""Bits."""
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_REGULAR, _LF, _REFERENCE = 0, 1, 2
_USES_LF_FRAME = 0x20
_BLEND, _WEIGHTED, _MULTIPLIED = 2, 3, 4


class _Beyond(Exception):
    """The header reaches past the bytes that were given."""


class _Bits:
    """Bits of the codestream, least significant first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def read(self, count: int) -> int:
        """The next `count` bits."""
        first, last = self.at // 8, (self.at + count + 7) // 8
        if last > len(self._data):
            raise _Beyond
        value = int.from_bytes(self._data[first:last], "little") >> self.at % 8
        self.at += count
        return value & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return bool(self.read(1))

    def u32(self, choices: tuple[Choice, ...]) -> int:
        """One of four ways to write a number (B.2.2)."""
        base, count = choices[self.read(2)]
        return base + self.read(count)

    def u64(self) -> int:
        """B.2.3."""
        selector = self.read(2)
        if selector < 3:
            return (0, 1, 17)[selector] + self.read((0, 4, 8)[selector])
        value, shift = self.read(12), 12
        while self.flag():
            if shift == 60:
                return value | self.read(4) << 60
            value |= self.read(8) << shift
            shift += 8
        return value

    def skip(self, count: int) -> None:
        """Pass over bits."""
        self.at += count

    def align(self) -> None:
        """On to the next whole byte."""
        self.at = (self.at + 7) // 8 * 8

    def skip_extensions(self) -> None:
        """B.3: the lengths, and then what has them."""
        mask = self.u64()
        self.skip(sum([self.u64() for _ in range(mask.bit_count())]))


@dataclass(slots=True)
class Picture:
    """The values of the image header that frames depend on."""

    width: int = 0
    height: int = 0
    extra_channels: int = 0
    xyb: bool = True
    animated: bool = False
    timecodes: bool = False
    open_ended: bool = False
    """A colour profile or a preview follows: where the first frame begins is not known."""
    at: int = 0
    """Bit at which the first frame begins."""


class CodestreamFrame(NamedTuple):
    """One frame."""

    start: int
    """The byte after its table of contents."""
    size: int | None
    """Bytes of its sections; None where the table is entropy-coded."""
    last: bool


def read_picture(data: bytes) -> Picture:
    """The image header at the start of a codestream. Raises `Malformed` where there is none."""
    bits = _Bits(data)
    bits.at = 16
    picture = Picture()
    try:
        picture.width, picture.height = _size(bits)
        if not bits.flag():
            _metadata(bits, picture)
        if not bits.flag():  # the transform is not the default one
            _transform(bits, xyb=picture.xyb)
    except _Beyond as error:
        raise Malformed("its image header is cut short") from error
    bits.align()
    picture.at = bits.at
    return picture


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.flag()
    height = 8 * (1 + bits.read(5)) if small else bits.u32(_SIDE)
    ratio = bits.read(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return 8 * (1 + bits.read(5)) if small else bits.u32(_SIDE), height


def _metadata(bits: _Bits, picture: Picture) -> None:
    extra_fields = bits.flag()
    if extra_fields:
        bits.read(3)  # orientation
        if bits.flag():
            _size(bits)
        if bits.flag():
            picture.open_ended = True
            _preview(bits)
        picture.animated = bits.flag()
        if picture.animated:
            bits.u32(((100, 0), (1000, 0), (1, 10), (1, 30)))
            bits.u32(((1, 0), (1001, 0), (1, 8), (1, 10)))
            bits.u32(((0, 0), (0, 3), (0, 16), (0, 32)))
            picture.timecodes = bits.flag()
    _depth(bits)
    bits.flag()  # 16 bits are enough for modular buffers
    picture.extra_channels = bits.u32(((0, 0), (1, 0), (2, 4), (1, 12)))
    for _ in range(picture.extra_channels):
        _extra_channel(bits)
    picture.xyb = bits.flag()
    picture.open_ended |= _colour(bits)
    if extra_fields and not bits.flag():  # tone mapping
        bits.read(32)
        bits.flag()
        bits.read(16)
    bits.skip_extensions()


def _preview(bits: _Bits) -> None:
    sides: tuple[Choice, ...] = ((16, 0), (32, 0), (1, 5), (33, 9))
    plain: tuple[Choice, ...] = ((1, 6), (65, 8), (321, 10), (1345, 12))
    choices = sides if bits.flag() else plain
    bits.u32(choices)
    if not bits.read(3):
        bits.u32(choices)


def _depth(bits: _Bits) -> None:
    if bits.flag():
        bits.u32(((32, 0), (16, 0), (24, 0), (1, 6)))
        bits.read(4)
    else:
        bits.u32(((8, 0), (10, 0), (12, 0), (1, 6)))


def _extra_channel(bits: _Bits) -> None:
    if bits.flag():
        return
    kind = bits.u32(_ENUM)
    _depth(bits)
    bits.u32(((0, 0), (3, 0), (4, 0), (1, 3)))
    bits.skip(8 * bits.u32(_NAME))
    if kind == 0:  # alpha
        bits.flag()
    elif kind == 2:  # spot colour
        bits.read(64)
    elif kind == 5:  # colour filter array
        bits.u32(((1, 0), (0, 2), (3, 4), (19, 8)))


def _colour(bits: _Bits) -> bool:
    """Whether a colour profile follows."""
    if bits.flag():
        return False
    profiled = bits.flag()
    space = bits.u32(_ENUM)
    grey, xyb = space == 1, space == 2
    if profiled:
        return True
    if not xyb and bits.u32(_ENUM) == 2:  # a white point of its own
        bits.u32(_XY), bits.u32(_XY)
    if not xyb and not grey and bits.u32(_ENUM) == 2:  # primaries of its own
        for _ in range(6):
            bits.u32(_XY)
    if not xyb:
        if bits.flag():
            bits.read(24)
        else:
            bits.u32(_ENUM)
    bits.u32(_ENUM)  # rendering intent
    return False


def _transform(bits: _Bits, *, xyb: bool) -> None:
    if xyb and not bits.flag():
        bits.read(16 * 16)
    mask = bits.read(3)
    for bit, weights in ((1, 15), (2, 55), (4, 210)):
        if mask & bit:
            bits.read(16 * weights)


def read_frame(data: bytes, picture: Picture, at: int) -> CodestreamFrame:
    """The frame at the start of the given bytes, which begin at `at` in the codestream. Raises `Malformed` where there
    is none."""
    bits = _Bits(data)
    try:
        header = _frame_header(bits, picture)
        permuted = bits.flag()
        bits.align()
        if header.entries * _LEAST_ENTRY > len(data) * 8 - bits.at:
            raise _Beyond
        if permuted:
            return CodestreamFrame(at + bits.at // 8, None, header.last)
        size = sum(bits.u32(_TOC) for _ in range(header.entries))
    except _Beyond as error:
        raise Malformed(f"its frame at {at} is cut short in its header") from error
    bits.align()
    return CodestreamFrame(at + bits.at // 8, size, header.last)


@dataclass(slots=True)
class _Header:
    last: bool = True
    entries: int = 1


def _frame_header(bits: _Bits, picture: Picture) -> _Header:
    header = _Header()
    width, height, upsampling, shift, passes, lf_level, modular = picture.width, picture.height, 1, 1, 1, 0, False
    if not bits.flag():
        kind = bits.read(2)
        modular = bits.flag()
        flags = bits.u64()
        coded = not picture.xyb and bits.flag()  # YCbCr
        if not flags & _USES_LF_FRAME:
            if coded:
                bits.read(6)
            upsampling = bits.u32(_SCALE)
            for _ in range(picture.extra_channels):
                bits.u32(_SCALE)
        if modular:
            shift = bits.read(2)
        elif picture.xyb:
            bits.read(6)
        if kind != _REFERENCE:
            passes = _passes(bits)
        partial = False
        if kind == _LF:
            lf_level = 1 + bits.read(2)
        elif bits.flag():
            width, height, partial = _crop(bits, picture, kind)
        header.last = _place(bits, picture, kind, partial=partial)
        bits.skip(8 * bits.u32(_NAME))
        _filters(bits, modular=modular)
        bits.skip_extensions()
    width, height = (-(-side // (upsampling << 3 * lf_level)) for side in (width, height))
    side = 128 << shift
    groups = -(-width // side) * -(-height // side)
    coarse = -(-width // (8 * side)) * -(-height // (8 * side))
    header.entries = 1 if groups == 1 and passes == 1 else 2 + coarse + groups * passes
    return header


def _passes(bits: _Bits) -> int:
    passes = bits.u32(((1, 0), (2, 0), (3, 0), (4, 3)))
    if passes > 1:
        steps = bits.u32(((0, 0), (1, 0), (2, 0), (3, 1)))
        bits.read(2 * (passes - 1))
        for _ in range(steps):
            bits.u32(_SCALE)
        for _ in range(steps):
            bits.u32(((0, 0), (1, 0), (2, 0), (0, 3)))
    return passes


def _unpack_signed(value: int) -> int:
    return -(value + 1) // 2 if value & 1 else value // 2


def _crop(bits: _Bits, picture: Picture, kind: int) -> tuple[int, int, bool]:
    """Width and height, and whether it leaves out a part of the picture."""
    x, y = (_unpack_signed(bits.u32(_CROP)), _unpack_signed(bits.u32(_CROP))) if kind != _REFERENCE else (0, 0)
    width, height = bits.u32(_CROP), bits.u32(_CROP)
    whole = x <= 0 and y <= 0 and width + x >= picture.width and height + y >= picture.height
    return width, height, not whole


def _place(bits: _Bits, picture: Picture, kind: int, *, partial: bool) -> bool:
    """Blending, duration, and what later frames may ask of it. Whether it is the last frame."""
    last, replaces, duration, kept = False, True, 0, 0
    normal = kind not in (_LF, _REFERENCE)
    if normal:
        replaces = _blending(bits, picture, partial=partial) == 0
        for _ in range(picture.extra_channels):
            _blending(bits, picture, partial=partial)
        if picture.animated:
            duration = bits.u32(((0, 0), (1, 0), (0, 8), (0, 32)))
            if picture.timecodes:
                bits.read(32)
        last = bits.flag()
    if kind != _LF and not last:
        kept = bits.read(2)
    referable = not last and kind != _LF and (not duration or kept)
    if (referable and replaces and not partial and normal) or kind == _REFERENCE:
        bits.flag()
    return last


def _blending(bits: _Bits, picture: Picture, *, partial: bool) -> int:
    mode = bits.u32(_MODE)
    alpha = picture.extra_channels > 0 and mode in (_BLEND, _WEIGHTED)
    if alpha:
        bits.u32(_ALPHA_CHANNEL)
    if alpha or mode == _MULTIPLIED:
        bits.flag()
    if mode or partial:
        bits.read(2)
    return mode


def _filters(bits: _Bits, *, modular: bool) -> None:
    """Restoration filters (J.2)."""
    if bits.flag():
        return
    if bits.flag() and bits.flag():  # gaborish, with weights of its own
        bits.read(6 * 16)
    if bits.read(2):  # edge-preserving filter
        if not modular and bits.flag():
            bits.read(8 * 16)
        if bits.flag():
            bits.read(3 * 16 + 32)
        if bits.flag():
            bits.read((3 if modular else 4) * 16)
        if modular:
            bits.read(16)
    bits.skip_extensions()
