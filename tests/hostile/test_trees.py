"""Trees that would catch a careless walker: loops, pipes, sockets, locked folders, depth, litter. The books balance."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from tests.e2e.demo import records_of
from tests.e2e.process import provscan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


@pytest.fixture
def trap(tmp_path: Path, house: Path) -> Path:
    root = tmp_path / "EP"
    root.mkdir()
    shutil.copyfile(house / "07_Ideation/concept_01.png", root / "still.png")
    (tmp_path / "outside.png").write_bytes((root / "still.png").read_bytes())
    (root / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "away.png").symlink_to(tmp_path / "outside.png")
    (root / "gone.png").symlink_to("no such file")
    (root / "alias.png").symlink_to("still.png")
    os.mkfifo(root / "pipe.mov")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # a socket's path may be 100 characters long
        try:
            listener.bind("socket.wav")
        finally:
            os.chdir(here)
    deep = root
    for level in range(100):
        deep = deep / f"d{level}"
        deep.mkdir()
    shutil.copyfile(root / "still.png", deep / "deep.png")
    (root / "huge.mov").touch()
    os.truncate(root / "huge.mov", 1 << 40)
    locked = root / "locked"
    locked.mkdir()
    (locked / "x.png").touch()
    locked.chmod(0)
    return root


def test_a_trap_is_walked_to_its_end_and_told(trap: Path, tmp_path: Path) -> None:
    try:
        done = provscan("scan", trap, "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    finally:
        (trap / "locked").chmod(0o755)
    assert done.returncode == 1, done.stderr
    records = records_of(tmp_path / "out")
    outcomes = {path: record["verdict"]["outcome"] for path, record in records.items()}
    locked = "locked/x.png" if os.geteuid() == 0 else "locked"
    deep = "/".join(f"d{level}" for level in range(100)) + "/deep.png"
    told = {"still.png", "loop", "self", "away.png", "gone.png", "alias.png", "pipe.mov", "socket.wav", "huge.mov"}
    assert set(records) == told | {deep, locked}
    assert outcomes["still.png"] == outcomes["alias.png"] == outcomes[deep] == "blocker"
    unseen = {path for path, record in records.items() if record["verdict"]["scan"] == "incomplete"}
    assert unseen == {"self", "away.png", "gone.png", "pipe.mov", "socket.wav", "huge.mov", locked}
    assert all(outcomes[path] != "pass" for path in unseen)
    assert records["away.png"]["findings"] == [], "what lies outside was not read"
