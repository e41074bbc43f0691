"""Fix check: what became of each concern, by content and finding."""

from __future__ import annotations

import dataclasses

import pytest

from scanner.model import Claim, Examination, Problem, Record
from scanner.records.diff import State, compare
from tests.scanner.policy.world import HASH, OTHER, finding, judged, match, still

MADE, EDITED = finding(), finding(Claim.EDITED, name="b" * 16)
BROKEN = (Problem(code="malformed", stage="examine", by="exif", message="m"),)


def record(path: str = "a.png", digest: str = HASH, *found, broken: bool = False, root: str = "EP101") -> Record:
    seen = still(path, digest=digest, root=root)
    seen = dataclasses.replace(seen, problems=BROKEN) if broken else seen
    return Record(examination=seen, findings=found, verdict=judged(seen, *found))


@pytest.mark.parametrize(
    ("old", "new", "states"),
    [
        ([record("a.png", HASH, MADE)], [record("a.png", HASH, MADE)], {State.STILL: 1}),
        ([record("a.png", HASH, MADE)], [record("b.png", HASH, MADE)], {State.STILL: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", OTHER, MADE)], {State.STILL: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", HASH, MADE, root="EP101_v2")], {State.STILL: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", OTHER)], {State.FIXED: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", HASH, EDITED)], {State.NEW: 1, State.FIXED: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", OTHER, broken=True)], {State.NOT_INSPECTED: 1, State.NEW: 1}),
        ([record("a.png", HASH, MADE)], [record("z.png", OTHER)], {State.NOT_INSPECTED: 1}),
        ([record("a.png", HASH)], [record("a.png", HASH, MADE)], {State.NEW: 1}),
        ([record("a.png", HASH, MADE)], [record("a.png", OTHER, finding(name="d" * 16))], {State.CHANGED: 1}),
        ([record("k/a_v1.png", HASH, MADE)], [record("k/a_v2.png", OTHER, MADE)], {State.STILL: 1}),
        # Every picture of one tool says the same of itself.
        ([record("a.png", HASH, MADE)], [record("b.png", OTHER, MADE)], {State.NOT_INSPECTED: 1, State.NEW: 1}),
        (
            [record("a.png", HASH, MADE), record("b.png", "1" * 32)],
            [record("a.png", "2" * 32), record("b.png", OTHER, MADE)],
            {State.FIXED: 1, State.NEW: 1},
        ),
        ([record("a.png", HASH, MADE), record("b.png", HASH, MADE)], [record("b.png", HASH, MADE)],
         {State.STILL: 1, State.NOT_INSPECTED: 1}),
        ([record("a.png", HASH, broken=True)], [record("a.png", HASH)], {State.FIXED: 1}),
        ([], [record("a.png", HASH, MADE)], {State.NEW: 1}),
    ],
)  # fmt: skip
def test_what_became_of_it(old: list[Record], new: list[Record], states: dict[State, int]) -> None:
    assert {state: count for state, count in compare(old, new).counts.items() if count} == states


def test_a_harsher_outcome_is_a_change_for_the_worse() -> None:
    seen = still()
    mild = Record(examination=seen, findings=(MADE,), verdict=judged(still("ideation/a.png"), EDITED))
    harsh = Record(examination=seen, findings=(MADE,), verdict=judged(seen, finding(name=EDITED.id)))
    (change,) = compare([mild], [harsh]).changes
    assert (change.state, change.worse) == (State.CHANGED, True)
    (back,) = compare([harsh], [mild]).changes
    assert (back.state, back.worse) == (State.CHANGED, False)


def test_json_names_both_sides() -> None:
    told = compare([record("a.png", HASH, MADE)], [record("b.png", HASH, MADE)]).to_json()
    assert (told["schema"], told["counts"]["still present"]) == ("provscan/diff/1", 1)
    assert [told["changes"][0][side]["path"] for side in ("old", "new")] == ["a.png", "b.png"]


def test_without_digests_paths_are_what_is_left() -> None:
    def plain(given: Record) -> Record:
        return dataclasses.replace(given, examination=Examination(asset=given.examination.asset))

    assert compare([plain(record("a.png", HASH, MADE))], [plain(record("a.png", HASH, MADE))]).counts[State.STILL] == 1


def test_what_was_recognised_in_the_same_content_is_not_fixed_by_not_looking_for_it() -> None:
    seen, hit = still("final/a.png"), match("temp", reference="EP101/Temp/x.png")
    before = Record(examination=seen, matches=(hit,), verdict=judged(seen, matches=(hit,)))
    assert [change.state for change in compare([before], [Record(examination=seen, verdict=judged(seen))]).changes] == [
        State.NOT_INSPECTED
    ]
    mended = still("final/a.png", digest=OTHER)
    after = Record(examination=mended, verdict=judged(mended))
    assert [change.state for change in compare([before], [after]).changes] == [State.FIXED]
