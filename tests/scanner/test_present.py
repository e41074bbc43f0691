"""What libraries say now of references that were recognised before, without any media."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fingerprints.library.catalogue import Catalogue
from fingerprints.model import Details, Reference
from fingerprints.vocabulary import Quality, Role
from media.errors import LibraryError
from scanner.model import Match, MatchFacts
from scanner.recognise.present import Present, states_of
from tests.scanner.policy.world import match

OLD = {"quality": "scan", "licence": "L-1", "valid_until": "2026-01-01", "digest": "d1", "library": "ARCHIVE"}
SEEN = match(reference="FAM-014", facts={**OLD, "watermark": "seen", "reference_in": "0.000"})


def _library(folder: Path, **said: str) -> Path:
    """A catalogue of one reference. Nothing else of a library is opened."""
    details = Details(**{"id": "FAM-014", "role": Role.ARCHIVAL, "quality": Quality.SCAN, **said})  # type: ignore[arg-type]
    catalogue = Catalogue.create(folder, {})
    with catalogue.changing():
        reference = Reference(details=details, file="a.tif", digest="d1", size=1, key_images=(), added="2026-01-01")
        catalogue.insert(reference, "", ())
    catalogue.close()
    return folder


def _told(*folders: Path, seen: Match = SEEN) -> Match:
    with Present(map(str, folders)) as present:
        return present.refresh((seen,))[0]


def test_what_was_corrected_counts_and_what_was_seen_stays(tmp_path: Path) -> None:
    archive = _library(tmp_path / "ARCHIVE", valid_until="2030-01-01", uses="svod", role=Role.OWN)
    now = _told(archive)
    assert now.role == "own"
    assert now.facts == MatchFacts(
        quality=Quality.SCAN, valid_until="2030-01-01", uses="svod", digest="d1", library="ARCHIVE",
        shows_watermark=True, reference_in=0.0,
    )  # fmt: skip
    assert replace(now, role=SEEN.role, facts=SEEN.facts) == SEEN
    assert SEEN.facts.licence == "L-1", "nothing that was given is edited"


def test_what_is_said_as_before_is_the_same_object(tmp_path: Path) -> None:
    archive = _library(tmp_path / "ARCHIVE", licence="L-1", valid_until="2026-01-01")
    matches = (SEEN, match("temp", reference="EP101/temp/a.png", facts={"digest": "d1"}))
    with Present([str(archive)]) as present:
        assert present.refresh(matches) is matches
        assert not list(present.warnings())
    with Present(()) as present:
        assert present.refresh(matches) is matches


def test_the_library_that_knew_it_goes_first_and_another_will_do(tmp_path: Path) -> None:
    other, archive = _library(tmp_path / "COPY", licence="copy"), _library(tmp_path / "ARCHIVE", licence="own")
    assert _told(other, archive).facts.licence == "own"
    assert _told(other).facts.licence == "copy"


@pytest.mark.parametrize(
    "seen", [replace(SEEN, reference="GONE"), replace(SEEN, facts=replace(SEEN.facts, digest="d2"))]
)
def test_of_what_has_gone_or_is_another_file_nothing_new_is_said(tmp_path: Path, seen: Match) -> None:
    with Present([str(_library(tmp_path / "ARCHIVE", licence="L-2"))]) as present:
        assert present.refresh((seen,))[0] is seen
        (warning,) = present.warnings()
    assert seen.reference in warning


def test_a_state_is_another_after_every_correction(tmp_path: Path) -> None:
    archive = str(_library(tmp_path / "ARCHIVE"))
    before = states_of([archive])
    assert before["ARCHIVE"]["references"] == 1
    assert states_of([archive]) == before
    catalogue = Catalogue.open(Path(archive))
    with catalogue.changing():
        catalogue.describe(Details(id="FAM-014", role=Role.ARCHIVAL, uses="svod"))
    catalogue.close()
    assert states_of([archive])["ARCHIVE"]["digest"] != before["ARCHIVE"]["digest"]


def test_what_is_no_library_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="not a reference library"):
        Present([str(tmp_path)])
