"""Every value that a built-in policy asks for is produced somewhere: no rule waits for a fact that nothing states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from fingerprints.vocabulary import Quality, Relation, Role
from scanner.judge.case import Case
from scanner.judge.policy import Setting, builtin_policies, hits_of, load_policy
from scanner.judge.policy.declared import pair_hits
from scanner.judge.policy.missing_labels import missing_labels
from scanner.judge.policy.policy import ABOUT
from scanner.judge.policy.tables import ASKS
from scanner.judge.rules import Engine, load_rules
from scanner.judge.vocabulary import vocabulary_of
from scanner.model import Category, Claim, Evidence, Finding, Kind, Look, LookStatus, Match, MediaFacts, Strength
from tests.scanner.policy.world import APPROVED, DAY, HASH, NETFLIX, finding, match, register, row, still

ALTERATIONS = (
    None,
    {"judged": False, "reason": "cannot judge"},
    {"judged": True, "area_percent": 0.0, "regions": []},
    {"judged": True, "area_percent": 31.0, "regions": []},
    {"judged": True, "grade": "uncertain", "area_percent": 1.2, "regions": []},
)
"""As `fingerprints.stills.alteration` records them."""
LICENCES = ({}, {"licence": "quoted"}, {"licence": "L-1"}, {"licence": "L-1", "valid_until": "2020-01-01"})
USES = ({}, {"uses": "svod"}, {"uses": "festivals"}, {"uses": "see letter"})


def matches() -> Iterator[Match]:
    """What a library and the run's own references can state of a match."""
    roles = (*map(str, Role), "temp", "ai-made")
    for role, relation, quality in product(roles, (*map(str, Relation), "segment"), Quality):
        yield from (match(role, relation, alteration=told, facts={"quality": str(quality)}) for told in ALTERATIONS)
    for licence, uses in product(LICENCES, USES):
        yield match("archival", facts={**licence, **uses})
    terms = vocabulary_of("ai_terms")
    assert terms is not None
    yield from (match("archival", facts={"ai_terms": said}) for said in terms.says)


def findings() -> Iterator[Finding]:
    """What the rules make of their own examples, and what is concluded from a cut."""
    rules = load_rules()
    engine = Engine(rules)
    for rule in rules.rules:
        for hit in rule.hits:
            said = tuple(
                Evidence(reader=it.reader, key=it.key, value=it.value, where="here", facts=it.facts, id=f"e{n}")
                for n, it in enumerate(hit.says, 1)
            )
            yield from engine.detect(said).findings
    yield finding(Claim.CONTAINS)


def cases() -> Iterator[Case]:
    setting = Setting(genre="documentary", day=DAY, use=("svod",))
    found = tuple(findings())
    for seen in (still(), still("archival/a.png", Category.ARCHIVAL)):
        yield from (hit.case for hit in hits_of(seen, found, (), setting))
        yield from (hit.case for one in matches() for hit in hits_of(seen, (), (one,), setting, 2.5))
        yield from (hit.case for hit in hits_of(seen, found, (match("archival"),), setting))
        yield from (hit.case for hit in hits_of(seen, (), (), setting))
    for status in ("draft", "rejected"):
        rows = register(row(content_digest=HASH, **{**APPROVED, "status": status}))
        yield from (hit.case for hit, _ in pair_hits(still(), (), NETFLIX, rows, setting))
    unread = replace(still(), looks=(Look(by="visible", version=1, status=LookStatus.NOTHING),))
    for words in ("AI-generated", "the EU icon"):
        rows = register(row(content_digest=HASH, disclosure_method="label", disclosure_text=words, **APPROVED))
        yield from (label.case(unread.asset, setting) for label in missing_labels(unread, (), rows))
    small = Evidence(
        reader="visible", key="legal-label", value="AI生成", where="picture", facts={"box": "1,1,9,2"}, id="e1"
    )
    read = replace(unread, evidence=(small,), media=MediaFacts(width=1920, height=1080))
    rows = register(row(content_digest=HASH, disclosure_method="label", disclosure_text="AI生成", **APPROVED))
    label_read = finding(Claim.GENERATED, Strength.VISIBLE)
    yield from (label.case(read.asset, setting) for label in missing_labels(read, (label_read,), rows))


@pytest.fixture(scope="module")
def produced() -> dict[str, set[object]]:
    names = {field for field, _ in ASKS.values()}
    values: dict[str, set[object]] = {name: set() for name in names}
    for case in cases():
        for name in names:
            value = getattr(case, name)
            values[name].update(value if isinstance(value, tuple) else (value,))
    # What the user states, and where a file lies, is taken as it is given.
    values["genre"] |= {"fiction", "documentary", "news"}
    values["told_genre"] |= values["genre"]
    values["category"] |= set(Category)
    values["kind"] |= set(Kind)
    return values


@pytest.mark.parametrize("name", builtin_policies())
def test_no_rule_waits_for_a_value_that_nothing_produces(name: str, produced: dict[str, set[object]]) -> None:
    waiting = [
        (rule.id, field, value)
        for rule in load_policy(name).rules
        for field, words in rule.asks
        for value in words
        if value not in produced[field]
    ]
    assert not waiting


def test_every_subject_of_a_rule_is_judged_somewhere() -> None:
    from pathlib import Path

    judging = "".join(
        path.read_text("utf-8")
        for path in (Path("scanner/judge/case.py"), *Path("scanner/judge/policy").glob("*.py"))
        if path.stem != "policy"
    )
    assert [about for about in ABOUT if f'"{about}"' not in judging] == []
