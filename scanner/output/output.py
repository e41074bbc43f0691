"""The place of a run's documents, and how they are written: records as they come, then the reports."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from media.errors import RunError
from scanner.model import Record
from scanner.output.document import encoded, naming
from scanner.output.staging import PICTURES, Staging
from scanner.progress import Progress
from scanner.records.records import StoredRecords, to_line
from scanner.records.redaction import redact_record, redact_sentence
from scanner.records.summary import Seal, Summary
from scanner.reports import REPORTS, choose_reports
from scanner.reports.interface import Report
from scanner.reports.naming import file_of, pattern_of
from scanner.reports.pictures.pictures import PictureFolder

__all__ = ["Output", "Written", "temporary_folder", "write_records", "write_reports"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a run's documents go."""

    folder: Path | None = None
    formats: tuple[str, ...] = ()
    redact: bool = False
    separator: str = "comma"
    """Of CSV, by its name."""
    about: Mapping[str, str] = field(default_factory=dict)
    """The user's name for the delivery: see `Provenance.about`."""

    def check(self) -> None:
        """Raise `MissingDependency` where something that a report needs is not installed."""
        for report in choose_reports(self.formats):
            report.check()

    def reports(self) -> tuple[Report, ...]:
        """The asked-for reports that are documents of a folder: the page, where none was named."""
        return tuple(choose_reports(self.formats or ("html",), separator=self.separator))

    def shown(self, sentences: Iterable[str]) -> tuple[str, ...]:
        """Messages about the run, as they may be shown."""
        return tuple(map(redact_sentence, sentences) if self.redact else sentences)

    def shows_pictures(self) -> bool:
        """Whether a report that holds pictures goes into a folder."""
        return self.folder is not None and any(report.shows_pictures for report in self.reports())


class Written:
    """The documents of a run while they are made: in a new folder until `put_in_place`, or in a temporary one.

    Made before the long work, so that a folder that cannot be written is reported before that work and not after it.
    """

    def __init__(self, output: Output, closing: ExitStack) -> None:
        self._staging: Staging | None = None
        if output.folder is not None:
            names = frozenset(report.file_name for report in REPORTS)
            patterns = tuple(map(pattern_of, sorted(names)))
            self._staging = closing.enter_context(Staging(output.folder, names, patterns))
        self._named = output.folder
        self._output = output
        self._closing = closing

    def output(self) -> Output:
        """Where to write now. The folder is None where the user named none."""
        return replace(self._output, folder=self._staging.folder if self._staging else None)

    def put_in_place(
        self, records: Callable[[], Iterable[Record]], written: Sequence[Path]
    ) -> tuple[Callable[[], Iterable[Record]], tuple[Path, ...]]:
        """Move everything to where the user wants it; returns a way to read the records there, and where the documents
        are."""
        if self._staging is None or self._named is None:
            return records, tuple(written)
        folder = self._staging.commit()
        return StoredRecords(folder / "records.jsonl"), tuple(self._named / path.name for path in written)


def temporary_folder(closing: ExitStack) -> Path:
    """A folder that is removed when `closing` is closed. `RunError` names the temporary folder that has no room for
    it."""
    try:
        return Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="provscan-")))
    except OSError as error:
        place = error.filename or "the temporary folder"
        raise RunError(f"{place}: {error.strerror or error}; set TMPDIR to a folder that can be written") from error


def write_records(
    concluded: Iterable[Record],
    closing: ExitStack,
    output: Output,
    progress: Progress,
    line_of: Callable[[Record], bytes] = to_line,
) -> tuple[Callable[[], Iterable[Record]], Seal]:
    """Write `records.jsonl` into the output folder or a temporary one; returns a way to read it, and its seal."""
    folder = output.folder or temporary_folder(closing)
    path = folder / "records.jsonl"
    with naming(path), path.open("wb", buffering=1 << 20) as lines:
        count, digest = 0, hashlib.sha256()
        for record in concluded:
            line = line_of(redact_record(record) if output.redact else record)
            lines.write(line)
            digest.update(line)
            count += 1
            progress.step(record.examination.asset.path)
    return StoredRecords(path), Seal(count=count, sha256=digest.hexdigest())


def write_reports(
    summary: Summary,
    records: Callable[[], Iterable[Record]],
    output: Output,
    progress: Progress,
    pictures: Path | None = None,
) -> tuple[Path, ...]:
    """Write the requested formats and `summary.json` into the output folder, with the pictures of a folder: by default
    those that were drawn into the output folder."""
    if output.folder is None:
        return ()
    written = [output.folder / "records.jsonl", output.folder / "summary.json"]
    with naming(written[1]):
        written[1].write_text(json.dumps(summary.to_json(), indent=1) + "\n", "utf-8")
    shown = PictureFolder(pictures or output.folder / PICTURES)
    for report in output.reports():
        if report.file_name != "records.jsonl":
            for document in report.illustrated(shown).documents(summary, records):
                path = output.folder / file_of(report.file_name, document.part)
                with naming(path), path.open("wb") as file:
                    file.writelines(encoded(document.pieces))
                written.append(path)
                progress.step(path.name)
    return tuple(written)
