"""A timeline connects an AI-made source found elsewhere in the tree with the master that uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from scanner.config import Config
from scanner.judge.conclude import Judgement, conclude_again
from scanner.judge.delivery import RULE
from scanner.judge.policy import load_policy
from scanner.judge.rules import Detection, Engine, load_rules
from scanner.model import Claim, Outcome, Place, Record, Strength
from scanner.pipeline import Output, rejudge, run_scan
from tests.scanner.timebased import make

SETTINGS = (
    "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: example, Version: v1.10.1"
)
EDL = """TITLE: EP101_v3
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:02:00 01:00:10:00 01:00:12:00
* FROM CLIP NAME: harbour_wide.png
002  AX       V     C        00:00:00:00 00:00:02:00 01:00:12:00 01:00:14:00
* FROM CLIP NAME: interview_a.mov
"""

PROGRAMME = ("-f", "lavfi", "-i", "color=teal:duration=20:size=64x36:rate=24", "-timecode", "01:00:00:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("04_VFX", "01_Masters", "08_Docs"):
        (tmp_path / name).mkdir()
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SETTINGS)
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "04_VFX" / "harbour_wide.png", pnginfo=info)
    (tmp_path / "08_Docs" / "EP101_v3.edl").write_text(EDL)
    master = make(tmp_path / "01_Masters" / "EP101_v3.mov", *PROGRAMME)
    (tmp_path / "01_Masters" / "EP102_v1.mov").write_bytes(master.read_bytes())
    return tmp_path


def by_path(records: object) -> dict[str, Record]:
    return {record.examination.asset.path: record for record in records}  # type: ignore[attr-defined]


def contained(record: Record) -> list[str]:
    return [finding.text for finding in record.findings if finding.claim is Claim.CONTAINS]


def test_the_master_that_bears_the_timelines_name_contains_its_sources(folder: Path, tmp_path: Path) -> None:
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        records = by_path(run.records())
    master = records["01_Masters/EP101_v3.mov"]
    assert contained(master) == contained(records["08_Docs/EP101_v3.edl"])
    assert "harbour_wide.png" in contained(master)[0]
    assert master.findings[0].at == Place(labels=("01:00:10:00", "01:00:12:00"))
    assert master.verdict.outcome is Outcome.BLOCKER
    assert not contained(records["01_Masters/EP102_v1.mov"])
    cited = {item.id: item for item in master.examination.evidence}
    assert [cited[name].facts["source"] for name in master.findings[0].evidence] == ["04_VFX/harbour_wide.png"]


def test_judging_again_comes_to_the_same(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    out, again = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("again")
    config = Config(executor="serial")
    with run_scan([folder], config, Output(folder=out), no_cache=True) as run:
        first = list(run.records())
    with rejudge(out / "records.jsonl", config, Output(folder=again)) as run:
        assert list(run.records()) == first


@pytest.mark.parametrize(
    ("timeline", "master", "meant"),
    [
        pytest.param("LC_EP101_V12", "LC_EP101_MASTER_2398_0100.mov", True, id="the same episode"),
        pytest.param("LC_EP101_V12", "LC_EP1010_MASTER.mov", False, id="another episode that begins alike"),
        pytest.param("Assembly v3", "Assembly_MASTER.mov", False, id="no number tells it from others"),
        pytest.param("SHOW_S01E02_lock", "SHOW_S01E02.mxf", True, id="a locked cut"),
    ],
)
def test_which_master_a_timeline_speaks_of(folder: Path, timeline: str, master: str, meant: bool) -> None:
    (folder / "08_Docs" / "EP101_v3.edl").unlink()
    (folder / "08_Docs" / f"{timeline}.edl").write_text(EDL.replace("EP101_v3", timeline))
    (folder / "01_Masters" / "EP101_v3.mov").rename(folder / "01_Masters" / master)
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        assert bool(contained(by_path(run.records())[f"01_Masters/{master}"])) is meant


LONG = EDL.replace("01:00:12:00 01:00:14:00", "01:00:12:00 01:05:00:00")
"""A cut of five minutes."""


@pytest.mark.parametrize(
    ("programme", "edl", "meant"),
    [
        pytest.param("03_Promo/EP101_trailer.mov", EDL, False, id="named a trailer, though it is as long"),
        pytest.param("03_Promo/EP101.mov", LONG, False, id="the episode's name, a twelfth of its length"),
        pytest.param("01_Masters/EP101_v3.mov", LONG, False, id="the cut's own name, a twelfth of its length"),
        pytest.param("01_Masters/EP101_R1.mov", LONG, True, id="a reel of it"),
        pytest.param("01_Masters/EP101_v3.mov", EDL, True, id="the episode"),
        pytest.param("01_Masters/EP101_textless.mov", EDL, True, id="the episode, longer than its cut"),
        pytest.param(
            "03_Promo/EP101_trailer_v2.mov", EDL.replace("EP101_v3", "EP101_trailer"), True, id="the trailer's own cut"
        ),
    ],
)
def test_a_trailer_is_not_the_cut_of_its_episode(folder: Path, programme: str, edl: str, meant: bool) -> None:
    (folder / "08_Docs" / "EP101_v3.edl").unlink()
    (folder / "03_Promo").mkdir()
    name = edl.partition("\n")[0].removeprefix("TITLE: ")
    (folder / "08_Docs" / f"{name}.edl").write_text(edl)
    (folder / "01_Masters" / "EP101_v3.mov").rename(folder / programme)
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        records = by_path(run.records())
    assert bool(contained(records[programme])) is meant
    assert records[programme].verdict.outcome is (Outcome.BLOCKER if meant else Outcome.PASS)
    assert contained(records[f"08_Docs/{name}.edl"])


def test_a_name_that_everybody_uses_connects_nothing(folder: Path) -> None:
    (folder / "04_VFX" / "harbour_wide.png").rename(folder / "04_VFX" / "image.png")
    edl = folder / "08_Docs" / "EP101_v3.edl"
    edl.write_text(EDL.replace("harbour_wide", "image"))
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        assert not contained(by_path(run.records())["01_Masters/EP101_v3.mov"])


@pytest.mark.parametrize(
    ("place", "meant"), [("file:///Volumes/X/04_VFX/sky%201.png", True), ("/X/Stock/sky 1.png", False)]
)
def test_a_short_name_counts_behind_the_name_of_its_folder(place: str, meant: bool, folder: Path) -> None:
    (folder / "04_VFX" / "harbour_wide.png").rename(folder / "04_VFX" / "sky 1.png")
    edl = folder / "08_Docs" / "EP101_v3.edl"
    edl.write_text(EDL.replace("harbour_wide.png", f"SH010\n* SOURCE FILE: {place}"))
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        assert bool(contained(by_path(run.records())["01_Masters/EP101_v3.mov"])) is meant


def accepted(record: Record, waivers: Path) -> None:
    """A waiver of what the record was stopped for, in its content."""
    (reason,) = (it for it in record.verdict.reasons if it.outcome is Outcome.BLOCKER)
    digest = record.examination.digest
    assert digest is not None
    waivers.write_text(
        f'[[waiver]]\nfinding = "{reason.because[0]}"\ndigest = "{digest.algorithm}:{digest.value}"\n'
        'disposition = "creative-intent"\nname = "Q. Operator"\nreason = "meant so"\ndate = "2026-11-01"\n'
    )


def test_a_waiver_of_it_outlives_renamed_files_and_dies_with_changed_ones(folder: Path, tmp_path: Path) -> None:
    waivers = tmp_path.with_name(f"{tmp_path.name}.toml")
    config = Config(executor="serial", waivers=(str(waivers),))
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        accepted(by_path(run.records())["01_Masters/EP101_v3.mov"], waivers)
    (folder / "04_VFX/more").mkdir()
    (folder / "04_VFX/harbour_wide.png").rename(folder / "04_VFX/more/harbour_wide.png")
    (folder / "08_Docs/EP101_v3.edl").rename(folder / "08_Docs/EP101_v4.edl")
    master = (folder / "01_Masters/EP101_v3.mov").rename(folder / "01_Masters/EP101_master.mov")

    with run_scan([folder], config, Output(), no_cache=True) as run:
        record = by_path(run.records())["01_Masters/EP101_master.mov"]
        assert run.warnings == ()
    assert record.verdict.outcome is Outcome.FYI
    assert record.verdict.reasons[0].waiver == "creative intent: meant so – Q. Operator, 2026-11-01"

    master.write_bytes(master.read_bytes() + b"\x00\x00\x00\x08free")
    with run_scan([folder], config, Output(), no_cache=True) as run:
        assert by_path(run.records())["01_Masters/EP101_master.mov"].verdict.outcome is Outcome.BLOCKER
        assert "the waiver is stale: the content has changed since" in run.warnings[0]


def test_each_use_of_a_source_is_a_finding_of_its_own_and_several_cuts_that_name_it_are_one(folder: Path) -> None:
    picture = (folder / "04_VFX/harbour_wide.png").read_bytes()
    (folder / "04_VFX/harbour_copy.png").write_bytes(picture)
    cut = EDL.replace("interview_a.mov", "harbour_copy.png")
    for name in ("EP101_v3.edl", "EP101_v3_conform.edl"):
        (folder / "08_Docs" / name).write_text(cut)
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        found = [it for it in by_path(run.records())["01_Masters/EP101_v3.mov"].findings if it.rule == RULE]
    assert [it.at for it in found] == [
        Place(labels=("01:00:10:00", "01:00:12:00")),
        Place(labels=("01:00:12:00", "01:00:14:00")),
    ]
    assert [len(it.evidence) for it in found] == [2, 2], "an event of each cut"
    assert len({it.id for it in found}) == 2


def test_of_two_sources_called_alike_the_firmer_marker_counts(folder: Path) -> None:
    other = folder / "02_Other"
    other.mkdir()
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "Midjourney")
    Image.new("RGB", (64, 64), "red").save(other / "harbour_wide.png", pnginfo=info)
    (folder / "09_Later").mkdir()
    (folder / "09_Later" / "harbour_wide.png").write_bytes((other / "harbour_wide.png").read_bytes())
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        (found,) = (it for it in by_path(run.records())["01_Masters/EP101_v3.mov"].findings if it.rule == RULE)
    assert found.strength is Strength.STRUCTURED


class Deaf(Engine):
    """Finds nothing, so that it shows whether it was asked."""

    def detect(self, evidence: object) -> Detection:
        return Detection(())


def test_what_the_same_rules_found_is_not_looked_for_again(folder: Path) -> None:
    with run_scan([folder], Config(executor="serial"), Output(), no_cache=True) as run:
        first = list(run.records())
    rules = load_rules()
    again, deaf = (Judgement(kind(rules), load_policy("netflix-2025")) for kind in (Engine, Deaf))

    def stored(**asked: object) -> list[Record]:
        return first

    assert [it.findings for it in conclude_again(stored, deaf, same_rules=True)] == [it.findings for it in first]
    assert [it.findings for it in conclude_again(stored, again, same_rules=False)] == [it.findings for it in first]
    assert not any(it.findings for it in conclude_again(stored, deaf, same_rules=False))


NAME_RULE = """
[[rule]]
id = "house.named"
title = "Named as the production names its generated elements"
claim = "generated"
strength = "heuristic"
text = "The production names it as generated"
where = ["@given-name"]
match = '^SP_gen_\\d+'
source = "the production's own names"
seen = "sample"
date = "2026-11-30"
[[rule.hits]]
says = { "name:file" = "SP_gen_0012.png" }
[[rule.misses]]
says = { "name:file" = "SP_0012.png" }
"""


def test_a_source_whose_name_states_it_counts_in_a_scan_as_it_does_when_judged_again(folder: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(folder / "04_VFX" / "SP_gen_0012.png")
    (folder / "08_Docs" / "EP101_v3.edl").write_text(EDL.replace("interview_a.mov", "SP_gen_0012.png"))
    rules = folder.parent / f"{folder.name}.toml"
    rules.write_text(NAME_RULE)
    with run_scan([folder], Config(executor="serial", rules=(str(rules),)), Output(), no_cache=True) as run:
        first = list(run.records())
    assert any("SP_gen_0012.png" in text for text in contained(by_path(first)["01_Masters/EP101_v3.mov"]))
    judgement = Judgement(Engine(load_rules([rules])), load_policy("netflix-2025"))
    again = conclude_again(lambda **asked: first, judgement)
    assert [it.findings for it in again] == [it.findings for it in first]
