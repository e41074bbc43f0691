"""One long master that several workers compare at once: which steps that takes, and when each can begin.

Steps are items of the run's executor, as assets are. Each leaves a file in a folder of the run, which later steps read
and the parent never opens. Rule: a step that is lost loses its asset; where a step finds that the parts do not fit
together exactly, one worker compares the whole master.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from media.work import Lost
from media.work.folders import Folder
from media.work.interface import LATER
from media.work.meter import report_work
from scanner.model import Kind
from scanner.recognise.lookup import Lookup, Sightings

__all__ = ["MasterShare", "MasterStep", "Several", "Splitting", "Unsplit", "file_of", "folders_of"]

_SHARES: Final = 4
"""Of a step for each worker: they do not take equally long."""
_LARGE: Final = 4 << 20
"""Bytes from which on a video may be worth it."""
_ENOUGH: Final = 2
"""Where all that is looked at is more than so many videos of its size for each worker, one worker compares it."""


class MasterStep(IntEnum):
    """What is done with a master, one after the other. All shares of a step come before any of the next."""

    READ = 0
    """A part of it is decoded; the last share is its sound."""
    PROPOSE = 1
    """References are proposed in some of its samples."""
    FOLLOW = 2
    """Some of what was proposed is followed; the last share is its sound."""
    FINISH = 3
    """All that was found, as matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterShare:
    """A part of a step. Pickled to workers."""

    lookup: Lookup
    step: MasterStep
    number: int
    """Of `count`, from 0."""
    count: int
    folder: str
    """Holds a folder for each step, with a file for each of its shares."""
    is_local: bool
    """Whether the worker writes its file there; otherwise the parent does."""


@dataclass(frozen=True, slots=True)
class Several:
    """The answer of a worker that was sent a master which several may read: in how many parts."""

    parts: int


@dataclass(frozen=True, slots=True)
class Unsplit:
    """The answer where a master cannot be compared in shares after all."""


Result = bytes | Sightings | Several | Unsplit | Lost | None
"""Bytes are a file's; None: the worker has written it."""
_USED: Final = {MasterStep.READ: (), MasterStep.PROPOSE: (0,), MasterStep.FOLLOW: (0, 1), MasterStep.FINISH: (0, 2)}
"""The steps whose files a step reads."""


@dataclass(frozen=True, slots=True)
class _StepFiles:
    """The files of a finished step as the content of a folder: they never change, and its name is one run's own."""

    def stamp(self, path: Path) -> str:
        """The names and sizes of its files."""
        return f"{path.parent.name} {path.name} " + " ".join(
            f"{file.name}:{file.stat().st_size}" for file in sorted(path.iterdir())
        )

    def files(self, path: Path, beside: Path) -> Iterator[tuple[str, Path]]:
        """All its files."""
        yield from ((file.name, file) for file in sorted(path.iterdir()))


_DONE: Final = (0.0, 0.3, 0.5, 0.98, 1.0)
"""Of the time that a master takes, about, before each step and after the last."""
_STEP_FILES: Final = _StepFiles()


def file_of(share: MasterShare) -> Path:
    """Where the result of a share is kept."""
    return Path(share.folder, str(int(share.step)), str(share.number))


def folders_of(share: MasterShare) -> Iterator[Folder]:
    """The files of earlier steps that a share reads."""
    yield from (Folder(f"{share.folder}/{number}", _STEP_FILES) for number in _USED[share.step])


@dataclass(slots=True)
class _Master:
    """A master on its way through the steps."""

    lookup: Lookup
    folder: Path
    step: MasterStep = MasterStep.READ
    count: int = 0
    left: int = 0
    """Shares of the present step, and those of them that have not come back."""
    fault: Lost | Unsplit | None = None

    @property
    def done(self) -> float:
        """How many of its bytes count as compared."""
        before, after = _DONE[self.step : self.step + 2]
        return self.lookup.asset.size * (after - (after - before) * self.left / self.count)


@dataclass(slots=True)
class Splitting:
    """What is sent to workers: lookups as they come, and the shares of masters as soon as they can begin."""

    lookups: Iterator[Lookup]
    root: Path
    workers: Callable[[], int]
    """How many there are."""
    total: int
    """Bytes of all that is looked at."""
    is_local: bool
    _ready: deque[Lookup | MasterShare] = field(default_factory=deque)
    _asked: int = 0
    """Lookups in flight that may turn out to be read by several."""
    _masters: dict[str, _Master] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Lookup | MasterShare]:
        while True:
            if self._ready:
                yield self._ready.popleft()
            elif (lookup := next(self.lookups, None)) is not None:
                yield self._offered(lookup)
            elif self._masters or self._asked:
                yield LATER
            else:
                return

    def take(self, item: Lookup | MasterShare, result: Result) -> Iterator[tuple[Lookup, Sightings | Lost]]:
        """Take an answer. Yields a lookup with what came of it, where that is known now."""
        if isinstance(item, Lookup):
            self._asked -= item.workers > 0
            if isinstance(result, Several):
                self._begin(item, result.parts)
            else:
                assert isinstance(result, Sightings | Lost)  # noqa: S101 - a lookup has no other answers
                yield item, result
            return
        master = self._masters[item.folder]
        master.left -= 1
        if isinstance(result, bytes):
            file_of(item).write_bytes(result)
        elif isinstance(result, Lost | Unsplit):
            master.fault = master.fault or result
            self._drop_shares(master)
        report_work(sum(one.done for one in self._masters.values()))
        if master.left:
            return
        if isinstance(result, Sightings) or master.fault:
            yield from self._end(master, result)
        else:
            self._send(master, MasterStep(item.step + 1))

    def _offered(self, lookup: Lookup) -> Lookup:
        """A lookup; a large video is one that several workers may read."""
        asset = lookup.asset
        is_whole = lookup.fps or lookup.is_keyed or asset.frames is not None or asset.kind is not Kind.VIDEO
        if is_whole or asset.size < _LARGE or (workers := self.workers()) < 2:
            return lookup
        if asset.size * _ENOUGH * workers < self.total:
            return lookup  # there is other work for all
        self._asked += 1
        return replace(lookup, workers=workers)

    def _begin(self, lookup: Lookup, parts: int) -> None:
        folder = Path(mkdtemp(prefix="master-", dir=self.root))
        for step in MasterStep:
            (folder / str(int(step))).mkdir()
        master = self._masters[str(folder)] = _Master(lookup, folder)
        self._send(master, MasterStep.READ, parts + 1)

    def _send(self, master: _Master, step: MasterStep, count: int = 0) -> None:
        shares = _SHARES * master.lookup.workers
        count = count or {MasterStep.PROPOSE: shares, MasterStep.FOLLOW: shares + 1, MasterStep.FINISH: 1}[step]
        share = MasterShare(
            lookup=master.lookup, step=step, number=0, count=count, folder=str(master.folder), is_local=self.is_local
        )  # fmt: skip
        master.step, master.count, master.left = step, count, count
        # The sound first: it is all in one share.
        self._ready.extend(replace(share, number=number) for number in reversed(range(count)))

    def _drop_shares(self, master: _Master) -> None:
        """What was not sent yet is not worth it any more."""
        kept = [one for one in self._ready if not isinstance(one, MasterShare) or one.folder != str(master.folder)]
        master.left -= len(self._ready) - len(kept)
        self._ready = deque(kept)

    def _end(self, master: _Master, result: Result) -> Iterator[tuple[Lookup, Sightings | Lost]]:
        del self._masters[str(master.folder)]
        rmtree(master.folder, ignore_errors=True)
        report_work(sum(one.done for one in self._masters.values()))
        whole = replace(master.lookup, workers=0)
        if isinstance(master.fault, Unsplit):
            self._ready.append(whole)
        elif isinstance(master.fault, Lost):
            yield whole, master.fault
        else:
            assert isinstance(result, Sightings)  # noqa: S101 - the last step's answer
            yield whole, result
