"""`provscan library search DIR IMAGE`: which references does a picture show, and how do they lie in it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from fingerprints.library.library import Library
from fingerprints.stills.match import Matcher
from fingerprints.stills.placing import PictureMatch
from fingerprints.stills.side_by_side import side_by_side
from media.still import DETAIL_SIDE, Picture, jpeg, open_picture
from media.work.share import limit_worker
from scanner.cli.library.opening import as_library_errors, call_sealed, folder_argument
from scanner.cli.options import memory_option, redact_option
from scanner.cli.terminal import out, plain
from scanner.records.masking import hide

__all__ = ["search_image"]

_SEARCH_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class SearchHit:
    """A reference that the picture shows."""

    match: PictureMatch
    role: str
    pair: bytes | None = None
    """JPEG of the two side by side; None where the library has no picture of it, or none was asked for."""

    def redacted(self) -> SearchHit:
        """Without the reference's id."""
        return replace(self, match=replace(self.match, reference=hide(self.match.reference)))


@click.command("search")
@folder_argument
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for pictures of each match beside its reference. [none]",
)
@memory_option("an error")
@redact_option
def search_image(folder: Path, image: Path, pictures: Path | None, memory: int | None, *, redact: bool) -> None:
    """Find the references in a picture, also cropped, graded, mirrored or as a part of it."""
    limit_worker(memory)
    with as_library_errors():
        hits = call_sealed(image, look_up, _SEARCH_SECONDS, folder, image, with_pairs=pictures is not None)
        _print_hits([hit.redacted() for hit in hits] if redact else hits, pictures)


def look_up(folder: Path, image: Path, *, with_pairs: bool) -> list[SearchHit]:
    """The references of the library in `folder` that a picture shows, best first. Opens it: runs in a sealed worker."""
    with Library.open(folder) as library:
        picture = open_picture(image, at_least=DETAIL_SIDE)
        return [
            SearchHit(found, _role(library, found.reference), _pair(library, picture, found) if with_pairs else None)
            for found in Matcher(library).match(picture)
        ]


def _print_hits(hits: Sequence[SearchHit], pictures: Path | None) -> None:
    """Print what is found, and write the pairs side by side."""
    if not hits:
        click.echo("No reference was found. This does not prove that the picture is original.", err=True)
        return
    table = Table(
        "reference", "role", "relation", "score", "threshold", "position in the picture", box=None, pad_edge=False
    )
    for hit in hits:
        match = hit.match
        table.add_row(
            plain(match.reference), hit.role, match.relation, str(match.score), str(match.threshold), _place(match)
        )
    out().print(table)
    if pictures is not None:
        _write(hits, pictures)


def _place(match: PictureMatch) -> str:
    box = match.region
    flip = ", mirrored" if match.flip else ""
    return f"{box.x:.0f}–{box.x + box.w:.0f} % across, {box.y:.0f}–{box.y + box.h:.0f} % down{flip}"


def _role(library: Library, name: str) -> str:
    reference = library.reference(name)
    return str(reference.details.role) if reference else ""


def _pair(library: Library, picture: Picture, match: PictureMatch) -> bytes | None:
    thumbnail = library.thumbnail(match.ordinal)
    return None if thumbnail is None else jpeg(side_by_side(picture, thumbnail, match.matrix))


def _write(hits: Sequence[SearchHit], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, hit in enumerate(hits, 1):
        if hit.pair is None:
            click.echo(
                f"{plain(hit.match.reference)} has no picture: the library was exported without pictures", err=True
            )
            continue
        (folder / f"{number:03}.jpg").write_bytes(hit.pair)
