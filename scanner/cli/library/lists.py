"""`provscan library list|show|stats`: references as a table, importable CSV or JSON; one in full; counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

import click
from rich.table import Table

from fingerprints.library.library import Library
from fingerprints.model import Clip, Details, Reference
from media.errors import LibraryError
from media.tables import csv_line
from scanner.cli.library.opening import ROLES, find_reference, folder_argument, open_library
from scanner.cli.options import redact_option
from scanner.cli.terminal import out, plain
from scanner.records.redacted_references import redact_reference
from scanner.reports.wording import inert

__all__ = ["count_contents", "list_references", "show_reference"]

_FORMATS = ("table", "csv", "json", "jsonl")


@click.command("list")
@folder_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="table",
    show_default=True,
    help="Output format; `csv` can be imported, `json` is one document, `jsonl` a line for each reference.",
)
@click.option("--role", type=ROLES, help="List only references of this role. [all roles]")
@click.option("--expired", is_flag=True, help="List only references whose licence has expired.")
@redact_option
def list_references(folder: Path, form: str, role: str | None, *, expired: bool, redact: bool) -> None:
    """List the references."""
    with open_library(folder) as opened:
        chosen = (one for one in opened.references() if role is None or one.details.role == role)
        today = date.today().isoformat()
        kept = (one for one in chosen if not expired or "" < one.details.valid_until < today)
        for block in _list_blocks(form, map(redact_reference, kept) if redact else kept):
            click.echo(block) if isinstance(block, str) else out().print(block)


@click.command("show")
@folder_argument
@click.argument("name", metavar="ID")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JPEG file to write its small picture to; for a video, one of its frames. [none]",
)
@redact_option
def show_reference(folder: Path, name: str, picture: Path | None, *, redact: bool) -> None:
    """Show all data of a reference."""
    with open_library(folder) as opened:
        reference = find_reference(opened, name)
        out().print(_describe(opened, reference, redact_reference(reference) if redact else reference))
        if picture is None:
            return
        middle = (
            reference.key_images[len(reference.key_images) // 2 if reference.clip else 0]
            if reference.key_images
            else None
        )
        data = None if middle is None else opened.catalogue.thumbnail(middle)
        if data is None:
            why = "was exported without pictures" if reference.key_images else f"has no picture of {name}"
            raise LibraryError(f"{folder} {why}")
        picture.write_bytes(data)


@click.command("stats")
@folder_argument
def count_contents(folder: Path) -> None:
    """Count the contents of a library."""
    with open_library(folder) as opened:
        counts = opened.catalogue.counts()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for name, count in (counts | {"hashes": len(opened.hash_index()), "bytes": size}).items():
            out().print(f"{name:20} {count}")
        for name, version in opened.catalogue.algorithms().items():
            out().print(f"{name:20} version {version}")


def _list_blocks(form: str, references: Iterable[Reference]) -> Iterator[str | Table]:
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


def _describe(library: Library, reference: Reference, shown: Reference) -> Table:
    """All that is known of one; `shown` is what may be printed of it."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(shown).items():
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
