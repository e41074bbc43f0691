"""XML bombs and traps end at once and fetch nothing."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from media import safe_xml
from media.errors import Malformed, TooLarge
from tests.scanner.documents import until_fault

LAUGHS = b'<!DOCTYPE a [<!ENTITY x "ha">' + b"".join(
    b'<!ENTITY x%d "%s">' % (level, (b"&x%d;" % (level - 1) if level else b"&x;") * 10) for level in range(12)
)
LAUGHS += b"]><a>&x11;</a>"


def texts(data: bytes) -> list[str]:
    return [safe_xml.text(element) for element in safe_xml.elements(io.BytesIO(data), "a")]


def test_entities_stay_packed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    outside = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>'.encode()
    assert texts(outside) == [""]
    with contextlib.suppress(Malformed):  # libxml2 may refuse it outright
        assert max(map(len, texts(LAUGHS))) < 1000


def test_nesting_ends() -> None:
    with pytest.raises(Malformed, match="not well-formed"):
        texts(b"<a>" * 10_000)


def test_elements_before_a_fault_are_kept() -> None:
    kept, fault = until_fault(safe_xml.elements(io.BytesIO(b"<r>" + b"<a>1</a>" * 20_000 + b"<a></r>"), "a"))
    assert isinstance(fault, Malformed)
    assert len(kept) >= 20_000


def test_a_stream_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_xml, "MAX_XML", 1 << 20)
    with pytest.raises(TooLarge):
        texts(b"<r>" + b"<a>1</a>" * (1 << 18))
