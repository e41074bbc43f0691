"""Libraries that older versions made, stored as they were: they open, answer, take more, and survive a kill meanwhile."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.catalogue import CATALOGUE
from fingerprints.library.checks import verify
from fingerprints.library.copying import ALREADY, export, merge
from fingerprints.library.library import Library
from fingerprints.library.repair import repair
from fingerprints.library.schema import SCHEMA
from fingerprints.model import Details
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Role
from fixtures.photos import photograph
from media.errors import LibraryError
from media.still import Picture
from tests.fingerprints.kills import run_killed

STORED = Path(__file__).parent / "libraries"
OLDER = range(1, SCHEMA)
NAMES = {1: ["moon", "rocket"], 2: ["moon", "rocket", "theme"], 3: ["moon", "rocket", "theme"]}


@pytest.fixture(params=OLDER)
def schema(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def folder(schema: int, tmp_path: Path) -> Path:
    with zipfile.ZipFile(STORED / f"schema-{schema}.zip") as stored:
        stored.extractall(tmp_path / "library")
    return tmp_path / "library"


def _stored_schema(folder: Path) -> int:
    with closing(sqlite3.connect(folder / CATALOGUE)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def _asked() -> dict[str, Picture]:
    return {name: np.asarray(photograph(name, (240, 180)))[10:, 12:] for name in ("rocket", "moon")}


def _answers(folder: Path) -> dict[str, list[tuple[str, str, float]]]:
    with Library.open(folder) as library:
        matcher = Matcher(library)
        return {
            name: [(one.reference, one.relation, one.score) for one in matcher.match(picture)]
            for name, picture in _asked().items()
        }


def _add(folder: Path, *names: str) -> list[Status]:
    items = []
    for name in names:
        photograph(name, (96, 72)).save(path := folder.parent / f"{name}.jpg", quality=90)
        items.append(Addition((path,), Details(id=name, role=Role.ARCHIVAL, uses="svod")))
    with Library.open(folder) as library:
        return [done.status for done in add(library, items)]


def test_every_older_schema_is_stored() -> None:
    assert {path.name for path in STORED.glob("*.zip")} == {f"schema-{number}.zip" for number in OLDER}


def test_it_opens_and_answers_as_a_new_one_and_is_not_changed_by_that(schema: int, folder: Path) -> None:
    before = (folder / CATALOGUE).read_bytes()
    with Library.open(folder) as library:
        moon, rocket, *sounds = library.references()
        assert [one.id for one in library.references()] == NAMES[schema]
        assert {one.details.licence for one in (moon, rocket)} == {f"L-{schema}"}
        assert {(one.details.uses, one.details.territory) for one in (moon, rocket)} == {
            ("SVOD", "GB") if schema > 2 else ("", "")
        }
        assert library.thumbnail(moon.key_images[0]) is not None
        assert [len(kept.programme.peaks.times) > 10 for kept in map(library.clip, sounds) if kept] == [True] * len(
            sounds
        )
        assert list(verify(library)) == []
    answers = _answers(folder)
    assert (folder / CATALOGUE).read_bytes() == before
    Library.create(folder.parent / "new").close()
    assert _add(folder.parent / "new", "rocket", "moon") == [Status.ADDED] * 2
    assert answers == _answers(folder.parent / "new")
    assert all(answers[name][0][0] == name for name in answers)


def test_what_changes_it_upgrades_it_whole(schema: int, folder: Path) -> None:
    answers = _answers(folder)
    with Library.open(folder) as library:
        older = set(library.catalogue.sums())
    assert _add(folder, "flower") == [Status.ADDED]
    assert _stored_schema(folder) == SCHEMA
    assert _answers(folder) == answers
    with Library.open(folder) as library:
        assert [one.id for one in library.references()] == ["flower", *NAMES[schema]]
        assert list(verify(library)) == []
        assert {ordinal for ordinal, (prints, _) in library.catalogue.sums().items() if prints is None} == older
        assert library.remove("rocket")
    assert not repair(folder, record=lambda _: None).is_needed
    with Library.open(folder) as library:
        assert all(None not in pair for pair in library.catalogue.sums().values())
        assert list(verify(library)) == []


def test_it_is_exported_merged_and_described_anew(schema: int, folder: Path, tmp_path: Path) -> None:
    with Library.open(folder) as old, Library.create(tmp_path / "new") as new:
        assert export(old, tmp_path / "out") == len(NAMES[schema])
        assert dict(merge(new, old)) == dict.fromkeys(NAMES[schema], "")
        assert dict(merge(new, old)) == dict.fromkeys(NAMES[schema], ALREADY)
        (moon,) = (one for one in old.references() if one.id == "moon")
        item = Addition((Path("/archive/scans/moon.jpg"),), replace(moon.details, uses="festivals"))
        assert [done.status for done in add(old, [item])] == [Status.UPDATED]
        assert [one.details.uses for one in old.references() if one.id == "moon"] == ["festivals"]
        assert list(verify(old)) == list(verify(new)) == []


_KILLED = """
from fingerprints.library import rows, schema
from fingerprints.library.library import Library
def put(*args):
    count_down()
    rows.put(*args)
schema.put = put
with Library.open(Path(sys.argv[1])) as library:
    library.catalogue._database.execute("PRAGMA cache_size = 1")
    library.remove("rocket")
"""


@pytest.mark.parametrize("schema", [1, 3], indirect=True)
@pytest.mark.parametrize("rows", [1, 6, 11])
def test_killed_within_the_upgrade_it_is_as_it_was(schema: int, folder: Path, rows: int) -> None:
    assert run_killed(_KILLED, folder, rows) == -9
    with Library.open(folder) as library:
        assert [one.id for one in library.references()] == NAMES[schema]
        assert list(verify(library)) == []
    assert _stored_schema(folder) == schema
    with Library.open(folder) as library:
        assert library.remove("rocket")
        assert list(verify(library)) == []
    assert _stored_schema(folder) == SCHEMA


def test_one_that_is_damaged_and_has_no_checksums_is_refused_with_what_to_do(folder: Path) -> None:
    data = bytearray((folder / CATALOGUE).read_bytes())
    data[:16] = bytes(16)
    (folder / CATALOGUE).write_bytes(data)
    with pytest.raises(LibraryError, match=r"older provscan.*Restore it from a copy"):
        repair(folder, record=lambda _: None)
    assert (folder / CATALOGUE).read_bytes() == data
