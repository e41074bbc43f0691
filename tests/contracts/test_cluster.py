"""A cluster of node processes: a node that is killed in the middle costs another start and no item."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from fixtures.photos import photograph
from media.work import Lost, create_executor, end_work
from media.work.folders import Folder, Piece, find_folder
from tests.contracts import faults
from tests.contracts.same_records import main as count_differences
from tests.contracts.test_executors import wait_for
from tests.e2e.process import provscan

pytestmark = pytest.mark.thorough  # clusters take seconds to start


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two nodes, which start again when they are killed."""
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
    with (
        dask.config.set(
            {
                "distributed.worker.daemon": False,
                "distributed.comm.timeouts.connect": "300s",
                "distributed.scheduler.allowed-failures": 1,
            }
        ),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as made,
    ):
        yield made
        end_work()


def pids(cluster: Any) -> list[int]:
    return [one.pid for one in cluster.workers.values() if one.pid]


def test_a_node_that_is_killed_costs_another_start_and_no_item(cluster: Any, tmp_path: Path) -> None:
    items = [(tmp_path / str(number), 0.3) for number in range(30)]
    executor = create_executor("dask", jobs=1, scheduler=cluster.scheduler_address)
    killed, found = [], {}
    for item, outcome in executor.run(faults.leave_a_mark, items, limit=lambda _: 300.0):
        found[item] = outcome
        alive = [pid for pid in pids(cluster) if pid not in killed]
        if alive and len(killed) < 2 and len(found) > 8 * len(killed):
            killed.append(alive[0])
            os.kill(killed[-1], signal.SIGKILL)
    assert found == {item: item[0].name for item in items}
    assert len(killed) == 2


def test_an_item_that_ends_its_node_costs_itself_alone(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.work.dask._SENDINGS", 1)
    items = [(number, "square") for number in range(6)]
    items[2] = (2, "end the node")
    executor = create_executor("dask", jobs=1, scheduler=cluster.scheduler_address)
    found = dict(executor.run(end_the_node, items, limit=lambda _: 300.0))
    lost = {item[0]: outcome.code for item, outcome in found.items() if isinstance(outcome, Lost)}
    assert lost == {2: "crashed"}
    assert [found[item] for item in items if item[0] != 2] == [0, 1, 9, 16, 25]


def end_the_node(item: tuple[int, str]) -> Any:
    """Kills the process that started this worker; else the square."""
    if item[1] != "end the node":
        return faults.perform(item)
    os.kill(os.getppid(), signal.SIGKILL)
    threading.Event().wait()
    return None


@dataclass(frozen=True)
class _SeenByOne:
    """The content of a folder that only one process sees at its own path."""

    path: str
    pid: int

    def stamp(self, path: Path) -> str:
        if str(path) == self.path and os.getpid() != self.pid:
            raise FileNotFoundError(path)
        return (path / "words.txt").read_text("utf-8")

    def files(self, path: Path, beside: Path) -> Iterator[tuple[str, Path]]:
        _copied.append(self)
        yield "words.txt", path / "words.txt"


_copied: list[object] = []
"""The content of each folder that this process copied to a machine."""


def test_a_folder_is_copied_once_to_a_machine_though_many_batches_wait_for_it(cluster: Any, tmp_path: Path) -> None:
    words, folder = _write_words(tmp_path)
    executor = create_executor("dask", jobs=1, scheduler=cluster.scheduler_address)
    items = [(number, str(tmp_path)) for number in range(40)]
    found = dict(executor.run(_read_words, items, limit=lambda _: 300.0, needs=lambda _: (folder,)))
    assert found == dict.fromkeys(items, words)
    assert _copied.count(folder.content) == 1


def test_a_node_that_ends_while_a_folder_is_copied_to_it_costs_another_copy(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, folder = _write_words(tmp_path)
    opened = import_module("media.work.cluster").Cluster  # where Dask is missing, it cannot be imported
    deliver, killed = opened.deliver, list[int]()

    def kill_and_deliver(self: Any, one: Folder, stamp: str, pieces: Iterable[Piece], address: str) -> str:
        if not killed:
            killed.extend(node.pid for node in cluster.workers.values() if node.worker_address == address)
            os.kill(killed[0], signal.SIGKILL)
        return str(deliver(self, one, stamp, pieces, address))

    monkeypatch.setattr(opened, "deliver", kill_and_deliver)
    executor = create_executor("dask", jobs=1, scheduler=cluster.scheduler_address)
    items = [(number, str(tmp_path)) for number in range(4)]
    found = dict(executor.run(_read_words, items, limit=lambda _: 300.0, needs=lambda _: (folder,)))
    assert found == dict.fromkeys(items, words)
    assert len(killed) == 1


def _write_words(path: Path) -> tuple[str, Folder]:
    """Words that no other run copied to this machine, in a folder that must be copied."""
    words = uuid4().hex
    (path / "words.txt").write_text(words, "utf-8")
    return words, Folder(str(path), _SeenByOne(str(path), os.getpid()))


def _read_words(item: tuple[int, str]) -> str:
    return (Path(find_folder(item[1])) / "words.txt").read_text("utf-8")


def test_closing_stops_what_nodes_work_on(cluster: Any, tmp_path: Path) -> None:
    items = [(tmp_path / "quick", 0.0), (tmp_path / "slow", 3600.0)]
    executor = create_executor("dask", jobs=1, scheduler=cluster.scheduler_address)
    work = executor.run(faults.leave_a_mark, items, limit=lambda item: 60.0 + 1000.0 * item[1])
    next(work)
    wait_for((tmp_path / "slow.began").exists)
    workers = [one for pid in pids(cluster) for one in psutil.Process(pid).children()]
    work.close()
    wait_for(lambda: any(not one.is_running() for one in workers))
    assert not (tmp_path / "slow.ended").exists()


def test_records_of_a_cluster_that_loses_nodes_are_those_of_one_machine(cluster: Any, tmp_path: Path) -> None:
    root, library = tmp_path / "EP101", tmp_path / "archive"
    (root / "Finals").mkdir(parents=True)
    (root / "Temp").mkdir()
    for name in ("moon", "rocket", "coffee"):
        photograph(name, (480, 320)).save(root / "Finals" / f"{name}.png")
    photograph("coffee", (480, 320)).save(root / "Temp" / "ref.jpg")
    photograph("moon", (480, 320)).save(tmp_path / "moon.png")
    assert provscan("library", "init", library).returncode == 0
    assert provscan("library", "add", library, tmp_path / "moon.png", "--role", "archival").returncode == 0
    shared = ("scan", root, "--library", library, "--no-cache")
    provscan(*shared, "--out", tmp_path / "local")
    killing = threading.Thread(target=_kill_once, args=(cluster,), daemon=True)
    killing.start()
    done = provscan(
        *shared, "--out", tmp_path / "there", "--executor", "dask", "--scheduler", cluster.scheduler_address
    )
    killing.join()
    assert done.returncode in (0, 1, 2), done.stderr
    assert count_differences(tmp_path / "local" / "records.jsonl", tmp_path / "there" / "records.jsonl") == 0


def _kill_once(cluster: Any) -> None:
    """The first node that has sealed workers."""
    while True:
        for pid in pids(cluster):
            if psutil.Process(pid).children():
                os.kill(pid, signal.SIGKILL)
                return
        threading.Event().wait(0.05)
