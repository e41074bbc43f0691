"""A file that was put in the place of another is looked at, whatever its size and time say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.blanks import blank
from fixtures.formats import png
from scanner.config import Config
from scanner.discover import filesystems
from scanner.model import Outcome, Record
from scanner.output.output import Output
from scanner.pipeline import run_scan

Scan = Callable[..., list[Record]]


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    filesystems.keeps_identity.cache_clear()
    yield
    filesystems.keeps_identity.cache_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "EP101" / "artwork"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def scan(tmp_path: Path, root: Path) -> Scan:
    config = Config(cache=str(tmp_path / "cache"), executor="serial", matching="off")

    def scan(**options: bool) -> list[Record]:
        with run_scan([root.parent], config, Output(), **options) as run:
            return list(run.records())

    return scan


def stated(key: str, value: str) -> bytes:
    return png.insert(blank(".png"), png.plain(key, value))


PLAIN, MARKED = stated("Software", "Krita 5"), stated("Software", "NovelAI")


def put_in_place(path: Path, data: bytes, *, rename: bool) -> None:
    """Another content of the same size, its time set back."""
    before = path.stat()
    if rename:
        (path.parent / "new").write_bytes(data)
        os.utime(path.parent / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
        (path.parent / "new").replace(path)
    else:
        path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def values(records: list[Record]) -> list[str]:
    return [said.value for record in records for said in record.examination.evidence]


@pytest.mark.parametrize("rename", [True, False])
def test_file_in_the_place_of_another_is_looked_at(rename: bool, root: Path, scan: Scan) -> None:
    if filesystems.keeps_identity(str(root.parent)) is None:
        pytest.skip("the temporary folder lies on a file system that keeps no change times")
    data = PLAIN.ljust(max(len(PLAIN), len(MARKED)), b"\0"), MARKED.ljust(max(len(PLAIN), len(MARKED)), b"\0")
    (root / "key.png").write_bytes(data[0])
    assert values(scan()) == ["Krita 5"]
    put_in_place(root / "key.png", data[1], rename=rename)
    (record,) = scan()
    assert values([record]) == ["NovelAI"]
    assert record.verdict.outcome is not Outcome.PASS


def test_kind_of_a_file_in_the_place_of_another_is_asked(root: Path, scan: Scan) -> None:
    if filesystems.keeps_identity(str(root.parent)) is None:
        pytest.skip("the temporary folder lies on a file system that keeps no change times")
    (root / "key.png").write_bytes(PLAIN)
    scan()
    put_in_place(root / "key.png", blank(".jpg").ljust(len(PLAIN), b"\0")[: len(PLAIN)], rename=False)
    (record,) = scan()
    assert record.examination.asset.media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "vfat"])
def test_share_is_believed_by_size_and_time_until_it_is_rehashed(
    kind: str, root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = [SimpleNamespace(mountpoint="/", fstype="ext4"), SimpleNamespace(mountpoint=str(root.parent), fstype=kind)]
    monkeypatch.setattr(filesystems.psutil, "disk_partitions", lambda all: mounts)
    size = max(len(PLAIN), len(MARKED))
    (root / "key.png").write_bytes(PLAIN.ljust(size, b"\0"))
    assert values(scan()) == ["Krita 5"]
    put_in_place(root / "key.png", MARKED.ljust(size, b"\0"), rename=True)
    assert values(scan()) == ["Krita 5"]
    assert values(scan(rehash=True)) == ["NovelAI"]
    assert values(scan()) == ["NovelAI"]


def test_file_that_did_not_change_is_not_opened_again(root: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "key.png").write_bytes(PLAIN)
    first = scan()

    def refuse(*_: object) -> None:
        raise AssertionError("examined again")

    monkeypatch.setattr("scanner.examine.inspection.examine", refuse)
    assert [record.verdict for record in scan()] == [record.verdict for record in first]
