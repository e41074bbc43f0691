"""`provscan library search DIR IMAGE`: which references does a picture show, and how do they lie in it?"""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from fingerprints.library import Library
from fingerprints.match import Matcher, PictureMatch
from fingerprints.side_by_side import side_by_side
from media.still import DETAIL_SIDE, Picture, jpeg, open_picture
from scanner.cli.terminal import out, plain

__all__ = ["search"]


def search(library: Library, image: Path, pictures: Path | None) -> None:
    """Print what is found, best first, and write the pairs side by side."""
    picture = open_picture(image, at_least=DETAIL_SIDE)
    found = Matcher(library).match(picture)
    if not found:
        click.echo("No reference was found. That does not mean that none of it comes from elsewhere.", err=True)
        return
    table = Table("reference", "role", "relation", "score", "needed", "in the picture", box=None, pad_edge=False)
    for match in found:
        reference = library.reference(match.reference)
        role = reference.details.role if reference else ""
        table.add_row(
            plain(match.reference), role, match.relation, str(match.score), str(match.threshold), _place(match)
        )
    out().print(table)
    if pictures is not None:
        _write(library, picture, found, pictures)


def _place(match: PictureMatch) -> str:
    box = match.region
    flip = ", mirrored" if match.flip else ""
    return f"{box.x:.0f}–{box.x + box.w:.0f} % across, {box.y:.0f}–{box.y + box.h:.0f} % down{flip}"


def _write(library: Library, picture: Picture, found: tuple[PictureMatch, ...], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, match in enumerate(found, 1):
        if (thumbnail := library.thumbnail(match.ordinal)) is None:
            click.echo(f"{plain(match.reference)} was handed over without its picture", err=True)
            continue
        pair = side_by_side(picture, thumbnail, match.matrix)
        (folder / f"{number:03}.jpg").write_bytes(jpeg(pair))
