"""Records and summaries of every shape that the model allows, for whoever must hold for all of them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from scanner import model
from scanner.model import (
    Asset,
    Box,
    Comparison,
    CutFacts,
    Digest,
    EditSequence,
    Event,
    Evidence,
    Examination,
    Finding,
    Frames,
    Grade,
    LineUp,
    Look,
    Match,
    MatchFacts,
    Measure,
    MediaFacts,
    Place,
    Problem,
    ProblemCode,
    Quality,
    Reason,
    Record,
    Relation,
    Role,
    Says,
    Sense,
    Verdict,
)

__all__ = ["records"]

WORDS = st.text(st.characters(categories=None), max_size=12)
"""Also control characters and lone surrogates: names of files are like that."""
LATER = st.text(max_size=12)
"""Words of a vocabulary that this version does not know."""
MAYBE = st.none() | WORDS
COUNT = st.integers(0, 10**15)
FACTS = st.dictionaries(WORDS, WORDS, max_size=2)
SPANS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=3).map(tuple)
NUMBER = st.floats(0, 1e9, allow_nan=False)
LABEL = st.from_regex(r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9][:;][0-2][0-9]", fullmatch=True)
RATE = st.sampled_from(["24000/1001", "25", "29.97"])
SIDE = st.floats(0, 100, allow_nan=False)
BOX = st.builds(Box, x=SIDE, y=SIDE, w=SIDE, h=SIDE)
HALF_OPEN = st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)).map(lambda it: (it[0], it[0] + it[1]))
NUMBERED = st.lists(HALF_OPEN, min_size=1, max_size=3).map(tuple)
LABELS = st.tuples(LABEL, LABEL)
RATED = st.just("") | RATE


def places(boxes: st.SearchStrategy) -> st.SearchStrategy:
    """Frames of a sequence, a span on a clock, or labels alone; each also with a box."""
    return st.one_of(
        st.none(),
        st.builds(Place, frames=NUMBERED, is_numbered=st.just(True), rate=RATED, labels=st.none() | LABELS, box=boxes),
        st.builds(Place, frames=st.tuples(HALF_OPEN), rate=RATED, labels=st.none() | LABELS, box=boxes),
        st.builds(Place, labels=LABELS, box=boxes),
    )


def several(each: st.SearchStrategy, most: int = 2) -> st.SearchStrategy:
    return st.lists(each, max_size=most).map(tuple)


ASSETS = st.builds(
    Asset,
    path=WORDS,
    root=WORDS,
    location=st.just(""),
    kind=st.sampled_from(model.Kind),
    media_type=WORDS,
    size=COUNT,
    mtime_ns=st.integers(-(10**18), 10**18),
    category=st.sampled_from(model.Category),
    frames=st.none() | st.builds(Frames, ranges=SPANS, missing=SPANS),
    sidecars=several(WORDS),
)
MEDIA = st.builds(
    MediaFacts, width=st.none() | COUNT, height=st.none() | COUNT, duration=st.none() | NUMBER,
    rate=MAYBE, timecode=MAYBE, codecs=several(WORDS),
)  # fmt: skip
EVIDENCE = st.builds(Evidence, reader=WORDS, key=WORDS, value=WORDS, where=WORDS, facts=FACTS, frames=SPANS, id=WORDS)
PROBLEMS = st.builds(
    Problem,
    code=st.sampled_from(ProblemCode) | LATER.map(ProblemCode),
    stage=WORDS,
    by=WORDS,
    message=WORDS,
    blocking=st.booleans(),
)
RATES = st.none() | st.sampled_from([Fraction(25), Fraction(24000, 1001)])
SPEEDS = st.sampled_from([Fraction(1), Fraction(-1), Fraction(0), Fraction(1, 3), None])
EVENTS = st.builds(
    Event, name=WORDS, where=WORDS, file=WORDS, reel=WORDS, track=WORDS, record_in=st.just("") | LABEL,
    record_out=st.just("") | LABEL, source_in=st.just("") | LABEL, source_out=st.just("") | LABEL, rate=RATES,
    source_rate=RATES, speed=SPEEDS, speed_fps=st.none() | st.sampled_from([Decimal("12.50"), Decimal(-24)]),
    is_enabled=st.booleans(), within=WORDS, unexpanded=WORDS,
)  # fmt: skip
SEQUENCES = st.builds(EditSequence, title=WORDS, events=several(EVENTS))
EXAMINATIONS = st.builds(
    Examination,
    asset=ASSETS,
    digest=st.none() | st.builds(Digest, algorithm=WORDS, value=WORDS),
    media=st.none() | MEDIA,
    evidence=several(EVIDENCE),
    looks=several(
        st.builds(Look, by=WORDS, version=st.integers(1, 99), status=st.sampled_from(model.LookStatus))
    ),
    problems=several(PROBLEMS),
    sequences=several(SEQUENCES),
)  # fmt: skip
FINDINGS = st.builds(
    Finding, id=WORDS, rule=WORDS, tool=MAYBE, vendor=MAYBE, claim=st.sampled_from(model.Claim),
    strength=st.sampled_from(model.Strength), evidence=several(WORDS), text=WORDS, model=MAYBE, version=MAYBE,
    at=places(st.none()), rules=several(WORDS),
)  # fmt: skip
COMPARISONS = st.one_of(
    st.builds(Comparison, judged=st.just(False), reason=WORDS, frame=st.none() | COUNT),
    st.builds(
        Comparison, judged=st.just(True), reason=WORDS, grade=st.sampled_from(Grade) | LATER.map(Grade),
        relations=several(st.sampled_from(Relation)), area_percent=SIDE, regions=several(BOX), graphics_percent=SIDE,
        frame=st.none() | COUNT,
    ),
)  # fmt: skip
CUTS = st.builds(
    CutFacts, timeline=WORDS, says=st.sampled_from(Says), event=WORDS, clip=st.none() | WORDS.filter(bool), reel=WORDS,
    source_in=st.just("") | LABEL, source_out=st.just("") | LABEL,
)  # fmt: skip
SECONDS = st.none() | st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000)
FACTOR = st.sampled_from([1.0, -1.0, 0.5, 1.043, 2.0])
MATCH_FACTS = st.builds(
    MatchFacts, library=WORDS, digest=WORDS, quality=st.none() | st.sampled_from(Quality), title=WORDS, source=WORDS,
    licence=WORDS, ai_terms=WORDS, valid_until=WORDS, uses=WORDS, territory=WORDS,
    copies=several(st.from_regex(r"[a-z/.]{1,9}", fullmatch=True)), claim=st.none() | st.sampled_from(model.Claim),
    written=WORDS, shows_watermark=st.booleans(), is_negative=st.booleans(), sense=st.none() | st.sampled_from(Sense),
    measure=st.none() | st.sampled_from(Measure), reference_in=SECONDS, reference_out=SECONDS, speed=FACTOR,
    pitch=FACTOR, line_up=st.sampled_from(LineUp), cut=st.none() | CUTS,
)  # fmt: skip
MATCHES = st.builds(
    Match, reference=WORDS, role=st.sampled_from(Role) | LATER.map(Role),
    relation=st.sampled_from(Relation) | LATER.map(Relation), score=NUMBER, threshold=NUMBER, at=places(st.none() | BOX) | st.builds(Place, box=BOX),
    flip=st.booleans(), alteration=st.none() | COMPARISONS, facts=MATCH_FACTS,
)  # fmt: skip
REASONS = st.builds(
    Reason, rule=WORDS, outcome=st.sampled_from(model.Outcome), because=several(WORDS), text=WORDS, remedy=WORDS,
    register=MAYBE, binding=MAYBE, waiver=MAYBE,
)  # fmt: skip
VERDICTS = st.builds(
    Verdict, outcome=st.sampled_from(model.Outcome), scan=st.sampled_from(model.Scan),
    actions=several(st.sampled_from(model.Action)), reasons=several(REASONS),
)  # fmt: skip


def records() -> st.SearchStrategy[Record]:
    """Any record."""
    return st.builds(
        Record, examination=EXAMINATIONS, findings=several(FINDINGS), matches=several(MATCHES), verdict=VERDICTS
    )
