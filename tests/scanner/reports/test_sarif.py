"""SARIF against models generated from the OASIS schema of 2.1.0, and what that schema cannot say."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from scanner.model import Record
from scanner.reports.sarif import SarifReport
from tests.scanner.reports.handmade import RECORDS, stopped, summed

CASES = {"all cases": RECORDS, "empty": (), "one kind": tuple(stopped(f"{n}.png", n) for n in range(5))}


def run(records: tuple[Record, ...] = RECORDS) -> dict[str, Any]:
    log = json.loads("".join(SarifReport().render(summed(records), lambda: records)))
    assert log["version"] == "2.1.0"
    return log["runs"][0]


@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_it_is_of_the_schema(records: tuple[Record, ...]) -> None:
    log = json.loads("".join(SarifReport().render(summed(records), lambda: records)))
    Log.model_validate(log)
    if "SARIF_SCHEMA" in os.environ:
        with open(os.environ["SARIF_SCHEMA"], encoding="utf-8") as schema:  # noqa: PTH123
            jsonschema.Draft4Validator(json.load(schema), format_checker=jsonschema.FormatChecker()).validate(log)


def test_the_schema_catches_what_is_wrong() -> None:
    log = json.loads("".join(SarifReport().render(summed(), lambda: RECORDS)))
    log["runs"][0]["results"][0]["levels"] = "error"
    with pytest.raises(ValueError, match="levels"):
        Log.model_validate(log)


def test_every_asset_is_an_artifact_with_its_own_bytes_in_the_uri() -> None:
    artifacts = run()["artifacts"]
    for artifact, record in zip(artifacts, RECORDS, strict=True):
        path = unquote_to_bytes(artifact["location"]["uri"])
        assert path == record.examination.asset.path.encode("utf-8", "surrogateescape")
        assert ":" not in artifact["location"]["uri"]
    assert artifacts[1]["hashes"] == {"xxh3-128": "00ff"}


def test_every_result_points_at_its_artifact_and_its_rule() -> None:
    found = run()
    rules = {rule["id"] for rule in found["tool"]["driver"]["rules"]}
    assert len(rules) == len(found["tool"]["driver"]["rules"])
    for result in found["results"]:
        assert result["ruleId"] in rules
        (place,) = result["locations"]
        uri = place["physicalLocation"]["artifactLocation"]
        assert found["artifacts"][uri["index"]]["location"]["uri"] == uri["uri"]
        assert uri["uriBaseId"] in found["originalUriBaseIds"]
        assert (result["level"] == "none") == (result["kind"] != "fail")


def test_levels_follow_the_policy() -> None:
    levels = {result["ruleId"]: result["level"] for result in run()["results"]}
    assert levels["a1111.parameters"] == "error"
    assert levels["topaz.software"] == "note"
    assert levels["c2pa.capture"] == "none"
    assert levels["netflix.not-inspected"] == "warning"


def test_a_fingerprint_is_the_finding_and_the_content() -> None:
    (result,) = (result for result in run()["results"] if result["ruleId"] == "a1111.parameters")
    assert result["partialFingerprints"] == {"provscanFinding/v1": "f0000", "provscanContent/v1": "xxh3-128:00ff"}


def test_each_place_is_a_result_with_its_timecode() -> None:
    results = run()["results"]
    (clip,) = (it["properties"]["provscan"] for it in results if it["ruleId"] == "c2pa.trained-algorithmic-media")
    assert (clip["in"], clip["out"], clip["firstFrame"], clip["frames"]) == ("01:00:28:10", "01:00:31:02", 682, 64)
    places = [it["partialFingerprints"]["provscanPlace/v1"] for it in results if it["ruleId"] == "topaz.software"]
    assert places == ["1010+3", "1020+1"]


def test_what_could_not_be_inspected_is_a_notification() -> None:
    (invocation,) = run()["invocations"]
    notes = {(note["descriptor"]["id"], note["level"]) for note in invocation["toolExecutionNotifications"]}
    assert notes == {("tool-failed", "note"), ("malformed", "error"), ("timed-out", "note"), ("unsupported", "error")}
    assert invocation["exitCode"] == 1
    assert invocation["startTimeUtc"] == "2026-11-22T18:30:00Z"


def test_it_is_ascii_and_holds_no_lone_surrogate() -> None:
    text = "".join(SarifReport().render(summed(), lambda: RECORDS))
    assert text.isascii()
    assert "\\udc" not in text.replace("\\\\", "")
