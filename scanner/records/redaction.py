"""What `--redact` takes out of records, summaries and messages: one place, which every output goes through.

Whatever is not known to be public is taken out. What stays: verdicts, rules and ids, the vocabularies, places in a
file, names of fields and programs that provscan has itself, and paths in the delivery, without which nobody could act.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from scanner.judge.conform import without_cut
from scanner.match_ids import match_id
from scanner.model import Evidence, Examination, Finding, Match, Reason, Record
from scanner.records.masking import Quoted, hide, is_hidden, mask, shorten
from scanner.records.public_words import WORD, is_name, is_public, public_words
from scanner.records.summary import Summary

__all__ = [
    "IS_REDACTED",
    "HiddenReferences",
    "redact_record",
    "redact_sentence",
    "redact_summary",
    "redact_word",
    "words_of_paths",
]

IS_REDACTED: Final = (
    "Redacted: prompts, places, serial numbers, names and other text of files, registers and libraries were replaced."
    " Names of files and folders, and what pictures show, were not."
)
"""Stands at the head of every redacted report."""

_UNVERIFIED: Final = " (declared, signer not verified)"
_TERMS: Final = re.compile(
    r"(?:https?://[\w.]+/(?:newscodes/)?digitalsourcetype/|c2pa\.|stds\.)?(\w[\w.-]*)", re.IGNORECASE
)
_NAMED_KEYS: Final = frozenset(
    {"claim_generator", "xmp:creatortool", "software", "make", "model", "encoder", "handler_name", "©too"}
)
"""Fields that name a program or a maker of cameras."""
_TERM_KEYS: Final = frozenset(
    {"actions.digitalsourcetype", "actions.action", "assertion", "iptc4xmpext:digitalsourcetype",
     "iptc4xmpext:digitalsourcefiletype", "validation"}
)  # fmt: skip
"""Fields with a closed vocabulary."""
_LONGEST: Final = 60
"""Characters of a value that may be vocabulary."""
_COUNTS: Final = frozenset({"compared", "events", "lists", "plays"})
"""Statements of ours that count something."""
_FACTS: Final = frozenset(
    {"agree", "agreement", "algorithms", "box", "chunk", "copies", "dataset", "depth", "differ", "embedded",
     "encrypted", "entries", "events", "firmness", "form", "frames", "ifd", "integrity", "kind", "of", "relation",
     "resources", "seen", "sequences", "trust", "type"}
)  # fmt: skip
"""Facts whose values are vocabulary or numbers."""
_IDENTIFIER: Final = re.compile(r"[\w.#-]{1,40}")
_KEPT_KEYS: Final = frozenset({"name", "digest", "file", "state", "root", "path", "also_in", "content"})
"""Of the register and the waivers in a summary: names of files, digests, and words of ours."""
_CLOSED_SETTINGS: Final = frozenset({"approvers", "columns"})
"""Settings whose values name people, or what a house calls its columns."""


def redact_record(record: Record) -> Record:
    """The record without private words. Its verdict, ids and places are the same."""
    seen = record.examination
    allowed = words_of_paths((record,))
    quoted = Quoted(lambda: _private_values(seen.evidence))

    def sentence(text: str) -> str:
        return mask(text, allowed=allowed, quoted=quoted)

    matches = tuple(_redact_match(match, sentence) for match in record.matches)
    ids = {match_id(old): match_id(new) for old, new in zip(record.matches, matches, strict=True)}
    examination = _redact_examination(seen, sentence)
    return replace(
        record,
        examination=examination,
        findings=tuple(_redact_finding(finding, sentence) for finding in record.findings),
        matches=matches,
        verdict=replace(
            record.verdict, reasons=tuple(_redact_reason(one, sentence, ids) for one in record.verdict.reasons)
        ),
    )


def redact_sentence(text: str, allowed: frozenset[str] = frozenset()) -> str:
    """A sentence of provscan without the words in it that are neither its own nor `allowed`."""
    return mask(text, allowed=allowed)


def redact_word(value: str) -> str:
    """A value that people wrote: as it is where all its words are vocabulary or numbers, else its digest."""
    return value if _is_vocabulary(value) else hide(value)


def redact_summary(summary: Summary) -> Summary:
    """The summary without private words: of registers, waivers, settings and tools. It states that it is redacted."""
    made = summary.provenance
    tools: dict[str, int] = {}
    for tool, number in summary.tools.items():
        shown = _redact_name(tool)
        tools[shown] = tools.get(shown, 0) + number
    given = [
        {**one, "value": hide(one["value"])} if one.get("name") in _CLOSED_SETTINGS else dict(one) for one in made.given
    ]
    warnings = (redact_sentence(one) if one != IS_REDACTED else one for one in made.warnings)
    return replace(
        summary,
        tools=tools,
        provenance=replace(
            made,
            given=given,
            register=_redact_books(made.register),
            waivers=_redact_books(made.waivers),
            warnings=tuple(dict.fromkeys((IS_REDACTED, *warnings))),
        ),
    )


class HiddenReferences:
    """The ids of library references that redacted records do not show, so that their pictures can be drawn."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def note(self, records: Iterable[Record]) -> Iterator[Record]:
        """The same records, whose references are remembered as they pass."""
        for record in records:
            for match in record.matches:
                if not match.facts.is_own:
                    self._known[hide(match.reference)] = match.reference
            yield record

    def show(self, records: Iterable[Record]) -> Iterator[Record]:
        """Redacted records with the ids of their references."""
        for record in records:
            matches = (replace(it, reference=self._known.get(it.reference, it.reference)) for it in record.matches)
            yield replace(record, matches=tuple(matches)) if record.matches else record


def _redact_examination(seen: Examination, sentence: Callable[[str], str]) -> Examination:
    name = (seen.asset.path or seen.asset.root).rpartition("/")[2]
    return replace(
        seen,
        evidence=tuple(_redact_evidence(item, name) for item in seen.evidence),
        problems=tuple(replace(problem, message=sentence(problem.message)) for problem in seen.problems),
        sequences=(),
    )


def _redact_evidence(item: Evidence, name: str) -> Evidence:
    facts = {key: redact_word(value) for key, value in item.facts.items() if key in _FACTS}
    is_kept = item.value == name or _is_public_value(item.key.lower(), item.value)
    value = item.value if is_kept else hide(item.value)
    return replace(item, key=_redact_key(item.key), value=value, where=_redact_where(item.where), facts=facts)


def _private_values(evidence: Iterable[Evidence]) -> Iterator[str]:
    for item in evidence:
        if not _is_public_value(item.key.lower(), item.value):
            yield item.value
        yield from (value for key, value in item.facts.items() if key not in _FACTS)


def _is_public_value(key: str, value: str) -> bool:
    """Whether a value is of a closed vocabulary, or a name of a program that provscan knows."""
    if is_hidden(value):
        return True
    if key in _COUNTS:
        return value[:1].isdigit() and _is_vocabulary(value)
    if key in _NAMED_KEYS:
        return is_name(value)
    term = _TERMS.fullmatch(value) if key in _TERM_KEYS else None
    return term is not None and all(part in public_words() for part in re.findall(r"[^\W\d_]+", term[1].lower()))


def _is_vocabulary(value: str) -> bool:
    return len(value) <= _LONGEST and all(map(is_public, WORD.findall(value)))


@lru_cache(maxsize=4096)
def _redact_key(key: str) -> str:
    """The name of a field: words that are not provscan's own become digests, so that equal ones can be seen."""
    if re.fullmatch(r"[0-9a-f]{32}", key):  # the kind of a message in a stream
        return key
    return mask(key, mark=shorten)


@lru_cache(maxsize=4096)
def _redact_where(where: str) -> str:
    return mask(where, mark=shorten, has_offsets=True)


def _redact_finding(finding: Finding, sentence: Callable[[str], str]) -> Finding:
    names = {
        name: _redact_name(name) for name in (finding.tool, finding.vendor, finding.model, finding.version) if name
    }
    text = finding.text
    for name in sorted(names, key=len, reverse=True):
        if names[name] != name:
            text = text.replace(name, names[name])
    return replace(
        finding,
        text=_mask_around(text, names.values(), sentence),
        tool=names.get(finding.tool or "", finding.tool),
        vendor=names.get(finding.vendor or "", finding.vendor),
        model=names.get(finding.model or "", finding.model),
        version=names.get(finding.version or "", finding.version),
    )


def _mask_around(text: str, kept: Collection[str], sentence: Callable[[str], str]) -> str:
    """The text with some passages as they are, and the rest masked."""
    if not kept:
        return sentence(text)
    parts = re.split("(" + "|".join(map(re.escape, sorted(kept, key=len, reverse=True))) + ")", text)
    return "".join(part if part in kept else sentence(part) for part in parts)


def _redact_name(name: str) -> str:
    """The name of a tool or model, where provscan has it itself; else a digest of it."""
    bare = name.removesuffix(_UNVERIFIED)
    known = is_name(bare) or is_hidden(bare)
    return name if known else hide(bare) + name[len(bare) :]


def _redact_match(match: Match, sentence: Callable[[str], str]) -> Match:
    """Of a library's reference what it is called and where it comes from; what the cut states, of each."""
    match = without_cut(match)
    compared = match.alteration and replace(match.alteration, reason=sentence(match.alteration.reason))
    facts = match.facts
    facts = replace(
        facts,
        title=facts.title and hide(facts.title),
        source=facts.source and hide(facts.source),
        licence=facts.licence and hide(facts.licence),
        ai_terms=facts.ai_terms and hide(facts.ai_terms),
        uses=redact_word(facts.uses),
        territory=redact_word(facts.territory),
    )
    reference = match.reference if facts.is_own else hide(match.reference)
    return replace(match, reference=reference, alteration=compared, facts=facts)


def _redact_reason(reason: Reason, sentence: Callable[[str], str], ids: Mapping[str, str]) -> Reason:
    """A policy's sentence stays; of what is special in this case, in brackets behind it, only words of ours. Of a
    waiver only what was decided stays."""
    head, bracket, special = reason.text.partition(" (")
    text = head + bracket + sentence(special) if reason.rule != "provscan.not-inspected" else sentence(reason.text)
    rows = " + ".join(map(_redact_id, reason.register.split(" + "))) if reason.register else reason.register
    waiver = f"{sentence(reason.waiver.partition(':')[0])}: [redacted]" if reason.waiver else reason.waiver
    return replace(
        reason, text=text, because=tuple(ids.get(id_, id_) for id_ in reason.because), register=rows, waiver=waiver
    )


def _redact_id(name: str) -> str:
    """The id of a row or a finding, where it is a number, a code, or the id of a rule, and no name."""
    is_code = any(map(str.isdigit, name)) or all(map(is_public, WORD.findall(name)))
    return name if _IDENTIFIER.fullmatch(name) and is_code else hide(name)


def _redact_books(value: Any, key: str = "") -> Any:
    """The register's or the waivers' part of a summary."""
    if isinstance(value, Mapping):
        return {name: _redact_books(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_books(one, key) for one in value]
    if not isinstance(value, str) or key in _KEPT_KEYS:
        return value
    return _redact_id(value) if key in ("row", "finding") else redact_sentence(value)


def words_of_paths(records: Iterable[Record]) -> frozenset[str]:
    """The words in the paths of the delivery that records name."""
    return frozenset(word.lower() for record in records for path in _paths(record) for word in WORD.findall(path))


def _paths(record: Record) -> Iterator[str]:
    asset = record.examination.asset
    yield from (asset.path, asset.root, *asset.sidecars)
    yield from (match.reference for match in record.matches if match.facts.is_own)
