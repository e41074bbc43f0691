"""Digests: what they cover, and that they say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xxhash

from media import digest
from media.digest import DigestMode, digest_file
from media.errors import Unreadable, Unsupported
from scanner.examine.digest import digest_asset
from scanner.model import Asset, Digest, Frames, Kind


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "BLOCK", 100)
    monkeypatch.setattr(digest, "SAMPLES", 4)
    monkeypatch.setattr(digest, "FULL_UP_TO", 1000)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


CONTENT = bytes(range(256)) * 8
"""2,048 bytes: sampled at 0, 649, 1298 and 1948."""


@pytest.mark.parametrize(
    ("size", "mode", "algorithm"),
    [
        pytest.param(1000, DigestMode.AUTO, "xxh3-128", id="auto-up-to-the-limit"),
        pytest.param(1001, DigestMode.AUTO, "xxh3-128-sampled", id="auto-over-the-limit"),
        pytest.param(2048, DigestMode.FULL, "xxh3-128", id="full"),
        pytest.param(401, DigestMode.SAMPLED, "xxh3-128-sampled", id="sampled"),
        pytest.param(400, DigestMode.SAMPLED, "xxh3-128", id="sampled-where-the-sample-is-all"),
        pytest.param(0, DigestMode.AUTO, "xxh3-128", id="empty"),
    ],
)
def test_the_algorithm_says_how_much_was_read(tmp_path: Path, size: int, mode: DigestMode, algorithm: str) -> None:
    assert digest_file(write(tmp_path / "a", CONTENT[:size]), mode).algorithm == algorithm


def test_full_is_plain_xxh3(tmp_path: Path) -> None:
    assert digest_file(write(tmp_path / "a", CONTENT), DigestMode.FULL).value == xxhash.xxh3_128(CONTENT).hexdigest()


def test_sampled_is_the_size_and_the_blocks(tmp_path: Path) -> None:
    blocks = b"".join(CONTENT[at : at + 100] for at in (0, 649, 1298, 1948))
    expected = xxhash.xxh3_128((2048).to_bytes(8, "little") + blocks).hexdigest()
    assert digest_file(write(tmp_path / "a", CONTENT)).value == expected


@pytest.mark.parametrize("at", [0, 99, 700, 1390, 2047])
def test_a_change_in_a_sampled_block_is_seen(tmp_path: Path, at: int) -> None:
    changed = CONTENT[:at] + bytes([CONTENT[at] ^ 1]) + CONTENT[at + 1 :]
    assert digest_file(write(tmp_path / "a", CONTENT)) != digest_file(write(tmp_path / "b", changed))


def test_another_size_is_another_sample(tmp_path: Path) -> None:
    sizes = (b"\0" * 2000, b"\0" * 2001)
    assert len({digest_file(write(tmp_path / "a", content)).value for content in sizes}) == 2


def sequence(folder: Path, last: int) -> Asset:
    return Asset(
        path="f.%03d.exr", root="r", location=str(folder), kind=Kind.IMAGE, media_type="image/x-exr",
        size=0, mtime_ns=0, frames=Frames(ranges=((1, last),)),
    )  # fmt: skip


def test_a_sequence_is_the_digest_of_its_frames_digests(tmp_path: Path) -> None:
    frames = [write(tmp_path / f"f.{n:03d}.exr", bytes([n]) * 50) for n in (1, 2, 3)]
    joined = b"".join(xxhash.xxh3_128(frame.read_bytes()).digest() for frame in frames)
    assert digest_asset(sequence(tmp_path, 3)) == Digest(
        algorithm="xxh3-128", value=xxhash.xxh3_128(joined).hexdigest()
    )


def test_one_sampled_frame_makes_a_sampled_sequence(tmp_path: Path) -> None:
    write(tmp_path / "f.001.exr", b"1")
    write(tmp_path / "f.002.exr", CONTENT)
    answer = digest_asset(sequence(tmp_path, 2))
    assert answer is not None
    assert answer.algorithm == "xxh3-128-sampled"


def test_none_reads_nothing(tmp_path: Path) -> None:
    assert digest_asset(sequence(tmp_path / "not-there", 3), DigestMode.NONE) is None


def test_a_vanished_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        digest_file(tmp_path / "gone")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unsupported, match="not a regular file"):
        digest_file(tmp_path / "pipe")
