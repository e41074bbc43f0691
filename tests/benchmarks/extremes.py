"""What is very large, and what is very many: sparse masters, and a tree of 100,000 files."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil

from fixtures.carriers import CARRIERS
from media.digest import DigestMode
from scanner.discover.discover import discover
from scanner.examinations import HeldExaminations
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import load_policy
from scanner.judge.rules import Engine, load_rules
from scanner.model import Examination
from tests.benchmarks.measure import Sample, repeat
from tests.benchmarks.table import table

__all__ = ["huge_files", "many_files"]

GIB = 1 << 30
MANY = 100_000
TIMES = 5


def _carrier(name: str) -> bytes:
    (carrier,) = (each for each in CARRIERS if each.name == name)
    return carrier.lay({carrier.keys[0]: carrier.words})


def _mp4(path: Path) -> None:
    """`ftyp`, a sparse `mdat` of 10 GiB, and the `moov` of a real clip behind it: its tags without its pictures."""
    small = _carrier("mp4-keys")
    boxes, at = {}, 0
    while at + 8 <= len(small):
        size, code = struct.unpack_from(">I4s", small, at)
        boxes[code] = small[at : at + size]
        at += size
    with path.open("wb") as file:
        file.write(boxes[b"ftyp"] + struct.pack(">I4sQ", 1, b"mdat", 10 * GIB))
        file.seek(10 * GIB - 16, os.SEEK_CUR)
        file.write(boxes[b"moov"])


def _rf64(path: Path) -> None:
    """An RF64 of 4 GiB of silence, `bext` and `AIGC` behind the sound."""
    sound, label = 4 * GIB, b'{"Label":"1","ContentProducer":"EP101"}'
    tail = b"AIGC" + struct.pack("<I", len(label)) + label + b"\0" * (len(label) % 2)
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 2, 48000, 192000, 4, 16)
    sizes = b"ds64" + struct.pack("<IQQQI", 28, 4 + 36 + len(form) + 8 + sound + len(tail), sound, sound // 4, 0)
    with path.open("wb") as file:
        file.write(b"RF64\xff\xff\xff\xffWAVE" + sizes + form + b"data\xff\xff\xff\xff")
        file.seek(sound, os.SEEK_CUR)
        file.write(tail)


def huge_files(work: Path) -> Iterator[str]:
    """Time and bytes that the tags of a huge file take; its digest is apart."""
    rows = []
    for name, make in (("10 GiB MP4, moov at the end", _mp4), ("4 GiB RF64, AIGC at the end", _rf64)):
        path = work / ("huge.mp4" if make is _mp4 else "huge.wav")
        make(path)
        for mode in (DigestMode.NONE, DigestMode.AUTO):
            settings, seen = ExamineSettings(digest=mode), []

            def look(settings: ExamineSettings = settings, path: Path = path, seen: list[Examination] = seen) -> Sample:
                began, cpu = time.perf_counter(), time.process_time()
                (asset,) = discover([path])
                seen.append(examine(asset, settings))
                return Sample(time.perf_counter() - began, time.process_time() - cpu)

            before = _read_bytes()
            look()
            touched = _read_bytes() - before
            series = repeat(name, TIMES, look)
            found = any(item.key.endswith("AIGC") for item in seen[0].evidence)
            problems = ", ".join(problem.code for problem in seen[0].problems) or "none"
            rows.append(
                (
                    name,
                    f"digest {mode}",
                    f"{series.wall * 1000:.0f}",
                    series.spread,
                    f"{touched / 1e6:.2f}",
                    str(found),
                    problems,
                )
            )
        path.unlink()
    heads = ("file", "asked for", "wall ms", "min-max s", "MB read", "tag found", "problems")
    yield table(heads, rows)


def _read_bytes() -> int:
    """Bytes that this process read by system calls, from whatever cache."""
    io = Path("/proc/self/io")
    return int(io.read_text().split("rchar:")[1].split()[0]) if io.exists() else 0


def many_files(work: Path) -> Iterator[str]:
    """How fast a tree is walked, what memory that takes, and how fast its records are judged."""
    root, data = work / "many", _carrier("png-text")
    for number in range(MANY):
        if number % 1000 == 0:
            folder = root / f"{number // 10_000:02d}" / f"{number // 1000 % 10:02d}"
            folder.mkdir(parents=True)
        (folder / f"{number * 7919 % MANY}x{number}.png").write_bytes(data)
    process, before = psutil.Process(), psutil.Process().memory_info().rss
    began, peak, found = time.perf_counter(), 0, 0
    for found, asset in enumerate(discover([root]), 1):  # noqa: B007
        if found % 5000 == 0:
            peak = max(peak, process.memory_info().rss - before)
    walked = time.perf_counter() - began
    tracemalloc.start()
    for _ in discover([root]):
        pass
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    seen = examine(asset, ExamineSettings())
    judgement = Judgement(Engine(load_rules()), load_policy("netflix-2025"))
    began = time.perf_counter()
    judged = sum(1 for _ in conclude(HeldExaminations([seen] * 20_000), judgement))
    seconds = time.perf_counter() - began
    rows = [
        (
            "discover",
            f"{found} files",
            f"{found / walked:,.0f} a second",
            f"peak {held / 1e6:.1f} MB of objects, {peak / 1e6:.1f} MB resident more",
        ),
        ("conclude", f"{judged} examinations", f"{judged / seconds:,.0f} a second", "a generated PNG with parameters"),
    ]
    yield table(("stage", "of", "rate", ""), rows)
