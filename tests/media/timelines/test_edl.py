"""CMX 3600 as many programs write it: tracks, keys, wipes, speeds, comments; what is odd is not lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from media.timelines import Event, Unread
from media.timelines.edl import edl

TIMES = "01:00:10:00 01:00:12:00 01:00:00:00 01:00:02:00"


def events(text: str) -> list[Event]:
    said = list(edl(text))
    assert not [one for one in said if isinstance(one, Unread)]
    return [one for one in said if isinstance(one, Event)]


@pytest.mark.parametrize(
    "track",
    "V V1 V12 A A2 A12 A123 AA AA/V A/V A2/V B NONE A1A2 A1,A2 VA1A2 A1V A1+A2 A1-4 12V v".split(),  # noqa: SIM905
)
def test_tracks(track: str) -> None:
    (event,) = events(f"001  TAPE1  {track}  C  {TIMES}\n")
    assert (event.reel, event.track, event.record_in) == ("TAPE1", track.upper(), "01:00:00:00")


@pytest.mark.parametrize(
    "edit",
    [
        "C",
        "D 024",
        "W001 024",
        "W001    024",
        "W 01 012",
        "K B",
        "KB",
        "K 000",
        "K  O 000",
        "KO 010",
        "K 010 F",
        "K 010 (F)",
    ],
)
def test_edits(edit: str) -> None:
    (event,) = events(f"001  MY TAPE  V  {edit}  {TIMES}\n")
    assert (event.reel, event.source_in, event.record_out) == ("MY TAPE", "01:00:10:00", "01:00:02:00")


@pytest.mark.parametrize(
    ("line", "speed", "source_in"),
    [
        ("M2   R1       048.0                01:00:10:00", (Decimal("048.0"), 1), "01:00:10:00"),
        ("M2   R1       +012.50              01:00:10:00", (Decimal("+012.50"), 1), "01:00:10:00"),
        ("M2   R1       -024.0               01:00:12:00", (Decimal("-024.0"), 1), ""),
        ("M2   R1-024.0                      01:00:12:00", (Decimal("-024.0"), 1), ""),
        ("M2   R1       000.0                01:00:10:00", (None, 0), "01:00:10:00"),
        ("M2   R1       048.0", (Decimal("048.0"), 1), "01:00:10:00"),
        ("M2   048.0", (Decimal("048.0"), 1), "01:00:10:00"),
        ("M2   A001_C003 X   048.0           01:00:10;00", (Decimal("048.0"), 1), "01:00:10:00"),
        ("M2   R1       fast                 01:00:10:00", (None, None), ""),
        ("M2   R1", (None, None), ""),
        ("M2   R1       048.0 01:00:10:00 and more", (None, None), ""),
    ],
)
def test_retimed_event_has_no_plain_source_end(
    line: str, speed: tuple[Decimal | None, int | None], source_in: str
) -> None:
    first, second = events(f"001  R1  V  C  {TIMES}\n{line}\n* FROM CLIP NAME: a.mov\n002  R2  V  C  {TIMES}\n")
    assert ((first.speed_fps, first.speed), first.source_in, first.source_out) == (speed, source_in, "")
    assert first.name == "a.mov"
    assert (second.speed_fps, second.speed, second.source_out) == (None, 1, "01:00:12:00")


def test_speeds_of_both_sides_of_a_dissolve() -> None:
    text = (
        "002  R1 V C 01:00:10:00 01:00:10:00 01:00:02:00 01:00:02:00\n"
        "002  R2 V D 024 02:00:10:00 02:00:12:00 01:00:02:00 01:00:04:00\n"
        "M2   R1  048.0  01:00:10:00\nM2   R2  012.0  02:00:10:00\n"
        "* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
    )
    assert [(it.name, it.speed_fps) for it in events(text)] == [("one", Decimal(48)), ("two", Decimal(12))]


def test_comments_name_clips_files_and_reels() -> None:
    text = (
        f"001  AX V C {TIMES}\n* from clip name: Shot: 1\n* MEDIA FILE: /m/a.mov\n"
        f"002  A001 V C {TIMES}\nFINAL CUT PRO REEL: A001C004_0101 REPLACED BY: A001\n*SOURCE FILE:b.mov\n"
        f"003  R1 V K B {TIMES}\n003  R2 V K 000 {TIMES}\n* FROM CLIP NAME: plate\n* KEY CLIP NAME: title\n"
    )
    assert [(it.name, it.file, it.reel) for it in events(text)] == [
        ("Shot: 1", "/m/a.mov", "AX"),
        ("b.mov", "b.mov", "A001C004_0101"),
        ("plate", "", "R1"),
        ("title", "", "R2"),
    ]


def test_labels_with_dots_and_of_drop_frame() -> None:
    dotted = TIMES.replace(":", ".")
    plain, dropped = events(f"001 R1 V C {dotted}\nFCM: DROP FRAME\n002 R1 V C {TIMES} ; a note\n")
    assert (plain.source_in, plain.record_out) == ("01:00:10:00", "01:00:02:00")
    assert (dropped.source_in, dropped.record_out) == ("01:00:10;00", "01:00:02;00")


def test_black_is_no_clip() -> None:
    assert events(f"001 BL V C {TIMES}\n002 BLK V C {TIMES}\n003 BARS V C {TIMES}\n") == []


@pytest.mark.parametrize(
    "line", [f"001  R1 V C {'x' * 5000}", "001 R1 V C -00:00:01:00 00:00:01:00", "002 R1 Q C " + TIMES]
)
def test_what_is_not_understood_is_counted(line: str) -> None:
    assert [type(one) for one in edl(f"TITLE: x\n{line}\n")][1:] == [Unread]
