"""The register of AI uses: finds the rows about a hit. Pure.

Rule: several rows may cover a hit together; what they leave out is stated. An additional approval never makes a
standing worse, and a row that was rejected later cancels those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from media.digest import WHOLE
from scanner.globs import folded
from scanner.judge.case import Hit
from scanner.judge.policy.binding import bind, in_episode, placed, weighed
from scanner.judge.policy.content import Content, asks_whole, content_of, digests_of
from scanner.judge.policy.declarations import NO_DECLARATIONS, Declarations
from scanner.judge.register.register_file import CLASSES, Declaration, RegisterFile
from scanner.judge.register.row import Row
from scanner.judge.register.row_index import RowIndex
from scanner.judge.register.span import locus_of
from scanner.model import Asset, Category, Examination, Kind

__all__ = ["Register"]


@dataclass(frozen=True, slots=True)
class Register:
    """All rows and declarations of a run, indexed by how they locate their material."""

    files: tuple[RegisterFile, ...] = ()
    approvers: tuple[str, ...] = ()
    """Who may approve: organisations, roles, or domains of addresses; empty: decided by the words of their roles."""
    rows: tuple[Row, ...] = field(init=False, repr=False, compare=False)
    """All rows, in the order of the files."""
    _index: RowIndex = field(init=False, repr=False, compare=False)
    _said: list[Declaration] = field(default_factory=list, init=False, repr=False, compare=False)
    _names_whole: bool = field(init=False, repr=False, compare=False)
    """Whether a row names whole content and no path: any file may be it."""

    def __post_init__(self) -> None:
        rows = self.files[0].rows if len(self.files) == 1 else tuple(row for file in self.files for row in file.rows)
        self._said.extend(self.declarations)
        # Frozen: these are made of `files` alone.
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "_index", RowIndex(rows))
        bare = any(row.digest.startswith(f"{WHOLE}:") and not row.glob for row in rows)
        object.__setattr__(self, "_names_whole", bare)

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """Declarations about the whole production or about episodes."""
        return tuple(said for file in self.files for said in file.declarations)

    @property
    def names(self) -> tuple[str, ...]:
        """The files and references that rows name, without patterns that stand for many."""
        globs = (row.glob for row in self.rows if row.glob and not set(row.glob) & set("*?") and not row.void)
        return (*globs, *(name for row in self.rows if not row.void for name in row.references))

    @property
    def is_loose(self) -> bool:
        """Whether some rows can be located only in the whole delivery: by a volume's path, or without any file."""
        return any(map(_is_loose, self.rows))

    def located(self, assets: Iterable[Asset]) -> Register:
        """The same register with such rows bound: a path of a volume to the one file with the same tail, and a timecode
        without a file to the only programme."""
        absolute = _paths_by_name(self.rows)
        ends: dict[tuple[str, int], set[str]] = {}
        programmes: set[str] = set()
        for asset in assets:
            place = f"{asset.root}/{asset.path}"
            if asset.kind is Kind.VIDEO and asset.category is Category.FINAL_PICTURE:
                programmes.add(place)
            tails = (f"/{folded(place)}", f"/{folded(asset.path)}")
            for key, path in absolute.get(tails[0].rpartition("/")[2], ()):
                if path.endswith(tails):
                    ends.setdefault(key, set()).add(place)
        places = {key: next(iter(found)) for key, found in ends.items() if len(found) == 1}
        if len(programmes) == 1:
            places.update((row.key, next(iter(programmes))) for row in self.rows if _is_of_any_programme(row))
        files = (replace(file, rows=tuple(_place_row(row, places) for row in file.rows)) for file in self.files)
        return Register(tuple(files), self.approvers)

    def find_declarations(self, examination: Examination, hit: Hit, day: date | None = None) -> Declarations:
        """What the rows declare about a hit."""
        rows = self._candidates(examination, (*hit.references, *hit.pictures), hit.contents, hit.id)
        if not rows:
            return NO_DECLARATIONS
        locus = locus_of(examination, hit.at)
        found = (bind(row, examination, hit, locus) for row in rows)
        bound = tuple(weighed(one, examination, hit, day) for one in found if one is not None)
        return Declarations(hit, locus, bound, self.approvers, day)

    def rows_by_name(self, examination: Examination) -> tuple[Row, ...]:
        """The rows that declare a use in this file: by its content, by a path that names files, or by an episode and a
        time of its picture. A path that fits any file names none."""
        asset = examination.asset
        named = (
            row
            for row in self.naming(examination)
            if (row.digest and _is_content(row, examination)) or (not row.digest and not row.is_broad)
        )
        is_programme = asset.kind is Kind.VIDEO and asset.category is Category.FINAL_PICTURE
        shots = (
            row
            for row in (self._candidates(examination) if is_programme else ())
            if row.is_shot and in_episode(row.cells["episode"], asset)
        )
        return (*named, *shots)

    def naming(self, examination: Examination) -> Iterator[Row]:
        """The rows that name an asset, whatever was found in it."""
        for row in self._candidates(examination):
            if _is_content(row, examination) or (row.glob and placed(row, examination.asset)):
                yield row

    def asks_whole(self, examination: Examination) -> bool:
        """Whether a row that may refer to an asset names content, and the asset was not digested whole."""
        asset = examination.asset
        return (self._names_whole and asks_whole(f"{WHOLE}:", examination)) or any(
            asks_whole(row.digest, examination)
            and (content_of(row.digest, examination) is Content.SAMPLE or not row.glob or placed(row, asset))
            for row in self._candidates(examination)
            if row.digest
        )

    def denials(self, asset: Asset, hit: Hit) -> Iterator[Declaration]:
        """Declarations about the whole that state less than was found."""
        for said in self._said:
            if hit.declared > CLASSES[said.classification] and in_episode(said.episode, asset):
                yield said

    def _candidates(
        self, examination: Examination, references: Iterable[str] = (), contents: Iterable[str] = (), finding: str = ""
    ) -> tuple[Row, ...]:
        return self._index.find(examination.asset, digests_of(examination), references, contents, finding)


def _paths_by_name(rows: Sequence[Row]) -> dict[str, list[tuple[tuple[str, int], str]]]:
    """A file's name → the rows that name it by a path of a volume, and that path."""
    found: dict[str, list[tuple[tuple[str, int], str]]] = {}
    for row in rows:
        if row.is_absolute:
            path = f"/{folded(row.glob)}"
            found.setdefault(path.rpartition("/")[2], []).append((row.key, path))
    return found


def _place_row(row: Row, places: Mapping[tuple[str, int], str]) -> Row:
    """The row with the one file that it means, where that is known; the same object where nothing changes."""
    if row.key not in places and not row.is_absolute:
        return row
    return replace(row, glob=places.get(row.key, row.glob), is_absolute=False)


def _is_content(row: Row, examination: Examination) -> bool:
    return content_of(row.digest, examination) in (Content.WHOLE, Content.SAMPLE)


def _is_loose(row: Row) -> bool:
    return row.is_absolute or _is_of_any_programme(row)


def _is_of_any_programme(row: Row) -> bool:
    """Whether it names a time and neither file, content, reference nor episode: a shot disclosure map of one film."""
    named = row.glob or row.digest or row.references or row.cells.get("episode", "").strip("* ")
    return bool(row.tc_in) and not named
