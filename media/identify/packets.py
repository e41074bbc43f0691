"""Whether a stream of packets holds sound alone: MPEG transport and program streams (ISO/IEC 13818-1), Flash Video.

Only the head is read. A stream that is not known to be sound may be a picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

__all__ = ["is_sound_in_flash", "is_sound_in_program", "is_sound_in_transport"]

_HEAD = 1 << 20
_PACKETS = ((188, 0), (192, 4), (204, 0))
"""Bytes of a packet and where it begins: plain, with a time before each (M2TS), with parity behind each."""
_SYNC = 0x47
_SOUNDS = frozenset({0x03, 0x04, 0x0F, 0x11, 0x1C, *range(0x80, 0x88)}) - {0x82, 0x86}
"""Stream types: MPEG, AAC and MPEG-4 sound; of Blu-ray PCM, AC-3, DTS, TrueHD; 0x82 and 0x86 are others' elsewhere."""
_NEITHER = frozenset({0x05, 0x0B, 0x0C, 0x0D, 0x15, 0x86})
"""Tables, DSM-CC, timed metadata, splice information."""
_PRIVATE = 0x06
_SOUND_DESCRIPTORS = frozenset({0x6A, 0x7A, 0x7B, 0x7C, 0x81})
"""AC-3, enhanced AC-3, DTS, AAC (ETSI EN 300 468 §6.1); AC-3 (ATSC A/52 annex A)."""
_WORDS = frozenset({0x45, 0x46, 0x56, 0x59})
"""VBI data, teletext, subtitles."""
_SOUND_FORMATS = frozenset({b"AC-3", b"EAC3", b"Opus", b"DTS1", b"DTS2", b"DTS3", b"BSSD", b"AC-4"})
"""Of a registration descriptor."""
_PACK, _END = b"\0\0\1\xba", b"\0\0\1\xb9"
_FLASH_TAGS = 500


def is_sound_in_transport(file: BinaryIO, _size: int) -> bool:
    """By the stream types of its programmes."""
    file.seek(0)
    head = file.read(_HEAD)
    length, first = next(
        ((length, first) for length, first in _PACKETS if set(head[first : first + 6 * length : length]) == {_SYNC}),
        (0, 0),
    )
    if not length:
        return False
    sections = _sections(head[at : at + 188] for at in range(first, len(head) - 187, length))
    programmes = _programmes(sections.get(0, b""))
    if not programmes or any(not sections.get(each) for each in programmes):
        return False
    senses = {sense for each in programmes for sense in _senses(sections[each])}
    return "sound" in senses and "picture" not in senses


def _sections(packets: Iterable[bytes]) -> dict[int, bytes]:
    """The first section of tables that each stream of packets carries, whole."""
    found: dict[int, bytes] = {}
    for packet in packets:
        stream = int.from_bytes(packet[1:3]) & 0x1FFF
        begins, adapts, carries = packet[1] & 0x40, packet[3] & 0x20, packet[3] & 0x10
        payload = packet[4 + (1 + packet[4] if adapts else 0) :] if carries else b""
        if begins and payload and stream not in found and payload[1 + payload[0] :][:1] in (b"\0", b"\2"):
            found[stream] = payload[1 + payload[0] :]
        elif not begins and stream in found and len(found[stream]) < _section_size(found[stream]):
            found[stream] += payload
    return {stream: data for stream, data in found.items() if len(data) >= _section_size(data)}


def _section_size(section: bytes) -> int:
    return 3 + (int.from_bytes(section[1:3]) & 0xFFF)


def _programmes(section: bytes) -> list[int]:
    """The streams of the programmes' tables; 0 is the network's."""
    body = section[8 : _section_size(section) - 4]
    entries = [body[at : at + 4] for at in range(0, len(body) - 3, 4)]
    return [int.from_bytes(entry[2:]) & 0x1FFF for entry in entries if entry[:2] != b"\0\0"]


def _senses(section: bytes) -> list[str]:
    """What each stream of a programme is: `sound`, `picture` (or may be), or neither."""
    end = _section_size(section) - 4
    at = 12 + (int.from_bytes(section[10:12]) & 0xFFF)
    senses = []
    while at + 5 <= end:
        length = int.from_bytes(section[at + 3 : at + 5]) & 0xFFF
        senses.append(_sense(section[at], section[at + 5 : at + 5 + length]))
        at += 5 + length
    return senses


def _sense(kind: int, described: bytes) -> str:
    if kind in _SOUNDS:
        return "sound"
    if kind in _NEITHER:
        return ""
    at, private = 0, kind == _PRIVATE
    while private and at + 2 <= len(described):
        tag, length = described[at], described[at + 1]
        if tag in _SOUND_DESCRIPTORS or (tag == 0x05 and described[at + 2 : at + 6] in _SOUND_FORMATS):
            return "sound"
        if tag in _WORDS:
            return ""
        at += 2 + length
    return "picture"


def is_sound_in_program(file: BinaryIO, _size: int) -> bool:
    """By the streams of its first packets: C0 to DF are sound, BD is AC-3, DTS or PCM."""
    file.seek(0)
    head, at, seen = file.read(_HEAD), 0, set()
    while head[at : at + 3] == b"\0\0\1" and at + 14 <= len(head) and head[at : at + 4] != _END:
        if head[at : at + 4] == _PACK:
            at += 14 + (head[at + 13] & 7) if head[at + 4] & 0xC0 == 0x40 else 12
            continue
        seen.add(head[at + 3])
        at += 6 + int.from_bytes(head[at + 4 : at + 6])
    sounds = {stream for stream in seen if 0xC0 <= stream <= 0xDF or stream == 0xBD}
    return bool(sounds) and seen - sounds <= {0xBB, 0xBC, 0xBE, 0xBF}


def is_sound_in_flash(file: BinaryIO, _size: int) -> bool:
    """By its header's flags, and by its first tags: some headers are wrong."""
    file.seek(0)
    head = file.read(_HEAD)
    if head[4] & 1 or not head[4] & 4:
        return False
    at, kinds = int.from_bytes(head[5:9]) + 4, set()
    for _ in range(_FLASH_TAGS):
        if at + 11 > len(head):
            break
        kinds.add(head[at] & 0x1F)
        at += 15 + int.from_bytes(head[at + 1 : at + 4])
    return 8 in kinds and 9 not in kinds
