"""Property sets of old Office files: what they state, in which code page, and what damage costs."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from uuid import UUID

import pytest

from fixtures import marks
from fixtures.formats import ole
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Examination

SUMMARY = UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9")


def examined(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


@pytest.mark.parametrize(("page", "title"), [(65001, "Räume 夜"), (1252, "Räume"), (1251, "Сцена"), (932, "夜明け")])
def test_properties_are_read_in_their_code_page(page: int, title: str, tmp_path: Path) -> None:
    says = {"summary/Title": title, "summary/Application": "Microsoft Word 9.0", "custom/Reel": "R1"}
    seen = examined(tmp_path / "letter.doc", ole.office(says, page))
    assert {said.key: said.value for said in seen.evidence} == says
    assert not seen.problems


def test_label_in_a_custom_property_is_found(tmp_path: Path) -> None:
    seen = examined(tmp_path / "letter.doc", ole.office({"custom/AIGC": marks.tc260()}))
    (finding,) = Engine(load_rules()).detect(seen.evidence).findings
    assert finding.claim == "generated"
    assert json.loads(seen.evidence[0].value)["Label"] == "1"


@pytest.mark.parametrize(
    ("streams", "code"),
    [
        ({"WordDocument": b"words"}, "unsupported"),
        ({"EncryptedPackage": b"?"}, "unsupported"),
        ({"\x05SummaryInformation": b"no property set at all, but text"}, "malformed"),
        ({"\x05SummaryInformation": struct.pack("<HHI16xI16sI", 0xFFFE, 0, 0, 1, SUMMARY.bytes_le, 90_000)}, "malformed"),
    ],
    ids=["no properties", "encrypted", "no set", "a set that is not there"],
)  # fmt: skip
def test_what_has_no_readable_properties_is_not_inspected(streams: dict[str, bytes], code: str, tmp_path: Path) -> None:
    seen = examined(tmp_path / "letter.doc", ole.compound(streams))
    assert [(problem.code, problem.blocking) for problem in seen.problems] == [(code, True)]


def test_every_cut_and_every_loop_costs_the_file_alone(tmp_path: Path) -> None:
    whole = ole.office({"summary/Title": "One", "custom/Reel": "R1"})
    for end in range(520, len(whole), 997):
        assert all(p.code != "bug" for p in examined(tmp_path / "cut.doc", whole[:end]).problems)
    for at in range(512, 512 + 4 * 20, 4):  # each link of the allocation table points back to the first sector
        looped = whole[:at] + struct.pack("<I", 1) + whole[at + 4 :]
        assert all(p.code != "bug" for p in examined(tmp_path / "loop.doc", looped).problems)
    for at in range(1024, len(whole), 61):
        broken = whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :]
        assert all(p.code != "bug" for p in examined(tmp_path / "broken.doc", broken).problems)
