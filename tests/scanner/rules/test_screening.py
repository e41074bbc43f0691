"""A value that matches no rule of its place is known by one search, and no rule that matches is ever left out."""

from __future__ import annotations

import pytest
import regex

from scanner.judge.rules import Engine, Rule, load_rules, screening
from scanner.judge.rules.rule import Condition
from scanner.judge.rules.screening import ScreenedRules
from scanner.model import Claim, Evidence, Strength

RULES = load_rules().rules


def _said(value: str) -> Evidence:
    return Evidence(reader="name", key="file", value=value, where="the file's name", id="e1")


def _rule(name: str, match: str) -> Rule:
    condition = Condition(where=(("name", "file"),), match=regex.compile(match))
    return Rule(
        id=name, title=name, source="", seen="code", date="", claim=Claim.GENERATED, strength=Strength.HEURISTIC,
        condition=condition,
    )  # fmt: skip


def test_what_an_example_states_reaches_every_rule_that_matches_it() -> None:
    engine = Engine(load_rules())
    statements = [said for rule in RULES for example in (*rule.hits, *rule.misses) for said in example.says]
    assert len(statements) > 500
    for said in statements:
        place = engine._speaking(said.reader, said.key.lower())
        matching = {rule.id for rule in place if rule.condition.says(said) is not None}
        assert matching <= {rule.id for rule in engine._candidates(said)}


def test_a_name_that_no_rule_knows_is_searched_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, asked = Engine(load_rules()), []
    real = screening.search
    monkeypatch.setattr(screening, "search", lambda *given: asked.append(given) or real(*given))
    assert len(engine._speaking("name", "file")) > 20
    assert len(engine._candidates(_said("LC_EP101_SC014_TK3.mov"))) < 3
    assert len(asked) < 3


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?P<x>a)(?P=x)", r"(a)?(?(1)b|c)", r"(?b)(?:aa){e<1}", r"a(*FAIL)",
                                     r"(a)\g<1>", r"(?r)ab"])  # fmt: skip
def test_a_pattern_that_depends_on_its_place_is_searched_alone(pattern: str) -> None:
    plain = [_rule(f"plain-{number}", f"word{number}") for number in range(3)]
    rules = ScreenedRules([*plain, _rule("depends", pattern)])
    assert [rule.id for rule in rules.candidates(_said("aaab"))] == ["depends"]


def test_a_comment_at_the_end_of_a_pattern_ends_with_it() -> None:
    rules = ScreenedRules([_rule(f"r{number}", f"(?x) word {number} # the word") for number in range(3)])
    assert rules.candidates(_said("no such")) == []
    assert len(rules.candidates(_said("word2"))) == 3


def test_a_pattern_that_is_too_slow_leaves_all_rules_to_be_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(pattern: regex.Pattern[str], _text: str) -> None:
        raise screening.SlowPattern(pattern.pattern)

    monkeypatch.setattr(screening, "search", slow)
    rules = ScreenedRules([_rule(f"r{number}", f"word{number}") for number in range(3)])
    assert len(rules.candidates(_said("aaab"))) == 3
