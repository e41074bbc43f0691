"""Where work runs: in this process, in sealed local workers, or on a cluster of such nodes.

To add an executor: one module with a class that keeps `interface.Executor`, one branch here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from media.errors import ConfigError
from media.work.interface import Executor, Lost

__all__ = ["EXECUTORS", "Executor", "Lost", "create_executor", "end_work", "run_sealed"]

P = ParamSpec("P")
R = TypeVar("R")

EXECUTORS: tuple[str, ...] = ("local", "serial", "dask")
"""The choices of `--executor`; the first is the default."""


def create_executor(
    name: str, *, jobs: int | None = None, memory_limit: int | None = None, scheduler: str | None = None
) -> Executor:
    """The executor of that name. A backend is imported only when it is used.

    `jobs` counts workers (on each node, for a cluster), `memory_limit` is bytes for each worker. Raises
    `MissingDependency` where the backend's extra is not installed.
    """
    if name == "local":
        from media.work.local import LocalExecutor

        return LocalExecutor(jobs=jobs, memory_limit=memory_limit)
    if name == "serial":
        from media.work.serial import SerialExecutor

        return SerialExecutor()
    if name == "dask":
        from media.work.dask import DaskExecutor

        return DaskExecutor(scheduler=scheduler, jobs=jobs, memory_limit=memory_limit)
    raise ConfigError(f"there is no executor {name!r}; choose one of {', '.join(EXECUTORS)}")


def run_sealed(function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R | Lost:
    """One call in the sealed worker that this process shares; see `sealed.SealedWorker.call`."""
    from media.work.sealed import sealed

    return sealed(function, seconds, *args, **kwargs)


def end_work() -> None:
    """End the shared worker, if it runs, to free its memory, and leave every cluster."""
    import sys

    for name, end in (("media.work.sealed", "end_sealed"), ("media.work.cluster", "end_clusters")):
        if name in sys.modules:
            getattr(sys.modules[name], end)()
