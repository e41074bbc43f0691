"""SMPTE arithmetic: exact over a whole day, and the labels that editors know by heart."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.timecode import Timecode, nominal, rate_of

FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)
DOUBLE = Fraction(60000, 1001)
RATES = (FILM, *map(Fraction, (24, 25, 30, 48, 50, 60, 100, 120)), NTSC, Fraction(48000, 1001), DOUBLE)
COUNTINGS = [*((rate, False) for rate in RATES), (NTSC, True), (DOUBLE, True), (Fraction(120000, 1001), True)]
counting = st.sampled_from(COUNTINGS)


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        *(("23.98", FILM), ("23.976", FILM), (23.976023976023978, FILM), ("24000/1001", FILM)),
        *(("24", 24), (24.0, 24), ("29.97", NTSC), (29.97002997, NTSC), ("59.94", DOUBLE), ("25", 25)),
        *(("119.88", Fraction(120000, 1001)), ("47.95", Fraction(48000, 1001)), ("12.5", Fraction(25, 2))),
    ],
)
def test_a_rate_is_what_is_meant(said: str | float, rate: Fraction) -> None:
    assert rate_of(said) == rate


@pytest.mark.parametrize(
    "said", ["", "fast", "0", "-24", "1/0", "1e99999999", "nan", float("inf"), float("nan"), "99999"]
)
def test_nonsense_is_no_rate(said: str | float) -> None:
    with pytest.raises(ValueError, match="is not a frame rate"):
        rate_of(said)


@pytest.mark.parametrize(
    ("frame", "rate", "drop", "label"),
    [
        (86400, Fraction(24), False, "01:00:00:00"),
        (86400, FILM, False, "01:00:00:00"),
        (1799, NTSC, True, "00:00:59;29"),
        (1800, NTSC, True, "00:01:00;02"),
        (17982, NTSC, True, "00:10:00;00"),
        (107892, NTSC, True, "01:00:00;00"),
        (215784, DOUBLE, True, "01:00:00;00"),
        (3600, DOUBLE, True, "00:01:00;04"),
        (2589408, NTSC, True, "00:00:00;00"),
        (119, Fraction(120), False, "00:00:00:119"),
        (-1, Fraction(25), False, "23:59:59:24"),
    ],
)
def test_known_labels(frame: int, rate: Fraction, drop: bool, label: str) -> None:
    assert str(Timecode(frame, rate, drop)) == label


@given(counting, st.data())
def test_every_frame_of_a_day_reads_back(kind: tuple[Fraction, bool], data: st.DataObject) -> None:
    rate, drop = kind
    day = 24 * 6 * (600 * nominal(rate) - (9 * nominal(rate) // 15 if drop else 0))
    frame = data.draw(st.integers(0, day - 1))
    assert Timecode.parse(str(Timecode(frame, rate, drop)), rate, drop=drop).frame == frame
    assert str(Timecode(frame + day, rate, drop)) == str(Timecode(frame, rate, drop))


OF_TELEVISION = [(FILM, False), *((Fraction(rate), False) for rate in (24, 25, 50))] + [
    (rate, drop) for rate in (NTSC, DOUBLE) for drop in (False, True)
]


@pytest.mark.parametrize(("rate", "drop"), OF_TELEVISION, ids=str)
def test_the_labels_on_both_sides_of_every_minute_of_a_day(rate: Fraction, drop: bool) -> None:
    """By an odometer of its own: minutes are as long as their labels are many, and nothing else is known."""
    base, mark, frame = nominal(rate), ";" if drop else ":", 0
    for minute in range(24 * 60):
        skip = base // 15 if drop and minute % 10 else 0
        head = f"{minute // 60:02}:{minute % 60:02}"
        for offset, label in (
            (0, f"{head}:00{mark}{skip:02}"),
            (1, f"{head}:00{mark}{skip + 1:02}"),
            (base - skip, f"{head}:01{mark}00"),
            (60 * base - skip - 1, f"{head}:59{mark}{base - 1:02}"),
        ):
            assert str(Timecode(frame + offset, rate, drop)) == label
            assert Timecode.parse(label, rate, drop=drop).frame == frame + offset
        frame += 60 * base - skip
    assert str(Timecode(frame, rate, drop)) == f"00:00:00{mark}00"


@given(counting, st.integers(0, 10**6), st.integers(-(10**6), 10**6))
def test_sums_and_clock_are_exact(kind: tuple[Fraction, bool], frame: int, more: int) -> None:
    code = Timecode(frame, *kind)
    assert (code + more - more) == code
    assert Timecode.at(code.seconds, code.rate, drop=code.drop) == code


@pytest.mark.parametrize("rate", [NTSC, DOUBLE])
def test_drop_frame_keeps_time_with_the_clock(rate: Fraction) -> None:
    for hour in range(1, 24):
        late = Timecode.parse(f"{hour:02}:00:00;00", rate).seconds - hour * 3600
        assert abs(late) < Fraction(1, 10)


def test_labels_that_are_left_out_do_not_exist() -> None:
    for label in ("00:01:00;00", "00:01:00;01", "00:59:00;01"):
        with pytest.raises(ValueError, match="left out"):
            Timecode.parse(label, NTSC)
    assert Timecode.parse("00:10:00;00", NTSC).frame == 17982


@pytest.mark.parametrize(
    "label", ["", "1:2:3", "24:00:00:00", "00:60:00:00", "00:00:00:25", "aa:bb:cc:dd", "00:00:00:00:00"]
)
def test_nonsense_is_no_timecode(label: str) -> None:
    with pytest.raises(ValueError, match="is not a timecode"):
        Timecode.parse(label, Fraction(25))


def test_semicolons_mean_drop_frame_only_where_it_is_defined() -> None:
    assert Timecode.parse("01:00:00;00", NTSC).drop
    assert not Timecode.parse("01:00:00;00", Fraction(25)).drop
    with pytest.raises(ValueError, match="no drop-frame"):
        Timecode(0, Fraction(30), drop=True)


def test_what_states_no_rate_has_times() -> None:
    thousand = Fraction(1000)
    assert str(Timecode(114_091, thousand)) == "00:01:54.091"
    assert str(Timecode(114_910, thousand) + 90) == "00:01:55.000"
    for label, frame in (("00:01:54.091", 114_091), ("00:01:54.5", 114_500), ("00:01:54:091", 114_091)):
        assert Timecode.parse(label, thousand).frame == frame
    # As records of earlier versions hold it.
    assert Timecode.parse("00:01:54:91", thousand).frame == 114_091
