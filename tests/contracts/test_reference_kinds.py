"""The contract that every kind of document keeps from which a library takes pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.documents import ReferenceKind
from fingerprints.library.kinds import REFERENCE_KINDS, find_kind
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.prints.views import queries
from fingerprints.vocabulary import Role
from fixtures.documents import DOCUMENTS
from fixtures.photos import photograph
from media.errors import MediaError
from media.identify import KINDS, identify
from scanner.cli.library.adding import can_be_added
from scanner.discover.discover import discover

PICTURES = [photograph(name, (480, 360)) for name in ("cat", "moon")]

each = pytest.mark.parametrize("kind", REFERENCE_KINDS, ids=lambda kind: kind.media_type.rpartition("/")[2])


@pytest.fixture
def document(kind: ReferenceKind, tmp_path: Path) -> Path:
    path = tmp_path / "delivery" / "dossier"
    path.parent.mkdir()
    DOCUMENTS[kind.media_type](path, PICTURES)
    return path


def test_every_kind_has_a_sample() -> None:
    assert {kind.media_type for kind in REFERENCE_KINDS} == set(DOCUMENTS), "add a writer to fixtures/documents.py"


@each
def test_it_is_recognised_by_its_content_alone(kind: ReferenceKind, document: Path) -> None:
    with document.open("rb") as file:
        assert identify(file, "dossier", document.stat().st_size).media_type == kind.media_type
    assert kind.media_type in KINDS
    assert find_kind(document) is kind
    (asset,) = discover([document.parent])
    assert can_be_added(asset)


@each
def test_each_of_its_pictures_is_found_under_its_reference(kind: ReferenceKind, document: Path, tmp_path: Path) -> None:
    with Library.create(tmp_path / "library") as library:
        (done,) = add(library, [Addition((document,), Details(id="DOSSIER", role=Role.ARCHIVAL))])
        assert (done.status, done.key_images) == (Status.ADDED, len(PICTURES))
        index = library.hash_index()
        for picture in PICTURES:
            hits = index.search(queries(np.asarray(picture)).hashes, 59)
            assert len(index.key_images(hits.entries)) == 1


@each
def test_a_damaged_document_costs_itself_alone(kind: ReferenceKind, document: Path) -> None:
    data = document.read_bytes()
    for length in range(0, len(data), max(1, len(data) // 12)):
        document.write_bytes(data[:length])
        try:
            found = list(kind.read_pictures(document, at_least=640))
        except MediaError:
            continue
        assert len(found) <= len(PICTURES)
