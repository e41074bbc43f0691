"""The review of a job as a browser meets it: files worst first, decisions that judge again, rows, excerpts."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.marks import a1111
from scanner import scan
from scanner.desk.agenda import AgendaFolder
from scanner.desk.job import DeskJob
from scanner.desk.judging import judge_again
from tests.scanner.desk.serving import Client, serve
from tests.scanner.stills import chunk, png

NAME = '03_Artwork/"><script>owned=1<.png'


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery with an AI picture whose name is markup, one that fails, and one without a marker; and its scan."""
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "EP101" / "03_Artwork").mkdir(parents=True)
    made = png(chunk(b"tEXt", b"parameters\0" + a1111().encode("latin-1")))
    (folder / "EP101" / NAME.replace("/", "\0", 1).replace("/", "∕").replace("\0", "/")).write_bytes(made)
    (folder / "EP101" / "03_Artwork" / "plain.png").write_bytes(png())
    (folder / "EP101" / "03_Artwork" / "cut.png").write_bytes(made[:60])
    with scan([folder / "EP101"], out=folder / "scan", matching="off", executor="serial", cache=str(folder / "cache")):
        pass
    return folder


@pytest.fixture
def served(scanned: Path, tmp_path: Path) -> Iterator[tuple[Client, DeskJob]]:
    with serve(tmp_path / "desk") as client:
        shelf = client.server.desk.jobs
        job = shelf.make_job((scanned / "EP101",))
        shutil.copytree(scanned / "scan", job.scanned)
        yield client, shelf.save_job(replace(job, out=str(tmp_path / "out")))


def first(client: Client, job: DeskJob) -> str:
    answer = client.get(f"/jobs/{job.id}/review")
    assert answer.status == 303
    return answer.headers["location"]


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def decision(page: str, **more: str) -> dict[str, str]:
    fields = {"version": field(page, "version"), "rule": field(page, "rule"), "disposition": "creative-intent",
              "name": "A. Reviewer", "role": "post supervisor", "reason": "it is shown as a drawing"}  # fmt: skip
    return {**fields, **more}


def test_files_come_worst_first_and_names_are_text(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    page = client.get(first(client, job)).text
    assert "File 1 of 2" in page
    assert "<script>owned" not in page
    assert "&lt;script&gt;owned=1&lt;.png" in page
    assert page.index("blocker") < page.index("issue")


def test_a_decision_is_judged_again_at_once_and_can_be_taken_back(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    place = first(client, job)
    page = client.get(place).text
    assert "1 blocker" in page
    assert client.post(f"{place}/decide", decision(page)).status == 303
    page = client.get(place).text
    assert "1 blocker" not in page
    assert "it is shown as a drawing" in page
    assert json.loads((job.decided / "summary.json").read_text())["outcomes"]["blocker"] == 0
    assert "A. Reviewer" in job.waivers_file.read_text()
    step = {"version": field(page, "version"), "rule": field(page, "rule")}
    assert client.post(f"{place}/withdraw", step).status == 303
    assert "1 blocker" in client.get(place).text
    assert client.post(f"{place}/undo", {"version": field(client.get(place).text, "version")}).status == 303
    assert "1 blocker" not in client.get(place).text


def test_fix_accepts_nothing(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    place = first(client, job)
    assert client.post(f"{place}/decide", decision(client.get(place).text, disposition="fix")).status == 303
    page = client.get(place).text
    assert "1 blocker" in page
    assert "<b>fix</b>: it is shown as a drawing" in page


def test_the_second_of_two_windows_is_refused_and_keeps_its_words(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    place = first(client, job)
    page = client.get(place).text
    client.post(f"{place}/comment", {"version": field(page, "version"), "name": "B. Other", "text": "<b>look</b>"})
    late = client.post(f"{place}/decide", decision(page, reason="my own words"))
    assert late.status == 409
    assert "another window decided something in the meantime" in late.text
    assert "my own words" in late.text
    assert "&lt;b&gt;look&lt;/b&gt;" in late.text
    assert not job.waivers_file.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"disposition": "pass"}, "Choose a decision."),
        ({"name": ""}, "Fill in the name"),
        ({"reason": "tbc"}, "Fill in the reason"),
        ({"expires": "soon"}, "is written 2026-11-22"),
        ({"rule": "no.such-rule"}, "does not stop the file any more"),
    ],
)
def test_a_decision_that_nobody_could_defend_is_not_written(
    change: dict[str, str], words: str, served: tuple[Client, DeskJob]
) -> None:
    client, job = served
    place = first(client, job)
    answer = client.post(f"{place}/decide", decision(client.get(place).text, **change))
    assert answer.status == 422
    assert words in answer.text
    assert not job.waivers_file.exists()


def test_a_register_row_is_written_from_where_the_finding_is_seen(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    place = first(client, job)
    page = client.get(place).text
    cells = {name: html.unescape(value) for name, value in re.findall(r'name="(cell_\w+)" value="([^"]*)"', page)}
    assert cells["cell_content_digest"].startswith("xxh3-128:")
    assert cells["cell_tool"]
    cells |= {"version": field(page, "version"), "cell_use_case": "", "cell_generated_or_altered": "generated"}
    assert re.search(r'<select name="cell_use_case" multiple[^>]*>.*<option[^>]*>key visual<', page)
    wrong = client.post(f"{place}/row", {**cells, "cell_date_generated": "05/06/2026"})
    assert wrong.status == 422
    assert "<li>use case: is not filled in</li>" in wrong.text
    assert "<li>date generated: " in wrong.text, "all faults at once, by the labels of the fields"
    cells["cell_use_case"] = "keyvisul"
    assert "is not a word of this column" in client.post(f"{place}/row", cells).text
    cells["cell_use_case"] = ["key visual", "background"]
    cells["cell_status"] = "informed"
    assert client.post(f"{place}/row", cells).status == 303
    assert "DESK-0001" in client.get(place).text
    summary = json.loads((job.decided / "summary.json").read_text())
    assert summary["register"]["files"]


def test_pictures_and_excerpts_are_served_by_name_only(served: tuple[Client, DeskJob]) -> None:
    client, job = served
    place = first(client, job)
    for path in (
        f"/jobs/{job.id}/pictures/..%2F..%2Fsummary.json",
        f"/jobs/{job.id}/pictures/none.jpg",
        f"/jobs/{job.id}/excerpts/../0.jpg",
        f"/jobs/{job.id}/excerpts/{'0' * 20}/0.jpg",
        f"{place}/excerpt/{'0' * 16}",
        f"/jobs/{job.id}/review/file-0000",
    ):
        assert client.get(path).status == 404, path


def test_a_delivery_without_anything_to_decide_says_so(tmp_path: Path) -> None:
    (tmp_path / "EP1" / "Masters").mkdir(parents=True)
    (tmp_path / "EP1" / "Masters" / "a.png").write_bytes(png())
    with serve(tmp_path / "desk") as client:
        job = client.server.desk.jobs.make_job((tmp_path / "EP1",))
        with scan([tmp_path / "EP1"], out=job.scanned, matching="off", executor="serial", cache=str(tmp_path / "c")):
            pass
        page = client.get(f"/jobs/{job.id}/review").text
    assert "Nothing needs a decision" in page
    assert "no proof" in page or "not" in page
    assert "authentic" not in page.replace("never", "")


def test_the_agenda_follows_the_records(served: tuple[Client, DeskJob]) -> None:
    _, job = served
    folder = AgendaFolder()
    before = folder.read(job)
    assert folder.read(job) is before
    assert [item.outcome.value for item in before.items] == ["blocker", "issue"]
    shutil.copytree(job.scanned, job.decided)
    assert folder.read(job) is not before


@pytest.mark.parametrize("is_inside", [False, True])
def test_an_opened_run_is_judged_as_it_was_unless_it_came_with_its_delivery(
    scanned: Path, tmp_path: Path, is_inside: bool
) -> None:
    """The reports of `provscan judge` and what the desk shows after a decision are the same judgement."""
    shutil.copytree(scanned / "EP101", tmp_path / "EP101")
    folder = tmp_path / ("EP101/report" if is_inside else "report")
    shutil.copytree(scanned / "scan", folder)
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    (folder / "summary.json").write_text(json.dumps({**summary, "settings": {"genre": "documentary"}}), "utf-8")
    job = DeskJob(id="0" * 16, version=1, made="", paths=(), scanned=str(folder), out=str(tmp_path / "out"))
    judge_again(job)
    judged = json.loads((job.decided / "summary.json").read_text("utf-8"))
    assert judged["settings"]["genre"] == ("not given" if is_inside else "documentary")


def test_nothing_is_written_into_the_delivery_that_a_run_was_opened_from(scanned: Path, tmp_path: Path) -> None:
    shutil.copytree(scanned / "EP101", tmp_path / "EP101")
    shutil.copytree(scanned / "scan", tmp_path / "EP101" / "report")
    before = sorted((tmp_path / "EP101").rglob("*"))
    with serve(tmp_path / "desk") as client:
        job = client.server.desk.jobs.open_run(tmp_path / "EP101" / "report")
        place = first(client, job)
        answer = client.post(f"{place}/decide", decision(client.get(place).text))
        assert answer.status == 422
        assert "choose another output folder on the page Choose" in answer.text
        written = client.post(f"/jobs/{job.id}/documents")
        assert written.status == 400
        assert "is inside the delivery" in written.text
    assert sorted((tmp_path / "EP101").rglob("*")) == before
