"""A small constant run that has every case a report must show. Hand-made; no file stands behind it."""

from __future__ import annotations

from scanner.match_ids import match_id
from scanner.model import (
    Action,
    Asset,
    Box,
    Category,
    Claim,
    CutFacts,
    Digest,
    Evidence,
    Examination,
    Finding,
    Frames,
    Kind,
    Look,
    LookStatus,
    Match,
    MatchFacts,
    MediaFacts,
    Outcome,
    Place,
    Problem,
    Reason,
    Record,
    Says,
    Scan,
    Strength,
    Verdict,
)
from scanner.records.summary import Provenance, Summary, tally

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
ANSI = "\x1b[2J\x1b]0;owned\x07red[bold]"
OVERRIDE = "gpj\u202egnp.exe"
SURROGATE = "odd/na\udce9me-\udcff.png"

PROVENANCE = Provenance(
    tool="provscan 0.1.0",
    started="2026-11-22T18:30:00Z",
    roots=("EP101_delivery",),
    policy={"name": "netflix-2025", "title": "Netflix, generative AI guidance of August 2025", "digest": "9c1f22aa"},
    rules={"count": "148", "digest": "77b0e1c4"},
    versions={"c2pa": "0.38.0", "ffmpeg": "7.0.2", "pillow": "13.0.0"},
    settings={"verify_limit": "2 GB", "trust_anchors": "none"},
    given=(
        {"name": "fail_on", "value": "blocker", "from": "--fail-on"},
        {"name": "exclude", "value": f"**/{SCRIPT}{ANSI}", "from": f"../{FORMULA}{OVERRIDE}/provscan.toml"},
    ),
    not_read=("EP101_delivery/provscan.toml", f"EP101_delivery/{SCRIPT}{ANSI}/provscan.toml"),
    not_checked=(
        "No trust list was given: no signature counts as trusted.",
        "Remote manifests were not fetched: the run was offline.",
    ),
    register={
        "files": [{"name": "register.csv", "digest": "sha256:00"}],
        "rows": 3,
        "states": {"found": 1, "no marker found": 1, "not in the delivery": 1},
        "declarations": [],
        "declared_not_found": [
            {"row": "AI-8", "file": "register.csv", "number": 3, "state": "no marker found", "where": "art/slate.png"},
            {"row": f"{FORMULA}{ANSI}", "file": "register.csv", "number": 4, "state": "not in the delivery",
             "where": f"art/{SCRIPT}{OVERRIDE}.png"},
        ],
        "found_not_declared": {"count": 3, "first": [
            {"root": "EP101_delivery", "path": "art/keyart_final.png", "finding": "f0000", "found": "generated"},
            {"root": "EP101_delivery", "path": f"art/{SCRIPT}{ANSI}.png", "finding": FORMULA, "found": "possible"},
        ]},
        "contradictions": {"count": 1, "first": [
            {"root": "EP101_delivery", "path": "vfx/sh010/sh010_comp.%04d.exr", "finding": "f2", "found": "enhanced",
             "declared": "hpf.json declares no_ai"},
        ]},
        "faults": [f"register.csv, row 5, status: '{FORMULA}' is not one of draft, approved"],
        "unknown_columns": [],
    },
    waivers={
        "files": [{"name": "waivers.toml", "digest": "sha256:00"}],
        "waivers": 2,
        "states": {"in use": 1, "stale": 1, "not met": 0, "expired": 0},
        "not_in_use": [{"file": "waivers.toml", "number": 2, "finding": SCRIPT, "state": "stale"}],
        "faults": [],
    },
)  # fmt: skip

_NO_APPROVAL = {
    "rule": "netflix.generated-in-final",
    "text": "AI-generated material in a final category, and no written approval is on file.",
    "remedy": "A register row with the approval's reference, or a file without AI-generated material.",
}
_LOOKS = (
    Look(by="c2pa", version=1, status=LookStatus.FOUND),
    Look(by="exif", version=1, status=LookStatus.NOTHING),
    Look(by="riff", version=1, status=LookStatus.NOT_DEFINED),
)


def asset(path: str, kind: Kind = Kind.IMAGE, media_type: str = "image/png", **more) -> Asset:
    given = {"category": Category.ARTWORK, "size": 3_145_728, **more}
    return Asset(
        path=path, root="EP101_delivery", location="/nowhere", kind=kind, media_type=media_type, mtime_ns=1, **given
    )


def finding(name: str, rule: str, claim: Claim, strength: Strength, *evidence: str, **more) -> Finding:
    given = {"tool": None, "vendor": None, "text": "", **more}
    return Finding(id=name, rule=rule, claim=claim, strength=strength, evidence=evidence, rules=(rule,), **given)


def quiet(path: str, **more) -> Record:
    """A file that passes and says nothing."""
    seen = Examination(asset=asset(path, **more), looks=_LOOKS[1:])
    return Record(examination=seen, verdict=Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE))


def stopped(path: str, number: int = 0) -> Record:
    """A blocker: a generated picture in a final category."""
    words = "a lighthouse at dusk, 35mm\nNegative prompt: text\nSteps: 30, Sampler: Euler a, Model: sd_xl_base_1.0"
    seen = Examination(
        asset=asset(path),
        digest=Digest(algorithm="xxh3-128", value="00ff"),
        media=MediaFacts(width=1920, height=1080),
        evidence=(
            Evidence(reader="png-text", key="parameters", value=words, where="tEXt @ 41", id="e1"),
            Evidence(reader="exif", key="UserComment", value=words, where="eXIf @ 911, Exif 0x9286", id="e2"),
        ),
        looks=_LOOKS,
    )
    one = finding(
        f"f{number:04}",
        "a1111.parameters",
        Claim.GENERATED,
        Strength.STRUCTURED,
        "e1",
        "e2",
        tool="Stable Diffusion WebUI",
        model="sd_xl_base_1.0",
        text="The settings of a picture made by Stable Diffusion WebUI.",
    )
    reason = Reason(outcome=Outcome.BLOCKER, because=(one.id,), **_NO_APPROVAL)
    verdict = Verdict(
        outcome=Outcome.BLOCKER, scan=Scan.COMPLETE, actions=(Action.WRITTEN_APPROVAL,), reasons=(reason,)
    )
    return Record(examination=seen, findings=(one,), verdict=verdict)


def _signed_clip() -> Record:
    seen = Examination(
        asset=asset(
            "picture/EP101_v03.mov", Kind.VIDEO, "video/quicktime", category=Category.FINAL_PICTURE, size=84_000_000_000
        ),
        media=MediaFacts(
            width=3840, height=2160, duration=3161.4, rate="24000/1001", timecode="01:00:00:00", codecs=("prores",)
        ),
        evidence=(
            Evidence(
                reader="c2pa",
                key="actions.digitalSourceType",
                value="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
                where="uuid @ 32, manifest 1 of 2, c2pa.actions.v2[0]",
                id="e1",
            ),
        ),
        looks=_LOOKS,
    )
    one = finding(
        "f1",
        "c2pa.trained-algorithmic-media",
        Claim.CONTAINS,
        Strength.SIGNED,
        "e1",
        tool="Sora",
        vendor="OpenAI",
        version="2",
        text="A source clip was made by Sora, says its signed manifest.",
        at=Place(labels=("01:00:28:10", "01:00:31:02"), frames=((682, 746),), rate="24000/1001"),
    )
    match = Match(
        reference="ARC-014",
        role="archival",
        relation="reframed",
        score=212,
        threshold=15,
        at=Place(
            labels=("01:12:00:00", "01:12:03:00"),
            frames=((17280, 17352),),
            rate="24000/1001",
            box=Box(0, 12.5, 100, 75),
        ),
        flip=True,
        facts=MatchFacts(
            cut=CutFacts(
                timeline="edit/EP101_v03.edl",
                says=Says.OTHER,
                clip=f"A003C002{SCRIPT}{ANSI}",
                source_in="14:02:03:04",
            )
        ),
    )
    reasons = (
        Reason(
            rule="netflix.contains-in-final",
            outcome=Outcome.ISSUE,
            because=("f1",),
            text="AI-made material is placed inside a final programme.",
            remedy="A register row that covers the frames.",
            register="AI-7",
            binding="place",
        ),
        Reason(
            rule="netflix.altered-archival-fiction",
            outcome=Outcome.FYI,
            because=(match_id(match),),
            text="An archival picture differs from its source.",
            remedy="Check that the change is meant.",
            waiver=f"creative intent: flipped for the cut {SCRIPT}{ANSI} – Q. Operator (QC), 2026-11-01",
        ),
        Reason(outcome=Outcome.BLOCKER, because=("f1",), **_NO_APPROVAL),
    )
    actions = (Action.WRITTEN_APPROVAL, Action.DISCLOSE)
    verdict = Verdict(outcome=Outcome.BLOCKER, scan=Scan.COMPLETE, actions=actions, reasons=reasons)
    return Record(examination=seen, findings=(one,), matches=(match,), verdict=verdict)


def _sequence() -> Record:
    seen = Examination(
        asset=asset(
            "vfx/sh010/sh010_comp.%04d.exr",
            media_type="image/x-exr",
            category=Category.VFX_ELEMENT,
            size=912_000_000,
            frames=Frames(ranges=((1001, 1006), (1008, 1024)), missing=((1007, 1007),)),
        ),
        media=MediaFacts(width=2048, height=1152),
        evidence=(
            Evidence(
                reader="exr", key="software", value="Topaz Video AI 5", where="attribute software", id="e1",
                frames=((1010, 1012),),
            ),
        ),
        looks=_LOOKS[1:],
    )  # fmt: skip
    one = finding(
        "f2", "topaz.software", Claim.ENHANCED, Strength.HEURISTIC, "e1", tool="Video AI", vendor="Topaz Labs",
        text="The file names Topaz Video AI.", at=Place(frames=((1010, 1013), (1020, 1021)), is_numbered=True),
    )  # fmt: skip
    reason = Reason(
        rule="netflix.enhanced", outcome=Outcome.FYI, because=("f2",), text="AI-enhanced material, content kept.",
        remedy="A register row that names the shot.",
    )  # fmt: skip
    verdict = Verdict(outcome=Outcome.FYI, scan=Scan.COMPLETE, actions=(Action.INFORM,), reasons=(reason,))
    return Record(examination=seen, findings=(one,), verdict=verdict)


def _broken() -> Record:
    said = Problem(code="malformed", stage="examine", by="isobmff", message="box moov declares 4294967295 bytes at 40")
    also = Problem(code="timed-out", stage="examine", by="container", message="no answer in 20 s", blocking=False)
    reason = Reason(
        rule="netflix.not-inspected",
        outcome=Outcome.ISSUE,
        because=(),
        text=f"The file could not be inspected, so nothing can be said of it. ({said.by}: {said.message})",
        remedy="Supply the file again, whole.",
    )
    seen = Examination(
        asset=asset("promo/teaser_30s.mp4", Kind.VIDEO, "video/mp4", category=Category.PROMO, size=12_400_000),
        looks=(Look(by="isobmff", version=1, status=LookStatus.FAILED),),
        problems=(said, also),
    )
    verdict = Verdict(
        outcome=Outcome.ISSUE, scan=Scan.INCOMPLETE, actions=(Action.FIX, Action.REVIEW), reasons=(reason,)
    )
    return Record(examination=seen, verdict=verdict)


def _hostile() -> Record:
    """Every string that a file or a rule could bring is an attack on some medium."""
    nasty = f"{FORMULA}{SCRIPT}{ANSI}{OVERRIDE}]]>\"'--"
    seen = Examination(
        asset=asset(f"art/{SCRIPT}{ANSI}{OVERRIDE}.png", media_type="image/png", category=Category.PROMO, size=12),
        evidence=(
            Evidence(reader="xmp", key=FORMULA, value=nasty + "A" * 10_000, where=SCRIPT, id="e1", facts={"x": nasty}),
        ),
        problems=(
            Problem(code="tool-failed", stage="examine", by=SCRIPT, message=FORMULA + nasty, blocking=False),
        ),
    )  # fmt: skip
    one = finding(
        FORMULA, "@rule", Claim.POSSIBLE, Strength.HEURISTIC, "e1", "gone", tool=f"+{SCRIPT}", vendor=ANSI,
        model=FORMULA, version=OVERRIDE, text=nasty,
    )  # fmt: skip
    reason = Reason(
        rule="-rule", outcome=Outcome.ISSUE, because=(FORMULA,), text=nasty, remedy=FORMULA, register=SCRIPT
    )
    verdict = Verdict(outcome=Outcome.ISSUE, scan=Scan.COMPLETE, actions=(Action.REVIEW,), reasons=(reason,))
    return Record(examination=seen, findings=(one,), verdict=verdict)


def _photograph() -> Record:
    seen = Examination(
        asset=asset("archival/harbour_1986.jpg", media_type="image/jpeg", category=Category.ARCHIVAL),
        evidence=(
            Evidence(reader="c2pa", key="actions.action", value="digitalCapture", where="manifest 1", id="e1"),
        ),
        looks=_LOOKS,
    )  # fmt: skip
    one = finding("f3", "c2pa.capture", Claim.CAPTURED, Strength.SIGNED, "e1", tool="Camera", vendor="Leica")
    return Record(examination=seen, findings=(one,), verdict=Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE))


def _unread() -> Record:
    seen = Examination(
        asset=asset(SURROGATE, Kind.UNKNOWN, "application/octet-stream", category=Category.UNCATEGORISED, size=999_600),
        problems=(Problem(code="unsupported", stage="examine", by="identify", message="no known signature"),),
    )
    return Record(examination=seen, verdict=Verdict(outcome=Outcome.FYI, scan=Scan.INCOMPLETE))


RECORDS: tuple[Record, ...] = (
    quiet("picture/slate.png"),
    stopped("art/keyart_final.png"),
    _signed_clip(),
    _hostile(),
    _sequence(),
    _broken(),
    _photograph(),
    _unread(),
    quiet("fonts/title.ttf", kind=Kind.INERT, media_type="font/ttf", category=Category.GRAPHICS, size=80_100),
)


def summed(records: tuple[Record, ...] = RECORDS, *, lost: int = 0) -> Summary:
    """The books of some records; `lost` were found and never written."""
    books = tally(records)
    books.found += lost
    return books.summary(PROVENANCE, fail_on=Outcome.ISSUE, seconds=12.34)
