"""The register of AI uses: finds the rows about a hit. Pure.

Rule: several rows may cover a hit together; what they leave out is stated. An additional approval never makes a
standing worse, and a row that was rejected later cancels those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from scanner.globs import folded
from scanner.judge.case import Hit
from scanner.judge.policy.binding import bind, in_episode, placed, weighed
from scanner.judge.policy.content import Content, asks_whole, content_of, digests_of
from scanner.judge.policy.declarations import NO_DECLARATIONS, Declarations
from scanner.judge.register.register_file import CLASSES, Declaration, RegisterFile
from scanner.judge.register.row import Row
from scanner.judge.register.span import locus_of
from scanner.model import Asset, Category, Examination, Kind

__all__ = ["Register"]


@dataclass(frozen=True, slots=True)
class Register:
    """All rows and declarations of a run, indexed by how they locate their material."""

    files: tuple[RegisterFile, ...] = ()
    approvers: tuple[str, ...] = ()
    """Who may approve: organisations, roles, or domains of addresses; empty: decided by the words of their roles."""
    _by: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _said: list[Declaration] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._said.extend(self.declarations)
        for row in self.rows:
            for key in _keys(row):
                self._by.setdefault(key, []).append(row)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in the order of the files."""
        return tuple(row for file in self.files for row in file.rows)

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
        absolute = {row.key: f"/{folded(row.glob)}" for row in self.rows if row.is_absolute}
        ends: dict[tuple[str, int], set[str]] = {}
        programmes: set[str] = set()
        for asset in assets:
            place = f"{asset.root}/{asset.path}"
            if asset.kind is Kind.VIDEO and asset.category is Category.FINAL_PICTURE:
                programmes.add(place)
            tails = (f"/{folded(place)}", f"/{folded(asset.path)}")
            for key, path in absolute.items():
                if path.endswith(tails):
                    ends.setdefault(key, set()).add(place)
        places = {key: next(iter(found)) for key, found in ends.items() if len(found) == 1}
        if len(programmes) == 1:
            places.update((row.key, next(iter(programmes))) for row in self.rows if _is_of_any_programme(row))
        files = (
            replace(
                file,
                rows=tuple(replace(row, glob=places.get(row.key, row.glob), is_absolute=False) for row in file.rows),
            )
            for file in self.files
        )
        return Register(tuple(files), self.approvers)

    def find_declarations(self, examination: Examination, hit: Hit, day: date | None = None) -> Declarations:
        """What the rows declare about a hit."""
        rows = self._candidates(examination, (*hit.references, *hit.pictures), hit.contents)
        if not rows:
            return NO_DECLARATIONS
        locus = locus_of(examination, hit.at)
        found = (bind(row, examination, hit, locus) for row in rows)
        bound = tuple(weighed(one, examination, hit, day) for one in found if one is not None)
        return Declarations(hit, locus, bound, self.approvers, day)

    def rows_by_name(self, examination: Examination) -> tuple[Row, ...]:
        """The rows that declare a use in this file: by its content, by a path that names files, or by an episode and a
        time of its picture. A path that fits any file names none."""
        if not self._by:
            return ()
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
        return any(
            asks_whole(row.digest, examination)
            and (content_of(row.digest, examination) is Content.SAMPLE or not row.glob or placed(row, asset))
            for row in self.rows
            if row.digest
        )

    def denials(self, asset: Asset, hit: Hit) -> Iterator[Declaration]:
        """Declarations about the whole that state less than was found."""
        for said in self._said:
            if hit.declared > CLASSES[said.classification] and in_episode(said.episode, asset):
                yield said

    def _candidates(
        self, examination: Examination, references: Iterable[str] = (), contents: Iterable[str] = ()
    ) -> tuple[Row, ...]:
        if not self._by:
            return ()
        asset = examination.asset
        path = folded(f"{asset.root}/{asset.path}")
        parts = (f"n {part}" for part in path.split("/"))
        contents_ = (f"d {name}" for name in digests_of(examination))
        keys = (*contents_, f"p {folded(asset.path)}", f"p {path}", *parts, "*")
        elements = (key for name in references for key in (f"r {name}", *_tails(name)))
        keys = (*keys, *elements, *(f"d xxh3-128:{value}" for value in contents))
        return tuple({row.key: row for key in keys for row in self._by.get(key, ())}.values())


def _is_content(row: Row, examination: Examination) -> bool:
    return content_of(row.digest, examination) in (Content.WHOLE, Content.SAMPLE)


def _tails(name: str) -> Iterator[str]:
    """Under what a row that names a recognised file by its path is looked up."""
    path = folded(name)
    yield from (f"p {path}", f"p {path.partition('/')[2]}", f"n {path}")


def _is_loose(row: Row) -> bool:
    return row.is_absolute or _is_of_any_programme(row)


def _is_of_any_programme(row: Row) -> bool:
    """Whether it names a time and neither file, content, reference nor episode: a shot disclosure map of one film."""
    named = row.glob or row.digest or row.references or row.cells.get("episode", "").strip("* ")
    return bool(row.tc_in) and not named


def _keys(row: Row) -> Iterator[str]:
    """Under what a row is looked up. One that names its file is not asked about every other."""
    if row.digest and row.digest != "?":
        yield f"d {row.digest}"
    yield from (f"r {name}" for name in row.references)
    if row.glob and not set(row.glob) & set("*?"):
        yield f"{'p' if '/' in row.glob else 'n'} {folded(row.glob)}"
    elif row.glob or row.tc_in:
        yield "*"
