"""The library: adding, finding, removing, merging, handing over, verifying, and refusing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fingerprints.library import adding as library_adding
from fingerprints.library import segments as library_segments
from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.catalogue import CATALOGUE
from fingerprints.library.checks import originals, verify
from fingerprints.library.copying import ALREADY, export, merge
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.rows import put
from fingerprints.model import Details
from fingerprints.prints import features
from fingerprints.prints.views import queries
from fingerprints.vocabulary import Quality, Role
from fixtures.photos import NAMES, photograph
from media.errors import LibraryError
from media.still import Picture


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("photos")
    made = {name: folder / f"{name}.jpg" for name in NAMES}
    for name, path in made.items():
        photograph(name, (480, 360)).save(path, quality=90)
    return made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as made:
        yield made


def _items(photos: dict[str, Path], *names: str) -> list[Addition]:
    return [Addition((photos[name],), Details(id=name.upper(), role=Role.ARCHIVAL)) for name in names or photos]


def _found(library: Library, picture: Picture) -> set[str]:
    index = library.hash_index()
    hits = index.search(queries(picture).hashes, 59)
    key_images = {library.key_image(ordinal) for ordinal in index.key_images(hits.entries).tolist()}
    return {key_image.reference for key_image in key_images if key_image}


def test_what_was_added_is_found_again_and_said_in_full(library: Library, photos: dict[str, Path]) -> None:
    details = Details(
        id="ARC-014", role=Role.TALENT, title="A cat", source="Archive", rights="all", licence="L-1", ai_terms="none",
        quality=Quality.MASTER, valid_until="2031-12-31",
    )  # fmt: skip
    (done,) = add(library, [Addition((photos["cat"],), details)])
    assert (done.status, done.id, done.key_images) == (Status.ADDED, "ARC-014", 1)
    with Library.open(library.folder) as again:
        (reference,) = again.references()
        assert reference.details == details
        assert again.original(reference) == photos["cat"]
        assert _found(again, np.asarray(photograph("cat", (480, 300)))[:, ::-1]) == {"ARC-014"}
        (ordinal,) = reference.key_images
        thumbnail = again.thumbnail(ordinal)
        assert thumbnail is not None
        assert thumbnail.shape == (360, 480, 3)
        kept = again.features(ordinal)
        assert np.array_equal(kept.descriptors, features.extract(np.asarray(Image.open(photos["cat"]))).descriptors)
        assert again.descriptor_index().vote(kept.descriptors)[0] == (ordinal, len(kept.descriptors))


def test_adding_again_does_nothing_twice(
    library: Library, photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (list(add(library, _items(photos))) for _ in range(2))
    assert {one.status for one in first} == {Status.ADDED}
    assert {one.status for one in second} == {Status.ALREADY}
    monkeypatch.setattr(
        library_adding, "take_checked", lambda *_, **__: pytest.fail("what lies as it was is opened again")
    )
    changed = [replace(item, details=replace(item.details, title="new")) for item in _items(photos)]
    assert {one.status for one in add(library, changed)} == {Status.UPDATED}
    assert {one.details.title for one in library.references()} == {"new"}
    assert library.catalogue.counts()["plate"] == len(photos)
    assert list(verify(library)) == []


def test_an_id_that_is_taken_is_refused_if_given_and_changed_if_made(library: Library, photos: dict[str, Path]) -> None:
    (one,) = _items(photos, "cat")
    other = replace(one, files=(photos["moon"],))
    assert [done.status for done in add(library, [one, other])] == [Status.ADDED, Status.REFUSED]
    (made,) = add(library, [replace(other, is_named=False)])
    assert made.status is Status.ADDED
    assert made.id.startswith("CAT~")
    (same,) = add(library, [Addition((photos["moon"],), Details(id="whatever", role=Role.TEMP), is_named=False)])
    assert (same.status, same.id) == (Status.ALREADY, made.id)


def test_duplicates_are_told_within_a_batch_and_against_the_library(
    library: Library, photos: dict[str, Path], tmp_path: Path
) -> None:
    assert all(not done.alike for done in add(library, _items(photos)))
    photograph("coffee", (480, 360)).save(smaller := tmp_path / "coffee.jpg", quality=40)
    twice = [Addition((smaller,), Details(id=name, role=Role.TEMP)) for name in ("ONE", "TWO")]
    one, two = add(library, twice)
    assert {name for name, _ in one.alike} == {"COFFEE", "TWO"}
    assert {name for name, _ in two.alike} == {"COFFEE", "ONE"}
    assert dict(two.alike)["ONE"] == 0


def test_a_file_that_cannot_be_read_costs_itself_alone(
    library: Library, photos: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(photos["cat"].read_bytes()[:300])
    missing, broken = (
        Addition((tmp_path / name,), Details(id=name, role=Role.TEMP)) for name in ("gone.jpg", "broken.jpg")
    )
    wrong = replace(_items(photos, "moon")[0], sha256="0" * 64)
    done = list(add(library, [missing, *_items(photos, "cat"), broken, wrong]))
    assert [one.status for one in done if one.id == "CAT"] == [Status.ADDED]
    refused = {one.id: one.message for one in done if one.status is Status.REFUSED}
    assert set(refused) == {"gone.jpg", "broken.jpg", "MOON"}
    assert "SHA-256" in refused["MOON"]


def test_a_sequence_keeps_the_frames_that_show_something_new(library: Library, tmp_path: Path) -> None:
    wide = photograph("pavilion", (900, 300))
    still = photograph("cat", (400, 300))
    frames = [wide.crop((x, 0, x + 400, 300)) for x in range(0, 500, 50)] + [still] * 10
    for number, frame in enumerate(frames, 1001):
        frame.save(tmp_path / f"sh010.{number}.png")
    files = tuple(sorted(tmp_path.glob("sh010.*")))
    (done,) = add(library, [Addition(files, Details(id="SH010", role=Role.TEMP))])
    (reference,) = library.references()
    key_images = [library.key_image(ordinal) for ordinal in reference.key_images]
    assert done.key_images == len(key_images) == 11
    assert key_images[-1] is not None
    assert key_images[-1].at == "sh010.1011.png"
    assert _found(library, np.asarray(still)) == {"SH010"}


def test_a_pdf_is_found_by_any_of_its_pictures(library: Library, tmp_path: Path) -> None:
    cat, moon = (photograph(name, (480, 360)) for name in ("cat", "moon"))
    cat.save(path := tmp_path / "dossier.pdf", save_all=True, append_images=[moon])
    list(add(library, [Addition((path,), Details(id="DOSSIER", role=Role.ARCHIVAL))]))
    assert _found(library, np.asarray(cat)) == _found(library, np.asarray(moon)) == {"DOSSIER"}


def test_what_was_removed_is_not_found_and_goes_for_good(library: Library, photos: dict[str, Path]) -> None:
    list(add(library, _items(photos)))
    assert library.remove("CAT")
    assert not library.remove("CAT")
    assert _found(library, np.asarray(photograph("cat"))) == set()
    assert library.catalogue.counts()["removed"] == 1
    assert list(verify(library)) == []
    (again,) = add(library, _items(photos, "cat"))
    assert again.status is Status.ADDED
    assert _found(library, np.asarray(photograph("cat"))) == {"CAT"}


def test_many_small_segments_become_few(
    library: Library, photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_segments, "MULTI_FROM", 200)
    for item in _items(photos)[:7]:
        list(add(library, [item]))
    library.remove("ASTRONAUT")
    before = library.hash_index()
    list(add(library, _items(photos)[7:]))
    segments = library.catalogue.segments()
    folders = {path.name for path in (library.folder / SEGMENTS).iterdir()}
    assert len(segments) == 1
    assert folders == set(segments)
    assert library.catalogue.removed() == frozenset()
    assert (library.folder / SEGMENTS / next(iter(segments)) / "order.npy").exists()
    assert list(verify(library)) == []
    for name in NAMES[1:]:
        assert _found(library, np.asarray(photograph(name))) == {name.upper()}
    assert len(before.search(queries(np.asarray(photograph("moon"))).hashes, 31).entries)


def test_a_library_is_handed_over_without_its_pictures(
    library: Library, photos: dict[str, Path], tmp_path: Path
) -> None:
    list(add(library, _items(photos)))
    library.remove("MOON")
    assert export(library, tmp_path / "out") == len(photos) - 1
    with Library.open(tmp_path / "out") as given:
        assert list(verify(given)) == []
        assert _found(given, np.asarray(photograph("cat"))) == {"CAT"}
        reference = given.reference("CAT")
        assert reference is not None
        assert reference.file == "cat.jpg"
        assert given.thumbnail(reference.key_images[0]) is None
        assert given.original(reference) is None
    assert str(tmp_path).encode() not in (tmp_path / "out" / CATALOGUE).read_bytes()


def test_two_libraries_become_one(library: Library, photos: dict[str, Path], tmp_path: Path) -> None:
    list(add(library, _items(photos, "cat", "moon")))
    with Library.create(tmp_path / "other") as other:
        list(
            add(
                other,
                [
                    *_items(photos, "cat", "coffee"),
                    replace(_items(photos, "flower")[0], details=Details(id="MOON", role=Role.TEMP)),
                ],
            )
        )
        told = dict(merge(library, other))
        assert told.pop("MOON").startswith("its id belongs to another file")
        assert told == {"CAT": ALREADY, "COFFEE": ""}
        with pytest.raises(LibraryError, match="into itself"):
            list(merge(other, other))
    assert _found(library, np.asarray(photograph("coffee"))) == {"COFFEE"}
    assert list(verify(library)) == []


def test_verify_finds_every_changed_byte_and_missing_file(library: Library, photos: dict[str, Path]) -> None:
    list(add(library, _items(photos)))
    (folder,) = (library.folder / SEGMENTS).iterdir()
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with Library.open(library.folder) as opened:
            assert any(str(path) in problem for problem in verify(opened)), path.name
        path.unlink()
        with Library.open(library.folder) as opened:
            assert any(str(path) in problem for problem in verify(opened)), path.name
        path.write_bytes(whole)
    assert list(verify(library)) == []


def test_verify_compares_the_index_with_one_built_anew(
    library: Library, photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_segments, "MULTI_FROM", 10)
    list(add(library, _items(photos)))
    ((name, (key_images, _)),) = library.catalogue.segments().items()
    order = np.load(path := library.folder / SEGMENTS / name / "order.npy")
    np.save(path, order[:, ::-1])
    digests = library_segments.Shard(path.parent).digests()
    with library.catalogue.changing():
        library.catalogue.discount_segments([name])
        library.catalogue.count_segment(name, key_images, digests)
    assert list(verify(library)) == [f"segment {name}: order is not what its hashes give"]


def test_originals_that_went_or_changed_are_told(library: Library, photos: dict[str, Path], tmp_path: Path) -> None:
    copies = {name: tmp_path / f"{name}.jpg" for name in ("cat", "moon", "coffee")}
    for name, path in copies.items():
        path.write_bytes(photos[name].read_bytes())
    list(add(library, _items(copies)))
    copies["cat"].unlink()
    copies["moon"].write_bytes(b"changed")
    assert {name: said.split()[-1] for name, said in originals(library)} == {"CAT": "gone", "MOON": "changed"}


def test_fingerprints_of_another_version_are_refused_with_the_mend(library: Library, photos: dict[str, Path]) -> None:
    list(add(library, _items(photos, "cat")))
    with library.catalogue.changing():
        put(library.catalogue._database, "algorithm", ("phash-256", 99))
    with Library.open(library.folder) as opened:
        assert [one.id for one in opened.references()] == ["CAT"]
        with pytest.raises(LibraryError, match=r"phash-256 99.*reads.*phash-256 1.*library list .* --format csv"):
            opened.hash_index()
        with pytest.raises(LibraryError, match="phash-256 99"):
            list(add(opened, _items(photos, "moon")))
        assert any("phash-256 99" in problem for problem in verify(opened))


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="library init"):
        Library.open(tmp_path)
    (tmp_path / CATALOGUE).write_bytes(b"not a database" * 100)
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library.open(tmp_path)
    with pytest.raises(LibraryError, match="not empty"):
        Library.create(tmp_path)
    (tmp_path / CATALOGUE).unlink()
    with sqlite3.connect(tmp_path / CATALOGUE) as database:
        database.execute("CREATE TABLE theirs (a)")
    with pytest.raises(LibraryError, match="another program"):
        Library.open(tmp_path)


def test_a_library_of_a_newer_provscan_is_refused(library: Library) -> None:
    put(library.catalogue._database, "counter", ("schema", 99))
    library.catalogue._database.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="newer provscan"):
        Library.open(library.folder)
