"""What the readers state of one asset, as it is read: statements, entries of lists, events, looks, problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from media.errors import MediaError, TooLarge
from media.timelines import Title
from scanner.model import EditSequence, Event, Evidence, ListedFile, Look, LookStatus, PlayedResource, Problem
from scanner.readers import READERS

__all__ = ["Books", "place_of_frame"]

MAX_EVIDENCE = 32 << 20
"""Characters of evidence that one asset may give, all frames together; of its events likewise."""


class Books:
    """What the readers said of one asset, frame by frame; the same words in many frames are kept once."""

    _RANK = (LookStatus.NOT_DEFINED, LookStatus.NOTHING, LookStatus.FOUND, LookStatus.FAILED)

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.listed: list[ListedFile] = []
        self.played: list[PlayedResource] = []
        self._sequences: list[tuple[str, list[Event]]] = []
        self._seen: dict[tuple[object, ...], tuple[Evidence, list[int]]] = {}
        self._looks: dict[str, LookStatus] = {}
        self._characters = 0

    def add(self, evidence: Evidence, number: int | None) -> None:
        """Note a statement."""
        where = evidence.where if number is None else None  # offsets differ from frame to frame
        facts = tuple(sorted(evidence.facts.items()))
        key = (evidence.reader, evidence.key, evidence.value, facts, where, evidence.frames)
        known = self._seen.get(key)
        if known is None:
            self._characters += len(evidence.value)
            if self._characters > MAX_EVIDENCE:
                raise TooLarge(f"more than {MAX_EVIDENCE} characters of statements; the rest was not kept")
            known = self._seen[key] = (evidence, [])
        if number is not None:
            known[1].append(number)

    def enter(self, stated: ListedFile | PlayedResource | Title | Event) -> None:
        """Note an entry of a list, of a composition, or of a timeline: an event belongs to the title before it."""
        if isinstance(stated, ListedFile):
            self.listed.append(stated)
        elif isinstance(stated, PlayedResource):
            self.played.append(stated)
        elif isinstance(stated, Title):
            self._sequences.append((stated.text, []))
        else:
            self._characters += sum(map(len, (stated.name, stated.file, stated.reel, stated.within)))
            if self._characters > MAX_EVIDENCE:
                raise TooLarge(f"more than {MAX_EVIDENCE} characters of events; the rest was not kept")
            if not self._sequences:
                self._sequences.append(("", []))
            self._sequences[-1][1].append(stated)

    def sequences(self) -> tuple[EditSequence, ...]:
        """The sequences that have events."""
        return tuple(EditSequence(title.strip(), tuple(events)) for title, events in self._sequences if events)

    def look(self, name: str, status: LookStatus) -> None:
        """Note what came of a look; over many frames the most telling status stays."""
        before = self._looks.get(name, LookStatus.NOT_DEFINED)
        self._looks[name] = max(before, status, key=self._RANK.index)

    def fail(self, by: str, number: int | None, error: MediaError) -> None:
        """Note a fault."""
        self.problem(
            Problem(
                code=error.code,
                stage="examine",
                by=by,
                message=place_of_frame(number) + str(error),
                blocking=error.blocking,
            )
        )

    def problem(self, problem: Problem) -> None:
        """Note a problem; of many alike in a sequence the first twenty are kept."""
        if len(self.problems) < 20:
            self.problems.append(problem)

    def evidence(self, frames: int) -> tuple[Evidence, ...]:
        """The statements, numbered; what every frame says holds for the whole."""
        kept = []
        for index, (evidence, numbers) in enumerate(self._seen.values(), 1):
            spans = _spans(numbers) if numbers and len(set(numbers)) < frames else ()
            kept.append(dataclasses.replace(evidence, id=f"e{index}", frames=spans or evidence.frames))
        return tuple(kept)

    def looks(self) -> tuple[Look, ...]:
        """One look a reader, in the readers' order."""
        status = self._looks
        return tuple(
            Look(by=reader.name, version=reader.version, status=status.get(reader.name, LookStatus.FAILED))
            for reader in READERS
        )


def _spans(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """1 2 3 7 → (1, 3) (7, 7)."""
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return tuple(spans)


def place_of_frame(number: int | None) -> str:
    """How a message about a frame of a sequence begins; empty for a file."""
    return "" if number is None else f"frame {number}: "
