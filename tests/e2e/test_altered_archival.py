"""A family's photo was altered, and stands in the master, on a phone, in the trailer and in the key art.

The case of worked example A, on media: a log becomes a library, the delivery is scanned against it once, and the
stored records are judged by registers that say nothing, a part, and everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.encode import EXACT, encode, rgb
from fixtures.photos import photograph
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

RASTER = (640, 360)
PHOTO = (512, 384)
ROW = {
    "entry_id": "AI-1", "tool": "any", "use_case": "anonymisation", "generated_or_altered": "edited",
    "phash_or_ref_id": "FAM-014", "status": "approved", "approved_by": "N. Approver", "date_approved": "2026-06-01",
    "approval_ref": "letter 7", "scope_temp_or_final": "final", "disclosure_method": "lower third",
}  # fmt: skip
DELIVERY = ("--delivery-date", "2026-11-22", "--genre", "documentary", "--policy", "apa-documentary")
ARTWORK, MASTER, TRAILER = ("Artwork/keyart.jpg", "Master/EP101.mov", "Trailer/trailer.mov")


def _photo() -> Image.Image:
    return photograph("astronaut", PHOTO, at=(0.5, 0.2))


def _altered() -> Image.Image:
    """Another background above, and something else in the hand."""
    photo = _photo()
    photo.paste(photograph("pavilion", (300, 110)), (212, 0))
    photo.paste(photograph("coffee", (90, 80)), (300, 280))
    return photo


def _moved(picture: Image.Image, frames: int) -> Iterator[bytes]:
    """A slow move over a picture."""
    width = picture.width
    for step in range(frames):
        left, top = 6 + step * 0.4, 10 + step * 0.2
        across = width - 30
        box = (left, top, left + across, top + across * 9 / 16)
        yield picture.resize(RASTER, Image.Resampling.BICUBIC, box=box).tobytes()


def _on_a_phone() -> bytes:
    """The photo on a screen that fills a third of a shot."""
    scene = photograph("motorcycle", RASTER)
    scene.paste(_altered().resize((256, 192), Image.Resampling.LANCZOS), (60, 90))
    return scene.tobytes()


def _movie(frames: Iterator[bytes] | list[bytes]) -> bytes:
    options = ("-pix_fmt", "yuv420p", "-crf", "18", *EXACT, "-timecode", "01:00:00:00")
    return encode(".mov", *rgb(RASTER, 24), *options, stdin=frames)


def _deliver(root: Path, places: tuple[str, ...]) -> Path:
    for place in places:
        (root / place).parent.mkdir(parents=True)
    if ARTWORK in places:
        _altered().save(root / ARTWORK, quality=92)
    if MASTER in places:
        cut = [*_moved(photograph("moon", PHOTO), 12), *_moved(_altered(), 24), *([_on_a_phone()] * 12)]
        (root / MASTER).write_bytes(_movie(cut))
    if TRAILER in places:
        (root / TRAILER).write_bytes(_movie([*_moved(_altered(), 12)]))
    return root


@pytest.fixture
def archive(tmp_path: Path, call: Call) -> Path:
    """The producer's log of scans, as a library."""
    scans = tmp_path / "scans"
    scans.mkdir()
    _photo().save(scans / "party.png")
    photograph("flower", PHOTO).save(scans / "flower.png")
    log = tmp_path / "log.csv"
    log.write_text("id,file,title,source,quality\nFAM-014,party.png,The party,family album,scan\n"
                   "FAM-015,flower.png,A flower,family album,scan\n", "utf-8")  # fmt: skip
    assert call("library", "init", tmp_path / "ARCHIVE").code == 0
    assert call("library", "import", tmp_path / "ARCHIVE", log, "--root", scans, "--jobs", "1").code == 0
    return tmp_path / "ARCHIVE"


def _register(path: Path, **more: str) -> Path:
    row = {**ROW, **more}
    path.write_text(";".join(row) + "\n" + ";".join(row.values()) + "\n", "utf-8")
    return path


def _outcomes(records: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {path: record["verdict"]["outcome"] for path, record in records.items()}


@pytest.mark.parametrize(
    "places", [(ARTWORK, MASTER), pytest.param((TRAILER,), marks=pytest.mark.thorough)], ids=["episode", "trailer"]
)
def test_it_is_found_everywhere_and_judged_by_what_the_register_covers(
    places: tuple[str, ...], archive: Path, call: Call, tmp_path: Path
) -> None:
    out, delivery = tmp_path / "out", _deliver(tmp_path / "EP101", places)
    assert call("scan", delivery, "--library", archive, "--out", out, *DELIVERY).code == 1
    told = records_of(out)
    assert _outcomes(told) == dict.fromkeys(places, "blocker")
    for record in told.values():
        assert {match["reference"] for match in record["matches"]} == {"FAM-014"}
        assert any(match["relation"] == "altered" for match in record["matches"])
        assert "This does not show that AI was used" in record["verdict"]["reasons"][0]["text"]
        assert "disclose" in record["verdict"]["actions"]
    if MASTER in places:
        shown, on_a_phone = sorted(told[MASTER]["matches"], key=lambda match: match["at"]["in_frame"])
        assert (shown["at"]["in"], shown["at"]["out"]) == ("01:00:00:12", "01:00:01:12")
        assert (on_a_phone["at"]["in"], on_a_phone["at"]["out"]) == ("01:00:01:12", "01:00:02:00")
        assert on_a_phone["region"]["w"] == pytest.approx(40, abs=4)

    def judged(register: Path) -> dict[str, dict[str, Any]]:
        again = tmp_path / f"judged-{register.stem}"
        call("judge", out / "records.jsonl", "--out", again, "--register", register, *DELIVERY)
        return records_of(again)

    background = judged(_register(tmp_path / "background.csv", region="38,0,62,32"))
    assert _outcomes(background) == dict.fromkeys(places, "issue")
    assert "not covered: the region" in background[places[0]]["verdict"]["reasons"][0]["text"]
    assert _outcomes(judged(_register(tmp_path / "whole.csv"))) == dict.fromkeys(places, "pass")
    assert _outcomes(judged(_register(tmp_path / "silent.csv", disclosure_method=""))) == dict.fromkeys(places, "issue")
