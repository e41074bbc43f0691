from io import BytesIO

import pytest

from media.containers import mxf
from media.errors import Malformed
from tests.scanner.timebased import (
    FILLER,
    IDENTIFICATION,
    Counting,
    klv,
    local_set,
    names,
    partition,
    primer,
    random_index,
    utf16,
)

ESSENCE = bytes.fromhex("060e2b34010201010d01030115010500")
STREAM = bytes.fromhex("060e2b34010101010c0d010509010000")
SETS = primer({}) + local_set(IDENTIFICATION, {0x3C01: utf16("House")})
WANT = ["primer", "set:0d01010101013000"]


def film(*, essence: int = 100, index: bool = True, run_in: bytes = b"") -> bytes:
    """A header, a body with essence, a footer with a second Identification; the text stream between."""
    header = partition(2, SETS)
    body = partition(3, b"") + klv(ESSENCE, bytes(essence))
    text = partition(3, b"", sub=0x11) + klv(FILLER, bytes(3)) + klv(STREAM, b"<text/>")
    at = len(header) + len(body) + len(text)
    header = partition(2, SETS, footer=at)
    footer = partition(4, SETS, footer=at)
    offsets = (0, len(header), len(header) + len(body), at)
    return run_in + header + body + text + footer + (random_index(*offsets) if index else b"")


def test_parts_of_all_partitions() -> None:
    want = ["header-partition", *WANT, "body-partition", "generic-stream", "footer-partition", *WANT]
    assert names(mxf.walk, film()) == want
    assert names(mxf.walk, film(run_in=b"anything" * 100)) == want


def test_without_an_index_the_header_names_the_footer() -> None:
    assert names(mxf.walk, film(index=False)) == ["header-partition", *WANT, "footer-partition", *WANT]


def test_filler_before_the_primer_is_not_counted() -> None:
    raw = partition(2, SETS)
    filled = raw[: -len(SETS)] + klv(FILLER, bytes(50)) + SETS
    assert names(mxf.walk, filled) == ["header-partition", *WANT]


def test_essence_is_not_read() -> None:
    raw = film(essence=4 << 20)
    file = Counting(BytesIO(raw))
    assert len(list(mxf.walk(file, len(raw)))) == 8  # type: ignore[arg-type]
    assert file.count < 70_000


def test_payloads() -> None:
    raw = film()
    found = {part.name: raw[part.offset : part.offset + part.size] for part in mxf.walk(BytesIO(raw), len(raw))}
    assert found["generic-stream"] == b"<text/>"
    assert "House".encode("utf-16-be") in found["set:0d01010101013000"]


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(b"no mxf", ["Malformed"], id="no partition"),
        pytest.param(partition(2, SETS)[:-4], ["header-partition", "Malformed"], id="metadata cut short"),
        pytest.param(partition(2, b"x" * 40), ["header-partition", "Malformed"], id="no KLV in the metadata"),
        pytest.param(
            partition(2, SETS, footer=1 << 60), ["header-partition", *WANT, "Malformed"], id="a footer far away"
        ),
    ],
)
def test_faults_keep_what_came_before(raw: bytes, want: list[str]) -> None:
    found = names(mxf.walk, raw)
    assert found[-1] == "Malformed"
    assert set(found) <= {*want}


def test_every_truncation_and_flip_ends() -> None:
    raw = film(essence=10)
    for broken in [raw[:end] for end in range(0, len(raw), 3)] + [
        raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in (1, 0x80)
    ]:
        try:
            assert len(list(mxf.walk(BytesIO(broken), len(broken)))) < 40
        except Malformed:
            continue
