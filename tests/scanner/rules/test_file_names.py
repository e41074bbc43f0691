"""Names that generators give to downloads: found wherever a name stands, in no ordinary name, and never a proof."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude, conclude_again, state_all
from scanner.judge.policy import load_policy
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, Claim, Evidence, Examination, Kind, Record

DOWNLOAD = "Gemini_Generated_Image_abc123abc123abc1.png"
ENGINE = Engine(load_rules())
NAMES = [rule for rule in ENGINE.rules.rules if rule.id.startswith("name.")]
HOLDERS = [
    ("timeline:source-clip", DOWNLOAD, {}),
    ("timeline:source-clip", "SH010", {"file": f"file:///Volumes/Temp/{DOWNLOAD}"}),
    ("psd:layer", DOWNLOAD.removesuffix(".png"), {}),
    ("embedded:picture", f"word/media/{DOWNLOAD}", {"inside": "word/media/x"}),
    ("pdf:attachment", DOWNLOAD, {}),
    ("container:filename", DOWNLOAD, {"of": "stream 2 attachment"}),
    ("mxf:NetworkLocator/URLString", f"file:///D:/media/{DOWNLOAD}", {}),
    ("xmp:xmpMM:Ingredients/stRef:filePath", f"/Users/x/{DOWNLOAD}", {}),
    ("dpx:filename", DOWNLOAD, {}),
    ("name:file", DOWNLOAD, {}),
]


def examined(path: str, *evidence: Evidence) -> Examination:
    asset = Asset(
        path=path,
        root="EP101",
        location="/EP101",
        kind=Kind.IMAGE,
        media_type="image/png",
        size=1,
        mtime_ns=0,
        category=Category.ARTWORK,
    )
    return Examination(asset=asset, evidence=evidence)


def judged(*examinations: Examination) -> list[Record]:
    return list(conclude(HeldExaminations(examinations), Judgement(ENGINE, load_policy("default"))))


@pytest.mark.parametrize(("home", "value", "facts"), HOLDERS, ids=lambda it: it if isinstance(it, str) else "")
def test_a_name_is_found_wherever_it_stands(home: str, value: str, facts: dict[str, str]) -> None:
    reader, _, key = home.partition(":")
    (found,) = ENGINE.detect([Evidence(reader=reader, key=key, value=value, where="x", id="e1", facts=facts)]).findings
    assert (found.rule, found.tool, found.claim, found.evidence) == ("name.gemini", "Gemini", Claim.POSSIBLE, ("e1",))


def test_a_title_and_a_comment_are_no_names() -> None:
    homes = ("timeline:title", "container:title", "container:comment", "xmp:dc:title", "pdf:Info/Title")
    stated = [
        Evidence(reader=home.partition(":")[0], key=home.partition(":")[2], value=DOWNLOAD, where="x", id=f"e{number}")
        for number, home in enumerate(homes)
    ]
    assert not ENGINE.detect(stated).findings


def test_the_file_of_that_name_is_possible_and_its_record_says_why() -> None:
    (record,) = judged(examined(f"Artwork/{DOWNLOAD}"))
    (found,) = record.findings
    assert (found.claim, found.tool) == (Claim.POSSIBLE, "Gemini")
    (said,) = record.examination.evidence
    assert (said.id, said.reader, said.value) == (found.evidence[0], "name", DOWNLOAD)
    assert record.verdict.outcome == "issue"


def test_judging_again_says_the_same_of_it() -> None:
    before = judged(examined(f"Artwork/{DOWNLOAD}"), examined("Artwork/key_art.png"))
    for same_rules in (True, False):
        judgement = Judgement(ENGINE, load_policy("default"))
        after = list(conclude_again(lambda kinds=(), named=None: before, judgement, same_rules=same_rules))
        assert after == before


def test_another_name_is_no_evidence_and_no_finding() -> None:
    (record,) = judged(examined("Artwork/key_art_v03.png"))
    assert not record.findings
    assert not record.examination.evidence


def test_a_name_adds_itself_to_what_the_file_states() -> None:
    said = Evidence(reader="exif", key="Software", value="Midjourney 6.1", where="x", id="e1")
    (record,) = judged(examined(f"Artwork/{DOWNLOAD}", said))
    (found,) = record.findings
    assert (found.claim, found.evidence) == (Claim.GENERATED, ("e1", "e2"))


def test_a_frame_sequence_and_a_file_in_the_root_have_names_too() -> None:
    assert state_all(examined("a/b/c.####.dpx"))[-1].value == "c.####.dpx"
    assert state_all(examined("c.mov"))[-1].value == "c.mov"


def ordinary() -> Iterator[str]:
    """Names as productions give them, with the words that generators share with them."""
    words = [
        "Sora",
        "Kling",
        "Firefly",
        "Gemini",
        "Whisk",
        "Luma",
        "Veo",
        "Flux",
        "Runway",
        "Pika",
        "Vidu",
        "Lucid_Origin",
        "Leonardo",
        "Phoenix",
        "Copilot",
        "DALLAS",
        "Hailuo",
        "Grok",
        "Dreamina",
        "Generated_Image",
        "ChatGPT",
        "ComfyUI",
        "OIG",
        "Gen-3",
        "ElevenLabs",
        "Freepik",
        "Replicate",
        "A001C003_250101_R2EC",
    ]
    shapes = (
        "{}_EP101_SC014_TK003.mov",
        "{}_EP101_MASTER_v12_20250101.mov",
        "{}_20250101_1015.wav",
        "{} 2025-01-01 final.mp4",
        "{}_Final_Mix_Stereo_48000.wav",
        "{}.[1001-1240].exr",
        "{}_SH0100_comp_v003.1042.dpx",
        "{}_key_art_3000x4500.jpg",
        "{} interview, reel 2.mxf",
        "{}_{}_poster.psd",
    )
    for word, shape, version in product(words, shapes, range(8)):
        yield shape.replace("{}", word).replace("v003", f"v{version:03}").replace("TK003", f"TK{version:03}")


@pytest.mark.parametrize("rule", NAMES, ids=lambda rule: rule.id)
def test_no_ordinary_name_is_a_download(rule) -> None:
    names = [*ordinary()]
    assert len(names) > 2000
    assert [name for name in names if rule.condition.match.search(name)] == []
