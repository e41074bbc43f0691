"""The worked decisions of pictures, through a scan of real files with a real register: one scan a policy and genre."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.decisions.cases import DAY, MARKERS, Decision, decisions, rows_of
from tests.e2e.conftest import Call, call
from tests.e2e.demo import records_of

__all__ = ["call"]

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalSourceType="{}"/>'
    "</rdf:RDF></x:xmpmeta>"
)
WRITTEN_OTHERWISE = ("said-otherwise", "nothing-there", "every-policy")
"""Tables whose cases differ in words alone: the thorough run scans them all, every run one of twelve."""
SCANNED = tuple(
    one
    for number, one in enumerate(decisions())
    if one.marker in MARKERS and (one.file not in WRITTEN_OTHERWISE or number % 12 == 0)
)
OFTEN = ("netflix-2025", "apa-documentary", "default", "netflix-2025 + eu-ai-act")
"""Policies whose cases every run of the tests scans; those of the others are judged in every run, and scanned in the
thorough one."""
GROUPS = [
    pytest.param(policy, genre, marks=() if policy in OFTEN else pytest.mark.thorough)
    for policy, genre in sorted({(one.policy, one.genre) for one in SCANNED})
]


def test_many_are_scanned() -> None:
    assert len(SCANNED) >= 60


@pytest.mark.parametrize(("policy", "genre"), GROUPS)
def test_a_scan_decides_as_the_tables_say(policy: str, genre: str, tmp_path: Path, call: Call) -> None:
    cases = [one for one in SCANNED if (one.policy, one.genre) == (policy, genre)]
    for number, decision in enumerate(cases):
        _draw(tmp_path / "EP101" / decision.case / decision.asset.path, decision.marker, number)
    chosen = [word for name in policy.split(" + ") for word in ("--policy", name)]
    told = ("--genre", genre) if genre else ()
    asked = (*chosen, *told, "--delivery-date", DAY.isoformat(), "--matching", "off")
    call("scan", tmp_path / "EP101", "--out", tmp_path / "first", *asked)
    first = records_of(tmp_path / "first")
    _write(tmp_path / "register.csv", _rows(cases, first))
    call(
        "scan", tmp_path / "EP101", "--register", tmp_path / "register.csv", "--out", tmp_path / "again", *asked
    )  # fmt: skip
    records = records_of(tmp_path / "again")
    wrong = [
        f"{one.case}: {outcome}, expected {' or '.join(one.expected)}: {one.why}"
        for one in cases
        if (outcome := records[_path(one)]["verdict"]["outcome"]) not in one.expected
    ]
    assert not wrong, "\n".join(wrong)
    assert len(records) == len(cases)


def _path(decision: Decision) -> str:
    return f"{decision.case}/{decision.asset.path}"


def _draw(path: Path, marker: str, number: int) -> None:
    """A picture unlike all others, which states what its marker says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngImagePlugin.PngInfo()
    more: dict[str, Any] = {}
    for said in MARKERS[marker]:
        if said.reader == "png-text":
            info.add_text(said.key, said.value)
        elif said.reader == "xmp":
            info.add_itxt("XML:com.adobe.xmp", XMP.format(said.value))
        else:
            exif = Image.Exif()
            exif[0x0131] = said.value
            more["exif"] = exif
    Image.new("RGB", (64, 64), (number % 256, number // 256, 90)).save(path, pnginfo=info, **more)


def _rows(cases: Iterable[Decision], records: Mapping[str, Any]) -> list[dict[str, str]]:
    """All rows of all cases as one register. A path in a row is that of the scanned file."""
    rows = []
    for decision in cases:
        digest = records[_path(decision)]["asset"]["digest"]
        told = rows_of(decision, f"{digest['algorithm']}:{digest['value']}", _path(decision))
        rows.extend({**cells, "entry_id": f"{decision.case} {cells['entry_id']}"} for cells in told)
    return rows


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as table:
        sheet = csv.DictWriter(table, columns)
        sheet.writeheader()
        sheet.writerows(rows)
