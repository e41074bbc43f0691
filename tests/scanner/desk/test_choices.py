"""What a person chooses is kept in their settings, never in the delivery, and two windows lose nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from media.errors import ConfigError
from scanner.desk.commands import categories_arguments, print_command, reports_arguments, scan_arguments
from scanner.desk.job import job_from_json, job_to_json
from tests.scanner.desk.serving import Client
from tests.scanner.stills import png


def begin(client: Client, folder: Path) -> str:
    """The job's id, of a delivery that is named on the first page."""
    answer = client.post("/begin", {"path": folder})
    assert answer.status == 303, answer.text
    return answer.headers["location"].split("/")[2]


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "EP101"
    (folder / "Odd Name").mkdir(parents=True)
    (folder / "Odd Name" / "a.png").write_bytes(png())
    return folder


def fields(client: Client, job: str, **changed: Any) -> dict[str, Any]:
    """What the page of choices sends, where only this was changed."""
    now = client.server.desk.jobs.read_job(job)
    return {"version": now.version, "paths": now.paths, "formats": "html", "out": now.out, **changed}


def test_choices_become_the_command_and_nothing_is_written_into_the_delivery(client: Client, delivery: Path) -> None:
    before = sorted(delivery.rglob("*"))
    job = begin(client, delivery)
    chosen = {
        "policy": ["netflix-2025", "no-such-policy"], "genre": "documentary", "use": ["svod", "nonsense"],
        "territory": "UK, world", "delivery_date": "2026-12-01", "exclude": "cache/**\n\n*.tmp", "about_title": "A film",
        "formats": ["csv", "pdf"], "redact": "yes", "comparing": "key",
    }  # fmt: skip
    assert client.post(f"/jobs/{job}/choose", fields(client, job, **chosen)).status == 303
    saved = client.server.desk.jobs.read_job(job)
    command = print_command(scan_arguments(saved))
    assert f"scan {delivery} --policy netflix-2025 --use svod --territory GB --territory world" in command
    assert "--genre documentary --delivery-date 2026-12-01" in command
    assert "--exclude 'cache/**' --exclude '*.tmp' --keyframes --about 'title=A film'" in command
    assert "no-such" not in command
    assert "nonsense" not in command
    assert "--redact" not in command, "decisions are judged again from records that are whole"
    assert print_command(reports_arguments(saved)).endswith(f"--redact --out '{saved.out}' --format csv --format pdf")
    assert sorted(delivery.rglob("*")) == before


def test_the_next_job_of_a_delivery_has_the_choices_of_the_last(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    assert begin(client, delivery) == job, "what was not scanned yet is not doubled"
    client.post(f"/jobs/{job}/choose", fields(client, job, policy="bbc"))
    scanned = Path(client.server.desk.jobs.read_job(job).scanned)
    scanned.mkdir(parents=True)
    for name in ("records.jsonl", "summary.json"):
        (scanned / name).write_text("", "utf-8")
    later = begin(client, delivery)
    assert later != job
    assert client.server.desk.jobs.read_job(later).choices.policy == ("bbc",)


@pytest.mark.parametrize("files", ["all", "artwork", "off"])
def test_the_files_in_which_marks_are_read_are_chosen_and_stay_chosen(
    client: Client, delivery: Path, files: str
) -> None:
    job = begin(client, delivery)
    assert "--marks" not in scan_arguments(client.server.desk.jobs.read_job(job))
    client.post(f"/jobs/{job}/choose", fields(client, job, marks=files))
    command = scan_arguments(client.server.desk.jobs.read_job(job))
    assert command[command.index("--marks") + 1] == files
    page = client.get(f"/jobs/{job}/choose").text
    (selected,) = re.findall(r'<option value="(\w*)" selected>', page.split('name="marks"')[1].split("</select>")[0])
    assert selected == files
    client.post(f"/jobs/{job}/choose", fields(client, job, marks=""))
    assert "--marks" not in scan_arguments(client.server.desk.jobs.read_job(job))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"register": "/no/such.csv"}, "Register: /no/such.csv does not exist"),
        ({"territory": "Atlantis"}, "territory is `world`, or a country"),
        ({"delivery_date": "tomorrow"}, "delivery_date is written 2026-11-22"),
        ({"paths": ""}, "Delivery: none is named"),
        ({"out": "reports"}, "not a whole path"),
    ],
)
def test_what_cannot_be_is_named_and_not_saved(
    client: Client, delivery: Path, changed: dict[str, Any], said: str
) -> None:
    job = begin(client, delivery)
    before = client.server.desk.jobs.read_job(job)
    answer = client.post(f"/jobs/{job}/choose", fields(client, job, **changed))
    assert answer.status == 422
    assert said in answer.text.replace("&#39;", "'")
    assert client.server.desk.jobs.read_job(job) == before


def test_the_output_folder_is_never_inside_the_delivery(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    answer = client.post(f"/jobs/{job}/choose", fields(client, job, out=delivery / "reports"))
    assert answer.status == 422
    assert "inside the scanned folder" in answer.text


def test_settings_of_the_user_are_shown_and_those_of_a_delivery_are_not(
    client: Client, delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "provscan").mkdir(parents=True)
    (tmp_path / "config" / "provscan" / "provscan.toml").write_text('genre = "news"\n', "utf-8")
    (delivery / "provscan.toml").write_text('policy = ["bbc"]\n', "utf-8")
    page = client.get(f"/jobs/{begin(client, delivery)}/choose").text
    assert "genre = news, from provscan.toml in the user&#39;s configuration folder" in page
    assert "policy = bbc" not in page


def test_two_windows_lose_nothing(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    mine, theirs = fields(client, job, genre="news"), fields(client, job, genre="fiction")
    assert client.post(f"/jobs/{job}/choose", theirs).status == 303
    answer = client.post(f"/jobs/{job}/choose", mine)
    assert answer.status == 409
    assert "another window changed this job" in answer.text
    assert "<td>news</td><td>fiction</td>" in answer.text
    assert client.server.desk.jobs.read_job(job).choices.genre == "fiction"
    assert client.post(f"/jobs/{job}/choose", fields(client, job, genre="news")).status == 303


def test_folders_are_shown_as_understood_and_corrected_outside_the_delivery(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    page = client.post(f"/jobs/{job}/folders/list").text
    assert "EP101/Odd Name" in page
    assert "not recognised" in page
    corrected = {"version": 1, "glob": ["Odd Name/*"], "recognised": ["final-picture"], "category": ["artwork"]}
    assert client.post(f"/jobs/{job}/folders", corrected).headers["location"] == f"/jobs/{job}/run"
    saved = client.server.desk.jobs.read_job(job)
    assert "--category 'Odd Name/*=artwork'" in print_command(scan_arguments(saved))
    assert "Odd Name/*=artwork" in categories_arguments(saved)
    assert client.post(f"/jobs/{job}/folders", corrected).status == 409, "the list is of an earlier version"


def test_a_correction_of_the_files_beside_the_folders_is_asked_last(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    rows = {"glob": ["*", "Odd Name/*"], "recognised": ["final-picture", "temp"], "category": ["promo", ""]}
    client.post(f"/jobs/{job}/folders", {"version": 1, **rows})
    assert client.server.desk.jobs.read_job(job).choices.categories == (("Odd Name/*", "temp"), ("*", "promo"))


def test_the_browser_of_folders_shows_names_and_no_contents(client: Client, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    for name in ("register.csv", "notes.txt", ".hidden.csv"):
        (tmp_path / name).write_text("secret", "utf-8")
    listed = client.post("/browse", {"at": tmp_path, "kind": "register"})
    assert "secret" not in listed.text
    found = json.loads(listed.text)
    assert [one["name"] for one in found["folders"]] == ["rows"]
    assert [one["name"] for one in found["files"]] == ["register.csv"]
    assert json.loads(client.post("/browse", {"at": tmp_path, "kind": "folder"}).text)["files"] == []
    assert client.get("/browse").status == 405, "a link cannot ask"


def test_a_name_is_text_on_every_page(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "<b>EP&101"
    folder.mkdir()
    job = begin(client, folder)
    for path in ("/", f"/jobs/{job}/choose", f"/jobs/{job}/folders", f"/jobs/{job}/run"):
        page = client.get(path).text
        assert "&lt;b&gt;EP&amp;101" in page
        assert "<b>EP" not in page


def test_a_job_keeps_what_it_holds(client: Client, delivery: Path) -> None:
    job = client.server.desk.jobs.read_job(begin(client, delivery))
    assert job_from_json(job_to_json(job), "here") == job
    for damaged in ("", "[]", "{}", '{"choices": 3}', job_to_json(job)[:-20], "[" * 100_000):
        with pytest.raises(ConfigError, match="here: not a job"):
            job_from_json(damaged, "here")


def test_a_job_is_taken_off_the_list_and_its_delivery_stays(client: Client, delivery: Path) -> None:
    job = begin(client, delivery)
    assert client.post(f"/jobs/{job}/forget").status == 303
    assert client.get(f"/jobs/{job}/choose").status == 404
    assert (delivery / "Odd Name" / "a.png").is_file()
    shutil.rmtree(delivery)
    assert client.get("/").status == 200
