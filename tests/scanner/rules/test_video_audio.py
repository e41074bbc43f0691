"""From the bytes of a clip to the finding: what tools write, in every wrapping that can carry it."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.formats.tags import id3_tag
from media.errors import MediaError
from scanner.judge.rules.engine import Engine
from scanner.judge.rules.load import load_rules
from scanner.model import Evidence, Finding
from scanner.readers import READERS
from scanner.readers.interface import read_statements
from tests.scanner.timebased import (
    FMT,
    FTYP,
    PICTURE,
    SOUND,
    bext,
    box,
    chunk,
    chunks,
    data,
    freeform,
    itunes_meta,
    keys_meta,
    make,
    opened,
    wav,
)

OURS = {"audio-tags", "container", "isobmff", "mxf", "riff", "sei"}
LABEL = (
    '{"Label":"1","ContentProducer":"kling","ProduceID":"1","ReservedCode1":"",'
    '"ContentPropagator":"","PropagateID":"","ReservedCode2":""}'
)
GRAPH = (
    '{"3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "model": ["4", 0]}}, '
    '"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}}}'
)
INFOTEXT = "a house\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: a"
CAPCUT = '{"data":{"product":"vicut","is_use_ai_video_generation":%d,"is_use_ai_sound":0},"source_type":"vicut"}'
USE_TAGS = ("-movflags", "use_metadata_tags")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_rules())


def findings(engine: Engine, path: Path) -> tuple[Finding, ...]:
    medium = opened(path)
    evidence = [*_evidence(medium)]
    return engine.detect([replace(statement, id=f"e{n}") for n, statement in enumerate(evidence)]).findings


def _evidence(medium: object) -> Iterator[Evidence]:
    for reader in READERS:
        if reader.name in OURS and medium.media_type in reader.media_types:  # type: ignore[attr-defined]
            try:
                yield from read_statements(reader, medium)
            except MediaError:
                continue


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mp4", (*PICTURE, *USE_TAGS, "-metadata", f"AIGC={LABEL}"), id="MP4"),
        pytest.param("a.mov", (*PICTURE, *USE_TAGS, "-metadata", f"AIGC={LABEL}"), id="MOV"),
        pytest.param("a.mkv", (*PICTURE, "-metadata", f"AIGC={LABEL}"), id="Matroska"),
        pytest.param("a.webm", (*PICTURE, "-c:v", "libvpx", "-metadata", f"AIGC={LABEL}"), id="WebM"),
        pytest.param("a.flv", (*PICTURE, "-c:v", "flv1", "-metadata", f"AIGC={LABEL}"), id="FLV"),
        pytest.param("a.mp3", (*SOUND, "-metadata", f"AIGC={LABEL}"), id="MP3"),
        pytest.param("a.flac", (*SOUND, "-metadata", f"AIGC={LABEL}"), id="FLAC"),
        pytest.param("a.opus", (*SOUND, "-c:a", "libopus", "-metadata", f"AIGC={LABEL}"), id="Opus"),
        pytest.param("a.ogg", (*SOUND, "-c:a", "libvorbis", "-metadata", f"AIGC={LABEL}"), id="Vorbis"),
    ],
)
def test_the_chinese_label(engine: Engine, tmp_path: Path, name: str, arguments: tuple[str, ...]) -> None:
    (found,) = findings(engine, make(tmp_path / name, *arguments))
    assert (found.claim, found.tool) == ("generated", "Kling")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        pytest.param("a.wav", wav(FMT, chunk(b"data", b""), chunk(b"AIGC", LABEL.encode())), id="WAV chunk"),
        pytest.param(
            "a.avi", b"RIFF\xff\xff\xff\xffAVI " + chunks(b"INFO", chunk(b"AIGC", LABEL.encode())), id="AVI INFO"
        ),
        pytest.param("a.mp4", FTYP + box("moov", box("udta", box("aigc", LABEL.encode()))), id="user data"),
        pytest.param(
            "a.mp4",
            FTYP + box("moov", itunes_meta(freeform("com.apple.iTunes", "AIGC", LABEL.encode()))),
            id="freeform",
        ),
    ],
)
def test_the_chinese_label_by_hand(engine: Engine, tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    (found,) = findings(engine, tmp_path / name)
    assert (found.claim, found.tool) == ("generated", "Kling")


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.flac"])
def test_a_graph_in_tags(engine: Engine, tmp_path: Path, name: str) -> None:
    codec = {"a.webm": ("-c:v", "libvpx")}.get(name, ())
    source, extra = (SOUND, ()) if name == "a.flac" else (PICTURE, USE_TAGS if name[2:] in ("mp4", "mov") else ())
    path = make(tmp_path / name, *source, *codec, *extra, "-metadata", f"prompt={GRAPH}")
    assert [(found.claim, found.tool) for found in findings(engine, path)] == [("generated", "ComfyUI")]


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_graph_in_the_comment(engine: Engine, tmp_path: Path, name: str) -> None:
    codec = ("-c:v", "libvpx") if name == "a.webm" else ()
    path = make(
        tmp_path / name, *PICTURE, *codec, "-metadata", f'comment={{"prompt": {GRAPH}, "workflow": {{"nodes": []}}}}'
    )
    assert [(found.claim, found.tool) for found in findings(engine, path)] == [("generated", "ComfyUI")]


def test_settings_in_the_comment(engine: Engine, tmp_path: Path) -> None:
    (found,) = findings(engine, make(tmp_path / "a.mp4", *PICTURE, "-metadata", f"comment={INFOTEXT}"))
    assert found.claim == "generated"


@pytest.mark.parametrize(
    ("raw", "rule", "claim"),
    [
        pytest.param(itunes_meta(box("©too", data(b"Google"))), "veo.encoder", "possible", id="Veo"),
        pytest.param(
            keys_meta({"videoai": b"Enhanced using prob-4; mode: auto"}), "topaz.videoai", "enhanced", id="Topaz"
        ),
        pytest.param(keys_meta({"AigcInfo": b'{"aigc_label_type":1}'}), "tiktok.aigc-info", "generated", id="TikTok"),
        pytest.param(
            itunes_meta(box("©cmt", data(b"made with suno; created=1; id=2"))), "suno.comment", "generated", id="Suno"
        ),
        pytest.param(
            keys_meta({"com.apple.quicktime.artwork": (CAPCUT % 1).encode()}),
            "capcut.ai-features",
            "edited",
            id="CapCut",
        ),
        pytest.param(
            itunes_meta(box(b"\0\0\0\1", data(b'{"data":{"product":"dreamina","exportType":"generation"}}'))),
            "dreamina.export",
            "generated",
            id="Dreamina",
        ),
    ],
)
def test_boxes(engine: Engine, tmp_path: Path, raw: bytes, rule: str, claim: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(FTYP + box("moov", raw))
    (found,) = findings(engine, path)
    assert (found.rule, found.claim) == (rule, claim)


def test_suno_in_sound(engine: Engine, tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp3", *SOUND)
    address = "https://suno.com/song/00000000-0000-4000-8000-000000000000"
    path.write_bytes(id3_tag({"COMM": "made with suno; created=1; id=2", "WOAS": address}) + path.read_bytes())
    (found,) = findings(engine, path)
    assert (found.tool, found.claim, len(found.rules)) == ("Suno", "generated", 2)


def test_kling_signature(engine: Engine, tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.mp4", *PICTURE, "-c:v", "libx264")
    user_data = "h264_metadata=sei_user_data=91ca60614aee385486142d5f73f4ae2e+kling-ai"
    path = make(tmp_path / "a.mp4", "-i", str(plain), "-c:v", "copy", "-bsf:v", user_data)
    (found,) = findings(engine, path)
    assert (found.rule, found.tool) == ("kling.sei", "Kling")


def test_a_recorder_is_evidence_of_capture(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(bext(b"Sound Dev: 702T S#GJ0507000000"), FMT, chunk(b"data", struct.pack("<4h", 1, 2, 3, 4))))
    (found,) = findings(engine, path)
    assert (found.claim, found.strength) == ("captured", "heuristic")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mp4", (*PICTURE, *SOUND), id="what FFmpeg writes of anything"),
        pytest.param(
            "a.mp4", (*PICTURE, "-metadata", "title=Sora no Veo: Kling, Luma, Runway, Pika and Flux"), id="a title"
        ),
        pytest.param(
            "a.mp4", (*PICTURE, *USE_TAGS, "-metadata", 'AigcInfo={"aigc_label_type":0}'), id="a label that says no"
        ),
        pytest.param("a.mp4", (*PICTURE, *USE_TAGS, "-metadata", "AIGC=festival 2026"), id="a key of the same name"),
        pytest.param(
            "a.mp4",
            (*PICTURE, *USE_TAGS, "-metadata", f"com.apple.quicktime.artwork={CAPCUT % 0}"),
            id="CapCut without AI",
        ),
        pytest.param(
            "a.mp4", (*PICTURE, "-metadata:s:v", "handler_name=ISO Media file produced by Google Inc."), id="YouTube"
        ),
        pytest.param(
            "a.mp3",
            (*SOUND, "-metadata", "major_brand=isom", "-metadata", "comment=not made with suno"),
            id="MP3 of an MP4",
        ),
        pytest.param(
            "a.mkv", (*PICTURE, "-metadata", "comment=Enhanced using prob-4", "-metadata", "title=Iris"), id="a comment"
        ),
        pytest.param("a.wav", (*SOUND, "-metadata", "encoder=Pro Tools", "-metadata", "artist=Suno"), id="a band"),
    ],
)
def test_traps(engine: Engine, tmp_path: Path, name: str, arguments: tuple[str, ...]) -> None:
    assert findings(engine, make(tmp_path / name, *arguments)) == ()
