from __future__ import annotations

import io

import pytest

from media.containers import psd
from media.errors import Malformed
from tests.scanner import stills


def walk(data: bytes) -> dict[str, bytes]:
    return {part.name: data[part.offset :][: part.size] for part in psd.walk(io.BytesIO(data), len(data))}


@pytest.mark.parametrize("large", [False, True], ids=["psd", "psb"])
def test_resources_layers_pixels(large):
    found = walk(stills.psd(stills.resource(1060, b"<xmp>"), stills.resource(1028, b"iptc"), large=large))
    assert found == {"8BIM/1060": b"<xmp>", "8BIM/1028": b"iptc", "layers": b"layers", "pixels": b"\0\0pixels"}


def test_named_resource_with_odd_lengths():
    data = b"8BIM\x04\x04\x04name\0" + b"\0\0\0\x03abc\0" + stills.resource(1060, b"x")
    parts = list(psd.resources(io.BytesIO(data), 0, len(data)))
    assert [(part.name, data[part.offset :][: part.size]) for part in parts] == [
        ("8BIM/1028", b"abc"),
        ("8BIM/1060", b"x"),
    ]


def test_broken_resource_leaves_the_layers():
    data = stills.psd(stills.resource(1060, b"<xmp>"), b"rubbish rubbish")
    found, fault = stills.until_fault(psd.walk(io.BytesIO(data), len(data)))
    assert [part.name for part in found] == ["8BIM/1060", "layers", "pixels"]
    assert isinstance(fault, Malformed)


@pytest.mark.parametrize("cut", range(4, len(stills.psd(stills.resource(1060, b"<xmp>"))) - 8))
def test_cut_anywhere_is_malformed(cut):
    with pytest.raises(Malformed):
        walk(stills.psd(stills.resource(1060, b"<xmp>"))[:cut])
