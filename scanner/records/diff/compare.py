"""Compares two runs of one delivery: what is new, moved, fixed, still present, changed, no longer inspected. Pure.

The counts agree: every concern of the old run is exactly one of fixed, still, moved, changed, not inspected; every one
of the new run is exactly one of new, still, moved, changed. A file is recognised by its content, else by its path, else
by its path without versions and dates, where neither run has both files. Two files that state exactly the same are not
for that reason the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scanner.match_ids import match_id
from scanner.model import Record, Scan
from scanner.records.diff.concerns import Concern, concerns_of
from scanner.records.diff.versions import without_version

__all__ = ["SCHEMA", "Change", "Diff", "State", "compare"]

SCHEMA = "provscan/diff/1"
_MOST = 200
"""Instances of one reference in one file of which every pair of places is compared."""


class State(StrEnum):
    """What became of a concern."""

    NEW = "new"
    CHANGED = "changed"
    """The same finding with another judgement, or another one under the same rule in the same file."""
    MOVED = "moved"
    """The same, as a whole at another place of the same file or of its next version."""
    STILL = "still present"
    NOT_INSPECTED = "no longer inspected"
    """Its file is not in the new run, or could not be inspected there: it may still be present."""
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A concern of the old run, the new run, or both."""

    state: State
    old: Concern | None
    new: Concern | None
    moved: int = 0
    """Frames by which it is later than before; negative is earlier."""

    @property
    def concern(self) -> Concern:
        """The concern as it is now, or was last."""
        concern = self.new or self.old
        if concern is None:
            raise ValueError("a change without a concern")
        return concern

    @property
    def worse(self) -> bool:
        """Whether it is new, or was milder before."""
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
        """How many changes of each state."""
        counted = Counter(change.state for change in self.changes)
        return {state: counted[state] for state in State}

    def to_json(self) -> dict[str, Any]:
        """The contents of the JSON output."""
        return {
            "schema": SCHEMA,
            "counts": {state.value: count for state, count in self.counts.items()},
            "changes": [
                {
                    "state": change.state.value,
                    "old": change.old.to_json() if change.old else None,
                    "new": change.new.to_json() if change.new else None,
                    **({"moved_frames": change.moved} if change.moved else {}),
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
            side.concerns.extend(concerns_of(record, digest))
        side.said = {(concern.digest, concern.because or concern.rule) for concern in side.concerns}
        return side


def compare(old: Iterable[Record], new: Iterable[Record]) -> Diff:
    """Work out what became of every concern. Each run is read once; memory follows the findings and the number of
    files."""
    before, after = _Side.of(old), _Side.of(new)
    # One root on each side is the same delivery, whatever its folder is called now.
    same_root = max(len({root for root, _ in side.paths}) for side in (before, after)) > 1
    names = _Names(before, after, same_root=same_root)
    pairs, gone, fresh = _pair_concerns(before.concerns, after.concerns, names)
    changes = [
        *(_of_pair(a, b) for a, b in pairs),
        *(Change(state=_of_gone(a, before, after, names), old=a, new=None) for a in gone),
        *(Change(state=State.NEW, old=None, new=b) for b in fresh),
    ]
    order = list(State)
    changes.sort(key=lambda it: (order.index(it.state), -it.concern.outcome.rank, it.concern.root, it.concern.path))
    return Diff(tuple(changes))


class _Names:
    """Which files of the two runs are the same by their names."""

    def __init__(self, before: _Side, after: _Side, *, same_root: bool) -> None:
        self.same_root = same_root
        self._old = {self.place(root, path) for root, path in before.paths}
        self._new = {self.place(root, path) for root, path in after.paths}
        self._next: dict[tuple[str, str], list[tuple[str, str]]] = {}
        """Name without version → the files of the new run that the old one does not have."""
        for root, path in after.paths:
            if self.place(root, path) not in self._old:
                self._next.setdefault(self._bare(root, path), []).append((root, path))

    def place(self, root: str, path: str) -> tuple[str, str]:
        """A file by its path; the root's name counts where there are several."""
        return (root if self.same_root else "", path)

    def version(self, concern: Concern, *, of_old: bool) -> tuple[str, str] | None:
        """A file without its version, where the other run does not have the very file."""
        other = self._new if of_old else self._old
        there = self.place(concern.root, concern.path) in other
        return None if there else self._bare(concern.root, concern.path)

    def next_of(self, concern: Concern) -> list[tuple[str, str]]:
        """The files of the new run that are versions of an old one which it does not have."""
        bare = self.version(concern, of_old=True)
        return self._next.get(bare, []) if bare else []

    def _bare(self, root: str, path: str) -> tuple[str, str]:
        return (without_version(root) if self.same_root else "", without_version(path))


def _keys(concern: Concern, names: _Names, *, of_old: bool) -> Iterator[tuple[object, ...]]:
    """By what a concern is known again, surest first. A root renamed as a whole is the same root."""
    place = names.place(concern.root, concern.path)
    what = concern.because or concern.rule
    if concern.digest:
        yield ("content and path", concern.digest, place, what, concern.rule, concern.spans)
        yield ("content and path, any rule", concern.digest, place, what, concern.spans)
        yield ("content", concern.digest, what, concern.rule, concern.spans)
    yield ("path", place, what, concern.rule, concern.spans)
    yield ("path, any rule", place, what, concern.spans)
    if concern.subjects and concern.spans:
        yield ("moved at the path", place, concern.rule, concern.subjects)
    yield ("path, wherever", place, what)
    yield ("rule at the path", place, concern.rule)
    # Another file may say the very same of itself: only another version of the file is it again.
    version = names.version(concern, of_old=of_old)
    if version is not None:
        yield ("version", version, what, concern.rule, concern.spans)
        yield ("version, any rule", version, what, concern.spans)
        if concern.subjects and concern.spans:
            yield ("moved in the version", version, concern.rule, concern.subjects)
        yield ("version, wherever", version, what)
        yield ("rule in the version", version, concern.rule)


_ORDER = (
    "content and path", "content and path, any rule", "content", "path", "path, any rule", "moved at the path",
    "path, wherever", "rule at the path", "version", "version, any rule", "moved in the version", "version, wherever",
    "rule in the version",
)  # fmt: skip


def _pair_concerns(
    old: list[Concern], new: list[Concern], names: _Names
) -> tuple[list[tuple[Concern, Concern]], list[Concern], list[Concern]]:
    """Old and new concerns that are the same, then the old and the new ones left over. One to one."""
    pairs: list[tuple[Concern, Concern]] = []
    old_keys = [{str(key[0]): key for key in _keys(it, names, of_old=True)} for it in old]
    new_keys = [{str(key[0]): key for key in _keys(it, names, of_old=False)} for it in new]
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    for name in _ORDER:
        groups: dict[tuple[object, ...], tuple[list[int], list[int]]] = {}
        for side, (left, keys) in enumerate(((left_old, old_keys), (left_new, new_keys))):
            for number in left:
                if name in keys[number]:
                    groups.setdefault(keys[number][name], ([], []))[side].append(number)
        whole = {key: found for key, found in groups.items() if all(found)}
        found = _moves(whole, old, new) if name.startswith("moved") else _in_order(whole.values())
        pairs.extend((old[a], new[b]) for a, b in found)
        taken_old, taken_new = {a for a, _ in found}, {b for _, b in found}
        left_old = [number for number in left_old if number not in taken_old]
        left_new = [number for number in left_new if number not in taken_new]
    return pairs, [old[number] for number in left_old], [new[number] for number in left_new]


def _in_order(groups: Iterable[tuple[list[int], list[int]]]) -> list[tuple[int, int]]:
    return [pair for one, other in groups for pair in zip(one, other, strict=False)]


def _moves(
    groups: Mapping[tuple[object, ...], tuple[list[int], list[int]]], old: list[Concern], new: list[Concern]
) -> list[tuple[int, int]]:
    """Instances of the same thing, paired by the offsets that most of a file's instances have."""
    by_file: dict[object, list[tuple[int, int, int]]] = {}
    for key, (one, other) in groups.items():
        for a in one[:_MOST]:
            for b in other[:_MOST]:
                offset = old[a].offset_to(new[b])
                if offset is not None:
                    by_file.setdefault(key[1], []).append((offset, a, b))
    found: list[tuple[int, int]] = []
    for candidates in by_file.values():
        common = Counter(offset for offset, _, _ in candidates)
        taken: set[tuple[str, int]] = set()
        for _, a, b in sorted(candidates, key=lambda it: (-common[it[0]], abs(it[0]), it)):
            if not taken & {("old", a), ("new", b)}:
                taken |= {("old", a), ("new", b)}
                found.append((a, b))
    return found


def _of_pair(old: Concern, new: Concern) -> Change:
    if old.outcome is not new.outcome:
        state = State.CHANGED
    elif moved := old.offset_to(new):
        return Change(state=State.MOVED, old=old, new=new, moved=moved)
    else:
        same = old.because == new.because or (bool(old.subjects) and old.offset_to(new) == 0)
        state = State.STILL if same and old.spans == new.spans else State.CHANGED
    return Change(state=state, old=old, new=new, moved=old.offset_to(new) or 0)


def _of_gone(concern: Concern, before: _Side, after: _Side, names: _Names) -> State:
    """Fixed only where the file, by its path, its content or its next version, was inspected and no longer says it.

    What was recognised in a content is in it still: where it is not reported again, it was not looked for.
    """
    recognised = {(concern.digest, name) for name in concern.because} & before.shown
    if concern.digest in after.digests and not recognised <= after.shown:
        return State.NOT_INSPECTED
    roots = {concern.root} if names.same_root else {root for root, _ in after.paths}
    here = [place for place in ((root, concern.path) for root in roots) if place in after.paths]
    # Its content elsewhere, where the concern is gone too: one of several copies left out fixes nothing.
    elsewhere = [] if here else after.digests.get(concern.digest, [])
    if elsewhere and (concern.digest, concern.because or concern.rule) in after.said:
        return State.NOT_INSPECTED
    looked = [after.paths[place] for place in here or elsewhere or names.next_of(concern)]
    return State.FIXED if looked and all(looked) else State.NOT_INSPECTED
