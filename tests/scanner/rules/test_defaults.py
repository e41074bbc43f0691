"""What the rules of a file share under `[defaults]`: each rule has it, or states its own; a rule names itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import ConfigError
from scanner.judge.rules import Engine, load_rules, prove
from scanner.model import Claim, Evidence, Strength

SHARED = """
[defaults]
claim = "generated"
strength = "structured"
where = ["png-text:Maker"]
source = "sample: two pictures"
seen = "sample"
date = "2026-11-30"
[[defaults.refine]]
match = 'draft'
claim = "possible"
strength = "heuristic"
"""
RULE = """
[[rule]]
id = "shared.{name}"
title = "{name} writes its name"
tool = "{name}"
match = '^{name}'
{own}
[[rule.hits]]
says = {{ "png-text:Maker" = "{name}" }}
[[rule.misses]]
says = {{ "png-text:Comment" = "{name}" }}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def found(engine: Engine, value: str) -> list[tuple[str | None, Claim, Strength]]:
    said = Evidence(reader="png-text", key="Maker", value=value, where="tEXt", id="e1")
    return [(it.tool, it.claim, it.strength) for it in engine.detect((said,)).findings]


def test_a_rule_has_what_its_file_shares_and_what_it_states_itself_replaces_that(tmp_path: Path) -> None:
    text = SHARED + RULE.format(name="Alpha", own="") + RULE.format(name="Beta", own='claim = "edited"\nrefine = []')
    rules = load_rules([written(tmp_path, text)])
    assert not [failure for failure in prove(rules) if failure.rule.startswith("shared.")]
    engine = Engine(rules)
    assert found(engine, "Alpha") == [("Alpha", Claim.GENERATED, Strength.STRUCTURED)]
    assert found(engine, "Alpha draft") == [("Alpha", Claim.POSSIBLE, Strength.HEURISTIC)]
    assert found(engine, "Beta draft") == [("Beta", Claim.EDITED, Strength.STRUCTURED)]


def test_what_one_file_shares_is_not_shared_with_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml, rule shared\.Alpha: source is missing"):
        load_rules([written(tmp_path, RULE.format(name="Alpha", own=""))])


@pytest.mark.parametrize("own", ["id", "title", "hits", "misses", "clam"])
def test_what_each_rule_states_for_itself_is_refused_among_the_defaults(tmp_path: Path, own: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[defaults\]: the table has unknown field '{own}'"):
        load_rules([written(tmp_path, f'[defaults]\n{own} = "x"\n')])


def test_defaults_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[defaults\]: must be a table"):
        load_rules([written(tmp_path, 'defaults = "x"\n')])
