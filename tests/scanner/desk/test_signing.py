"""A job is signed for the records that hold, and the sign-off says when it no longer covers them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from fixtures.marks import PROMPT
from scanner.desk.agenda import AgendaFolder
from scanner.desk.job import DeskJob
from tests.e2e.demo import Scanned
from tests.scanner.desk.serving import Client

TYPED = {"decision": "do not deliver", "name": "Ada <i>Example", "role": "Supervisor", "day": "2026-11-30"}


@pytest.fixture
def job(client: Client, scanned: Scanned, tmp_path: Path) -> DeskJob:
    shutil.copytree(scanned.folder, tmp_path / "run")
    return client.server.desk.jobs.open_run(tmp_path / "run")


def source_of(client: Client, job: DeskJob) -> str:
    return re.findall(r'name="source" value="([0-9a-f]{64})"', client.get(f"/jobs/{job.id}/sign").text)[0]


def sign(client: Client, job: DeskJob, **changed: Any) -> Any:
    return client.post(f"/jobs/{job.id}/sign", {**TYPED, "source": source_of(client, job), **changed})


def test_delivering_over_a_blocker_is_not_signed_without_exceptions(client: Client, job: DeskJob) -> None:
    answer = sign(client, job, decision="deliver")
    assert answer.status == 422
    assert "have a blocker. Decide about them" in answer.text
    assert not Path(job.out, "summary.json").exists()


def test_signing_writes_reports_that_state_it(client: Client, job: DeskJob) -> None:
    version = {"version": job.version, "formats": ["html", "csv", "json"], "out": job.out, "redact": "yes"}
    assert client.post(f"/jobs/{job.id}/choose", version).status == 303
    assert sign(client, job).status == 303
    out = Path(job.out)
    digest = hashlib.sha256((out / "records.jsonl").read_bytes()).hexdigest()
    signed = json.loads((out / "summary.json").read_text("utf-8"))["signed"]
    assert signed["records"] == digest
    assert re.search(r"\d+ files with a blocker", signed["open"])
    page = (out / "report.html").read_text("utf-8")
    assert "Ada &lt;i&gt;Example" in page
    assert digest in page
    rows = list(csv.DictReader((out / "report.csv").open(encoding="utf-8-sig")))
    assert any("Ada <i>Example" in row["says"] for row in rows if row["row"] == "signed")
    words = PROMPT.split(",")[0]
    assert words in Path(job.scanned, "records.jsonl").read_text("utf-8")
    assert words not in (out / "records.jsonl").read_text("utf-8")
    assert words not in page
    shown = client.get(f"/jobs/{job.id}/sign").text
    assert "Ada &lt;i&gt;Example" in shown
    assert "not a cryptographic signature" in shown
    documents = re.findall(rf'href="(/jobs/{job.id}/documents/[0-9a-f]+)" download>report.html', shown)
    sent = client.get(documents[0])
    assert sent.text == page
    assert sent.headers["content-disposition"].startswith("attachment")
    assert sent.headers["content-type"] == "application/octet-stream"

    # A decision later: what was signed is not what holds.
    decided = Path(job.out, "decided")
    shutil.copytree(job.scanned, decided, ignore=shutil.ignore_patterns("pictures", "desk"))
    lines = (decided / "records.jsonl").read_bytes().splitlines(keepends=True)
    lines.reverse()
    (decided / "records.jsonl").write_bytes(b"".join(lines))
    summary = json.loads((decided / "summary.json").read_text("utf-8"))
    summary["records"]["sha256"] = hashlib.sha256(b"".join(lines)).hexdigest()
    (decided / "summary.json").write_text(json.dumps(summary), "utf-8")
    assert "changed after this sign-off" in client.get(f"/jobs/{job.id}/sign").text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"name": " "}, 422, "Missing: Name"),
        ({"decision": "ship it"}, 422, "Missing: Decision"),
        ({"day": "soon"}, 422, "Missing: Date"),
        ({"source": "0" * 64}, 409, "records changed since this page was shown"),
    ],
)
def test_what_is_not_complete_or_out_of_date_is_not_signed(
    client: Client, job: DeskJob, changed: dict[str, str], status: int, said: str
) -> None:
    answer = sign(client, job, **changed)
    assert answer.status == status
    assert said in answer.text
    assert not Path(job.out).exists()


def test_documents_are_named_by_the_desk_and_by_no_path(client: Client, job: DeskJob) -> None:
    Path(job.out).mkdir()
    Path(job.out, "secret.txt").write_text("secret", "utf-8")
    Path(job.out, "report.csv").symlink_to(Path(job.out, "secret.txt"))
    shown = client.get(f"/jobs/{job.id}/sign").text
    assert "secret.txt" not in shown
    assert "report.csv" not in shown
    for name in ("secret.txt", "..%2Frecords.jsonl", "../records.jsonl", "report.csv"):
        assert client.get(f"/jobs/{job.id}/documents/{name}").status == 404


def test_no_page_of_a_redacted_job_shows_what_a_file_states(client: Client, job: DeskJob) -> None:
    words = PROMPT.split(",")[0]
    whole = "".join(pages_of(client, job))
    assert words in whole, "what is not shown proves nothing"
    version = {"version": job.version, "formats": ["html"], "out": job.out, "redact": "yes"}
    assert client.post(f"/jobs/{job.id}/choose", version).status == 303
    assert words not in "".join(pages_of(client, job))


def pages_of(client: Client, job: DeskJob) -> list[str]:
    """The pages of a job, and of each of its files."""
    files = [f"/jobs/{job.id}/review/{item.anchor}" for item in AgendaFolder().read(job).items]
    answers = [client.get(path) for path in ("/", f"/jobs/{job.id}/run", f"/jobs/{job.id}/sign", *files)]
    assert {answer.status for answer in answers} == {200}
    return [answer.text for answer in answers]
