"""A job of the desk: the deliveries, how they are scanned and judged, and where its documents are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from media.errors import ConfigError
from scanner.discover.roots import refuse_inside
from scanner.provenance import lies_in_its_delivery

__all__ = ["DeskJob", "ScanChoices", "job_from_json", "job_to_json", "refuse_own_delivery"]

_SCHEMA: Final = "provscan/desk-job/1"
_JUDGED_BY: Final = ("policy", "use", "territory", "register", "waivers", "genre", "delivery_date", "library")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanChoices:
    """What a person chose for a scan: the settings of `Config` of the same names, as text."""

    policy: tuple[str, ...] = ()
    genre: str = ""
    delivery_date: str = ""
    use: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    register: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    trust_anchors: tuple[str, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    """Ordered (glob, category) pairs."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    marks: str = ""
    watermarks: tuple[str, ...] = ()
    matching: str = ""
    frames: str = ""
    formats: tuple[str, ...] = ("html",)
    """Report formats that are written into the output folder."""
    about: tuple[tuple[str, str], ...] = ()
    """(name of `records.summary.ABOUT`, words) pairs."""
    redact: bool = False
    """Whether prompts, names and other private text are removed from every page and document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskJob:
    """One delivery, or several that are judged together, on its way to a signed report."""

    id: str
    """16 hexadecimal digits, drawn at random."""
    version: int
    """Raised by one each time that the job is saved: a page that was made from an earlier one is out of date."""
    made: str
    """UTC, ISO 8601."""
    paths: tuple[str, ...]
    """The deliveries: absolute. Nothing is written there."""
    scanned: str
    """Folder of the scan's own records and pictures. It is never redacted, so that decisions can be judged again."""
    out: str
    """Folder of the reports for others, of the waivers and of the register of this job."""
    choices: ScanChoices = field(default_factory=ScanChoices)

    @property
    def name(self) -> str:
        """What a person calls it: the names of its deliveries; of a run that was opened, of its folder."""
        return ", ".join(Path(path).name or path for path in self.paths) or Path(self.scanned).name

    @property
    def records(self) -> Path:
        """`records.jsonl` as the scan wrote it."""
        return Path(self.scanned, "records.jsonl")

    @property
    def pictures(self) -> Path:
        """Folder of the pictures that the scan drew."""
        return Path(self.scanned, "pictures")

    @property
    def decided(self) -> Path:
        """Folder of the records judged again with the decisions of this job; absent until the first decision."""
        return Path(self.out, "decided")

    @property
    def latest(self) -> Path:
        """`records.jsonl` that holds now: judged again with the decisions, or else the scan's."""
        judged = self.decided / "records.jsonl"
        return judged if judged.is_file() else self.records

    @property
    def is_scanned(self) -> bool:
        """Whether a scan has ended and left its records and their summary."""
        return self.records.is_file() and self.records.with_name("summary.json").is_file()

    @property
    def judged_by(self) -> dict[str, str | tuple[str, ...]]:
        """The settings that judging this job takes, by their names in `Config`; what is not set is left out. Decisions
        and register rows that were written at the desk are among them."""
        chosen = {name: getattr(self.choices, name) for name in _JUDGED_BY}
        for name, path in (("waivers", self.waivers_file), ("register", self.register_file)):
            if path.is_file():
                chosen[name] = (*chosen[name], str(path))
        return {name: value for name, value in chosen.items() if value}

    @property
    def waivers_file(self) -> Path:
        """The decisions of this job as a list of waivers (TOML)."""
        return Path(self.out, "waivers.toml")

    @property
    def register_file(self) -> Path:
        """The rows of this job's register of AI uses (CSV)."""
        return Path(self.out, "register.csv")


def refuse_own_delivery(job: DeskJob) -> None:
    """Raise `ConfigError` where the output folder of a job is inside its delivery; of a run that was opened, inside the
    delivery that its records describe."""
    refuse_inside([*map(Path, job.paths)], {"output folder": Path(job.out)})
    if not job.paths and job.records.is_file() and lies_in_its_delivery(job.records, Path(job.out)):
        raise ConfigError(
            f"output folder {job.out} is inside the delivery that {job.records} describes, and nothing is written"
            " beside media; choose another output folder on the page Choose"
        )


def job_to_json(job: DeskJob) -> str:
    """The job as its file holds it."""
    return json.dumps({"schema": _SCHEMA, **asdict(job)}, indent=1) + "\n"


def job_from_json(text: str, place: str) -> DeskJob:
    """The job that a file holds; keys of later versions are left out. `ConfigError` names `place`."""
    try:
        stored = json.loads(text)
        chosen = stored["choices"]
        known = {one.name for one in fields(ScanChoices)}
        choices = ScanChoices(**{name: _frozen(name, value) for name, value in chosen.items() if name in known})
        return DeskJob(
            id=str(stored["id"]),
            version=int(stored["version"]),
            made=str(stored["made"]),
            paths=tuple(map(str, stored["paths"])),
            scanned=str(stored["scanned"]),
            out=str(stored["out"]),
            choices=choices,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{place}: not a job of the desk: {error}") from error


def _frozen(name: str, value: Any) -> Any:
    """Lists of JSON as tuples of text."""
    if isinstance(value, Mapping):
        raise TypeError(name)
    if isinstance(value, list):
        return tuple(tuple(map(str, one)) if isinstance(one, list) else str(one) for one in value)
    return value
