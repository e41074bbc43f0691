"""ID3v2 (2.2, 2.3, 2.4): the frames of one tag, and the fields of a frame.

A frame is named by its four characters of ID3v2.3 and 2.4; the three of 2.2 are translated. No other name is: a `TYER`
of 2.3 stays `TYER`. Compressed frames are inflated to a limit; encrypted ones cannot be read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from media.containers.part import MAX_PARTS
from media.containers.sound_tags import read_synchsafe
from media.errors import Malformed, StatementUnread, TooLarge

__all__ = ["INFLATE_LIMIT", "Frame", "parse_frames", "split_fields", "split_text"]

INFLATE_LIMIT = 8 << 20
"""Bytes that one compressed frame may inflate to."""

_MAX_CHAIN = 1000
"""Frames by which it is decided how sizes are written."""
_NAME = re.compile(rb"[A-Za-z0-9]{4}")
_SHORT_NAME = re.compile(rb"[A-Za-z0-9]{3}")
_LATIN, _UTF16, _UTF16_BE, _UTF8 = range(4)
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
"""Flags of the tag."""

_NAMES = {
    "BUF": "RBUF", "CNT": "PCNT", "COM": "COMM", "CRA": "AENC", "EQU": "EQUA", "ETC": "ETCO", "GEO": "GEOB",
    "GP1": "GRP1", "IPL": "IPLS", "LNK": "LINK", "MCI": "MCDI", "MLL": "MLLT", "MVI": "MVIN", "MVN": "MVNM",
    "PIC": "APIC", "POP": "POPM", "REV": "RVRB", "RVA": "RVAD", "SLT": "SYLT", "STC": "SYTC", "TAL": "TALB",
    "TBP": "TBPM", "TCM": "TCOM", "TCO": "TCON", "TCP": "TCMP", "TCR": "TCOP", "TDA": "TDAT", "TDY": "TDLY",
    "TEN": "TENC", "TFT": "TFLT", "TIM": "TIME", "TKE": "TKEY", "TLA": "TLAN", "TLE": "TLEN", "TMT": "TMED",
    "TOA": "TOPE", "TOF": "TOFN", "TOL": "TOLY", "TOR": "TORY", "TOT": "TOAL", "TP1": "TPE1", "TP2": "TPE2",
    "TP3": "TPE3", "TP4": "TPE4", "TPA": "TPOS", "TPB": "TPUB", "TRC": "TSRC", "TRD": "TRDA", "TRK": "TRCK",
    "TS2": "TSO2", "TSA": "TSOA", "TSC": "TSOC", "TSI": "TSIZ", "TSP": "TSOP", "TSS": "TSSE", "TST": "TSOT",
    "TT1": "TIT1", "TT2": "TIT2", "TT3": "TIT3", "TXT": "TEXT", "TXX": "TXXX", "TYE": "TYER", "UFI": "UFID",
    "ULT": "USLT", "WAF": "WOAF", "WAR": "WOAR", "WAS": "WOAS", "WCM": "WCOM", "WCP": "WCOP", "WPB": "WPUB",
    "WXX": "WXXX",
}  # fmt: skip
"""ID3v2.2 (§4) → the same frame's name since ID3v2.3; with those that Apple's programs write in both."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as stored in its tag."""

    name: str
    """Four characters; the three of an ID3v2.2 frame that later versions do not have."""
    stored: bytes
    """Its body as stored: maybe unsynchronised, compressed or encrypted."""
    version: int
    """2, 3 or 4: the format flags have another meaning in each."""
    flags: int = 0
    """The second flag byte, of format; 0x02 is set where the whole tag of 2.4 is unsynchronised."""
    is_whole: bool = True
    """Whether the tag holds as many bytes as the frame declares."""

    def read_body(self) -> bytes:
        """Its content. Raises `StatementUnread` where it is encrypted or damaged, `TooLarge` where it inflates too
        far."""
        if self.version == 3:
            grouped, packed, encrypted, has_length, body = 0x20, 0x80, 0x40, 0x80, self.stored
        elif self.version == 4:
            grouped, packed, encrypted, has_length = 0x40, 0x08, 0x04, 0x01
            body = _synchronise(self.stored) if self.flags & 0x02 else self.stored
        else:
            return self.stored
        if self.flags & encrypted:
            raise StatementUnread(f"frame {self.name} is encrypted")
        skipped = bool(self.flags & grouped) + 4 * bool(self.flags & has_length)
        if self.flags & packed:
            return self._inflate(body, skipped)
        return body[skipped:]

    def _inflate(self, body: bytes, skipped: int) -> bytes:
        """Writers differ in whether a length stands before the stream."""
        for start in dict.fromkeys((skipped, 0, 4, 5)):
            stream = zlib.decompressobj()
            try:
                found = stream.decompress(body[start:], INFLATE_LIMIT)
            except zlib.error:
                continue
            if stream.unconsumed_tail:
                raise TooLarge(f"a compressed ID3 frame {self.name} inflates to over {INFLATE_LIMIT} bytes")
            return found
        raise StatementUnread(f"frame {self.name} is compressed and damaged")


def parse_frames(tag: bytes) -> Iterator[Frame]:
    """The frames of a tag that begins with its header of ten bytes. Raises `Malformed` for an unknown version."""
    version, flags = tag[3], tag[5]
    if version not in (2, 3, 4):
        raise Malformed(f"an ID3 tag of version 2.{version}, which does not exist")
    body = tag[10 : 10 + read_synchsafe(tag[6:10])]
    if flags & _UNSYNCHRONISED and version < 4:
        body = _synchronise(body)
    at = _extended_header(body, version) if flags & _EXTENDED and version > 2 else 0
    added = 0x02 if flags & _UNSYNCHRONISED and version == 4 else 0
    frames = _short_frames(body) if version == 2 else _frames(body, at, version, added)
    for count, frame in enumerate(frames):
        if count >= MAX_PARTS:
            raise TooLarge(f"an ID3 tag of more than {MAX_PARTS} frames")
        yield frame


def _synchronise(body: bytes) -> bytes:
    """Without the zero bytes that keep a tag from looking like sound (ID3v2.4 §6.1)."""
    return body.replace(b"\xff\0", b"\xff")


def _extended_header(body: bytes, version: int) -> int:
    """Bytes of the extended header; 0 where a frame stands in its place: some taggers set the flag alone."""
    if _NAME.fullmatch(body[:4]):
        return 0
    return read_synchsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4])


def _short_frames(body: bytes) -> Iterator[Frame]:
    at = 0
    while at + 6 < len(body) and _SHORT_NAME.fullmatch(body[at : at + 3]):
        name = body[at : at + 3].decode("ascii")
        size = int.from_bytes(body[at + 3 : at + 6])
        at += 6
        yield Frame(_NAMES.get(name, name), body[at : at + size], 2, is_whole=at + size <= len(body))
        at += size


def _frames(body: bytes, at: int, version: int, added: int) -> Iterator[Frame]:
    plain = version == 3 or (version == 4 and _has_plain_sizes(body, at))
    while at + 10 < len(body) and (name := _frame_name(body[at : at + 4])):
        size = int.from_bytes(body[at + 4 : at + 8]) if plain else read_synchsafe(body[at + 4 : at + 8])
        flags = body[at + 9] | added
        at += 10
        yield Frame(name, body[at : at + size], version, flags, is_whole=at + size <= len(body))
        at += size


def _frame_name(four: bytes) -> str:
    """The name; empty where no frame begins so. Three characters and a blank are a name of 2.2 in a later tag."""
    if _NAME.fullmatch(four):
        return four.decode("ascii")
    short = four[:3].decode("ascii", "replace")
    return _NAMES.get(short, "") if four[3:] in (b"\0", b" ") else ""


def _has_plain_sizes(body: bytes, at: int) -> bool:
    """Whether the sizes of a 2.4 tag have eight bits a byte, as iTunes wrote them: only so does frame follow frame."""
    return _count_chained(body, at, synchsafe=False) > _count_chained(body, at, synchsafe=True)


def _count_chained(body: bytes, at: int, *, synchsafe: bool) -> int:
    """Frames that follow one another up to the padding or the end; as many as were met before the chain breaks."""
    count = 0
    while count < _MAX_CHAIN and at + 10 < len(body) and _frame_name(body[at : at + 4]):
        raw = body[at + 4 : at + 8]
        at += 10 + (read_synchsafe(raw) if synchsafe else int.from_bytes(raw))
        count += 1
    is_end = at == len(body) or (at < len(body) and not any(body[at : at + 10]))
    return 2 * count + is_end


def split_fields(data: bytes, count: int) -> tuple[list[str], bytes]:
    """The first strings of a body that begins with its encoding, `count` at most, and the bytes after them."""
    encoding, rest = _encoding_of(data)
    order, found = "", list[str]()
    while len(found) < count and rest:
        piece, rest = _cut_string(rest, encoding)
        text, order = _decode(piece, encoding, order)
        found.append(text)
    return found, rest


def split_text(data: bytes) -> list[str]:
    """All strings of a body that begins with its encoding (ID3v2.4 §4), without empty ones at its end."""
    found, _ = split_fields(data, len(data))
    while len(found) > 1 and not found[-1]:
        found.pop()
    return found


def _encoding_of(data: bytes) -> tuple[int, bytes]:
    """The encoding and what it encodes; a body that begins with no encoding is Latin-1."""
    if data[:1] and data[0] > _UTF8:
        return _LATIN, data
    return (data[0] if data else _LATIN), data[1:]


def _cut_string(body: bytes, encoding: int) -> tuple[bytes, bytes]:
    """The bytes up to the terminator, and those behind it: two zero bytes of one character in UTF-16, else one."""
    if encoding not in (_UTF16, _UTF16_BE):
        piece, _, rest = body.partition(b"\0")
        return piece, rest
    at = body.find(b"\0\0")
    while at >= 0 and at % 2:
        at = body.find(b"\0\0", at + 1)
    return (body, b"") if at < 0 else (body[:at], body[at + 2 :])


def _decode(piece: bytes, encoding: int, order: str) -> tuple[str, str]:
    """The text and its byte order, which a later string of the same frame may not repeat.

    Text that calls itself Latin-1 and is UTF-8 is read as UTF-8: many taggers write it so.
    """
    if encoding == _UTF16_BE:
        return piece.decode("utf-16-be", "replace"), order
    if encoding == _UTF16:
        order = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(piece[:2], order or "utf-16-le")
        return piece.decode(order, "replace").removeprefix("\ufeff"), order
    try:
        return piece.decode("utf-8"), order
    except UnicodeDecodeError:
        return piece.decode("latin-1" if encoding == _LATIN else "utf-8", "replace"), order
