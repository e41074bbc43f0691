"""Lists in the delivery, verified end to end: what agrees, differs, is absent, is encrypted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import xxhash

from scanner.config import Config
from scanner.model import Outcome, Record, Scan
from scanner.pipeline import Output, run_scan


def scan(folder: Path) -> dict[str, Record]:
    config = Config(executor="serial", categories=(("**", "final-picture"),))  # type: ignore[arg-type]
    with run_scan([folder], config, Output(), no_cache=True) as run:
        return {record.examination.asset.path: record for record in run.records()}


def statements(record: Record, key: str) -> list[str]:
    return [item.value for item in record.examination.evidence if item.reader == "integrity" and item.key == key]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"the first")
    (tmp_path / "b.txt").write_bytes(b"the second")
    return tmp_path


def test_checksum_file(folder: Path) -> None:
    right, wrong = hashlib.md5(b"the first").hexdigest(), hashlib.md5(b"another").hexdigest()
    (folder / "checksum.txt").write_text(f"{right}  a.txt\n{wrong}  b.txt\n{right}  gone.txt\n")
    records = scan(folder)
    assert statements(records["a.txt"], "agrees") == ["checksum.txt"]
    assert statements(records["b.txt"], "mismatch") == [hashlib.md5(b"the second").hexdigest()]
    assert statements(records["checksum.txt"], "absent") == ["gone.txt"]
    assert [records[name].verdict.outcome for name in ("a.txt", "b.txt", "checksum.txt")] == [
        Outcome.PASS,
        Outcome.ISSUE,
        Outcome.ISSUE,
    ]
    assert "b.txt, by checksum.txt" in records["b.txt"].verdict.reasons[0].text


def test_asc_mhl(folder: Path) -> None:
    (folder / "ascmhl").mkdir()
    (folder / "ascmhl" / "0001_x.mhl").write_text(
        '<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>'
        f'<hash><path size="9">a.txt</path><xxh64 action="original">{xxhash.xxh64(b"the first").hexdigest()}</xxh64></hash>'
        f'<hash><path size="10">b.txt</path><xxh64 action="original">{xxhash.xxh64(b"changed").hexdigest()}</xxh64></hash>'
        "</hashes></hashlist>"
    )
    records = scan(folder)
    assert statements(records["a.txt"], "agrees") == ["ascmhl/0001_x.mhl"]
    assert len(statements(records["b.txt"], "mismatch")) == 1


def test_frames_of_a_sequence_are_verified_one_by_one(tmp_path: Path) -> None:
    lines = []
    for number in range(1001, 1013):
        data = b"SDPX" + bytes(2044) + bytes([number % 256])
        (tmp_path / f"p.{number}.dpx").write_bytes(data)
        lines.append(f"{hashlib.sha1(data).hexdigest() if number != 1005 else '0' * 40}  p.{number}.dpx")
    (tmp_path / "checksum.txt").write_text("\n".join(lines))
    record = scan(tmp_path)["p.%04d.dpx"]
    (agrees,) = [item for item in record.examination.evidence if item.key == "agrees"]
    (differs,) = [item for item in record.examination.evidence if item.key == "mismatch"]
    assert agrees.facts["files"] == "11"
    assert differs.where == "p.1005.dpx"


def test_encrypted_essence_is_not_passed(tmp_path: Path) -> None:
    track = "urn:uuid:11111111-1111-1111-1111-111111111111"
    (tmp_path / "track.mxf").write_bytes(
        b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\x00" + bytes(64)
    )
    (tmp_path / "ASSETMAP.xml").write_text(
        '<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><AssetList><Asset>'
        f"<Id>{track}</Id><ChunkList><Chunk><Path>track.mxf</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>"
    )
    (tmp_path / "CPL.xml").write_text(
        '<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/429-7/2006/CPL"><ReelList><Reel><AssetList>'
        f"<MainPicture><Id>{track}</Id><KeyId>urn:uuid:2</KeyId></MainPicture></AssetList></Reel></ReelList>"
        "</CompositionPlaylist>"
    )
    records = scan(tmp_path)
    for name in ("CPL.xml", "track.mxf"):
        assert records[name].verdict.scan is Scan.INCOMPLETE
        assert records[name].verdict.outcome is not Outcome.PASS
        assert any("encrypted" in problem.message for problem in records[name].examination.problems)
