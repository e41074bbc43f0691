"""Where a run's documents go, and the writing of them: records as they come, then the reports."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import ConfigError
from scanner.model import Record
from scanner.progress import Progress
from scanner.records import StoredRecords, redacted, to_line
from scanner.reports import REPORTS
from scanner.summary import Summary

__all__ = ["Output", "make_writable", "write_records", "write_reports"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a run's documents go."""

    folder: Path | None = None
    formats: tuple[str, ...] = ()
    redact: bool = False


def make_writable(folder: Path | None) -> None:
    """Before the long work, not after it."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".provscan-writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror or error}; name a folder that can be written") from error


def write_records(
    concluded: Iterable[Record],
    closing: ExitStack,
    output: Output,
    progress: Progress,
    line_of: Callable[[Record], bytes] = to_line,
) -> Callable[[], Iterable[Record]]:
    """`records.jsonl`, in the output folder or in a temporary one; returns how to read it."""
    folder = output.folder or Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="provscan-")))
    path = folder / "records.jsonl"
    with path.open("wb", buffering=1 << 20) as lines:
        for record in concluded:
            lines.write(line_of(redacted(record) if output.redact else record))
            progress.step(record.examination.asset.path)
    return StoredRecords(path)


def write_reports(summary: Summary, records: Callable[[], Iterable[Record]], output: Output) -> tuple[Path, ...]:
    """The asked-for formats and `summary.json` into the output folder."""
    if output.folder is None:
        return ()
    written = [output.folder / "records.jsonl", output.folder / "summary.json"]
    written[1].write_text(json.dumps(summary.to_json(), indent=1) + "\n", "utf-8")
    for report in REPORTS:
        if report.name in (output.formats or ("html",)) and report.file_name != "records.jsonl":
            path = output.folder / report.file_name
            with path.open("w", encoding="utf-8", newline="\n") as document:
                document.writelines(report.render(summary, records))
            written.append(path)
    return tuple(written)
