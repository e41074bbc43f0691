"""What a repair of a library did, in words, and the list of what must be added again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from fingerprints.library.rebuilding import DAMAGED, LostReference
from fingerprints.library.repair import Repaired
from media.tables import csv_line
from scanner.cli.terminal import plain
from scanner.reports.wording import count, inert

__all__ = ["repair_lines", "write_lost"]


def write_lost(path: Path, lost: Sequence[LostReference]) -> None:
    """Append them to a list that `library import` reads."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if is_new:
            file.write(csv_line(["id", "file", "lost because"]))
        for one in lost:
            file.write(csv_line([inert(cell, keep="\n") for cell in (one.id, one.file, one.why)]))


def repair_lines(done: Repaired, folder: Path, lost: Path, *, check: bool) -> Iterator[str]:
    """The report of a repair, or of what one would do."""
    will = "would be " if check else ""
    if not done.is_needed:
        yield f"{plain(str(folder))} is whole: {count(done.kept, 'reference')}"
        return
    for one in done.lost:
        yield f"lost: {plain(one.id)} ({plain(one.file or 'its file is not known')}): {plain(one.why)}"
    for name in done.thumbnails:
        yield f"{plain(name)}: a small picture is damaged and {will}removed; the reference is found as before"
    if done.segments:
        yield f"{count(done.segments, 'segment')} of fingerprints {will}rebuilt"
    if done.strays:
        yield f"{count(done.strays, 'key image')} that belonged to no reference {will}removed"
    if done.is_new_catalogue:
        kept = "" if check else f"; the damaged one is kept as {DAMAGED}"
        yield f"the catalogue {will}rebuilt{kept}"
    yield f"{count(done.kept, 'reference')} kept, {len(done.lost)} lost"
    if done.lost and not check:
        yield f"Add what is lost again: provscan library import {plain(str(folder))} {plain(str(lost))}"
