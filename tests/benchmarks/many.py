"""What is very long or very large: lists, cuts, registers, sequences, a programme of hours, a picture of gigapixels.

`python -m tests.benchmarks.many FOLDER RESULTS [CASE…]` makes each, scans it without a cache, and adds a line of JSON to
RESULTS: processor seconds, MiB of the parent and of the largest worker, size of the record.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import struct
import sys
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.benchmarks.scale import measure

__all__ = ["CASES"]


def _nothing(folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing much\n")


def _hash_list(folder: Path) -> None:
    """An MHL of 200,000 files that are not there."""
    with (folder / "A001_2026-01-01_000000.mhl").open("w", encoding="ascii") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n')
        for number in range(200_000):
            digest = hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest()
            file.write(
                f"<hash><file>A001/A001C{number:06}.mov</file><size>{number + 1}</size>"
                "<lastmodificationdate>2026-01-01T00:00:00Z</lastmodificationdate>"
                f"<md5>{digest}</md5><hashdate>2026-01-01T00:00:00Z</hashdate></hash>\n"
            )
        file.write("</hashlist>\n")


def _cut(folder: Path) -> None:
    """A CMX3600 list of 50,000 events of a second each."""

    def label(second: int) -> str:
        return f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}:00"

    with (folder / "EP101_V01.edl").open("w", encoding="ascii") as file:
        file.write("TITLE: EP101 V01\nFCM: NON-DROP FRAME\n\n")
        for number in range(50_000):
            times = " ".join(map(label, (number % 900, number % 900 + 1, number, number + 1)))
            file.write(f"{number % 999 + 1:03}  A{number % 40:03}     V     C        {times}\n")
            file.write(f"* FROM CLIP NAME: A{number % 40:03}_C{number:05}.mov\n")


_ROW = "EP101,EP101/vfx/sh{n:06}_comp_v01.mov,background,generated,Firefly,Adobe,01:00:00:00,01:00:10:00,approved"
_HEAD = "entry_id,episode,asset_glob,use_case,generated_or_altered,tool,vendor,tc_in,tc_out,status\n"


def _register(folder: Path) -> None:
    """A register of 200,000 rows, beside a delivery of one note."""
    _nothing(folder)
    with (folder.parent / "register.csv").open("w", encoding="ascii") as file:
        file.write(_HEAD)
        file.writelines(f"AI-{n:06},{_ROW.format(n=n)}\n" for n in range(200_000))


def _register_book(folder: Path) -> None:
    """The same as a workbook."""
    from openpyxl import Workbook

    _nothing(folder)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("register")
    sheet.append(_HEAD.strip().split(","))
    for n in range(200_000):
        sheet.append([f"AI-{n:06}", *_ROW.format(n=n).split(",")])
    book.save(folder.parent / "register.xlsx")


def _sequence(folder: Path) -> None:
    """10,000 numbers of DPX frames; every hundredth, and a thousand in a row, are missing."""
    head = bytearray(2048)
    struct.pack_into(">4sI8sI", head, 0, b"SDPX", 2048, b"V1.0\0\0\0\0", 2048 + 64 * 36 * 4)
    struct.pack_into(">HHII", head, 768, 0, 1, 64, 36)
    struct.pack_into(">BBBBHHI", head, 800, 50, 2, 2, 10, 1, 0, 2048)
    for number in range(10_000):
        if number % 100 and not 4000 <= number < 5000:
            frame = bytes(head) + struct.pack(">I", number * 4 << 2) * (64 * 36)
            (folder / f"EP101_SC014.{number + 86400:07}.dpx").write_bytes(frame)


def _programme(folder: Path) -> None:
    """Two hours of H.264, 320 × 180 at 25 frames a second, a key frame each two seconds: a minute, repeated."""
    minute, rate = folder.parent / "minute.mp4", 25
    with av.open(str(minute), "w") as file:
        stream = file.add_stream(
            "libx264", rate=rate, options={"preset": "ultrafast", "g": "50", "crf": "30", "bf": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        x, y = np.meshgrid(np.arange(320), np.arange(180))
        for number in range(60 * rate):
            picture = np.stack([(x + number) % 256, (y * 2 + number // 3) % 256, (x + y) % 256], -1).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    with av.open(str(folder / "EP101_MASTER_2500.mp4"), "w") as out:
        made = None
        for turn in range(120):
            with av.open(str(minute)) as source:
                stream = source.streams.video[0]
                made = made or out.add_stream_from_template(stream)
                shift = int(turn * 60 / (stream.time_base or Fraction(1, rate)))
                for packet in source.demux(stream):
                    if packet.dts is not None and packet.pts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, made
                        out.mux(packet)


def _tiff(path: Path, *, rows: int, strips: int, missing: bool = False) -> None:
    """A TIFF of 40,000 × 40,000 RGB, deflated in strips of so many rows; `missing`: only the first strip is there."""
    side = 40_000
    line = (np.arange(side * 3) // 90 % 256).astype(np.uint8).tobytes()
    strip = zlib.compress(line * rows, 1)
    count, at = strips, 8
    offsets = [at + len(strip) * (n if not missing else n * 40) for n in range(count)]
    tables = at + len(strip) * (1 if missing else count)
    with path.open("wb") as file:
        file.write(struct.pack("<2sHI", b"II", 42, tables + 8 * count + 6))
        for _ in range(1 if missing else count):
            file.write(strip)
        file.write(struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}I", *[len(strip)] * count))
        file.write(struct.pack("<3H", 8, 8, 8))
        entries = [
            (256, 4, 1, side), (257, 4, 1, side), (258, 3, 3, tables + 8 * count), (259, 3, 1, 8), (262, 3, 1, 2),
            (273, 4, count, tables), (277, 3, 1, 3), (278, 4, 1, rows), (279, 4, count, tables + 4 * count),
            (284, 3, 1, 1),
        ]  # fmt: skip
        file.write(struct.pack("<H", len(entries)))
        for tag, kind, number, value in entries:
            file.write(struct.pack("<HHII", tag, kind, number, value))
        file.write(struct.pack("<I", 0))


def _picture(folder: Path) -> None:
    """40,000 × 40,000 pixels, all there."""
    _tiff(folder / "mural_v01.tif", rows=64, strips=625)


def _lying_picture(folder: Path) -> None:
    """The same header, and one strip."""
    _tiff(folder / "mural_v01.tif", rows=64, strips=625, missing=True)


CASES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "nothing": (_nothing, ()),
    "MHL of 200,000 lines": (_hash_list, ()),
    "EDL of 50,000 events": (_cut, ()),
    "register of 200,000 rows, CSV": (_register, ("--register", "register.csv")),
    "register of 200,000 rows, XLSX": (_register_book, ("--register", "register.xlsx")),
    "sequence of 10,000 frames with holes": (_sequence, ()),
    "master of two hours": (_programme, ()),
    "TIFF of 40,000 × 40,000": (_picture, ()),
    "TIFF that states 40,000 × 40,000": (_lying_picture, ()),
}


def main() -> None:
    """Make, scan, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []])
    parser.add_argument("--label", default="")
    asked = parser.parse_args()
    for name in asked.cases or CASES:
        make, more = CASES[name]
        work = asked.folder / name.replace(" ", "_")
        shutil.rmtree(work, ignore_errors=True)
        root, out = work / "EP101", work / "out"
        root.mkdir(parents=True)
        make(root)
        flags = [str(work / word) if (work / word).exists() else word for word in more]
        command = [sys.executable, "-m", "scanner", "scan", root, "--no-cache", "--out", out, "--format", "jsonl",
                   "--matching", "off", "--marks", "off", *flags]  # fmt: skip
        measured: dict[str, Any] = {"case": name, "label": asked.label, **measure(command), "load": os.getloadavg()[0]}
        records = out / "records.jsonl"
        if records.exists():
            measured["kB of the records"] = records.stat().st_size / 1000
            first = json.loads(records.read_text("utf-8").splitlines()[0])
            measured["first"] = [problem["message"][:100] for problem in first["problems"]]
        with asked.results.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(measured) + "\n")
        sys.stdout.write(json.dumps(measured) + "\n")
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
