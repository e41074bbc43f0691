"""The worked examples A to I of commissioning practice, through the command line.

Files are real and scanned. A, C, D and E on media are in `test_altered_archival`, `test_temp_in_final` and
`test_licensed_archival`; here A and C have matches put into the stored records by hand, as `judge` finds them there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

SETTINGS = (
    "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: example, Version: v1.10.1"
)
APPROVED = {
    "entry_id": "AI-1", "tool": "any", "use_case": "other", "generated_or_altered": "generated", "status": "approved",
    "approved_by": "N. Approver", "date_approved": "2026-06-01", "approval_ref": "letter 7",
    "scope_temp_or_final": "final",
}  # fmt: skip
INFORMED = {**APPROVED, "status": "informed"}
DELIVERY = ("--delivery-date", "2026-11-22")
NETFLIX = ("--policy", "netflix-2025")


def made(path: Path, colour: str = "teal") -> Path:
    """A picture that says a generator made it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SETTINGS)
    Image.new("RGB", (64, 64), colour).save(path, pnginfo=info)
    return path


def plain(path: Path, **how: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((96, 64), 60).convert("RGB").save(path, **how)
    return path


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Writes a register of rows."""

    def write(*rows: dict[str, str], name: str = "register.csv") -> Path:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
        (tmp_path / name).write_text("\n".join(";".join(line) for line in lines), "utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def scan(tmp_path: Path, call: Call) -> Callable[..., dict[str, dict[str, Any]]]:
    """Scans a folder into a new output folder; the records by path."""
    runs = iter(range(100))

    def run(folder: Path, *arguments: str | Path) -> dict[str, dict[str, Any]]:
        out = tmp_path / f"out{next(runs)}"
        chosen = () if "--policy" in arguments else NETFLIX
        assert call("scan", folder, "--out", out, *DELIVERY, *chosen, *arguments).code in (0, 1), "inspected"
        return records_of(out)

    return run


@pytest.fixture
def known(tmp_path: Path, call: Call) -> Callable[..., dict[str, dict[str, Any]]]:
    """Judges a stored run again with matches, by path, put into its records."""
    runs = iter(range(100))

    def judge(
        folder: Path, matches: dict[str, list[dict[str, Any]]], *arguments: str | Path
    ) -> dict[str, dict[str, Any]]:
        stored, out = tmp_path / f"stored{next(runs)}", tmp_path / f"judged{next(runs)}"
        call("scan", folder, "--out", stored)
        lines = []
        for record in records_of(stored).values():
            record["matches"] = matches.get(record["asset"]["path"], [])
            lines.append(json.dumps(record) + "\n")
        (stored / "records.jsonl").write_text("".join(lines))
        summary = json.loads((stored / "summary.json").read_text())
        summary["records"]["sha256"] = hashlib.sha256("".join(lines).encode()).hexdigest()
        (stored / "summary.json").write_text(json.dumps(summary))
        chosen = () if "--policy" in arguments else NETFLIX
        assert call("judge", stored / "records.jsonl", "--out", out, *DELIVERY, *chosen, *arguments).code in (0, 1)
        return records_of(out)

    return judge


def match(reference: str, role: str, relation: str = "reframed", **more: Any) -> dict[str, Any]:
    return {"reference": reference, "role": role, "relation": relation, "score": 212.0, "threshold": 15.0, "at": None,
            "region": None, "flip": False, "alteration": None, **more}  # fmt: skip


def digest(record: dict[str, Any]) -> str:
    told = record["asset"]["digest"]
    return f"{told['algorithm']}:{told['value']}"


def outcomes(records: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {path: record["verdict"]["outcome"] for path, record in records.items()}


PHOTO = [{"x": 0, "y": 0, "w": 100, "h": 30}, {"x": 60, "y": 70, "w": 10, "h": 10}]
"""What differs from the family's scan: the background, and a hand."""


@pytest.mark.parametrize("policy", ["netflix-2025", "apa-documentary"])
def test_a_an_altered_photo_in_a_documentary(policy: str, tmp_path: Path, known, sheet) -> None:
    places = ("Master/still_0028.png", "Trailer/still.png", "Master/phone_insert.png", "Artwork/keyart.png")
    for name in places:
        plain(tmp_path / "EP" / name)
    party = match(
        "FAM-014",
        "archival",
        alteration={"judged": True, "area_percent": 31.0, "regions": PHOTO},
        facts={"quality": "scan"},
    )
    found = {name: [party] for name in places}
    asked = ("--policy", policy, "--genre", "documentary")

    alone = known(tmp_path / "EP", found, *asked)
    assert set(outcomes(alone).values()) == {"blocker"}
    reason = alone[places[0]]["verdict"]["reasons"][0]
    assert "FAM-014; 31 % of the picture differs in 2 regions" in reason["text"]
    assert "does not show that AI was used" in reason["text"]
    assert "disclose" in alone[places[0]]["verdict"]["actions"]

    row = {**APPROVED, "generated_or_altered": "edited", "phash_or_ref_id": "FAM-014", "use_case": "anonymisation",
           "disclosure_method": "lower third @ 00:28:10:00"}  # fmt: skip
    background = known(tmp_path / "EP", found, *asked, "--register", sheet({**row, "region": "0,0,100,30"}))
    assert set(outcomes(background).values()) == {"issue"}
    assert "not covered: the region x 60 y 70 w 10 h 10 %" in background[places[0]]["verdict"]["reasons"][0]["text"]

    assert set(outcomes(known(tmp_path / "EP", found, *asked, "--register", sheet(row))).values()) == {"pass"}
    silent = {**row, "disclosure_method": ""}
    assert set(outcomes(known(tmp_path / "EP", found, *asked, "--register", sheet(silent))).values()) == {"issue"}


def test_a_without_the_source_photo_the_scan_still_stops_it(tmp_path: Path, scan) -> None:
    plain(tmp_path / "EP/Archival/party.jpg")
    (record,) = scan(tmp_path / "EP", "--policy", "apa-documentary").values()
    assert [reason["rule"] for reason in record["verdict"]["reasons"]] == ["apa.unsourced-archival"]
    assert record["verdict"]["outcome"] == "issue"


def test_b_a_poster_on_a_wall(tmp_path: Path, scan, sheet) -> None:
    folder = tmp_path / "EP"
    made(folder / "Graphics/poster.png")
    made(folder / "Ideation/poster.png")
    first = scan(folder)
    assert outcomes(first) == {"Graphics/poster.png": "blocker", "Ideation/poster.png": "fyi"}
    poster = {"content_digest": digest(first["Graphics/poster.png"]), "use_case": "background", "story_relevant": "n"}
    told = scan(folder, "--register", sheet({**INFORMED, **poster}))
    assert outcomes(told) == {"Graphics/poster.png": "issue", "Ideation/poster.png": "pass"}
    assert "written-approval" in told["Graphics/poster.png"]["verdict"]["actions"]
    allowed = scan(folder, "--register", sheet({**APPROVED, **poster}))
    assert outcomes(allowed)["Graphics/poster.png"] == "pass"
    reason = allowed["Graphics/poster.png"]["verdict"]["reasons"][0]
    assert (reason["register"], reason["binding"]) == ("AI-1", "content")
    relevant = scan(folder, "--register", sheet({**APPROVED, **poster, "story_relevant": "unsure"}))
    assert "lacks human_contribution" in relevant["Graphics/poster.png"]["verdict"]["reasons"][0]["text"]


def test_c_a_temporary_voice_in_the_final(tmp_path: Path, known, sheet) -> None:
    plain(tmp_path / "EP/Stems/dialogue.png")
    voice = match("temp_mix.wav", "temp", "segment")
    path = "Stems/dialogue.png"
    assert outcomes(known(tmp_path / "EP", {path: [voice]})) == {path: "blocker"}
    temp = sheet({**APPROVED, "phash_or_ref_id": "temp_mix.wav", "scope_temp_or_final": "temp"})
    assert outcomes(known(tmp_path / "EP", {path: [voice]}, "--register", temp)) == {path: "blocker"}
    final = sheet({**APPROVED, "phash_or_ref_id": "temp_mix.wav"})
    assert outcomes(known(tmp_path / "EP", {path: [voice]}, "--register", final)) == {path: "pass"}
    made(tmp_path / "EP" / path)
    cast = known(tmp_path / "EP", {path: [match("the lead", "talent", "segment")]}, "--register", final)[path]
    assert cast["verdict"]["outcome"] == "blocker"
    assert "consent" in cast["verdict"]["actions"]


def test_f_photoshop_alone_says_nothing_and_generative_fill_does(tmp_path: Path, house: Path, scan) -> None:
    exif = Image.Exif()
    exif[0x0131] = "Adobe Photoshop 25.0"
    plain(tmp_path / "EP/Artwork/plain.jpg", exif=exif)
    shutil.copy2(house / "05_Archival/arc_0007_moon.jpg", tmp_path / "EP/Artwork/filled.jpg")
    records = scan(tmp_path / "EP")
    assert outcomes(records) == {"Artwork/plain.jpg": "pass", "Artwork/filled.jpg": "issue"}
    assert not [finding for finding in records["Artwork/plain.jpg"]["findings"] if finding["claim"] != "captured"]
    assert records["Artwork/filled.jpg"]["verdict"]["reasons"][0]["rule"] == "netflix.edited-in-final"


def test_g_a_declaration_of_no_ai_is_contradicted_and_neither_is_changed(tmp_path: Path, scan) -> None:
    made(tmp_path / "EP/VFX/sky.png")
    plain(tmp_path / "EP/VFX/plate.png")
    declared = tmp_path / "hpf.json"
    declared.write_text(json.dumps({"hpf_standard_version": "0.9.2", "hpf_classification": "no_ai"}))
    records = scan(tmp_path / "EP", "--register", declared)
    said = [
        reason
        for reason in records["VFX/sky.png"]["verdict"]["reasons"]
        if reason["rule"].startswith("delivery.contradicts")
    ]
    assert len(said) == 1
    assert "hpf.json declares no_ai; found: generated" in said[0]["text"]
    assert (said[0]["outcome"], outcomes(records)["VFX/plate.png"]) == ("issue", "pass")


def test_h_artwork_that_changed_after_its_approval(tmp_path: Path, scan, sheet) -> None:
    folder = tmp_path / "EP"
    made(folder / "Artwork/keyart.png")
    approved = {
        **APPROVED,
        "asset_glob": "Artwork/keyart.png",
        "content_digest": digest(scan(folder)["Artwork/keyart.png"]),
    }
    assert outcomes(scan(folder, "--register", sheet(approved))) == {"Artwork/keyart.png": "pass"}
    made(folder / "Artwork/keyart.png", "purple")
    (record,) = scan(folder, "--register", sheet(approved)).values()
    assert record["verdict"]["outcome"] == "blocker"
    assert "was written for other content: the file has changed since" in record["verdict"]["reasons"][0]["text"]


def test_i_one_end_card_in_eight_episodes(tmp_path: Path, scan, sheet) -> None:
    folder = tmp_path / "Season"
    for number in range(1, 9):
        made(folder / f"EP10{number}/Graphics/endcard.png")
    first = scan(folder)
    assert set(outcomes(first).values()) == {"blocker"}
    one = {**APPROVED, "content_digest": digest(first["EP101/Graphics/endcard.png"])}
    records = scan(folder, "--register", sheet({**one, "episode": "*"}))
    assert len(records) == 8
    assert {record["verdict"]["reasons"][0]["register"] for record in records.values()} == {"AI-1"}
    assert len({record["findings"][0]["id"] for record in records.values()}) == 1, "one group"
    only = outcomes(scan(folder, "--register", sheet({**one, "episode": "EP103"})))
    assert [path[:5] for path, outcome in only.items() if outcome == "pass"] == ["EP103"]


def test_from_a_cue_sheet_to_a_passed_delivery(tmp_path: Path, call: Call) -> None:
    """A producer's way: scan, cue sheet, complete it, check it, judge again, and compare the two."""
    import openpyxl

    made(tmp_path / "EP/Artwork/keyart.png")
    out, uses, again = tmp_path / "out", tmp_path / "uses.xlsx", tmp_path / "again"
    assert call("scan", tmp_path / "EP", "--out", out).code == 1
    assert call("register", "cuesheet", out / "records.jsonl", "--out", uses).code == 0
    empty = call("register", "check", uses)
    assert (empty.code, "use_case: is still to be filled in" in empty.out) == (0, True), "what only people know"
    book = openpyxl.load_workbook(uses)
    table = book.worksheets[0]
    columns = {cell.value: cell.column for cell in table[1]}
    answers = {"licence_tier": "enterprise", "trains_on_inputs": "n", "inputs_used": "none", "approver_role": "legal"}
    for column, value in {**APPROVED, **answers, "entry_id": "AI-0001", "tool": "=odd"}.items():
        table.cell(2, columns[column]).value = value
        table.cell(2, columns[column]).data_type = "s"
    book.save(uses)
    checked = call("register", "check", uses)
    assert (checked.code, "1 row: 1 complete approval" in checked.out) == (0, True)
    assert call("judge", out / "records.jsonl", "--register", uses, "--out", again, *DELIVERY).code == 0
    summary = json.loads((again / "summary.json").read_text())
    assert summary["register"]["states"] == {"found": 1, "no marker found": 0, "not in the delivery": 0}
    assert summary["register"]["files"][0]["digest"].startswith("sha256:")
    compared = call("diff", out, again, "--format", "json")
    assert (compared.code, json.loads(compared.out)["counts"]["fixed"]) == (0, 1)
    back = call("diff", again, out)
    assert (back.code, "1 new" in back.out) == (1, True)
    assert call("register", "cuesheet", out / "records.jsonl", "--out", uses).code == 4, "never written over"


def test_what_is_declared_and_not_there_is_said(tmp_path: Path, call: Call, sheet) -> None:
    plain(tmp_path / "EP/Artwork/clean.png")
    rows = sheet(
        {**INFORMED, "asset_glob": "Artwork/clean.png"}, {**INFORMED, "entry_id": "AI-2", "asset_glob": "gone.png"}
    )
    done = call("scan", tmp_path / "EP", "--out", tmp_path / "out", "--register", rows)
    assert done.code == 1, "a register that declares AI in a final asks for its approval"
    assert records_of(tmp_path / "out")["Artwork/clean.png"]["verdict"]["outcome"] == "issue"
    assert "row 2 (AI-1): declared, but no marker was found" in done.err
    assert "row 3 (AI-2): declared, but missing from the delivery" in done.err


@pytest.mark.parametrize("name", ["template.xlsx", "template.csv"])
def test_the_template_is_an_empty_register(name: str, tmp_path: Path, call: Call) -> None:
    assert call("register", "template", tmp_path / name).code == 0
    checked = call("register", "check", tmp_path / name)
    assert (checked.code, checked.out) == (0, "0 rows: 0 complete approvals, 0 with errors\n")


@pytest.mark.parametrize("option", ["--register", "--waivers"])
def test_a_file_that_is_no_register_is_set_up_that_is_not_right(option: str, tmp_path: Path, call: Call) -> None:
    plain(tmp_path / "EP/a.png")
    (tmp_path / "odd.csv").write_text("x,y\n1,2\n")
    done = call("scan", tmp_path / "EP", option, tmp_path / "odd.csv")
    assert (done.code, done.out) == (4, "")
    assert "odd.csv" in done.err
