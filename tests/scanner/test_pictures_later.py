"""Pictures are drawn by the scan only for a report that holds them, and later where the media are at hand."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from media.errors import ConfigError, RunError
from scanner.cli import provscan
from scanner.config import Config
from scanner.pipeline import Output, run_scan
from scanner.progress import Silent
from scanner.records.records import read_records
from scanner.reports.pictures.later import draw_missing
from scanner.reports.pictures.pictures import picture_name

PARAMETERS = "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 96x64, Model: dreamshaper_8"


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = PngInfo()
    text.add_text("parameters", PARAMETERS)
    Image.effect_noise((96, 64), 50).save(path, pnginfo=text)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    _picture(tmp_path / "EP101/Final/cover.png")
    return tmp_path / "EP101"


def _scan(delivery: Path, *formats: str) -> Path:
    out = delivery.parent / "out"
    with run_scan([delivery], Config(executor="serial"), Output(folder=out, formats=formats), no_cache=True):
        return out


@pytest.mark.parametrize(
    ("formats", "drawn"), [((), True), (("html",), True), (("jsonl",), False), (("csv", "edl"), False)], ids=str
)
def test_a_scan_draws_only_for_a_report_that_holds_pictures(
    delivery: Path, formats: tuple[str, ...], drawn: bool
) -> None:
    assert (_scan(delivery, *formats) / "pictures").is_dir() is drawn


def _report(out: Path, *more: str) -> tuple[str, str]:
    page = out.parent / "report.html"
    done = CliRunner().invoke(
        provscan, ["report", str(out / "records.jsonl"), "--format", "html", "--out", str(page), *more]
    )
    if done.exception is not None:
        raise done.exception
    return page.read_text("utf-8"), done.stderr


def test_a_report_draws_what_is_missing_from_the_media(delivery: Path) -> None:
    out = _scan(delivery, "jsonl")
    page, words = _report(out)
    assert "data:image/jpeg" not in page
    assert "--media FOLDER" in words
    page, words = _report(out, "--media", str(delivery))
    assert "data:image/jpeg" in page
    assert "--media" not in words
    assert {path.name for path in out.iterdir()} == {"records.jsonl", "summary.json"}


def test_a_folder_of_another_name_is_refused(delivery: Path) -> None:
    out = _scan(delivery, "jsonl")
    (delivery.parent / "EP102").mkdir()
    with pytest.raises(ConfigError, match="the records have: EP101"):
        _report(out, "--media", str(delivery.parent / "EP102"))


def test_a_temporary_folder_is_needed_only_where_pictures_are_drawn(
    delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = _scan(delivery, "jsonl")
    monkeypatch.setattr(tempfile, "tempdir", str(delivery.parent / "gone"))
    assert "cover.png" in _report(out)[0]
    with pytest.raises(RunError, match="set TMPDIR"):
        _report(out, "--media", str(delivery))


def test_what_was_drawn_is_not_drawn_again_and_nothing_outside_of_the_folder_is(delivery: Path, tmp_path: Path) -> None:
    out = _scan(delivery, "html")
    into = tmp_path / "drawn"
    (record,) = read_records(out / "records.jsonl")
    draw_missing(lambda: [record], [delivery], out / "pictures", Config(executor="serial"), into, Silent())
    assert not list(into.iterdir())
    _picture(tmp_path / "secret.png")
    line = json.loads((out / "records.jsonl").read_text())
    line["asset"]["path"] = "../secret.png"
    (tmp_path / "forged.jsonl").write_text(json.dumps(line) + "\n")
    shutil.rmtree(out / "pictures")
    (forged,) = read_records(tmp_path / "forged.jsonl")
    records = [record, forged]
    draw_missing(lambda: records, [delivery], out / "pictures", Config(executor="serial"), into, Silent())
    assert [path.name for path in into.iterdir()] == [picture_name(record)]
