"""What the page for producers promises, on a real delivery: triage, cue sheet, notice, judging, the next version."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import docx
import pytest

from tests.e2e.conftest import Call
from tests.e2e.test_examples import made, plain

NETFLIX = ("--policy", "netflix-2025")
PLANNED = {
    "entry_id": "P-1", "status": "planned", "description": "Young Anna", "use_case": "de-aging",
    "generated_or_altered": "generated", "tool": "Example", "licence_tier": "enterprise", "trains_on_inputs": "n",
    "inputs_used": "photos of the cast", "scope_temp_or_final": "temp",
}  # fmt: skip


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as sheet:
        table = csv.DictWriter(sheet, list(dict.fromkeys(name for row in rows for name in row)))
        table.writeheader()
        table.writerows(rows)
    return path


def test_from_a_plan_to_a_passed_delivery(tmp_path: Path, call: Call) -> None:
    plan = written(tmp_path / "plan.csv", [PLANNED])
    asked = call("register", "triage", plan, *NETFLIX)
    assert asked.code == 1
    assert "Needs: written approval, consent" in asked.out

    house, report = tmp_path / "EP101", tmp_path / "report"
    made(house / "03_Artwork" / "poster_v1.png")
    plain(house / "03_Artwork" / "key.png")
    assert call("scan", house, *NETFLIX, "--out", report).code == 1
    sheet = tmp_path / "ai-uses.csv"
    assert call("register", "cuesheet", report / "records.jsonl", "-o", sheet).code == 0
    assert call("register", "check", sheet).code == 0

    with sheet.open(encoding="utf-8-sig", newline="") as read:
        (row,) = csv.DictReader(read)
    told = {
        **row,
        "use_case": "marketing",
        "licence_tier": "enterprise",
        "trains_on_inputs": "n",
        "inputs_used": "none",
    }
    register = written(tmp_path / "told.csv", [{**told, "status": "informed"}, PLANNED])
    notice = tmp_path / "notice.docx"
    assert call("register", "notice", report / "records.jsonl", "--register", register, "-o", notice).code == 0
    document = docx.Document(str(notice))
    titles = [it.text for it in document.paragraphs if it.style.name == "Heading 2"]
    assert titles == ["1. 03_Artwork/poster_v1.png", "2. Young Anna"]
    assert len(document.inline_shapes) == 1, "the picture that the scan drew"
    cells = [cell.text for table in document.tables for line in table.rows for cell in line.cells]
    assert "EP101/03_Artwork/poster_v1.png" in cells
    assert any("netflix.generated-in-final, netflix-2025" in text for text in cells), "the policy of the scan"

    answer = {"approved_by": "N. Approver", "approver_role": "commissioner", "date_approved": "2026-06-01",
              "approval_ref": "letter 7", "scope_temp_or_final": "final"}  # fmt: skip
    register = written(tmp_path / "answered.csv", [{**told, **answer, "status": "approved"}])
    judged = tmp_path / "judged"
    assert call("judge", report / "records.jsonl", "--register", register, "--out", judged).code == 0
    left = call("register", "notice", report / "records.jsonl", "--register", register, "-o", tmp_path / "rest.md")
    assert "There is nothing to ask or to inform of." in (tmp_path / "rest.md").read_text("utf-8"), left.err


@pytest.mark.parametrize("name", ["poster_v2.png", "poster_R3.png", "poster_20261122.png"])
def test_the_next_version_of_a_file_is_fixed_or_still_says_it(name: str, tmp_path: Path, call: Call) -> None:
    reports = {}
    for kind in ("old", "still", "fixed"):
        house = tmp_path / kind / "EP101"
        path = house / "03_Artwork" / ("poster_v1.png" if kind == "old" else name)
        plain(path) if kind == "fixed" else made(path, "teal" if kind == "old" else "navy")
        reports[kind] = tmp_path / f"{kind}-report"
        call("scan", house, *NETFLIX, "--out", reports[kind])
    for kind, state in (("still", "still present"), ("fixed", "fixed")):
        answer = call("diff", reports["old"], reports[kind], "--format", "json")
        counts = {word: number for word, number in json.loads(answer.out)["counts"].items() if number}
        assert (answer.code, counts) == (0, {state: 1})
