"""The wording that all reports share. Pure.

Rule: a report states what was looked for and what was seen, never more. Nothing found is *no marker found*. What files
state is printed so that it is harmless: see `inert`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from scanner.judge.policy.reconcile import describe_found, describe_register, describe_waivers
from scanner.model import Action, Claim, Look, LookStatus, Outcome, ProblemCode, Scan, Strength
from scanner.records.summary import Summary

__all__ = [
    "ACTIONS",
    "CLAIMS",
    "DEFINITIONS",
    "NOTHING",
    "NOT_INSPECTED",
    "OUTCOMES",
    "PROBLEMS",
    "STRENGTHS",
    "balance",
    "count",
    "headline",
    "headline_outcome",
    "inert",
    "inspected",
    "judged_by",
    "list_register_sentences",
    "list_waiver_sentences",
    "looked",
    "name_actions",
    "notes",
    "register_and_waivers",
    "register_books",
    "settings_given",
    "settings_not_read",
    "trim",
    "unchecked",
    "unrecognised",
    "waivers_books",
]

NOTHING: Final = "no marker found"
NOT_INSPECTED: Final = "could not be inspected"

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.BLOCKER: "Must be resolved before delivery.",
    Outcome.ISSUE: "Needs a decision or an approval before delivery.",
    Outcome.FYI: "No decision needed; for information.",
    Outcome.PASS: "Inspected; no finding that the policy acts on. This does not prove that no AI was used.",
}

CLAIMS: Final[Mapping[Claim, str]] = {
    Claim.GENERATED: "AI-generated",
    Claim.EDITED: "AI-edited",
    Claim.ENHANCED: "AI-enhanced",
    Claim.CONTAINS: "contains AI-made material",
    Claim.POSSIBLE: "possible AI use",
    Claim.CAPABLE: "made or saved by a tool that can use AI",
    Claim.PREVIEW_MARK: "preview mark of a library",
    Claim.PLACEHOLDER: "placeholder text",
    Claim.DECLARED_NOT_AI: "declared as made without AI (declaration only)",
    Claim.CAPTURED: "declared as captured (declaration only)",
}

STRENGTHS: Final[Mapping[Strength, str]] = {
    Strength.SIGNED: "signed, signer trusted",
    Strength.SIGNED_UNTRUSTED: "signed, signer or integrity not verified",
    Strength.STRUCTURED: "dedicated metadata field",
    Strength.VISIBLE: "visible in the picture",
    Strength.HEURISTIC: "tool name in a free-text field",
}

ACTIONS: Final[Mapping[Action, str]] = {
    Action.FIX: "repair or replace the file",
    Action.WRITTEN_APPROVAL: "get written approval",
    Action.CONSENT: "get the performer's written consent",
    Action.CLEARANCE: "clear the rights",
    Action.DISCLOSE: "disclose it to the audience",
    Action.INFORM: "inform the client",
    Action.REVIEW: "have a person review it and decide",
}

PROBLEMS: Final[Mapping[str, str]] = {
    ProblemCode.UNREADABLE: "cannot be opened or read",
    ProblemCode.MALFORMED: "is damaged or contradicts its format",
    ProblemCode.UNSUPPORTED: "has a format or variant that provscan does not read",
    ProblemCode.TOO_LARGE: "declares a size over the limit",
    ProblemCode.TOOL_FAILED: "could not be processed because a tool failed",
    ProblemCode.CRASHED: "could not be processed because the worker crashed",
    ProblemCode.TIMED_OUT: "exceeded the time limit",
    ProblemCode.OUT_OF_MEMORY: "exceeded the memory limit",
    ProblemCode.CANCELLED: "was not processed before the run was stopped",
    ProblemCode.BUG: "could not be processed because of an internal error in provscan",
}

DEFINITIONS: Final[tuple[tuple[str, str], ...]] = (
    *((outcome.value, OUTCOMES[outcome]) for outcome in reversed(Outcome)),
    (NOT_INSPECTED, "The file could not be read in full. Such a file never passes."),
    (
        NOTHING,
        "No statement about AI in any metadata or mark that provscan reads. Markers can be removed, or never written.",
    ),
    (CLAIMS[Claim.GENERATED], "The file declares that AI generated it."),
    (CLAIMS[Claim.EDITED], "The file declares that AI generated a part of it, or changed its content."),
    (CLAIMS[Claim.ENHANCED], "Upscaled, denoised or retimed by AI; the content was kept."),
    (CLAIMS[Claim.CONTAINS], "An ingredient or source clip inside it is AI-made."),
    (CLAIMS[Claim.POSSIBLE], "A name or trait that AI tools leave, but other tools may leave too."),
    (CLAIMS[Claim.CAPABLE], "The file names such a tool and does not state whether it used AI here."),
    (CLAIMS[Claim.PREVIEW_MARK], "A stock library or an archive lays its name over what is not licensed yet."),
    (CLAIMS[Claim.PLACEHOLDER], "Text of unfinished work: a shot name, a burnt-in timecode, TEMP, PREVIZ, a slate."),
    (STRENGTHS[Strength.SIGNED], "A valid signature, and the signer is on your trust list (--trust-anchors)."),
    (
        STRENGTHS[Strength.SIGNED_UNTRUSTED],
        "A manifest whose signer is not on your trust list, or whose signature is not valid.",
    ),
    (
        STRENGTHS[Strength.STRUCTURED],
        "A field that a standard or a vendor defines for this purpose, or the settings of a tool.",
    ),
    (STRENGTHS[Strength.VISIBLE], "A logo, a label or another mark, read in the picture itself."),
    (STRENGTHS[Strength.HEURISTIC], "The name of a tool in a field for any text."),
)

_NEVER: Final = (
    "Whether content looks or sounds AI-generated: provscan reads metadata and marks, and compares with references."
)

_KEPT: Final = frozenset("\u200c\u200d")
"""Joiners: words of several scripts, and many emoji, need them."""


def inert(text: str, *, keep: str = "") -> str:
    r"""The text with control characters, direction overrides, hidden tags and odd file-name bytes made visible.

    An undecodable byte becomes `\xNN`, everything else `\uNNNN`. Line breaks too, unless in `keep`.
    """
    if text.isprintable():  # then it has none of them
        return text
    return "".join(char if char in keep or not _acts(char) else _escape(ord(char)) for char in text)


def trim(value: str, limit: int) -> str:
    """A value on one line: white space is collapsed, control characters are made visible, and a shortened value states
    its length."""
    head = " ".join(value[: limit * 2].split())
    if len(head) <= limit and len(value) <= limit * 2:
        return inert(head)
    return f"{inert(head[:limit])} … ({len(value):,} characters)"


def _acts(char: str) -> bool:
    return char not in _KEPT and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escape(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte of a file name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `1,204 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def name_actions(actions: Collection[str]) -> tuple[str, ...]:
    """Words of the vocabulary → plain words, in the order of `ACTIONS`."""
    return tuple(words for action, words in ACTIONS.items() if action.value in actions)


def headline(summary: Summary) -> str:
    """The verdict on the delivery, in one sentence."""
    written = sum(summary.outcomes.values())
    if not summary.balanced:
        return f"NOT READY: {count(summary.found, 'file')} found but {written:,} recorded; scan again"
    if not written:
        return "NOTHING INSPECTED: no files were found"
    unseen = summary.scans[Scan.INCOMPLETE]
    counts = [_count_outcome(summary, it) for it in (Outcome.BLOCKER, Outcome.ISSUE) if summary.outcomes[it]]
    tail = [f"{count(unseen, 'file')} {NOT_INSPECTED}"] * bool(unseen)
    tail += [f"{trim(root, 80)} contains no files" for root in summary.provenance.empty_roots]
    if counts or tail:
        return "NOT READY: " + "; ".join([", ".join(counts)] * bool(counts) + tail)
    if summary.outcomes[Outcome.FYI]:
        return f"NOTHING BLOCKS: {count(summary.outcomes[Outcome.FYI], 'file')} for information, {written:,} inspected"
    if summary.claims:
        return f"NOTHING TO SETTLE: {count(written, 'file')} inspected; the policy allows all findings"
    return f"NO MARKER FOUND: {count(written, 'file')} inspected"


def headline_outcome(summary: Summary) -> Outcome:
    """The outcome whose colour the headline has; a run whose counts disagree is blocked."""
    return summary.worst if summary.balanced else Outcome.BLOCKER


def _count_outcome(summary: Summary, outcome: Outcome) -> str:
    """`2 blockers`; `1 blocker in 6 files` where several files show the same, or one shows several."""
    files = summary.outcomes[outcome]
    causes = summary.causes.get(outcome) or files
    said = count(causes, outcome.value)
    return said if causes == files else f"{said} in {count(files, 'file')}"


def judged_by(summary: Summary) -> tuple[str, ...]:
    """The policy that judged the delivery, and whether nobody chose it; then the texts that are old."""
    made = summary.provenance
    name, title = (trim(made.policy.get(key, ""), 400) for key in ("name", "title"))
    if not name:
        return ("The policy is not known: summary.json is missing beside the records.",)
    said = f"Judged by policy {name}" + (f": {title}" if title else "")
    if made.policy.get("chosen") == "no":
        said += " (no policy was given: choose your commissioner's with --policy, see provscan policy list)"
    return (f"{said}.", *(trim(one["warning"], 400) for one in made.policies if "warning" in one))


def unrecognised(summary: Summary) -> str:
    """How many pictures, programmes and sounds have no known use; empty where all have one."""
    if not summary.unrecognised:
        return ""
    said = count(summary.unrecognised, "picture, programme or sound", "pictures, programmes and sounds")
    return f"Use not recognised: {said}; judged and compared as finals. List the folders with provscan categories."


def notes(summary: Summary) -> tuple[str, ...]:
    """The sentences below the verdict in a report's head: roots without files, files without a known use, and
    warnings."""
    empty = (f"{root} contains no files; check that its volume is mounted" for root in summary.provenance.empty_roots)
    unknown = filter(None, (unrecognised(summary),))
    return tuple(trim(said, 600) for said in (*empty, *unknown, *summary.provenance.warnings))


def balance(summary: Summary) -> str:
    """The counts: `found 42 = written 42 = 3 blocker + 2 issue + 4 fyi + 33 pass`."""
    parts = " + ".join(f"{summary.outcomes[outcome]:,} {outcome}" for outcome in reversed(Outcome))
    written = sum(summary.outcomes.values())
    return f"found {summary.found:,} {'=' if summary.balanced else '≠'} written {written:,} = {parts}"


def inspected(summary: Summary) -> str:
    """How many assets were inspected and how many were not, with the files behind the assets."""
    done, unseen = summary.scans[Scan.COMPLETE], summary.scans[Scan.INCOMPLETE]
    files = f" ({summary.frames:,} on disk: a frame sequence counts once)" if summary.frames != summary.found else ""
    return f"{done:,} inspected + {unseen:,} {NOT_INSPECTED} = {count(done + unseen, 'file')}{files}"


def looked(looks: Iterable[Look]) -> str:
    """Which readers looked, and their results: `c2pa found, exif nothing`."""
    seen = [look for look in looks if look.status is not LookStatus.NOT_DEFINED]
    return ", ".join(f"{look.by} {look.status.value}" for look in seen) or "no reader for this kind of file"


def settings_given(summary: Summary) -> tuple[str, ...]:
    """Every setting that differs from its default, and where it came from."""
    return tuple(
        trim(f"{one.get('name', '')} = {one.get('value', '')}, from {one.get('from', 'an unknown place')}", 400)
        for one in summary.provenance.given
    )


def settings_not_read(summary: Summary) -> tuple[str, ...]:
    """Settings files that did not configure this run, because they came with what it inspected."""
    return tuple(trim(place, 400) for place in summary.provenance.not_read)


def unchecked(summary: Summary) -> tuple[str, ...]:
    """What this run did not look for, and what no run looks for."""
    return (*summary.provenance.not_checked, _NEVER)


def register_books(summary: Summary) -> str:
    """Declared compared with found, in numbers; empty where no register was given."""
    told = summary.provenance.register
    if not told:
        return ""
    states = ", ".join(f"{number:,} {state}" for state, number in told["states"].items())
    both = {"found and not declared": "found_not_declared", "declared differently from the findings": "contradictions"}
    other = "".join(f"; {told[key]['count']:,} {words}" for words, key in both.items() if key in told)
    return f"{count(told['rows'], 'row')} declared: {states}{other}"


def waivers_books(summary: Summary) -> str:
    """The results of the waivers, in numbers; empty where none were given."""
    told = summary.provenance.waivers
    states = ", ".join(f"{number:,} {state}" for state, number in told["states"].items()) if told else ""
    return f"{count(told['waivers'], 'waiver')}: {states}" if told else ""


def list_register_sentences(summary: Summary) -> tuple[str, ...]:
    """Declared and not found, found and not declared, declared otherwise: a sentence each."""
    told = summary.provenance.register or {}
    return tuple(trim(said, 600) for said in (*describe_register(told), *describe_found(told)))


def list_waiver_sentences(summary: Summary) -> tuple[str, ...]:
    """Waivers that accept nothing, and why: a sentence each."""
    return tuple(trim(said, 600) for said in describe_waivers(summary.provenance.waivers or {}))


def register_and_waivers(summary: Summary) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """For each that was given: its title, its numbers, its sentences."""
    if books := register_books(summary):
        yield "Register of AI uses", books, list_register_sentences(summary)
    if books := waivers_books(summary):
        yield "Waivers", books, list_waiver_sentences(summary)
