"""The contract that every executor keeps: each item exactly once, and no item costs another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from media.errors import ConfigError, MissingDependency, RunError
from media.work import EXECUTORS, Executor, Lost, create_executor, end_work
from media.work.interface import LATER
from tests.contracts import faults
from tests.e2e.process import PATIENCE

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs process groups")
MEMORY = 400 << 20
"""Well over an idle worker, well under the machine."""

FAULTS: dict[str, str] = {
    "abort": "crashed",
    "busy": "timed-out",
    "exit-0": "timed-out",
    "exit-3": "crashed",
    "sleep": "timed-out",
    "swell": "out-of-memory",
    "sys-exit": "bug",
    "raise": "bug",
    "unpicklable": "bug",
    "pickles-once": "bug",
}
"""Deed → the code it is named by. A worker that exits with 0 is only known by its silence."""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A cluster of two nodes on this machine."""
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
    patient = {"distributed.comm.timeouts.connect": "300s", "distributed.comm.timeouts.tcp": "300s"}
    with (
        dask.config.set({"distributed.worker.daemon": False, **patient}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
    ):
        yield cluster.scheduler_address
        end_work()


@pytest.fixture
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Executor:
    """The executor that the test's parameter names."""
    address = None
    if request.param == "dask":
        address = request.getfixturevalue("scheduler")
        monkeypatch.setattr("media.work.cluster.CONNECT_TIMEOUT", 300.0)
    return create_executor(request.param, jobs=2, memory_limit=MEMORY, scheduler=address)


def local() -> Executor:
    return create_executor("local", jobs=2, memory_limit=MEMORY)


def executors(*names: str) -> pytest.MarkDecorator:
    cluster = [pytest.mark.thorough]  # takes seconds to start
    params = [pytest.param(name, marks=cluster if name == "dask" else []) for name in names]
    return pytest.mark.parametrize("executor", params, indirect=True)


def limit(item: tuple[int, str]) -> float:
    return {"sleep": 0.5, "busy": 0.5, "exit-0": 0.3, "slow": 2.0}.get(item[1], 60.0)


def outcomes(executor: Executor, items: list[tuple[int, str]]) -> dict[tuple[int, str], Any]:
    found: dict[tuple[int, str], Any] = {}
    for item, outcome in executor.run(faults.perform, items, limit=limit):
        assert item not in found, "an item came back twice"
        found[item] = outcome
    return found


@executors(*EXECUTORS)
def test_each_item_comes_back_exactly_once(executor: Executor) -> None:
    items = [(number, "square") for number in range(140)]
    assert outcomes(executor, items) == {item: item[0] ** 2 for item in items}


@executors(*EXECUTORS)
def test_the_order_of_the_items_is_kept_where_it_is_asked_for(executor: Executor) -> None:
    items = [(number, "nap" if number % 40 == 0 else "square") for number in range(140)]
    found = list(executor.run(faults.perform, items, limit=limit, in_order=True))
    assert found == [(item, item[0] ** 2) for item in items]


@executors(*EXECUTORS)
def test_items_that_depend_on_results_come_when_these_have(executor: Executor) -> None:
    found: list[Any] = [2]

    def items() -> Iterator[tuple[int, str]]:
        for known in range(1, 4):
            while len(found) < known:
                yield LATER
            yield found[-1], "square"

    for _, outcome in executor.run(faults.perform, items(), limit=limit):
        found.append(outcome)
    assert found == [2, 4, 16, 256]


def test_a_fault_keeps_its_place_in_the_order() -> None:
    items = [(0, "nap"), (1, "abort"), (2, "square"), (3, "raise"), (4, "unpicklable"), (5, "square")]
    found = list(local().run(faults.perform, items, limit=limit, in_order=True))
    assert [item for item, _ in found] == items
    assert [outcome.code if isinstance(outcome, Lost) else outcome for _, outcome in found] == [
        0,
        "crashed",
        4,
        "bug",
        "bug",
        25,
    ]


def test_few_are_taken_while_an_early_one_takes_long(tmp_path: Path) -> None:
    taken: list[int] = []

    def endless() -> Iterator[tuple[Path, float]]:
        for number in count():
            taken.append(number)
            yield tmp_path / str(number), 1.5 if number == 0 else 0.0

    work = local().run(faults.leave_a_mark, endless(), limit=lambda _: 60.0, in_order=True)
    assert next(work)[0] == (tmp_path / "0", 1.5)
    work.close()
    assert len(taken) <= 2 * 2 * (4 + 1) + 1


@executors(*EXECUTORS)
def test_no_items_no_outcomes(executor: Executor) -> None:
    assert list(executor.run(faults.perform, iter(()), limit=limit)) == []


@executors("local", "dask")
def test_a_fault_costs_itself_alone_and_is_named(executor: Executor) -> None:
    items = [(number, "square") for number in range(120)]
    for place, deed in enumerate(FAULTS):
        items[place * 9] = (place * 9, deed)
    found = outcomes(executor, items)
    assert set(found) == set(items)
    lost = {item[1]: outcome.code for item, outcome in found.items() if isinstance(outcome, Lost)}
    assert lost == FAULTS
    assert all(found[item] == item[0] ** 2 for item in items if item[1] == "square")


def test_in_this_process_what_is_raised_costs_itself_alone() -> None:
    found = outcomes(create_executor("serial"), [(1, "square"), (2, "raise"), (3, "sys-exit"), (4, "square")])
    assert {item[0]: outcome.code for item, outcome in found.items() if isinstance(outcome, Lost)} == {
        2: "bug",
        3: "bug",
    }
    assert (found[1, "square"], found[4, "square"]) == (1, 16)


def test_a_limit_counts_processor_time_and_the_clock_where_work_stands_still() -> None:
    items = [(1, "slow"), (2, "busy"), (3, "sleep")]
    found = dict(local().run(faults.perform, items, limit=limit))
    assert found[1, "slow"] == 1  # it took longer than its limit, and computed for a quarter of that time
    assert {found[item].code for item in items[1:]} == {"timed-out"}


def test_a_bug_is_told_with_the_place_where_it_happened() -> None:
    ((_, outcome),) = local().run(faults.perform, [(1, "raise")], limit=limit)
    assert "NeedsTwo: 1 and 2" in outcome.message
    assert "faults.py" in outcome.message


def test_thousands_of_items_with_crashers_among_them() -> None:
    items = [(number, "abort" if number % 700 == 350 else "square") for number in range(2000)]
    found = outcomes(local(), items)
    assert len(found) == 2000
    assert sorted(item[0] for item, outcome in found.items() if isinstance(outcome, Lost)) == [350, 1050, 1750]


def test_only_crashers() -> None:
    items = [(number, "abort") for number in range(4)]
    assert {outcome.code for outcome in outcomes(local(), items).values()} == {"crashed"}


@executors("local", "serial")
def test_items_are_taken_lazily(executor: Executor) -> None:
    taken = 0

    def endless() -> Iterator[tuple[int, str]]:
        nonlocal taken
        for number in count():
            taken += 1
            yield number, "square"

    work = executor.run(faults.perform, endless(), limit=limit)
    for _ in range(10):
        next(work)
    work.close()
    assert taken <= 10 + 2 * 2 + 2


def test_closing_stops_what_is_running(tmp_path: Path) -> None:
    items = [(tmp_path / "quick", 0.0), (tmp_path / "slow", 3600.0)]
    work = local().run(faults.leave_a_mark, items, limit=lambda _: 7200.0)
    next(work)
    wait_for((tmp_path / "slow.began").exists)
    work.close()  # pytest's own time limit ends this test where it waits for the item
    assert not (tmp_path / "slow.ended").exists()


def test_workers_are_recycled() -> None:
    from media.work.local import LocalExecutor

    work = LocalExecutor(jobs=1, max_tasks=5).run(_pid, range(12), limit=lambda _: 120.0)
    assert len({pid for _, pid in work}) == 3


def test_no_more_workers_start_than_there_are_items(tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    items = [(tmp_path / "quick", 0.0), (tmp_path / "slow", 3600.0)]
    work = create_executor("local", jobs=8).run(faults.leave_a_mark, items, limit=lambda _: 7200.0)
    next(work)
    started = [one for one in set(psutil.Process().children()) - before if "spawn_main" in " ".join(one.cmdline())]
    work.close()
    assert len(started) == 2


def test_an_item_that_cannot_be_sent_costs_itself_alone() -> None:
    items = [1, faults.Unpicklable(), 3]
    found = {str(item): outcome for item, outcome in local().run(_text, items, limit=lambda _: 120.0)}
    assert found["1"] == "1"
    assert [outcome.code for outcome in found.values() if isinstance(outcome, Lost)] == ["bug"]


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from tests.contracts import faults; from media.work import create_executor\n"
        f"items = [(Path({str(tmp_path)!r}) / 'item', 3600.0)]\n"
        "for _ in create_executor('local', jobs=2).run(faults.leave_a_mark, items, limit=lambda _: 7200.0): pass\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    wait_for((tmp_path / "item.began").exists)
    workers = psutil.Process(run.pid).children(recursive=True)
    assert workers
    run.kill()
    run.wait()
    assert psutil.wait_procs(workers, timeout=PATIENCE)[1] == []


@POSIX
@pytest.mark.parametrize("deed", ["abort", "sleep", "swell", "exit-3", "killed"])
def test_a_worker_that_ends_takes_its_decoder_with_it(deed: str, tmp_path: Path) -> None:
    item = (tmp_path / "ids", "sleep" if deed == "killed" else deed)
    with ThreadPoolExecutor(1) as beside:
        killing = beside.submit(_kill_worker, item[0]) if deed == "killed" else None
        for seconds in (2.0, 20.0, 200.0) if deed == "sleep" else (120.0,):
            ((_, outcome),) = local().run(faults.decode_and, [item], limit=lambda _, most=seconds: most)
            if item[0].exists():  # on a busy machine the decoder may not even have started
                break
        assert killing is None or killing.result() is None
    assert outcome.code == ("crashed" if deed == "killed" else FAULTS[deed])
    wait_for(lambda: not _running(item[0]))


@POSIX
def test_closing_ends_decoders(tmp_path: Path) -> None:
    work = local().run(faults.decode_and, [(tmp_path / "a", "square"), (tmp_path / "b", "sleep")], limit=lambda _: 60.0)
    next(work)
    wait_for((tmp_path / "b").exists)
    work.close()
    wait_for(lambda: not _running(tmp_path / "a"))
    wait_for(lambda: not _running(tmp_path / "b"))


@POSIX
def test_a_decoder_does_not_outlive_a_killed_run(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from tests.contracts import faults; from media.work import create_executor\n"
        f"items = [(Path({str(tmp_path)!r}) / 'ids', 'sleep')]\n"
        "for _ in create_executor('local', jobs=1).run(faults.decode_and, items, limit=lambda _: 120.0): pass\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    wait_for((tmp_path / "ids").exists)
    run.kill()
    run.wait()
    wait_for(lambda: not _running(tmp_path / "ids"))


def _kill_worker(ids: Path) -> None:
    wait_for(ids.exists)
    os.kill(int(ids.read_text().split()[0]), signal.SIGKILL)


def _running(ids: Path) -> list[int]:
    """Of the worker and its decoder, which live."""
    alive = []
    for pid in map(int, ids.read_text().split()):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                alive.append(pid)
    return alive


def test_a_function_that_nobody_can_import_loses_every_item_and_ends() -> None:
    class Ghost:
        """Pickles by a name that no worker finds."""

        def __reduce__(self) -> Any:
            return (import_module, ("no_such_module",))

        def __call__(self, item: int) -> int:
            return item

    found = list(local().run(Ghost(), range(5), limit=lambda _: 120.0))
    assert [outcome.code for _, outcome in found] == ["bug"] * 5


def test_workers_that_cannot_start_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.work.worker.prepare", os.abort)
    with pytest.raises(RunError, match="before they start work"):
        list(local().run(faults.perform, [(1, "square")], limit=limit))


@pytest.mark.thorough
def test_a_cluster_is_made_where_none_is_named() -> None:
    made = create_executor("dask", jobs=1, memory_limit=MEMORY)
    assert outcomes(made, [(3, "square")]) == {(3, "square"): 9}


def test_no_scheduler_is_a_set_up_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.work.cluster.CONNECT_TIMEOUT", 0.2)
    with pytest.raises(ConfigError, match="no dask scheduler answers"):
        outcomes(create_executor("dask", scheduler="tcp://127.0.0.1:9"), [(1, "square")])


def test_a_missing_extra_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("dask", "cluster"):
        monkeypatch.delitem(sys.modules, f"media.work.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependency, match=r"provscan\[dask\]"):
        create_executor("dask")


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_an_unknown_executor_is_a_set_up_error() -> None:
    with pytest.raises(ConfigError, match="choose one of"):
        create_executor("mainframe")


def _pid(_: int) -> int:
    return os.getpid()


def _text(item: object) -> str:
    return str(item)
