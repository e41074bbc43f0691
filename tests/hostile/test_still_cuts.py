"""Stills and documents cut at the bytes of their head and tail, and anywhere: what is left is never inspected."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from media.containers import walk
from media.errors import MediaError
from media.identify import identify
from media.whole import check_whole
from tests.hostile.mutants import inspect
from tests.hostile.whole_stills import STILLS, Still

_EDGE, _ANYWHERE = 96, 24


def _is_seen(still: Still, data: bytes, path: Path) -> bool:
    """Whether a cut file has a fault, asked of its structure first and of the whole examination then."""
    media_type = identify(io.BytesIO(data), path.name, len(data)).media_type
    try:
        for _ in walk(io.BytesIO(data), media_type, len(data)):
            pass
        check_whole(io.BytesIO(data), media_type, len(data))
    except MediaError as error:
        return error.blocking
    path.write_bytes(data)
    return any(problem.blocking for problem in inspect(path).problems)


def _hold(still: Still, places: Iterable[int], folder: Path) -> None:
    data, path = still.data(), folder / f"cut{still.suffix}"
    missed = [at for at in places if not still.is_unseen(data, at) and not _is_seen(still, data[:at], path)]
    assert missed == [], f"{still.name} of {len(data)} bytes"


@pytest.mark.parametrize("still", STILLS, ids=lambda still: still.name)
def test_a_still_that_was_cut_is_not_inspected(still: Still, tmp_path: Path) -> None:
    size, chance = len(still.data()), random.Random(still.name)
    places = {*range(1, min(size, _EDGE)), *range(max(1, size - _EDGE), size)}
    places |= {chance.randrange(1, size) for _ in range(_ANYWHERE)}
    _hold(still, sorted(places), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("still", STILLS, ids=lambda still: still.name)
def test_a_still_that_was_cut_at_any_byte_is_not_inspected(still: Still, tmp_path: Path) -> None:
    _hold(still, range(1, len(still.data())), tmp_path)
