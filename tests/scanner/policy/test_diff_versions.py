"""Fix check between versions: names without versions and dates, and what has moved on the timeline."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli import provscan
from scanner.model import Outcome, Record, Verdict
from scanner.records.diff import Change, State, compare
from scanner.records.diff.versions import without_version
from scanner.records.records import to_line
from tests.scanner.policy.world import HASH, OTHER, film, finding, judged, match, still

OLD, NEW = "master/EP101_v1.mov", "master/EP101_v2.mov"


def at(first: int, length: int = 48) -> dict[str, object]:
    return {"in_frame": first, "out_frame": first + length, "rate": "24/1"}


def master(path: str, *places: int, digest: str = OTHER, **film_: object) -> Record:
    seen = film(path, digest=digest, **film_)  # type: ignore[arg-type]
    hits = tuple(match("temp", reference="EP101/06_Temp/beach.png", at=at(place)) for place in places)
    return Record(examination=seen, matches=hits, verdict=judged(seen, matches=hits))


def told(old: Record, new: Record) -> list[tuple[State, int]]:
    return [(change.state, change.moved) for change in compare([old], [new]).changes]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("art/key_v1.png", "art/key_v2.png"),
        ("art/Key v01.png", "art/key_V12.png"),
        ("EP101_R3.mov", "EP101_R4.mov"),
        ("EP101 rev2.mov", "EP101.mov"),
        ("ep101v2.mov", "ep101v3.mov"),
        ("cut_2026-11-22.mov", "cut_2026-12-01.mov"),
        ("cut_20261122_v2.mov", "cut_20261201_v3.mov"),
        ("cut_22.11.2026.mov", "cut.mov"),
        ("cut_261122.mov", "cut_261201.mov"),
        ("Delivery_v1/a.png", "Delivery_v2/a.png"),
    ],
)
def test_versions_of_one_file(one: str, other: str) -> None:
    assert without_version(one) == without_version(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EP101.mov", "EP102.mov"),
        ("A003C002.mov", "A003C003.mov"),
        ("sc_0010.png", "sc_0020.png"),
        ("river1.png", "river2.png"),
        ("shot_1080.png", "shot_2160.png"),
        ("cut_991399.mov", "cut_991400.mov"),
    ],
)
def test_shots_and_episodes_are_no_versions(one: str, other: str) -> None:
    assert without_version(one) != without_version(other)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((100,), (100,), [(State.STILL, 0)]),
        ((100,), (115,), [(State.MOVED, 15)]),
        ((115,), (100,), [(State.MOVED, -15)]),
        ((100,), (), [(State.FIXED, 0)]),
        ((), (100,), [(State.NEW, 0)]),
        ((100, 400), (115, 415), [(State.MOVED, 15)] * 2),
        # The first was taken out, and all behind it moved.
        ((100, 400, 900), (415, 915), [(State.MOVED, 15)] * 2 + [(State.FIXED, 0)]),
        ((400,), (100, 415), [(State.NEW, 0), (State.MOVED, 15)]),
        # 15 frames were put in between.
        ((100, 400, 900), (100, 415, 915), [(State.MOVED, 15)] * 2 + [(State.STILL, 0)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [OLD, NEW])
def test_what_lies_later_has_moved_and_is_neither_new_nor_fixed(
    before: tuple[int, ...], after: tuple[int, ...], expected: list[tuple[State, int]], path: str
) -> None:
    assert told(master(OLD, *before), master(path, *after, digest=HASH)) == expected


def test_another_length_is_a_change() -> None:
    seen = film(NEW, digest=HASH)
    longer = match("temp", reference="EP101/06_Temp/beach.png", at=at(115, 60))
    new = Record(examination=seen, matches=(longer,), verdict=judged(seen, matches=(longer,)))
    assert told(master(OLD, 100), new) == [(State.CHANGED, 0)]


def test_frames_of_another_rate_are_not_counted_together() -> None:
    assert told(master(OLD, 100), master(NEW, 115, digest=HASH, rate="25/1"))[0][0] is not State.MOVED


def test_the_next_version_that_no_longer_has_it_is_fixed_and_one_that_is_missing_is_not() -> None:
    assert told(master(OLD, 100), master(NEW, digest=HASH)) == [(State.FIXED, 0)]
    other = compare([master(OLD, 100)], [master("master/EP102_v2.mov", digest=HASH)]).changes
    assert [change.state for change in other] == [State.NOT_INSPECTED]


def test_reels_that_both_runs_have_are_not_versions_of_each_other() -> None:
    def reel(number: int, run: int, *places: int) -> Record:
        return master(f"EP1_R{number}.mov", *places, digest=f"{run}{number:031x}")

    changes = compare([reel(1, 1, 100), reel(2, 1)], [reel(1, 2), reel(2, 2, 100)]).changes
    assert {change.state for change in changes} == {State.FIXED, State.NEW}


def test_a_finding_of_the_next_version_is_the_same() -> None:
    def record(path: str, digest: str, *found: object) -> Record:
        seen = still(path, digest=digest)
        return Record(examination=seen, findings=found, verdict=judged(seen, *found))  # type: ignore[arg-type]

    (change,) = compare([record("k_R1.png", HASH, finding())], [record("k_R2_20261122.png", OTHER, finding())]).changes
    assert change.state is State.STILL
    (change,) = compare(
        [record("k_R1.png", HASH, finding())], [record("k_R2.png", OTHER, finding(name="e" * 16))]
    ).changes
    assert change.state is State.CHANGED, "another one under the same rule in the next version"


def test_the_books_balance_with_many_instances() -> None:
    old, new = master(OLD, *range(0, 1400, 60)), master(NEW, *range(15, 1300, 60), digest=HASH)
    changes = compare([old], [new]).changes
    assert sum(change.old is not None for change in changes) == len(old.matches)
    assert sum(change.new is not None for change in changes) == len(new.matches)


places = st.lists(st.integers(0, 1400), max_size=8, unique=True).map(sorted)


@given(places, places, st.sampled_from([OLD, NEW, "master/EP102_v2.mov"]))
def test_every_instance_is_in_one_state(before: list[int], after: list[int], path: str) -> None:
    old, new = master(OLD, *before), master(path, *after, digest=HASH)
    changes = compare([old], [new]).changes
    for side, record in (("old", old), ("new", new)):
        told = [getattr(change, side).because for change in changes if getattr(change, side) is not None]
        asked = [reason.because for reason in record.verdict.reasons if reason.outcome is not Outcome.PASS]
        assert sorted(told) == sorted(asked)
    for change in changes:
        if change.state is State.MOVED:
            assert change.old is not None
            assert change.new is not None
            assert change.new.spans[0][0] - change.old.spans[0][0] == change.moved != 0


@given(places, st.integers(1, 500))
def test_what_moves_as_a_whole_is_never_new_or_fixed(before: list[int], offset: int) -> None:
    new = master(NEW, *(place + offset for place in before), digest=HASH)
    states = {change.state for change in compare([master(OLD, *before)], [new]).changes}
    assert states <= {State.MOVED, State.STILL}
    assert {change.state for change in compare([new], [new]).changes} <= {State.STILL}


def test_a_move_is_printed_and_fails_nothing(tmp_path: Path) -> None:
    for name, record in (("old", master(OLD, 100)), ("new", master(NEW, 115, digest=HASH))):
        (tmp_path / f"{name}.jsonl").write_bytes(to_line(record))
    args = ["diff", str(tmp_path / "old.jsonl"), str(tmp_path / "new.jsonl")]
    done = CliRunner().invoke(provscan, args, standalone_mode=False)
    assert "moved by 15 frames (later)" in done.stdout, done.output
    assert "(was master/EP101_v1.mov)" in done.stdout
    assert done.return_value == 0


def test_json_counts_the_frames() -> None:
    document = compare([master(OLD, 100)], [master(NEW, 115, digest=HASH)]).to_json()
    assert (document["counts"]["moved"], document["changes"][0]["moved_frames"]) == (1, 15)


def test_a_harsher_outcome_at_another_place_is_a_change_that_says_so() -> None:
    old, new = master(OLD, 100), master(NEW, 115, digest=HASH)
    milder = Record(examination=old.examination, matches=old.matches, verdict=_milder(old))
    (change,) = compare([milder], [new]).changes
    assert isinstance(change, Change)
    assert (change.state, change.moved, change.worse) == (State.CHANGED, 15, True)


def _milder(record: Record) -> Verdict:
    reasons = tuple(dataclasses.replace(it, outcome=Outcome.FYI) for it in record.verdict.reasons)
    return dataclasses.replace(record.verdict, outcome=Outcome.FYI, reasons=reasons)
