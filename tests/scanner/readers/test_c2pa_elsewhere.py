"""Credentials that lie where they are not expected: behind the pixels of a JPEG, elsewhere, or damaged in the file."""

from __future__ import annotations

import re
import struct
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.blanks import blank
from fixtures.c2pa_ca import AI, action, actions, sign
from fixtures.credentials import authority, sidecar, signed
from media.containers.jpeg import walk
from media.containers.jumbf import joined
from scanner.config import Config
from scanner.discover import discover
from scanner.examine import ExamineSettings, examine
from scanner.model import Claim, Examination, Outcome, Scan
from scanner.output import Output
from scanner.pipeline import run_scan
from scanner.rules import Engine, load_rules

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
    assert list(joined([cut[2], b"JP", b"other", cut[0], cut[1]])) == [box]


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
