"""Settings: the user's folder < `provscan.toml` from the working folder upward < `PROVSCAN_*` < flags; errors name their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Call

PLAIN = "05_Archival/arc_0015_pad.jpg"


@pytest.fixture
def folder(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A delivery of two pictures; the working folder is the one above it."""
    art = tmp_path / "season/EP/Stills"
    art.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        shutil.copy2(house / PLAIN, art / name)
    monkeypatch.chdir(tmp_path / "season")
    return tmp_path / "season/EP"


def _settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "season/provscan.toml").write_text(text, "utf-8")


def _scan(call: Call, folder: Path, *flags: str | Path) -> dict[str, Any]:
    done = call("scan", folder, "--format", "json", *flags)
    assert done.code in (0, 1, 3), done.err
    return json.loads(done.out)


def _categories(report: dict[str, Any]) -> dict[str, str]:
    return {record["asset"]["path"]: record["asset"]["category"] for record in report["records"]}


def test_the_file_is_found_upward_and_flags_outrank_the_environment(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest(*flags: str) -> str:
        return _scan(call, folder, *flags)["summary"]["settings"]["digest"]

    assert digest() == "auto"
    _settings(tmp_path, 'digest = "full"')
    assert digest() == "full"
    monkeypatch.setenv("PROVSCAN_DIGEST", "sampled")
    assert digest() == "sampled"
    assert digest("--digest", "none") == "none"


def test_words_are_written_on_the_command_line_as_in_the_file(call: Call, folder: Path) -> None:
    flags = ("--watermarks", "final-picture", "--use", "svod", "--use", "free-tv", "--territory", "uk")
    told = _scan(call, folder, *flags)["summary"]
    assert (told["settings"]["use"], told["settings"]["territory"]) == ("svod, free-tv", "GB")
    assert not any("--use" in said for said in told["not_checked"])
    assert call("scan", folder, "--territory", "Britain").code == 4


def test_the_nearest_file_counts_and_a_named_one_outranks_it(call: Call, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "provscan.toml").write_text('digest = "full"', "utf-8")
    _settings(tmp_path, 'digest = "sampled"')
    (tmp_path / "house.toml").write_text('digest = "none"', "utf-8")
    assert _scan(call, folder)["summary"]["settings"]["digest"] == "sampled"
    assert _scan(call, folder, "--config", tmp_path / "house.toml")["summary"]["settings"]["digest"] == "none"


def test_categories_are_asked_in_their_order(call: Call, folder: Path, tmp_path: Path) -> None:
    _settings(tmp_path, '[categories]\n"**/a.jpg" = "temp"\n"Stills/**" = "artwork"\n')
    assert _categories(_scan(call, folder)) == {"Stills/a.jpg": "temp", "Stills/b.jpg": "artwork"}
    flagged = _scan(call, folder, "--category", "**/b.jpg=ideation", "--category", "**=promo")
    assert _categories(flagged) == {"Stills/a.jpg": "promo", "Stills/b.jpg": "ideation"}


def test_left_out_files_are_not_in_the_books_and_this_is_said(call: Call, folder: Path) -> None:
    less = _scan(call, folder, "--exclude", "**/b.jpg")
    assert set(_categories(less)) == {"Stills/a.jpg"}
    assert any("files were excluded by exclude" in said for said in less["summary"]["not_checked"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("polcy = 'x'", "unknown setting 'polcy'"),
        ("jobs = 'two'", "jobs must be int"),
        ("jobs = true", "jobs must be int"),
        ("jobs = -1", "must not be negative"),
        ("fail_on = 'pass'", "choose from fyi, issue, blocker, never"),
        ("digest = 'md5'", "choose from auto, full, sampled, none"),
        ("watermarks = ['everything']", "choose from final-picture"),
        ("watermarks = 'artwork'", "must be a list of strings"),
        ("use = ['svdo']", "choose from theatrical"),
        ("territory = ['Britain']", "a country's two letters"),
        ("territory = 'GB'", "must be a list of strings"),
        ("executor = 'serial'", "executor is not read from any file"),
        ("scheduler = 'tcp://127.0.0.1:9'", "--scheduler or PROVSCAN_SCHEDULER"),
        ("rules = ['none.toml']", "none.toml"),
        ("policy = 'none.toml'", "none.toml"),
        ("[categories]\n'*' = 'final'", "'final' is not a category"),
        ("jobs = [", "provscan.toml"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(text: str, says: str, call: Call, folder: Path, tmp_path: Path) -> None:
    _settings(tmp_path, text)
    done = call("scan", folder)
    assert (done.code, done.out) == (4, "")
    assert says in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("JOBS", "many"), ("EXECUTOR", "cloud"), ("FAIL_ON", "pass"), ("DIGEST", ""), ("MEMORY_LIMIT", "-1")],
)
def test_a_wrong_variable_is_told_by_its_name(
    name: str, value: str, call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PROVSCAN_{name}", value)
    done = call("scan", folder)
    assert done.code == 4
    assert f"PROVSCAN_{name}" in done.err
