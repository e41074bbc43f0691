"""Batches of items on the nodes of a dask cluster; each node runs the local executor over its batch.

Isolation is local, only distribution is dask's: a crash costs its item on the node, and dask never
sees it. Every node needs provscan installed, and sees the media under the same paths.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from media.errors import ConfigError, MissingDependency
from media.work.attempt import bug
from media.work.interface import Lost
from media.work.local import LocalExecutor
from media.work.order import InOrder

try:
    dask = import_module("dask")
    distributed = import_module("distributed")
except ImportError as error:
    raise MissingDependency("the dask executor needs dask: pip install 'provscan[dask]'") from error

__all__ = ["DaskExecutor"]

T = TypeVar("T")
R = TypeVar("R")

BATCH = 64
"""Items sent together: enough that a node's start of its workers (0.2 s and their imports) is small beside them."""
_AHEAD = 2
"""Batches in flight a node: one that runs, one that waits there."""
CONNECT_TIMEOUT = 10.0
"""Seconds that a named scheduler has to answer."""

_TLS = (
    "TLS needs Dask's settings DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__TLS__CLIENT__CERT and …__TLS__CLIENT__KEY"
    " (docs/configuration.md)"
)

_one_at_a_time = threading.Lock()
"""On a node: its threads share the machine, so one batch at a time has all of it."""


class DaskExecutor:
    """Runs items on a cluster: the one at `scheduler` (`tls://…` by Dask's own TLS settings), or one made on this
    machine of `nodes` processes."""

    name = "dask"

    def __init__(
        self,
        *,
        scheduler: str | None = None,
        jobs: int | None = None,
        memory_limit: int | None = None,
        nodes: int = 1,
        batch: int = BATCH,
    ) -> None:
        self.scheduler = scheduler
        self.jobs = jobs
        self.memory_limit = memory_limit
        self.nodes = nodes
        self.batch = batch

    def run(
        self, function: Callable[[T], R], items: Iterable[T], *, limit: Callable[[T], float], in_order: bool = False
    ) -> Generator[tuple[T, R | Lost], None, None]:
        """See `Executor.run`."""
        batches = enumerate(self._batches(items, limit))
        held = InOrder[Iterator[tuple[T, R | Lost]]]()
        with ExitStack() as opened:
            client = self._connect(opened)
            sent: dict[str, tuple[int, list[tuple[T, float]]]] = {}
            flow = distributed.as_completed()
            opened.callback(lambda: client.cancel(list(flow.futures)))

            def send(count: int) -> None:
                for number, batch in islice(batches, count):
                    future = client.submit(_run_batch, function, batch, self.jobs, self.memory_limit, pure=False)
                    sent[future.key] = number, batch
                    flow.add(future)

            send(ahead := _AHEAD * max(1, len(client.nthreads())))
            for future in flow:
                number, batch = sent.pop(future.key)
                outcomes = _outcomes(batch, future)
                for one in held.release(number, outcomes) if in_order else (outcomes,):
                    yield from one
                send(ahead - len(sent) - len(held))

    def _greet(self) -> None:
        """Open one connection to the named scheduler and close it again.

        A client that cannot connect is never made: when Python collects it, it waits for a lock that the start of the
        next client may hold, and both wait for ever.

        Raises:
            ConfigError: when nothing answers there, or not by the TLS settings that are given.
        """
        try:
            asyncio.run(_connect_once(self.scheduler))
        except (OSError, ValueError, TypeError, RuntimeError) as error:  # the last two: TLS is not set up
            hint = f"; {_TLS}" if str(self.scheduler).startswith("tls:") else ""
            raise ConfigError(f"no dask scheduler answers at {self.scheduler}: {error}{hint}") from error

    def _batches(self, items: Iterable[T], limit: Callable[[T], float]) -> Iterator[list[tuple[T, float]]]:
        source = iter(items)
        while batch := [(item, limit(item)) for item in islice(source, self.batch)]:
            yield batch

    def _connect(self, opened: ExitStack) -> Any:
        # A daemonic node may not have children, and the local executor is made of them.
        opened.enter_context(dask.config.set({"distributed.worker.daemon": False}))
        if self.scheduler is None:
            cluster = distributed.LocalCluster(
                n_workers=self.nodes, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs="ERROR"
            )
            return opened.enter_context(distributed.Client(opened.enter_context(cluster)))
        self._greet()
        client = opened.enter_context(distributed.Client(self.scheduler, timeout=CONNECT_TIMEOUT))
        if any(client.run(_is_daemonic).values()):
            raise ConfigError(
                "the cluster's nodes may not start processes; start them with DASK_DISTRIBUTED__WORKER__DAEMON=False"
            )
        return client


async def _connect_once(address: str | None) -> None:
    settings = distributed.Security().get_connection_args("client")
    connection = await distributed.core.connect(address, timeout=CONNECT_TIMEOUT, **settings)
    await connection.close()


def _outcomes(batch: list[tuple[T, float]], future: Any) -> Iterator[tuple[T, Any]]:
    """Each item of a batch with its outcome; a batch that failed as a whole loses each of its items."""
    try:
        outcomes = future.result()
    except Exception as error:  # noqa: BLE001 - a lost node or a broken installation costs its batch
        lost = bug(error)
        outcomes = {index: Lost(lost.code, f"its node failed: {lost.message}") for index in range(len(batch))}
    for index, (item, _) in enumerate(batch):
        yield item, outcomes[index]


def _is_daemonic() -> bool:
    return multiprocessing.current_process().daemon


def _run_batch(
    function: Callable[[T], R], batch: list[tuple[T, float]], jobs: int | None, memory_limit: int | None
) -> dict[int, R | Lost]:
    """On a node: the outcome of each item, by its place in the batch."""
    local = LocalExecutor(jobs=jobs, memory_limit=memory_limit)
    numbered = [(index, item, seconds) for index, (item, seconds) in enumerate(batch)]
    with _one_at_a_time:
        outcomes = local.run(partial(_call, function), numbered, limit=itemgetter(2))
        return {index: outcome for (index, _, _), outcome in outcomes}


def _call(function: Callable[[T], R], numbered: tuple[int, T, float]) -> R:
    return function(numbered[1])
