"""Sightings: what a library, temporary material and AI-made material are recognised as, and where."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from fingerprints.library.adding import Addition, add
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.stills.judgement import GRAVE
from fingerprints.vocabulary import Grade, Quality, Role
from fixtures.encode import EXACT, encode, rgb
from fixtures.photos import photograph
from fixtures.programme import Scene, clip
from media.errors import LibraryError
from media.work import create_executor
from scanner.config import Config
from scanner.discover.discover import discover
from scanner.examinations import Examinations, HeldExaminations, read_once
from scanner.examine.store import Store
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, Comparison, Evidence, Examination, Kind, MatchFacts, MediaFacts
from scanner.progress import Silent
from scanner.recognise.lookup import Lookup, OwnClip
from scanner.recognise.matching import look_up
from scanner.recognise.recognise import ContentNotes, Recognition, _fill, recognise
from scanner.recognise.references import OwnStill, ReferenceChoice, References
from scanner.reports.pictures.pairs import Pair, Source, draw

PROMPT = "words\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: x"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_rules())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two scans."""
    folder = tmp_path_factory.mktemp("scans")
    for name in ("rocket", "coffee"):
        photograph(name).save(folder / f"{name}.png")
    details = {
        "rocket": Details(id="ARC-1", role=Role.ARCHIVAL, title="Launch", licence="L-7", quality=Quality.SCAN),
        "coffee": Details(id="COP-2", role=Role.COPYRIGHTED, quality=Quality.PREVIEW),
    }
    with Library.create(folder / "library") as library:
        assert len(list(add(library, [Addition((folder / f"{n}.png",), d) for n, d in details.items()]))) == 2
    return folder / "library"


def _assets(root: Path) -> list[Asset]:
    return list(discover([root]))


def _seen(asset: Asset, words: str = "", duration: float | None = None) -> Examination:
    evidence = (Evidence(id="e1", reader="png-text", key="parameters", value=words, where="tEXt"),) if words else ()
    return Examination(asset=asset, evidence=evidence, media=MediaFacts(duration=duration))


def _movie(path: Path, pictures: list[tuple[str, int]], *options: str) -> None:
    """Photographs one after the other, so many frames each, 23.976 a second."""
    whole = (0.0, 0.1, 1.0)
    scenes = tuple(Scene(picture=name, length=count, start=whole, end=whole) for name, count in pictures)
    path.write_bytes(clip(path.suffix, scenes, *options))


def test_a_still_is_told_with_role_place_and_what_the_library_says(tmp_path: Path, archive: Path) -> None:
    picture = photograph("rocket", (640, 427))
    picture.crop((60, 40, 560, 373)).save(tmp_path / "art.jpg", quality=80)
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert (match.reference, match.role, match.relation) == ("ARC-1", "archival", "reframed")
    assert match.score > match.threshold
    said = MatchFacts(quality=Quality.SCAN, licence="L-7", title="Launch", library="library")
    assert replace(match.facts, digest="") == said
    assert match.at is not None
    assert match.at.box is not None
    assert match.at.box.w > 95
    assert not match.at.frames


@pytest.mark.parametrize("name", ["moving.gif", "pages.tif", "moving.png"])
def test_further_pictures_of_a_still_are_compared_too(name: str, tmp_path: Path, archive: Path) -> None:
    first, second = photograph("pavilion", (480, 320)), photograph("rocket", (480, 320))
    first.save(tmp_path / name, save_all=True, append_images=[first, second])
    (asset,) = _assets(tmp_path)
    found = look_up(Lookup(asset=asset, shelves=(str(archive),)))
    (match,) = found.matches
    assert not found.problems
    assert match.reference == "ARC-1"
    assert match.at is not None
    assert match.at.is_numbered
    number = 2 if name.endswith("gif") else 3  # Pillow joins equal frames of a GIF
    assert match.at.frames == ((number, number + 1),)


def _flashing(path: Path, count: int) -> Asset:
    """An animation of as many pictures, of which every other one is brighter."""
    frames = [Image.new("RGB", (64, 48), (200 - 100 * (index % 2), 90, index // 50)) for index in range(count)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    (asset,) = _assets(path.parent)
    return asset


def test_an_animation_of_more_pictures_than_are_compared_does_not_pass(tmp_path: Path, archive: Path) -> None:
    (problem,) = look_up(Lookup(asset=_flashing(tmp_path / "long.png", 140), shelves=(str(archive),))).problems
    assert problem.blocking
    assert problem.message.endswith("the first 121 of its 140 pictures")


def test_pictures_of_an_animation_that_look_the_same_are_compared_once(tmp_path: Path, archive: Path) -> None:
    frames = [Image.new("RGB", (64, 48), (90 + index % 3, 90, index // 50)) for index in range(200)]
    frames[0].save(tmp_path / "still.png", save_all=True, append_images=frames[1:])
    (asset,) = _assets(tmp_path)
    assert look_up(Lookup(asset=asset, shelves=(str(archive),))).problems == ()


def test_a_second_picture_track_is_reported_as_not_compared(tmp_path: Path, archive: Path) -> None:
    _movie(tmp_path / "one.mov", [("pavilion", 4)])
    data = encode(
        ".mov", "-i", tmp_path / "one.mov", "-i", tmp_path / "one.mov", "-map", "0", "-map", "1", "-c", "copy"
    )
    (tmp_path / "two.mov").write_bytes(data)
    one, two = (look_up(Lookup(asset=asset, shelves=(str(archive),))) for asset in _assets(tmp_path))
    assert not one.problems
    (problem,) = two.problems
    assert problem.blocking
    assert "only the first of its 2 picture tracks was compared" in problem.message


def test_a_sequence_says_at_which_frames(tmp_path: Path, archive: Path) -> None:
    for number in range(1001, 1009):
        photograph("coffee" if number > 1004 else "moon", (320, 213)).save(tmp_path / f"comp.{number}.png")
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert match.reference == "COP-2"
    assert match.at is not None
    assert match.at.is_numbered
    assert match.at.frames == tuple((number, number + 1) for number in range(1005, 1009))


def test_a_master_says_at_which_timecodes(tmp_path: Path, archive: Path) -> None:
    _movie(tmp_path / "EP101.mov", [("moon", 24), ("rocket", 24), ("cat", 12)], "-timecode", "10:00:00:00")
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert (match.reference, match.relation, match.facts.sense) == ("ARC-1", "reframed", "picture")
    assert match.at is not None
    assert match.at.labels == ("10:00:01:00", "10:00:02:00")
    assert (match.at.frames, match.at.is_numbered, match.at.rate) == (((24, 48),), False, "24000/1001")


def test_a_clip_is_found_with_its_own_range(tmp_path: Path) -> None:
    (tmp_path / "masters").mkdir()
    _movie(tmp_path / "temp.mp4", [("coffee", 30), ("cat", 30)])
    _movie(tmp_path / "masters/EP101.mov", [("moon", 40), ("coffee", 30), ("cat", 30), ("rocket", 30)])
    (asset,) = _assets(tmp_path / "masters")
    sought = OwnClip(name="temp.mp4", path=str(tmp_path / "temp.mp4"), role="temp")
    matches = look_up(Lookup(asset=asset, shelves=(), clips=(sought,))).matches
    assert {match.relation for match in matches} == {"segment"}
    frames = sorted(span for match in matches if match.at for span in match.at.frames)
    assert (frames[0][0], frames[-1][1]) == (40, 100)


@pytest.mark.parametrize("name", ["art.png", "EP101.mov"])
def test_what_cannot_be_compared_is_a_problem(name: str, tmp_path: Path, archive: Path) -> None:
    if name.endswith(".png"):
        photograph("rocket", (300, 200)).save(tmp_path / name)
    else:
        _movie(tmp_path / name, [("moon", 24)])
    whole = (tmp_path / name).read_bytes()
    (asset,) = _assets(tmp_path)
    (tmp_path / name).write_bytes(whole[: len(whole) // 3])
    done = look_up(Lookup(asset=asset, shelves=(str(archive),)))
    assert done.matches == ()
    (problem,) = done.problems
    assert problem.blocking
    assert problem.message.startswith("not compared with references: ")


def test_a_reference_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    _movie(tmp_path / "EP101.mov", [("moon", 24)])
    (asset,) = _assets(tmp_path)
    done = look_up(
        Lookup(asset=asset, shelves=(), clips=(OwnClip(name="gone", path=str(tmp_path / "x"), role="temp"),))
    )
    assert done.unopened[0].startswith("gone is not searched for: ")


def _asset(path: str, category: Category, kind: Kind = Kind.IMAGE) -> Asset:
    return Asset(
        path=path, root="EP", location="/nowhere", kind=kind, media_type="x/y", size=1, mtime_ns=1, category=category
    )


def references_of(held: Examinations, engine: Engine, sources: Examinations | None = None) -> References:
    """What a run looks for."""
    choice = ReferenceChoice(engine, sources)
    read_once(held, [choice])
    return choice.references()


def test_temporary_and_marked_material_is_looked_for(engine: Engine) -> None:
    found = references_of(
        HeldExaminations(
            [
                _seen(_asset("temp/a.png", Category.TEMP)),
                _seen(_asset("vfx/b.png", Category.VFX_ELEMENT), PROMPT),
                _seen(_asset("vfx/c.png", Category.VFX_ELEMENT)),
                _seen(_asset("temp/d.mov", Category.TEMP, Kind.VIDEO), duration=20.0),
                _seen(_asset("temp/cut.mov", Category.TEMP, Kind.VIDEO), duration=2_600.0),
                _seen(_asset("temp/notes.txt", Category.TEMP, Kind.TEXT)),
            ]
        ),
        engine,
    )
    assert {(still.name, still.role) for still in found.stills} == {
        ("EP/temp/a.png", "temp"),
        ("EP/vfx/b.png", "ai-made"),
    }
    assert [clip.name for clip in found.clips] == ["EP/temp/d.mov"]
    (said,) = found.left_out
    assert said.startswith("EP/temp/cut.mov lasts 2600 s")


def test_a_clip_with_a_visible_mark_of_a_generator_is_ai_made(engine: Engine) -> None:
    def marked(name: str, **facts: str) -> Examination:
        said = {"name": "Sora", "form": "text", "firmness": "firm", "box": "84,92,12,4", "frames": "0-99"} | facts
        evidence = Evidence(reader="visible", key="generator-label", value="Sora", where="picture", facts=said, id="e1")
        clip = _seen(_asset(name, Category.VFX_ELEMENT, Kind.VIDEO), duration=20.0)
        return replace(clip, evidence=(replace(evidence, frames=((0, 99),)),))

    seen = [marked("vfx/a.mov"), marked("vfx/b.mov", firmness="possible"), marked("vfx/c.mov", embedded="yes")]
    found = references_of(HeldExaminations(seen), engine)
    assert [(clip.name, clip.role) for clip in found.clips] == [("EP/vfx/a.mov", "ai-made")]


def test_everything_under_sources_is_looked_for_once(engine: Engine) -> None:
    named = [_seen(_asset("a.png", Category.UNCATEGORISED)), _seen(_asset("cut.mov", Category.TEMP, Kind.VIDEO))]
    temp = HeldExaminations([_seen(_asset("a.png", Category.TEMP))])
    found = references_of(temp, engine, sources=HeldExaminations(named))
    assert [still.name for still in found.stills] == ["EP/a.png"]
    assert [clip.name for clip in found.clips] == ["EP/cut.mov"]


def _recognised(root: Path, store: Store, engine: Engine, config: Config) -> Recognition:
    seen = [_seen(asset, PROMPT if "gen" in asset.path else "") for asset in _assets(root)]
    held = HeldExaminations(seen)
    looks = ContentNotes()
    read_once(held, [looks])
    return recognise(held, references_of(held, engine), looks, config, store, Silent())


def test_a_run_looks_for_its_own_material_in_its_finals_once(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "EP"
    for folder in ("Artwork", "Temp", "Other"):
        (root / folder).mkdir(parents=True)
    photograph("rocket", (480, 320)).save(root / "Temp/gen.png")
    photograph("rocket", (480, 320), "film").save(root / "Artwork/key.jpg")
    photograph("rocket", (480, 320), "cold").save(root / "Other/loose.jpg")
    photograph("cat", (480, 320)).save(root / "Artwork/cat.jpg")
    config = Config(executor="serial")
    with Store.open(None) as store:
        pairs = list(_recognised(root, store, engine, config).pairs())
        shown = {seen.asset.path: [match.reference for match in matches] for seen, matches in pairs}
        assert shown == {
            "Artwork/cat.jpg": [],
            "Artwork/key.jpg": ["EP/Temp/gen.png"],
            "Other/loose.jpg": ["EP/Temp/gen.png"],
            "Temp/gen.png": [],
        }

        def opened(lookup: Lookup) -> None:
            raise AssertionError(lookup)

        monkeypatch.setattr("scanner.recognise.matching.look_up", opened)
        again = {seen.asset.path: matches for seen, matches in _recognised(root, store, engine, config).pairs()}
        assert again == {seen.asset.path: matches for seen, matches in pairs}


def test_a_reference_that_cannot_be_taken_up_is_said_once(tmp_path: Path, engine: Engine) -> None:
    root = tmp_path / "EP"
    for folder in ("Artwork", "Temp"):
        (root / folder).mkdir(parents=True)
    (root / "Temp/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    for name in ("rocket", "cat"):
        photograph(name, (240, 160)).save(root / f"Artwork/{name}.jpg")
    with Store.open(None) as store:
        (said,) = _recognised(root, store, engine, Config(executor="serial")).warnings
    assert said.startswith("EP/Temp/broken.png is not searched for: ")


def test_a_pair_is_drawn_from_the_librarys_own_picture_where_the_scan_is_gone(tmp_path: Path) -> None:
    scan, shown = tmp_path / "rocket.png", tmp_path / "art.jpg"
    photograph("rocket", (480, 320)).save(scan)
    photograph("rocket", (480, 320), "cold").save(shown)
    with Library.create(tmp_path / "library") as library:
        list(add(library, [Addition((scan,), Details(id="ARC-1", role=Role.ARCHIVAL))]))
    places = {name: Source(path=str(tmp_path / "library"), reference=name) for name in ("ARC-1", "ARC-2")}
    scan.unlink()
    pair = Pair(name="pair.jpg", shown=Source(path=str(shown)), reference=places["ARC-1"])
    assert (draw(pair) or b"").startswith(b"\xff\xd8\xff")
    assert draw(replace(pair, reference=places["ARC-2"])) is None


def test_a_folder_that_is_no_library_ends_the_run_before_it_begins(tmp_path: Path, engine: Engine) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with Store.open(None) as store, pytest.raises(LibraryError):
        _recognised(tmp_path, store, engine, Config(library=(str(tmp_path),), executor="serial"))


def _with_a_cat(picture: Image.Image) -> Image.Image:
    """Something that was not there, in the middle of the upper half."""
    width, height = picture.size
    picture.paste(photograph("cat", (width // 3, height // 3)), (width // 3, height // 10))
    return picture


def test_what_was_changed_in_a_scan_is_told_with_its_region(tmp_path: Path, archive: Path) -> None:
    _with_a_cat(photograph("rocket", (640, 427), "cold")).save(tmp_path / "art.jpg", quality=90)
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert match.relation == "altered"
    assert match.alteration is not None
    assert match.alteration.area_percent == pytest.approx(11.5, abs=4.5)
    (region,) = match.alteration.regions
    assert region.x == pytest.approx(33, abs=4)
    assert region.y == pytest.approx(10, abs=4)
    assert region.w == pytest.approx(33, abs=6)


def _two_sides(side: str) -> Image.Image:
    """One of two photographs of a motorcycle that were taken at once, 19 cm apart."""
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    with Image.open(Path(spec.origin).parent / f"data/motorcycle_{side}.png") as photo:
        return photo.convert("RGB")


def _library_of_the_left(folder: Path, role: Role, quality: Quality) -> str:
    _two_sides("left").save(folder / "left.png")
    with Library.create(folder / "library") as library:
        details = Details(id="ARC-3", role=role, quality=quality)
        assert len(list(add(library, [Addition((folder / "left.png",), details)]))) == 1
    (folder / "media").mkdir()
    return str(folder / "library")


def _held_for_a_second(path: Path, picture: Image.Image) -> None:
    size = (640, 428)
    shown = picture.resize(size)
    before, after = (photograph(name, size) for name in ("moon", "coffee"))
    frames = [one.tobytes() for one in (*[before] * 24, *[shown] * 24, *[after] * 24)]
    path.write_bytes(encode(".mov", *rgb(size, 24), "-pix_fmt", "yuv420p", "-crf", "16", stdin=frames))


@pytest.mark.parametrize(
    ("role", "quality"),
    [
        (Role.ARCHIVAL, Quality.SCAN),
        pytest.param(Role.ARCHIVAL, Quality.PREVIEW, marks=pytest.mark.thorough),
        (Role.COPYRIGHTED, Quality.SCAN),
    ],
)
@pytest.mark.parametrize("suffix", [".png", pytest.param(".mov", marks=pytest.mark.thorough)])
def test_another_photograph_of_the_same_place_is_at_most_uncertain(
    tmp_path: Path, role: Role, quality: Quality, suffix: str
) -> None:
    """By itself and in a programme; nobody is accused of copying somebody else's work by it."""
    library = _library_of_the_left(tmp_path, role, quality)
    if suffix == ".png":
        _two_sides("right").save(tmp_path / "media/art.png")
    else:
        _held_for_a_second(tmp_path / "media/EP101.mov", _two_sides("right"))
    (asset,) = _assets(tmp_path / "media")
    matches = look_up(Lookup(asset=asset, shelves=(library,))).matches
    if role is Role.COPYRIGHTED:
        assert matches == ()
        return
    (match,) = matches
    assert match.alteration is not None
    assert match.alteration.grade is Grade.UNCERTAIN
    assert "another photograph of the same place" in match.alteration.reason
    assert match.relation not in GRAVE
    if suffix == ".mov":
        assert match.at is not None
        assert match.at.frames == ((24, 48),)


def test_the_strictest_grade_of_a_sequence_is_stated_with_its_frames(tmp_path: Path, archive: Path) -> None:
    """Most frames show the photograph as it is; that two of them were altered must not get lost."""
    plain = photograph("rocket", (640, 427))
    for number in range(1001, 1009):
        (_with_a_cat(plain.copy()) if number in (1004, 1005) else plain).save(tmp_path / f"comp.{number}.png")
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert match.relation == "altered"
    assert match.at is not None
    assert match.at.frames == tuple((number, number + 1) for number in range(1001, 1009))
    assert match.alteration is not None
    assert (match.alteration.grade, match.alteration.frame) == (Grade.ALTERED, 1004)
    assert match.alteration.reason.endswith("; in frames 1004, 1005")


def test_against_a_preview_it_says_that_it_cannot_judge(tmp_path: Path, archive: Path) -> None:
    _with_a_cat(photograph("coffee", (600, 400))).save(tmp_path / "art.jpg", quality=90)
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert match.relation != "altered"
    assert match.alteration == Comparison(judged=False, reason="cannot judge: the reference is of quality preview")


def test_an_altered_still_is_told_in_a_master_too(tmp_path: Path, archive: Path) -> None:
    with Image.open(archive.parent / "rocket.png") as scan:
        still = _with_a_cat(scan.convert("RGB"))
    frames = [still.crop((step, step, 600 + step, 400 + step)).resize((480, 320)).tobytes() for step in range(24)]
    movie = encode(".mov", *rgb((480, 320), 24), "-pix_fmt", "yuv420p", *EXACT, stdin=frames)
    (tmp_path / "EP101.mov").write_bytes(movie)
    (asset,) = _assets(tmp_path)
    (match,) = look_up(Lookup(asset=asset, shelves=(str(archive),))).matches
    assert match.relation == "altered"
    assert match.alteration is not None
    assert match.alteration.frame in range(24)
    assert match.alteration.regions


def test_what_a_run_finds_does_not_depend_on_how_long_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rocket", "cat", "coffee"):
        photograph(name, (240, 160)).save(tmp_path / f"{name}.png")
    stills = [OwnStill(name=path.name, files=(str(path),), role=Role.TEMP) for path in sorted(tmp_path.glob("*.png"))]
    hours = count(step=3600.0)
    monkeypatch.setattr("fingerprints.library.adding.monotonic", lambda: next(hours))
    assert list(_fill(tmp_path / "shelf", stills, create_executor("serial"))) == []
    with Library.open(tmp_path / "shelf") as library:
        assert [len(segment) for segment in library.segments()] == [3], "points are searched by one set of lists"
