"""An audit: every delivery of a series scanned with the same settings, each into a folder of its own, then the roll-up.

A killed audit goes on where it was: what was examined is in the cache, and a delivery's reports are put in place as a
whole. What it is compared with is the last audit that ended, however often this one was started again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from media.errors import RunError
from media.identify import Kind
from scanner import __version__
from scanner.audit.deliveries import LOOSE, DeliveryFolder, Series, find_deliveries
from scanner.audit.documents import DOCUMENTS, render
from scanner.audit.rollup import SCHEMA, Rollup, RollupMaker
from scanner.exit_codes import ExitCode
from scanner.output.document import replace_file, write_json
from scanner.pipeline import Run
from scanner.progress import Named, Progress, Silent
from scanner.records.diff import compare
from scanner.records.records import read_records
from scanner.reports.wording import count, inert
from scanner.several.alone import use_alone
from scanner.several.order import RUNS, ScanOrder

__all__ = ["Audit", "run_audit"]

_BEFORE: Final = ".before"
_RUNNING: Final = ".running.json"
_KEPT: Final = ("records.jsonl", "summary.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """An audit that has ended."""

    rollup: Rollup
    written: tuple[Path, ...]


def run_audit(
    location: Path, order: ScanOrder, progress: Progress | None = None, *, patterns: Sequence[str] = ()
) -> Audit:
    """Scan every delivery of `location`, and write the roll-up into the output folder. With `patterns`, scan only those
    whose name matches one of them.

    A delivery that cannot be scanned costs itself alone, and the roll-up names it. Raises `ConfigError` where nothing
    can be scanned at all: no delivery, a wrong policy, a folder that cannot be written or lies inside the series.
    """
    progress, folder = progress or Silent(), order.out
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    series = find_deliveries(location, patterns)
    order.check(location)
    with use_alone(folder, (_RUNNING, "audit.json"), "audit"):
        before = _begin(folder)
        maker, warnings = RollupMaker(), list(_left_out(series, before))
        for number, delivery in enumerate(series.deliveries, 1):
            named = Named(progress, inert(f"{delivery.name} ({number} of {len(series.deliveries)})"))
            try:
                run = order.scan(delivery.name, delivery.paths, named)
            except RunError as error:
                maker.add_failed(delivery.name, str(error), ExitCode(error.exit_code))
                continue
            with run:
                warnings += _add(maker, delivery, run, folder)
        rollup = maker.finish(
            series=location.resolve().name, tool=f"provscan {__version__}", started=started,
            before=before.get("started", ""), warnings=warnings,
        )  # fmt: skip
        progress.stage("Writing the roll-up")
        return Audit(rollup=rollup, written=_end(folder, rollup))


def _add(maker: RollupMaker, delivery: DeliveryFolder, run: Run, folder: Path) -> Iterator[str]:
    """Enter a run in the roll-up; yields what to warn of."""
    if _is_litter(delivery, run):
        yield f"{delivery.name}: {count(run.summary.found, 'file')} of desktop systems, and nothing to deliver"
        return
    changes, old = None, folder / _BEFORE / delivery.name / "records.jsonl"
    if old.exists():
        try:
            changes = compare(read_records(old), run.records())
        except RunError as error:
            yield f"{delivery.name} is not compared with the audit before: {error}"
    yield from (f"{delivery.name}: {warning}" for warning in run.warnings)
    pages = [path.name for path in run.written if path.is_file() and path.name not in _KEPT]
    maker.add(
        delivery.name, run.summary, run.records, exit_code=run.summary.exit_code, pages=pages, changes=changes,
        folder=f"{RUNS}/{delivery.name}",
    )  # fmt: skip


def _is_litter(delivery: DeliveryFolder, run: Run) -> bool:
    """Whether it holds only what desktop systems leave, where nobody puts a delivery: beside the others, or hidden."""
    is_hidden = delivery.is_loose or delivery.name.startswith(".")
    is_empty = bool(run.summary.found and run.summary.provenance.empty_roots)
    return is_hidden and is_empty and set(run.summary.kinds) <= {Kind.INERT}


def _left_out(series: Series, before: dict[str, Any]) -> Iterator[str]:
    """What this audit does not look at: on request, or because it has gone."""
    if series.left_out:
        total, names = count(len(series.left_out), "entry", "entries"), ", ".join(series.left_out[:20])
        yield f"--deliveries leaves out {total}: {names}"
    for pattern in series.unmatched:
        yield f"--deliveries {pattern} matches nothing in {series.location}"
    known = {delivery.name for delivery in series.deliveries} | set(series.left_out) | {LOOSE}
    for name in before.get("deliveries", ()):
        if name not in known:
            yield f"{name} was in the audit before and is not in the series any more"


def _begin(folder: Path) -> dict[str, Any]:
    """What this audit is compared with: `started` and `deliveries` of the last one that ended."""
    running = folder / _RUNNING
    with suppress(OSError, ValueError):
        kept = json.loads(running.read_text("utf-8"))
        if isinstance(kept, dict) and kept.get("schema") == SCHEMA:
            return kept
    before: dict[str, Any] = {"schema": SCHEMA, "deliveries": []}
    with suppress(OSError, ValueError, TypeError, KeyError):
        last = json.loads((folder / "audit.json").read_text("utf-8"))
        before |= {"started": str(last["started"]), "deliveries": [str(it["delivery"]) for it in last["deliveries"]]}
    kept_records = folder / _BEFORE
    shutil.rmtree(kept_records, ignore_errors=True)
    for name in before["deliveries"]:
        for document in _KEPT:
            source = folder / RUNS / name / document
            if source.is_file():
                target = kept_records / name / document
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(source, target)
    write_json(running, before)
    return before


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, for runs replace theirs and never edit them; else a copy."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _end(folder: Path, rollup: Rollup) -> tuple[Path, ...]:
    """The documents, the JSON last: with it the audit has ended, and the next one is compared with this."""
    written = []
    for name in DOCUMENTS:
        path = folder / name
        replace_file(path, [render(name, rollup)])
        written.append(path)
    (folder / _RUNNING).unlink(missing_ok=True)
    shutil.rmtree(folder / _BEFORE, ignore_errors=True)
    return tuple(written)
