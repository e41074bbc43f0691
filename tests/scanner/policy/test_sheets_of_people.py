"""Sheets as people keep them: hidden, filtered and struck-out rows; headings of their own; placeholders in waivers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from scanner.config import read_file
from scanner.judge.policy.waivers import read_waivers
from scanner.judge.register.columns import column_of, guess_of
from scanner.judge.register.register_file import RegisterFile, read_register
from scanner.model import Outcome
from tests.scanner.policy.world import APPROVED, HASH, finding, outcome, row, still

CELLS = {
    "entry_id": "AI-1", "content_digest": HASH, "tool": "T", "use_case": "other", "generated_or_altered": "generated",
    **APPROVED,
}  # fmt: skip


def sheet(path: Path, how: str) -> Path:
    book = openpyxl.Workbook()
    table = book.active
    for line in (list(CELLS), list(CELLS.values()), ["AI-2", "", "", "", "", "", "", "", "", ""]):
        table.append(line)
    if how == "hidden":
        table.row_dimensions[2].hidden = True
    elif how == "filtered":
        table.auto_filter.ref = "A1:J3"
        table.auto_filter.add_filter_column(0, ["AI-2"])
        table.row_dimensions[2].hidden = True
    elif how == "struck":
        for cell in table[2]:
            cell.font = Font(strike=True)
    elif how == "one cell struck":
        table["C2"].font = Font(strike=True)
    book.save(path)
    return path


def judged(read: RegisterFile) -> Outcome:
    return outcome(still(), finding(), rows=read.rows[:1])


@pytest.mark.parametrize(
    ("how", "void", "expected"),
    [
        ("plain", "", Outcome.PASS),
        ("hidden", "hidden", Outcome.BLOCKER),
        ("filtered", "hidden", Outcome.BLOCKER),
        ("struck", "struck out", Outcome.BLOCKER),
        ("one cell struck", "", Outcome.ISSUE),
    ],
)
def test_a_row_that_nobody_sees_approves_nothing_and_is_reported(
    how: str, void: str, expected: Outcome, tmp_path: Path
) -> None:
    read = read_register(sheet(tmp_path / "r.xlsx", how))
    assert (read.rows[0].void, judged(read)) == (void, expected)
    said = [str(fault) for fault in read.faults if "in its sheet: it" in fault.message]
    assert said == ([f"r.xlsx, row 2: is {void} in its sheet: it approves nothing and informs nobody"] if void else [])


def test_a_cell_that_is_merged_over_rows_leaves_those_below_open(tmp_path: Path) -> None:
    """A day of expiry that is merged over two rows ends both approvals for whoever looks at the sheet."""
    book = openpyxl.Workbook()
    table = book.active
    second = {**CELLS, "entry_id": "AI-2", "expires": ""}
    for line in (list(second), list({**CELLS, "expires": "2099-01-01"}.values()), list(second.values())):
        table.append(line)
    last = len(second)
    table.merge_cells(start_row=2, end_row=3, start_column=last, end_column=last)
    book.save(tmp_path / "r.xlsx")
    read = read_register(tmp_path / "r.xlsx")
    assert [outcome(still(), finding(), rows=[one]) for one in read.rows] == [Outcome.PASS, Outcome.BLOCKER]
    assert [str(fault) for fault in read.faults if "merged" in fault.message] == [
        "r.xlsx, row 3, expires: is merged with the row above: unmerge the cells, and fill in each row"
    ]


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_waiver_whose_expiry_is_merged_over_rows_does_not_hold(is_merged: bool, tmp_path: Path) -> None:
    waiver = {"finding": "a" * 16, "digest": f"xxh3-128:{HASH}", "disposition": "creative-intent", "name": "Q. C.",
              "reason": "meant so", "date": "2026-11-01", "expires": ""}  # fmt: skip
    book = openpyxl.Workbook()
    for line in (list(waiver), list({**waiver, "expires": "2026-11-02"}.values()), list(waiver.values())):
        book.active.append(line)
    if is_merged:
        book.active.merge_cells("G2:G3")
    book.save(tmp_path / "w.xlsx")
    assert len(read_waivers(tmp_path / "w.xlsx").waivers) == (1 if is_merged else 2)


@pytest.mark.parametrize("how", ["hidden", "filtered", "struck"])
def test_a_withdrawal_that_nobody_sees_still_revokes(how: str, tmp_path: Path) -> None:
    """A sheet that was filtered to its approved rows hides the withdrawals."""
    void = read_register(sheet(tmp_path / "r.xlsx", how)).rows[0].void
    withdrawn = row(3, **{**CELLS, "status": "withdrawn", "date_approved": "2026-11-20"})
    assert outcome(still(), finding(), rows=[row(2, **CELLS)]) is Outcome.PASS
    assert outcome(still(), finding(), rows=[row(2, **CELLS), replace(withdrawn, void=void)]) is Outcome.BLOCKER


@pytest.mark.parametrize(
    ("heading", "guess"),
    [
        ("AI Tool", "tool"),
        ("Tool used", "tool"),
        ("Approvd by", "approved_by"),
        ("Gen AI use case", "use_case"),
        ("Shade", ""),
        ("Mood", ""),
        ("Director's notes", "notes"),
    ],
)
def test_a_heading_that_is_not_understood_is_reported_with_a_guess(heading: str, guess: str, tmp_path: Path) -> None:
    assert column_of(heading) not in (guess or "?"), "it is not applied"
    assert guess_of(heading) == guess
    path = tmp_path / "r.csv"
    path.write_text(f"entry_id;asset_glob;{heading}\nA;a.png;x\n")
    said = [fault for fault in read_register(path).faults if fault.column == heading]
    assert [not fault.grave and f"if it means {guess}," in fault.message for fault in said] == [True] * bool(guess)


def test_headings_are_mapped_in_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "provscan.toml"
    settings.write_text('[columns]\n"KI-Werkzeug" = "tool"\n')
    columns = dict(read_file(settings)["columns"])
    path = tmp_path / "r.csv"
    path.write_text("entry_id;asset_glob;KI-Werkzeug\nA;a.png;Firefly\n")
    read = read_register(path, columns=columns)
    assert (read.rows[0].cells["tool"], read.unknown) == ("Firefly", ())


@pytest.mark.parametrize(("column", "word"), [("name", "TBC"), ("reason", "siehe Mail"), ("reason", "-")])
def test_a_waiver_with_a_placeholder_does_not_hold(column: str, word: str, tmp_path: Path) -> None:
    waiver = {"finding": "a" * 16, "digest": f"xxh3-128:{HASH}", "disposition": "creative-intent", "name": "Q. C.",
              "reason": "meant so", "date": "2026-11-01"}  # fmt: skip
    path = tmp_path / "w.csv"
    path.write_text(";".join(waiver) + "\n" + ";".join({**waiver, column: word}.values()) + "\n")
    read = read_waivers(path)
    assert not read.waivers
    assert f"{word!r} is a placeholder: the waiver is not valid" in str(read.faults[0])


@pytest.mark.parametrize(
    "headings",
    [
        "Lfd. Nr.;Datei;Werkzeug;Anbieter;Tarif;Trainiert mit Eingaben;Eingaben;Verwendungszweck;Art;Status;Genehmigt von;"
        "Funktion;Genehmigt am;Freigabe;Geltungsbereich;content_digest",
        "Numéro;Fichier;Outil IA;Fournisseur;Type de licence;Entraînement;Données utilisées;Usage;Nature;Statut;Approuvé par;"
        "Fonction;Approuvé le;Approbation;Portée;content_digest",
        "id;Archivo;Herramienta;Proveedor;Tipo de licencia;Entrenamiento;Material utilizado;Uso;Tipo;Estado;Aprobado por;"
        "Cargo;Fecha de aprobación;Aprobación;Alcance;content_digest",
    ],
)  # fmt: skip
def test_headings_in_german_french_and_spanish_in_any_order(headings: str, tmp_path: Path) -> None:
    cells = ["1", "art/poster.png", "T", "V", "Enterprise", "n", "none", "other", "generated", "approved", "N. Approver",
             "Netflix legal", "2026-04-01", "LTR-7", "final", "0123456789abcdef" * 2]  # fmt: skip
    for name, order in (("a", 1), ("b", -1)):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(";".join(line[::order]) for line in (headings.split(";"), cells)), encoding="utf-8")
        read = read_register(path)
        assert (read.faults, read.unknown) == ((), ())
        assert judged(read) is Outcome.PASS
