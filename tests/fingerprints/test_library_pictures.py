"""The pictures that a library shows: from its references' files, else its own small ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fingerprints.library.adding import Addition, add
from fingerprints.library.catalogue import CATALOGUE
from fingerprints.library.library import Library
from fingerprints.model import Details, Reference
from fingerprints.vocabulary import Role
from fixtures.photos import photograph
from media.errors import LibraryError


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    photograph("cat", (900, 600)).save(tmp_path / "cat.png")
    with Library.create(tmp_path / "library") as made:
        list(add(made, [Addition((tmp_path / "cat.png",), Details(id="CAT", role=Role.ARCHIVAL))]))
        yield made


def _shape(library: Library, reference: Reference) -> tuple[int, ...]:
    picture = library.picture(reference, reference.key_images[0], at_least=1280)
    assert picture is not None
    return picture.shape


def test_a_key_image_is_shown_from_its_file_and_where_that_fails_from_the_library(library: Library) -> None:
    (reference,) = library.references()
    file = Path(reference.file)
    assert _shape(library, reference) == (600, 900, 3)
    file.write_bytes(bytes(reference.size))  # as large as it was, but no picture
    assert _shape(library, reference) == (320, 480, 3)
    file.unlink()
    assert _shape(library, reference) == (320, 480, 3)


def test_a_damaged_picture_is_the_librarys_fault(library: Library) -> None:
    (reference,) = library.references()
    with closing(sqlite3.connect(library.folder / CATALOGUE)) as database, database:
        database.execute("UPDATE thumbnail SET jpeg = x'00'")
    with pytest.raises(LibraryError, match="is damaged"):
        library.thumbnail(reference.key_images[0])
