"""The door to Dask: a connection to a scheduler, which is kept between the stages of a run, and tasks on its nodes.

Only distribution is Dask's: isolation is that of the sealed workers on each node, and Dask never sees a crash of one.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import import_module
from math import inf
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

from media.errors import ConfigError, MissingDependency, RunError
from media.work import node
from media.work.folders import Folder, Piece

try:
    dask = import_module("dask")
    distributed = import_module("distributed")
except ImportError as error:
    raise MissingDependency("the dask executor needs dask: pip install 'provscan[dask]'") from error

__all__ = ["Cluster", "Killed", "Tasks", "end_clusters", "join_cluster"]

S = TypeVar("S", bound=Hashable)

CONNECT_TIMEOUT = 10.0
"""Seconds that a named scheduler has to answer."""
NODE_PATIENCE = 300.0
"""Seconds that a run waits while its cluster has no node: a queue may have to give one first."""
_GATHERED: Final = 60.0
"""Seconds that an answer takes at most from its node. Dask does not report again an answer that was lost with its node
and made elsewhere while it was fetched."""
_PULSE: Final = 2.0
"""Seconds after which a silent cluster is checked for life."""
_LEAVING: Final = 5.0
"""Seconds in which a scheduler notices that a node ended."""
_DEPOT: Final = "provscan-folders"
_TLS: Final = (
    "TLS needs Dask's settings DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__TLS__CLIENT__CERT and …__TLS__CLIENT__KEY"
    " (docs/cluster.md)"
)


@dataclass(frozen=True, slots=True)
class Killed:
    """The answer of a task whose nodes ended, one after the other, while they worked on it."""


class Cluster:
    """An open connection."""

    def __init__(self, client: Any, closing: ExitStack) -> None:
        self.client = client
        self.address: str = client.scheduler.address
        self._closing = closing
        self._threads, self._asked = 0, -inf

    def threads(self) -> int:
        """Threads of all nodes as of a moment ago, which is how many tasks run at once; 0 where there is no node."""
        if time.monotonic() - self._asked > _PULSE:
            self._threads = sum(self._nodes().values())
            self._asked = time.monotonic()
        return self._threads

    def deliver(self, folder: Folder, stamp: str, pieces: Iterable[Piece], address: str) -> str:
        """Copy a folder to the machine of a node, where no copy arrived meanwhile: other batches, nodes of the machine,
        and clients may have asked for it too. Returns what went wrong there, or nothing."""
        copy = ""
        try:
            if self._ask(address, _has_folder, folder, stamp):
                return ""
            for piece in pieces:
                copy = self._ask(address, _take_piece, piece, folder, stamp, copy)
            return str(self._ask(address, _take_piece, None, folder, stamp, copy))
        except (OSError, TimeoutError) as error:
            return str(error) or type(error).__name__

    def has_left(self, address: str) -> bool:
        """Whether a node ended. The scheduler may notice that a moment later than who spoke to it."""
        end = time.monotonic() + _LEAVING
        while address in self._nodes():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def close(self) -> None:
        """Leave the cluster; one that was made for this process ends."""
        with suppress(OSError, RuntimeError, TimeoutError):
            self._closing.close()

    def gone(self) -> RunError:
        """The error where the scheduler answers no more."""
        return RunError(
            f"the dask scheduler at {self.address} answers no more; start it again and run the same command: what was"
            " examined is kept"
        )

    def _nodes(self) -> Mapping[str, int]:
        """Address of each node → its threads."""
        try:
            threads: Mapping[str, int] = self.client.nthreads()
        except (OSError, RuntimeError, TimeoutError) as error:
            raise self.gone() from error
        return threads

    def _ask(self, address: str, question: Callable[..., Any], *args: object) -> Any:
        answers = self.client.run(question, *args, workers=[address])
        if address not in answers:
            raise OSError("the node has gone")
        return answers[address]


class Tasks(Generic[S]):
    """The tasks of one run on a cluster, each with a subject by which the run knows it. Iterates over the subjects of
    those in flight. A context: what has not finished at its end is cancelled."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._finished: SimpleQueue[tuple[S, Any]] = SimpleQueue()
        self._sent: dict[S, tuple[node.Batch, Any]] = {}
        """Subject of a task → its batch, and Dask's future of its answer."""

    def __enter__(self) -> Tasks[S]:
        return self

    def __exit__(self, *_: object) -> None:
        futures = [future for _, future in self._sent.values()]
        self._sent.clear()
        with suppress(OSError, RuntimeError, TimeoutError):
            self._cluster.client.cancel(futures)

    def __len__(self) -> int:
        return len(self._sent)

    def __iter__(self) -> Iterator[S]:
        return iter(self._sent)

    def submit(self, subject: S, batch: node.Batch) -> None:
        """Send a batch. Its subject has no other one in flight."""
        future = self._cluster.client.submit(_on_node, batch, pure=False)
        self._sent[subject] = batch, future
        future.add_done_callback(lambda done: self._finished.put((subject, done)))

    def next_answer(self) -> tuple[S, node.Answer | Killed]:
        """Wait for a task to finish; returns its subject and its answer. Raises `RunError` where the cluster
        has gone."""
        alone = 0.0
        while True:
            try:
                subject, future = self._finished.get(timeout=_PULSE)
            except Empty:
                alone = 0.0 if self._cluster.threads() else alone + _PULSE
                if alone > NODE_PATIENCE:
                    raise self._no_node() from None
                continue
            alone = 0.0
            try:
                answer = self._answer_of(future)
            except TimeoutError:
                self.submit(subject, self._sent[subject][0])
                continue
            del self._sent[subject]
            return subject, answer

    def _answer_of(self, future: Any) -> node.Answer | Killed:
        try:
            answer: node.Answer = future.result(timeout=_GATHERED)
        except distributed.scheduler.KilledWorker:
            return Killed()
        except (RunError, TimeoutError):
            raise
        except (CancelledError, OSError) as error:
            raise self._cluster.gone() from error
        except Exception as error:
            where, what = self._cluster.address, f"{type(error).__name__}: {error}"
            raise RunError(f"a node of the cluster at {where} failed: {what}") from error
        return answer

    def _no_node(self) -> RunError:
        where = self._cluster.address
        return RunError(
            f"the cluster at {where} has had no node for {NODE_PATIENCE:g} s; start one with `dask worker {where}` and"
            " run the same command again: what was examined is kept"
        )


# Joining


_joined: dict[tuple[str | None, int, int | None], Cluster] = {}
_joining = threading.Lock()


def join_cluster(scheduler: str | None, nodes: int, threads: int | None) -> Cluster:
    """The cluster at `scheduler`, or one that is made on this machine, of `nodes` processes with so many `threads`. It
    is joined once, and left when the process ends.

    Raises:
        ConfigError: when nothing answers there, or not by the TLS settings that are given.
    """
    key = scheduler, nodes, threads if scheduler is None else None
    with _joining:
        if key not in _joined:
            if not _joined:
                atexit.register(end_clusters)
            _joined[key] = _join(scheduler, nodes, threads or os.cpu_count())
        return _joined[key]


def end_clusters() -> None:
    """Leave every cluster that this process joined."""
    with _joining:
        while _joined:
            _joined.popitem()[1].close()


def _join(scheduler: str | None, nodes: int, threads: int | None) -> Cluster:
    if scheduler is not None:
        _greet(scheduler)
    with ExitStack() as opened:
        # A daemonic node may not have children, and sealed workers are its children.
        opened.enter_context(dask.config.set({"distributed.worker.daemon": False}))
        if scheduler is None:
            made = distributed.LocalCluster(
                n_workers=nodes, threads_per_worker=threads, dashboard_address="127.0.0.1:0", silence_logs="ERROR",
                security=_own_security(),
            )  # fmt: skip
            client = distributed.Client(opened.enter_context(made))
        else:
            client = distributed.Client(scheduler, timeout=CONNECT_TIMEOUT)
        opened.enter_context(client)
        return Cluster(client, opened.pop_all())


def _own_security() -> Any:
    """Certificates for a cluster of this machine alone, held in memory: other users of the machine have none."""
    try:
        import_module("cryptography")
    except ImportError:
        return None
    return distributed.Security.temporary()


def _greet(scheduler: str) -> None:
    """Open one connection to the named scheduler and close it again.

    A client that cannot connect is never made: when Python collects it, it waits for a lock that the start of the
    next client may hold, and both wait for ever.
    """
    try:
        asyncio.run(_connect_once(scheduler))
    except (OSError, ValueError, TypeError, RuntimeError) as error:  # the last two: TLS is not set up
        hint = f"; {_TLS}" if scheduler.startswith("tls:") else ""
        raise ConfigError(f"no dask scheduler answers at {scheduler}: {error}{hint}") from error


async def _connect_once(address: str) -> None:
    settings = distributed.Security().get_connection_args("client")
    connection = await distributed.core.connect(address, timeout=CONNECT_TIMEOUT, **settings)
    await connection.close()


# On a node


def _on_node(batch: node.Batch) -> node.Answer:
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    return node.run_batch(
        batch, root=_depot(worker), address=worker.address, threads=worker.state.nthreads, is_wanted=is_wanted
    )


async def _has_folder(folder: Folder, stamp: str, dask_worker: Any) -> bool:
    return await asyncio.to_thread(node.has_folder, folder, stamp, root=_depot(dask_worker))


async def _take_piece(piece: Piece | None, folder: Folder, stamp: str, copy: str, dask_worker: Any) -> str:
    return await asyncio.to_thread(node.receive, piece, folder, stamp, copy, root=_depot(dask_worker))


def _depot(worker: Any) -> Path:
    """Beside the folders of all nodes of this machine that keep their files in one place."""
    return Path(worker.local_directory).parent / _DEPOT
