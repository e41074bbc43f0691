"""Nothing that lies in or above a delivery configures its scan, wherever the person stands; it is reported as not read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import c2pa
import pytest

from scanner.config import Config
from scanner.judge.loading import judgement_of
from scanner.provenance import provenance_of
from scanner.settings import Origins
from tests.e2e.conftest import Call
from tests.e2e.process import environment

PLAIN = "05_Archival/arc_0015_pad.jpg"
WHITEWASH = 'exclude = ["**/*poster*", "07_Ideation"]\nfail_on = "never"\n'
CLUSTER = 'executor = "dask"\nscheduler = "tcp://127.0.0.1:9"\n'


@pytest.fixture
def delivery(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A delivery with a poster, two levels below the folder of the test; nobody stands in it."""
    art = tmp_path / "incoming/EP/Art"
    art.mkdir(parents=True)
    shutil.copy2(house / PLAIN, art / "poster.jpg")
    for place in ("beside", "user/provscan"):
        (tmp_path / place).mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    return tmp_path / "incoming/EP"


def scan(call: Call, *arguments: str | Path) -> tuple[dict[str, Any], str]:
    done = call("scan", *arguments, "--format", "json")
    assert done.code in (0, 1, 3), done.err
    return json.loads(done.out), done.err


def paths(report: dict[str, Any]) -> set[str]:
    return {record["asset"]["path"] for record in report["records"]}


@pytest.mark.parametrize("orders", [WHITEWASH, CLUSTER, "this is no TOML ["], ids=["whitewash", "cluster", "broken"])
@pytest.mark.parametrize("where", ["incoming/EP/Art", "incoming/EP", "incoming", "beside", ".", "user/provscan"])
def test_a_delivery_gives_no_orders(
    orders: str, where: str, call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for held in (delivery, delivery / "Art"):
        (held / "provscan.toml").write_text(orders, "utf-8")
    monkeypatch.chdir(tmp_path / where)
    report, said = scan(call, os.path.relpath(delivery))
    assert "Art/poster.jpg" in paths(report)
    summary = report["summary"]
    assert summary["settings"]["fail_on"] == "issue"
    places = ["EP/Art/provscan.toml", "EP/provscan.toml"]
    assert sorted(summary["settings_not_read"]) == places
    for place in places:
        assert any(f"{place} were not read" in sentence for sentence in summary["not_checked"])
    assert {one["from"] for one in summary["settings_given"]} == {
        "PROVSCAN_CACHE",
        "PROVSCAN_EXECUTOR",
        "PROVSCAN_MARKS",
    }
    assert f"--config {delivery / 'provscan.toml'}" in said


@pytest.mark.parametrize("where", ["incoming/EP/Art", "beside"])
def test_what_lies_above_a_delivery_gives_no_orders_to_whoever_stands_in_it_or_elsewhere(
    where: str, call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "incoming/provscan.toml").write_text(WHITEWASH, "utf-8")
    monkeypatch.chdir(tmp_path / where)
    report, said = scan(call, delivery)
    assert paths(report) == {"Art/poster.jpg"}
    assert report["summary"]["settings_not_read"] == ["EP/../provscan.toml"]
    assert f"--config {tmp_path / 'incoming/provscan.toml'}" in said


def test_the_flag_that_is_named_reads_the_file(call: Call, delivery: Path, tmp_path: Path) -> None:
    (delivery / "provscan.toml").write_text('digest = "full"\nfail_on = "blocker"\n', "utf-8")
    report, said = scan(call, delivery, "--config", delivery / "provscan.toml")
    assert report["summary"]["settings_not_read"] == []
    assert "not read" not in said
    given = {one["name"]: (one["value"], one["from"]) for one in report["summary"]["settings_given"]}
    assert given["digest"] == ("full", "provscan.toml, by --config")
    assert given["fail_on"] == ("blocker", "provscan.toml, by --config")
    assert str(tmp_path) not in json.dumps(report)


def test_a_link_leads_into_a_delivery_from_either_side(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (delivery / "provscan.toml").write_text(WHITEWASH, "utf-8")
    (tmp_path / "beside/delivered").symlink_to(delivery)
    (tmp_path / "beside/art").symlink_to(delivery / "Art")
    (tmp_path / "beside/provscan.toml").symlink_to(delivery / "provscan.toml")
    for here in ("beside", "beside/art", "beside/delivered"):
        monkeypatch.chdir(tmp_path / here)
        for root in (delivery, tmp_path / "beside/delivered", tmp_path / "beside/art/.."):
            report, said = scan(call, root)
            assert "Art/poster.jpg" in paths(report), (here, root)
            assert report["summary"]["settings"]["fail_on"] == "issue"
            assert "settings not read" in said


def test_every_root_counts_and_a_file_is_as_its_folder(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (delivery / "Art/provscan.toml").write_text(WHITEWASH, "utf-8")
    monkeypatch.chdir(delivery / "Art")
    report, _ = scan(call, tmp_path / "beside", delivery)
    assert "Art/poster.jpg" in paths(report)
    report, said = scan(call, "poster.jpg")
    assert paths(report) == {"poster.jpg"}
    assert report["summary"]["settings_not_read"] == ["Art/provscan.toml"]
    assert "settings not read" in call("explain", "poster.jpg").err
    assert "settings not read" in said


@pytest.mark.parametrize("flag", ["--sources", "--library"])
def test_what_is_compared_with_gives_no_orders_either(
    flag: str, call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("library", "init", tmp_path / "beside").code == 0
    (tmp_path / "beside/provscan.toml").write_text(WHITEWASH, "utf-8")
    monkeypatch.chdir(tmp_path / "beside")
    report, said = scan(call, delivery, flag, tmp_path / "beside")
    assert paths(report) == {"Art/poster.jpg"}
    assert "beside/provscan.toml" in report["summary"]["settings_not_read"]
    assert "settings not read" in said


def test_each_setting_that_differs_is_listed_with_where_it_came_from(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "user/provscan/provscan.toml").write_text('digest = "full"\nfail_on = "fyi"\njobs = 3\n', "utf-8")
    (tmp_path / "incoming/provscan.toml").write_text(
        'fail_on = "blocker"\nexclude = ["**/*.tmp"]\nfps = 2\n[categories]\n"Art/**" = "artwork"\n', "utf-8"
    )
    (tmp_path / "incoming/work").mkdir()
    monkeypatch.chdir(tmp_path / "incoming/work")
    monkeypatch.setenv("PROVSCAN_SEQUENCE_MINIMUM", "5")
    report, said = scan(call, delivery, "--digest", "auto", "--territory", "uk")
    summary = report["summary"]
    given = {one["name"]: (one["value"], one["from"]) for one in summary["settings_given"]}
    upward = "../provscan.toml, found from the current folder upward"
    assert given == {
        "jobs": ("3", "provscan.toml in the user's configuration folder"),
        "fail_on": ("blocker", upward),
        "exclude": ("**/*.tmp", upward),
        "fps": ("2", upward),
        "categories": ("Art/** = artwork", upward),
        "marks": ("off", "PROVSCAN_MARKS"),
        "sequence_minimum": ("5", "PROVSCAN_SEQUENCE_MINIMUM"),
        "territory": ("GB", "--territory"),
        "cache": ("cache", "PROVSCAN_CACHE"),
        "executor": ("serial", "PROVSCAN_EXECUTOR"),
    }
    assert "not read" not in said
    told = json.dumps([summary["settings"], summary["not_checked"]])
    assert not {flag for flag in ("--exclude", "--include", "--fps", "--keyframes", "--category") if flag in told}


def test_a_cluster_without_tls_is_called_not_authenticated() -> None:
    for scheduler, executor, expected in (
        ("tcp://10.0.0.5:8786", "dask", True),
        ("10.0.0.5:8786", "dask", True),
        ("tls://10.0.0.5:8786", "dask", False),
        ("", "dask", False),
        ("tcp://10.0.0.5:8786", "local", False),
    ):
        config = Config(executor=executor, scheduler=scheduler)
        origins = Origins(sources={"scheduler": "PROVSCAN_SCHEDULER"})
        made = provenance_of(config, judgement_of(config), ("EP",), origins=origins)
        said = [sentence for sentence in made.not_checked if "not authenticated" in sentence]
        assert bool(said) == expected, scheduler
        assert "10.0.0.5" not in f"{made}"
        assert all("PROVSCAN_SCHEDULER" in sentence for sentence in said)


def test_the_head_of_the_page_and_of_the_console_lists_them(call: Call, delivery: Path, tmp_path: Path) -> None:
    (delivery / "provscan.toml").write_text(WHITEWASH, "utf-8")
    done = call("scan", delivery, "--fail-on", "blocker", "--out", tmp_path / "out")
    page = (tmp_path / "out/report.html").read_text("utf-8")
    head = page[: page.index("</header>")]
    for said in (done.out.partition("COUNTS")[0], head):
        assert "fail_on = blocker, from --fail-on" in said
        assert "EP/provscan.toml" in said
        assert "not read" in said


def test_a_folder_that_nobody_set_is_not_called_a_flag(
    call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVSCAN_CACHE", str(delivery))
    done = call("scan", delivery)
    assert done.code == 4
    assert "cache (PROVSCAN_CACHE)" in done.err
    assert "from --cache" not in done.err


def test_records_give_no_orders_from_their_folder(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("scan", delivery, "--out", tmp_path / "records", "--genre", "documentary").code in (0, 1)
    (tmp_path / "records/provscan.toml").write_text(WHITEWASH, "utf-8")
    monkeypatch.chdir(tmp_path / "records")
    done = call("judge", "records.jsonl", "--out", tmp_path / "judged", "--use", "svod")
    assert "settings not read" in done.err
    summary = json.loads((tmp_path / "judged/summary.json").read_text())
    given = {one["name"]: (one["value"], one["from"]) for one in summary["settings_given"]}
    assert summary["settings"]["fail_on"] == "issue"
    assert given["genre"] == ("documentary", "summary.json of the scan")
    assert given["use"] == ("svod", "--use")
    assert summary["settings_not_read"] == ["records/provscan.toml"]


def test_other_commands_read_no_settings(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("scan", delivery, "--out", tmp_path / "records").code in (0, 1)
    (tmp_path / "provscan.toml").write_text("broken [", "utf-8")
    monkeypatch.chdir(tmp_path)
    for command in (
        ("report", tmp_path / "records/records.jsonl", "--format", "csv"),
        ("diff", tmp_path / "records", tmp_path / "records"),
        ("rules", "list"),
        ("policy", "list"),
        ("library", "init", tmp_path / "library"),
    ):
        assert call(*command).code == 0, command
    assert call("scan", delivery).code == 4


def test_a_variable_names_the_file_as_the_flag_does(
    call: Call, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "house.toml").write_text('digest = "full"', "utf-8")
    monkeypatch.setenv("PROVSCAN_CONFIG", str(tmp_path / "house.toml"))
    report, _ = scan(call, delivery)
    assert {"name": "digest", "value": "full", "from": "house.toml, by PROVSCAN_CONFIG"} in report["summary"][
        "settings_given"
    ]
    monkeypatch.setenv("PROVSCAN_CONFIG", str(tmp_path / "none.toml"))
    done = call("scan", delivery)
    assert (done.code, "none.toml" in done.err) == (4, True)


def test_records_inside_their_delivery_do_not_choose_how_they_are_judged(
    call: Call, delivery: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    assert call("scan", delivery, "--out", made, "--policy", "house", "--genre", "news").code in (0, 1)
    shutil.copytree(made, delivery / "QC")
    for records, policy, genre in ((made, "house", "news"), (delivery / "QC", "default", "not given")):
        done = call("judge", records / "records.jsonl", "--out", tmp_path / f"judged-{genre}")
        summary = json.loads((tmp_path / f"judged-{genre}/summary.json").read_text())
        assert (summary["policy"]["name"], summary["settings"]["genre"]) == (policy, genre)
        assert ("is inside the delivery" in done.err) == (genre == "not given")


@pytest.mark.parametrize(
    "name",
    [
        "multiprocessing.py",
        "scanner.py",
        *(pytest.param(name, marks=pytest.mark.thorough) for name in ("random.py", "numpy.py", "PIL.py")),
    ],
)
def test_no_program_in_the_working_folder_is_run(name: str, delivery: Path, tmp_path: Path) -> None:
    """As the installed command is started: a file of its own folder, so that Python does not search the working one."""
    command = tmp_path / "bin" / "provscan"
    command.parent.mkdir()
    command.write_text("from scanner.cli import main\nif __name__ == '__main__':\n    main()\n", "utf-8")
    mark = tmp_path / "ran"
    (delivery / name).write_text(f"open({str(mark)!r}, 'w').close()\nraise SystemExit(70)\n", "utf-8")
    done = subprocess.run(
        [sys.executable, command, "scan", ".", "--no-cache", "--jobs", "1"],
        cwd=delivery, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert not mark.exists()


def test_no_library_in_the_working_folder_is_loaded(delivery: Path) -> None:
    """The SDK's loader looks there first, in three folders."""
    real = next((Path(c2pa.__file__).parent / "libs").glob("*c2pa_c.so"), None)
    if real is None:
        pytest.skip("the SDK's library has another name here")
    for folder in (delivery, delivery / "libs", delivery / "artifacts"):
        folder.mkdir(exist_ok=True)
        (folder / real.name).symlink_to(real)
    code = "from scanner.readers.c2pa import sdk_version; sdk_version(); import c2pa.c2pa; print(c2pa.c2pa._lib._name)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=delivery, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(real.resolve())


@pytest.mark.parametrize(("told", "codes"), [(3, {4}), ([1], {4}), ([{"name": ["a"]}], {4}), ([{}], {0, 1})])
def test_a_summary_that_says_nonsense_of_settings_is_refused_and_one_that_says_little_is_read(
    told: Any, codes: set[int], call: Call, delivery: Path, tmp_path: Path
) -> None:
    assert call("scan", delivery, "--out", tmp_path / "made").code in (0, 1)
    file = tmp_path / "made/summary.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "settings_given": told}), "utf-8")
    for command in (("judge",), ("report", "--format", "html")):
        done = call(*command, tmp_path / "made/records.jsonl")
        assert done.code in codes, done.err
        assert "Traceback" not in done.err
