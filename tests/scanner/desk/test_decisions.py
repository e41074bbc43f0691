"""The decisions of a job: two windows, undo, kills, files that were edited by hand."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import ConfigError
from scanner.desk.decisions import DecisionBook, DecisionState, Overtaken
from scanner.desk.job import DeskJob
from scanner.judge.policy.waivers import Disposition, read_waivers
from scanner.judge.register.columns import COLUMNS

DIGEST = "xxh3-128:" + "a" * 32


def job(folder: Path, *paths: str) -> DeskJob:
    return DeskJob(
        id="0" * 16, version=1, made="2026-11-30T10:00:00+00:00", paths=paths,
        scanned=str(folder / "scan"), out=str(folder / "out"),
    )  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> DecisionBook:
    return DecisionBook(job(tmp_path))


def waiver(finding: str = "0123456789abcdef", **more: str) -> dict[str, str]:
    table = {
        "finding": finding, "rule": "netflix.ai-in-final", "digest": DIGEST, "disposition": "creative-intent",
        "name": "A. Reviewer", "role": "post supervisor", "reason": "shown as a drawing", "date": "2026-11-30",
    }  # fmt: skip
    return {**table, **more}


def test_what_is_decided_is_a_waiver_that_judging_reads(book: DecisionBook, tmp_path: Path) -> None:
    state = book.decide(book.read().version, [waiver(), waiver("f" * 16, disposition="fix")], "decided")
    assert state == book.read()
    read = read_waivers(tmp_path / "out" / "waivers.toml")
    assert not read.faults
    assert [(it.finding, it.disposition) for it in read.waivers] == [
        ("0123456789abcdef", Disposition.CREATIVE_INTENT), ("f" * 16, Disposition.FIX),
    ]  # fmt: skip
    assert read.waivers[0].digest == DIGEST


def test_a_second_decision_replaces_the_first_and_undo_brings_it_back(book: DecisionBook, tmp_path: Path) -> None:
    first = book.decide(book.read().version, [waiver()], "first")
    second = book.decide(first.version, [waiver(disposition="fix")], "second")
    assert [it["disposition"] for it in second.waivers] == ["fix"]
    assert [it["disposition"] for it in book.undo(second.version).waivers] == ["creative-intent"]
    assert book.undo(book.read().version).waivers == ()
    assert not (tmp_path / "out" / "waivers.toml").exists()
    with pytest.raises(ConfigError, match="nothing to undo"):
        book.undo(book.read().version)


def test_of_two_windows_the_second_is_refused_and_sees_what_holds(book: DecisionBook) -> None:
    seen = book.read().version
    book.decide(seen, [waiver()], "A. Reviewer accepted a.png")
    with pytest.raises(Overtaken, match="Reviewer accepted") as refused:
        book.decide(seen, [waiver("b" * 16)], "other")
    assert [it["finding"] for it in refused.value.now.waivers] == ["0123456789abcdef"]
    with pytest.raises(Overtaken):
        book.comment(seen, "file-1", "B", "late")


def _decide(folder: Path, number: int) -> None:
    book = DecisionBook(job(folder))
    while True:
        try:
            book.decide(book.read().version, [waiver(f"{number:016x}")], f"{number}")
            return
        except Overtaken:
            continue


def test_processes_that_decide_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_decide, args=(tmp_path, number)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    state = DecisionBook(job(tmp_path)).read()
    assert sorted(it["finding"] for it in state.waivers) == [f"{number:016x}" for number in range(6)]
    assert len(state.steps) == 6
    assert len(read_waivers(tmp_path / "out" / "waivers.toml").waivers) == 6


def test_a_kill_between_the_book_and_its_files_loses_nothing(
    book: DecisionBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = book.decide(book.read().version, [waiver()], "first")
    with monkeypatch.context() as broken:
        broken.setattr("scanner.desk.decisions._put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            book.decide(first.version, [waiver("b" * 16)], "second")
    assert len(book.read().waivers) == 2
    assert len(read_waivers(tmp_path / "out" / "waivers.toml").waivers) == 2


def test_what_a_person_wrote_into_the_list_by_hand_is_kept(book: DecisionBook, tmp_path: Path) -> None:
    state = book.decide(book.read().version, [waiver()], "first")
    path = tmp_path / "out" / "waivers.toml"
    path.write_text(path.read_text().replace("shown as a drawing", "shown as a painting"))
    now = book.read()
    assert now.version != state.version
    assert now.waivers[0]["reason"] == "shown as a painting"
    with pytest.raises(Overtaken):
        book.decide(state.version, [waiver("b" * 16)], "second")
    assert len(book.decide(now.version, [waiver("b" * 16)], "second").waivers) == 2
    with pytest.raises(ConfigError, match="changed by hand"):
        book.undo(book.undo(book.read().version).version)
    path.write_text("[[waiver]\n")
    with pytest.raises(ConfigError, match="was edited and cannot be read"):
        book.read()


def test_a_row_is_added_to_a_register_that_is_read_back(book: DecisionBook, tmp_path: Path) -> None:
    row = {"entry_id": "AI-0001", "tool": "=cmd()", "asset_glob": "Art/a, b.png", "status": "informed", "notes": "x\ny"}
    state = book.add_row(book.read().version, row, "row")
    assert state.rows == (row,)
    text = (tmp_path / "out" / "register.csv").read_text("utf-8-sig")
    assert "'=cmd()" in text
    assert text.splitlines()[0].split(",") == [name for name in COLUMNS if name in row]
    (tmp_path / "out" / "decisions.json").unlink()  # only the register is left
    assert DecisionBook(job(tmp_path)).read().rows == (row,)


def test_comments_decide_nothing(book: DecisionBook, tmp_path: Path) -> None:
    state = book.comment(book.read().version, "file-1", "B", "<script>")
    assert [it["text"] for it in state.comments_on("file-1")] == ["<script>"]
    assert not state.comments_on("file-2")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["decisions.json"]


def test_nothing_is_written_into_a_delivery(tmp_path: Path) -> None:
    inside = DecisionBook(job(tmp_path, str(tmp_path)))
    with pytest.raises(ConfigError, match="inside the scanned folder"):
        inside.decide(inside.read().version, [waiver()], "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema":"x"}', '{"schema":"provscan/desk-decisions/1"}', "{" * 9999]
)
def test_a_damaged_book_is_named_and_not_begun_anew(text: str, book: DecisionBook, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "decisions.json").write_text(text)
    with pytest.raises(ConfigError, match=r"decisions\.json"):
        book.read()


words = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() == text and "\r" not in text)


@settings(max_examples=40)
@given(reason=words, name=words)
def test_any_words_are_read_back_as_they_were(reason: str, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("words")
    book = DecisionBook(job(folder))
    book.decide(DecisionState().version, [waiver(reason=reason, name=name)], reason)
    (folder / "out" / "decisions.json").unlink()
    (table,) = DecisionBook(job(folder)).read().waivers
    plain = reason.encode("utf-8", "backslashreplace").decode()
    assert table["reason"] == plain


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    book = DecisionBook(job(tmp_path))
    with pytest.raises(ConfigError, match=r"output folder .*out: .*choose one that can be written"):
        book.comment(DecisionState().version, "file-1", "B", "words")
