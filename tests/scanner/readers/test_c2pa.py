"""C2PA: real signatures by a CA of our own, invented graphs by hand, and what rules make of them."""

from __future__ import annotations

import multiprocessing
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import c2pa
import pytest
from PIL import Image

from fixtures.c2pa_ca import AI, CLAIM_SIGNING, Authority, Ingredient, action, actions, sign
from fixtures.formats import riff
from media.errors import ConfigError, Malformed, MediaError, TooLarge, Unreadable, Unsupported
from media.identify import KINDS, identify
from scanner.judge.rules import Engine, RuleSet, load_rules, prove
from scanner.model import Claim, Evidence, Finding, Kind, Strength
from scanner.readers.c2pa import C2pa, check_anchors
from scanner.readers.c2pa_graph import MAX_DEPTH
from scanner.readers.c2pa_statements import statements
from scanner.readers.c2pa_validation import kind_of
from scanner.readers.interface import Medium, ReadSettings
from tests.scanner.timebased import box

Json = dict[str, Any]

CV = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MIX = CV + "compositeWithTrainedAlgorithmicMedia"
CAPTURE = CV + "digitalCapture"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="module")
def engine(rules: RuleSet) -> Engine:
    return Engine(rules)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plain picture, and with what one authority signed."""
    folder = tmp_path_factory.mktemp("c2pa")
    Image.new("RGB", (48, 32), (9, 80, 200)).save(folder / "plain.png")
    for name, ca in CAS.items():
        (folder / f"{name}.pem").write_text(ca.root_pem)
    (folder / "house-signer.pem").write_text(CAS["house"].signer_pem)
    sign(folder / "plain.png", folder / "ai.png", actions(action(source=AI), generator="Sora"), ca=CAS["house"])
    sign(folder / "plain.png", folder / "captured.png", actions(action(source=CAPTURE)), ca=CAS["house"])
    return folder


CAS = {
    "house": Authority(),
    "other": Authority(org="Other House", name="Other Signer"),
    "conformance": Authority(purpose=CLAIM_SIGNING),
    "forger": Authority(org="OpenAI OpCo, LLC", name="OpenAI Media Service"),
}


def open_medium(path: Path, *anchors: Path, sidecars: tuple[Path, ...] = (), limit: int = 2 << 30) -> Medium:
    with path.open("rb") as file:
        found = identify(file, path.name, path.stat().st_size)
    settings = ReadSettings(trust_anchors=tuple(str(anchor) for anchor in anchors), verify_limit=limit)
    size = path.stat().st_size
    return Medium(path, found.media_type, found.kind, size=size, sidecars=sidecars, settings=settings)


def read(path: Path, *anchors: Path, **more: Any) -> list[Evidence]:
    medium = open_medium(path, *anchors, **more)
    try:
        return [replace(said, id=f"e{number}") for number, said in enumerate(C2pa().read(medium), 1)]
    finally:
        medium.close()


def only(evidence: list[Evidence], key: str) -> Evidence:
    (found,) = [said for said in evidence if said.key == key]
    return found


def flipped(path: Path, to: Path) -> Path:
    """The same file with one bit of its pixels changed."""
    data = bytearray(path.read_bytes())
    data[data.rindex(b"IDAT") + 8] ^= 1
    to.write_bytes(data)
    return to


# --- trust and integrity -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchors", "trust"),
    [((), "untrusted"), (("house.pem",), "trusted"), (("other.pem",), "untrusted"), (("house-signer.pem",), "trusted")],
    ids=["no list", "root", "another's root", "the signer itself (SDK ignores a top-level allowed_list)"],
)
def test_trust_is_what_the_user_names(house: Path, anchors: tuple[str, ...], trust: str) -> None:
    said = only(read(house / "ai.png", *(house / anchor for anchor in anchors)), "actions.digitalSourceType")
    assert (said.value, said.facts["trust"], said.facts["integrity"]) == (AI, trust, "verified")
    assert said.facts["signer_cn"] == "Fixture Signer"
    assert said.facts["signer_org"] == "Fixture House"


def test_a_conformance_signer_is_trusted_only_with_the_list_of_purposes(house: Path, tmp_path: Path) -> None:
    sign(house / "plain.png", tmp_path / "c.png", actions(action(source=AI)), ca=CAS["conformance"])
    said = only(read(tmp_path / "c.png", house / "conformance.pem"), "actions.digitalSourceType")
    assert said.facts["trust"] == "trusted"
    bare = c2pa.Context.from_dict({"trust": {"user_anchors": CAS["conformance"].root_pem}})
    with c2pa.Reader(tmp_path / "c.png", context=bare) as reader:
        assert "signingCredential.invalid" in reader.json()  # why the reader sets trust_config


@pytest.mark.parametrize("limit", [0, 100], ids=["never", "smaller than the file"])
def test_an_unverified_file_is_unchecked_and_says_the_same(house: Path, limit: int) -> None:
    fast, full = read(house / "ai.png", limit=limit), read(house / "ai.png", house / "house.pem")
    assert [(said.key, said.value) for said in fast] == [(said.key, said.value) for said in full]
    assert {(said.facts["trust"], said.facts["integrity"]) for said in fast} == {("unchecked", "unchecked")}


def test_a_changed_file_keeps_its_declaration(house: Path, tmp_path: Path, engine: Engine) -> None:
    evidence = read(flipped(house / "ai.png", tmp_path / "t.png"), house / "house.pem")
    assert only(evidence, "validation").value == "assertion.dataHash.mismatch"
    assert only(evidence, "validation").facts["kind"] == "tamper"
    (finding,) = engine.detect(evidence).findings
    assert (finding.claim, finding.strength) == (Claim.GENERATED, Strength.SIGNED_UNTRUSTED)
    assert "does not match this file" in finding.text


def test_a_tampered_ingredient_of_a_trusted_file_is_said(house: Path, tmp_path: Path, engine: Engine) -> None:
    torn = flipped(house / "ai.png", tmp_path / "torn.png")
    manifest = actions(action(source=CAPTURE), action("c2pa.placed", parameters={"ingredientIds": ["p"]}))
    part = Ingredient(torn, "componentOf", "sky.png", extra={"label": "p"})
    sign(house / "plain.png", tmp_path / "q.png", manifest, ca=CAS["house"], ingredients=[part])
    evidence = read(tmp_path / "q.png", house / "house.pem")
    by_relation = {said.facts["relation"]: said for said in evidence if said.key == "actions.digitalSourceType"}
    assert by_relation["active"].facts["integrity"] == "verified"
    assert by_relation["component"].facts["integrity"] == "mismatch"
    failure = only(evidence, "validation")
    assert (failure.facts["scope"], failure.facts["component"]) == ("component", "sky.png")
    (finding,) = engine.detect(evidence).findings
    assert (finding.claim, finding.strength) == (Claim.CONTAINS, Strength.SIGNED_UNTRUSTED)
    assert "sky.png" in finding.text


def test_an_ingredient_is_no_better_than_who_presents_it(house: Path, tmp_path: Path) -> None:
    manifest = actions(action("c2pa.opened", parameters={"ingredientIds": ["p"]}))
    parent = Ingredient(house / "captured.png", extra={"label": "p"})
    root = CAS["house"].root_pem
    sign(
        house / "plain.png", tmp_path / "x.png", manifest, ca=CAS["other"], ingredients=[parent], anchors=root
    )  # the presenter writes down that it trusted the parent's signer
    for anchors, trust in ((["house"], "untrusted"), (["other"], "untrusted"), (["house", "other"], "trusted")):
        evidence = read(tmp_path / "x.png", *(house / f"{name}.pem" for name in anchors))
        said = only(evidence, "actions.digitalSourceType")
        assert (said.facts["relation"], said.facts["trust"]) == ("parent", trust)


def test_capture_counts_only_trusted_and_intact(house: Path, tmp_path: Path, engine: Engine) -> None:
    signed = engine.detect(read(house / "captured.png", house / "house.pem")).findings
    assert [(finding.claim, finding.strength) for finding in signed] == [(Claim.CAPTURED, Strength.SIGNED)]
    assert not engine.detect(read(house / "captured.png")).findings
    torn = flipped(house / "captured.png", tmp_path / "t.png")
    assert not engine.detect(read(torn, house / "house.pem")).findings


def test_a_forged_vendor_is_never_printed(house: Path, tmp_path: Path, engine: Engine) -> None:
    manifest = actions(action(source=AI, softwareAgent={"name": "gpt-image"}), generator="OpenAI Media Service API")
    sign(house / "plain.png", tmp_path / "f.png", manifest, ca=CAS["forger"])
    (finding,) = engine.detect(read(tmp_path / "f.png")).findings
    assert finding.vendor is None
    assert finding.tool == "ChatGPT (gpt-image) (declared, signer not verified)"
    (other,) = engine.detect(read(house / "ai.png", house / "house.pem")).findings
    assert (other.tool, other.vendor, other.strength) == ("Sora", None, Strength.SIGNED)  # not OpenAI's own signer


# --- carriers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "gif", "svg", "wav", "docx", "avi"])
def test_formats(house: Path, tmp_path: Path, suffix: str) -> None:
    plain, signed = tmp_path / f"plain.{suffix}", tmp_path / f"signed.{suffix}"
    _blank(plain)
    sign(plain, signed, actions(action(source=AI)), ca=CAS["house"], media_type=suffix)
    assert only(read(signed, house / "house.pem"), "actions.digitalSourceType").facts["integrity"] == "verified"
    assert read(plain) == []


def _blank(path: Path) -> None:
    match path.suffix:
        case ".svg":
            path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
        case ".wav":
            fmt = b"fmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
            path.write_bytes(b"RIFF\x44\0\0\0WAVE" + fmt + b"data\x20\0\0\0" + bytes(32))
        case ".avi":
            path.write_bytes(b"RIFF\x1c\0\0\0AVI LIST\x04\0\0\0hdrlLIST\x04\0\0\0movi")
        case ".docx":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("[Content_Types].xml", "<Types/>")
                archive.writestr("word/document.xml", "<w/>")
        case _:
            Image.new("RGB", (32, 32), (200, 20, 9)).save(path)


def test_a_store_where_the_sdk_does_not_look(house: Path, tmp_path: Path) -> None:
    """In a compressed box of JPEG XL, and in the chunk of an RF64. Packed again, the file is no longer what was signed."""
    head = box("JXL ", b"\r\n\x87\n") + box("ftyp", b"jxl \0\0\0\0jxl ")
    (tmp_path / "plain.jxl").write_bytes(head + box("jxlc", b"\xff\x0a" + bytes(50)))
    manifest, signed = actions(action(source=AI)), tmp_path / "signed.jxl"
    store = sign(tmp_path / "plain.jxl", signed, manifest, ca=CAS["house"], media_type="image/jxl")
    assert only(read(signed), "actions.digitalSourceType").facts["integrity"] == "verified"
    packed, long = tmp_path / "packed.jxl", tmp_path / "long.wav"
    packed.write_bytes(head + box("brob", b"jumb" + brotli.compress(store[8:])) + box("jxlc", b"\xff\x0a" + bytes(50)))
    long.write_bytes(riff.rf64(bytes(64), riff.chunk(b"C2PA", store)))
    for path in (packed, long):
        assert only(read(path), "actions.digitalSourceType").facts["integrity"] == "mismatch"


def test_a_draft_manifest_is_unsupported_and_not_called_damaged(monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise c2pa.C2paError("Other: prerelease content detected")

    monkeypatch.setattr(c2pa.Reader, "try_create", refuse)
    with pytest.raises(Unsupported, match="draft"):
        read(house / "ai.png")


@pytest.mark.parametrize("name", ["master.mxf", "plate.exr", "notes.txt"])
def test_a_sidecar_speaks_for_any_format(house: Path, tmp_path: Path, name: str) -> None:
    medium, sidecar = tmp_path / name, tmp_path / f"{name}.c2pa"
    heads = {
        "mxf": b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\0",
        "exr": b"\x76\x2f\x31\x01\2\0\0\0",
    }
    medium.write_bytes(heads.get(name[-3:], b"words ") + bytes(range(32, 120)) * 20)
    manifest = actions(action(source=AI))
    store = sign(
        medium, tmp_path / "signed", manifest, ca=CAS["house"], media_type="application/octet-stream", embed=False
    )
    sidecar.write_bytes(store)
    said = only(read(medium, house / "house.pem", sidecars=(sidecar,)), "actions.digitalSourceType")
    assert (said.facts["integrity"], said.facts["trust"]) == ("verified", "trusted")
    assert said.where.startswith(f"{name}.c2pa: ")
    medium.write_bytes(medium.read_bytes()[:-1] + b"!")
    changed = read(medium, house / "house.pem", sidecars=(sidecar,))
    assert only(changed, "actions.digitalSourceType").facts["integrity"] == "mismatch"


def test_a_manifest_store_alone_is_read_and_said_so(house: Path, tmp_path: Path) -> None:
    store = sign(house / "plain.png", tmp_path / "x.png", actions(action(source=AI)), ca=CAS["house"], embed=False)
    (tmp_path / "alone.c2pa").write_bytes(store)
    said = only(read(tmp_path / "alone.c2pa", house / "house.pem"), "actions.digitalSourceType")
    assert (said.facts["source"], said.facts["integrity"]) == ("alone", "unchecked")


def test_a_broken_sidecar_does_not_cost_the_embedded_store(house: Path, tmp_path: Path) -> None:
    (tmp_path / "ai.c2pa").write_bytes(b"not a store")
    medium, kept = open_medium(house / "ai.png", sidecars=(tmp_path / "ai.c2pa",)), []
    with pytest.raises(Malformed, match="manifest cannot be read"):
        kept.extend(_each(C2pa().read(medium), kept))
    assert "actions.digitalSourceType" in {said.key for said in kept}


def _each(said: Iterator[Evidence], kept: list[Evidence]) -> Iterator[Evidence]:
    for evidence in said:
        kept.append(evidence)  # noqa: PERF402 - what came before the fault is what we look at
    return iter(())


def test_every_media_type_is_known() -> None:
    assert C2pa.media_types <= set(KINDS)


# --- damage --------------------------------------------------------------------------------------------------------


def test_cut_and_flipped_files_raise_nothing_but_media_errors(house: Path, tmp_path: Path) -> None:
    data, seed = (house / "ai.png").read_bytes(), random.Random(7)
    broken = [data[:at] for at in range(0, len(data), max(1, len(data) // 120))]
    for _ in range(120):
        torn = bytearray(data)
        torn[seed.randrange(len(torn))] ^= 1 << seed.randrange(8)
        broken.append(bytes(torn))
    outcomes = set()
    for torn in broken:
        (tmp_path / "torn.png").write_bytes(torn)
        try:
            medium = Medium(tmp_path / "torn.png", "image/png", Kind.IMAGE, size=len(torn))
            outcomes.add(bool(list(C2pa().read(medium))))
        except MediaError as error:
            outcomes.add(type(error))
    assert {True, False, Malformed} <= outcomes


def test_a_broken_container_without_a_manifest_is_not_ours_to_report(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIHDR" + bytes(40))
    assert read(tmp_path / "x.png") == []


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None])
def test_bad_trust_anchors_are_named(house: Path, tmp_path: Path, content: str | None) -> None:
    pem = tmp_path / "bad.pem"
    if content is not None:
        pem.write_text(content)
    with pytest.raises(ConfigError, match=r"bad\.pem"):
        check_anchors((str(pem),))
    with pytest.raises(Unreadable, match=r"bad\.pem"):
        read(house / "ai.png", pem)


def _in_child(path: Path) -> int:
    return len(read(path))


def test_a_forked_child_reads(house: Path) -> None:
    """A context of the parent fails in a fork; the reader makes its own."""
    here = len(read(house / "ai.png"))
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(_in_child, (house / "ai.png",)) == here


# --- the graph, by hand --------------------------------------------------------------------------------------------


def manifest(*acts: Json, ingredients: tuple[tuple[str, str], ...] = (), **more: Any) -> Json:
    """A manifest of the SDK's report; ingredients as (relationship, label of the target or "")."""
    assertions = [{"label": "c2pa.actions.v2", "data": {"actions": list(acts)}}] if acts else []
    listed = [
        {"relationship": relationship, "active_manifest": target, "title": f"{target or 'photo'}.jpg", "label": f"i{n}"}
        for n, (relationship, target) in enumerate(ingredients)
    ]
    extra = more.pop("assertions", [])
    return {"assertions": [*assertions, *extra], "ingredients": listed, **more}


def store(**manifests: Json) -> Json:
    return {"active_manifest": next(iter(manifests)), "manifests": manifests}


def findings(engine: Engine, report: Json) -> tuple[Finding, ...]:
    said = statements(report, verified=False, source="embedded", sdk="test")
    return engine.detect([replace(one, id=f"e{number}") for number, one in enumerate(said, 1)]).findings


FIREFLY = {"label": "com.adobe.generative-ai", "data": {"description": "Adobe Firefly", "version": "1.0"}}
MADE = manifest(action(source=AI, softwareAgent="GPT-4o"))
GRAPHS: dict[str, tuple[Json, set[str]]] = {
    "created": (store(a=MADE), {"generated"}),
    "bare term": (store(a=manifest(action(source="trainedAlgorithmicMedia"))), {"generated"}),
    "only in the parent": (
        store(a=manifest(action("c2pa.opened"), ingredients=(("parentOf", "b"),)), b=MADE),
        {"generated"},
    ),
    "signed again, what it was before called a component": (
        store(a=manifest(ingredients=(("componentOf", "b"),), title="b.jpg"), b=MADE),
        {"generated"},
    ),
    "a component of another name": (
        store(a=manifest(ingredients=(("componentOf", "b"),), title="poster.jpg"), b=MADE),
        {"contains"},
    ),
    "a component that an action placed": (
        store(a=manifest(action("c2pa.placed"), ingredients=(("componentOf", "b"),), title="b.jpg"), b=MADE),
        {"contains"},
    ),
    "no action above the parent": (store(a=manifest(ingredients=(("parentOf", "b"),)), b=MADE), {"generated"}),
    "an AI step of the same hand": (
        store(
            a=manifest(
                action("c2pa.opened"),
                action("c2pa.edited", MIX, softwareAgent="Voice"),
                ingredients=(("parentOf", "b"),),
            ),
            b=manifest(action(source=AI, softwareAgent="Voice")),
        ),
        {"generated"},
    ),
    "an AI step of another hand": (
        store(
            a=manifest(action("c2pa.edited", MIX, softwareAgent="Retouch"), ingredients=(("parentOf", "b"),)), b=MADE
        ),
        {"generated", "edited"},
    ),
    "visible mark of the maker": (
        store(
            a=manifest(
                action("c2pa.opened"),
                action("c2pa.edited", CV + "composite", description="Added visible watermark"),
                ingredients=(("parentOf", "b"),),
            ),
            b=MADE,
        ),
        {"generated"},
    ),
    "AI edit of a photo": (
        store(a=manifest(action("c2pa.opened"), action("c2pa.edited", MIX), ingredients=(("parentOf", ""),))),
        {"edited"},
    ),
    "generative fill": (store(a=manifest(action(), action("c2pa.placed", AI))), {"edited"}),
    "placed inside, no actions": (store(a=manifest(ingredients=(("componentOf", "b"),)), b=MADE), {"contains"}),
    "parent of what is placed inside": (
        store(
            a=manifest(ingredients=(("componentOf", "b"),)),
            b=manifest(action("c2pa.opened"), ingredients=(("parentOf", "c"),)),
            c=MADE,
        ),
        {"contains"},
    ),
    "AI as an input": (store(a=manifest(action(), ingredients=(("inputTo", "b"),)), b=MADE), {"possible"}),
    "a photo as an input": (store(a=manifest(action(source=AI), ingredients=(("inputTo", ""),))), {"generated"}),
    "partner model": (
        store(
            a=manifest(
                action(
                    "c2pa.opened", parameters={"com.adobe.digitalSourceType": AI, "com.adobe.details": "Other Model"}
                ),
                ingredients=(("parentOf", ""),),
            )
        ),
        {"generated"},
    ),
    "assertion label only": (store(a=manifest(action(), assertions=[FIREFLY])), {"generated"}),
    "description only": (store(a=manifest(action(description="AI Generated Image"))), {"generated"}),
    "agent only": (store(a=manifest(action(softwareAgent={"name": "Image Creator from Designer"}))), {"generated"}),
    "agent by index": (
        store(
            a={
                "assertions": [
                    {
                        "label": "c2pa.actions.v2",
                        "data": {
                            "softwareAgents": [{"name": "x"}, {"name": "gpt-image"}],
                            "actions": [{"action": "c2pa.created", "softwareAgentIndex": 1}],
                        },
                    }
                ]
            }
        ),
        {"generated"},
    ),
    "template": (
        store(
            a={
                "assertions": [
                    {
                        "label": "c2pa.actions.v2__1",
                        "data": {
                            "templates": [{"action": "c2pa.created", "digitalSourceType": AI}],
                            "actions": [{"action": "c2pa.created"}],
                        },
                    }
                ]
            }
        ),
        {"generated"},
    ),
    "generator only": (
        store(
            a=manifest(action("c2pa.transcoded"), ingredients=(("parentOf", "b"),)),
            b=manifest(claim_generator="Dreamina/7.5.0 c2pa-rs/0.50.0"),
        ),
        {"generated"},
    ),
    "signed metadata": (
        store(a=manifest(assertions=[{"label": "cawg.metadata", "data": {"Iptc4xmpExt:DigitalSourceType": AI}}])),
        {"generated"},
    ),
    "ingredient without manifest": (
        store(a={"ingredients": [{"relationship": "componentOf", "title": "x", "digitalSourceType": AI}]}),
        {"contains"},
    ),
    "enhanced": (store(a=manifest(action("c2pa.opened"), action("c2pa.enhanced", MIX))), {"enhanced"}),
    "a mark on nobody knows what": (
        store(a=manifest(action("c2pa.edited", AI, description="Applied imperceptible SynthID watermark."))),
        {"possible"},
    ),
    "linked by nobody": (store(a=manifest(action()), b=MADE), set()),
    "procedural": (store(a=manifest(action(source=CV + "algorithmicMedia"))), set()),
    "phone camera": (store(a=manifest(action(source=CV + "computationalCapture"))), set()),
    "service transcode": (
        store(a=manifest(action("c2pa.opened"), action("c2pa.transcoded", CV + "algorithmicallyEnhanced"))),
        set(),
    ),
    "do not train": (
        store(a=manifest(action(), assertions=[{"label": "c2pa.training-mining", "data": {"entries": {}}}])),
        set(),
    ),
    "a watermark binds": (
        store(a=manifest(action(), assertions=[{"label": "c2pa.soft-binding", "data": {"alg": "com.example.mark"}}])),
        set(),
    ),
    "a plain retouch": (
        store(a=manifest(action("c2pa.opened"), action("c2pa.color_adjustments", softwareAgent="Adobe Photoshop"))),
        set(),
    ),
}


@pytest.mark.parametrize(("report", "claims"), GRAPHS.values(), ids=GRAPHS)
def test_the_truth_table(engine: Engine, report: Json, claims: set[str]) -> None:
    assert {finding.claim.value for finding in findings(engine, report)} == claims


def test_a_component_is_named_and_twins_are_told_apart(engine: Engine) -> None:
    twins = manifest(ingredients=(("componentOf", "b"), ("componentOf", "c")))
    for ingredient in twins["ingredients"]:
        ingredient["title"] = "still.png"
    texts = [finding.text for finding in findings(engine, store(a=twins, b=MADE, c=MADE))]
    assert ["still.png (i0)" in texts[0], "still.png (i1)" in texts[1]] == [True, True]


def test_partner_model_is_a_model_of_the_tool(engine: Engine) -> None:
    report = GRAPHS["partner model"][0]
    report["manifests"]["a"]["claim_generator"] = "Adobe_Firefly adobe_c2pa/0.12.4 c2pa-rs/0.32.7"
    (finding,) = findings(engine, report)
    assert finding.model == "Other Model"
    assert finding.tool == "Adobe Firefly (declared, signer not verified)"


@pytest.mark.parametrize(
    ("said", "name", "version"),
    [
        ("Adobe_Firefly/1.0 c2pa-rs/0.17.0", "Adobe_Firefly", "1.0"),
        ("Adobe_Photoshop/24.7.0 (build 2023; mac) adobe_c2pa/0.4.6 c2pa-rs/0.18.0", "Adobe_Photoshop", "24.7.0"),
        ("Galaxy S25 c2pa-rs/0.30", "Galaxy S25", None),
        ("ChatGPT", "ChatGPT", None),
        ("/" * 5000, None, None),
    ],
)
def test_claim_generator_strings(said: str, name: str | None, version: str | None) -> None:
    evidence = list(statements(store(a=manifest(claim_generator=said)), verified=False, source="embedded", sdk="test"))
    facts = evidence[0].facts if evidence else {}
    if name is None:
        assert len(facts.get("generator", "")) <= 300
    else:
        assert (facts["generator"], facts.get("generator_version")) == (name, version)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("assertion.dataHash.mismatch", "tamper"),
        ("assertion.hashedURI.mismatch", "tamper"),
        ("claimSignature.mismatch", "tamper"),
        ("claim.missing", "tamper"),
        ("ingredient.manifest.missing", "tamper"),
        ("signingCredential.expired", "signer"),
        ("signingCredential.ocsp.revoked", "signer"),
        ("timeStamp.mismatch", "signer"),
        ("cawg.x509.credential.untrusted", "identity"),
        ("assertion.action.malformed", "other"),
    ],
)
def test_failures_are_told_apart(code: str, kind: str) -> None:
    assert kind_of(code) == kind


@pytest.mark.parametrize(
    ("codes", "trust"),
    [
        (["signingCredential.expired", "signingCredential.untrusted"], "expired"),
        (["signingCredential.untrusted", "signingCredential.invalid"], "invalid"),
        (["cawg.x509.credential.untrusted"], "trusted"),
    ],
    ids=["expired without time stamp", "purpose not accepted", "identity is not the signer"],
)
def test_a_signer_that_fails_is_not_a_changed_file(codes: list[str], trust: str) -> None:
    passed = ["claimSignature.validated", "assertion.dataHash.match"]
    passed += ["signingCredential.trusted"] if trust == "trusted" else []
    results = {"success": [{"code": code} for code in passed], "failure": [{"code": code} for code in codes]}
    report = {**store(a=MADE), "validation_results": {"activeManifest": results}}
    (said,) = [
        one
        for one in statements(report, verified=True, source="embedded", sdk="test")
        if one.key == "actions.digitalSourceType"
    ]
    assert (said.facts["trust"], said.facts["integrity"]) == (trust, "verified")


def test_a_ring_ends() -> None:
    ring = store(
        a=manifest(action(source=AI), ingredients=(("parentOf", "b"), ("componentOf", "a"))),
        b=manifest(action("c2pa.opened"), ingredients=(("parentOf", "a"), ("inputTo", "b"))),
    )
    assert len(list(statements(ring, verified=False, source="embedded", sdk="test"))) < 40


def test_depth_and_number_are_capped_and_said() -> None:
    deep = store(**{f"m{n}": manifest(ingredients=(("componentOf", f"m{n + 1}"),)) for n in range(10_000)})
    kept: list[Evidence] = []
    with pytest.raises(TooLarge, match=f"{MAX_DEPTH} deep"):
        kept.extend(_each(statements(deep, verified=False, source="embedded", sdk="test"), kept))
    assert len(kept) == MAX_DEPTH + 1
    many = store(a=manifest(*(action(f"com.example.{n}") for n in range(30_000))))
    with pytest.raises(TooLarge, match="actions"):
        list(statements(many, verified=False, source="embedded", sdk="test"))
    loud = store(a=manifest(*(action(f"com.example.{n}") for n in range(3_000))))
    with pytest.raises(TooLarge, match="statements"):
        list(statements(loud, verified=False, source="embedded", sdk="test"))


def test_any_shape_of_json_is_survived() -> None:
    seed = random.Random(11)
    junk: list[object] = [None, 0, True, "x", [], {}, [[]], [None], {"label": 3}, ["a", 1], {"a": {"b": []}}]

    def torn(value: object) -> object:
        if seed.random() < 0.12:
            return seed.choice(junk)
        if isinstance(value, dict):
            return {key: torn(inner) for key, inner in value.items()}
        return [torn(inner) for inner in value] if isinstance(value, list) else value

    reports = [report for report, _ in GRAPHS.values()]
    counted = 0
    for _ in range(1_500):
        report = torn(seed.choice(reports))
        if isinstance(report, dict):
            counted += len(list(statements(report, verified=True, source="embedded", sdk="test")))
    assert counted > 500


def test_rules_prove_themselves(rules: RuleSet) -> None:
    assert [failure for failure in prove(rules) if failure.rule.startswith("c2pa.")] == []
