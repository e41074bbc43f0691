"""Planned uses: what has to be asked before anything exists, by the rules that judge a delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from media.errors import ConfigError
from scanner.cli import provscan
from scanner.judge.case import AI_CLAIMS
from scanner.judge.policy import Policy, Reconciliation, Waivers, builtin_policies, load_policy
from scanner.judge.policy.triage import Level, Planned, triage
from scanner.judge.register.register_file import RegisterFile
from scanner.judge.register.row import row_of
from scanner.model import Category, Outcome
from scanner.notice import planned_json, planned_lines, planned_markdown
from tests.scanner.policy.world import APA, HASH, NETFLIX, finding, judged, register, row, still

SAFE = {
    "entry_id": "AI-1", "status": "planned", "tool": "Firefly", "use_case": "effects", "generated_or_altered": "generated",
    "licence_tier": "enterprise", "trains_on_inputs": "n", "inputs_used": "none", "scope_temp_or_final": "temp",
}  # fmt: skip


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(provscan, arguments, standalone_mode=False)


def planned(policy: Policy = NETFLIX, **cells: str) -> Planned:
    one, faults = row_of("plan.csv", 2, {**SAFE, **cells})
    file = RegisterFile(name="plan.csv", digest="", rows=(one,), faults=faults)
    (told,) = triage(file, (policy,))
    return told


@pytest.mark.parametrize(
    ("cells", "level", "actions"),
    [
        ({}, Level.INFORM, {"inform"}),
        ({"use_case": "ideation", "scope_temp_or_final": ""}, Level.INFORM, {"inform"}),
        ({"scope_temp_or_final": "final"}, Level.ASK, {"written-approval"}),
        ({"scope_temp_or_final": ""}, Level.ASK, {"written-approval"}),
        ({"use_case": "de-aging"}, Level.ASK, {"written-approval", "consent"}),
        ({"use_case": "Stimme"}, Level.ASK, {"written-approval", "consent"}),
        ({"talent_name": "A. Actor"}, Level.ASK, {"written-approval", "consent"}),
        ({"inputs_used": "call sheets"}, Level.ASK, {"written-approval"}),
        ({"inputs_used": "stock footage"}, Level.ASK, {"written-approval", "clearance"}),
        ({"inputs_used": "unreleased footage", "trains_on_inputs": "y"}, Level.ASK, {"written-approval"}),
        ({"real_events": "y"}, Level.ASK, {"written-approval", "disclose"}),
        ({"use_case": "restoration", "generated_or_altered": "enhanced", "scope_temp_or_final": "final"}, Level.INFORM,
         {"inform"}),
        ({"ai_terms": "prohibited"}, Level.ASK, {"clearance"}),
    ],
)  # fmt: skip
def test_what_a_planned_use_needs(cells: dict[str, str], level: Level, actions: set[str]) -> None:
    told = planned(**cells)
    assert (told.level, {*told.actions}) == (level, actions), told.asks


def test_it_says_by_which_rule_and_what_the_row_leaves_out() -> None:
    told = planned(use_case="de-aging", licence_tier="")
    (talent,) = [ask for ask in told.asks if ask.rule == "netflix.talent-before-proceeding"]
    assert (talent.policy, talent.outcome) == ("netflix-2025", Outcome.ISSUE)
    assert talent.text == "The register declares a performer's likeness, voice or performance."
    assert {"talent_name", "consent_ref", "licence_tier"} <= {column for column, _ in told.missing}
    assert not {"asset_glob", "approved_by", "date_approved"} & {column for column, _ in told.missing}, "none yet"


def test_a_request_names_every_use_and_not_the_gravest_alone() -> None:
    told = planned(use_case="voice", inputs_used="scripts; call sheets", trains_on_inputs="y")
    assert {"netflix.talent-before-proceeding", "netflix.personal-data", "netflix.unreleased-into-training-tool"} <= {
        ask.rule for ask in told.asks
    }


def test_what_is_left_open_is_asked_and_says_why() -> None:
    told = planned(use_case="frobnication")
    assert told.level is Level.ASK
    assert any("Asked because the row leaves open: use_case." in ask.text for ask in told.asks)
    assert dict(told.missing)["use_case"].startswith("'frobnication' is not a word of this column")


@pytest.mark.parametrize(
    "column", ["licence_tier", "trains_on_inputs", "inputs_used", "generated_or_altered", "use_case"]
)
@pytest.mark.parametrize("word", ["", "TBC", "xyzzy"])
@pytest.mark.parametrize("base", [{}, {"use_case": "voice"}, {"inputs_used": "scripts", "trains_on_inputs": "y"}])
def test_leaving_an_answer_open_never_asks_for_less(column: str, word: str, base: dict[str, str]) -> None:
    left = planned(**{**base, column: word})
    assert left.level in (Level.ASK, Level.UNCLEAR), "unsure is a reason to escalate"
    assert any(it[0] == column for it in left.missing)


@pytest.mark.parametrize("name", builtin_policies())
@pytest.mark.parametrize("category", [Category.FINAL_PICTURE, Category.ARTWORK, Category.ARCHIVAL, Category.TEMP])
@pytest.mark.parametrize("claim", AI_CLAIMS)
def test_what_may_proceed_is_never_an_issue_when_it_is_delivered(name: str, category: Category, claim: str) -> None:
    """The delivery of such a material, of which the contact was informed, is judged by the same rules."""
    policy = load_policy(name)
    said = {"edited": "edited", "enhanced": "enhanced"}.get(claim, "generated")
    cells = {**SAFE, "generated_or_altered": said, "category": category.value, "scope_temp_or_final": ""}
    told = planned(policy, **cells)
    delivered = row(**{**cells, "asset_glob": "a.png", "content_digest": still().digest.value, "status": "informed"})
    verdict = judged(still("a.png", category), finding(claim), rows=(delivered,), policy=policy, genre="")
    asking = {"written-approval", "consent", "clearance", "disclose"} & {*verdict.actions}
    open_ = verdict.outcome.rank >= Outcome.ISSUE.rank and bool(asking)
    assert (told.level is Level.ASK) == open_, (told.asks, verdict)


def test_other_rows_are_counted_and_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    lines = [
        SAFE,
        {**SAFE, "entry_id": "AI-2", "status": "geplant"},
        {**SAFE, "entry_id": "AI-3", "status": "approved"},
    ]
    file.write_text("\n".join(";".join(line) for line in (SAFE, *(line.values() for line in lines))))
    done = invoke("register", "triage", str(file), "--policy", "netflix-2025")
    assert done.return_value == 0, done.output
    assert "2 planned uses: 0 to ask first, 0 to answer first, 2 to inform of." in done.stdout
    assert "1 row with another status is not judged here." in done.stdout


def test_a_planned_row_needs_no_place(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(";".join(SAFE) + "\n" + ";".join(SAFE.values()) + "\n")
    done = invoke("register", "check", str(file))
    assert done.return_value == 0, done.output


def test_exit_codes_and_a_file_of_its_own(tmp_path: Path) -> None:
    file, target = tmp_path / "plan.csv", tmp_path / "ask.json"
    cells = {**SAFE, "use_case": "voice"}
    file.write_text(";".join(cells) + "\n" + ";".join(cells.values()) + "\n")
    args = ("register", "triage", str(file), "--policy", "netflix-2025")
    done = invoke(*args, "--format", "json", "--out", str(target))
    assert (done.return_value, done.stdout) == (1, "")
    told = json.loads(target.read_text("utf-8"))
    assert (told["schema"], told["counts"]["ask first"], told["uses"][0]["actions"][0]) == (
        "provscan/triage/1", 1, "written-approval",
    )  # fmt: skip
    with pytest.raises(ConfigError, match="is a file that is read here"):
        raise invoke(*args, "--out", str(file)).exception or AssertionError
    assert file.read_text().startswith("entry_id")


def test_nothing_of_a_sheet_is_markup() -> None:
    evil = "<script>x</script> [a](http://e.example) `b` **c** | d \x1b[31m\u202e www.e.example"
    told = (planned(APA, description=evil), planned(entry_id=evil, use_case=evil))
    text = planned_markdown(told, evil, "p", 0)
    body = text.replace("&lt;", "").replace("&gt;", "")
    assert not {"<", "\x1b", "\u202e"} & set(body)
    assert "](" not in body
    assert "http\\://" in text
    assert "www\\.e" in text
    assert not any("\x1b" in line or "\u202e" in line for line in planned_lines(told, evil, "p", 0))
    json.dumps(planned_json(told, evil, "p", 0))


def test_of_several_policies_each_use_says_which_one_asks() -> None:
    one, faults = row_of("plan.csv", 2, {**SAFE, "use_case": "voice"})
    file = RegisterFile(name="plan.csv", digest="", rows=(one,), faults=faults)
    (told,) = triage(file, (NETFLIX, APA))
    assert {ask.policy for ask in told.asks} == {"netflix-2025", "apa-documentary"}
    assert {*told.actions} >= {"written-approval", "consent", "disclose"}


def test_a_planned_row_of_a_delivery_approves_nothing_and_is_not_reported_as_missing() -> None:
    waiting, draft = row(**{**SAFE, "asset_glob": "none.png"}), row(3, asset_glob="none.png", status="draft")
    both = Reconciliation(register(waiting, draft), Waivers())
    said = [*both.sentences()]
    assert len(said) == 1
    assert "row 3" in said[0]
    told = both.register_json() or {}
    assert [it.get("planned", False) for it in told["declared_not_found"]] == [True, False]
    seen = row(**{**SAFE, "content_digest": HASH, "scope_temp_or_final": "final"})
    assert judged(still(), finding(), rows=(seen,)).outcome is Outcome.BLOCKER, "it is made, and the row says planned"


@pytest.mark.parametrize("name", builtin_policies())
@pytest.mark.parametrize("category", [Category.FINAL_PICTURE, Category.IDEATION])
def test_what_has_to_be_answered_first_is_an_issue_when_it_is_delivered_unanswered(
    name: str, category: Category
) -> None:
    policy = load_policy(name)
    cells = {**SAFE, "category": category.value, "scope_temp_or_final": "", "trains_on_inputs": ""}
    told = planned(policy, **cells)
    delivered = row(**{**cells, "asset_glob": "a.png", "content_digest": still().digest.value, "status": "informed"})
    answered = row(**{**delivered.cells, "trains_on_inputs": SAFE["trains_on_inputs"]})
    verdict, before = (
        judged(still("a.png", category), finding(), rows=(it,), policy=policy, genre="") for it in (delivered, answered)
    )
    stopped = {it.rule for it in verdict.reasons if it.outcome.rank >= Outcome.ISSUE.rank}
    more = stopped - {it.rule for it in before.reasons}
    assert (told.level is Level.UNCLEAR or bool(told.asks)) >= bool(more)
    if told.level is Level.UNCLEAR:
        assert more
