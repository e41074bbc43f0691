"""The loop of a watch: what has arrived is scanned once, and again when it changed.

The drop folder is looked at when the system reports a change in it and every few seconds anyway, since network volumes
report nothing. One delivery is scanned at a time.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import watchfiles

from media.errors import ConfigError
from scanner.exit_codes import ExitCode, worst_exit
from scanner.several.alone import use_alone
from scanner.several.order import ScanOrder
from scanner.watch.arrival import Arrival, ArrivalRule, Snapshot, Waiting, arrivals, look, why_not
from scanner.watch.hooks import Hooks
from scanner.watch.scanning import Answer, ProgressMaker, scan_apart, show_nothing
from scanner.watch.state import STATE, Pauses, Watched, WatchStanding, WatchState, now_text, pause_after

__all__ = ["Watch", "WatchSettings", "read_state"]

_FULL_LOOK: Final = 60.0
"""Seconds after which deliveries that are done are looked at again, whatever the system reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """What a user may choose of a watch."""

    rule: ArrivalRule = ArrivalRule.STILL
    settle: float = 60.0
    """Seconds without a change."""
    marker: str = "*.done"
    every: float = 5.0
    """Seconds between two looks at the drop folder."""
    once: bool = False
    """Scan what is whole now, and end."""
    hooks: Hooks = field(default_factory=Hooks)
    shown: ProgressMaker = show_nothing
    """Shows the progress of each scan."""
    print_report: Callable[[Path], None] | None = None
    """Prints the report in a folder, after each scan."""


class Watch:
    """A watched drop folder. `report` gets each thing that happens as a line."""

    def __init__(self, folder: Path, order: ScanOrder, settings: WatchSettings, report: Callable[[str], None]) -> None:
        order.check(folder)
        try:
            next(arrivals(folder), None)
        except OSError as error:
            raise ConfigError(f"{folder} cannot be listed: {error.strerror or error}; name the drop folder") from error
        self._folder, self._order, self._settings = folder, order, settings
        self._report = report
        self._state = WatchState(folder=order.out, watched=str(folder))
        self._waiting: dict[str, Waiting] = {}
        self._pauses = Pauses()
        self._looked = -_FULL_LOOK
        self._unsaid = ""

    def run(self) -> ExitCode:
        """Until it is interrupted; with `once`, until what is whole now is scanned. Returns the worst exit code of
        `once`."""
        with use_alone(self._order.out, (STATE,), "watch"):
            self._state = WatchState.load(self._order.out, self._folder)
            self._save()
            self._report(f"Watching {self._folder}; reports are written to {self._order.out}")
            self._call_hooks()
            if self._settings.once:
                return self._run_once()
            for changed in self._changes():
                for arrival in self._ready(changed):
                    self._scan(arrival)
                self._call_hooks()
                self._save()
        return ExitCode.OK

    def _run_once(self) -> ExitCode:
        """Look until every delivery has stood still for as long as it must, and scan those that are whole."""
        until = time.monotonic() + self._settings.settle + self._settings.every
        codes: list[ExitCode] = []
        while True:
            codes.extend(self._scan(arrival).exit_code for arrival in self._ready(None))
            self._call_hooks()
            self._save()
            if time.monotonic() >= until:
                break
            time.sleep(min(self._settings.every, 1.0))
        for name, one in self._state.deliveries.items():
            if one.standing is WatchStanding.WAITING:
                self._report(f"{name}: not scanned, {one.why}")
                codes.append(ExitCode.INCOMPLETE)
        return worst_exit(codes, default=ExitCode.OK)

    def _changes(self) -> Iterator[set[str] | None]:
        """Names of the deliveries in which something changed, as often as the folder is looked at; None is all."""
        yield None
        pause = max(int(self._settings.every * 1000), 50)
        while True:
            if not self._folder.is_dir():  # an unmounted volume: everything waits until it is back
                time.sleep(self._settings.every)
                continue
            try:
                for events in watchfiles.watch(
                    self._folder, watch_filter=None, rust_timeout=pause, yield_on_timeout=True, debounce=pause,
                    step=50, raise_interrupt=True, ignore_permission_denied=True,
                ):  # fmt: skip
                    yield {name for _, path in events if (name := self._name_of(path))}
                    if not self._folder.is_dir():
                        break
            except OSError as error:  # no more watches on this machine: look at the clock instead
                self._say_once(f"The system reports no changes ({error}); the folder is looked at all the same")
                yield None
                time.sleep(self._settings.every)

    def _name_of(self, path: str) -> str:
        with suppress(ValueError, IndexError):
            return Path(path).relative_to(self._folder).parts[0]
        return ""

    def _ready(self, changed: set[str] | None) -> Iterator[Arrival]:
        """Deliveries that are whole and were not scanned in this state, one after the other as they are asked for."""
        try:
            found = list(arrivals(self._folder))
        except OSError as error:
            self._say_once(f"{self._folder} cannot be listed: {error.strerror or error}")
            return
        is_full = changed is None or time.monotonic() - self._looked > _FULL_LOOK
        if is_full:
            self._looked = time.monotonic()
        names = {arrival.name for arrival in found}
        if names:  # an empty folder may be the place of a volume that is not mounted now
            self._state.forget(lambda name: name not in names)
        self._waiting = {name: one for name, one in self._waiting.items() if name in names}
        for arrival in found:
            one = self._state.get(arrival.name)
            is_changed = is_full or arrival.name in (changed or ())
            if one.standing is WatchStanding.DONE and not is_changed and arrival.name not in self._waiting:
                continue
            if self._is_due(arrival, one):
                yield arrival

    def _is_due(self, arrival: Arrival, one: Watched) -> bool:
        now, snapshot = time.monotonic(), look(arrival.path)
        if one.digest == snapshot.digest and one.standing is not WatchStanding.FAILED:
            if one.standing not in (WatchStanding.DONE, WatchStanding.HOOK):  # it is again as it was scanned
                self._set_scanned(one)
            self._waiting.pop(arrival.name, None)
            return False
        waiting = self._waiting.get(arrival.name)
        if waiting is None:
            waiting = self._waiting[arrival.name] = Waiting(snapshot=snapshot, since=now)
        waiting.see(snapshot, now)
        settings = self._settings
        try:
            why = why_not(arrival, waiting, now, settings.rule, settle=settings.settle, marker=settings.marker)
        except OSError as error:
            why = f"cannot be read: {error.strerror or error}"
        is_due = self._pauses.is_over(arrival.name)
        if why:
            if one.standing is not WatchStanding.FAILED or is_due:
                one.standing, one.why = WatchStanding.WAITING, why
            return False
        return is_due

    def _scan(self, arrival: Arrival) -> Answer:
        one, before = self._state.get(arrival.name), self._waiting[arrival.name].snapshot
        one.standing, one.why = WatchStanding.SCANNING, ""
        self._save()
        self._report(f"{arrival.name}: scanning {before.files:,} files")
        answer = scan_apart(self._order, arrival.name, arrival.path, self._settings.shown, self._state.beat)
        self._enter(arrival, one, answer, before, look(arrival.path))
        self._save()
        return answer

    def _enter(self, arrival: Arrival, one: Watched, answer: Answer, before: Snapshot, after: Snapshot) -> None:
        """What became of it, into the state."""
        counters = self._state.counters
        one.ended, one.exit_code, one.headline = now_text(), int(answer.exit_code), answer.headline
        if answer.error:
            one.standing, one.why = WatchStanding.FAILED, answer.error
            one.attempts += 1
            counters.failed += 1
            pause = pause_after(one.attempts)
            self._pauses.set(arrival.name, pause)
            self._report(f"{arrival.name}: NOT SCANNED: {answer.error}. It is tried again in {pause:.0f} s")
            return
        one.attempts, one.scans = 0, one.scans + 1
        counters.scanned += 1
        if after != before:
            self._enter_changed(arrival, one, answer, after)
            return
        counters.found += answer.exit_code is ExitCode.FOUND
        counters.incomplete += answer.exit_code is ExitCode.INCOMPLETE
        one.digest = before.digest
        self._set_scanned(one)
        self._waiting.pop(arrival.name, None)
        self._report(f"{arrival.name}: {answer.headline} (exit code {int(answer.exit_code)})")
        if self._settings.print_report is not None:
            self._settings.print_report(self._order.folder_of(arrival.name))

    def _enter_changed(self, arrival: Arrival, one: Watched, answer: Answer, after: Snapshot) -> None:
        """Remove the reports of a delivery that changed during its scan: their verdict holds for no state of it."""
        for path in answer.written:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        one.standing, one.why = WatchStanding.WAITING, "it changed while it was read"
        one.headline, one.exit_code, one.digest = "", int(ExitCode.INCOMPLETE), ""
        self._state.counters.changed += 1
        self._waiting[arrival.name] = Waiting(snapshot=after, since=time.monotonic())
        self._report(f"{arrival.name}: changed while it was read; its reports are removed, and it is scanned again")

    def _set_scanned(self, one: Watched) -> None:
        one.standing, one.why = (WatchStanding.HOOK if self._settings.hooks else WatchStanding.DONE), ""

    def _call_hooks(self) -> None:
        """For every scan whose hook has not answered: also those that a killed watch left. A hook that fails is called
        again later."""
        hooks = self._settings.hooks
        for name, one in list(self._state.deliveries.items()):
            if one.standing is not WatchStanding.HOOK or not self._pauses.is_over(name):
                continue
            folder = self._order.folder_of(name)
            failed = hooks.call(name, folder, _message(name, folder, one)) if hooks else ""
            if failed:
                one.why, one.attempts = failed, one.attempts + 1
                self._state.counters.hooks_failed += 1
                self._pauses.set(name, pause_after(one.attempts))
                self._report(f"{name}: {failed}")
            else:
                one.standing, one.why, one.attempts = WatchStanding.DONE, "", 0
                self._state.counters.hooks += bool(hooks)
            self._save()

    def _save(self) -> None:
        self._state.save()
        if self._state.not_written:
            self._say_once(f"watch.json cannot be written, and the watch goes on: {self._state.not_written}")

    def _say_once(self, words: str) -> None:
        """What goes on is reported when it begins, not at each look."""
        if words != self._unsaid:
            self._unsaid = words
            self._report(words)


def _message(name: str, folder: Path, one: Watched) -> dict[str, Any]:
    summary: Any = None
    with suppress(OSError, ValueError):
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
    return {
        "schema": "provscan/watch-message/1",
        "delivery": name,
        "headline": one.headline,
        "exit_code": one.exit_code,
        "folder": str(folder),
        "summary": summary,
    }


def read_state(out: Path) -> dict[str, Any]:
    """`watch.json` of an output folder. Raises `ConfigError` where there is none."""
    try:
        data = json.loads((out / STATE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{out / STATE} cannot be read: {error}; name the --out folder of a watch") from error
    return data if isinstance(data, dict) else {}
