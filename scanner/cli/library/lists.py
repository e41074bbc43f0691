"""References as a table, as CSV that `library import` reads, as JSON or JSON lines; and one of them in full."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

from rich.table import Table

from fingerprints.library.library import Library
from fingerprints.model import Clip, Details, Reference
from media.tables import csv_line
from scanner.cli.terminal import plain
from scanner.reports.wording import inert

__all__ = ["FORMATS", "listed", "shown"]

FORMATS = ("table", "csv", "json", "jsonl")


def listed(form: str, references: Iterable[Reference]) -> Iterator[str | Table]:
    """Blocks to print."""
    if form == "table":
        yield _table(references)
    elif form == "json":
        yield json.dumps([_facts(reference) for reference in references], ensure_ascii=False, indent=1)
    elif form == "jsonl":
        yield from (json.dumps(_facts(reference), ensure_ascii=False) for reference in references)
    else:
        yield _csv((*(field.name for field in fields(Details)), "file"))
        yield from (_csv((*asdict(one.details).values(), _pattern(one))) for one in references)


def shown(library: Library, reference: Reference) -> Table:
    """All that is known of one."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(reference).items():
        table.add_row(name, plain(str(value), 1000))
    for ordinal in reference.key_images:
        if (key_image := library.key_image(ordinal)) is not None:
            table.add_row(plain(key_image.at) or "picture", f"{key_image.width} × {key_image.height}")
    is_there = library.original(reference) is not None
    table.add_row("original", "unchanged at its path" if is_there else "missing or changed")
    return table


def _table(references: Iterable[Reference]) -> Table:
    table = Table(
        "id", "role", "quality", "title", "source", "valid until", "licensed for", "pictures", "lasts",
        box=None, pad_edge=False,
    )  # fmt: skip
    for one in references:
        said = one.details
        permitted = " · ".join(filter(None, (said.uses, said.territory)))
        words = (said.id, said.role, said.quality, said.title, said.source, said.valid_until, permitted)
        table.add_row(*(plain(word, 60) for word in words), str(len(one.key_images)), _length(one))
    return table


def _facts(reference: Reference) -> dict[str, object]:
    return {
        **asdict(reference.details),
        "file": reference.file,
        "digest": f"xxh3-128:{reference.digest}",
        "size": reference.size,
        "added": reference.added,
        "pictures": len(reference.key_images),
        **(_of_clip(reference.clip) if reference.clip else {}),
    }


def _of_clip(clip: Clip) -> dict[str, object]:
    return {"seconds": round(clip.seconds, 3), "rate": clip.rate, "sound": clip.has_sound}


def _length(reference: Reference) -> str:
    return f"{reference.clip.seconds:.1f} s" if reference.clip else ""


def _pattern(reference: Reference) -> str:
    """The file; of a sequence, with `#` for its number."""
    path = Path(reference.file)
    if reference.clip or len(reference.key_images) < 2 or path.suffix.lower() == ".pdf":
        return reference.file
    return str(path.with_name(re.sub(r"\d+(?=\D*$)", lambda found: "#" * len(found[0]), path.name)))


def _csv(cells: Iterable[object]) -> str:
    return csv_line([inert(str(cell), keep="\n") for cell in cells]).rstrip("\r\n")
