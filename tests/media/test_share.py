"""`--memory`: the one worker of a command holds no more than it is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from media.work import Lost, run_sealed
from media.work.sealed import end_sealed, limit_sealed
from media.work.share import LEAST, limit_worker


@pytest.fixture(autouse=True)
def worker_of_its_own() -> Iterator[None]:
    yield
    limit_sealed(4 << 30)
    end_sealed()


def fill(size: int) -> int:
    return len(bytearray(size))


def test_a_worker_that_needs_more_is_lost_and_the_next_one_has_the_same_limit() -> None:
    limit_worker(LEAST)  # 384 MiB for the worker
    assert run_sealed(fill, 300.0, 50 << 20) == 50 << 20
    for _ in range(2):
        assert isinstance(run_sealed(fill, 300.0, 900 << 20), Lost)
    limit_worker(None)
    assert run_sealed(fill, 300.0, 50 << 20) == 50 << 20
