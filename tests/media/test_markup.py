"""The end of XML that no reader reads up to."""

from __future__ import annotations

from io import BytesIO

import pytest

from media.errors import Malformed
from media.whole.markup import check


@pytest.mark.parametrize("more", range(8))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_end_of_a_long_drawing_is_seen_wherever_it_lies(encoding: str, more: int) -> None:
    page = f"<svg><desc>{'x' * (300 << 10)}{'y' * more}</desc></svg>".encode(encoding)
    check(BytesIO(page), len(page))
    with pytest.raises(Malformed, match="svg"):
        check(BytesIO(page[:-16]), len(page) - 16)
