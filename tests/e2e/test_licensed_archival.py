"""Licensed material on media: news that AI enlarged, and an agency's comp that stayed in the cut.

The worked examples D and E: a log becomes a library, the delivery is scanned against it, the policy judges.
Nothing in either is fake; what stops them is what the library knows of their licences.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from fixtures.encode import EXACT, encode, metadata, rgb
from fixtures.photos import photograph
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

SMALL, RASTER = (224, 126), (384, 216)
DELIVERY = ("--delivery-date", "2026-11-22", "--genre", "documentary", "--policy", "netflix-2025")
ENLARGED = ("Master/EP101.mov", "Graphics/1990.png")
TOPAZ = {"videoai": "Enhanced using prob-4; mode: auto. Changed resolution to 384x216"}
COMFY = '{"1": {"class_type": "LoadImage"}, "2": {"class_type": "ImageUpscaleWithModel"}}'
LOG = (
    ("id", "file", "role", "quality", "ai_terms", "licence", "media"),
    ("NEWS-1986", "1986.png", "archival", "master", "prohibited", "LIC-86", ""),
    ("NEWS-1990", "1990.png", "archival", "master", "allowed", "LIC-90", "Festivals; TV"),
    ("agency 1207", "1207.png", "copyrighted", "watermarked", "", "quote 88", ""),
)
ROW = {
    "tool": "an upscaler", "use_case": "restoration", "generated_or_altered": "enhanced", "status": "approved",
    "approved_by": "N. Approver", "date_approved": "2026-06-01", "approval_ref": "letter 7",
    "scope_temp_or_final": "final", "disclosure_method": "card", "changes_meaning": "n", "judged_by": "N. Archivist",
}  # fmt: skip


def _enlarged(photo: Image.Image) -> Image.Image:
    return photo.resize(RASTER, Image.Resampling.LANCZOS)


def _comp() -> Image.Image:
    """As an agency shows it to buyers."""
    photo = photograph("coffee", (480, 320))
    draw = ImageDraw.Draw(photo)
    for top in range(20, photo.height, 60):
        draw.text((30 + top, top), "AGENCY 1207", fill=(235, 235, 235))
    return photo


def _pan(name: str, frames: int) -> Iterator[bytes]:
    """A camera that goes along a photograph."""
    width, height = RASTER
    photo = photograph(name, (2 * width, 2 * height))
    for step in range(frames):
        left, top = step * width * 0.7 / frames, step * height * 0.4 / frames
        yield photo.resize(RASTER, Image.Resampling.BILINEAR, box=(left, top, left + width, top + height)).tobytes()


def _movie(path: Path, frames: Iterator[bytes] | list[bytes], *options: str) -> None:
    clock = ("-pix_fmt", "yuv420p", "-crf", "18", *EXACT, "-timecode", "01:00:00:00")
    path.write_bytes(encode(".mov", *rgb(RASTER, 24), *clock, *options, stdin=frames))


@pytest.fixture
def archive(tmp_path: Path, call: Call) -> Path:
    items, log, library = tmp_path / "items", tmp_path / "log.csv", tmp_path / "ARCHIVE"
    items.mkdir()
    photograph("pavilion", SMALL).save(items / "1986.png")
    photograph("flower", SMALL).save(items / "1990.png")
    _comp().save(items / "1207.png")
    with log.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(LOG)
    assert call("library", "init", library).code == 0
    assert call("library", "import", library, log, "--root", items, "--jobs", "1").code == 0
    return library


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    root = tmp_path / "EP101"
    for folder in ("Master", "Graphics"):
        (root / folder).mkdir(parents=True)
    tags = ("-movflags", "use_metadata_tags", *metadata(TOPAZ))
    _movie(root / "Master/EP101.mov", [_enlarged(photograph("pavilion", SMALL)).tobytes()] * 12, *tags)
    comp = _comp().resize(RASTER, Image.Resampling.LANCZOS, box=(10, 20, 470, 278)).tobytes()
    _movie(root / "Master/lock.mov", [*_pan("moon", 12), *([comp] * 12)])
    says = PngImagePlugin.PngInfo()
    says.add_text("prompt", COMFY)
    _enlarged(photograph("flower", SMALL)).save(root / "Graphics/1990.png", pnginfo=says)
    return root


def test_what_the_library_knows_of_their_licences_decides(
    delivery: Path, archive: Path, call: Call, tmp_path: Path
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    assert call("scan", delivery, "--library", archive, "--out", out, *DELIVERY).code == 1
    found = records_of(out)
    register = tmp_path / "uses.csv"
    with register.open("w", encoding="utf-8", newline="") as file:
        digests = (found[path]["asset"]["digest"]["value"] for path in ENLARGED)
        named = [{**ROW, "entry_id": f"AI-{n}", "content_digest": value} for n, value in enumerate(digests)]
        csv.writer(file).writerows([named[0], *(row.values() for row in named)])
    assert call("judge", out / "records.jsonl", "--out", again, "--register", register, *DELIVERY).code == 1
    told = records_of(again)

    def decided(path: str) -> tuple[str, str, str]:
        verdict, (match,) = told[path]["verdict"], told[path]["matches"]
        return verdict["outcome"], match["reference"], verdict["reasons"][0]["rule"]

    # D: shown enlarged, by tools that say so. Where the licence forbids it the production's approval does not help.
    for number, path in enumerate(ENLARGED):
        assert [mark["claim"] for mark in found[path]["findings"]] == ["enhanced"]
        assert f"AI-{number}" in {reason["register"] for reason in told[path]["verdict"]["reasons"]}
    assert decided(ENLARGED[0]) == ("blocker", "NEWS-1986", "netflix.ai-terms-prohibited")
    assert decided(ENLARGED[1]) == ("pass", "NEWS-1990", "netflix.enhanced")

    # E: a comp is in the cut, and a quote is no licence.
    assert decided("Master/lock.mov") == ("blocker", "agency 1207", "delivery.unlicensed-preview-in-final")
    verdict, (match,) = told["Master/lock.mov"]["verdict"], told["Master/lock.mov"]["matches"]
    assert "agency 1207" in verdict["reasons"][0]["text"]
    assert verdict["actions"][:2] == ["clearance", "fix"]
    assert (match["at"]["in"], match["at"]["out"]) == ("01:00:00:12", "01:00:01:00")

    # A licence for other media: told by whoever asks what the delivery is for, until the archival producer extends it.
    def bounds(name: str, *options: str | Path) -> list[tuple[str, str]]:
        asked = (
            "judge",
            out / "records.jsonl",
            "--out",
            tmp_path / name,
            "--policy",
            "apa-documentary",
            "--format",
            "jsonl",
        )
        assert call(*asked, *DELIVERY, *options).code == 1
        reasons = records_of(tmp_path / name)[ENLARGED[1]]["verdict"]["reasons"]
        return [(it["rule"], it["outcome"]) for it in reasons if it["rule"].startswith("apa.licence")]

    assert bounds("tv", "--use", "free-tv") == []
    assert bounds("untold") == [("apa.licence-use-not-known", "fyi")]
    assert bounds("svod", "--use", "svod") == [("apa.licence-outside-its-use", "issue")]
    log, items = tmp_path / "log.csv", tmp_path / "items"
    with log.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([LOG[0], (*LOG[2][:-1], "Festivals; TV; SVOD")])
    assert call("library", "import", archive, log, "--root", items, "--jobs", "1").code == 0
    for path in items.iterdir():
        path.unlink()
    assert bounds("stale", "--use", "svod") == [("apa.licence-outside-its-use", "issue")]
    assert bounds("renewed", "--use", "svod", "--library", archive) == []
    summary = json.loads((tmp_path / "renewed" / "summary.json").read_text("utf-8"))
    assert summary["library"]["ARCHIVE"]["references"] == len(LOG) - 1
    assert any("were not searched for" in said for said in summary["not_checked"])
