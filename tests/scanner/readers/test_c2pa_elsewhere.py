"""Credentials that lie where they are not expected: behind the pixels of a JPEG, elsewhere, or damaged in the file."""

from __future__ import annotations

import base64
import re
import struct
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from fixtures.blanks import blank
from fixtures.c2pa_ca import AI, action, actions, sign
from fixtures.credentials import MEDIA_TYPES, authority, sidecar, signed
from media.containers.jpeg import walk
from media.containers.jumbf import Joined, join
from scanner.config import Config
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Examination, Outcome, Scan
from scanner.output.output import Output
from scanner.pipeline import run_scan

MADE = actions(action("c2pa.created", AI), generator="fixture")


def examined(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def claims(seen: Examination) -> list[Claim]:
    return [finding.claim for finding in Engine(load_rules()).detect(seen.evidence).findings]


def pieces(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG without its APP11 segments, and those."""
    found = [part for part in walk(BytesIO(data), len(data)) if part.name == "APP11"]
    segments = b"".join(data[part.offset - 4 : part.offset + part.size] for part in found)
    start, end = found[0].offset - 4, found[-1].offset + found[-1].size
    assert data[start:end] == segments
    return data[:start] + data[end:], segments


@pytest.mark.parametrize("place", ["behind the tables", "behind the pixels"])
def test_manifest_anywhere_before_the_end_of_a_jpeg_is_read(place: str, tmp_path: Path) -> None:
    plain, segments = pieces(signed(blank(".jpg"), ".jpg", MADE))
    at = len(plain) - 2 if place == "behind the pixels" else plain.index(b"\xff\xda")
    seen = examined(tmp_path / "art.jpg", plain[:at] + segments + plain[at:])
    assert not seen.problems
    assert claims(seen) == [Claim.GENERATED]


def test_manifest_behind_the_end_is_not_of_the_picture(tmp_path: Path) -> None:
    plain, segments = pieces(signed(blank(".jpg"), ".jpg", MADE))
    assert claims(examined(tmp_path / "art.jpg", plain + b"\xff\xd8" + segments + b"\xff\xd9")) == []


def test_box_that_is_cut_into_segments_is_joined_by_their_numbers() -> None:
    box = struct.pack(">I4s", 8 + 3000, b"jumb") + bytes(range(250)) * 12
    cut = [
        b"JP" + struct.pack(">HI", 7, number) + box[:8] + box[8 + at : 8 + at + 1000]
        for number, at in enumerate(range(0, 3000, 1000), 1)
    ]
    assert list(join([cut[2], b"JP", b"other", cut[0], cut[1]])) == [Joined(box, is_whole=True)]
    assert [found.is_whole for found in join(cut[1:])] == [False]
    assert [found.is_whole for found in join(cut[:2])] == [False]


def _in_segments(plain: bytes, store: bytes, *, lost: int | None = None, order: int = 1) -> bytes:
    """A JPEG whose store lies in pieces of 700 bytes, the first half of them before the pixels."""
    cut = [
        b"JP" + struct.pack(">HI", 1, number) + store[:8] + store[8 + at : 8 + at + 700]
        for number, at in enumerate(range(0, len(store) - 8, 700), 1)
    ][::order]
    segments = [b"\xff\xeb" + struct.pack(">H", 2 + len(piece)) + piece for piece in cut]
    if lost is not None:
        del segments[lost]
    half = len(segments) // 2
    return plain[:2] + b"".join(segments[:half]) + plain[2:-2] + b"".join(segments[half:]) + plain[-2:]


@pytest.mark.parametrize("order", [1, -1])
def test_segments_of_a_manifest_may_stand_apart_and_in_any_order(order: int, tmp_path: Path) -> None:
    plain, segments = pieces(signed(blank(".jpg"), ".jpg", MADE))
    (box,) = join([segments[4:]])
    seen = examined(tmp_path / "art.jpg", _in_segments(plain, box.data, order=order))
    assert not seen.problems
    assert claims(seen) == [Claim.GENERATED]


@pytest.mark.parametrize("lost", [0, 1, 3, -1])
def test_manifest_that_lacks_a_segment_is_not_passed_over(lost: int, tmp_path: Path) -> None:
    plain, segments = pieces(signed(blank(".jpg"), ".jpg", MADE))
    (box,) = join([segments[4:]])
    seen = examined(tmp_path / "art.jpg", _in_segments(plain, box.data, lost=lost))
    assert [problem.code for problem in seen.problems if problem.by == "c2pa" and problem.blocking] == ["malformed"]


def test_damaged_manifest_in_base64_that_names_a_trained_model_is_possible(tmp_path: Path) -> None:
    drawing = (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5"/></svg>'
    )
    data = signed(drawing, ".svg", MADE)
    found = re.search(rb"<c2pa:manifest[^>]*>([^<]*)<", data)
    assert found is not None
    store = base64.b64decode(found[1]).replace(b"cbor", b"zzzz", 1)
    seen = examined(tmp_path / "art.svg", data[: found.start(1)] + base64.b64encode(store) + data[found.end(1) :])
    assert claims(seen) == [Claim.POSSIBLE]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-be"])
def test_drawing_in_a_wide_encoding(encoding: str, tmp_path: Path) -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
    plain = examined(tmp_path / "plain.svg", text.encode(encoding))
    assert not plain.problems
    marked = signed(text.encode(), ".svg", MADE).decode()
    assert claims(examined(tmp_path / "art.svg", marked.encode(encoding))) == [Claim.GENERATED]


def _document() -> bytes:
    out = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("damaged", [False, True])
def test_manifest_of_a_pdf_that_was_saved_again_in_packed_streams(damaged: bool, tmp_path: Path) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(signed(_document(), ".pdf", MADE))) as document:
        streams = [entry for entry in document.objects if isinstance(entry, pikepdf.Stream)]
        (store,) = (entry for entry in streams if b"trainedAlgorithmicMedia" in entry.read_bytes())
        if damaged:
            store.write(store.read_bytes().replace(b"cbor", b"zzzz", 1))
        document.save(out, compress_streams=True, recompress_flate=True)
    seen = examined(tmp_path / "notes.pdf", out.getvalue())
    assert claims(seen) == [Claim.POSSIBLE if damaged else Claim.GENERATED]


@pytest.mark.parametrize("suffix", [".gif", ".jpg", ".webp", ".svg", ".mp4", ".mp3"])
def test_credentials_that_lie_elsewhere_are_named_in_every_format(suffix: str, tmp_path: Path) -> None:
    plain, path = tmp_path / f"plain{suffix}", tmp_path / f"art{suffix}"
    still = BytesIO()
    if suffix == ".webp":
        Image.new("RGB", (9, 9)).save(still, "WEBP")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5"/></svg>'
    plain.write_bytes({".svg": drawing, ".webp": still.getvalue()}.get(suffix) or blank(suffix))
    form = {".gif": "image/gif"}.get(suffix) or MEDIA_TYPES[suffix]
    sign(plain, path, MADE, ca=authority(), media_type=form, remote="https://example.invalid/m", embed=False)
    seen = examined(path, path.read_bytes())
    assert [problem for problem in seen.problems if problem.blocking] == []
    assert "remote-manifest" in {said.key for said in seen.evidence}


@pytest.mark.parametrize(("box", "number"), [(b"jumb", 1), (b"cbor", 0), (b"jumd", 3), (b"cbor", 5)])
def test_manifest_that_cannot_be_read_but_names_a_trained_model_is_possible(
    box: bytes, number: int, tmp_path: Path
) -> None:
    data = signed(blank(".png"), ".png", MADE)
    at = [found.start() for found in re.finditer(box, data)][number]
    seen = examined(tmp_path / "art.png", data[:at] + b"zzzz" + data[at + 4 :])
    assert ("unparsed", "trainedAlgorithmicMedia") in {(said.key, said.value) for said in seen.evidence}
    assert [problem.code for problem in seen.problems if problem.by == "c2pa"] == ["malformed"]
    assert claims(seen) == [Claim.POSSIBLE]


def test_damaged_manifest_that_names_none_claims_nothing(tmp_path: Path) -> None:
    made = actions(action("c2pa.created", AI.replace("trainedAlgorithmicMedia", "digitalCapture")), generator="fixture")
    data = signed(blank(".png"), ".png", made)
    seen = examined(tmp_path / "art.png", data.replace(b"jumd", b"zzzz"))
    assert claims(seen) == []
    assert [problem.code for problem in seen.problems if problem.by == "c2pa"] == ["malformed"]


@pytest.mark.parametrize("beside", [False, True])
def test_credentials_that_lie_elsewhere_have_a_reason_until_they_lie_beside(beside: bool, tmp_path: Path) -> None:
    folder = tmp_path / "EP101" / "artwork"
    folder.mkdir(parents=True)
    (tmp_path / "plain.png").write_bytes(blank(".png"))
    path = folder / "art.png"
    sign(tmp_path / "plain.png", path, MADE, ca=authority(), remote="https://example.invalid/m", embed=False)
    if beside:
        (folder / "art.c2pa").write_bytes(sidecar(path.read_bytes(), ".png", MADE))
    config = Config(cache=str(tmp_path / "cache"), executor="serial", matching="off")
    with run_scan([tmp_path / "EP101"], config, Output()) as run:
        record = next(record for record in run.records() if record.examination.asset.path.endswith(".png"))
    rules = {reason.rule: reason.outcome for reason in record.verdict.reasons}
    assert ("delivery.credentials-elsewhere" in rules) is not beside
    if not beside:
        assert rules["delivery.credentials-elsewhere"] is Outcome.FYI
        assert (record.verdict.outcome, record.verdict.scan) == (Outcome.FYI, Scan.COMPLETE)
        assert "https://example.invalid/m" in record.verdict.reasons[0].text
