"""Bytes of time-based media, made by hand: boxes, chunks, KLV. And clips made by FFmpeg."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from media.containers import Part
from media.errors import MediaError
from media.ffmpeg import tool
from media.identify import identify
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader, read_statements

# ---- ISO base media


def box(code: bytes | str, *payload: bytes, wide: bool = False) -> bytes:
    name = code.encode("latin-1") if isinstance(code, str) else code
    body = b"".join(payload)
    if wide:
        return struct.pack(">I4sQ", 1, name, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), name) + body


FTYP = box("ftyp", b"isom\0\0\2\0isomiso2mp41")


def data(value: bytes, kind: int = 1) -> bytes:
    return box("data", struct.pack(">II", kind, 0), value)


def keys_meta(items: dict[str, bytes], *, full_box: bool = True) -> bytes:
    """A `meta` with `keys` and an indexed `ilst`."""
    names = b"".join(struct.pack(">I4s", 8 + len(key.encode()), b"mdta") + key.encode() for key in items)
    keys = box("keys", struct.pack(">II", 0, len(items)), names)
    ilst = box("ilst", *(box(struct.pack(">I", n), data(value)) for n, value in enumerate(items.values(), 1)))
    handler = box("hdlr", bytes(8), b"mdta", bytes(13))
    return box("meta", b"\0\0\0\0" if full_box else b"", handler, keys, ilst)


def itunes_meta(*items: bytes) -> bytes:
    return box("meta", b"\0\0\0\0", box("hdlr", bytes(8), b"mdirappl", bytes(9)), box("ilst", *items))


def freeform(mean: str, name: str, value: bytes) -> bytes:
    return box("----", box("mean", bytes(4), mean.encode()), box("name", bytes(4), name.encode()), data(value))


# ---- RIFF


def chunk(code: bytes, body: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "4sI", code, len(body)) + body + b"\0" * (len(body) & 1)


def chunks(kind: bytes, *inner: bytes) -> bytes:
    return chunk(b"LIST", kind + b"".join(inner))


FMT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16))


def wav(*inner: bytes, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(inner)
    return form + struct.pack("<I", len(body)) + body


def bext(originator: bytes = b"", description: bytes = b"", history: bytes = b"") -> bytes:
    fixed = description.ljust(256, b"\0") + originator.ljust(32, b"\0") + bytes(32) + b"2026-01-02" + b"03:04:05"
    return chunk(b"bext", fixed.ljust(602, b"\0") + history)


# ---- MXF

PREFIX = bytes.fromhex("060e2b34")
FILLER = bytes.fromhex("060e2b34010101020301021001000000")
PARTITIONS = {"header": 2, "body": 3, "footer": 4}


def klv(key: bytes, value: bytes) -> bytes:
    return key + b"\x83" + len(value).to_bytes(3, "big") + value


def partition(kind: int, header: bytes, *, footer: int = 0, sub: int = 4) -> bytes:
    key = bytes.fromhex("060e2b34020501010d01020101") + bytes([kind, sub, 0])
    body = struct.pack(">HHIQQQQQIQI", 1, 3, 1, 0, 0, footer, len(header), 0, 0, 0, 0) + bytes(16 + 8)
    return klv(key, body) + header


def local_set(half: str, items: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in items.items())
    return klv(bytes.fromhex("060e2b3402530101" + half), body)


def primer(labels: dict[int, bytes]) -> bytes:
    body = struct.pack(">II", len(labels), 18) + b"".join(struct.pack(">H", t) + ul for t, ul in labels.items())
    return klv(bytes.fromhex("060e2b34020501010d01020101050100"), body)


def random_index(*offsets: int) -> bytes:
    body = b"".join(struct.pack(">IQ", 0, offset) for offset in offsets)
    return klv(bytes.fromhex("060e2b34020501010d01020101110100"), body + struct.pack(">I", 20 + len(body) + 4))


def utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


IDENTIFICATION = "0d01010101013000"
TAGGED_VALUE = "0d01010101013f00"


# ---- clips


def make(path: Path, *arguments: str) -> Path:
    """A clip by FFmpeg."""
    command = [tool().path, "-nostdin", "-v", "error", "-y", "-bitexact", *arguments, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x36:rate=24")
SOUND = ("-f", "lavfi", "-i", "sine=duration=1:sample_rate=48000")


# ---- looking


class Counting:
    """A file that counts the bytes that are read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.count = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.count += len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


def opened(path: Path) -> Medium:
    size = path.stat().st_size
    with path.open("rb") as file:
        found = identify(file, path.name, size)
    return Medium(path, found.media_type, found.kind, size=size)


def said(reader: Reader, path: Path) -> dict[str, str]:
    """Key → value of what a reader says of a file; raises what it raises."""
    return {evidence.key: evidence.value for evidence in read_statements(reader, opened(path))}


def survives(reader: Reader, path: Path) -> list[Evidence]:
    """What a reader says of a broken file before it gives up as it may."""
    found: list[Evidence] = []
    with suppress(MediaError):
        found.extend(read_statements(reader, opened(path)))
    return found


def names(walk: Callable[[BinaryIO, int], Iterator[Part]], raw: bytes) -> list[str]:
    """The names of the parts, then the name of the fault if there is one."""
    found: list[str] = []
    try:
        found.extend(part.name for part in walk(BytesIO(raw), len(raw)))
    except MediaError as error:
        found.append(type(error).__name__)
    return found
