"""Marks in the picture as statements: where they are looked for, what they state of stills and programmes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from fingerprints.marks import ocr, programme, still
from fingerprints.marks.programme import ProgrammeMarks, ShownMark
from fingerprints.marks.still import VisibleMark
from media import probe
from media.errors import Malformed
from media.place import Box
from media.probe import Probe, Stream
from scanner.config import Config
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine, limit_seconds, toolset
from scanner.examine.inspection import examine_settings
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, Evidence, Examination, Kind, LookStatus, Role
from scanner.provenance import marks_not_looked_for
from scanner.readers import visible
from scanner.recognise.references import ReferenceChoice

MARK = VisibleMark("generator-label", "Kling", "Kling Al", Box(88, 93, 10, 4), is_firm=True, copies=2)
ALL = ExamineSettings(marks=tuple(Category))


@pytest.fixture
def _read(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is here, and every picture bears the mark."""
    monkeypatch.setattr(ocr, "is_here", lambda: True)
    monkeypatch.setattr(still, "find_marks", lambda _: (MARK,))


def seen(folder: Path, settings: ExamineSettings) -> Examination:
    Image.new("RGB", (320, 180), "teal").save(folder / "card.png")
    (asset,) = discover([folder])
    return examine(asset, settings)


def status(examination: Examination) -> LookStatus:
    return next(look.status for look in examination.looks if look.by == "visible")


def stated(examination: Examination) -> list[Evidence]:
    return [one for one in examination.evidence if one.reader == "visible"]


@pytest.mark.usefixtures("_read")
def test_a_still_states_its_marks_with_their_box(tmp_path: Path) -> None:
    examination = seen(tmp_path, ALL)
    (one,) = stated(examination)
    assert (one.key, one.value, one.frames) == ("generator-label", "Kling Al", ())
    assert one.facts == {"name": "Kling", "form": "text", "firmness": "firm", "box": "88,93,10,4", "copies": "2"}
    (finding,) = Engine(load_rules()).detect(examination.evidence).findings
    assert (finding.tool, finding.claim, finding.strength) == ("Kling", "generated", "visible")
    assert finding.at is not None
    assert (finding.at.box, finding.at.frames) == (MARK.box, ())


@pytest.mark.usefixtures("_read")
def test_only_the_categories_of_the_setting_are_searched(tmp_path: Path) -> None:
    assert status(seen(tmp_path, ExamineSettings())) is LookStatus.NOT_DEFINED
    assert status(seen(tmp_path, ExamineSettings(marks=(Category.TEMP,)))) is LookStatus.NOT_DEFINED
    assert status(seen(tmp_path, ALL)) is LookStatus.FOUND
    modes = {mode: set(examine_settings(Config(marks=mode)).marks) for mode in ("off", "artwork", "finals", "all")}
    assert modes["off"] < modes["artwork"] < modes["finals"] < modes["all"] == set(Category)
    assert len({toolset(examine_settings(Config(marks=mode))) for mode in modes}) == len(modes)


@pytest.mark.usefixtures("_read")
@pytest.mark.parametrize("folder", ["temp", "ideation", "vfx"])
def test_marked_material_of_the_cutting_room_is_looked_for_as_made_by_ai_unless_marks_are_off(
    folder: str, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    Image.effect_noise((320, 180), 80).save(tmp_path / folder / "shot.png")
    (asset,) = discover([tmp_path])
    roles = []
    for mode in ("finals", "off"):
        choice = ReferenceChoice(Engine(load_rules()))
        choice.note(examine(asset, examine_settings(Config(marks=mode))))
        roles.append([one.role for one in choice.references().stills])
    assert roles[0] == [Role.AI_MADE]
    assert Role.AI_MADE not in roles[1]


def test_without_the_extra_nothing_is_looked_for_and_the_report_states_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "is_here", lambda: False)
    assert status(seen(tmp_path, ALL)) is LookStatus.NOT_DEFINED
    assert toolset(ALL) == toolset(ExamineSettings())
    (said,) = marks_not_looked_for(Config())
    assert "not looked for" in said
    assert "provscan[marks]" in said
    (off,) = marks_not_looked_for(Config(marks="off"))
    assert off.endswith("were not looked for (--marks).")


def test_a_look_for_marks_has_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_here", lambda: True)
    asset = Asset(
        path="a.mov", root="EP", location="/", kind=Kind.VIDEO, media_type="video/mp4", size=10**9, mtime_ns=1
    )
    assert limit_seconds(asset, ALL) > limit_seconds(asset) + 1000


@pytest.mark.usefixtures("_read")
def test_a_programme_states_frames_and_what_was_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hops = (((48, 96), Box(88, 93, 10, 4)), ((96, 120), Box(2, 3, 10, 4)))
    found = ProgrammeMarks((ShownMark(MARK, (48, 120), hops, 4, 6),), Malformed("FFmpeg: the rest is damaged"))
    monkeypatch.setattr(programme, "marks_of_programme", lambda source, **_: found)
    video = Stream(index=0, kind="video", codec="h264", rate="24/1")
    said = Probe(format="mov", duration=10.0, streams=(video,), tags={}, chapters=())
    monkeypatch.setattr(probe, "probe", lambda _: said)
    (tmp_path / "cut.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    (asset,) = discover([tmp_path])
    examination = examine(asset, ALL)
    (one,) = stated(examination)
    assert one.frames == ((48, 119),)
    assert one.facts["frames"] == "48-119"
    assert one.facts["seen"] == "4 of 6 frames"
    assert one.facts["boxes"] == "48-95:88,93,10,4 96-119:2,3,10,4"
    problem = next(problem for problem in examination.problems if problem.by == "visible")
    assert not problem.blocking
    (finding,) = Engine(load_rules()).detect(examination.evidence).findings
    assert finding.at is not None
    assert (finding.at.frames, finding.at.is_numbered) == (((48, 120),), False)


def test_the_rate_is_that_of_the_picture() -> None:
    assert visible.rate_of_picture(Stream(index=0, kind="video", codec="h264", rate="24000/1001")) == Fraction(
        24000, 1001
    )
    assert visible.rate_of_picture(Stream(index=0, kind="video", codec="h264")) == 25
