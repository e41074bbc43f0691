"""Turns evidence into findings, by rules. Pure.

Rule: one physical cause is one finding, however many carriers repeat it. Statements of one file that make the same
claim about the same frames and the same component have one cause; the most specific rule names it, and its evidence
lists them all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from media.place import checked_box
from scanner.judge.case import MARKS
from scanner.judge.rules.rule import Name, Rule, RuleSet, SlowPattern, fits, search
from scanner.judge.rules.screening import ScreenedRules
from scanner.model import STRENGTH_ORDER, Box, Claim, Evidence, Finding, Place, Problem, ProblemCode, Strength

__all__ = ["Detection", "Engine"]

_AI = (Claim.GENERATED, Claim.EDITED, Claim.CONTAINS)
_DISPUTED = (*_AI, Claim.ENHANCED, Claim.POSSIBLE, Claim.CAPABLE)
_SAYS_MORE = {Claim.POSSIBLE: _AI, Claim.CAPABLE: (*_AI, Claim.ENHANCED)}
_PLACES = 4096
_QUOTED = 80
"""Characters of a value that stands in a sentence."""
_INSIDE = "inside"
"""The fact that names the picture, placed in a document, which states it."""
_OF_DOCUMENT = {
    **dict.fromkeys(_AI, Claim.CONTAINS),
    **{claim: claim for claim in (Claim.ENHANCED, Claim.POSSIBLE, Claim.CAPABLE)},
}
_ACTIVITY = re.compile(
    r"(?i)(?:(?:ai|image|video|audio|media|speech|music|sound|text|content|to|generative|generation|generator|creation"
    r"|editing|editor|edit|enhancement|upscaling|model|service|engine|pipeline|api|app)[ _-]?)+"
)
"""An agent's name that says what it does, and not what it is."""
_LIBRARY = re.compile(r"(?i)(?:c2pa|org\.contentauth|contentauth|make[ _]test)")
_UNVERIFIED = " (declared, signer not verified)"


@dataclass(frozen=True, slots=True)
class Detection:
    """What the rules found in one asset's evidence."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """One rule on one statement."""

    rule: Rule
    evidence: tuple[Evidence, ...]
    claim: Claim
    strength: Strength
    tool: str | None
    vendor: str | None
    model: str | None
    version: str | None
    text: str

    @property
    def order(self) -> tuple[int, int, str]:
        """Most telling first."""
        return (-self.rule.rank, STRENGTH_ORDER.index(self.strength), self.rule.id)


class Engine:
    """A `RuleSet` prepared for use: rules are found by the place of a statement, not tried one by one."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._exact: dict[tuple[str, str], list[Rule]] = {}
        self._globs: dict[str, list[tuple[str, Rule]]] = {}
        self._places: dict[tuple[str, str], ScreenedRules] = {}
        for rule in rules.rules:
            for reader, key in rule.condition.where:
                if "*" in key:
                    self._globs.setdefault(reader, []).append((key, rule))
                else:
                    self._exact.setdefault((reader, key), []).append(rule)

    @property
    def digest(self) -> str:
        """Digest of the code that applies the rules: with the rules' own digest it shows whether they would find the
        same again."""
        code = resources.files("scanner.judge.rules")
        parts = ((code / name).read_bytes() for name in ("engine.py", "rule.py", "load.py", "screening.py"))
        return hashlib.blake2b(b"\0".join(parts), digest_size=8).hexdigest()

    def detect(self, evidence: Sequence[Evidence]) -> Detection:
        """Detect the findings of one asset, AI claims first. A pattern that is too slow for a value is a blocking
        problem."""
        hits: list[_Hit] = []
        problems: list[Problem] = []
        beside: dict[str, list[Evidence]] = {}
        evidence = (*evidence, *_files_of_clips(evidence))
        for statement in evidence:
            beside.setdefault(statement.facts.get(_INSIDE, ""), []).append(statement)
        for statement in evidence:
            inside = statement.facts.get(_INSIDE, "")
            for rule in self._candidates(statement):
                try:
                    found = self._try(rule, statement, beside[inside])
                    hits.extend(_mark_contained(found, inside) if inside else found)
                except (SlowPattern, TimeoutError):
                    problems.append(_too_slow(rule, statement))
        return Detection(tuple(_findings(hits)), tuple(problems))

    def _candidates(self, statement: Evidence) -> Sequence[Rule]:
        place = (statement.reader, statement.key)
        known = self._places.get(place)
        if known is None:
            if len(self._places) >= _PLACES:  # keys come from strangers: what is kept of them has an end
                self._places.clear()
            known = self._places[place] = ScreenedRules(self._speaking(statement.reader, statement.key.lower()))
        return known.candidates(statement)

    def _speaking(self, reader: str, key: str) -> Sequence[Rule]:
        found = {rule.id: rule for rule in self._exact.get((reader, key), ())}
        found.update((rule.id, rule) for glob, rule in self._globs.get(reader, ()) if fits(glob, key))
        return tuple(found.values())

    def _try(self, rule: Rule, statement: Evidence, evidence: Sequence[Evidence]) -> Iterator[_Hit]:
        groups = rule.condition.says(statement)
        if groups is None:
            return
        support = [next((other for other in evidence if condition.holds(other)), None) for condition in rule.also]
        if None in support or any(condition.holds(other) for condition in rule.lacks for other in evidence):
            return
        hit = self._hit(rule, (statement, *(other for other in support if other is not None)), groups)
        for refinement in rule.refine:
            closer = refinement.condition.says(statement)
            if closer is not None:
                if refinement.drop:
                    return
                changes = {
                    field: getattr(refinement, field)
                    for field in ("claim", "strength", "tool", "vendor", "model", "version", "text")
                    if getattr(refinement, field) is not None
                }
                hit = replace(hit, **{**changes, **_pick_names(closer)})
                break
        yield replace(hit, text=_sentence(hit))

    def _hit(self, rule: Rule, evidence: tuple[Evidence, ...], groups: Mapping[str, str]) -> _Hit:
        facts = evidence[0].facts
        tool, vendor = rule.tool, rule.vendor
        if rule.names == "c2pa":
            tool, vendor = _c2pa_name(self.rules.names, facts)
        strength = _c2pa_strength(facts) if rule.strength == "c2pa" else rule.strength
        hit = _Hit(
            rule=rule,
            evidence=evidence,
            claim=rule.claim,
            strength=strength,
            tool=tool,
            vendor=vendor,
            model=rule.model or facts.get("model"),
            version=rule.version or (facts.get("agent_version") if rule.names == "c2pa" else None),
            text=rule.text or rule.title,
        )
        return replace(hit, **_pick_names(groups))


def _files_of_clips(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """The file of each clip of a cut, as a statement that rules find at `timeline:file`; it cites the clip's own."""
    for clip in evidence:
        if clip.key == "source-clip" and clip.reader == "timeline" and (file := clip.facts.get("file")):
            yield replace(clip, key="file", value=file)


def _mark_contained(hits: Iterable[_Hit], inside: str) -> Iterator[_Hit]:
    """What is true of a file inside, of the file that holds it: it contains what was generated. That a picture inside
    was captured, or was made without AI, says nothing of the whole."""
    for hit in hits:
        if hit.claim in _OF_DOCUMENT:
            yield replace(hit, claim=_OF_DOCUMENT[hit.claim], text=f"Inside it ({inside}): {hit.text}")


def _pick_names(groups: Mapping[str, str]) -> dict[str, Any]:
    return {key: groups[key] for key in ("tool", "vendor", "model", "version") if key in groups}


def _too_slow(rule: Rule, statement: Evidence) -> Problem:
    message = f"rule {rule.id} timed out on a value of {len(statement.value)} characters in {statement.where}"
    return Problem(code=ProblemCode.TIMED_OUT, stage="conclude", by=rule.id, message=message, blocking=True)


def _sentence(hit: _Hit) -> str:
    values = {"tool": hit.tool, "vendor": hit.vendor, "model": hit.model, "version": hit.version}
    text = hit.text
    for name, value in (*hit.evidence[0].facts.items(), *values.items()):
        text = text.replace("{" + name + "}", str(value or "unknown"))
    return text.replace("{value}", hit.evidence[0].value[:_QUOTED])


def _c2pa_strength(facts: Mapping[str, str]) -> Strength:
    sound = facts.get("trust") == "trusted" and facts.get("integrity") == "verified"
    return Strength.SIGNED if sound else Strength.SIGNED_UNTRUSTED


def _c2pa_name(names: Iterable[Name], facts: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The product that a manifest names. The vendor only where a trusted signer is that vendor's own.

    Anybody can make a certificate that says "OpenAI": unverified names are said to be so.
    """
    sound = _c2pa_strength(facts) is Strength.SIGNED
    for name in names:
        fields = (
            ("agent", name.agent),
            ("generator", name.generator),
            ("signer_cn", name.signer),
            ("format", name.format),
        )
        given = [(field, pattern) for field, pattern in fields if pattern is not None]
        if given and all(search(pattern, facts.get(field, "")) is not None for field, pattern in given):
            own = name.signer_org is not None and search(name.signer_org, facts.get("signer_org", "")) is not None
            return (name.tool, name.vendor if own else None) if sound else (name.tool + _UNVERIFIED, None)
    said = _maker(facts)
    if said is None:
        return None, None
    return (said[:80] if sound else said[:80] + _UNVERIFIED), None


def _maker(facts: Mapping[str, str]) -> str | None:
    """Who made the content, by the manifest, where no rule knows the name.

    An agent that names only its action ("Video Generation") is less specific than the program, or the organisation,
    that made the claim; a program that is only a library identifies nothing.
    """
    agent, generator = facts.get("agent"), facts.get("generator")
    if agent and not _ACTIVITY.fullmatch(agent):
        return agent
    if generator and not _LIBRARY.match(generator):
        return generator
    return facts.get("signer_org") or agent or generator


def _findings(hits: Sequence[_Hit]) -> Iterator[Finding]:
    causes: dict[tuple[object, ...], list[_Hit]] = {}
    for hit in _drop_weaker(hits):
        first = hit.evidence[0]
        component = _component(hit.claim, first)
        causes.setdefault((list(Claim).index(hit.claim), first.frames, component), []).append(hit)
    for cause in sorted(causes, key=lambda key: (key[0], str(key[1:]))):
        yield _merge(sorted(causes[cause], key=lambda hit: hit.order))


def _component(claim: Claim, said: Evidence) -> str | None:
    """What sets apart causes of one claim at one place: what is placed inside; of marks of other things, which."""
    if claim is Claim.CONTAINS:
        return said.facts.get(_INSIDE, said.facts.get("component"))
    return said.facts.get("name") if claim in MARKS else None


def _drop_weaker(hits: Sequence[_Hit]) -> Iterator[_Hit]:
    """Hits without those that a better one makes needless.

    Where rules disagree about one statement, the most specific wins. `possible` is reported only where no rule states
    more, and `capable` where none states that the file was enhanced either; otherwise its evidence joins the stronger
    finding.
    """
    best: dict[str, _Hit] = {}
    for hit in hits:
        if hit.claim in _DISPUTED:
            key = hit.evidence[0].id
            if key not in best or hit.order < best[key].order:
                best[key] = hit
    told = sorted(best.values(), key=lambda hit: hit.order)
    more = {claim: next((hit for hit in told if hit.claim in said), None) for claim, said in _SAYS_MORE.items()}
    for hit in hits:
        winner = best.get(hit.evidence[0].id)
        if winner is not None and hit.claim in _DISPUTED and winner.rule.rank > hit.rule.rank:
            hit = _in_the_words_of(winner, hit)  # noqa: PLW2901 - the same hit, quieted
        sure = more.get(hit.claim)
        if sure is not None and sure.evidence[0].frames == hit.evidence[0].frames:
            hit = _in_the_words_of(sure, hit)  # noqa: PLW2901
        yield hit


def _in_the_words_of(winner: _Hit, hit: _Hit) -> _Hit:
    """A hit that only adds its evidence and its rule's id to the winner's finding."""
    first, *rest = hit.evidence
    told = winner.evidence[0]
    return replace(
        winner,
        rule=replace(hit.rule, rank=-1),
        evidence=(replace(first, frames=told.frames, facts=told.facts), *rest),
        strength=hit.strength,
    )


def _merge(hits: Sequence[_Hit]) -> Finding:
    first = next((hit for hit in hits if hit.tool), hits[0])
    evidence = tuple(dict.fromkeys(statement.id for hit in hits for statement in hit.evidence))
    strength = min((hit.strength for hit in hits), key=STRENGTH_ORDER.index)
    frames = first.evidence[0].frames
    words = "\0".join((first.rule.id, first.claim, first.tool or "", _words_of(first.evidence[0])[:4096], str(frames)))
    return Finding(
        id=hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        rule=first.rule.id,
        tool=first.tool,
        vendor=first.vendor,
        claim=first.claim,
        strength=strength,
        evidence=evidence,
        text=first.text,
        model=next((hit.model for hit in hits if hit.model), None),
        version=first.version,
        at=_place(first.evidence[0]),
        rules=tuple(dict.fromkeys(hit.rule.id for hit in (first, *hits))),
    )


def _words_of(said: Evidence) -> str:
    """The words that a finding is known by: OCR reads one mark otherwise in every encoding, and its name stays."""
    return said.facts.get("name", said.value) if said.reader == "visible" else said.value


def _place(said: Evidence) -> Place | None:
    """Where a statement holds: of a sequence, the frames by their numbers; of a visible mark, also its box.

    A mark in a programme states its frames in a fact too: those are counted from the programme's first.
    """
    frames = tuple((first, last + 1) for first, last in said.frames)
    box = _box(said.facts.get("box", "")) if said.reader == "visible" else None
    if not frames and box is None:
        return None
    return Place(frames=frames, is_numbered=bool(frames) and "frames" not in said.facts, box=box)


def _box(text: str) -> Box | None:
    try:
        return checked_box(Box(*map(float, text.split(","))))
    except (TypeError, ValueError):
        return None
