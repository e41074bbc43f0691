"""The counts of a run: what `summary.json` holds and every report's foot prints. Pure.

The counts agree: assets found = records written = sum of outcomes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from media.identify import LITTER
from scanner.discover.roots import Root
from scanner.exit_codes import ExitCode
from scanner.judge.causes import settled_by
from scanner.model import Category, Kind, LookStatus, Outcome, Record, Scan

__all__ = ["ABOUT", "SCHEMA", "Provenance", "Seal", "Summary", "Tally", "exit_code"]

ABOUT = ("job", "title", "version", "operator")
"""What a user may state about a delivery, for the head of a signed report."""
SCHEMA = "provscan/summary/1"
_SHARED = 256
_USED = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)
"""Kinds that are judged by what they are used for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the run was made with: everything that another run needs to give the same result."""

    tool: str
    """`provscan 0.1.0`."""
    started: str
    """UTC, ISO 8601."""
    roots: tuple[str, ...]
    policy: Mapping[str, str]
    """name, title, source and digest, and whether somebody has `chosen` it: `yes` or `no`."""
    rules: Mapping[str, str]
    """count, digest."""
    versions: Mapping[str, str]
    """External tools and libraries: c2pa SDK, ffmpeg, …"""
    about: Mapping[str, str] = field(default_factory=dict)
    """The user's names for the delivery: `job`, `title`, `version`, `operator`; those that were given."""
    signed: Mapping[str, str] = field(default_factory=dict)
    """The sign-off at the desk: `decision`, `name`, `role`, `day`, `records` (their SHA-256) and `open`, what was open;
    empty where nobody signed. A typed name, no cryptographic signature."""
    policies: tuple[Mapping[str, str], ...] = ()
    """The same for each policy that judges, with the dates of its text and of its reading, and a `warning`."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Choices that change results: trust anchors with digests, verify limit, digest mode."""
    given: Sequence[Mapping[str, str]] = ()
    """Every setting that differs from its default: `name`, `value` and `from`, the flag, variable or file."""
    not_read: tuple[str, ...] = ()
    """Settings files in or above what was scanned, which did not configure its scan: `EP101/provscan.toml`."""
    library: Mapping[str, Any] | None = None
    """For each reference library, by the name of its folder: how many references, and a digest of their details."""
    register: Mapping[str, Any] | None = None
    """The register's files with digests, and which rows were not found; see `scanner.judge.policy.reconcile`."""
    waivers: Mapping[str, Any] | None = None
    not_checked: tuple[str, ...] = ()
    """Sentences: what this run could not look for, or was set not to look for."""
    empty_roots: tuple[str, ...] = ()
    """Scanned roots that hold no files, such as a volume that is not mounted: they make the scan incomplete."""
    warnings: tuple[str, ...] = ()
    """Sentences for the head of every report: a pattern that matches nothing, records without their summary."""

    @property
    def moment(self) -> datetime | None:
        """When the run was started; None where that is not known."""
        try:
            return datetime.fromisoformat(self.started)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """How `records.jsonl` is known to be whole and unchanged."""

    count: int
    """Number of its records."""
    sha256: str
    """SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts of one run, and what they were made with."""

    provenance: Provenance
    found: int
    outcomes: Mapping[Outcome, int]
    scans: Mapping[Scan, int]
    kinds: Mapping[Kind, int]
    categories: Mapping[str, int]
    claims: Mapping[str, int]
    actions: Mapping[str, int]
    tools: Mapping[str, int]
    readers: Mapping[str, Mapping[LookStatus, int]]
    frames: int
    """Files behind the assets: frames of sequences are counted one by one."""
    exit_code: ExitCode
    seconds: float = 0.0
    unrecognised: int = 0
    """Pictures, programmes and sounds whose use is stated by no folder's name and no setting."""
    causes: Mapping[Outcome, int] = field(default_factory=dict)
    """Causes of the issues and blockers: an AI-made shot in a master, its screener and three cuts is one cause."""
    seal: Seal | None = None
    """The seal of the records as they were written; None before that, and for a run whose summary holds none."""

    @property
    def balanced(self) -> bool:
        """Whether the counts agree."""
        return self.found == sum(self.outcomes.values()) == sum(self.scans.values())

    @property
    def worst(self) -> Outcome:
        """The worst outcome of any asset; `pass` where nothing was found at all."""
        return max(
            (outcome for outcome, count in self.outcomes.items() if count), key=lambda o: o.rank, default=Outcome.PASS
        )

    def to_json(self) -> dict[str, Any]:
        """The contents of `summary.json`."""
        made = self.provenance
        return {
            "schema": SCHEMA,
            "tool": made.tool,
            "started": made.started,
            "seconds": round(self.seconds, 3),
            "roots": list(made.roots),
            **({"about": dict(made.about)} if made.about else {}),
            **({"signed": dict(made.signed)} if made.signed else {}),
            "assets": {"found": self.found, "written": sum(self.outcomes.values()), "files": self.frames},
            **({"records": {"count": self.seal.count, "sha256": self.seal.sha256}} if self.seal else {}),
            "empty_roots": list(made.empty_roots),
            "warnings": list(made.warnings),
            "outcomes": dict(self.outcomes),
            "causes": dict(self.causes),
            "scan": dict(self.scans),
            "kinds": dict(self.kinds),
            "categories": dict(self.categories),
            "unrecognised": self.unrecognised,
            "claims": dict(self.claims),
            "actions": dict(self.actions),
            "tools": dict(self.tools),
            "readers": {name: dict(counts) for name, counts in self.readers.items()},
            "policy": dict(made.policy),
            "policies": [dict(one) for one in made.policies],
            "rules": dict(made.rules),
            "library": dict(made.library) if made.library else None,
            "register": dict(made.register) if made.register else None,
            **({"waivers": dict(made.waivers)} if made.waivers else {}),
            "versions": dict(made.versions),
            "settings": dict(made.settings),
            "settings_given": [dict(one) for one in made.given],
            "settings_not_read": list(made.not_read),
            "not_checked": list(made.not_checked),
            "exit_code": int(self.exit_code),
        }


class Tally:
    """Counts records as they pass. Whoever discovers the assets counts `found` separately."""

    def __init__(self) -> None:
        self.found = 0
        self.files = 0
        self._unrecognised = 0
        self.roots: set[str] = set()
        """Roots with a file that a person can have put there; desktops leave files of their own where a volume was
        mounted."""
        self._outcomes: Counter[Outcome] = Counter()
        self._scans: Counter[Scan] = Counter()
        self._kinds: Counter[Kind] = Counter()
        self._categories: Counter[str] = Counter()
        self._claims: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._tools: Counter[str] = Counter()
        self._causes: dict[Outcome, set[int]] = {Outcome.ISSUE: set(), Outcome.BLOCKER: set()}
        """What these come from, as hashes: a cause that is seen in many files is one."""
        self._readers: defaultdict[str, Counter[LookStatus]] = defaultdict(Counter)
        self._alike: dict[tuple[int, ...], list[Any]] = {}
        """Verdict, looks, kind and category, and how often they came together.

        Thousands of records share them: they are known by identity, and unfolded into the counts now and then.
        """

    def add(self, record: Record) -> None:
        """Count one record."""
        asset = record.examination.asset
        self.files += asset.frames.count if asset.frames else 1
        if asset.media_type != LITTER:
            self.roots.add(asset.root)
        if record.findings:
            self._claims.update({finding.claim.value for finding in record.findings})
            self._tools.update(sorted({finding.tool for finding in record.findings if finding.tool}))
        if (causes := self._causes.get(record.verdict.outcome)) is not None:
            causes.update(map(hash, settled_by(record)))
        alike = (record.verdict, record.examination.looks, asset.kind, asset.category)
        key = tuple(map(id, alike))
        shared = self._alike.get(key)
        if shared is not None:
            shared[1] += 1
            return
        if len(self._alike) >= _SHARED:
            self._unfold()
        self._alike[key] = [alike, 1]

    def empty(self, roots: Iterable[Root]) -> tuple[str, ...]:
        """The names of the scanned roots without any counted file."""
        return tuple(root.name for root in roots if root.name not in self.roots)

    def _unfold(self) -> None:
        for (verdict, looks, kind, category), times in self._alike.values():
            self._outcomes[verdict.outcome] += times
            self._scans[verdict.scan] += times
            self._kinds[kind] += times
            self._categories[category.value] += times
            self._unrecognised += times * (category is Category.UNCATEGORISED and kind in _USED)
            for action in verdict.actions:
                self._actions[action.value] += times
            for look in looks:
                self._readers[look.by][look.status] += times
        self._alike.clear()

    def summary(self, provenance: Provenance, *, fail_on: Outcome | None, seconds: float = 0.0) -> Summary:
        """The counts, when all records were added."""
        self._unfold()
        return Summary(
            provenance=provenance,
            found=self.found,
            outcomes={outcome: self._outcomes[outcome] for outcome in Outcome},
            scans={scan: self._scans[scan] for scan in Scan},
            kinds=dict(sorted(self._kinds.items())),
            categories=dict(sorted(self._categories.items())),
            claims=dict(sorted(self._claims.items())),
            actions=dict(sorted(self._actions.items())),
            tools=dict(self._tools.most_common()),
            readers=dict(sorted(self._readers.items())),
            frames=self.files,
            exit_code=exit_code(self._outcomes, self._scans, fail_on, provenance.empty_roots),
            seconds=seconds,
            unrecognised=self._unrecognised,
            causes={outcome: len(found) for outcome, found in self._causes.items()},
        )


def exit_code(
    outcomes: Mapping[Outcome, int],
    scans: Mapping[Scan, int],
    fail_on: Outcome | None,
    empty_roots: Collection[str] = (),
) -> ExitCode:
    """The exit code of the command line: 1 takes precedence over 3. Nothing found means nothing inspected, in one root
    or in all. `fail_on` None is `never`."""
    if fail_on is not None and any(count and outcome.rank >= fail_on.rank for outcome, count in outcomes.items()):
        return ExitCode.FOUND
    if fail_on is not None and (scans.get(Scan.INCOMPLETE) or not sum(scans.values()) or empty_roots):
        return ExitCode.INCOMPLETE
    return ExitCode.OK


def tally(records: Iterable[Record]) -> Tally:
    """Count all of a stored run's records; `found` is the number of records written."""
    books = Tally()
    for record in records:
        books.found += 1
        books.add(record)
    return books
