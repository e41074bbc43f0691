"""Hostile bytes never meet the parent: which process opens what, for every command that reads media or tables.

Python's own opening is watched in each process. What native code opens (FFmpeg, PyAV) it opens for a function that has
the path from Python; that the parent decodes nothing is seen in its memory.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import pytest

from fixtures.photos import photograph
from media.workbook import write_xlsx
from tests.e2e.process import PATIENCE, provscan, start

WATCHED = Path(__file__).parent / "watched"
LIBRARY = "library/"
"""Below the watched folder; its catalogue and arrays are provscan's own, and the parent reads them."""
Opened = tuple[set[str], set[str]]
"""Files below the watched folder that the command's own process opened, and those that its workers opened."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery with temporary and final stills, a register, waivers, a log; and a library of one still."""
    root = tmp_path_factory.mktemp("walls")
    for path, name in (
        ("EP/01_Final/shot.png", "cat"),
        ("EP/05_Temp/shot.png", "cat"),
        ("EP/05_Temp/other.png", "moon"),
        ("scans/coffee.png", "coffee"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        photograph(name, (480, 360)).save(root / path)
    for number in range(1001, 1010):
        (root / "EP/02_VFX").mkdir(exist_ok=True)
        photograph("coffee", (240, 180)).save(root / f"EP/02_VFX/sh.{number}.png")
    (root / "EP/09_Lists").mkdir()
    (root / "EP/09_Lists/cut.edl").write_text("TITLE: CUT\nFCM: NON-DROP FRAME\n")
    (root / "EP/09_Lists/sums.md5").write_text("0" * 32 + "  ../01_Final/shot.png\n")
    write_xlsx(root / "uses.xlsx", ("asset", "tool", "status"), [{"asset": "shot.png", "tool": "X"}])
    (root / "waivers.csv").write_text("finding,digest,disposition,name,reason,date\n")
    write_xlsx(root / "log.xlsx", ("arc_id", "file_master"), [{"arc_id": "COFFEE", "file_master": "scans/coffee.png"}])
    for words in (("init",), ("import", root / "log.xlsx")):
        done = provscan("library", words[0], root / "library", *words[1:])
        assert done.returncode == 0, done.stderr
    return root


def outside(place: Path) -> Path:
    """Where results are written: nobody watches it."""
    folder = place.with_name(f"{place.name}-results")
    folder.mkdir(exist_ok=True)
    return folder


def opened(place: Path, *arguments: str | Path) -> Opened:
    """Runs a command to its end. What of `place` its own process opened, and what others did; libraries apart."""
    log = place.parent / f"{place.name}.opened"
    log.write_text("")
    watch = {
        "PYTHONPATH": str(WATCHED), "OPENED": str(log), "BELOW": str(place),
        "PROVSCAN_CACHE": f"{log}.cache", "PROVSCAN_JOBS": "1",
    }  # fmt: skip
    process = start(*arguments, env=watch)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 1, 3), said
    by: dict[bool, set[str]] = defaultdict(set)
    for line in log.read_text().splitlines():
        pid, _, path = line.partition("\t")
        if not path.startswith(LIBRARY):
            by[int(pid) == process.pid].add(path)
    return by[True], by[False]


@pytest.fixture(scope="module")
def by_scan(place: Path) -> Opened:
    """What a scan opened, whose records are in `scan` of the results."""
    register = ("--register", place / "uses.xlsx", "--waivers", place / "waivers.csv")
    compared = ("--library", place / "library", "--sources", place / "scans")
    return opened(place, "scan", place / "EP", *register, *compared, "--out", outside(place) / "scan", "--no-cache")


def test_a_scan_opens_media_and_tables_in_workers_alone(by_scan: Opened) -> None:
    here, elsewhere = by_scan
    assert {"EP/05_Temp/shot.png", "scans/coffee.png", "uses.xlsx", "waivers.csv"} <= elsewhere, "nothing was watched"
    assert here == set()


COMMANDS = {
    "judge": ("judge {1}/scan/records.jsonl --register {0}/uses.xlsx --waivers {0}/waivers.csv", {"uses.xlsx"}),
    "explain": ("explain {0}/EP/01_Final/shot.png --library {0}/library", {"EP/01_Final/shot.png"}),
    "explain a folder": ("explain {0}/EP/02_VFX", {"EP/02_VFX/sh.1001.png"}),
    "categories": ("categories {0}/EP", {"EP/01_Final/shot.png"}),
    "trace": ("trace {0}/scans/coffee.png --in {0}/EP/02_VFX/sh.%04d.png --strip {1}/strip.png", {"scans/coffee.png"}),
    "library add": ("library add {0}/library {0}/EP/05_Temp --role temp", {"EP/05_Temp/other.png"}),
    "library import": ("library import {0}/library {0}/log.xlsx", {"log.xlsx"}),
    "library search": ("library search {0}/library {0}/EP/01_Final/shot.png --pictures {1}/pairs", {"EP/01_Final/shot.png"}),
    "library verify": ("library verify {0}/library --files", {"scans/coffee.png"}),
    "register check": ("register check {0}/uses.xlsx", {"uses.xlsx"}),
}  # fmt: skip
"""What is run, and files that it has to open."""

OFTEN = ("judge", "explain", "library add", "register check")


@pytest.mark.usefixtures("by_scan")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.thorough] * (name not in OFTEN)) for name in COMMANDS]
)
def test_media_and_tables_are_opened_by_workers_alone(name: str, place: Path) -> None:
    words, known = COMMANDS[name]
    here, elsewhere = opened(place, *words.format(place, outside(place)).split())
    assert known <= elsewhere, "nothing was watched"
    assert here == set()


@pytest.mark.usefixtures("by_scan")
@pytest.mark.parametrize(
    "words", ["report {1}/scan/records.jsonl --format json", "diff {1}/scan/records.jsonl {1}/scan/records.jsonl"]
)
def test_reports_open_no_medium(words: str, place: Path) -> None:
    assert opened(place, *words.format(place, outside(place)).split()) == (set(), set())


def _flat_png(path: Path, side: int) -> None:
    """Grey of that side, in colour: small on the disk, and large when it is decoded."""
    row = b"\0" + bytes([90]) * (3 * side)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in chunks:
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_a_large_temporary_still_does_not_grow_the_parent(tmp_path: Path) -> None:
    """It has 64 megapixels: 190 MB decoded, several times that while it is fingerprinted."""
    (tmp_path / "EP/05_Temp").mkdir(parents=True)
    (tmp_path / "EP/01_Final").mkdir()
    _flat_png(tmp_path / "EP/05_Temp/large.png", 8_000)
    photograph("cat", (480, 360)).save(tmp_path / "EP/01_Final/shot.png")
    watch = {"PYTHONPATH": str(WATCHED), "PEAK": str(tmp_path / "peak"), "PROVSCAN_CACHE": str(tmp_path / "cache")}
    done = provscan("scan", tmp_path / "EP", "--format", "jsonl", "--jobs", "1", env=watch)
    assert done.returncode == 0, done.stderr
    assert int((tmp_path / "peak").read_text()) < 400 << 10
