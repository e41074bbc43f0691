"""A mark in the picture, in reports: its text, its place in time and picture, how often, and the frame with its box."""

from __future__ import annotations

from dataclasses import replace

from scanner.judge.rules import Engine, load_rules
from scanner.model import Evidence, MediaFacts, Place, Record
from scanner.reports.components.illustrations import PictureKind, illustrations_of, thumbnail_of
from scanner.reports.instances import instances
from scanner.reports.marks import describe_mark
from scanner.reports.timed import cues
from scanner.reports.view import sheet
from tests.scanner.policy.world import film, judged, still

ENGINE = Engine(load_rules())


def mark(key: str = "generator-label", name: str = "Kling", value: str = "KlingAI", **facts: str) -> Evidence:
    stated = {"name": name, "form": "text", "firmness": "firm", "box": "80,90,15,4", **facts}
    return Evidence(reader="visible", key=key, value=value, where="picture", facts=stated, id="e1")


def of_still(said: Evidence) -> Record:
    seen = replace(still("a.png"), evidence=(said,))
    found = ENGINE.detect(seen.evidence).findings
    return Record(examination=seen, findings=found, verdict=judged(seen, *found))


def of_film(said: Evidence, first: int, after: int) -> Record:
    media = MediaFacts(rate="24/1", timecode="01:00:00:00", duration=60.0)
    seen = replace(film(), evidence=(said,), media=media)
    (found,) = ENGINE.detect(seen.evidence).findings
    assert found.at is not None
    placed = replace(found, at=Place(frames=((first, after),), box=found.at.box))
    return Record(examination=seen, findings=(placed,), verdict=judged(seen, placed))


def test_the_evidence_line_states_how_the_mark_was_read_where_and_how_often() -> None:
    assert describe_mark(mark(seen="24 of 24 frames")) == (
        "label of a generator, read as text in the picture, at the lower right, in 24 of 24 frames looked at"
    )
    assert describe_mark(mark("stock-mark", copies="9", box="40,45,20,5")) == (
        "preview mark, read as text in the picture, in the middle, 9 times"
    )
    said = describe_mark(mark("placeholder", embedded="yes", firmness="possible", box="40,2,20,4"))
    assert said == "placeholder, read as text on a screen in the scene, at the upper edge, possible, not certain"
    assert describe_mark(mark(form="logo", box="nonsense")) == "label of a generator, seen as a logo in the picture"


def test_a_card_shows_text_box_and_the_picture_with_the_box_drawn() -> None:
    record = of_still(mark())
    (found,) = sheet(record).marks
    assert found.line == "AI-generated · Kling (Kuaishou) · visible in the picture · box 80,90 15×4 percent"
    assert found.text == "The picture shows the mark of Kling (text): “KlingAI”"
    shown = thumbnail_of(record, {})
    assert shown is not None
    assert [(box.x, box.y) for box in shown.outlines] == [(80, 90)]


def test_a_mark_in_a_programme_is_a_frame_with_its_box_and_a_cue_at_its_timecode() -> None:
    record = of_film(mark("placeholder", "shot name", "ABC_010_0020_v003"), 48, 96)
    (picture,) = illustrations_of(record).values()
    assert picture.kind is PictureKind.FRAME
    assert picture.caption == "01:00:03:00 (frame 72)"
    assert len(picture.outlines) == 1
    (found,) = sheet(record).marks
    assert found.where == "01:00:02:00–01:00:04:00 (frames 48–95) · box 80,90 15×4 percent"
    (hit,) = instances(record)
    assert hit.span is not None
    assert (str(hit.span.start), str(hit.span.end)) == ("01:00:02:00", "01:00:04:00")
    (cue,) = cues(record)
    assert cue.title == "ISSUE: placeholder text"
    assert "Deliver the finished shot" in cue.comment


def test_a_possible_mark_is_not_worded_as_a_name_in_a_field() -> None:
    (found,) = sheet(of_still(mark(firmness="possible"))).marks
    assert (found.words, found.firmness) == ("possible AI use", "possibly visible in the picture")


def test_two_burn_ins_of_one_shot_are_two_findings_outlined_in_one_frame() -> None:
    media = MediaFacts(rate="24/1", timecode="01:00:00:00", duration=60.0)
    shown = (
        mark("placeholder", "shot name", "ABC_010_0020_v003"),
        mark("placeholder", "timecode", "01:00:02:12", box="40,90,15,4"),
    )
    said = tuple(
        replace(it, id=f"e{n}", frames=((48, 95),), facts={**it.facts, "frames": "48-95"})
        for n, it in enumerate(shown, 1)
    )
    seen = replace(film(), evidence=said, media=media)
    found = ENGINE.detect(seen.evidence).findings
    assert [it.text.rpartition(": ")[2] for it in found] == ["“ABC_010_0020_v003”", "“01:00:02:12”"]
    record = Record(examination=seen, findings=found, verdict=judged(seen, *found))
    (picture,) = illustrations_of(record).values()
    assert [box.x for box in picture.outlines] == [80, 40]


def test_a_mark_that_is_read_otherwise_in_another_encoding_is_the_same_finding() -> None:
    one, other = (ENGINE.detect((mark(value=value),)).findings[0] for value in ("KlingAI", "KlingAl 2"))
    assert one.id == other.id
