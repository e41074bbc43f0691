"""A library that a flipped byte, a lost sector or a kill damaged: it is reported, repaired, and answers as before."""

from __future__ import annotations

import csv
import random
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fingerprints.library import segments as library_segments
from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.catalogue import CATALOGUE
from fingerprints.library.checks import verify_folder
from fingerprints.library.clips import CLIPS
from fingerprints.library.copying import merge
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.rebuilding import DAMAGED, LostReference
from fingerprints.library.repair import Repaired, repair
from fingerprints.model import Details
from fingerprints.prints.views import queries
from fingerprints.vocabulary import Role
from fixtures.photos import NAMES, photograph
from media.errors import LibraryError
from scanner.cli.library import library as command
from tests.fingerprints.films import film, moving
from tests.fingerprints.kills import run_killed

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments of stills, one reference of them removed, and a clip. Not to be changed."""
    root = tmp_path_factory.mktemp("whole")
    for name in NAMES:
        photograph(name, (240, 180)).save(root / f"{name}.jpg")
    film(root / "clip.mov", moving(5, 20))
    with Library.create(root / "library") as library:
        for names in (NAMES[:3], NAMES[3:]):
            list(add(library, [_item(root / f"{name}.jpg") for name in names]))
        library.remove("COFFEE")
        list(add(library, [_item(root / "clip.mov")]))
    return root


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(whole / "library", tmp_path / "library"))


def _item(path: Path) -> Addition:
    return Addition((path,), Details(id=path.stem.upper(), role=Role.ARCHIVAL, title=f"The {path.stem}"))


def _held(folder: Path) -> dict[str, object]:
    """All that it keeps of each reference, but for the small pictures and the names of folders."""
    with Library.open(folder) as library:
        return {
            one.id: (
                one.details, one.file, one.digest, one.added, one.clip and one.clip.digests,
                [(library.key_image(ordinal), library.catalogue.sum_of(ordinal)) for ordinal in one.key_images],
                [library.features(ordinal).descriptors.tobytes() for ordinal in one.key_images],
            )
            for one in library.references()
        }  # fmt: skip


def _answers(folder: Path) -> dict[str, set[tuple[str, str, int]]]:
    """What hashes find, by picture."""
    with Library.open(folder) as library:
        index, found = library.hash_index(), {}
        for name in NAMES:
            hits = index.search(queries(np.asarray(photograph(name, (200, 150)))).hashes, 59)
            key_images = [library.key_image(ordinal) for ordinal in index.key_images(hits.entries).tolist()]
            rows = zip(key_images, index.views(hits.entries), hits.distances.tolist(), strict=True)
            found[name] = {(key_image.reference, view, bits) for key_image, view, bits in rows if key_image}
        return found


def _repair(folder: Path) -> Repaired:
    return repair(folder, record=lambda _: None)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def _check_flip(folder: Path, whole: Path, rng: random.Random) -> None:
    files = _files(folder)
    path = rng.choice([path for path in files if path.name == CATALOGUE] if rng.random() < 0.3 else files)
    _flip(path, rng.randrange(path.stat().st_size), rng.randrange(8))
    damaged = path.read_bytes()
    told, foreseen = list(verify_folder(folder)), repair(folder, record=lambda _: None, check=True)
    assert path.read_bytes() == damaged
    assert _files(folder) == files, "a check changes nothing"
    done = _repair(folder)
    assert (done.lost, done.is_needed) == (foreseen.lost, bool(told)), path
    assert list(verify_folder(folder)) == []
    held, before = _held(folder), _held(whole / "library")
    lost = {one.id for one in done.lost}
    assert held == {name: kept for name, kept in before.items() if name not in lost}
    assert len(lost) <= 2, "no more than what the byte belongs to"
    answers = {name: {hit for hit in hits if hit[0] not in lost} for name, hits in _answers(whole / "library").items()}
    assert _answers(folder) == answers
    assert all(
        Path(one.file) == whole / f"{one.id.lower()}{'.mov' if one.id == 'CLIP' else '.jpg'}" for one in done.lost
    )
    with Library.open(folder) as library:
        again = [done.status for done in add(library, [_item(Path(one.file)) for one in done.lost])]
    assert again == [Status.ADDED] * len(lost)
    assert set(_held(folder)) == set(before)


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_byte_costs_what_it_belongs_to_and_nothing_else(folder: Path, whole: Path, seed: int) -> None:
    _check_flip(folder, whole, random.Random(seed))


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_any_flipped_byte(folder: Path, whole: Path, seed: int) -> None:
    _check_flip(folder, whole, random.Random(seed))


def _rows_of(path: Path, table: str) -> int:
    """A page of the catalogue that has rows of a table."""
    with sqlite3.connect(path) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return int(page) - 1


@pytest.mark.parametrize("table", ["algorithm", "counter", "plate", "segment", "removed", "clip"])
def test_a_lost_page_of_a_table_is_made_up_for_or_costs_its_references(folder: Path, whole: Path, table: str) -> None:
    data = bytearray((folder / CATALOGUE).read_bytes())
    page = _rows_of(folder / CATALOGUE, table)
    data[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    (folder / CATALOGUE).write_bytes(data)
    assert list(verify_folder(folder))
    done = _repair(folder)
    assert list(verify_folder(folder)) == []
    lost = {"clip": {"CLIP"}, "plate": {*_held(whole / "library")}}.get(table, set())
    assert {one.id for one in done.lost} == lost
    assert _held(folder) == {name: kept for name, kept in _held(whole / "library").items() if name not in lost}
    assert (folder / DAMAGED).read_bytes() == data


def test_a_lost_page_of_references_names_them_by_id_and_file(folder: Path, whole: Path) -> None:
    data = bytearray((folder / CATALOGUE).read_bytes())
    page = _rows_of(folder / CATALOGUE, "reference")
    data[page * PAGE + 100 : (page + 1) * PAGE] = bytes(PAGE - 100)
    (folder / CATALOGUE).write_bytes(data)
    done = _repair(folder)
    files = {name: whole / f"{name.lower()}{'.mov' if name == 'CLIP' else '.jpg'}" for name in _held(whole / "library")}
    assert {one.id: Path(one.file) for one in done.lost} == files
    assert list(verify_folder(folder)) == []
    assert _held(folder) == {}


@pytest.mark.parametrize("first", [0, 16, 18, 100])
def test_without_the_header_of_its_file_nothing_is_lost(folder: Path, whole: Path, first: int) -> None:
    data = bytearray((folder / CATALOGUE).read_bytes())
    data[first : first + 16] = b"\xff" * 16
    (folder / CATALOGUE).write_bytes(data)
    (told,) = verify_folder(folder)
    assert "repair" in told or "damaged" in told
    assert _repair(folder).lost == []
    assert _held(folder) == _held(whole / "library")


@pytest.mark.parametrize(
    ("was", "changed"),
    [(b"jpeg BLOB", b"jpef BLOB"), (b"stamp TEXT", b"stamq TEXT"), (b" sum INTEGER", b" sul INTEGER")],
)
def test_a_changed_definition_of_a_table_costs_nothing(folder: Path, whole: Path, was: bytes, changed: bytes) -> None:
    data = (folder / CATALOGUE).read_bytes()
    (folder / CATALOGUE).write_bytes(data.replace(was, changed))
    assert list(verify_folder(folder)) == ["the catalogue is damaged: the definition of a table has changed"]
    assert _repair(folder).lost == []
    assert list(verify_folder(folder)) == []
    assert _held(folder) == _held(whole / "library")


def test_lists_that_are_damaged_are_made_again_as_they_were(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_segments, "MULTI_FROM", 100)
    with Library.create(tmp_path / "library") as library:
        list(add(library, [_item(whole / f"{name}.jpg") for name in NAMES]))
        library.remove("CAT")
    (segment,) = (tmp_path / "library" / SEGMENTS).iterdir()
    files = {path.name: path.read_bytes() for path in segment.iterdir()}
    made = [name for name in files if name not in library_segments.DATA]
    assert len(made) == 3
    for name in made:
        _flip(next((tmp_path / "library" / SEGMENTS).iterdir()) / name, len(files[name]) // 2)
        assert _repair(tmp_path / "library").lost == []
        (anew,) = (tmp_path / "library" / SEGMENTS).iterdir()
        assert {path.name: path.read_bytes() for path in anew.iterdir()} == files


def test_a_whole_library_is_left_alone(folder: Path) -> None:
    before = {path: path.read_bytes() for path in _files(folder)}
    assert not _repair(folder).is_needed
    assert {path: path.read_bytes() for path in _files(folder)} == before


def test_what_is_lost_is_listed_before_anything_changes(folder: Path) -> None:
    (clip,) = (folder / CLIPS).iterdir()
    _flip(clip / "hashes.npy", 200)
    before = {path: path.read_bytes() for path in _files(folder)}

    def stop(lost: Sequence[LostReference]) -> None:
        assert [one.id for one in lost] == ["CLIP"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repair(folder, record=stop)
    assert {path: path.read_bytes() for path in _files(folder)} == before


_KILLED = """
from fingerprints.library import rebuilding, repair
has_begun = False
def profile(frame, event, _):
    global has_begun
    if event == "call" and "library" in frame.f_code.co_filename:
        has_begun = has_begun or frame.f_code.co_name == sys.argv[3]
        if has_begun:
            count_down()
sys.setprofile(profile)
repair.repair(Path(sys.argv[1]), record=lambda _: None)
"""


@pytest.mark.parametrize(
    ("begin", "calls"),
    [("rebuild", 300), ("rebuild", 3300), ("_apply", 40), ("take_place", 0), ("discard", 0)],
)
def test_a_repair_that_is_killed_has_done_no_harm(folder: Path, whole: Path, begin: str, calls: int) -> None:
    (folder / CATALOGUE).write_bytes(b"\0" * 100 + (folder / CATALOGUE).read_bytes()[100:])
    (clip,) = (folder / CLIPS).iterdir()
    _flip(clip / "hashes.npy", 200)
    assert run_killed(_KILLED, folder, calls, begin) == -9
    last = _repair(folder)
    assert [one.id for one in last.lost] == (["CLIP"] if last.is_needed else [])
    assert list(verify_folder(folder)) == []
    assert _held(folder) == {name: kept for name, kept in _held(whole / "library").items() if name != "CLIP"}


def test_who_holds_the_damaged_catalogue_open_writes_nothing_into_it(folder: Path, whole: Path) -> None:
    with Library.open(folder) as library:
        with sqlite3.connect(folder / CATALOGUE) as database:
            database.execute("UPDATE reference SET title = 'changed' WHERE id = 'CAT'")
        _repair(folder)
        with pytest.raises(LibraryError, match="repaired meanwhile"):
            list(add(library, [_item(whole / "coffee.jpg")]))
    assert list(verify_folder(folder)) == []


def test_nothing_is_judged_by_a_row_that_has_changed(folder: Path) -> None:
    with sqlite3.connect(folder / CATALOGUE) as database:
        database.execute("UPDATE reference SET licence = 'all' WHERE id = 'CAT'")
    with (
        Library.open(folder) as library,
        pytest.raises(LibraryError, match="'CAT' is damaged; see provscan library repair"),
    ):
        list(library.references())


def test_damaged_fingerprints_are_neither_merged_nor_joined(folder: Path, tmp_path: Path) -> None:
    with Library.open(folder) as library:
        (ordinal,) = next(library.catalogue.references("id = 'CAT'")).key_images
        shard = next(one for one in library.segments() if one.one(ordinal))
        row = int(np.searchsorted(shard.key_images["ordinal"], ordinal))
        start = int(shard.key_images["start"][row])
    _flip(shard.folder / "features.npy", 128 + start + 60)
    with Library.open(folder) as library, Library.create(tmp_path / "other") as other:
        with pytest.raises(LibraryError, match="damaged"):
            list(merge(other, library))
        with pytest.raises(LibraryError, match="damaged"):
            library._merge(list(library.catalogue.segments()))


def _run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], standalone_mode=False)
    assert result.exception is None, result.output
    return int(result.return_value or 0), result.output


def test_what_a_repair_lost_is_imported_again(folder: Path) -> None:
    (clip,) = (folder / CLIPS).iterdir()
    _flip(clip / "hashes.npy", 200)
    code, said = _run("verify", folder)
    assert code == 1
    assert "hashes.npy has changed" in said
    assert f"provscan library repair --check {folder}" in said
    code, said = _run("repair", folder, "--check")
    assert code == 1
    assert "lost: CLIP" in said
    assert not (folder / "lost.csv").exists()
    code, said = _run("repair", folder)
    assert code == 1
    assert "7 references kept, 1 lost" in said
    (row,) = csv.DictReader((folder / "lost.csv").read_text("utf-8").splitlines())
    assert row["id"] == "CLIP"
    assert _run("verify", folder)[0] == 0
    assert _run("import", folder, folder / "lost.csv", "--jobs", 1)[0] == 0
    assert "CLIP" in _held(folder)
    assert "is whole" in _run("repair", folder)[1]


def test_a_small_picture_that_is_damaged_is_all_that_goes(folder: Path, whole: Path) -> None:
    with sqlite3.connect(folder / CATALOGUE) as database:
        database.execute("UPDATE thumbnail SET jpeg = x'ffd800' WHERE ordinal = 0")
    before = (folder / CATALOGUE).stat().st_ino
    done = _repair(folder)
    assert (done.lost, len(done.thumbnails), done.is_new_catalogue) == ([], 1, False)
    assert (folder / CATALOGUE).stat().st_ino == before
    assert _held(folder) == _held(whole / "library")
    assert list(verify_folder(folder)) == []
