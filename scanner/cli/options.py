"""Options that several commands share, and settings from flags."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from media.work import EXECUTORS
from media.work.share import LEAST
from scanner.cli.terminal import PROGRESS
from scanner.config import CHOICES, FILES, parse_categories, parse_date, parse_territory
from scanner.model import Category
from scanner.records.summary import ABOUT
from scanner.reports import REPORTS
from scanner.reports.csv import SEPARATORS
from scanner.reports.wording import inert
from scanner.settings import Settings, load_settings

__all__ = [
    "FORMATS",
    "about_option",
    "comparing_options",
    "config_option",
    "judging_options",
    "library_option",
    "output_options",
    "policy_option",
    "refuse_binary",
    "rules_option",
    "scanning_options",
    "scheduler_option",
    "separator_option",
    "settings_of",
]

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = tuple(report.name for report in REPORTS)


def _file() -> click.Path:
    return click.Path(exists=True, dir_okay=False, path_type=Path)


policy_option = click.option(
    "--policy",
    multiple=True,
    metavar="NAME|FILE",
    help="Policy to judge by: a built-in name or a TOML file; may be repeated, all are applied. [neutral]",
)
rules_option = click.option(
    "--rules",
    multiple=True,
    type=_file(),
    help="File of marker rules that extend or override the built-in ones. [built-in rules]",
)

config_option = click.option(
    "--config",
    "config_file",
    type=_file(),
    help="Settings file to read. [provscan.toml in the current folder or above it, never in the delivery]",
)

separator_option = click.option(
    "--csv-separator",
    "separator",
    type=click.Choice(tuple(SEPARATORS)),
    default="comma",
    help="Separator of CSV reports; Excel wants `semicolon` where a comma is the decimal sign. [comma]",
)
scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Address of a Dask scheduler. Dask's protocol is unauthenticated and unpickles what"
    " it receives: use tls://ADDRESS with Dask's TLS settings. [one is started on this machine]",
)


class _About(click.ParamType[tuple[str, str]]):
    """A pair of a known name and any words."""

    name = "about"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, words = str(value).partition("=")
        if not equals or name.lower() not in ABOUT:
            self.fail(f"{value!r} is not NAME=WORDS with a name of {', '.join(ABOUT)}", param, ctx)
        return name.lower(), words.strip()


about_option = click.option(
    "--about",
    multiple=True,
    metavar="NAME=WORDS",
    type=_About(),
    help=f"What the PDF report states of the delivery: {', '.join(ABOUT)}; may be repeated. [not stated]",
)


def judging_options(function: F) -> F:
    """`--policy --register --waivers --genre --use --territory --delivery-date --rules --fail-on --config`."""
    return _all(
        policy_option,
        click.option(
            "--register",
            multiple=True,
            type=_file(),
            help="Register of AI uses, shot disclosure map or HPF declaration: CSV, XLSX or JSON. [none]",
        ),
        click.option("--waivers", multiple=True, type=_file(), help="List of waivers: TOML, CSV or XLSX. [none]"),
        click.option(
            "--genre",
            type=click.Choice(CHOICES["genre"]),
            help="Genre of the programme. [none: the rules of all genres]",
        ),
        click.option(
            "--use",
            multiple=True,
            type=click.Choice(CHOICES["use"]),
            help="Intended use of the delivery; licences are checked for it. [none: not checked]",
        ),
        click.option(
            "--territory",
            multiple=True,
            metavar="CODE",
            help="Territory of the intended use: `world`, or a code such as GB. [none: not checked]",
        ),
        click.option(
            "--delivery-date", metavar="DATE", help="Day on which approvals and licences must be valid. [today]"
        ),
        rules_option,
        click.option(
            "--fail-on",
            type=click.Choice(CHOICES["fail_on"]),
            help="Exit with code 1 if any outcome is at least this severe. [issue]",
        ),
        config_option,
    )(function)


def library_option(meaning: str) -> Callable[[F], F]:
    """`--library`, with its purpose."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("--library", multiple=True, type=folder, help=meaning)


def comparing_options(function: F) -> F:
    """`--library --sources --trust-anchors`."""
    return _all(
        library_option("Reference library to compare the media with (see provscan library). [none]"),
        click.option(
            "--sources",
            multiple=True,
            type=click.Path(exists=True, path_type=Path),
            help="Folder of temporary or generated material that must not appear in a final. [none]",
        ),
        click.option(
            "--trust-anchors",
            multiple=True,
            type=_file(),
            help="PEM file with the C2PA root certificates that you trust. [none: no signer is trusted]",
        ),
    )(function)


def scanning_options(function: F) -> F:
    """What a scan looks for, in which files, by which means: `--category` to `--retry`."""
    return _all(
        click.option(
            "--category",
            multiple=True,
            metavar="GLOB=CATEGORY",
            help=f"Category of the files that match: {', '.join(Category)}.",
        ),
        click.option("--include", multiple=True, metavar="GLOB", help="Scan only files that match. [all files]"),
        click.option("--exclude", multiple=True, metavar="GLOB", help="Skip files and folders that match. [none]"),
        comparing_options,
        click.option(
            "--matching", type=click.Choice(CHOICES["matching"]), help="Compare media with the references, or not. [on]"
        ),
        click.option(
            "--fps",
            type=click.IntRange(1, 60),
            help="Quick scan of programmes: compare this many frames a second, no sound. [all]",
        ),
        click.option(
            "--keyframes",
            "frames",
            flag_value="key",
            help="Quickest scan of programmes: compare key frames only, no sound.",
        ),
        click.option(
            "--digest", type=click.Choice(CHOICES["digest"]), help="How much of a file its digest covers. [auto]"
        ),
        click.option(
            "--marks",
            type=click.Choice(CHOICES["marks"]),
            help="Files whose pictures are searched for visible marks: labels, logos, preview marks, placeholder text"
            " (needs provscan[marks]). finals includes temporary material, ideation and VFX elements. [finals]",
        ),
        click.option(
            "--watermarks",
            multiple=True,
            type=click.Choice(CHOICES["watermarks"]),
            help="Category of pictures whose pixels are searched for open watermarks (slow). [none]",
        ),
        click.option("--jobs", type=click.IntRange(min=1), help="Number of worker processes. [one for each core]"),
        click.option(
            "--executor",
            type=click.Choice(EXECUTORS),
            help="Where the work runs; cannot be set in a settings file. [local]",
        ),
        scheduler_option,
        click.option("--cache", metavar="DIR", help="Folder of the examination cache. [the user's cache folder]"),
        click.option("--no-cache", is_flag=True, help="Do not read or write the examination cache."),
        click.option(
            "--rehash", is_flag=True, help="Read all content again, even if a file's size and time are unchanged."
        ),
        click.option("--retry", is_flag=True, help="Examine files again that crashed or timed out before."),
    )(function)


class _Size(click.ParamType[int]):
    """A number of bytes: `800M`, `2G`."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", str(value).strip(), re.IGNORECASE)
        if found is None:
            self.fail(f"{value!r} is not a size; write 800M or 2G", param, ctx)
        size = int(float(found[1]) * 1024 ** " kmgt".index(found[2].lower() or " "))
        if size < LEAST:
            self.fail(f"{value} is too little: at least {LEAST >> 20}M are needed", param, ctx)
        return size


def memory_option(lost: str) -> Callable[[F], F]:
    """`--memory SIZE`. `lost` is what becomes of a file that needs more."""
    return click.option(
        "--memory",
        type=_Size(),
        metavar="SIZE",
        help="Memory that the command and its workers may take together, as 2G. Less memory means fewer workers; a file"
        f" that needs more than a worker has is {lost}. [half of the machine's for each worker, 4G at most]",
    )


redact_option = click.option("--redact", is_flag=True, help="Remove prompts, names and other private text.")


def output_options(function: F) -> F:
    """`--out --format --csv-separator --about --redact --verbose`."""
    return _all(
        click.option(
            "--out",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for records.jsonl, summary.json and the reports. [none: a report on standard output]",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=click.Choice(FORMATS),
            help="Report format; may be repeated. [html with --out, else console]",
        ),
        separator_option,
        about_option,
        click.option("--redact", is_flag=True, help="Remove prompts, names and other private text from every output."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            help="Print the whole report: evidence, what was not checked, settings. [what fits on one screen]",
        ),
        click.option(
            "--progress",
            "shown",
            type=click.Choice(PROGRESS),
            default="auto",
            help="Progress on standard error: a bar on a terminal, JSON lines for programs, or none. [auto]",
        ),
    )(function)


def refuse_binary(out: Path | None, formats: Sequence[str]) -> None:
    """Raise `UsageError` where a binary report would be printed on a terminal."""
    names = [report.name for report in REPORTS if report.binary and report.name in formats]
    if out is None and names and sys.stdout.isatty():
        raise click.UsageError(f"--format {names[0]} is not text; name where to write it with --out")


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    return lambda function: reduce(lambda inner, option: option(inner), reversed(options), function)


def settings_of(
    inspected: Sequence[Path], config_file: Path | None, flags: dict[str, Any], before: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of a command for the paths that it inspects: of a run `before` or defaults, files, environment,
    flags. Files that were not read are named on standard error. Raises `ConfigError`."""
    if pairs := flags.pop("category", ()):
        flags["categories"] = parse_categories(
            "--category", (tuple(pair.rsplit("=", 1)) for pair in pairs if "=" in pair)
        )
        if len(flags["categories"]) != len(pairs):
            raise click.UsageError("--category takes GLOB=CATEGORY, such as '03_Art/**=artwork'")
    if flags.get("delivery_date"):
        flags["delivery_date"] = parse_date("--delivery-date", flags["delivery_date"])
    flags["territory"] = parse_territory("--territory", flags.get("territory", ()))
    for key in FILES:
        flags[key] = tuple(str(path) for path in flags.get(key, ()))
    settings = load_settings(inspected, file=config_file, flags=flags, environ=os.environ, before=before)
    for one in settings.origins.not_read:
        click.echo(f"provscan: {inert(one.hint)}", err=True)
    return settings
