"""Registers of very many rows: read in parts, found by an index, listed within limits."""

from __future__ import annotations

import pickle
import random
from pathlib import Path

import pytest

from media.errors import ConfigError
from scanner.judge.policy import Reconciliation, Register, Waivers, load_register, load_tables
from scanner.judge.policy.binding import in_episode, placed
from scanner.judge.register import register_file
from scanner.judge.register.register_file import RegisterFile, read_register
from scanner.judge.register.row import Row
from scanner.judge.register.row_cells import Cells
from scanner.model import Asset, Category
from tests.scanner.policy.world import film, register, row, still

_HEAD = "entry_id,asset_glob,tool,use_case,generated_or_altered,status,Shade"


def sheet(path: Path, count: int) -> Path:
    """A register in which every seventh id occurs twice, and every fifth row has no tool."""
    rows = (
        f"A{n - (n % 7 == 6)},art/{n}.png,{'' if n % 5 == 4 else 'T'},other,edited,informed,teal" for n in range(count)
    )
    path.write_text("\n".join((_HEAD, *rows)) + "\n", "utf-8")
    return path


def facts(read: RegisterFile) -> tuple[object, ...]:
    rows = [(it.file, it.number, it.id, dict(it.cells), it.wrong, dict(it.meanings)) for it in read.rows]
    return read.name, read.digest, rows, read.faults, read.unknown


@pytest.mark.parametrize("part", [1, 3, 20, 21])
def test_a_register_in_parts_is_the_register(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "r.csv", 20)
    whole = read_register(path)
    monkeypatch.setattr(register_file, "_PART", part)
    assert len(list(register_file.read_parts(path))) == -(-20 // part)
    assert facts(read_register(path)) == facts(whole)
    assert {it.id for it in whole.rows} >= {"A5", "A5 (row 8)"}


def test_a_worker_that_does_not_hold_the_part_before_reads_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_file, "_PART", 4)
    path = sheet(tmp_path / "r.csv", 10)
    read = [load_tables._read_part(path, "r.csv", {}, number) for number in (0, 1, 0, 2)]
    assert [[it.number for it in part.rows] for part, _ in read] == [[2, 3, 4, 5], [6, 7, 8, 9], [2, 3, 4, 5], [10, 11]]
    assert [more for _, more in read] == [True, True, True, False]


def test_reading_reports_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_file, "_PART", 2000)
    monkeypatch.setattr(load_tables, "run_sealed", lambda read, seconds, *args: read(*args))
    seen: list[str] = []

    class Noted:
        def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
            seen.append(name)

        def step(self, what: str = "", *, work: int = 0) -> None:
            seen.append(what)

    read = load_register(sheet(tmp_path / "r.csv", 2002), progress=Noted())
    assert seen == ["Reading r.csv", "2,000 rows", "2,002 rows"]
    assert len(read.rows) == 2002


@pytest.mark.parametrize("name", ["r.csv", "r.json"])
def test_too_many_rows_are_refused_with_what_to_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_file, "MAX_ROWS", 9)
    path = tmp_path / name
    for count, fits in ((9, True), (10, False)):
        if name.endswith("csv"):
            sheet(path, count)
        else:
            path.write_text(str([{"entry_id": "a", "tool": "b"}] * count).replace("'", '"'), "utf-8")
        if fits:
            assert len(read_register(path).rows) == 9
            continue
        with pytest.raises(ConfigError, match=f"{name}: more than 9 rows. Split it"):
            read_register(path)


def test_cells_are_those_of_the_sheet() -> None:
    places: dict[str, int] = {}
    first, second = Cells({"a": "1", "b": ""}, places), Cells({"c": "3", "a": "4"}, places)
    assert (dict(first), dict(second)) == ({"a": "1", "b": ""}, {"a": "4", "c": "3"})
    assert (first.get("c", "-"), second.get("b"), "b" in first, "b" in second) == ("-", None, True, False)
    assert [dict(it) for it in pickle.loads(pickle.dumps([first, second]))] == [dict(first), dict(second)]  # noqa: S301
    with pytest.raises(KeyError):
        second["b"]


_PARTS = ("EP101", "ep102", "art", "Ärt", "shots", "s01-e02", "sh010_comp.mov", "sh010.png", "a.png")
_PATTERNS = (*_PARTS, "*", "**", "sh*", "sh0?0*", "*.png", "EP10?", "Är*", "S01*")
_EPISODES = ("", "*", "EP101", "ep102", "s01-e02", "-e02", "shots", "101", "Ärt")


def _asks(one: Row, asset: Asset) -> bool:
    """Whether a row refers to an asset by its path, or by its episode and a time."""
    if one.glob:
        return placed(one, asset)
    return bool(one.tc_in) and in_episode(one.cells["episode"], asset)


@pytest.mark.parametrize("seed", range(4))
def test_the_index_finds_every_row_that_refers_to_an_asset(seed: int) -> None:
    rng = random.Random(seed)
    rows = []
    for number in range(2, 300):
        parts = [rng.choice(_PATTERNS) for _ in range(rng.randint(0, 3))]
        times = {"tc_in": "01:00:00:00", "tc_out": "01:00:01:00"} if rng.random() < 0.5 else {}
        rows.append(row(number, asset_glob="/".join(parts), episode=rng.choice(_EPISODES), **times))
    made = register(*rows)
    for _ in range(150):
        path = "/".join(rng.choice(_PARTS) for _ in range(rng.randint(1, 4)))
        seen = still(path, root=rng.choice(_PARTS))
        found = made._candidates(seen)
        asked = [it for it in rows if _asks(it, seen.asset)]
        assert {it.key for it in asked} <= {it.key for it in found}, path
        assert [it.key for it in made.naming(seen) if it.glob] == [
            it.key for it in found if it.glob and placed(it, seen.asset)
        ]


def test_a_row_of_another_shot_or_episode_is_not_even_asked() -> None:
    times = {"tc_in": "01:00:00:00", "tc_out": "01:00:01:00"}
    shots = [row(n, episode=f"EP{n:03}", **times) for n in range(2, 100)]
    patterns = [row(n, asset_glob=f"EP101/vfx/sh{n:03}_*") for n in range(100, 200)]
    made = register(*shots, *patterns)
    assert [it.number for it in made._candidates(film("EP050/master.mov"))] == [50]
    assert [it.number for it in made._candidates(still("vfx/sh150_comp.mov", Category.VFX_ELEMENT))] == [150]


def test_a_summary_lists_the_first_rows_and_counts_the_others(tmp_path: Path) -> None:
    read = read_register(sheet(tmp_path / "r.csv", 6_000))
    told = Reconciliation(Register((read,)), Waivers()).register_json()
    assert told is not None
    assert (len(told["declared_not_found"]), told["declared_not_found_more"]) == (1000, 5000)
    assert told["states"]["not in the delivery"] == 6000
    # Rows with the same fault share a line.
    assert len(told["faults"]) < 1000
    (line,) = (it for it in told["faults"] if it.endswith("tool: is not filled in"))
    assert line.startswith("r.csv, rows 6, 11, 16,")
    said = Reconciliation(Register((read,)), Waivers()).sentences()
    assert said[-1] == "and 5,000 more declared rows without a finding"
