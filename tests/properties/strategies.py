"""Any examination, finding, record and policy that the model allows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

from scanner.judge.policy import Policy, load_policy
from scanner.model import (
    Action,
    Asset,
    Category,
    Claim,
    Digest,
    Evidence,
    Examination,
    Finding,
    Frames,
    Kind,
    Look,
    LookStatus,
    MediaFacts,
    Outcome,
    Place,
    Problem,
    Reason,
    Record,
    Scan,
    Strength,
    Verdict,
)

__all__ = ["evidence", "examinations", "findings", "problems", "records", "stricter_policies"]

words = st.text(max_size=40)
names = st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name).map(os.fsdecode)
"""As the system gives them: any bytes, odd ones as lone surrogates."""
numbers = st.integers(0, 2**63 - 1)
spans = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 50)), max_size=3).map(
    lambda pairs: tuple((first, first + length) for first, length in pairs)
)
optional = st.none() | words

problems = st.builds(
    Problem,
    code=st.sampled_from(["unreadable", "malformed", "unsupported", "too-large", "crashed", "timed-out", "bug"]),
    stage=st.sampled_from(["discover", "examine"]),
    by=words,
    message=words,
    blocking=st.booleans(),
)
assets = st.builds(
    Asset,
    path=names,
    root=names,
    location=st.just(""),
    kind=st.sampled_from(Kind),
    media_type=words,
    size=numbers,
    mtime_ns=st.integers(-(2**63), 2**63),
    category=st.sampled_from(Category),
    frames=st.none() | st.builds(Frames, ranges=spans, missing=spans),
    sidecars=st.lists(names, max_size=2).map(tuple),
)
evidence = st.builds(
    Evidence,
    reader=st.sampled_from(["exif", "xmp", "c2pa", "png-text", "audio-tags"]),
    key=words,
    value=words,
    where=words,
    facts=st.dictionaries(words, words, max_size=3),
    frames=spans,
)


looks = st.builds(Look, by=words, version=st.integers(1, 9), status=st.sampled_from(LookStatus))


def _numbered(items: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(replace(item, id=f"e{number}") for number, item in enumerate(items, 1))


examinations = st.builds(
    Examination,
    asset=assets,
    digest=st.none() | st.builds(Digest, algorithm=words, value=words),
    media=st.none()
    | st.builds(
        MediaFacts,
        width=st.none() | numbers,
        height=st.none() | numbers,
        duration=st.none() | st.floats(0, 1e9),
        rate=optional,
        timecode=optional,
        codecs=st.lists(words, max_size=2).map(tuple),
    ),
    evidence=st.lists(evidence, max_size=4).map(_numbered),
    looks=st.lists(
        st.builds(Look, by=words, version=st.integers(1, 9), status=st.sampled_from(LookStatus)), max_size=3
    ).map(tuple),
    problems=st.lists(problems, max_size=3).map(tuple),
)
findings = st.builds(
    Finding,
    id=words,
    rule=words,
    tool=optional,
    vendor=optional,
    claim=st.sampled_from(Claim),
    strength=st.sampled_from(Strength),
    evidence=st.lists(words, max_size=2).map(tuple),
    text=words,
    model=optional,
    version=optional,
    at=st.none() | st.just(Place(frames=((1, 3),), is_numbered=True)),
    rules=st.lists(words, max_size=2).map(tuple),
)
verdicts = st.builds(
    Verdict,
    outcome=st.sampled_from(Outcome),
    scan=st.sampled_from(Scan),
    actions=st.lists(st.sampled_from(Action), max_size=2).map(tuple),
    reasons=st.lists(
        st.builds(
            Reason,
            rule=words,
            outcome=st.sampled_from(Outcome),
            because=st.lists(words, max_size=2).map(tuple),
            text=words,
            remedy=words,
            register=optional,
        ),
        max_size=2,
    ).map(tuple),
)
records = st.builds(
    Record, examination=examinations, findings=st.lists(findings, max_size=3).map(tuple), verdict=verdicts
)


def _raised(outcomes: Sequence[Outcome], by: Sequence[int]) -> tuple[Outcome, ...]:
    """Each at least as harsh as it was, and still never harsher for a better standing."""
    ranks = [min(outcome.rank + more, len(Outcome) - 1) for outcome, more in zip(outcomes, by, strict=True)]
    return tuple(tuple(Outcome)[max(ranks[place:])] for place in range(len(ranks)))


@st.composite
def stricter_policies(draw: st.DrawFn, name: str = "netflix-2025") -> tuple[Policy, Policy]:
    """A built-in policy, and the same with the outcomes of some rules raised."""
    policy = _policy(name)
    more = draw(st.lists(st.tuples(*[st.integers(0, 3)] * 4), max_size=len(policy.rules)))
    raised = [replace(rule, outcomes=_raised(rule.outcomes, by)) for rule, by in zip(policy.rules, more, strict=False)]
    return policy, replace(policy, rules=(*raised, *policy.rules[len(raised) :]))


@cache
def _policy(name: str) -> Policy:
    return load_policy(name)
