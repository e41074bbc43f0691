"""Policies as data: they prove themselves, inherit, and are understood or refused."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from media.errors import ConfigError
from scanner.judge.case import Case
from scanner.judge.policy import builtin_policies, load_policy, prove_policy
from scanner.judge.policy.policy import decide
from scanner.model import Category, Claim, Outcome, Strength
from tests.scanner.policy.world import APPROVED, OTHER, film, finding, match, outcome, row

HEAD = '[policy]\nname = "mine"\ntitle = "Mine"\nsource = "me"\n'
RULE = """[[rule]]
id = "mine.one"
text = "T."
remedy = "R."
claims = ["generated"]
outcome = "issue"
examples = [{ claim = "generated", outcome = "issue" }]
"""


def saved(folder: Path, text: str, name: str = "mine.toml") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.mark.parametrize("name", builtin_policies())
def test_every_rule_has_examples_a_source_and_a_remedy(name: str) -> None:
    policy = load_policy(name)
    assert not list(prove_policy(policy))
    for rule in policy.rules:
        assert rule.examples, rule.id
        assert rule.remedy, rule.id
        assert rule.text.endswith("."), rule.id


def test_a_policy_inherits_and_changes_what_it_names(tmp_path: Path) -> None:
    examples = 'examples = [{ claim = "enhanced", outcome = "blocker" }]\n'
    harsher = '[[rule]]\nid = "netflix.enhanced"\noutcome = "blocker"\n' + examples
    policy = load_policy(saved(tmp_path, HEAD + 'extends = "netflix-2025"\n' + harsher))
    parent = load_policy("netflix-2025")
    assert {rule.id for rule in policy.rules} == {rule.id for rule in parent.rules}
    changed = next(rule for rule in policy.rules if rule.id == "netflix.enhanced")
    assert (changed.outcome, changed.outcomes[1]) == (Outcome.BLOCKER, Outcome.PASS)
    assert changed.text == next(rule.text for rule in parent.rules if rule.id == "netflix.enhanced")
    assert policy.digest != parent.digest


def test_a_rule_can_be_taken_away(tmp_path: Path) -> None:
    policy = load_policy(
        saved(tmp_path, HEAD + 'extends = "delivery"\n[[rule]]\nid = "delivery.listed-but-absent"\noff = true\n')
    )
    assert "delivery.listed-but-absent" not in {rule.id for rule in policy.rules}


def test_a_policy_beside_it_is_found_and_a_circle_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, HEAD + RULE, "parent.toml")
    assert [rule.id for rule in load_policy(saved(tmp_path, HEAD + 'extends = "parent.toml"\n')).rules] == ["mine.one"]
    with pytest.raises(ConfigError, match="itself"):
        load_policy(saved(tmp_path, HEAD + 'extends = "mine.toml"\n'))


def test_two_policies_together_are_as_strict_as_each(tmp_path: Path) -> None:
    both = load_policy(saved(tmp_path, HEAD + 'extends = ["netflix-2025", "apa-documentary"]\n'))
    each = [load_policy(name) for name in ("netflix-2025", "apa-documentary")]
    for claim in Claim:
        for strength in Strength:
            for category in Category:
                case = Case(claim=claim, strength=strength, category=category)
                ranks = [rule.outcome.rank for rule in (decide(policy, case) for policy in each) if rule]
                decided = decide(both, case)
                assert (decided.outcome.rank if decided else 0) == max(ranks, default=0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("outcome =", "outcomes ="), "unknown field 'outcomes'"),
        (('"issue"\nexamples', '"bad"\nexamples'), "'bad' is not one of"),
        (('["generated"]', '["genrated"]'), "'genrated' is not one of"),
        (('["generated"]', "[1]"), "a list of words"),
        (('outcome = "issue"\n', 'outcome = "issue"\ninformed = "blocker"\n'), "worse where coverage is better"),
        (('outcome = "issue"\n', 'outcome = "issue"\napproved = "blocker"\n'), "worse where coverage is better"),
        (('outcome = "issue"\n', 'outcome = "issue"\nneeds = ["nothing_like_it"]\n'), "no column"),
        (('claims = ["generated"]\noutcome = "issue"', 'about = "problem"\noutcome = "pass"'), "cannot pass"),
        (('remedy = "R."\n', ""), "remedy is missing"),
        (('claims =', 'categories = ["@none"]\nclaims ='), "@none is not defined"),
        (('{ claim =', '{ colour ='), "an example says 'colour'"),
        (("[[rule]]", "[[rules]]"), "unknown field 'rules'"),
        (("[[rule]]", "[rule]"), r"written \[\[rule\]\]"),
        (('text = "T."', "text = 5"), "must be a string"),
        (('outcome = "issue"\n', 'outcome = "issue"\noff = "false"\n'), "off must be true or false"),
        (('outcome = "issue"\n', 'outcome = "issue"\nneeds = 5\n'), "a list of words"),
        (("examples = [", 'examples = ["x", '), "list of tables"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)  # fmt: skip
def test_what_is_not_understood_is_refused(change: tuple[str, str], says: str, tmp_path: Path) -> None:
    assert change[0] in RULE
    with pytest.raises(ConfigError, match=says):
        load_policy(saved(tmp_path, HEAD + RULE.replace(*change, 1)))


def test_a_policy_that_would_let_everything_pass_by_a_slip_is_refused(tmp_path: Path) -> None:
    for slip, says in (('extend = "netflix-2025"\n', "unknown field 'extend'"), ("", "has no rules")):
        with pytest.raises(ConfigError, match=says):
            load_policy(saved(tmp_path, HEAD + slip))
    with pytest.raises(ConfigError, match="used by two rules"):
        load_policy(saved(tmp_path, HEAD + RULE + RULE))
    with pytest.raises(ConfigError, match="unknown field 'whenn'"):
        load_policy(saved(tmp_path, HEAD + RULE + '[[use]]\ntext = "t"\nwhenn = { tool = "a" }\n'))


def test_a_milder_outcome_of_an_inherited_rule_is_milder_throughout(tmp_path: Path) -> None:
    mine = '[[rule]]\nid = "netflix.generated-in-final"\noutcome = "fyi"\nexamples = [{ claim = "generated", strength = "structured", category = "artwork", outcome = "fyi" }]\n'
    policy = load_policy(saved(tmp_path, HEAD + 'extends = "netflix-2025"\n' + mine))
    (rule,) = (rule for rule in policy.rules if rule.id == "netflix.generated-in-final")
    assert rule.outcomes == (Outcome.FYI, Outcome.FYI, Outcome.FYI, Outcome.PASS)
    assert list(prove_policy(policy)) == []


def test_policies_together_are_proved_though_one_is_harsher(tmp_path: Path) -> None:
    both = load_policy(saved(tmp_path, HEAD + 'extends = ["netflix-2025", "apa-documentary"]\n'))
    assert list(prove_policy(both)) == []


def test_an_example_that_comes_out_otherwise_is_told(tmp_path: Path) -> None:
    policy = load_policy(saved(tmp_path, HEAD + RULE.replace('outcome = "issue" }', 'outcome = "fyi" }')))
    assert list(prove_policy(policy)) == ["mine.one: generated is issue by mine.one, should be fyi"]


def test_a_house_can_ask_that_marks_are_kept(tmp_path: Path) -> None:
    """The template's own rule, uncommented: approved or not, an AI-made element without its mark is looked at."""
    text = (resources.files("scanner.judge.policy") / "builtin/house.toml").read_text("utf-8")
    block = text.partition("carries no mark.")[2].partition("[[rule]]")[2].partition("\n\n")[0]
    head = '[policy]\nname = "ours"\ntitle = "ours"\nsource = "us"\nextends = "netflix-2025"\n\n[[rule]]\n'
    path = tmp_path / "ours.toml"
    path.write_text(head + "\n".join(line.removeprefix("# ") for line in block.strip().splitlines()), "utf-8")
    ours = load_policy(str(path))
    assert list(prove_policy(ours)) == []
    element, approved = match("ai-made", reference="EP101/vfx/sky.png"), {"phash_or_ref_id": "vfx/sky.png", **APPROVED}
    for beside, expected in (((), Outcome.ISSUE), ((finding(),), Outcome.PASS)):
        rows = (row(content_digest=OTHER, **{**approved, "phash_or_ref_id": ""}), row(3, **approved))
        assert outcome(film(), *beside, matches=(element,), rows=rows, policy=ours) is expected
        assert outcome(film(), *beside, matches=(element,), rows=rows) is Outcome.PASS
