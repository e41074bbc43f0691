"""The worked decisions: how a line of `tests/decisions/*.csv` becomes a file, its marker, and rows of a register.

`register` holds rows separated by ` + `. A row begins with `approved`, `informed`, `submitted`, `draft`, `rejected` or
`withdrawn`, and states behind ` | ` in which cells it differs from a complete one; `no COLUMN` takes a column away.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from scanner.discover.categories import use_of
from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import Policy, Register, Setting, load_policies
from scanner.judge.register.register_file import RegisterFile
from scanner.judge.register.row import Row, row_of
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Digest, Evidence, Examination, Kind, Match, MediaFacts, Record
from scanner.records.upgrade import read_comparison, read_facts, read_place

__all__ = ["COLUMNS", "FOLDER", "MARKERS", "Decision", "decisions", "judged", "rows_of"]

FOLDER = Path(__file__).parent
COLUMNS = ("case", "kind", "policy", "genre", "folder", "marker", "register", "expected", "why")
DAY = date(2026, 11, 22)
SETTINGS = (
    "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: example, Version: v1.10.1"
)
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"

APPROVED: Mapping[str, str] = {
    "entry_id": "AI-1", "tool": "the tool", "model_version": "2.1", "vendor": "its vendor", "licence_tier": "Enterprise",
    "trains_on_inputs": "n", "inputs_used": "none", "use_case": "other", "generated_or_altered": "generated",
    "date_generated": "2026-05-01", "status": "approved", "informed_to": "the contact", "date_informed": "2026-03-01",
    "approved_by": "N. Approver", "approver_role": "commissioner's legal department", "date_approved": "2026-04-01",
    "approval_ref": "LTR-7", "scope_temp_or_final": "final",
}  # fmt: skip
"""A complete row: informed before, approved before generation, for the final."""
_OF_APPROVAL = ("approved_by", "approver_role", "date_approved", "approval_ref", "scope_temp_or_final")
_STATUSES = ("approved", "informed", "submitted", "draft", "rejected", "withdrawn")

MARKERS: Mapping[str, tuple[Evidence, ...]] = {
    "none": (),
    "generator's parameters": (Evidence(reader="png-text", key="parameters", value=SETTINGS, where="tEXt parameters"),),
    "IPTC: made by AI": (
        Evidence(
            reader="xmp",
            key="Iptc4xmpExt:DigitalSourceType",
            value=f"{SOURCE_TYPE}trainedAlgorithmicMedia",
            where="XMP",
        ),
    ),
    "IPTC: composite with AI": (
        Evidence(
            reader="xmp",
            key="Iptc4xmpExt:DigitalSourceType",
            value=f"{SOURCE_TYPE}compositeWithTrainedAlgorithmicMedia",
            where="XMP",
        ),
    ),
    "Software: Midjourney v7": (Evidence(reader="exif", key="Software", value="Midjourney v7", where="IFD0"),),
    "Software: Adobe Photoshop": (Evidence(reader="exif", key="Software", value="Adobe Photoshop 25.0", where="IFD0"),),
}
"""What a file states of itself, by the name that the tables give it."""


@dataclass(frozen=True)
class Decision:
    """One line of a table."""

    file: str
    case: str
    kind: str
    policy: str
    genre: str
    folder: str
    marker: str
    register: str
    expected: tuple[str, ...]
    why: str
    matches: tuple[Match, ...] = field(default=())

    @property
    def asset(self) -> Asset:
        """The file in its folder: a picture, or a programme where the marker says so."""
        is_film = self.marker.startswith("film")
        name = f"{self.folder}/{self.case}.{'mov' if is_film else 'png'}".lstrip("/")
        kind, media_type = (Kind.VIDEO, "video/quicktime") if is_film else (Kind.IMAGE, "image/png")
        use = use_of(name, kind, "EP101", ())
        return Asset(
            path=name,
            root="EP101",
            location="",
            kind=kind,
            media_type=media_type,
            size=1,
            mtime_ns=0,
            category=use.category,
            disputed=use.disputed,
        )

    @property
    def digest(self) -> str:
        """Of its content."""
        return hashlib.md5(self.case.encode()).hexdigest()


def decisions() -> Iterator[Decision]:
    """Every line of every table."""
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as table:
            for line in csv.DictReader(table):
                assert set(line) == set(COLUMNS), path.name
                expected = tuple(word.strip() for word in line["expected"].split(" or "))
                yield Decision(path.stem, *(line[name] for name in COLUMNS[:7]), expected, line["why"])


def cells_of(said: str, digest: str, path: str, number: int) -> dict[str, str]:
    """The cells of one row as a table writes it."""
    status, *changes = (part.strip() for part in said.split(" | "))
    assert status in _STATUSES, said
    cells = {**APPROVED, "entry_id": f"AI-{number}", "content_digest": digest, "status": status}
    if status != "approved":
        cells.update(dict.fromkeys(_OF_APPROVAL, ""))
    for change in changes:
        if change.startswith("no "):
            cells.pop(change[3:])
            continue
        column, _, value = change.partition(":")
        cells[column.strip()] = value.strip().replace("THIS", path)
    return cells


def rows_of(decision: Decision, digest: str = "", path: str = "") -> Iterator[dict[str, str]]:
    """The register of a decision, as cells."""
    for number, said in enumerate(filter(None, decision.register.split(" + ")), 1):
        yield cells_of(said, digest or decision.digest, path or decision.asset.path, number)


def judged(decision: Decision) -> Record:
    """The decision made by the real rules, policy and judge, over evidence and matches made by hand."""
    told, *matches = decision.marker.split(" | ")
    is_film = told.startswith("film")
    evidence = () if is_film else MARKERS[told]
    seen = Examination(
        asset=decision.asset,
        digest=Digest(algorithm="xxh3-128", value=decision.digest),
        media=MediaFacts(rate="24/1", timecode="01:00:00:00", duration=60.0) if is_film else None,
        evidence=tuple(
            Evidence(reader=it.reader, key=it.key, value=it.value, where=it.where, facts=it.facts, id=f"e{n}")
            for n, it in enumerate(evidence, 1)
        ),
    )
    rows: list[Row] = [row_of("register.csv", n, cells)[0] for n, cells in enumerate(rows_of(decision), 2)]
    register = Register((RegisterFile(name="register.csv", digest="00", rows=tuple(rows)),)) if rows else Register()
    judgement = Judgement(
        engine(), policy_of(decision.policy), register=register, setting=Setting(genre=decision.genre, day=DAY)
    )
    known = tuple(map(match_of, matches))
    return next(iter(conclude(HeldExaminations([seen]), judgement, matched=lambda: [(seen, known)])))


def match_of(said: str) -> Match:
    """`archival, reframed, quality: scan, licence: L-1, altered: 31, at: 01:00:10:00-01:00:12:00`."""
    role, relation, *more = (part.strip() for part in said.split(","))
    facts = {"quality": "scan", "licence": "L-1"} if role in ("archival", "copyrighted") else {}
    alteration: dict[str, object] | None = None
    at: dict[str, object] | None = None
    reference = "FAM-014"
    for part in more:
        name, _, value = (word.strip() for word in part.partition(":"))
        if name == "altered":
            alteration = {"judged": True, "area_percent": float(value), "regions": []}
        elif name == "not judged":
            alteration = {"judged": False, "reason": "cannot judge"}
        elif name == "at":
            into, out = value.split("-")
            at = {"in": into, "out": out, "rate": "24/1"}
        elif name == "reference":
            reference = value
        elif value:
            facts[name] = value
        else:
            facts.pop(name.removeprefix("no "), None)
    return Match(
        reference=reference,
        role=role,
        relation=relation,
        score=120,
        threshold=15,
        alteration=read_comparison(alteration),
        at=read_place(at),
        facts=read_facts(facts),
    )


@cache
def policy_of(named: str) -> Policy:
    """The policy that a table names; several with ` + ` between them."""
    return load_policies(named.split(" + "))


@cache
def engine() -> Engine:
    """The built-in rules."""
    return Engine(load_rules())
