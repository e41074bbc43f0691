"""JUnit as build servers read it."""

from __future__ import annotations

import dataclasses

import junitparser
import pytest

from scanner.model import Outcome, Problem, Record, Scan
from scanner.reports.junit import JunitReport
from scanner.reports.wording import inert
from tests.scanner.reports.handmade import RECORDS, SURROGATE, quiet, stopped, summed


def read(records: tuple[Record, ...]) -> junitparser.JUnitXml:
    return junitparser.JUnitXml.fromstring("".join(JunitReport().render(summed(records), lambda: records)).encode())


def results(records: tuple[Record, ...]) -> dict[str, list[str]]:
    return {case.name: [type(result).__name__ for result in case.result] for suite in read(records) for case in suite}


def test_every_asset_is_a_case_with_its_result() -> None:
    found = results(RECORDS)
    assert list(found) == [inert(record.examination.asset.path) for record in RECORDS]
    assert found["picture/slate.png"] == []
    assert found["art/keyart_final.png"] == ["Failure"]
    assert found["vfx/sh010/sh010_comp.%04d.exr"] == []
    assert found["promo/teaser_30s.mp4"] == ["Error"]
    assert found[inert(SURROGATE)] == ["Error"]


def test_the_counts_are_those_of_the_cases() -> None:
    log = read(RECORDS)
    kinds = [kind for given in results(RECORDS).values() for kind in given]
    assert (log.tests, log.failures, log.errors) == (len(RECORDS), kinds.count("Failure"), kinds.count("Error"))
    suite = next(iter(log))
    assert (suite.tests, suite.failures, suite.errors) == (log.tests, log.failures, log.errors)


def of_root(record: Record, root: str) -> Record:
    seen = record.examination
    return dataclasses.replace(
        record, examination=dataclasses.replace(seen, asset=dataclasses.replace(seen.asset, root=root))
    )


def test_a_root_is_a_suite_however_its_assets_are_mixed() -> None:
    mixed = (of_root(stopped("x.png"), "B"), of_root(quiet("a.png"), "A"), of_root(stopped("y.png"), "B"))
    suites = [(suite.name, suite.tests, suite.failures, len(list(suite))) for suite in read(mixed)]
    assert suites == [("B", 2, 2, 2), ("A", 1, 0, 1)]


def test_what_need_only_be_known_is_in_the_output() -> None:
    log = read(RECORDS)
    (case,) = (case for suite in log for case in suite if case.name.startswith("vfx/"))
    assert case.system_out.startswith("fyi: AI-enhanced: Video AI (Topaz Labs)")
    assert "To pass" not in case.system_out
    assert "A register row that names the shot." in case.system_out


@pytest.mark.parametrize(("because", "result"), [(("f0000",), "Failure"), ((), "Error")])
def test_a_blocker_outranks_that_the_file_could_not_be_read_whole(because: tuple[str, ...], result: str) -> None:
    record = stopped("a.png")
    problem = Problem(code="malformed", stage="examine", by="x", message="m")
    reasons = tuple(dataclasses.replace(reason, because=because) for reason in record.verdict.reasons)
    verdict = dataclasses.replace(record.verdict, scan=Scan.INCOMPLETE, reasons=reasons)
    seen = dataclasses.replace(record.examination, problems=(problem,))
    assert results((dataclasses.replace(record, examination=seen, verdict=verdict),)) == {"a.png": [result]}
    assert verdict.outcome is Outcome.BLOCKER


def test_an_empty_run_has_no_suite() -> None:
    assert read(()).tests == 0
