"""Streams without a signature, recognised by their rhythm: a sync word that comes again where the header states.

One sync word proves nothing (two bytes of any file may be one); the second, at the right distance, does.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["JUNK_SIZE", "ac3_frame", "adts_frame", "behind_junk", "elementary", "mpeg_audio_frame"]

_JUNK = 4096
"""Bytes of another stream, or of none, before the first frame of a sound that was cut out or saved from a download."""
_CHAIN = 4
JUNK_SIZE = _JUNK + _CHAIN * 2881
"""Bytes that `behind_junk` reads: no frame of MPEG audio is longer than 2,881."""

_TS_PACKETS = ((188, 0), (192, 4), (204, 0))
_TS_SYNC = 0x47
_LAYER_1, _LAYER_2, _LAYER_3 = 3, 2, 1
_V1_L1 = (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_V1_L2 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_V1_L3 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_L1 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_V2_L23 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_AC3_WORDS = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1152, 1280)
_MAX_BSID_AC3 = 10
_START = b"\x00\x00\x00\x01"


def elementary(head: bytes, size: int) -> str | None:
    """The media type of a stream by its first bytes, the file being `size` bytes long."""
    for packet, first in _TS_PACKETS:
        if len(head) > first + 4 * packet and all(head[first + n * packet] == _TS_SYNC for n in range(5)):
            return "video/mp2t"
    if _again(head, size, mpeg_audio_frame):
        return "audio/mpeg"
    if _again(head, size, adts_frame):
        return "audio/aac"
    if _again(head, size, ac3_frame):
        return "audio/ac3"
    if head[:4] == _START and len(head) > 6:
        if head[4] & 0x9F in (7, 9):  # parameter set or access unit delimiter (H.264 §7.4.1)
            return "video/h264"
        if head[4] & 0x81 == 0 and head[4] >> 1 in (32, 35) and head[5] & 0xF8 == 0:  # H.265 §7.4.2.2
            return "video/hevc"
    return None


def behind_junk(data: bytes) -> str | None:
    """The media type of a sound whose first frame comes late: four frames in a chain, with the same constant fields."""
    for frame, media_type in ((mpeg_audio_frame, "audio/mpeg"), (adts_frame, "audio/aac")):
        at = data.find(b"\xff", 1)
        while 0 < at <= _JUNK:
            if _is_chain(data, at, frame):
                return media_type
            at = data.find(b"\xff", at + 1)
    return None


def _is_chain(data: bytes, at: int, frame: Callable[[bytes, int], int]) -> bool:
    like = None
    for _ in range(_CHAIN):
        length = frame(data, at)
        # Version, layer and protection; then the rate, without bit rate and padding.
        fixed = (data[at + 1], data[at + 2] & 0x0C if frame is mpeg_audio_frame else data[at + 2]) if length else None
        if fixed is None or like not in (None, fixed):
            return False
        like, at = fixed, at + length
    return True


def _again(head: bytes, size: int, frame: Callable[[bytes, int], int]) -> bool:
    """Whether a frame begins the file and another follows it, or it is the only one."""
    length = frame(head, 0)
    return bool(length) and (length == size or bool(frame(head, length)))


def mpeg_audio_frame(head: bytes, at: int) -> int:
    """Bytes of the MPEG-1/2/2.5 audio frame at `at`; 0 where there is none (ISO/IEC 11172-3 §2.4.1.3)."""
    if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[at + 1] >> 3 & 3, head[at + 1] >> 1 & 3
    index, rate = head[at + 2] >> 4, head[at + 2] >> 2 & 3
    if version == 1 or layer == 0 or index in (0, 15) or rate == 3:
        return 0
    first = {_LAYER_1: _V1_L1, _LAYER_2: _V1_L2, _LAYER_3: _V1_L3}[layer]
    bits = 1000 * (first if version == 3 else _V2_L1 if layer == _LAYER_1 else _V2_L23)[index]
    hertz = (44_100, 48_000, 32_000)[rate] >> {3: 0, 2: 1, 0: 2}[version]
    padding = head[at + 2] >> 1 & 1
    if layer == _LAYER_1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == _LAYER_3 and version != 3 else 144) * bits // hertz + padding


def adts_frame(head: bytes, at: int) -> int:
    """Bytes of the AAC frame at `at` (ISO/IEC 13818-7 §6.2)."""
    if len(head) < at + 6 or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0 or head[at + 2] >> 2 & 15 > 12:
        return 0
    length = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
    return length if length > 7 else 0


def ac3_frame(head: bytes, at: int) -> int:
    """Bytes of the AC-3 frame (48 kHz) or E-AC-3 frame at `at` (ETSI TS 102 366 §4.3, E.1.2)."""
    if len(head) < at + 6 or head[at : at + 2] != b"\x0b\x77":
        return 0
    if head[at + 5] >> 3 > _MAX_BSID_AC3:
        return 2 * (((head[at + 2] & 7) << 8 | head[at + 3]) + 1)
    code = head[at + 4]
    return 2 * _AC3_WORDS[(code & 0x3F) >> 1] if code >> 6 == 0 and code & 0x3F < 2 * len(_AC3_WORDS) else 0
