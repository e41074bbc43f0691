"""Fingerprints of many files in worker processes. A file that kills its worker costs itself alone.

Few are in flight at a time, so that memory does not grow with the number of files.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from fingerprints.library_prints import FilePrints, take_prints
from media.errors import Malformed, MediaError, MissingDependency
from media.work.process_group import lead_group, mute_libraries

__all__ = ["Answer", "Asked", "prints_of"]

Asked = tuple[tuple[Path, ...], str]
"""A reference's files, and the SHA-256 that its first one should have; empty: not known."""
Answer = FilePrints | MediaError
Work = Callable[[Asked], Answer]

_AHEAD = 3
"""Files in flight for each worker."""


def take(asked: Asked, clips: Path) -> Answer:
    """The fingerprints, or why there are none. Clips are written into that folder."""
    files, sha256 = asked
    try:
        if sha256 and _sha256(files[0]) != sha256.lower():
            return Malformed("its SHA-256 is not the one in the log: another file, or another version of it")
        return take_prints(files, clips)
    except MediaError as fault:
        return Malformed(str(fault))
    except (OSError, ValueError, MemoryError, MissingDependency) as error:
        return Malformed(f"cannot be read: {error or type(error).__name__}")


def prints_of(asked: Iterable[Asked], *, jobs: int, work: Work) -> Iterator[Answer]:
    """The answers in the order of the questions."""
    if jobs <= 1:
        yield from map(work, asked)
        return
    questions = iter(asked)
    pool = _pool(jobs)
    flying: list[tuple[Asked, Future[Answer]]] = []
    try:
        while True:
            flying += [(one, pool.submit(work, one)) for one in islice(questions, jobs * _AHEAD - len(flying))]
            if not flying:
                return
            (_, future), *rest = flying
            try:
                answer = future.result()
                flying = rest
                yield answer
            except BrokenProcessPool:
                # Somebody in flight killed a worker, and with it the pool: each is asked again alone.
                pool.shutdown(wait=False, cancel_futures=True)
                lost, flying = [one for one, _ in flying], []
                yield from (_alone(one, work) for one in lost)
                pool = _pool(jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(asked: Asked, work: Work) -> Answer:
    with _pool(1) as pool:
        try:
            return pool.submit(work, asked).result()
        except BrokenProcessPool:
            return Malformed("the decoder crashed over it")


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Read when a child loads its libraries: a worker is one thread, there are as many as wanted already.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    import cv2

    cv2.setNumThreads(1)
    lead_group()
    mute_libraries()
    # An interrupt is the parent's to handle, who then lets the work in flight end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
