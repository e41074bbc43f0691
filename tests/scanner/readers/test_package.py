"""Packages: heads, listed files, played assets."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media.listed import ListedFile, PlayedResource
from scanner.model import Kind
from scanner.readers.interface import Medium
from scanner.readers.package import PACKAGE
from tests.scanner.documents import look, pairs, spoiled

IMF = b"""<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">
<Id>urn:uuid:9</Id><Annotation>EP101 OV</Annotation><Issuer>House</Issuer><Creator>Mastering 5</Creator>
<ContentTitle>EP101</ContentTitle><SegmentList><Segment><SequenceList>
<MainImageSequence xmlns="http://www.smpte-ra.org/ns/2067-2/2020"><ResourceList><Resource>
<Id>urn:uuid:r</Id><EditRate>24000 1001</EditRate><IntrinsicDuration>100</IntrinsicDuration>
<EntryPoint>10</EntryPoint><SourceDuration>50</SourceDuration><TrackFileId>urn:uuid:t</TrackFileId>
</Resource></ResourceList></MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>"""
DCP = b"""<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/429-7/2006/CPL"><Creator>tool</Creator>
<ReelList><Reel><AssetList><MainMarkers><Id>urn:uuid:m</Id></MainMarkers><MainPicture><Id>urn:uuid:p</Id>
<EditRate>24 1</EditRate><Duration>48</Duration><KeyId>urn:uuid:k</KeyId></MainPicture></AssetList></Reel>
<Reel><AssetList><MainSound><Id>urn:uuid:s</Id></MainSound></AssetList></Reel></ReelList></CompositionPlaylist>"""
MHL = b"""<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><creatorinfo><tool version="1.2">mhl</tool>
<hostname>dit</hostname></creatorinfo><hashes><hash><path size="5">a.mov</path>
<md5 action="failed">0cc175b9c0f1b6a831c399e269772661</md5></hash></hashes></hashlist>"""


def listed(path: Path, media_type: str) -> list[ListedFile]:
    medium = Medium(path, media_type, Kind.PACKAGE, size=path.stat().st_size)
    try:
        return [one for one in PACKAGE.read(medium) if isinstance(one, ListedFile)]
    finally:
        medium.close()


def played(path: Path) -> list[PlayedResource]:
    medium = Medium(path, "application/x-smpte-cpl", Kind.PACKAGE, size=path.stat().st_size)
    try:
        return [one for one in PACKAGE.read(medium) if isinstance(one, PlayedResource)]
    finally:
        medium.close()


def test_imf_composition(tmp_path: Path) -> None:
    found, fault = look(PACKAGE, IMF, tmp_path / "CPL_x.xml")
    assert fault is None
    assert pairs(found) == [
        ("Annotation", "EP101 OV"),
        ("Issuer", "House"),
        ("Creator", "Mastering 5"),
        ("ContentTitle", "EP101"),
        ("plays", "1 resource"),
    ]
    (resource,) = played(tmp_path / "CPL_x.xml")
    assert resource._replace(where="") == PlayedResource(
        "urn:uuid:t", "", "MainImageSequence", 1, entry=10, duration=50, intrinsic=100, rate=Fraction(24000, 1001)
    )


def test_dcp_composition_says_what_is_encrypted(tmp_path: Path) -> None:
    found, _ = look(PACKAGE, DCP, tmp_path / "cpl.xml")
    assert [(use.id, use.kind, use.reel, use.is_encrypted) for use in played(tmp_path / "cpl.xml")] == [
        ("urn:uuid:p", "MainPicture", 1, True),
        ("urn:uuid:s", "MainSound", 2, False),
    ]
    assert found[-1].facts == {"resources": "2", "encrypted": "1"}


def test_hash_list(tmp_path: Path) -> None:
    found, fault = look(PACKAGE, MHL, tmp_path / "0001_a.mhl")
    assert fault is None
    assert pairs(found) == [("tool", "mhl"), ("hostname", "dit"), ("lists", "1 entry")]
    assert found[-1].facts == {"entries": "1", "algorithms": "md5"}
    (entry,) = listed(tmp_path / "0001_a.mhl", "application/x-asc-mhl")
    assert (entry.path, entry.algorithm, entry.digest, entry.size, entry.action) == (
        *("a.mov", "md5", "0cc175b9c0f1b6a831c399e269772661", 5, "failed"),
    )


@pytest.mark.parametrize("name", ["checksum.txt", "MD5SUMS", "manifest-md5.txt", "film.mov.md5", "notes.txt"])
def test_checksum_files_are_known_by_content(tmp_path: Path, name: str) -> None:
    found, _ = look(PACKAGE, b"0cc175b9c0f1b6a831c399e269772661  data/a.mov\n", tmp_path / name)
    assert pairs(found) == [("lists", "1 entry")]
    assert [entry.path for entry in listed(tmp_path / name, "application/x-checksums")] == ["data/a.mov"]


def test_what_was_listed_before_a_fault_is_counted(tmp_path: Path) -> None:
    found, fault = look(PACKAGE, MHL[:-20], tmp_path / "0001_a.mhl", "application/x-asc-mhl")
    assert fault is not None
    assert pairs(found)[-1] == ("lists", "1 entry")


def test_bag(tmp_path: Path) -> None:
    found, _ = look(PACKAGE, b"Source-Organization: House\nBagging-Date: 2026-01-01\n", tmp_path / "bag-info.txt")
    assert pairs(found) == [("Source-Organization", "House"), ("Bagging-Date", "2026-01-01")]


@pytest.mark.parametrize(("data", "kind"), [(IMF, "smpte-cpl"), (DCP, "smpte-cpl"), (MHL, "asc-mhl")])
def test_spoiled_packages_end(tmp_path: Path, data: bytes, kind: str) -> None:
    for bad in spoiled(data):
        look(PACKAGE, bad, tmp_path / "x.xml", f"application/x-{kind}")
