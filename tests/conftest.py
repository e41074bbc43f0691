"""What many tests look at and is dear to make, made once for all workers of a run: read it, never write into it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.coverage_data import remove_torn_data
from tests.e2e.demo import Scanned, made_delivery, made_scan

# The same examples every time, few enough for the default tests; more, and others, with `HYPOTHESIS_PROFILE=thorough`.
# Machines differ in speed and so do neighbours: a slow example is no fault. pytest-timeout ends what hangs.
_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
settings.register_profile("house", max_examples=40, deadline=None, derandomize=True, suppress_health_check=_QUIET)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


# Text in pictures is read by the tests of it alone: each worker that reads starts an engine, which takes a second.
os.environ.setdefault("PROVSCAN_MARKS", "off")

SCANNED = "scanned"


def pytest_configure() -> None:
    """A shell's background and nohup ignore signals, and so does all that a test starts: tests send these signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the demo's scan comes last: the scan is made while the other tests run."""
    items.sort(key=_needs_the_scan)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Before pytest-cov combines what the processes wrote: some were killed while they wrote."""
    ran = yield
    if session.config.pluginmanager.hasplugin("_cov") and not hasattr(session.config, "workerinput"):
        remove_torn_data(session.config.rootpath)
    return ran


def pytest_collection_finish() -> None:
    """What was imported stays: it need not be looked through again after every thousand objects."""
    gc.collect()
    gc.freeze()


def _needs_the_scan(item: pytest.Item) -> bool:
    return SCANNED in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests may have settings of their own; processes that are started inherit this too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-settings"))
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "no-data"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _early(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Begins the demo's scan with the first test, if any test looks at it."""
    if sum(map(_needs_the_scan, request.session.items)) < 2:
        yield
        return
    with subprocess.Popen([sys.executable, "-m", "tests.e2e.demo", tmp_path_factory.getbasetemp()]) as making:
        yield
        making.wait()  # another worker may still be waiting for it


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EP101, the demo delivery."""
    return made_delivery(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """EP101, scanned by a real process, in all formats."""
    return made_scan(tmp_path_factory.getbasetemp())
