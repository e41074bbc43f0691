"""Assets, findings, matches and register rows made by hand, for judging without any media."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from scanner.judge.policy import Register, Setting, judge, load_policy
from scanner.judge.register.register_file import RegisterFile
from scanner.judge.register.row import Row, row_of
from scanner.model import (
    Asset,
    Category,
    Claim,
    Digest,
    Examination,
    Finding,
    Kind,
    Match,
    MediaFacts,
    Outcome,
    Strength,
    Verdict,
)
from scanner.records.upgrade import read_comparison, read_facts, read_place

NETFLIX, APA = load_policy("netflix-2025"), load_policy("apa-documentary")
HASH = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
DAY = date(2026, 11, 22)
OLD = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e9)

APPROVED = {
    "status": "approved", "approved_by": "A. Approver", "date_approved": "2026-06-01", "approval_ref": "doc-1",
    "scope_temp_or_final": "final",
}  # fmt: skip


def still(
    path: str = "art/poster.png", category: Category = Category.ARTWORK, digest: str = HASH, **more: Any
) -> Examination:
    given = {"root": "EP101", "kind": Kind.IMAGE, "media_type": "image/png", "mtime_ns": OLD, "size": 1, **more}
    asset = Asset(path=path, location="", category=category, **given)
    return Examination(asset=asset, digest=Digest(algorithm="xxh3-128", value=digest) if digest else None)


def film(
    path: str = "master/EP101.mov", *, rate: str = "24/1", start: str = "00:00:00:00", seconds: float = 60.0,
    category: Category = Category.FINAL_PICTURE, digest: str = OTHER,
) -> Examination:  # fmt: skip
    asset = Asset(
        path=path, root="EP101", location="", kind=Kind.VIDEO, media_type="video/quicktime", size=1, mtime_ns=OLD,
        category=category,
    )  # fmt: skip
    media = MediaFacts(rate=rate, timecode=start, duration=seconds)
    return Examination(asset=asset, media=media, digest=Digest(algorithm="xxh3-128", value=digest))


def finding(
    claim: Claim = Claim.GENERATED, strength: Strength = Strength.STRUCTURED, at: Any = None, name: str = "a" * 16
) -> Finding:
    return Finding(
        id=name, rule="r", tool="Midjourney", vendor=None, claim=claim, strength=strength, evidence=("e1",),
        text="made",
        at=read_place(at), rules=("r",),
    )  # fmt: skip


def match(role: str = "archival", relation: str = "reframed", **more: Any) -> Match:
    more["at"] = read_place(more.get("at"), more.pop("region", None))
    more["facts"] = read_facts(more.get("facts", {}))
    more["alteration"] = read_comparison(more.get("alteration"))
    return Match(
        reference=more.pop("reference", "FAM-014"), role=role, relation=relation, score=120, threshold=15, **more
    )


def altered(area: float = 31.0, *regions: tuple[float, float, float, float]) -> dict[str, Any]:
    return {"judged": True, "area_percent": area, "regions": [dict(zip("xywh", box, strict=True)) for box in regions]}


def row(number: int = 2, **cells: str) -> Row:
    given = {
        "entry_id": f"AI-{number}", "tool": "Midjourney", "use_case": "other", "generated_or_altered": "generated",
        "status": "informed", **cells,
    }  # fmt: skip
    return row_of("register.csv", number, given)[0]


def register(*rows: Row, **more: Any) -> Register:
    return Register((RegisterFile(name="register.csv", digest="00", rows=rows, **more),))


def judged(
    seen: Examination, *findings: Finding, rows: tuple[Row, ...] = (), matches: tuple[Match, ...] = (),
    policy: Any = NETFLIX,
    genre: str = "documentary", **more: Any,
) -> Verdict:  # fmt: skip
    setting = Setting(genre=genre, day=DAY)
    return judge(seen, findings, policy, matches=matches, register=register(*rows), setting=setting, **more)


def outcome(*given: Any, **more: Any) -> Outcome:
    return judged(*given, **more).outcome
