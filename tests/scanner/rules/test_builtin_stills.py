"""The built-in rules for stills together: what they prove alone, and what they make of one file at once."""

from __future__ import annotations

import pytest

from scanner.judge.conclude import NAME
from scanner.judge.rules import Engine, load_rules, prove
from scanner.model import Evidence
from scanner.readers import READERS

STILLS = {"standards.toml", "local-generators.toml", "hosted.toml", "generic.toml"}
RULES = load_rules()
MINE = [rule for rule in RULES.rules if rule.file in STILLS]
ENGINE = Engine(RULES)
DST = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SETTINGS = "x\nNegative prompt: y\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: example"
SAMPLER = '{"3": {"inputs": {"seed": 1, "steps": 20}, "class_type": "KSampler"}}'
DRAWN = '{"last_node_id": 9, "nodes": [{"id": 3, "type": "KSampler"}], "links": []}'


def findings(says: dict[str, str]):
    evidence = []
    for number, (home, value) in enumerate(says.items(), 1):
        reader, _, key = home.partition(":")
        evidence.append(Evidence(reader=reader, key=key, value=value, where="here", id=f"e{number}"))
    detection = ENGINE.detect(evidence)
    assert detection.problems == ()
    return detection.findings


def test_every_rule_proves_itself():
    assert [str(failure) for failure in prove(RULES) if failure.rule in {rule.id for rule in MINE}] == []


@pytest.mark.parametrize("rule", MINE, ids=lambda rule: rule.id)
def test_no_example_says_more_than_one_thing_to_all_rules(rule):
    """A hit of one rule must not make another rule say that something else was done."""
    for example in rule.hits:
        found = ENGINE.detect(example.says).findings
        assert {finding.claim for finding in found} == {example.expect["claim"]}, [finding.rule for finding in found]


def test_every_place_that_a_rule_names_is_a_readers():
    """A home of a reader that is not there is a marker that is never found."""
    readers = {reader.name for reader in READERS} | {NAME}
    conditions = [c for rule in RULES.rules for c in (rule.condition, *rule.also, *rule.lacks)]
    assert {reader for condition in conditions for reader, _ in condition.where} <= readers


@pytest.mark.parametrize("wrapped", ["parameters: {}", "prompt: {}", "{}"])
def test_png_text_carried_over_into_a_jpeg_comment(wrapped):
    (finding,) = findings({"jpeg-app:COM": wrapped.replace("{}", SETTINGS if "para" in wrapped else SAMPLER)})
    assert finding.claim == "generated"


SOURCE = "xmp:Iptc4xmpExt:DigitalSourceType"
TRAINED, WITH_TRAINED = DST + "trainedAlgorithmicMedia", DST + "compositeWithTrainedAlgorithmicMedia"
INFILL = '{"uc": "", "seed": 1, "steps": 2, "sampler": "k", "request_type": "NativeInfillingRequest"}'
NOVELAI = "NovelAI Diffusion V4 01234567"
TOGETHER = {
    "both graphs": ({"png-text:prompt": SAMPLER, "png-text:workflow": DRAWN}, "generated", "ComfyUI"),
    "graph and settings": ({"png-text:parameters": SETTINGS, "png-text:prompt": SAMPLER}, "generated", "ComfyUI"),
    "a tool on top of ComfyUI": (
        {"png-text:parameters": '{"sui_image_params": {"model": "m"}}', "png-text:prompt": SAMPLER},
        "generated",
        "SwarmUI",
    ),
    "TensorArt's graph": (
        {"png-text:generation_data": '{"prompt":"x","baseModel":{},"ksamplerName":"e"}', "png-text:prompt": SAMPLER},
        "generated",
        "TensorArt",
    ),
    "graphs in EXIF": ({"exif:Make": "workflow:" + DRAWN, "exif:Model": "prompt:" + SAMPLER}, "generated", "ComfyUI"),
    "NovelAI": ({"exif:Software": NOVELAI, "exif:DocumentName": "NovelAI generated image"}, "generated", "NovelAI"),
    "NovelAI repaints": (
        {"png-text:Software": "NovelAI", "png-text:Source": NOVELAI, "png-text:Comment": INFILL},
        "edited",
        "NovelAI",
    ),
    "Google": ({SOURCE: TRAINED, "iptc:Credit": "Made with Google AI"}, "generated", "Google AI"),
    "Google edits": (
        {SOURCE: WITH_TRAINED, "xmp:photoshop:Credit": "Edited with Google AI"},
        "edited",
        "Google AI",
    ),
    "system named": ({SOURCE: TRAINED, "xmp:Iptc4xmpExt:AISystemUsed": "Painter"}, "generated", "Painter"),
    "system in a mix": ({SOURCE: DST + "composite", "xmp:Iptc4xmpExt:AISystemUsed": "Painter"}, "edited", "Painter"),
    "unknown payload": ({"stealth:stealth-pnginfo": "one day, another format"}, "generated", None),
}


@pytest.mark.parametrize(("says", "claim", "tool"), TOGETHER.values(), ids=TOGETHER)
def test_many_carriers_are_one_finding(says, claim, tool):
    (finding,) = findings(says)
    assert (finding.claim, finding.tool) == (claim, tool)
    assert set(finding.evidence) <= {f"e{number + 1}" for number in range(len(says))}


@pytest.mark.parametrize("term", [
    "algorithmicMedia", "computationalCapture", "digitalArt", "digitalCreation", "dataDrivenMedia", "screenCapture",
    "compositeCapture", "humanEdits", "minorHumanEdits", "softwareImage", "trainedAlgorithmicMediaX", "",
])  # fmt: skip
@pytest.mark.parametrize("prefix", ["", DST, DST.replace("http:", "https:")], ids=["bare", "http", "https"])
def test_other_source_types_claim_nothing(prefix, term):
    assert findings({"xmp:Iptc4xmpExt:DigitalSourceType": prefix + term}) == ()


FILMS = ["Flux", "Sora", "Gemini", "Firefly", "Imagen", "Aurora", "Luma key", "Veo", "Runway", "Suno", "AIGC"]
FREE = (
    *("xmp:dc:title", "xmp:dc:description", "xmp:dc:subject", "iptc:Caption", "iptc:Keywords", "iptc:ObjectName"),
    *("exif:ImageDescription", "exif:UserComment", "exif:Artist"),
    *("png-text:Title", "png-text:Description", "png-text:Comment"),
    *("container:title", "container:comment", "isobmff:©nam", "isobmff:©alb", "audio-tags:TIT2", "audio-tags:COMM"),
    *("riff:INFO/INAM", "riff:bext/Description", "pdf:Info/Title", "pdf:Info/Keywords", "psd:layer", "svg:title"),
    *("timeline:title", "timeline:source-clip", "text:opening", "text:front-matter/title", "exif:XPComment"),
)


@pytest.mark.parametrize("film", FILMS)
def test_films_may_be_called_so(film):
    for home in FREE:
        assert findings({home: film}) == ()
        assert findings({home: f"{film} — a still from reel 3, graded"}) == ()


@pytest.mark.parametrize(
    "says",
    [
        {"exif:Software": "Adobe Photoshop 26.9 (Macintosh)"},
        {"xmp:xmp:CreatorTool": "Adobe Photoshop Lightroom Classic 14.1 (Windows)"},
        {"xmp:xmpMM:History/stEvt:softwareAgent": "Adobe Firefly Boards export for Photoshop"},
        {"exif:Software": "Canva"},
        {"png-text:Software": "www.inkscape.org"},
        {"png-text:Comment": "Created with GIMP"},
        {"png-text:mxfile": '<mxfile host="app"><diagram>x</diagram></mxfile>'},
        {"png-text:prompt": "C:\\> dir"},
        {"png-text:parameters": '{"samples": 64, "seed": 1, "integrator": "path"}'},
        {"png-text:workflow": '{"nodes": [{"id": 1, "type": "Read"}, {"id": 2, "type": "Write"}], "links": []}'},
        {"exif:Make": "Canon", "exif:Model": "Canon EOS R5", "exif:UserComment": "Steps: 39"},
        {"exif:UserComment": '{"Label": "1", "shelf": "B"}'},
        {"xmp:plus:DataMining": "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING"},
        {"xmp:photoshop:Credit": "Firefly Films / Gemini Pictures"},
        {"text:opening": "DALL-E and ComfyUI: an article on AI pictures", "text:front-matter/tags": "AI"},
        {"xmp:dcterms:provenance": "https://cai-manifests.adobe.com/manifests/adobe-urn-uuid-0"},
        {"sef:PhotoEditor_Re_Edit_Data": '{"isScaleAI":false,"isAIFilterReEditOnly":false}'},
        {"exif:Artist": "01234567-89ab-cdef-0123-456789abcdef"},
        {"png-text:hf-job-id": "01234567-89ab-cdef-0123-456789abcdef"},
    ],
    ids=lambda says: next(iter(says)),
)  # fmt: skip
def test_ordinary_files_say_nothing(says):
    assert findings(says) == ()


def test_a_tool_that_can_use_ai_and_does_not_state_it_is_only_able():
    (finding,) = findings({"exif:Software": "Topaz Photo AI 3.1"})
    assert (finding.claim, finding.tool) == ("capable", "Topaz Photo AI")


def test_a_capture_is_told_and_claims_no_more():
    (finding,) = findings({"xmp:Iptc4xmpExt:DigitalSourceType": DST + "digitalCapture"})
    assert (finding.claim, finding.strength) == ("captured", "structured")


def test_the_nameless_fallback_is_silent_where_a_tool_is_named():
    (finding,) = findings({"png-text:parameters": SETTINGS})
    assert finding.rule == "a1111.parameters"
    (finding,) = findings({"png-text:unheard-of": SETTINGS})
    assert (finding.rule, finding.claim) == ("generic.settings-text", "possible")


@pytest.mark.parametrize("value", [
    "Steps: 1, " * 100_000,
    "x" * 500_000,
    '{"class_type": "' * 60_000,
    '"nodes": [' * 100_000,
    "\nSteps: 1, Sampler: " * 50_000,
    '"prompt": "' * 90_000 + '"seed":',
    '{"Label":"1",' * 80_000,
    "\\" * 1_000_000,
], ids=["steps", "letters", "class_type", "nodes", "lines", "prompts", "labels", "backslashes"])  # fmt: skip
@pytest.mark.parametrize("home", ["png-text:parameters", pytest.param("exif:UserComment", marks=pytest.mark.thorough)])
def test_no_pattern_is_slow_on_a_hostile_value(home, value):
    findings({home: value[: 1 << 20]})
