"""Lists of files and their digests, all in one form. Judges nothing, hashes nothing.

ASSETMAP and PKL (SMPTE ST 429-8/-9, ST 2067-2), ASC MHL 2, MHL 1.x, md5sum and similar, BagIt. Rule: a list is read
completely, or reported: over `MAX_ENTRIES` it raises `TooLarge`.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from media.encoding import decode_text
from media.errors import Malformed, TooLarge
from media.listed import ListedFile
from media.safe_xml import child, elements, local, text, where

__all__ = ["ALGORITHMS", "MAX_ENTRIES", "entries", "locate"]

MAX_ENTRIES = 500_000
_MAX_TEXT = 64 << 20

ALGORITHMS: Mapping[str, int] = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "xxh32": 8,
    "xxh64": 16,
    "xxh3-64": 16,
    "xxh3-128": 32,
}
"""Algorithm → hexadecimal digits of its digest. Every digest here is big-endian lower-case hexadecimal."""

_ALIASES: Mapping[str, str] = {
    **{name: name for name in ALGORITHMS},
    "xxhash64be": "xxh64",
    "xxh3": "xxh3-64",
    "xxh128": "xxh3-128",
    "xxh3-128bits": "xxh3-128",
    "sha-1": "sha1",
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
}
_BY_LENGTH = {16: "xxh64", 32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_MHL_SKIP = frozenset({"path", "file", "size", "previousPath", "metadata", "lastmodificationdate", "hashdate"})
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def entries(file: BinaryIO, media_type: str, name: str) -> Iterator[ListedFile]:
    """The entries of an open list in its order. Raises `MediaError`, after those before the fault."""
    form = {
        "application/x-smpte-pkl": _pkl,
        "application/x-smpte-assetmap": _assetmap,
        "application/x-asc-mhl": _mhl,
        "application/x-mhl": _mhl,
    }.get(media_type)
    found = form(file) if form is not None else _sums(file, name)
    for count, entry in enumerate(found):
        if count >= MAX_ENTRIES:
            raise TooLarge(f"the list has more than {MAX_ENTRIES} entries; the rest was not compared")
        yield entry


def locate(list_path: str, entry_path: str) -> str | None:
    """Where a listed file is, relative to the root of `list_path`; None where it is outside the root.

    An ASC MHL manifest is in `ascmhl/` and refers to the folder above; any other refers to its own folder.
    """
    folder, name = posixpath.split(list_path)
    if posixpath.basename(folder) == "ascmhl" and name.endswith(".mhl"):
        folder = posixpath.dirname(folder)
    if entry_path.startswith("/") or re.match(r"[A-Za-z]:", entry_path):
        return None
    path = posixpath.normpath(posixpath.join(folder, entry_path))
    return None if path in (".", "..") or path.startswith("../") else path


def _digest(name: str, written: str) -> tuple[str, str]:
    """Canonical algorithm and digest; two empty strings where they cannot be compared with anything."""
    name, value = name.lower().replace("_", "-"), written.strip()
    if name == "c4":
        return _c4(value)
    if name == "xxhash64":  # MHL 1.x: the bytes in little-endian order
        name, value = "xxh64", "".join(reversed(re.findall("..", value)))
    elif name == "xxhash":  # MHL 1.x: XXH32 in decimal
        name, value = "xxh32", f"{int(value):08x}" if re.fullmatch(r"\d{1,10}", value) else ""
    algorithm = _ALIASES.get(name, "")
    value = value.lower()
    sound = algorithm and re.fullmatch(r"[0-9a-f]+", value) and len(value) == ALGORITHMS[algorithm]
    return (algorithm, value) if sound else ("", "")


def _c4(value: str) -> tuple[str, str]:
    """A C4 id (SMPTE ST 2114) is the SHA-512 in base 58 behind `c4`."""
    if len(value) != 90 or not value.startswith("c4") or any(letter not in _BASE58 for letter in value[2:]):
        return "", ""
    number = 0
    for letter in value[2:]:
        number = number * 58 + _BASE58.index(letter)
    return ("sha512", f"{number:0128x}") if number < 1 << 512 else ("", "")


def _pkl(file: BinaryIO) -> Iterator[ListedFile]:
    for asset in elements(file, "Asset"):
        written = text(asset, "Hash")
        method = child(asset, "HashAlgorithm")
        name = (str(method.get("Algorithm", "")) if method is not None else "").rpartition("#")[2] or "sha1"
        try:
            algorithm, digest = _digest(name, base64.b64decode(written, validate=True).hex())
        except (binascii.Error, ValueError):
            algorithm, digest = "", ""
        yield ListedFile(
            path=_slashed(text(asset, "OriginalFileName")),
            algorithm=algorithm,
            digest=digest,
            size=_number(text(asset, "Size")),
            where=where(asset),
            written=written,
            id=text(asset, "Id"),
        )


def _assetmap(file: BinaryIO) -> Iterator[ListedFile]:
    for asset in elements(file, "Asset"):
        chunks = child(asset, "ChunkList")
        for chunk in chunks if chunks is not None else ():
            if path := text(chunk, "Path"):
                # Some writers put a file: URL where a relative path belongs.
                path = _slashed(path).removeprefix("file://").removeprefix("/")
                size = _number(text(chunk, "Length"))
                yield ListedFile(path=path, size=size, where=where(chunk), id=text(asset, "Id"))


def _mhl(file: BinaryIO) -> Iterator[ListedFile]:
    for item in elements(file, "hash", "hashlistreference", "hashlist"):
        path = child(item, "path")
        name = _slashed(text(item, "path") or text(item, "file"))
        if not name:
            continue
        size = _number(str(path.get("size", "")) if path is not None else text(item, "size"))
        sums = [entry for entry in item if local(entry) and local(entry) not in _MHL_SKIP]
        for entry in sums:
            written = (entry.text or "").strip()
            algorithm, digest = _digest(local(entry), written)
            yield ListedFile(
                path=name,
                algorithm=algorithm,
                digest=digest,
                size=size,
                where=where(entry),
                written=written,
                action=str(entry.get("action", "")),
                previous=_slashed(text(item, "previousPath")),
            )
        if not sums:
            yield ListedFile(path=name, size=size, where=where(item))


_GNU = re.compile(r"\\?(?:(?P<kind>XXH3)_)?(?P<sum>[0-9A-Fa-f]{16,128}|c4[0-9A-Za-z]{88})[ \t]+\*?(?P<path>\S.*)")
_BSD = re.compile(r"(?P<kind>[A-Za-z0-9_-]{3,12}) ?\((?P<path>.+)\) ?= ?(?P<sum>[0-9A-Fa-f]{8,128})")
_LAST = re.compile(r"[:,;\t ](?P<sum>[0-9A-Fa-f]{32,128})$")
_BARE = re.compile(r"(?P<sum>[0-9A-Fa-f]{16,128})")
_MAX_LINE = 8192


def _sums(file: BinaryIO, name: str) -> Iterator[ListedFile]:
    """`md5sum`, `shasum`, `xxhsum` in GNU and BSD form, name-first lists, a bare digest, BagIt manifests."""
    file.seek(0)
    data = file.read(_MAX_TEXT + 1)
    if len(data) > _MAX_TEXT:
        raise TooLarge(f"a checksum list of more than {_MAX_TEXT} bytes")
    lines = decode_text(data, "utf-8", "surrogateescape")
    bag = re.fullmatch(r"(?:tag)?manifest-([a-z0-9]+)\.txt", name.lower())
    kind = bag[1] if bag else next((key for key in ("xxh128", "xxh3", "xxh64") if key in name.lower()), "")
    seen = False
    for number, line in enumerate(lines.split("\n"), 1):
        said = _line(line.rstrip("\r").strip(" "))
        if said is None:
            continue
        seen = True
        path = said.get("path") or posixpath.splitext(name)[0]
        if line.startswith("\\"):
            path = re.sub(r"\\([\\n])", lambda found: "\n" if found[1] == "n" else "\\", path)
        elif bag:
            path = path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        else:
            path = _slashed(path)
        yield _make_entry(path, said["sum"], said.get("kind") or kind, f"line {number}")
    if not seen:
        raise Malformed("no line of it is a checksum")


def _line(line: str) -> dict[str, str] | None:
    """`sum`, and where given `path` and `kind`, of one line; None where it is no checksum."""
    if not line or len(line) > _MAX_LINE or line.startswith(("#", ";")):
        return None
    if found := _GNU.fullmatch(line) or _BSD.fullmatch(line) or _BARE.fullmatch(line):
        return {key: value for key, value in found.groupdict().items() if value}
    if found := _LAST.search(line):
        return {"sum": found["sum"], "path": line[: found.start()].rstrip(" \t:,;")}
    return None


def _make_entry(path: str, written: str, kind: str, place: str) -> ListedFile:
    name = "c4" if written.startswith("c4") and len(written) == 90 else kind or _BY_LENGTH.get(len(written), "")
    algorithm, digest = _digest(name, written)
    if not algorithm:
        algorithm, digest = _digest(_BY_LENGTH.get(len(written), ""), written)
    return ListedFile(path=path.removeprefix("./"), algorithm=algorithm, digest=digest, where=place, written=written)


def _slashed(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")


def _number(said: str) -> int | None:
    return int(said) if re.fullmatch(r"\d{1,18}", said) else None
