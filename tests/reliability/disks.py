"""Scans on a disk without room: a small file system of its own, which needs root on Linux."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.process import PATIENCE
from tests.reliability.bench import Bench, Row, codes_of, last_line, left, unfinished

__all__ = ["full_output_disk", "full_temporary_folder"]


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[bool]:
    """A file system of its own with little room; False where this machine does not allow it."""
    folder.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True, check=False
    )
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def full_output_disk(bench: Bench) -> Row | None:
    """The second scan into a folder finds no room: the documents of the first stay as they were."""
    with _small_disk(bench.folder / "disk", "1m") as is_made:
        if not is_made:
            return None
        out = bench.folder / "disk/out"
        cache = bench.fresh("disk")[1]
        bench.run("--out", out, "--cache", cache, "--matching", "off", "--format", "jsonl")
        before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
        with suppress(OSError), (bench.folder / "disk/filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        process = bench.start("--out", out, "--cache", cache, "--matching", "off")
        _, said = process.communicate(timeout=PATIENCE)
        after = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
        stale = unfinished(bench.folder / "disk")
        kept = f"the old folder {'is unchanged' if after == before else 'CHANGED'}; {stale} temporary folders; {last_line(said)}"
        return Row(
            "no room for the output folder", "4", codes_of({process.returncode}), bench.lost(out), left(process), kept
        )


def full_temporary_folder(bench: Bench) -> Row | None:
    """No room in the temporary folder, and the records nowhere else."""
    with _small_disk(bench.folder / "small", "64k") as is_made:
        if not is_made:
            return None
        # Room for a probe, so that it is taken for a folder that can be written; not for the records.
        (bench.folder / "small/filler").write_bytes(bytes(32 << 10))
        small = str(bench.folder / "small")
        process = bench.start("--no-cache", env={"TMPDIR": small, "SQLITE_TMPDIR": small})
        _, said = process.communicate(timeout=PATIENCE)
        return Row(
            "no room in the temporary folder",
            "4",
            codes_of({process.returncode}),
            "no run",
            left(process),
            last_line(said),
        )
