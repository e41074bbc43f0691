"""The notice that a production sends: one item for each cause, what is asked of it, what is missing, nothing unescaped."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import docx
import openpyxl
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from scanner.cli import provscan
from scanner.judge.register.columns import column_of
from scanner.judge.register.row import Row
from scanner.model import Category, Claim, Finding, Match, Record
from scanner.notice import COLUMNS, letter_docx, letter_markdown, letter_of, letter_rows
from scanner.notice.items import AiUse, items_of
from scanner.records.records import to_line
from scanner.reports.pictures.pictures import pair_name
from tests.scanner.policy.world import APPROVED, HASH, NETFLIX, film, finding, judged, match, register, row, still

EVIL = "<img src=x onerror=a()> [a](http://e.example) | `c` \x07\u202e www.e.example"
AT = {"in_frame": 48, "out_frame": 72, "rate": "24/1"}


def record(seen: object, *found: Finding, matches: tuple[Match, ...] = (), rows: tuple[Row, ...] = ()) -> Record:
    verdict = judged(seen, *found, matches=matches, rows=rows, genre="")  # type: ignore[arg-type]
    return Record(examination=seen, findings=found, matches=matches, verdict=verdict)  # type: ignore[arg-type]


def shot(*rows: Row, path: str = "06_Temp/beach.png") -> list[Record]:
    """An AI-made still of the temp folder that a master and its screener show."""
    seen = still(path, Category.TEMP)
    shown = match("temp", reference=f"EP101/{path}", at=AT, facts={"digest": f"xxh3-128:{HASH}", "claim": "generated"})
    return [
        record(seen, finding(), rows=rows),
        record(film(), matches=(shown,), rows=rows),
        record(film("master/EP101_screener.mp4", digest="c" * 32), matches=(shown,), rows=rows),
    ]


def items(records: list[Record], *rows: Row) -> list[AiUse]:
    return items_of(lambda: iter(records), NETFLIX, register(*rows))


def facts(some: Iterable[AiUse], label: str) -> list[str]:
    letter = letter_of(list(some), "EP101", "p")
    return [fact.text for group in letter.groups for use in group.uses for fact in use.facts if fact.label == label]


def test_one_cause_is_one_item_with_its_places() -> None:
    (item,) = items(shot())
    assert facts([item], "Where") == [
        "EP101/06_Temp/beach.png",
        "EP101/master/EP101.mov, 00:00:02:00–00:00:03:00",
        "EP101/master/EP101_screener.mp4, 00:00:02:00–00:00:03:00",
    ]
    assert facts([item], "Asked of you") == ["written approval"]
    assert any("netflix.temp-in-final, netflix-2025" in text for text in facts([item], "Why"))
    assert (facts([item], "Tool"), item.missing["register"]) == (["Midjourney"], "has no row for this use")


def test_what_the_row_states_is_shown_and_what_it_lacks_is_marked() -> None:
    told = row(asset_glob="06_Temp/beach.png", use_case="background", licence_tier="enterprise", trains_on_inputs="n",
               inputs_used="none", description="The beach", scope_temp_or_final="final")  # fmt: skip
    (item,) = items(shot(told), told)
    assert (facts([item], "Use"), facts([item], "What is seen or heard")) == (["background"], ["The beach"])
    assert list(item.missing) == ["story_relevant"]
    assert facts([item], "MISSING")[0].startswith("Important for the story (story_relevant): is not")


def test_what_is_approved_is_not_asked_again() -> None:
    told = row(content_digest=HASH, use_case="other", **APPROVED)
    seen = still()
    assert len(items([record(seen, finding())])) == 1
    assert items([record(seen, finding(), rows=(told,))], told) == []


def test_groups_follow_what_is_asked() -> None:
    some = [
        record(still("07_Ideation/a.png", Category.IDEATION, "1" * 32), finding()),
        record(still("art/b.png", digest="2" * 32), finding()),
        record(still("art/c.png", digest="3" * 32), finding(Claim.ENHANCED)),
    ]
    letter = letter_of(items(some), "EP101", "p")
    assert [(group.title, len(group.uses)) for group in letter.groups] == [
        ("To approve in writing", 1),
        ("To inform", 2),
    ]


def hostile() -> list[Record]:
    told = row(content_digest=HASH, description=EVIL, status="informed", use_case=EVIL, tool=f"=1+1 {EVIL}")
    return [record(still(f"art/{EVIL}.png"), finding(), rows=(told,))]


def test_nothing_in_markdown_is_markup() -> None:
    told = row(content_digest=HASH, description=EVIL, status="informed", use_case=EVIL, tool=f"=1+1 {EVIL}")
    text = letter_markdown(letter_of(items(hostile(), told), EVIL, EVIL, (EVIL,)), lambda _: None)
    assert not {"\x07", "\u202e", "<"} & set(text)
    assert "](" not in text
    assert "http\\://" in text
    assert "=1\\+1" in text


def test_nothing_in_a_workbook_is_a_formula_and_the_notice_is_no_register(tmp_path: Path) -> None:
    told = row(content_digest=HASH, description="x", status="informed", tool="=1+1")
    rows = list(letter_rows(letter_of(items(hostile(), told), "d", "p")))
    assert any(cells["Tool"].startswith("=1+1") for cells in rows)
    assert not {
        column for column in COLUMNS if column_of(column) in ("entry_id", "asset_glob", "status", "approved_by")
    }


@pytest.mark.parametrize("form", ["md", "docx", "xlsx"])
def test_the_document_is_written_from_stored_records(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "pictures").mkdir(parents=True)
    made = shot()
    (folder / "records.jsonl").write_bytes(b"".join(map(to_line, made)))
    Image.new("RGB", (32, 18), "teal").save(folder / "pictures" / pair_name(made[1], made[1].matches[0]))
    plan = tmp_path / "plan.csv"
    plan.write_text(
        "entry_id;status;description;use_case;generated_or_altered;tool\nP-1;planned;=Young Anna;voice;generated;T\n"
    )
    target = tmp_path / f"notice.{form}"
    done = invoke(
        "register", "notice", folder / "records.jsonl", "--register", plan, "--policy", "netflix-2025", "-o", target
    )
    assert (done.return_value, done.exception) == (0, None), done.output
    text, pictures = _read(target)
    assert "Young Anna" in text
    assert "beach.png" in text.replace("\\", "")
    assert "01:00" not in text
    assert "00:00:02:00–00:00:03:00" in text
    assert "MISSING" in text
    assert pictures == (form != "xlsx")


def _read(target: Path) -> tuple[str, bool]:
    if target.suffix == ".md":
        text = target.read_text("utf-8")
        return text, "![what is seen](out/pictures/" in text
    if target.suffix == ".docx":
        document = docx.Document(str(target))
        cells = [cell.text for table in document.tables for line in table.rows for cell in line.cells]
        return "\n".join([*(it.text for it in document.paragraphs), *cells]), len(document.inline_shapes) == 1
    book = openpyxl.load_workbook(target)
    found = [cell for line in book["Notice"] for cell in line if cell.value]
    assert {cell.data_type for cell in found} == {"s"}
    return "\n".join(str(cell.value) for cell in found), False


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(provscan, [str(it) for it in arguments], standalone_mode=False)


def test_a_broken_picture_costs_itself_alone() -> None:
    letter = letter_of(items(shot()), "d", "p")
    for data in (b"", b"\xff\xd8\xff", b"GIF89a", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 9):
        document = docx.Document(io.BytesIO(letter_docx(letter, lambda _, data=data: data)))
        assert len(document.tables) == 1


def test_a_document_states_nothing_of_this_machine() -> None:
    data = letter_docx(letter_of(items(hostile()), EVIL, EVIL), lambda _: None)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert not [name for name in packed.namelist() if "macro" in name.lower()]
        assert b"hyperlink" not in packed.read("word/_rels/document.xml.rels").lower()
    assert docx.Document(io.BytesIO(data)).core_properties.author == ""


def test_records_and_registers_are_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(to_line(shot()[0]))
    plan = tmp_path / "plan.xlsx"
    invoke("register", "template", plan)
    before = plan.read_bytes()
    assert "is a file that is read here" in str(
        invoke("register", "notice", path, "--register", plan, "--out", plan).exception
    )
    assert plan.read_bytes() == before
    assert "name a .md, .docx or .xlsx file" in str(
        invoke("register", "notice", path, "--out", tmp_path / "n.pdf").exception
    )
