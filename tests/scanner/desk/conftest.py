"""A desk for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scanner.desk.serving import Client, serve


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serve(tmp_path_factory.mktemp("desk")) as one:
        yield one
