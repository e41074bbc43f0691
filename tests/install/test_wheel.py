"""A wheel of this clone, installed without constraints beside every Python of this machine that provscan runs on.

Needs a package index: `make install-test` runs these tests, and continuous integration does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.self_test.trials import SAMPLES
from tests.e2e.process import PATIENCE, ROOT

pytestmark = pytest.mark.install

MINORS = (11, 12, 13)
ASKED = "import sys, venv, ensurepip; print(*sys.version_info[:2])"


def _candidates(minor: int) -> Iterator[Path]:
    """Where a Python of that version may lie: this one, on the path, in pyenv's folder."""
    if sys.version_info[:2] == (3, minor):
        yield Path(sys.executable)
    if found := shutil.which(f"python3.{minor}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python"))


def _works(python: Path, minor: int) -> bool:
    try:
        done = subprocess.run([python, "-c", ASKED], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return False
    return done.stdout.split() == ["3", str(minor)]


def _pythons() -> list[tuple[str, Path]]:
    """The first of each version that works and can make environments."""
    found = []
    for minor in MINORS:
        python = next((path for path in _candidates(minor) if _works(path, minor)), None)
        if python is not None:
            found.append((f"3.{minor}", python))
    return found


def _environment(home: Path) -> dict[str, str]:
    """Ours, without anything of this clone, without constraints, and with a home of its own."""
    dropped = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROVSCAN_", "XDG_", "COV_"))}
    return {name: value for name, value in kept.items() if name not in dropped} | {"HOME": str(home)}


def _run(
    *command: str | Path, cwd: Path, env: dict[str, str], good: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode in good, f"{command}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this clone as pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    _run(*command, cwd=folder, env=_environment(folder))
    (made,) = folder.glob("provscan-*.whl")
    return made


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage"]["run"]["source"]
    listed = subprocess.run(["git", "ls-files", "-z", *packages], cwd=ROOT, capture_output=True, check=True)
    ours = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == ours
    assert {Path(name).suffix for name in held} >= {".py", ".toml", ".j2", ".mp4", ".pdf"}


@pytest.mark.parametrize(("version", "python"), _pythons(), ids=lambda it: it if isinstance(it, str) else "")
def test_it_installs_without_constraints_and_finds_the_ai_still(
    version: str, python: Path, wheel: Path, tmp_path: Path
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    env = _environment(home)
    _run(python, "-m", "venv", tmp_path / "venv", cwd=elsewhere, env=env)
    installed = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = (installed / "python", "-m", "pip", "install", "--quiet", "--no-cache-dir")
    for source, place in (("clip.mp4", "EP101/Masters/EP101.mp4"), ("picture.jpg", "tests/sky.jpg")):
        (elsewhere / place).parent.mkdir(parents=True)
        shutil.copy(SAMPLES / source, elsewhere / place)
    scan = ("scan", "EP101", "--sources", "tests", "--format", "json")

    _run(*pip, wheel, cwd=elsewhere, env=env)
    no_ffmpeg = env | {"PATH": str(installed)}
    doctor = _run(installed / "provscan", "doctor", cwd=elsewhere, env=no_ffmpeg, good=(4,))
    assert "how to fix: pip install 'provscan[ffmpeg]'" in doctor.stdout
    done = _run(installed / "python", "-m", "scanner", *scan, cwd=elsewhere, env=no_ffmpeg, good=(1, 3))
    (record,) = json.loads(done.stdout)["records"]
    assert record["verdict"]["scan"] == "incomplete"
    assert record["verdict"]["outcome"] != "pass"
    licences = _run(installed / "provscan", "doctor", "--licences", cwd=elsewhere, env=no_ffmpeg)
    assert " GPL-" not in "".join(line for line in licences.stdout.splitlines(True) if line.startswith("library"))

    _run(*pip, f"{wheel}[ffmpeg]", cwd=elsewhere, env=env)
    doctor = _run(installed / "provscan", "doctor", cwd=elsewhere, env=env)
    assert f" {version}." in doctor.stdout
    assert doctor.stdout.rstrip().endswith("All required checks passed.")

    done = _run(installed / "python", "-m", "scanner", *scan, cwd=elsewhere, env=env, good=(1,))
    (record,) = json.loads(done.stdout)["records"]
    (match,) = record["matches"]
    assert (match["role"], match["reference"]) == ("ai-made", "tests/sky.jpg")
    assert (match["at"]["in_frame"], match["at"]["out_frame"]) == (24, 48)
    assert record["verdict"]["scan"] == "complete"
