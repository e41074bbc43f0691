"""`provscan register …`: the register of AI uses, from an empty sheet to a complete one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from media.errors import ConfigError
from media.tables import write_csv
from media.workbook import write_xlsx
from scanner.cli.options import config_option, policy_option, redact_option, settings_of
from scanner.cli.register_asking import notice_command, triage_command
from scanner.cli.terminal import out, plain
from scanner.discover.roots import refuse_delivery
from scanner.exit_codes import ExitCode
from scanner.judge.policy import load_policies, load_register, unfilled
from scanner.judge.register.columns import COLUMNS
from scanner.judge.register.cuesheet import CUE_COLUMNS, EXPLANATIONS, cue_rows
from scanner.judge.register.entry import entry_of
from scanner.judge.register.faults_grouped import grouped
from scanner.provenance import refuse_own_delivery
from scanner.records.agreement import agreed
from scanner.records.records import read_records
from scanner.records.redaction import redact_record
from scanner.reports.wording import count

__all__ = ["register"]

_SHEET = click.Path(dir_okay=False, path_type=Path)
_format_option = click.option(
    "--format", "form", type=click.Choice(("xlsx", "csv")), help="File format. [from the file's name]"
)


@click.group(
    epilog="""
\b
Examples:
  provscan register cuesheet out/records.jsonl --out ai-uses.xlsx
  provscan register check ai-uses.xlsx
  provscan judge out/records.jsonl --register ai-uses.xlsx --out judged
"""
)
def register() -> None:
    """The register of AI uses: what the production declares, and what was approved."""


@register.command("template", epilog="Example:\n\n  provscan register template ai-uses.xlsx")
@click.argument("file", type=_SHEET)
@_format_option
def template(file: Path, form: str | None) -> None:
    """Write an empty register to FILE, .xlsx or .csv.

    The workbook has drop-downs, filters and frozen headings, marks required cells, and explains every column on a
    second sheet.
    """
    refuse_delivery("FILE", file)
    _write(file, form, tuple(COLUMNS), ())


@register.command("check", epilog="Example:\n\n  provscan register check ai-uses.xlsx")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@policy_option
@config_option
def check(file: Path, policy: tuple[str, ...], config_file: Path | None) -> int:
    """Check a register, a shot disclosure map or an HPF declaration, and list every row with an error.

    Further requirements of the policy for an approval are listed as notes; they matter if the row covers a finding.
    """
    config = settings_of((file,), config_file, {"policy": policy}).config
    read = load_register(file, columns=dict(config.columns))
    asked = load_policies(config.policy)
    console = out()
    for line in grouped((*read.faults, *(fault for row in read.rows for fault in unfilled(row, asked)))):
        console.print(plain(line, 900))
    for said in read.declarations:
        console.print(f"Declared for {plain(said.episode) or 'the whole production'}: {plain(said.classification)}")
    if unknown := [name for name in read.unknown if name not in CUE_COLUMNS]:
        console.print(f"Columns without effect on the verdict: {plain(', '.join(unknown), 500)}")
    bad = {fault.row for fault in read.faults if fault.grave}
    approved = sum(row.status == "approved" and not row.wrong for row in read.rows)
    console.print(f"{count(len(read.rows), 'row')}: {count(approved, 'complete approval')}, {len(bad):,} with errors")
    return ExitCode.FOUND if bad else ExitCode.OK


@register.command("cuesheet", epilog="Example:\n\n  provscan register cuesheet out/records.jsonl --out ai-uses.xlsx")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", "file", type=_SHEET, required=True, help="Sheet to write: .xlsx or .csv.")
@_format_option
@redact_option
def cuesheet(records: Path, file: Path, form: str | None, *, redact: bool) -> None:
    """Write a cue sheet (shot disclosure map) of all findings; complete it to use it as your register.

    It has one row for each finding and match, with file, digest, timecode, tool and source filled in. A redacted sheet
    shows digests instead of references, so that it is one to send and no register.
    """
    refuse_own_delivery("--out", file, records)
    for warning in agreed(records):
        click.echo(f"provscan: {plain(f'{records}: {warning}', 1000)}", err=True)
    read = partial(read_records, records)
    _write(file, form, CUE_COLUMNS, cue_rows((lambda: map(redact_record, read())) if redact else read))


register.add_command(triage_command)
register.add_command(notice_command)


def _write(file: Path, form: str | None, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """A new file: what a person may have filled in is never written over."""
    form = form or file.suffix.lower().removeprefix(".")
    if form not in ("xlsx", "csv") or file.suffix.lower() != f".{form}":
        raise click.UsageError(f"{file}: name a .{form if form in ('xlsx', 'csv') else 'xlsx or .csv'} file")
    if file.exists():
        raise ConfigError(f"{file} already exists and may contain your entries; name another file")
    if form == "csv":
        with file.open("w", encoding="utf-8", newline="") as sheet:
            sheet.writelines(write_csv(columns, rows))
    else:
        write_xlsx(file, columns, rows, (EXPLANATIONS,), entry_of())
    click.echo(f"Written: {file}", err=True)
