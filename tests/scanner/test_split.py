"""A master that several workers compare gives what one finds; a share that is lost loses the asset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fingerprints.programmes.reading import parts as in_parts
from fingerprints.programmes.reading import pictures
from fixtures.encode import run
from media.errors import Malformed
from media.words import ProblemCode
from media.work import Executor, Lost, create_executor, end_work
from media.work.serial import SerialExecutor
from scanner.discover.discover import discover
from scanner.model import Role
from scanner.recognise import matching, sharing, split
from scanner.recognise.comparing import compare
from scanner.recognise.lookup import Lookup, OwnClip, Sightings
from scanner.recognise.matching import look_up
from scanner.recognise.split import MasterShare, MasterStep
from tests.fingerprints.films import film, hold, moving, picture

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "24")


class Two(SerialExecutor):
    """Says that it has two workers, and counts what it is given."""

    def __init__(self) -> None:
        self.steps: list[MasterStep | None] = []

    def workers(self) -> int:
        return 2

    def run(self, function: Any, items: Any, **how: Any) -> Any:
        for item, result in super().run(function, items, **how):
            self.steps.append(item.step if isinstance(item, MasterShare) else None)
            yield item, result


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pictures, in_parts):
        monkeypatch.setattr(module, "STRETCH", 64)
        monkeypatch.setattr(module, "BATCH", 16)
    monkeypatch.setattr(split, "_LARGE", 1)


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Lookup:
    """A master with a clip over a seam and a sound; one of the references cannot be opened."""
    folder = tmp_path_factory.mktemp("split")
    (folder / "delivery").mkdir()
    clip, still = moving(3, 100), picture(2)
    frames = [*moving(1, 40), *clip[10:90], *moving(4, 30), *hold(still, 30, to=1.1), *moving(5, 30)]
    master, alone = folder / "delivery" / "ep.mov", film(folder / "v.mov", frames, *X264)
    noise = ("-f", "lavfi", "-i", "anoisesrc=d=6:c=pink:seed=3")
    run(*noise, "-i", alone, "-af", "adelay=1600", "-c:v", "copy", "-c:a", "aac", "-shortest", master)
    run(*noise, folder / "noise.wav")
    clips = {"clip": film(folder / "clip.mov", clip, *X264), "noise": folder / "noise.wav", "gone": folder / "none.mov"}
    (asset,) = discover([folder / "delivery"])
    return Lookup(asset=asset, clips=tuple(OwnClip(name=n, path=str(p), role=Role.TEMP) for n, p in clips.items()))


@pytest.fixture(scope="module")
def whole(lookup: Lookup) -> Sightings:
    """What one worker finds."""
    with pytest.MonkeyPatch.context() as patched:
        for module in (pictures, in_parts):
            patched.setattr(module, "STRETCH", 64)
            patched.setattr(module, "BATCH", 16)
        return look_up(lookup)


def shared(lookup: Lookup, executor: Executor, folder: Path) -> Sightings | Lost:
    ((found, result),) = compare(iter([lookup]), executor, folder, lookup.asset.size)
    assert found == lookup
    assert not list(folder.iterdir())
    return result


@pytest.mark.usefixtures("_small")
def test_shares_find_what_one_worker_finds(lookup: Lookup, whole: Sightings, tmp_path: Path) -> None:
    executor = Two()
    assert {match.reference for match in whole.matches} == {"clip", "noise"}
    assert shared(lookup, executor, tmp_path) == whole
    assert set(executor.steps) == {None, *MasterStep}
    assert executor.steps.count(MasterStep.READ) == 3


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("step", MasterStep)
def test_a_share_that_is_lost_loses_its_asset(
    lookup: Lookup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: MasterStep
) -> None:
    lost = Lost(ProblemCode.CRASHED, "its worker process ended")
    take = sharing.take_share
    monkeypatch.setattr(
        sharing, "take_share", lambda share: lost if (share.step, share.number) == (step, 0) else take(share)
    )
    assert shared(lookup, Two(), tmp_path) == lost


@pytest.mark.usefixtures("_small")
def test_what_does_not_fit_together_is_compared_by_one_worker(
    lookup: Lookup, whole: Sightings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Malformed("two parts of it do not agree")

    executor = Two()
    monkeypatch.setattr(sharing, "join_parts", fail)
    assert shared(lookup, executor, tmp_path) == whole
    assert MasterStep.FOLLOW not in executor.steps
    assert executor.steps[-1] is None


@pytest.mark.usefixtures("_small")
def test_a_master_is_split_only_where_cores_would_idle(
    lookup: Lookup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "look_up", lambda _: Sightings())
    executor = Two()
    ((_, result),) = compare(iter([lookup]), executor, tmp_path, 5 * lookup.asset.size)
    assert result == Sightings()
    assert executor.steps == [None]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["local", "dask"])
def test_workers_of_their_own_find_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(split, "_LARGE", 1)
    clip = moving(3, 200)
    frames = [*moving(1, 950), *clip, *moving(5, 150)]
    (tmp_path / "delivery").mkdir()
    (tmp_path / "run").mkdir()
    film(tmp_path / "delivery" / "ep.mov", frames, *X264)
    film(tmp_path / "clip.mov", clip, *X264)
    (asset,) = discover([tmp_path / "delivery"])
    lookup = Lookup(asset=asset, clips=(OwnClip(name="clip", path=str(tmp_path / "clip.mov"), role=Role.TEMP),))
    whole = look_up(lookup)
    assert [match.reference for match in whole.matches] == ["clip"]
    try:
        assert shared(lookup, create_executor(name, jobs=2), tmp_path / "run") == whole
    finally:
        end_work()
