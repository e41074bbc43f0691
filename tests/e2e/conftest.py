"""`call`: the command line in this process, for what needs no process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.cli import main

__all__ = ["Answer", "Call"]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Runs a command in this process, one file after another, with a cache of its own."""
    monkeypatch.setenv("PROVSCAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PROVSCAN_EXECUTOR", "serial")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as the command sets it, and no longer than this test

    def run(*arguments: str | Path) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capfd.readouterr()
        return Answer(int(left.value.code or 0), said.out, said.err)

    return run
