"""What a node does with a batch, and the folders that travel to it; without a cluster around it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from media.work import node
from media.work.dask import _Batches
from media.work.folders import Depot, Folder, Piece, find_folder, pieces_of
from media.work.installed import Installed, installed
from media.work.interface import needs_nothing, never
from media.work.local import LocalExecutor, unpack_result
from media.work.node import Batch, Done, Lacking, Unfit, receive, run_batch
from media.work.pool import WarmPools


@dataclass(frozen=True, slots=True)
class _Words:
    """A folder of text files, for tests."""

    def stamp(self, path: Path) -> str:
        return "".join(sorted(file.read_text("utf-8") for file in path.rglob("*.txt"))) or "nothing"

    def files(self, path: Path, beside: Path) -> Iterator[tuple[str, Path]]:
        yield from ((file.relative_to(path).as_posix(), file) for file in path.rglob("*.txt"))


WORDS = _Words()


@pytest.fixture(autouse=True)
def pools(monkeypatch: pytest.MonkeyPatch) -> Iterator[WarmPools]:
    made = WarmPools()
    monkeypatch.setattr(node, "_pools", lambda: made)
    yield made
    made.close()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "here" / "library"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.txt").write_text("one", "utf-8")
    (folder / "inner" / "b.txt").write_text("two", "utf-8")
    return folder


def _batch(function: object, *items: object, folders: tuple[tuple[Folder, str], ...] = ()) -> Batch:
    packed = tuple((pickle.dumps(item), 60.0) for item in items)
    return Batch(pickle.dumps(function), packed, 1, None, folders, installed())


def _run(batch: Batch, root: Path) -> node.Answer:
    return run_batch(batch, root=root, address="tcp://node", threads=1, is_wanted=lambda: True)


def _results(answer: node.Answer) -> list[object]:
    assert isinstance(answer, Done)
    return [unpack_result(one) for one in answer.outcomes]


def _pid(_: object) -> int:
    return os.getpid()


def _read(path: str) -> str:
    return Path(find_folder(path), "a.txt").read_text("utf-8")


def test_workers_stay_warm_from_batch_to_batch_and_end_when_another_function_comes(
    tmp_path: Path, library: Path
) -> None:
    (first,), (second,) = (_results(_run(_batch(_pid, 1), tmp_path)) for _ in range(2))
    assert first == second
    _run(_batch(_read, str(library)), tmp_path)
    (third,) = _results(_run(_batch(_pid, 1), tmp_path))
    assert third != first


def test_a_library_that_a_machine_does_not_see_travels_there_and_is_used(tmp_path: Path, library: Path) -> None:
    folder, stamp, root = Folder(str(library), WORDS), WORDS.stamp(library), tmp_path / "depot"
    batch, beside = _batch(_read, str(library), folders=((folder, stamp),)), tmp_path / "beside"
    pieces = list(pieces_of(library, WORDS, beside))
    away = library.rename(tmp_path / "away")
    lacking = _run(batch, root)
    assert isinstance(lacking, Lacking)
    assert lacking.folders == (folder,)
    copy = ""
    for piece in pieces:
        copy = receive(piece, folder, stamp, copy, root=root)
    assert receive(None, folder, stamp, copy, root=root) == ""
    assert _results(_run(batch, root)) == ["one"]
    assert not list(root.glob("coming-*"))
    away.rename(library)
    (library / "a.txt").write_text("changed since", "utf-8")
    assert _results(_run(batch, root)) == ["one"]


def test_a_library_that_every_machine_sees_is_not_copied(tmp_path: Path, library: Path) -> None:
    folder = Folder(str(library), WORDS)
    assert _results(_run(_batch(_read, str(library), folders=((folder, WORDS.stamp(library)),)), tmp_path)) == ["one"]


def test_what_arrives_otherwise_than_it_was_sent_is_not_used(tmp_path: Path, library: Path) -> None:
    folder, root = Folder(str(library), WORDS), tmp_path / "depot"
    copy = receive(Piece("a.txt", b"other"), folder, "one", "", root=root)
    assert "not what was sent" in receive(None, folder, "one", copy, root=root)
    assert Depot(root).find(folder, "one") is None
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "x/../../a.txt"])
def test_no_piece_is_written_outside_of_its_folder(name: str, tmp_path: Path) -> None:
    depot = Depot(tmp_path)
    with pytest.raises(ValueError, match="outside"):
        depot.append(depot.begin(), Piece(name, b""))


def test_a_node_that_would_give_other_results_states_what_differs(tmp_path: Path) -> None:
    other = Installed({**installed().versions, "av": "0.1"})
    answer = _run(replace(_batch(_pid, 1), installed=other), tmp_path)
    assert isinstance(answer, Unfit)
    assert "this machine has av 0.1" in answer.reason


@pytest.mark.parametrize("made", [True, False])
def test_a_node_that_does_not_see_the_media_states_the_folder(made: bool, tmp_path: Path) -> None:
    media = tmp_path / "media"
    if made:  # the place where a volume should be mounted
        media.mkdir()
    answer = _run(_batch(_pid, 1, folders=((Folder(str(media)), ""),)), tmp_path)
    assert isinstance(answer, Unfit)
    assert answer.unseen == str(media)


def test_a_batch_that_nobody_wants_any_more_is_stopped(tmp_path: Path) -> None:
    batch = _batch(_pid, *range(3))
    answer = run_batch(batch, root=tmp_path, address="tcp://node", threads=1, is_wanted=lambda: False)
    assert answer == Done((), 0.0)


def test_runs_that_share_a_pool_get_their_own_answers(pools: WarmPools) -> None:
    executor = LocalExecutor(jobs=2, pools=pools)
    one, two = (executor.run(_double, numbers, limit=lambda _: 60.0) for numbers in (range(9), range(100, 109)))
    found = [pair for both in zip(one, two, strict=True) for pair in both]
    assert sorted(found) == [(number, 2 * number) for number in (*range(9), *range(100, 109))]


def _double(number: int) -> int:
    return 2 * number


def test_what_may_take_long_travels_alone() -> None:
    batches = _Batches([1, 1, 9, 1, 1], limit=float, needs=needs_nothing, alone=never)
    taken = [list(one.items) for one in iter(batches.take, None)]
    assert taken == [[1, 1], [9], [1, 1]]


def test_batches_grow_until_they_take_a_second() -> None:
    batches = _Batches(range(10_000), limit=lambda _: 60.0, needs=needs_nothing, alone=never)
    sizes = []
    for _ in range(8):
        sizes.append(len((batches.take() or pytest.fail("no batch")).items))
        batches.learn(sizes[-1], 0.01 * sizes[-1])
    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[-1] == 100
