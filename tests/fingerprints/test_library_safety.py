"""A library under kill −9, under several writers, and under files that kill their worker."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.checks import verify
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.prints import Files
from fingerprints.model import Details
from fingerprints.vocabulary import Role
from fixtures.photos import NAMES, photograph
from media.work import create_executor
from tests.contracts.faults import wait_for_the_pool

ROOT = Path(__file__).parents[2]

FILLER = """
import sys
from pathlib import Path
from fingerprints.library import adding as library_adding
from fingerprints.library.library import Library
from fingerprints.library.adding import Addition, add
from fingerprints.model import Details
from fingerprints.vocabulary import Role
library_adding._BATCH_KEY_IMAGES = 2
with Library.open(Path(sys.argv[1])) as library:
    print("open", flush=True)
    items = [Addition((Path(name),), Details(id=sys.argv[2] + Path(name).stem, role=Role.TEMP)) for name in sys.argv[3:]]
    for done in add(library, items):
        print(done.status, done.id, flush=True)
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    made = []
    for name in NAMES:
        for place in range(3):
            photograph(name, (240, 180), at=(place / 2, place / 2)).save(path := folder / f"{name}{place}.jpg")
            made.append(path)
    return made


def _filler(library: Path, prefix: str, photos: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(FILLER), str(library), prefix, *map(str, photos)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_it_opens_and_goes_on(tmp_path: Path, photos: list[Path]) -> None:
    Library.create(tmp_path / "library").close()
    rng, told = random.Random(3), set()
    for _ in range(4):
        process = _filler(tmp_path / "library", "", photos)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        time.sleep(rng.uniform(0.0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        told |= {line.split()[1] for line in process.communicate()[0].splitlines() if line.startswith("added ")}
        with Library.open(tmp_path / "library") as library:
            assert list(verify(library)) == []
            assert told <= {reference.id for reference in library.references()}
            library.hash_index()
    process = _filler(tmp_path / "library", "", photos)
    said = process.communicate()[0].splitlines()[1:]
    assert process.returncode == 0
    assert sum(line.startswith("already") for line in said) >= len(told)
    with Library.open(tmp_path / "library") as library:
        assert {reference.id for reference in library.references()} == {path.stem for path in photos}
        assert list(verify(library)) == []


def test_two_processes_at_once_lose_nothing(tmp_path: Path, photos: list[Path]) -> None:
    Library.create(tmp_path / "library").close()
    fillers = [_filler(tmp_path / "library", prefix, photos[:12]) for prefix in ("one-", "two-")]
    assert [filler.communicate() and filler.returncode for filler in fillers] == [0, 0]
    with Library.open(tmp_path / "library") as library:
        names = {reference.id for reference in library.references()}
        assert names == {f"{prefix}{path.stem}" for prefix in ("one-", "two-") for path in photos[:12]}
        ordinals = [ordinal for reference in library.references() for ordinal in reference.key_images]
        assert len(set(ordinals)) == 24
        assert list(verify(library)) == []
        assert {path.name for path in (library.folder / SEGMENTS).iterdir()} == set(library.catalogue.segments())


def test_the_same_file_added_by_two_at_once_is_there_once(tmp_path: Path, photos: list[Path]) -> None:
    Library.create(tmp_path / "library").close()
    fillers = [_filler(tmp_path / "library", "", photos[:8]) for _ in range(2)]
    assert [filler.communicate() and filler.returncode for filler in fillers] == [0, 0]
    with Library.open(tmp_path / "library") as library:
        assert library.catalogue.counts()["reference"] == library.catalogue.counts()["plate"] == 8
        assert list(verify(library)) == []


def test_an_open_library_sees_what_others_did(tmp_path: Path, photos: list[Path]) -> None:
    with Library.create(tmp_path / "library") as reader, Library.open(tmp_path / "library") as writer:
        assert len(reader.hash_index()) == 0
        items = [Addition((path,), Details(id=path.stem, role=Role.TEMP)) for path in photos[:9]]
        for item in items:
            list(add(writer, [item]))
            assert len(reader.descriptor_index()) > 0
        assert len(reader.hash_index()) == len(writer.hash_index())
        writer.remove(items[0].details.id)
        assert len(reader.catalogue.removed()) == 1


class _Fatal:
    """Reads as workers do, and dies over what is called `fatal`."""

    name = "local"
    shares_files = True

    def run(self, function: Any, items: Any, **how: Any) -> Any:
        return create_executor("local", jobs=2).run(partial(_or_die, function), items, **how)


def _or_die(function: Any, files: Files) -> Any:
    if files.paths[0].name == "fatal.jpg":
        wait_for_the_pool()
        os.kill(os.getpid(), signal.SIGSEGV)
    return function(files)


def test_a_file_that_kills_its_worker_costs_itself_alone(tmp_path: Path, photos: list[Path]) -> None:
    (tmp_path / "fatal.jpg").write_bytes(b"fatal")
    files = [photos[0], tmp_path / "fatal.jpg", *photos[1:5]]
    with Library.create(tmp_path / "library") as library:
        items = [Addition((path,), Details(id=path.stem, role=Role.TEMP)) for path in files]
        done = list(add(library, items, executor=_Fatal()))
        (refused,) = (one for one in done if one.status is Status.REFUSED)
        assert refused.id == "fatal"
        assert "SIGSEGV" in refused.message
        added = [one.id for one in done if one.status is Status.ADDED]
        assert added == [path.stem for path in files if path.stem != "fatal"]
        assert list(verify(library)) == []


def test_workers_give_what_one_process_gives(tmp_path: Path, photos: list[Path]) -> None:
    hashes = []
    for executor in (None, create_executor("local", jobs=2)):
        with Library.create(tmp_path / str(len(hashes))) as library:
            items = [Addition((path,), Details(id=path.stem, role=Role.TEMP)) for path in photos[:6]]
            assert {done.status for done in add(library, items, executor=executor)} == {Status.ADDED}
            hashes.append(np.concatenate([segment.array("hashes") for segment in library.segments()]))
    assert np.array_equal(*hashes)
