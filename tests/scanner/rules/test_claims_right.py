"""What a file claims, from its bytes to the finding: one case for each way in which manifests and graphs mislead.

Files are made here and signed by an authority of our own; every reader looks at them, as in a scan.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import c2pa
import pytest

from fixtures import marks
from fixtures.blanks import blank
from fixtures.c2pa_ca import AI, Authority, Ingredient, action, actions, sign
from fixtures.formats import png, xmp
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Examination, Finding, Strength
from scanner.readers.interface import ReadSettings

CV = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MIX, CAPTURE = f"{CV}compositeWithTrainedAlgorithmicMedia", f"{CV}digitalCapture"
HOUSE = Authority()
OPENED = action("c2pa.opened", parameters={"ingredientIds": ["p"]})
AI_CLAIMS = {Claim.GENERATED, Claim.EDITED, Claim.CONTAINS, Claim.ENHANCED, Claim.POSSIBLE}
UNVERIFIED = " (declared, signer not verified)"
ENGINE = Engine(load_rules())

Made = Callable[[Path], Path]


def seen(path: Path, *anchors: Path) -> tuple[Examination, tuple[Finding, ...]]:
    """What all readers see in a file, and what it means."""
    (asset,) = discover([path])
    settings = ExamineSettings(reading=ReadSettings(trust_anchors=tuple(map(str, anchors))))
    examination = examine(asset, settings)
    return examination, ENGINE.detect(examination.evidence).findings


def signed(
    folder: Path,
    name: str,
    *said: Mapping[str, Any],
    ca: Authority = HOUSE,
    parts: tuple[Ingredient, ...] = (),
    media_type: str = "image/png",
    **more: Any,
) -> Path:
    """A file of the folder with a manifest of these actions."""
    source, target = folder / f"plain-{name}", folder / name
    source.write_bytes(blank(target.suffix))
    sign(source, target, actions(*said, **more), ca=ca, ingredients=parts, media_type=media_type)
    return target


def parent(path: Path) -> tuple[Ingredient, ...]:
    return (Ingredient(path, "parentOf", path.name, extra={"label": "p"}),)


def chatgpt(folder: Path) -> Path:
    made = signed(folder, "made.png", action(source=AI, softwareAgent={"name": "GPT-4o"}), generator="ChatGPT")
    return signed(folder, "a.png", OPENED, parts=parent(made), generator="ChatGPT")


def partner(folder: Path) -> Path:
    parameters = {"com.adobe.digitalSourceType": AI, "com.adobe.type": "remoteProvider.3rdParty"}
    said = action("c2pa.opened", parameters={**parameters, "com.adobe.details": "Other Model 3"})
    photo = folder / "photo.png"
    photo.write_bytes(blank(".png"))
    return signed(folder, "a.png", said, parts=parent(photo), generator="Adobe_Firefly")


def firefly_v1(folder: Path) -> Path:
    label = {"label": "com.adobe.generative-ai", "data": {"description": "Adobe Firefly", "version": "1.0"}}
    return signed(folder, "a.png", action(), generator="Adobe_Firefly", assertions=[label])


def bing(folder: Path) -> Path:
    said = action(description="AI Generated Image")
    return signed(folder, "a.png", said, generator="Microsoft_Responsible_AI")


def elevenlabs(folder: Path) -> Path:
    agent = {"name": "ElevenLabs"}
    made = signed(folder, "made.mp3", action(source=AI, softwareAgent=agent), media_type="audio/mpeg")
    whole = (Ingredient(made, "parentOf", "made", "audio/mpeg", extra={"label": "p"}),)
    said = action("c2pa.edited", MIX, softwareAgent=agent)
    return signed(folder, "a.mp3", OPENED, said, parts=whole, media_type="audio/mpeg", generator="c2pa-rs")


def premiere(folder: Path) -> Path:
    still = signed(folder, "sky.png", action(source=AI, softwareAgent="Adobe Firefly"), generator="Adobe_Firefly")
    part = Ingredient(still, "componentOf", "sky.png", extra={"label": "p"})
    return signed(folder, "a.mp4", parts=(part,), media_type="video/mp4", generator="Adobe Premiere Pro")


def text(says: Mapping[str, str]) -> Made:
    def made(folder: Path) -> Path:
        path = folder / "a.png"
        path.write_bytes(png.insert(blank(".png"), *(png.plain(key, value) for key, value in says.items())))
        return path

    return made


UPSCALE = json.dumps({"1": {"class_type": "LoadImage"}, "2": {"class_type": "ImageUpscaleWithModel"}})
MASKED = marks.a1111(tail="Denoising strength: 0.75, Mask blur: 4, Version: v1.10.1")
CASES: Mapping[str, tuple[Made, Claim, str]] = {
    "ChatGPT says it only in the parent": (chatgpt, Claim.GENERATED, "ChatGPT (GPT-4o)"),
    "Firefly with a partner's model, in a parameter": (partner, Claim.GENERATED, "Adobe Firefly"),
    "Firefly 1, by an assertion's label": (firefly_v1, Claim.GENERATED, "Adobe Firefly"),
    "Bing, in a description": (bing, Claim.GENERATED, "Microsoft AI image service"),
    "ElevenLabs: active edited, parent created": (elevenlabs, Claim.GENERATED, "ElevenLabs"),
    "a Premiere cut with an AI component": (premiere, Claim.CONTAINS, "Adobe Firefly"),
    "a ComfyUI graph that generates": (text(marks.comfy_graph()), Claim.GENERATED, "ComfyUI"),
    "a ComfyUI graph that only upscales": (text({"prompt": UPSCALE}), Claim.ENHANCED, "ComfyUI"),
    "a ComfyUI graph that inpaints": (text(marks.comfy_graph(inpaint=True)), Claim.EDITED, "ComfyUI"),
    "InvokeAI inpaints": (text(marks.invokeai("sdxl_inpaint")), Claim.EDITED, "InvokeAI"),
    "the web UI inpaints": (text({"parameters": MASKED}), Claim.EDITED, "Stable Diffusion web UI (AUTOMATIC1111)"),
}


@pytest.mark.parametrize(("made", "claim", "tool"), CASES.values(), ids=CASES)
def test_claim_and_tool(made: Made, claim: Claim, tool: str, tmp_path: Path) -> None:
    examination, found = seen(made(tmp_path))
    (finding,) = found
    assert (finding.claim, str(finding.tool).removesuffix(UNVERIFIED)) == (claim, tool)
    assert examination.problems == ()


def test_a_graph_that_scales_without_a_model_is_not_ai(tmp_path: Path) -> None:
    assert seen(text(marks.comfy_upscale_graph())(tmp_path))[1] == ()


def test_a_partners_model_is_named(tmp_path: Path) -> None:
    assert seen(partner(tmp_path))[1][0].model == "Other Model 3"


def test_the_component_of_a_cut_is_named(tmp_path: Path) -> None:
    assert "sky.png" in seen(premiere(tmp_path))[1][0].text


NOT_AI = ["algorithmicMedia", "computationalCapture", "algorithmicallyEnhanced", "digitalCapture", "humanEdits"]


@pytest.mark.parametrize("term", NOT_AI)
def test_other_source_types_are_not_ai(term: str, tmp_path: Path) -> None:
    found = seen(signed(tmp_path, "a.png", action(source=CV + term)))[1]
    assert AI_CLAIMS.isdisjoint({finding.claim for finding in found})


@pytest.mark.parametrize("label", ["c2pa.training-mining", "cawg.training-mining"])
def test_a_training_opt_out_is_not_ai(label: str, tmp_path: Path) -> None:
    entries = {f"{label.partition('.')[0]}.ai_generative_training": {"use": "notAllowed"}}
    opt_out = {"label": label, "data": {"entries": entries}}
    packet = xmp.packet({"plus:DataMining": "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING"})
    assert seen(signed(tmp_path, "a.png", action(source=CAPTURE), assertions=[opt_out]))[1] == ()
    (tmp_path / "b.png").write_bytes(png.insert(blank(".png"), png.international("XML:com.adobe.xmp", packet.decode())))
    assert seen(tmp_path / "b.png")[1] == ()


def test_a_trusted_manifest_over_a_tampered_ingredient_is_not_trusted_by_us(tmp_path: Path) -> None:
    torn = signed(tmp_path, "sky.png", action(source=AI), generator="Sora")
    data = bytearray(torn.read_bytes())
    data[data.rindex(b"IDAT") + 8] ^= 1
    torn.write_bytes(data)
    placed = action("c2pa.placed", parameters={"ingredientIds": ["p"]})
    part = Ingredient(torn, "componentOf", "sky.png", extra={"label": "p"})
    path = signed(tmp_path, "a.png", action(source=CAPTURE), placed, parts=(part,))
    (tmp_path / "root.pem").write_text(HOUSE.root_pem)
    trust = {"anchors": [{"trust_kind": "manifest", "trust_uri": "house", "trust_anchors": HOUSE.root_pem}]}
    with c2pa.Reader(str(path), context=c2pa.Context.from_dict({"trust": trust})) as sdk:
        assert json.loads(sdk.json())["validation_state"] == "Trusted"
    _, found = seen(path, tmp_path / "root.pem")
    assert [(finding.claim, finding.strength) for finding in found] == [(Claim.CONTAINS, Strength.SIGNED_UNTRUSTED)]


@pytest.mark.parametrize("listed", [False, True], ids=["unknown root", "root that the user trusts"])
def test_a_forged_openai_is_never_printed_as_openai(listed: bool, tmp_path: Path) -> None:
    """A certificate says what its maker wants. With its root trusted it is OpenAI's only if OpenAI's name signs."""
    forger = Authority(org="Open AI OpCo LLC" if listed else "OpenAI OpCo, LLC", name="OpenAI Media Service")
    said = action(source=AI, softwareAgent={"name": "gpt-image"})
    path = signed(tmp_path, "a.png", said, ca=forger, generator="OpenAI Media Service API")
    (tmp_path / "root.pem").write_text(forger.root_pem)
    (finding,) = seen(path, *([tmp_path / "root.pem"] if listed else []))[1]
    assert (finding.claim, finding.vendor) == (Claim.GENERATED, None)
    assert "OpenAI" not in finding.text or "not verified" in finding.text
