"""The flow, on one screen: discover → examine → conclude → report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

import platformdirs

from media.errors import ConfigError
from scanner.config import FILE_NAME, Config
from scanner.discover.discover import Patterns
from scanner.discover.roots import distinct_roots, refuse_inside
from scanner.examine.inspection import discover_settings, examine_settings, inspect, inspect_now
from scanner.examine.store import Store
from scanner.judge.conclude import Judgement, conclude, conclude_again, located
from scanner.judge.loading import judgement_of
from scanner.judge.policy import Reconciliation
from scanner.model import Category, Outcome, Record, Scan
from scanner.output.output import Output, Written, write_records, write_reports
from scanner.output.staging import PICTURES
from scanner.progress import Progress, Silent
from scanner.provenance import (
    empty_sources,
    provenance_of,
    rejudged,
    stored_provenance,
    stored_seal,
    unmatched_patterns,
    with_not_read,
    with_warnings,
)
from scanner.recognise.present import Present
from scanner.records.agreement import agreed
from scanner.records.records import StoredRecords, count_records, read_records
from scanner.records.redaction import IS_REDACTED, HiddenReferences, redact_record, redact_summary
from scanner.records.summary import Provenance, Seal, Summary, Tally, tally
from scanner.reports.pictures.drawing import draw_pairs, draw_pictures
from scanner.reports.wording import count
from scanner.reports.wording import notes as summary_notes
from scanner.settings import Origins
from scanner.survey import survey_run
from scanner.whole_content import digest_signed

__all__ = ["Output", "Run", "look_at", "rejudge", "run_scan", "stored_run"]


@dataclass(slots=True, kw_only=True)
class Run:
    """A finished run: its summary, and its records, which can be read any number of times."""

    summary: Summary
    records: Callable[[], Iterable[Record]]
    warnings: tuple[str, ...] = ()
    written: tuple[Path, ...] = ()
    closing: ExitStack = field(default_factory=ExitStack)
    """What to close when nobody needs the records any more."""

    @property
    def outcome(self) -> Outcome | None:
        """The worst outcome of any asset; None where no asset was found, since nothing was inspected."""
        return self.summary.worst if self.summary.found else None

    @property
    def incomplete(self) -> int:
        """Assets that were not inspected, and scanned roots without files. At least 1 where no asset was found."""
        count = self.summary.scans.get(Scan.INCOMPLETE, 0) + len(self.summary.provenance.empty_roots)
        return count if self.summary.found else max(count, 1)

    def close(self) -> None:
        """Remove the records where they are in a temporary folder, as of a run without an output folder."""
        self.closing.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def run_scan(
    paths: Sequence[Path],
    config: Config,
    output: Output,
    progress: Progress | None = None,
    *,
    no_cache: bool = False,
    retry: bool = False,
    rehash: bool = False,
    origins: Origins | None = None,
) -> Run:
    """Scan, judge and report. Ctrl-C leaves what was examined in the cache. `rehash`: ignore cached stamps."""
    progress = progress or Silent()
    started = time.monotonic()
    origins = origins or Origins()
    judgement = judgement_of(config, progress)
    cache = None if no_cache else _cache_file(config)
    media = (*paths, *map(Path, config.sources))
    refuse_inside(media, {"--out": output.folder, f"cache ({origins.named('cache')})": cache and cache.parent})
    names = [path.name or path.resolve().name for path in paths]
    output.check()
    provenance = replace(provenance_of(config, judgement, names, origins=origins), about=output.about)
    with ExitStack() as closing:
        made = Written(output, closing)
        output = made.output()
        store = closing.enter_context(Store.open(cache, is_rehashing=rehash))
        patterns = Patterns(discover_settings(config))
        examinations = inspect(paths, config, store, progress, patterns=patterns, retry=retry)
        judgement = located(judgement, examinations.assets)
        survey = survey_run(examinations, judgement, config, cache, store, progress)
        recognition = survey.recognise(examinations, config, store, progress)
        pairs = digest_signed(survey.signed, recognition, store, config, progress)
        progress.stage("Judging", store.run.count())
        books, both = Tally(), Reconciliation(judgement.register, judgement.waivers, judgement.setting.day)
        books.found = store.run.count()
        concluded = conclude(
            examinations, judgement, relations=survey.relations, matched=pairs, recognised=recognition.matches
        )
        orders: list[str] = []
        hidden = HiddenReferences()
        counted = _unread(_count_records(concluded, books, both), origins, orders)
        counted = hidden.note(counted) if output.redact else counted
        records, seal = write_records(counted, closing, output, progress)
        provenance = with_warnings(
            replace(with_not_read(provenance, orders), empty_roots=books.empty(distinct_roots(paths))),
            (*unmatched_patterns(patterns, origins), *empty_sources(config)),
        )
        if output.folder is not None and output.shows_pictures():
            drawn = records if not output.redact else lambda: hidden.show(records())
            lost = draw_pictures(drawn, examinations.assets, config, output.folder / PICTURES, progress)
            provenance = with_warnings(provenance, _not_drawn(lost))
        progress.stage("Writing the reports")
        summary = _close(books, both, provenance, config, seal, output, time.monotonic() - started)
        records, written = made.put_in_place(records, write_reports(summary, records, output, progress))
        return Run(
            summary=summary,
            records=records,
            warnings=(
                *summary_notes(summary),
                *output.shown((*store.warnings, *recognition.warnings, *both.sentences())),
            ),
            written=written,
            closing=closing.pop_all(),
        )


def _not_drawn(lost: int) -> tuple[str, ...]:
    if not lost:
        return ()
    pictures = count(lost, "picture")
    return (f"{pictures} of this report could not be drawn: a worker ended or timed out. The verdict is complete.",)


def rejudge(
    stored: Path,
    config: Config,
    output: Output,
    progress: Progress | None = None,
    *,
    origins: Origins | None = None,
) -> Run:
    """Judge stored records again. Opens no media."""
    progress = progress or Silent()
    unsure = agreed(stored)
    judgement = judgement_of(config, progress)
    before = with_warnings(stored_provenance(stored), unsure)
    # What was examined, with what, is the scan's; by what it is judged is ours.
    now = provenance_of(config, judgement, before.roots, origins=origins)
    output.check()
    provenance = replace(rejudged(before, now), about={**before.about, **output.about})
    if output.folder is not None and (output.folder / "records.jsonl").resolve() == stored.resolve():
        raise ConfigError(f"--out {output.folder} contains the records to judge; name another folder")
    found, hidden = count_records(stored)
    if hidden or IS_REDACTED in before.warnings:
        raise ConfigError(f"{stored} was written with --redact and lacks what rules need; judge unredacted records")
    progress.stage("Judging", found)
    with ExitStack() as closing:
        made = Written(output, closing)
        output = made.output()
        known, present = StoredRecords(stored), closing.enter_context(Present(config.library))
        judgement = located(judgement, lambda: (record.examination.asset for record in known()))
        books, both = Tally(), Reconciliation(judgement.register, judgement.waivers, judgement.setting.day)
        books.found = found
        # What the same rules found in the same evidence, they need not find again.
        same_rules = bool(now.rules) and before.rules == now.rules
        concluded = conclude_again(known, judgement, same_rules=same_rules, refresh=present.refresh)
        records, seal = write_records(_count_records(concluded, books, both), closing, output, progress, known.line)
        progress.stage("Writing the reports")
        summary = _close(books, both, provenance, config, seal, output)
        documents = write_reports(summary, records, output, progress, stored.parent / PICTURES)
        records, written = made.put_in_place(records, documents)
        return Run(
            summary=summary,
            records=records,
            warnings=(
                *summary_notes(summary),
                *output.shown((*_other_policy(before, now), *present.warnings(), *both.sentences())),
            ),
            written=written,
            closing=closing.pop_all(),
        )


def _other_policy(before: Provenance, now: Provenance) -> Iterator[str]:
    was, name = before.policy.get("name", ""), now.policy["name"]
    if was and was != name:
        yield f"Judged by policy {name}, but the scan was judged by {was}. Choose one with --policy."


def stored_run(
    stored: Path, *, redact: bool = False, hidden: HiddenReferences | None = None, fail_on: str | None = None,
    about: Mapping[str, str] | None = None,
) -> tuple[Summary, Callable[[], Iterable[Record]]]:  # fmt: skip
    """The summary and the records that a scan left. Its own `fail_on` holds where none is given. `hidden` remembers the
    references that redacted records do not show, as these are read.

    Raises `Disagreement` where the records are not those that the summary beside them declares.
    """
    provenance = with_warnings(stored_provenance(stored), agreed(stored))
    provenance = replace(provenance, about={**provenance.about, **(about or {})})
    books = tally(read_records(stored))
    floor = fail_on or provenance.settings.get("fail_on", Config().fail_on)
    summary = books.summary(provenance, fail_on=None if floor == "never" else Outcome(floor))
    summary = replace(summary, seal=stored_seal(stored))
    known = StoredRecords(stored)
    if redact:
        return redact_summary(summary), lambda: map(redact_record, hidden.note(known()) if hidden else known())
    return summary, known


def look_at(
    path: Path, config: Config, judgement: Judgement, *, watermarks: bool = False, pictures: Path | None = None
) -> list[Record]:
    """Examine one path now and return its records, which are kept nowhere. What is recognised is drawn into
    `pictures`."""
    settings = examine_settings(config)
    if settings.marks:  # asked about one file, whatever it is used for
        settings = replace(settings, marks=tuple(Category))
    if watermarks:
        settings = replace(settings, watermarks=tuple(Category))
    looked = inspect_now(path, config, settings)
    with Store.open(None) as store:
        survey = survey_run(looked, judgement, config, None, store, Silent())
        recognition = survey.recognise(looked, config, store, Silent())
        pairs = digest_signed(survey.signed, recognition, store, config, Silent())
        records = list(
            conclude(looked, judgement, relations=survey.relations, matched=pairs, recognised=recognition.matches)
        )
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        draw_pairs(lambda: records, looked.assets, config, pictures, Silent(), lambda _: True)
    return records


def _count_records(records: Iterable[Record], books: Tally, both: Reconciliation) -> Iterator[Record]:
    """The same records, entered in the books as they pass."""
    for record in records:
        books.add(record)
        both.add(record)
        yield record


def _unread(records: Iterable[Record], origins: Origins, places: list[str]) -> Iterator[Record]:
    """The same records; the settings files among them that were not read are added to `places`."""
    for record in records:
        asset = record.examination.asset
        is_settings = asset.path.rpartition("/")[2] == FILE_NAME
        if is_settings and os.path.realpath(Path(asset.location, asset.path)) not in origins.read:
            places.append(f"{asset.root}/{asset.path}")
        yield record


def _close(
    books: Tally,
    both: Reconciliation,
    provenance: Provenance,
    config: Config,
    seal: Seal,
    output: Output,
    seconds: float = 0.0,
) -> Summary:
    provenance = replace(provenance, register=both.register_json(), waivers=both.waivers_json())
    fail_on = None if config.fail_on == "never" else Outcome(config.fail_on)
    summary = books.summary(provenance, fail_on=fail_on, seconds=seconds)
    if not summary.balanced or seal.count != summary.found:
        raise AssertionError("the counts do not agree: an asset was lost or counted twice")
    summary = replace(summary, seal=seal)
    return redact_summary(summary) if output.redact else summary


def _cache_file(config: Config) -> Path:
    folder = Path(config.cache) if config.cache else Path(platformdirs.user_cache_dir("provscan", appauthor=False))
    return folder / "examinations.sqlite"
