"""How a manifest names who made a file, and values that a tool writes into more than one format."""

from __future__ import annotations

import pytest

from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Evidence, Finding
from scanner.readers.exif_text import values_behind

ENGINE = Engine(load_rules())
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SIGNATURE = "Signature: " + "A" * 88
GRAPH = '{"3": {"inputs": {"seed": 1}, "class_type": "KSampler"}}'


def generated(**facts: str) -> Finding:
    common = {"relation": "active", "action": "c2pa.created", "integrity": "verified", "trust": "trusted"}
    said = Evidence(
        reader="c2pa", key="actions.digitalSourceType", value=TRAINED, where="x", id="e1", facts={**common, **facts}
    )
    (found,) = ENGINE.detect([said]).findings
    return found


@pytest.mark.parametrize(
    ("facts", "tool"),
    [
        ({"agent": "Video Generation", "generator": "Runway/1.0"}, "Runway"),
        ({"agent": "Video Generation", "generator": "c2pa-rs", "signer_cn": "RUNWAY AI, INC."}, "Runway"),
        (
            {"agent": "Video Generation", "generator": "c2pa-rs/0.67", "signer_org": "Nobody Known Ltd"},
            "Nobody Known Ltd",
        ),
        ({"agent": "Image Generation", "generator": "Unknown Studio"}, "Unknown Studio"),
        ({"agent": "Unknown Model 3", "generator": "Unknown Studio"}, "Unknown Model 3"),
        ({"agent": "Video Generation"}, "Video Generation"),
        ({"generator": "c2pa-rs/0.67"}, "c2pa-rs/0.67"),
    ],
)
def test_an_activity_does_not_name_a_maker(facts: dict[str, str], tool: str) -> None:
    assert generated(**facts).tool == tool


@pytest.mark.parametrize(
    ("format", "tool"),
    [
        ("video/mp4", "Google Veo"),
        ("image/png", "Google AI (Gemini, Imagen, Veo)"),
        ("audio/mpeg", "Google AI (Gemini, Imagen, Veo)"),
    ],
)
def test_a_video_that_google_signed_as_made_by_ai_is_by_veo(format: str, tool: str) -> None:
    found = generated(generator="Google C2PA Core Generator Library", signer_org="Google LLC", format=format)
    assert (found.tool, found.vendor) == (tool, "Google")


def test_youtube_is_not_veo() -> None:
    found = generated(
        generator="Google C2PA Core Generator Library",
        signer_cn="YouTube Video Processing Services",
        format="video/mp4",
    )
    assert found.tool == "YouTube"


@pytest.mark.parametrize(
    "home", ["isobmff:©cmt", "isobmff:comment", "container:comment", "isobmff:----:com.apple.iTunes:comment"]
)
def test_the_signature_of_grok_in_a_video(home: str) -> None:
    reader, _, key = home.partition(":")
    (found,) = ENGINE.detect([Evidence(reader=reader, key=key, value=SIGNATURE, where="x", id="e1")]).findings
    assert (found.tool, found.claim) == ("Grok", Claim.GENERATED)


@pytest.mark.parametrize(
    ("comment", "artist"),
    [
        ("exif:UserComment", "exif:Artist"),
        ("png-text:Description", "png-text:Author"),
        ("xmp:dc:description", "xmp:dc:creator"),
    ],
)
def test_the_signature_of_grok_in_pictures_needs_the_image_id(comment: str, artist: str) -> None:
    stated = [
        Evidence(reader=home.partition(":")[0], key=home.partition(":")[2], value=value, where="x", id=f"e{number}")
        for number, (home, value) in enumerate(
            ((comment, SIGNATURE), (artist, "01234567-89ab-cdef-0123-456789abcdef")), 1
        )
    ]
    assert [found.tool for found in ENGINE.detect(stated).findings] == ["Grok"]
    assert not ENGINE.detect(stated[:1]).findings


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (b"prompt:{}x\0\0workflow:" + GRAPH.encode() + b"\0", ["workflow:" + GRAPH]),
        (b"A Photographer\0An Editor\0", ["An Editor"]),
        (b"NIKON D850\0\x01\xff\x03\x90\0ab", []),
        (b"NIKON\0\0\0\0", []),
        (b"N\0I\0K\0O\0N\0", []),
    ],
)
def test_values_behind_the_first(raw: bytes, values: list[str]) -> None:
    assert values_behind(raw) == values
