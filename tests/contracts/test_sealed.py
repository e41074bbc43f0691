"""The one sealed worker that a command keeps: calls come back, raise, or are lost, and the next call is answered."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from media.errors import ConfigError, Malformed
from media.work import Lost, end_work, run_sealed
from media.work.sealed import SealedWorker
from tests.contracts.faults import wait_for_the_pool


def _pid(add: int = 0) -> int:
    return os.getpid() + add


def _raise(message: str) -> None:
    raise Malformed(message)


def _refuse(message: str) -> None:
    raise ConfigError(message)


def _die() -> None:
    wait_for_the_pool()
    os._exit(3)


def _swell() -> int:
    held = [bytearray(b"x" * (8 << 20)) for _ in range(200)]
    time.sleep(60)
    return len(held)


def test_one_worker_serves_every_call() -> None:
    try:
        first, second = run_sealed(_pid, 60.0), run_sealed(_pid, 60.0, add=1)
        assert isinstance(first, int)
        assert first != os.getpid()
        assert second == first + 1
    finally:
        end_work()


def test_threads_wait_for_each_other_and_each_gets_its_own_answer() -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda number: run_sealed(_pid, 60.0, add=number), range(12)))
    assert [answer - number for number, answer in enumerate(answers) if isinstance(answer, int)] == [answers[0]] * 12


def test_an_error_of_the_tree_is_raised_where_it_was_asked_for() -> None:
    with pytest.raises(Malformed, match="no picture"):
        run_sealed(_raise, 60.0, "no picture")
    with pytest.raises(ConfigError, match="no register"):
        run_sealed(_refuse, 60.0, "no register")
    assert isinstance(run_sealed(_pid, 60.0), int)


def test_a_crash_a_hang_and_a_swelling_are_lost_and_the_next_call_is_answered() -> None:
    worker = SealedWorker(memory_limit=300 << 20)
    try:
        assert _code(worker.call(_die, 60.0)) == "crashed"
        assert _code(worker.call(time.sleep, 1.0, 60)) == "timed-out"
        assert _code(worker.call(_swell, 60.0)) == "out-of-memory"
        assert isinstance(worker.call(_pid, 60.0), int)
    finally:
        worker.close()


def test_after_its_end_another_one_starts() -> None:
    worker = SealedWorker()
    first = worker.call(_pid, 60.0)
    worker.close()
    try:
        assert worker.call(_pid, 60.0) != first
    finally:
        worker.close()


def _code(answer: object) -> str:
    assert isinstance(answer, Lost)
    return answer.code
