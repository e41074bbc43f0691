"""Videos and sounds in a library: kept whole through kills, copies and removal, and as good to trace as their files."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from fingerprints.library import adding as library_adding
from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.catalogue import CATALOGUE
from fingerprints.library.checks import originals, verify
from fingerprints.library.clips import CLIPS, sweep
from fingerprints.library.copying import export, merge
from fingerprints.library.library import Library
from fingerprints.library.prints import take_prints
from fingerprints.library.travelling import LIBRARY
from fingerprints.library_queries import items_of
from fingerprints.model import Details, Reference
from fingerprints.prints.cut_out import cut_out
from fingerprints.prints.phash import coefficients, small_grey
from fingerprints.programmes.programme import read
from fingerprints.programmes.sought import open_item
from fingerprints.programmes.trace import trace
from fingerprints.vocabulary import Role, Sense
from media.errors import LibraryError
from media.work.serial import SerialExecutor
from tests.fingerprints.films import RATE, film, moving

ROOT = Path(__file__).parents[2]


def _chimes(path: Path, seconds: float, seed: int, *, over: Path | None = None, at: float = 0.0) -> Path:
    """Short tones at random, and another file's sound from a second on."""
    draw, rate = np.random.default_rng(seed), 24_000
    moments = np.arange(int(rate * seconds)) / rate
    sound = np.zeros_like(moments)
    for _ in range(int(seconds * 6)):
        pitch, middle = draw.uniform(200, 4000), draw.uniform(0, seconds)
        sound += 0.1 * np.sin(2 * np.pi * pitch * moments) * np.exp(-(((moments - middle) / 0.15) ** 2))
    if over is not None:
        with wave.open(str(over)) as file:
            heard = np.frombuffer(file.readframes(1 << 30), "<i2") / 32767
        sound[int(at * rate) : int(at * rate) + len(heard)] += heard
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip, a theme, and a master that shows 2 s of the one from frame 30 and plays the other from 1.5 s."""
    folder = tmp_path_factory.mktemp("media")
    clip = moving(5, 80)
    film(folder / "clip.mov", clip)
    _chimes(folder / "theme.wav", 5, 1)
    mixed = _chimes(folder / "mix.wav", 8, 2, over=folder / "theme.wav", at=1.5)
    frames = [*moving(6, 30), *clip[20:70], *moving(7, 30)]
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le")
    film(folder / "master.mov", frames, "-i", str(mixed), *options, "-timecode", "01:00:00:00")
    return folder


@pytest.fixture(scope="module")
def filled(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the clip and the theme. Not to be changed."""
    folder = tmp_path_factory.mktemp("filled") / "library"
    with Library.create(folder) as library:
        assert [done.status for done in add(library, _items(media))] == [Status.ADDED] * 2
    return folder


@pytest.fixture
def library(filled: Path, tmp_path: Path) -> Iterator[Library]:
    """Another of the same."""
    with Library.open(filled) as source:
        export(source, tmp_path / "library")
    with Library.open(tmp_path / "library") as opened:
        yield opened


def _items(media: Path) -> list[Addition]:
    details = {"clip.mov": Details(id="CLIP", role=Role.COPYRIGHTED), "theme.wav": Details(id="THEME", role=Role.TEMP)}
    return [Addition((media / name,), said) for name, said in details.items()]


class _Elsewhere(SerialExecutor):
    """As if on a machine that does not see the library."""

    shares_files = False


def test_clips_that_were_made_on_another_machine_are_those_of_this_one(
    filled: Path, media: Path, tmp_path: Path
) -> None:
    with Library.create(tmp_path / "library") as library, Library.open(filled) as here:
        assert [done.status for done in add(library, _items(media), executor=_Elsewhere())] == [Status.ADDED] * 2
        assert list(verify(library)) == []
        made = [[dict(clip.digests) for clip in one.catalogue.clips().values()] for one in (library, here)]
    assert made[0] == made[1]
    assert LIBRARY.stamp(tmp_path / "library") == LIBRARY.stamp(filled)


def test_a_library_that_travelled_has_the_same_stamp_and_is_whole(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    for name, place in LIBRARY.files(filled, tmp_path / "beside"):
        path = tmp_path / "there" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(place.read_bytes())
    assert LIBRARY.stamp(tmp_path / "there") == LIBRARY.stamp(filled)
    with Library.open(tmp_path / "there") as library:
        assert list(verify(library)) == []
        with library.catalogue.changing():
            library.catalogue.describe(Details(id="CLIP", role=Role.TEMP))
    assert LIBRARY.stamp(tmp_path / "there") != LIBRARY.stamp(filled)


def _reference(library: Library, name: str) -> Reference:
    found = library.reference(name)
    assert found is not None
    return found


def _folder(library: Library, name: str) -> Path:
    clip = _reference(library, name).clip
    assert clip is not None
    return library.folder / CLIPS / clip.name


def test_a_clip_and_a_sound_are_found_through_a_library(filled: Path, media: Path) -> None:
    with Library.open(filled) as library:
        named = [replace(item, name=reference.id) for reference, item in items_of(library)]
        found = trace(named, [read(media / "master.mov")])
    picture, sound = (next(one for one in found if one.kind is kind) for kind in (Sense.PICTURE, Sense.SOUND))
    assert (picture.reference, picture.in_frame, picture.out_frame) == ("CLIP", 30, 80)
    assert picture.reference_in == pytest.approx(20 / RATE, abs=1 / RATE)
    assert sound.reference == "THEME"
    assert sound.in_seconds - sound.reference_in == pytest.approx(1.5, abs=0.1)


def test_what_is_kept_is_what_the_files_give(filled: Path, media: Path) -> None:
    with Library.open(filled) as library:
        kept = [item for _, item in items_of(library)]
    for mine, file in zip(kept, map(open_item, (media / "clip.mov", media / "theme.wav")), strict=True):
        assert mine.clip is not None and file.clip is not None  # noqa: PT018
        for name in ("numbers", "low", "hashes", "flat", "black"):
            assert np.array_equal(getattr(mine.clip, name), getattr(file.clip, name)), name
        assert (mine.clip.rate, mine.clip.shots) == (file.clip.rate, file.clip.shots)
        assert np.array_equal(mine.clip.peaks.bins, file.clip.peaks.bins)
        for number, (one, other) in enumerate(zip(mine.clip.samples, file.clip.samples, strict=True)):
            assert (one.row, one.look, one.box) == (other.row, other.look, other.box)
            assert one.windows is not None and other.windows is not None  # noqa: PT018
            assert one.windows.names == other.windows.names
            assert np.array_equal(one.windows.hashes, other.windows.hashes)
            assert np.array_equal(mine.key_image(number).descriptors, file.key_image(number).descriptors)


def test_what_is_kept_of_them(filled: Path) -> None:
    with Library.open(filled) as library:
        clip, theme = (_reference(library, name) for name in ("CLIP", "THEME"))
        assert clip.clip is not None and theme.clip is not None  # noqa: PT018
        assert (clip.clip.rate, clip.clip.seconds, clip.clip.has_sound) == ("25", 80 / RATE, False)
        assert (theme.clip.rate, round(theme.clip.seconds), theme.clip.has_sound) == ("", 5, True)
        assert (len(clip.key_images) > 1, theme.key_images) == (True, ())
        exact = library.frame(clip, 1.0, at_least=640)
        assert exact is not None
        assert exact.shape == (180, 320, 3)
        kept = library.frame(replace(clip, file="gone.mov"), 1.0, at_least=640)
        assert kept is not None
        assert kept.shape[:2] == (180, 320)
        assert library.frame(theme, 1.0, at_least=640) is None
        assert list(verify(library)) == []
        assert list(originals(library)) == []


def test_the_same_file_is_there_once_and_a_copy_is_told(library: Library, media: Path, tmp_path: Path) -> None:
    folders = set((library.folder / CLIPS).iterdir())
    again = [replace(item, is_named=False) for item in _items(media)]
    assert [done.status for done in add(library, again)] == [Status.ALREADY] * 2
    film(tmp_path / "copy.mov", moving(5, 80), "-c:v", "mpeg4", "-q:v", "3")
    (done,) = add(library, [Addition((tmp_path / "copy.mov",), Details(id="COPY", role=Role.TEMP))])
    assert [name for name, _ in done.alike] == ["CLIP"]
    assert len(set((library.folder / CLIPS).iterdir()) - folders) == 1


def test_of_two_at_once_the_second_leaves_nothing(media: Path, tmp_path: Path) -> None:
    (_, item) = _items(media)
    with Library.create(tmp_path / "library") as one, Library.open(tmp_path / "library") as other:
        made = [take_prints(item.files, one.folder / CLIPS) for _ in range(2)]
        told = [library_adding._commit(one, [(item, made[0])]), library_adding._commit(other, [(item, made[1])])]
        assert [done.status for (done,) in told] == [Status.ADDED, Status.ALREADY]
        assert list((one.folder / CLIPS).iterdir()) == [_folder(one, "THEME")]
        assert list(verify(other)) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from fingerprints.library import adding as library_adding, clip_arrays as library_clip_arrays
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.vocabulary import Role
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
places = {"writing": (library_clip_arrays, "sync"), "counting": (library_adding, "_insert")}
for moment, place in places.items():
    if (child := os.fork()) == 0:
        setattr(*place, die)
        with Library.open(Path(sys.argv[1]) / moment) as library:
            item = library_adding.Addition((Path(sys.argv[2]),), Details(id="X", role=Role.TEMP))
            list(library_adding.add(library, [item]))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
"""


def test_killed_while_it_is_written_or_before_it_counts(media: Path, tmp_path: Path) -> None:
    for moment in ("writing", "counting"):
        Library.create(tmp_path / moment).close()
    subprocess.run([sys.executable, "-c", KILLED, tmp_path, media / "theme.wav"], cwd=ROOT, check=True)
    for moment in ("writing", "counting"):
        with Library.open(tmp_path / moment) as library:
            (left,) = (library.folder / CLIPS).iterdir()
            assert (left.suffix == ".new") == (moment == "writing")
            assert not list(library.references())
            assert list(verify(library)) == []
            sweep(left.parent, ())
            assert left.exists()
            os.utime(left, (time.time(), time.time() - 30 * 24 * 3600))
            (_, item) = _items(media)
            assert [done.status for done in add(library, [item])] == [Status.ADDED]
            assert list(left.parent.iterdir()) == [_folder(library, "THEME")]


def test_removed_it_is_gone(library: Library) -> None:
    folder = _folder(library, "CLIP")
    assert library.remove("CLIP")
    assert not folder.exists()
    assert [reference.id for reference, _ in items_of(library)] == ["THEME"]
    assert list(verify(library)) == []


def test_handed_over_and_taken_in_it_is_the_same(filled: Path, library: Library, tmp_path: Path) -> None:
    with Library.open(filled) as source, Library.create(tmp_path / "third") as third:
        assert [why for _, why in merge(third, library)] == ["", ""]
        for name in ("CLIP", "THEME"):
            one, other, last = (_reference(which, name).clip for which in (source, library, third))
            assert one is not None and other is not None and last is not None  # noqa: PT018
            assert one.digests == other.digests == last.digests
            assert len({one.name, other.name, last.name}) == 3
        assert _reference(library, "CLIP").file == "clip.mov"
        assert all(library.thumbnail(ordinal) is None for ordinal in _reference(library, "CLIP").key_images)
        assert list(verify(third)) == []


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _lie(path: Path) -> None:
    np.save(path, np.load(path)[:-1])


def _far(path: Path) -> None:
    rows = np.load(path)
    rows["row"] += 1_000_000
    np.save(path, rows)


def _torn(path: Path) -> None:
    np.save(path, np.zeros_like(np.load(path)))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("low.npy", _cut),
        ("hashes.npy", _lie),
        ("samples.npy", _far),
        ("features.npy", _torn),
        ("clip.json", _cut),
        ("clip.json", lambda path: path.write_text(json.dumps({"version": 1, "rate": "1/0"}))),
        ("words.npy", Path.unlink),
    ],
)
def test_damage_is_told_with_the_mend(library: Library, file: str, damage: object) -> None:
    assert callable(damage)
    damage(_folder(library, "CLIP") / file)
    with pytest.raises(LibraryError, match="add it again"):
        [item.key_image(0) for _, item in items_of(library) if item.clip and item.clip.samples]
    told = list(verify(library))
    assert all(line.startswith("CLIP: ") for line in told)
    assert any(file in line for line in told)


def test_clips_of_another_version_are_refused_with_the_mend(library: Library) -> None:
    with sqlite3.connect(library.folder / CATALOGUE) as database:
        database.execute("UPDATE clip SET made = 'clip 0'")
    with pytest.raises(LibraryError, match="library import"):
        list(items_of(library))


@pytest.mark.parametrize("region", [(0.0, 0.0, 1.0, 1.0), (0.1, 0.2, 0.9, 1.0), (0.5, 0.0, 1.0, 0.5)])
def test_of_a_clip_whose_file_has_gone_a_part_is_cut_out(region: tuple[float, float, float, float]) -> None:
    draw = np.random.default_rng(4)
    waves = np.cos(np.pi * np.outer((np.arange(640) + 0.5) / 640, np.arange(7)))
    field = waves @ draw.normal(0, 12, (7, 7)) @ waves.T
    large = np.clip(field / np.abs(field).max() * 120 + 128, 0, 255).astype(np.uint8)
    left, top, right, bottom = (round(640 * side) for side in region)
    whole, part = (coefficients(small_grey(one)[None]) for one in (large, large[top:bottom, left:right]))
    assert np.abs(cut_out(whole, region) - part).max() < 0.02 * np.abs(part).max()


def test_a_name_that_leads_outside_is_refused(library: Library) -> None:
    with sqlite3.connect(library.folder / CATALOGUE) as database:
        database.execute("UPDATE clip SET name = '../segments' WHERE has_sound = 0")
    with pytest.raises(LibraryError, match="not the name of a clip"):
        library.remove("CLIP")


def test_no_two_items_have_one_name(filled: Path) -> None:
    with Library.open(filled) as library:
        names = [item.name for _, item in items_of(library)]
    assert all(one != other for one, other in permutations(names, 2))


def test_what_is_neither_is_refused_with_both_reasons(library: Library, tmp_path: Path) -> None:
    (tmp_path / "words.mov").write_text("no movie")
    (done,) = add(library, [Addition((tmp_path / "words.mov",), Details(id="X", role=Role.TEMP))])
    assert done.status is Status.REFUSED
    assert "its pixels cannot be decoded" in done.message
    assert "as video or sound" in done.message
    assert not [path for path in (library.folder / CLIPS).iterdir() if path.suffix == ".new"]


def test_what_breaks_off_is_added_in_part_and_told(library: Library, media: Path, tmp_path: Path) -> None:
    film(tmp_path / "whole.mkv", moving(8, 90))
    data = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "part.mkv").write_bytes(data[: len(data) // 3])
    (done,) = add(library, [Addition((tmp_path / "part.mkv",), Details(id="PART", role=Role.TEMP))])
    assert done.status is Status.ADDED
    assert "only in part" in done.message
    kept = library.clip(_reference(library, "PART"))
    assert kept is not None
    assert kept.programme.fault
