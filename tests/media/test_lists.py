"""Every form in which a list names files and digests comes out as one."""

from __future__ import annotations

import base64
import hashlib
import io
from itertools import islice

import pytest

from media import lists
from media.errors import Malformed, MediaError, TooLarge
from media.listed import ListedFile
from media.lists import ALGORITHMS, entries, locate
from tests.scanner.documents import until_fault

DATA = b"a frame of picture"
MD5 = hashlib.md5(DATA).hexdigest()
SHA1 = hashlib.sha1(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
XXH64 = "0ac48e431d4538ba"
SUMS = "application/x-checksums"


def c4(data: bytes) -> str:
    number, digits = int.from_bytes(hashlib.sha512(data).digest(), "big"), ""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    while number:
        number, digit = divmod(number, 58)
        digits = alphabet[digit] + digits
    return "c4" + digits.rjust(88, "1")


def read(data: str | bytes, media_type: str = SUMS, name: str = "checksum.txt") -> list[ListedFile]:
    return list(entries(io.BytesIO(data.encode() if isinstance(data, str) else data), media_type, name))


@pytest.mark.parametrize(
    ("line", "name", "path", "algorithm", "digest"),
    [
        (f"{MD5}  a/b c.mov", "md5sums", "a/b c.mov", "md5", MD5),
        (f"{MD5} *a.mov", "md5sums", "a.mov", "md5", MD5),
        (f"{MD5.upper()}\ta.mov\r", "x.md5", "a.mov", "md5", MD5),
        (f"{SHA1}  ./a.mov", "checksum.txt", "a.mov", "sha1", SHA1),
        (f"{SHA256}  dir\\a.mov", "checksum.txt", "dir/a.mov", "sha256", SHA256),
        (f"\\{SHA256}  odd\\nname\\\\n", "checksum.txt", "odd\nname\\n", "sha256", SHA256),
        (f"SHA512 (a (1).mov) = {SHA512}", "checksum.txt", "a (1).mov", "sha512", SHA512),
        (f"MD5(a.mov)= {MD5}", "checksum.txt", "a.mov", "md5", MD5),
        (f"a b.mov: {MD5}", "checksum.txt", "a b.mov", "md5", MD5),
        (f"a.mov    {SHA256}", "checksum.txt", "a.mov", "sha256", SHA256),
        (MD5, "film.mov.md5", "film.mov", "md5", MD5),
        (f"{XXH64}  a.mov", "x.xxh", "a.mov", "xxh64", XXH64),
        (f"XXH3_{XXH64}  a.mov", "x.xxh", "a.mov", "xxh3-64", XXH64),
        (f"{MD5}  a.mov", "files.xxh128", "a.mov", "xxh3-128", MD5),
        (f"{MD5}  data/odd%0Aname%25", "manifest-md5.txt", "data/odd\nname%", "md5", MD5),
        (f"{c4(DATA)}  a.mov", "list.txt", "a.mov", "sha512", SHA512),
    ],
)
def test_a_line(line: str, name: str, path: str, algorithm: str, digest: str) -> None:
    (entry,) = read(f"# made for a test\n{line}\n", name=name)
    assert (entry.path, entry.algorithm, entry.digest) == (path, algorithm, digest)
    assert entry.where == "line 2"


def test_utf16_lists_and_odd_bytes_survive() -> None:
    assert read(f"{MD5}  é.mov\n".encode("utf-16"))[0].path == "é.mov"
    assert read(MD5.encode() + b"  \xff.mov\n")[0].path == "\udcff.mov"


def test_prose_is_no_list() -> None:
    with pytest.raises(Malformed, match="no line"):
        read("Please verify the drive before shipping.\n")


MHL2 = f"""<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>
<hash><path size="18">Clips/A.mov</path><previousPath>Clips/B.mov</previousPath>
<c4 action="original">{c4(DATA)}</c4><xxh64 action="failed">{XXH64}</xxh64><future>12</future></hash>
<directoryhash><path>Clips</path><content><xxh64>{XXH64}</xxh64></content></directoryhash></hashes>
<references><hashlistreference><path>R/ascmhl/0001.mhl</path><c4>short</c4></hashlistreference></references></hashlist>"""
MHL1 = f"""<hashlist version="1.1"><hash><file>a/b.mov</file><size>18</size><md5>{MD5}</md5></hash>
<hash><file>c.mov</file><size>1</size><xxhash64>ba38451d438ec40a</xxhash64></hash>
<hash><file>d.mov</file><xxhash64be>{XXH64}</xxhash64be></hash>
<hash><file>e.mov</file><xxhash>0042</xxhash></hash><hash><file>f.mov</file><size>3</size></hash></hashlist>"""
PKL = f"""<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><AssetList>
<Asset><Id>urn:uuid:1</Id><Hash>{base64.b64encode(bytes.fromhex(SHA1)).decode()}</Hash><Size>18</Size></Asset>
<Asset><Id>urn:uuid:2</Id><Hash>{base64.b64encode(bytes.fromhex(SHA256)).decode()}</Hash>
<HashAlgorithm Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/></Asset>
<Asset><Id>urn:uuid:3</Id><Hash>***</Hash></Asset></AssetList></PackingList>"""
MAP = """<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><AssetList><Asset><Id>urn:uuid:1</Id>
<ChunkList><Chunk><Path>video/a.mxf</Path><Length>18</Length></Chunk></ChunkList></Asset></AssetList></AssetMap>"""


def test_asc_mhl() -> None:
    one, two, three, reference = read(MHL2, "application/x-asc-mhl", "0001_x.mhl")
    assert (one.path, one.algorithm, one.digest, one.size) == ("Clips/A.mov", "sha512", SHA512, 18)
    assert (one.previous, one.action, two.action, two.algorithm) == ("Clips/B.mov", "original", "failed", "xxh64")
    assert (three.algorithm, three.written) == ("", "12")
    assert (reference.path, reference.algorithm, reference.written) == ("R/ascmhl/0001.mhl", "", "short")


def test_legacy_mhl_byte_orders() -> None:
    found = read(MHL1, "application/x-mhl", "x.mhl")
    said = [(entry.path, entry.algorithm, entry.digest) for entry in found]
    assert said == [
        ("a/b.mov", "md5", MD5),
        ("c.mov", "xxh64", XXH64),
        ("d.mov", "xxh64", XXH64),
        ("e.mov", "xxh32", "0000002a"),
        ("f.mov", "", ""),
    ]
    assert found[-1].size == 3


def test_packing_list_and_asset_map() -> None:
    one, two, three = read(PKL, "application/x-smpte-pkl")
    assert (one.id, one.algorithm, one.digest, one.size) == ("urn:uuid:1", "sha1", SHA1, 18)
    assert (two.algorithm, two.digest, three.algorithm) == ("sha256", SHA256, "")
    (chunk,) = read(MAP, "application/x-smpte-assetmap")
    assert (chunk.id, chunk.path, chunk.size) == ("urn:uuid:1", "video/a.mxf", 18)


def test_every_digest_has_the_length_of_its_algorithm() -> None:
    listed = [*read(MHL2, "application/x-asc-mhl"), *read(PKL, "application/x-smpte-pkl")]
    assert all(len(entry.digest) == ALGORITHMS[entry.algorithm] for entry in listed if entry.algorithm)


@pytest.mark.parametrize(
    ("book", "path", "found"),
    [
        ("A/ascmhl/0001_A.mhl", "Clips/a.mov", "A/Clips/a.mov"),
        ("A/ascmhl/ascmhl_chain.xml", "0001_A.mhl", "A/ascmhl/0001_A.mhl"),
        ("A/checksum.txt", "./a.mov", "A/a.mov"),
        ("md5sums", "a.mov", "a.mov"),
        ("A/x.mhl", "../b.mov", "b.mov"),
        ("A/x.mhl", "../../b.mov", None),
        ("x.mhl", "/etc/passwd", None),
        ("x.mhl", "C:/a.mov", None),
        ("x.mhl", "..", None),
    ],
)
def test_where_a_listed_file_lies(book: str, path: str, found: str | None) -> None:
    assert locate(book, path) == found


def test_a_list_over_the_limit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MAX_ENTRIES", 100)
    lines = "".join(f"{MD5}  {number}\n" for number in range(101))
    told = entries(io.BytesIO(lines.encode()), SUMS, "md5sums")
    assert sum(1 for _ in islice(told, 100)) == 100
    with pytest.raises(TooLarge, match="100"):
        next(told)


@pytest.mark.parametrize(
    ("data", "kind"), [(MHL2, "asc-mhl"), (MHL1, "mhl"), (PKL, "smpte-pkl"), (MAP, "smpte-assetmap")]
)
def test_cut_anywhere_it_keeps_what_came_before(data: str, kind: str) -> None:
    whole = read(data, f"application/x-{kind}")
    for cut in range(len(data)):
        kept, fault = until_fault(entries(io.BytesIO(data[:cut].encode()), f"application/x-{kind}", "x"))
        assert isinstance(fault, MediaError)
        assert kept == whole[: len(kept)]
