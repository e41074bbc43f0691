"""What many tests look at and is dear to make, made once for all workers of a run: read it, never write into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fixtures.delivery import delivery
from tests.e2e.demo import FORMATS, Scanned, once, tree
from tests.e2e.process import provscan

# Machines differ in speed and so do neighbours: a slow example is no fault. pytest-timeout ends what hangs.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EP101, the demo delivery."""
    return once(tmp_path_factory.getbasetemp(), "delivery", delivery)


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory, house: Path) -> Scanned:
    """EP101, scanned by a real process, in all formats; in one process, for other tests run beside it."""

    def scan(out: Path) -> None:
        before = tree(house)
        formats = [word for name in FORMATS for word in ("--format", name)]
        done = provscan("scan", house, "--out", out, "--cache", out.parent / "cache", "--executor", "serial", *formats)
        assert (out / "records.jsonl").exists(), done.stderr
        said = {"code": done.returncode, "out": done.stdout, "err": done.stderr, "before": before, "after": tree(house)}
        (out / "process.json").write_text(json.dumps(said), "utf-8")

    return Scanned(once(tmp_path_factory.getbasetemp(), "scanned", scan))
