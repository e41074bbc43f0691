import numpy as np
import pytest

from fingerprints.programmes.shots import Changes, cuts, nearest_cut


def _seen(bits: list[float], levels: list[float] | None = None, flat: list[bool] | None = None) -> Changes:
    count = len(bits)
    return Changes(
        np.array(bits, np.float32), np.array(levels or [20.0] * count, np.float32), np.array(flat or [False] * count)
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(_seen([0] + [4] * 10 + [120] + [4] * 10), [11], id="a cut"),
        pytest.param(_seen([0] + [70] * 20), [], id="a wild move"),
        pytest.param(_seen([0] + [4] * 10 + [120] + [4] * 10, [0.5] * 22), [], id="noise in the dark"),
        pytest.param(_seen([0, 90, 10, 80, 5, 7], [1, 1, 1, 60, 1, 1], [True] * 6), [3], id="flat to flat"),
        pytest.param(_seen([0]), [], id="one frame"),
        pytest.param(_seen([]), [], id="none"),
    ],
)
def test_cuts(seen: Changes, expected: list[int]) -> None:
    assert np.flatnonzero(cuts(seen)).tolist() == expected


def test_nearest_cut() -> None:
    starts = np.array([0, 50, 90])
    assert nearest_cut(starts, 48, 3) == 50
    assert nearest_cut(starts, 60, 3) is None
    assert nearest_cut(starts[:0], 60, 3) is None
