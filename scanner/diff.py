"""Two runs of the same delivery compared: what is new, fixed, still present, changed, no longer inspected. Pure.

Law: the books balance. Every concern of the old run is exactly one of fixed, still, changed, not
inspected; every one of the new run is exactly one of new, still, changed. A file is known again by its
content, else by its path, else by its path without the version in its name. That another file says the very same of
itself does not make it the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scanner.model import Outcome, Record, Scan
from scanner.policy import findings_of, match_id

__all__ = ["SCHEMA", "Change", "Concern", "Diff", "State", "compare"]

SCHEMA = "provscan/diff/1"
_VERSION = re.compile(r"[ ._-]*(?<![a-z])v(?:er(?:sion)?)?[ ._-]?\d+")
"""`key_v2.png`, `Master v03.mov`, `cut.ver.4.mov`."""


class State(StrEnum):
    """What became of a concern."""

    NEW = "new"
    CHANGED = "changed"
    """The same finding, judged otherwise; or another one under the same rule in the same file."""
    STILL = "still present"
    NOT_INSPECTED = "no longer inspected"
    """Its file is not in the new run, or could not be inspected there: it may be there or not."""
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One reason of one verdict that is not `pass`."""

    root: str
    path: str
    digest: str
    rule: str
    because: tuple[str, ...]
    outcome: Outcome
    text: str

    def to_json(self) -> dict[str, Any]:
        """As the JSON output has it."""
        return {
            "root": self.root, "path": self.path, "digest": self.digest or None, "rule": self.rule,
            "because": list(self.because), "outcome": self.outcome.value, "text": self.text,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A concern of the old run, the new run, or both."""

    state: State
    old: Concern | None
    new: Concern | None

    @property
    def concern(self) -> Concern:
        """As it is now, or was last."""
        concern = self.new or self.old
        if concern is None:
            raise ValueError("a change without a concern")
        return concern

    @property
    def worse(self) -> bool:
        """Whether it was not there before, or was milder."""
        before = self.old.outcome.rank if self.old else -1
        return self.new is not None and self.new.outcome.rank > before


@dataclass(frozen=True, slots=True)
class Diff:
    """Every change, worst first within its state."""

    changes: tuple[Change, ...]

    def of(self, state: State) -> tuple[Change, ...]:
        """The changes of one state."""
        return tuple(change for change in self.changes if change.state is state)

    @property
    def counts(self) -> dict[State, int]:
        """How many of each."""
        counted = Counter(change.state for change in self.changes)
        return {state: counted[state] for state in State}

    def to_json(self) -> dict[str, Any]:
        """As the JSON output has it."""
        return {
            "schema": SCHEMA,
            "counts": {state.value: count for state, count in self.counts.items()},
            "changes": [
                {
                    "state": change.state.value,
                    "old": change.old.to_json() if change.old else None,
                    "new": change.new.to_json() if change.new else None,
                }
                for change in self.changes
            ],
        }


@dataclass(slots=True)
class _Side:
    """One run, as far as comparing needs it: concerns, and where contents and paths are."""

    concerns: list[Concern] = field(default_factory=list)
    paths: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(root, path) → whether it was inspected."""
    digests: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    said: set[tuple[str, object]] = field(default_factory=set)
    """(content, what it says), for every concern."""
    shown: set[tuple[str, str]] = field(default_factory=set)
    """(content, match), for everything that was recognised."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> _Side:
        side = cls()
        for record in records:
            seen = record.examination
            place = (seen.asset.root, seen.asset.path)
            digest = f"{seen.digest.algorithm}:{seen.digest.value}" if seen.digest else ""
            side.paths[place] = record.verdict.scan is Scan.COMPLETE
            if digest:
                side.digests.setdefault(digest, []).append(place)
                side.shown.update((digest, match_id(match)) for match in record.matches)
            side.concerns.extend(_concerns(record, digest))
        side.said = {(concern.digest, concern.because or concern.rule) for concern in side.concerns}
        return side


def compare(old: Iterable[Record], new: Iterable[Record]) -> Diff:
    """What became of every concern. Each run is read once; memory follows what was found and the number of files."""
    before, after = _Side.of(old), _Side.of(new)
    # One root on each side is the same delivery, whatever its folder is called now.
    same_root = max(len({root for root, _ in side.paths}) for side in (before, after)) > 1
    pairs, gone, fresh = _paired(before.concerns, after.concerns, same_root=same_root)
    changes = [
        *(Change(state=_of_pair(a, b), old=a, new=b) for a, b in pairs),
        *(Change(state=_of_gone(a, before, after, same_root=same_root), old=a, new=None) for a in gone),
        *(Change(state=State.NEW, old=None, new=b) for b in fresh),
    ]
    order = list(State)
    changes.sort(key=lambda it: (order.index(it.state), -it.concern.outcome.rank, it.concern.root, it.concern.path))
    return Diff(tuple(changes))


def _concerns(record: Record, digest: str) -> Iterator[Concern]:
    asset = record.examination.asset
    for reason in record.verdict.reasons:
        if reason.outcome is not Outcome.PASS:
            yield Concern(
                root=asset.root, path=asset.path, digest=digest, rule=reason.rule,
                because=findings_of(reason), outcome=reason.outcome, text=reason.text,
            )  # fmt: skip


def _keys(concern: Concern, *, same_root: bool) -> Iterator[tuple[object, ...]]:
    """By what a concern is known again, surest first. A root renamed as a whole is the same root."""
    place = (concern.root if same_root else "", concern.path)
    what = concern.because or concern.rule
    if concern.digest:
        yield ("content and path", concern.digest, place, what, concern.rule)
        yield ("content and path, any rule", concern.digest, place, what)
        yield ("content", concern.digest, what, concern.rule)
    yield ("path", place, what, concern.rule)
    yield ("path, any rule", place, what)
    yield ("rule at the path", place, concern.rule)
    # Another file may say the very same of itself: only another version of the file is it again.
    yield ("path, versions aside", (place[0], _VERSION.sub("", concern.path.lower())), what)


def _paired(
    old: list[Concern], new: list[Concern], *, same_root: bool
) -> tuple[list[tuple[Concern, Concern]], list[Concern], list[Concern]]:
    """Old and new concerns that are the same, then the old and the new ones left over. One to one."""
    pairs: list[tuple[Concern, Concern]] = []
    old_keys = [{str(key[0]): key for key in _keys(it, same_root=same_root)} for it in old]
    new_keys = [{str(key[0]): key for key in _keys(it, same_root=same_root)} for it in new]
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    names = ("content and path", "content and path, any rule", "content", "path", "path, any rule", "rule at the path")
    for name in (*names, "path, versions aside"):
        waiting: dict[tuple[object, ...], list[int]] = {}
        for number in left_new:
            if name in new_keys[number]:
                waiting.setdefault(new_keys[number][name], []).append(number)
        unmatched = []
        taken: set[int] = set()
        for number in left_old:
            key = old_keys[number].get(name)
            found = waiting.get(key) if key is not None else None
            if found:
                other = found.pop(0)
                taken.add(other)
                pairs.append((old[number], new[other]))
            else:
                unmatched.append(number)
        left_old, left_new = unmatched, [number for number in left_new if number not in taken]
    return pairs, [old[number] for number in left_old], [new[number] for number in left_new]


def _of_pair(old: Concern, new: Concern) -> State:
    return State.STILL if (old.outcome, old.because) == (new.outcome, new.because) else State.CHANGED


def _of_gone(concern: Concern, before: _Side, after: _Side, *, same_root: bool) -> State:
    """Fixed only where the file, by its path or its content, was inspected again and no longer says it.

    What was recognised in a content is in it still: where it is not told again, it was not looked for.
    """
    recognised = {(concern.digest, name) for name in concern.because} & before.shown
    if concern.digest in after.digests and not recognised <= after.shown:
        return State.NOT_INSPECTED
    roots = {concern.root} if same_root else {root for root, _ in after.paths}
    here = [place for place in ((root, concern.path) for root in roots) if place in after.paths]
    # Its content elsewhere, where the concern is gone too: one of several copies left out is no mend.
    elsewhere = [] if here else after.digests.get(concern.digest, [])
    if elsewhere and (concern.digest, concern.because or concern.rule) in after.said:
        return State.NOT_INSPECTED
    looked = [after.paths[place] for place in here or elsewhere]
    return State.FIXED if looked and all(looked) else State.NOT_INSPECTED
