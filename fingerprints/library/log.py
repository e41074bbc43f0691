"""Reads an archival log, CSV or XLSX, as archival producers keep it: one row for each source, columns by many names.

Every row is checked before anything is added; bad ones are reported by their number in the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from fingerprints.library.adding import Addition
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.vocabulary import Quality, Role
from media.errors import LibraryError
from media.tables import Cell, SheetFault, SheetRow, read_table

__all__ = ["COLUMNS", "BadRow", "Log", "read_log", "read_log_for"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("arc_id", "id", "item_id", "ref", "reference", "archive_id", "source_id"),
    "title": ("title", "description", "caption"),
    "source": ("source", "source_archive", "archive", "supplier", "agency"),
    "source_item_id": ("source_item_id", "agency_id", "collection_id"),
    "collection": ("collection",),
    "rights": ("rights", "licence_status", "license_status", "rights_holder", "clearance"),
    "licence": ("licence", "license", "licence_ref", "license_ref", "agreement"),
    "ai_terms": ("ai_terms", "ai", "ai_clause"),
    "quality": ("quality", "material"),
    "valid_until": ("valid_until", "expires", "expiry", "licence_end", "license_end", "term_end"),
    "uses": ("uses", "permitted_uses", "permitted_use", "media", "licensed_media", "media_rights", "usage"),
    "territory": ("territory", "territories", "territory_term", "licensed_territory", "region"),
    "role": ("role", "kind"),
    "sha256": ("sha256_master", "sha256", "checksum"),
    "file_master": ("file_master", "master"),
    "file": ("file", "filename", "file_name", "path"),
    "file_screener": ("file_screener", "screener"),
}
"""Field → the headings that mean it, without regard to case, spaces and punctuation."""

_QUALITIES: Mapping[str, Quality] = {
    **{quality.value: quality for quality in Quality},
    "online": Quality.MASTER,
    "screener": Quality.PREVIEW,
    "comp": Quality.WATERMARKED,
}
_ROLES: Mapping[str, Role] = {**{role.value: role for role in Role}, "archive": Role.ARCHIVAL, "ai made": Role.AI_MADE}
T = TypeVar("T")
MAX_ROWS = 500_000
_DAY = len("2031-12-31")
"""What of a spreadsheet's date and time is kept."""
_NUMBER = re.compile(r"%0?\d*d|#+")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be added."""

    number: int
    """Its number in the sheet, headings being row 1."""
    message: str


@dataclass(frozen=True, slots=True)
class Log:
    """An archival log."""

    items: tuple[Addition, ...]
    bad: tuple[BadRow, ...]
    unread: tuple[str, ...] = field(default=())
    """Headings that are not understood."""


Kept = Callable[[str], Path | None]
"""Id of a reference → the file that it was read from, or the first of its frames."""


def read_log(path: Path, *, role: Role = Role.ARCHIVAL, root: Path | None = None, kept: Kept = lambda _: None) -> Log:
    """Read the log's rows as items. File names are relative to `root`, or to the log's folder. A missing file is no
    fault where it is the one that is `kept` under that id. Raises `LibraryError` for a file that is not a log."""
    rows = _rows(path)
    first = next(rows, None)
    headings = tuple(cell.text for cell in first.cells) if first else ()
    columns = {heading: what for heading in headings if (what := _meaning(heading))}
    meant = set(columns.values())
    if "id" not in meant or not meant & {"file", "file_master", "file_screener"}:
        wanted = "an id (arc_id, id …) and a file (file_master, file, file_screener …)"
        raise LibraryError(f"{path}: a log needs columns for {wanted}; it has: {', '.join(headings) or 'none'}")
    items: dict[str, Addition] = {}
    bad = []
    for row in rows:
        said = _read_cells(columns, headings, row.cells)
        if not any(said.values()):
            continue
        try:
            item = _item(said, row.number, role, root or path.absolute().parent, kept)
            if (earlier := items.get(item.details.id)) is not None:
                raise ValueError(f"the id {item.details.id} is already used in row {earlier.row}")
            items[item.details.id] = item
        except ValueError as error:
            bad.append(BadRow(row.number, str(error)))
    return Log(
        tuple(items.values()), tuple(bad), tuple(heading for heading in headings if heading and heading not in columns)
    )


def read_log_for(folder: Path, path: Path, *, role: Role = Role.ARCHIVAL, root: Path | None = None) -> Log:
    """The log's rows as items for the library in `folder`, whose files may be away now. See `read_log`."""
    with Library.open(folder) as library:

        def kept(name: str) -> Path | None:
            found = library.reference(name)
            return Path(found.file) if found is not None else None

        return read_log(path, role=role, root=root, kept=kept)


def _meaning(heading: str) -> str | None:
    plain = re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")
    return next((what for what, names in COLUMNS.items() if plain in names), None)


def _rows(path: Path) -> Iterator[SheetRow]:
    try:
        yield from read_table(path, most=MAX_ROWS)
    except SheetFault as fault:
        raise LibraryError(str(fault)) from fault


def _read_cells(columns: Mapping[str, str], headings: tuple[str, ...], cells: tuple[Cell, ...]) -> dict[str, str]:
    """What a row says; of two columns for one thing, the first that is filled."""
    said: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if (what := columns.get(heading)) and not said.get(what):
            said[what] = cell.text[:_DAY] if cell.was == "date" else cell.text
    return said


def _item(said: dict[str, str], number: int, role: Role, root: Path, kept: Kept) -> Addition:
    if not said.get("id"):
        raise ValueError("no id")
    key = next((key for key in ("file_master", "file", "file_screener") if said.get(key)), None)
    if key is None:
        raise ValueError("no file")
    assumed = Quality.PREVIEW if key == "file_screener" else Quality.MASTER if key == "file_master" else Quality.SCAN
    source = (said.get("source"), said.get("collection"), said.get("source_item_id"))
    details = Details(
        id=said["id"],
        role=_one_of(said.get("role", ""), _ROLES, role, "role"),
        title=said.get("title", ""),
        source=" · ".join(filter(None, source)),
        rights=said.get("rights", ""),
        licence=said.get("licence", ""),
        ai_terms=said.get("ai_terms", ""),
        quality=_one_of(said.get("quality", ""), _QUALITIES, assumed, "quality"),
        valid_until=_date(said.get("valid_until", "")),
        uses=said.get("uses", ""),
        territory=said.get("territory", ""),
    )
    sha256 = said.get("sha256", "") if key != "file_screener" else ""
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ValueError(f"{sha256!r} is no SHA-256")
    try:
        files = _files(said[key], root, kept(details.id))
    except OSError as error:  # a name that is too long, or a folder that may not be read
        raise ValueError(f"{said[key]} cannot be read: {error.strerror or error}") from error
    return Addition(files, details, sha256=sha256, row=number)


def _one_of(said: str, known: Mapping[str, T], otherwise: T, what: str) -> T:
    plain = said.lower().strip()
    if not plain:
        return otherwise
    if plain not in known:
        raise ValueError(f"{said!r} is no {what}: one of {', '.join(known)}")
    return known[plain]


def _date(said: str) -> str:
    if said:
        try:
            date.fromisoformat(said)
        except ValueError:
            raise ValueError(f"{said!r} is not a date; write 2031-12-31") from None
    return said


def _files(said: str, root: Path, kept: Path | None) -> tuple[Path, ...]:
    """One file, or the frames of a pattern such as `scan.%04d.dpx` or `scan.####.dpx`; what is `kept` may be away."""
    path = root / Path(said.replace("\\", "/"))
    kept = kept if kept is not None and kept.parent == path.absolute().parent else None
    if _NUMBER.search(path.name) and not path.exists():
        pattern = re.compile(r"\d+".join(map(re.escape, _NUMBER.split(path.name))))
        frames = sorted(_matching(path.parent, pattern.fullmatch), key=lambda one: (len(one.name), one.name))
        if not frames and kept is not None and pattern.fullmatch(kept.name):
            return (kept,)
        if not frames:
            raise ValueError(f"no frames of {path}")
        return tuple(frames)
    if not path.is_file() and path.absolute() != kept:
        raise ValueError(f"no file {path}")
    return (path,)


def _matching(folder: Path, is_frame: Callable[[str], object]) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if is_frame(path.name))
