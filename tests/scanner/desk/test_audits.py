"""The desk opens an audit: a grid of deliveries and rules, and from each cell a review."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from media.errors import ConfigError
from scanner.audit.audit import run_audit
from scanner.audit.stored import read_grid
from scanner.config import Config
from scanner.desk.shelf import AuditShelf, JobShelf
from scanner.pipeline import Output
from scanner.settings import Origins
from scanner.several.order import ScanOrder
from tests.e2e.stills import SETTINGS, still
from tests.scanner.desk.serving import Client

HOSTILE = "EP1 <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit of two episodes. An AI picture is in both finals; the first has another one, which comes first there."""
    folder = tmp_path_factory.mktemp("audited")
    for episode in (HOSTILE, "EP2"):
        still(folder / "season" / episode / "Masters" / "harbour.png", "teal", SETTINGS)
        still(folder / "season" / episode / "Masters" / "plain.png", "olive")
    config = Config(matching="off", executor="serial", cache=str(folder / "cache"))
    order = ScanOrder(out=folder / "AUDIT", config=config, output=Output(folder=folder / "AUDIT"), origins=Origins())
    run_audit(folder / "season", order)
    return folder / "AUDIT"


@pytest.fixture
def opened(client: Client, audited: Path) -> str:
    answer = client.post("/begin", {"path": str(audited)})
    assert answer.status == 303
    return answer.headers["location"]


def test_an_audit_opens_as_a_grid_of_rules_and_deliveries(client: Client, opened: str, audited: Path) -> None:
    page = client.get(opened)
    assert page.status == 200
    assert "Rules and deliveries" in page.text
    assert page.text.count("NOT READY: 1 blocker") == 2
    assert "<img src=x" not in page.text
    home = client.get("/").text
    assert f'href="{opened}"' in home
    assert str(audited) in home


def test_a_cell_opens_the_review_of_its_delivery_at_the_file_that_the_rule_names(client: Client, opened: str) -> None:
    page = client.get(opened).text
    (cell,) = re.findall(r'value="(1\.\d+)" aria-label="1 in EP2', page)
    answer = client.post(f"{opened}/open", {"cell": cell})
    assert answer.status == 303
    review = client.get(answer.headers["location"])
    assert "Masters/harbour.png" in review.text
    again = client.post(f"{opened}/open", {"cell": cell})
    assert again.headers["location"] == answer.headers["location"], "the same job, and no second one"
    by_name = client.post(f"{opened}/open", {"cell": "1"}).headers["location"]
    assert answer.headers["location"].startswith(by_name)


@pytest.mark.parametrize("cell", ["", "7", "x", "0.999", "-1", "0.-1", "0.x"])
def test_a_cell_that_the_audit_does_not_have_is_refused(client: Client, opened: str, cell: str) -> None:
    assert client.post(f"{opened}/open", {"cell": cell}).status == 404


@pytest.mark.parametrize("path", ["/audits/0000000000000000", "/audits/..%2f..%2fetc", "/audits/x"])
def test_no_path_of_a_request_opens_a_folder(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_only_a_page_of_the_desk_opens_a_delivery(client: Client, opened: str) -> None:
    assert client.post(f"{opened}/open", {"cell": "0", "token": "another"}).status == 403
    assert client.send("GET", opened, {}).status == 403


def test_an_audit_that_is_taken_off_the_list_stays_on_disk(client: Client, opened: str, audited: Path) -> None:
    assert client.post(f"{opened}/forget").status == 303
    assert f'href="{opened}"' not in client.get("/").text
    assert (audited / "audit.json").is_file()
    assert client.post(f"{opened}/forget").status == 404


@pytest.mark.parametrize("folder", ["../outside", "/etc", "deliveries/../../outside", ""])
def test_a_roll_up_leads_to_no_folder_outside(tmp_path: Path, audited: Path, folder: str) -> None:
    stored = json.loads((audited / "audit.json").read_text())
    stored["deliveries"][0]["folder"] = folder
    (tmp_path / "audit.json").write_text(json.dumps(stored))
    assert read_grid(tmp_path).deliveries[0].folder is None


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "provscan/audit/9"},
        {"deliveries": 1},
        {"rules": [{}]},
        {"rules": [{"rule": "ai.final", "accepted": False, "text": "", "remedy": "", "deliveries": {}}]},
        {"warnings": None},
        {"series": None, "rules": [1]},
    ],
)
def test_a_roll_up_that_is_damaged_is_refused(tmp_path: Path, audited: Path, change: dict[str, Any]) -> None:
    stored = json.loads((audited / "audit.json").read_text())
    (tmp_path / "audit.json").write_text(json.dumps({**stored, **change}))
    with pytest.raises(ConfigError, match="not a roll-up"):
        read_grid(tmp_path)


def test_settings_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match=r"settings folder .* make it writable"):
        AuditShelf(tmp_path / "settings" / "audits").open_audit(tmp_path)
    jobs = JobShelf(tmp_path / "settings", tmp_path / "work", tmp_path / "documents")
    with pytest.raises(ConfigError, match=r"settings folder .* make it writable"):
        jobs.make_job((tmp_path,))
