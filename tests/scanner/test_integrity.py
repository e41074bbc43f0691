"""Lists in the delivery, verified end to end: what agrees, differs, is absent, is encrypted."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pytest
import xxhash

import media.digest
from media.digest import sums_of
from scanner.config import Config
from scanner.examine import verify
from scanner.model import Outcome, Record, Scan
from scanner.pipeline import Output, run_scan
from scanner.records.records import to_line


def scan(folder: Path, *, cache: Path | None = None, digest: str = "auto") -> dict[str, Record]:
    config = Config(executor="serial", categories=(("**", "final-picture"),), digest=digest, cache=str(cache or ""))  # type: ignore[arg-type]
    with run_scan([folder], config, Output(), no_cache=cache is None) as run:
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


def test_the_record_of_a_list_states_what_it_comes_to_and_what_is_wrong(folder: Path) -> None:
    right, wrong = hashlib.md5(b"the first").hexdigest(), hashlib.md5(b"another").hexdigest()
    (folder / "checksum.txt").write_text(f"{right}  a.txt\n{wrong}  b.txt\n{right}  gone.txt\n")
    cache = folder.parent / f"{folder.name}-cache"
    for _ in range(2):  # made, and known from before
        record = scan(folder, cache=cache)["checksum.txt"]
        assert statements(record, "compared") == ["3 files listed: 1 agree, 1 differ, 1 absent"]
        assert statements(record, "differs") == ["b.txt"]
        (counted,) = [item for item in record.examination.evidence if item.reader == "package"]
        assert (counted.value, dict(counted.facts)) == ("3 entries", {"entries": "3", "algorithms": "md5"})


def test_a_list_of_thousands_makes_a_small_record_and_an_exact_reason(folder: Path) -> None:
    sums = "".join(f"{hashlib.md5(b'%d' % n).hexdigest()}  frames/f.{n:07d}.dpx\n" for n in range(12_000))
    (folder / "checksum.txt").write_text(sums + f"{hashlib.md5(b'the first').hexdigest()}  a.txt\n")
    records = scan(folder)
    assert statements(records["a.txt"], "agrees") == ["checksum.txt"]  # the last of all entries
    record = records["checksum.txt"]
    assert len(to_line(record)) < 60_000
    assert statements(record, "compared") == ["12,001 files listed: 1 agree, 12,000 absent"]
    assert statements(record, "absent")[-1] == "11,800 more"
    assert "and 11,995 more)" in record.verdict.reasons[0].text


def test_frames_that_differ_are_counted_where_they_are_too_many_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_NAMED", 5)
    lines = []
    for number in range(1001, 1013):
        (tmp_path / f"p.{number}.dpx").write_bytes(b"SDPX" + bytes(2044) + bytes([number % 256]))
        lines.append(f"{'0' * 40}  p.{number}.dpx")
    (tmp_path / "checksum.txt").write_text("\n".join(lines))
    records = scan(tmp_path)
    assert statements(records["checksum.txt"], "compared") == ["12 files listed: 12 differ"]
    differing = [item for item in records["p.%04d.dpx"].examination.evidence if item.key == "mismatch"]
    assert [item.where for item in differing[-2:]] == ["p.1005.dpx", "7 more files"]
    assert "p.1001.dpx, by checksum.txt" in records["p.%04d.dpx"].verdict.reasons[0].text
    assert "and 7 more)" in records["p.%04d.dpx"].verdict.reasons[0].text


@pytest.mark.parametrize(("file", "listed"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_an_accent_is_the_same_however_a_system_writes_it(tmp_path: Path, file: str, listed: str) -> None:
    """macOS keeps a letter and its accent apart in file names; lists join them."""
    name = unicodedata.normalize(file, "Café/Été.txt")
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(b"the first")
    right = hashlib.md5(b"the first").hexdigest()
    (tmp_path / "checksum.txt").write_text(f"{right}  {unicodedata.normalize(listed, name)}\n", "utf-8")
    records = scan(tmp_path)
    assert statements(records[name], "agrees") == ["checksum.txt"]
    assert statements(records["checksum.txt"], "absent") == []


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


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read only to be verified."""
    names: list[str] = []

    def noted(path: Path, algorithms: set[str]) -> dict[str, str]:
        names.append(path.name)
        return sums_of(path, algorithms)

    monkeypatch.setattr(verify, "sums_of", noted)
    return names


SUMS = "\n".join(
    f"{hashlib.sha1(data).hexdigest()}  {name}" for name, data in (("a.txt", b"the first"), ("b.txt", b""))
)


@pytest.mark.parametrize(
    ("digest", "again"),
    [("auto", []), ("sampled", []), pytest.param("none", ["a.txt", "b.txt"], id="none: nothing else reads them")],
)
def test_what_is_listed_is_verified_in_the_read_that_examines_it(
    folder: Path, read_again: list[str], monkeypatch: pytest.MonkeyPatch, digest: str, again: list[str]
) -> None:
    monkeypatch.setattr(media.digest, "BLOCK", 1)
    monkeypatch.setattr(media.digest, "SAMPLES", 4)
    (folder / "checksum.txt").write_text(SUMS)
    records = scan(folder, digest=digest)
    assert (statements(records["a.txt"], "agrees"), len(statements(records["b.txt"], "mismatch"))) == (
        ["checksum.txt"],
        1,
    )
    assert read_again == again


def test_a_list_that_comes_later_costs_a_read_and_nothing_the_next_time(
    folder: Path, read_again: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    scan(folder, cache=cache)
    (folder / "checksum.txt").write_text(SUMS)
    for _ in range(2):
        records = scan(folder, cache=cache)
        assert statements(records["a.txt"], "agrees") == ["checksum.txt"]
        assert sorted(read_again) == ["a.txt", "b.txt"]


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


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\0IEND\xaeB`\x82"
SUM = hashlib.md5(PNG).hexdigest()
MHL = (
    '<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>'
    f'<hash><path>A/a.png</path><md5 action="original">{SUM}</md5></hash></hashes></hashlist>'
)
OLD_MHL = f'<?xml version="1.0"?><hashlist version="1.1"><hash><file>A/a.png</file><md5>{SUM}</md5></hash></hashlist>'
PKL = (
    '<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>urn:uuid:1</Id><AssetList><Asset>'
    "<Id>urn:uuid:2</Id><OriginalFileName>A/a.png</OriginalFileName></Asset></AssetList></PackingList>"
)


def unlisted(tmp_path: Path, lists: dict[str, str], *names: str) -> dict[str, list[str]]:
    """What each list is told not to name, where there are `A/a.png` and files of these names."""
    for name in ("A/a.png", *names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PNG)
    for name, text in lists.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    records = scan(tmp_path)
    told = {path: statements(record, "unlisted") for path, record in records.items()}
    return {path: said for path, said in told.items() if said}


def test_what_an_asc_mhl_leaves_out_on_purpose_is_not_missed(tmp_path: Path) -> None:
    ignore = "".join(f"<pattern>{one}</pattern>" for one in (".DS_Store", "ascmhl/", "deep/", "*.tmp.png", "/b/c.png"))
    info = f"<processinfo><process>in-place</process><ignore>{ignore}</ignore></processinfo><hashes>"
    names = ("A/a.tmp.png", "A/deep/er/d.png", "A/b/c.png", "A/c.png", "deep/e.png")
    mhl = {"A/ascmhl/0001_x.mhl": MHL.replace("A/a", "a").replace("<hashes>", info)}
    assert unlisted(tmp_path, mhl, *names) == {"A/ascmhl/0001_x.mhl": ["1 file: A/c.png"]}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("checksum.md5", f"{SUM}  A/a.png\n", "2 files: A/b.png, A/c.png"),
        ("A/ascmhl/0001_x.mhl", MHL.replace("A/a", "a"), "3 files: A/b.png, A/c.png, A/deep/d.png"),
        ("card.mhl", OLD_MHL, "3 files: A/b.png, A/c.png, A/deep/d.png"),
        ("PKL.xml", PKL, "4 files: A/b.png, A/c.png, A/deep/d.png, B/e.png"),
    ],
)
def test_media_where_a_list_speaks_of_all_and_does_not_name_them(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    others = ("A/b.png", "A/c.png", "A/deep/d.png", "A/.hidden/h.png", "B/e.png")
    assert unlisted(tmp_path, {name: text, "A/notes.txt": "words"}, *others) == {name: [told]}
    verdict = scan(tmp_path)[name].verdict
    assert (verdict.outcome, verdict.reasons[0].rule) == (Outcome.FYI, "delivery.present-but-not-listed")
    assert told in verdict.reasons[0].text


def test_a_bag_speaks_of_its_data_alone(tmp_path: Path) -> None:
    lists = {"manifest-md5.txt": f"{SUM}  data/x.png\n", "tagmanifest-md5.txt": f"{SUM}  bagit.txt\n"}
    told = unlisted(tmp_path, lists, "data/x.png", "data/sub/y.png", "cover.png")
    assert told == {"manifest-md5.txt": ["1 file: data/sub/y.png"]}


@pytest.mark.parametrize(
    "lists",
    [
        {"A/a.png.md5": f"{SUM}  a.png\n"},
        {"A/a.md5": SUM},
        {"one.md5": f"{SUM}  A/a.png\n", "two.md5": f"{SUM}  A/b.png\n"},
        {"checksum.md5": f"{SUM}  A/a.png\n{SUM}  A/b.png\n"},
        {"checksum.md5": f"{SUM}  gone/b.png\n"},
    ],
)
def test_what_a_list_does_not_speak_of_is_no_news(lists: dict[str, str], tmp_path: Path) -> None:
    assert unlisted(tmp_path, lists, "A/b.png", "C/c.png") == {}


def test_it_is_one_statement_of_bounded_length(tmp_path: Path) -> None:
    told = unlisted(tmp_path, {"checksum.md5": f"{SUM}  A/a.png\n"}, *(f"A/{n}x{n:02}{n}.png" for n in range(30)))
    (said,) = told["checksum.md5"]
    assert said.startswith("30 files: ")
    assert said.endswith(", …")
    assert said.count(".png") == 20
