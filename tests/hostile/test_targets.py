"""What `make fuzz` reads: every format and document, none of which may raise anything but its own errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.identify import KINDS
from scanner.model import Kind
from scanner.readers import readers_of
from tests.hostile import fuzz, guided
from tests.hostile.targets import DOCUMENTS, TARGETS, Target, folder_of

STARTS = (b"", b"\0", b"\0" * 600, b"\xff" * 600, b"BM", b"<a", b"{", b"PK\3\4", b"RIFF\xff\xff\xff\xff", b"0" * 600)


def test_every_format_that_is_read_is_fuzzed() -> None:
    read = {media_type for media_type in KINDS if readers_of(media_type)}
    assert read | set(DOCUMENTS) | {"identify"} <= TARGETS.keys()
    assert {
        media_type for media_type, kind in KINDS.items() if kind not in (Kind.INERT, Kind.UNKNOWN)
    } <= TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_and_next_to_nothing_is_refused(name: str, tmp_path: Path) -> None:
    """The parser of a format is asked whatever the bytes are: a file can be cut while it is read."""
    for number, data in enumerate(STARTS):
        path = tmp_path / f"{number}{TARGETS[name].suffix}"
        path.write_bytes(data)
        TARGETS[name].read(path)


def test_a_finding_is_replayed_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(path: Path) -> None:
        if path.read_bytes() == b"bad":
            raise ValueError("found")

    monkeypatch.setitem(TARGETS, "image/png", Target("image/png", read))
    finding = tmp_path / f"{folder_of('image/png')}--0123"
    finding.write_bytes(b"bad")
    assert fuzz.main(["--replay", str(finding)]) == 1
    assert "ValueError: found" in capsys.readouterr().err
    finding.write_bytes(b"good")
    assert fuzz.main(["--replay", str(finding)]) == 0


def test_without_atheris_fixtures_are_spoilt_at_random(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guided, "is_here", lambda: False)
    assert fuzz.main(["0"]) == 0
    said = capsys.readouterr().out
    assert "provscan[fuzz]" in said
    assert "0 mutants" in said
