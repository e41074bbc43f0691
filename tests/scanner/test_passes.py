"""What a run reads again: the examinations are gone through three times at most, and each is decoded once a pass."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scanner.config import Config
from scanner.examine import packed
from scanner.examine.store import Store
from scanner.model import Asset, Examination
from scanner.pipeline import Output, run_scan

MOST = 3


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the examination of each path was decoded."""
    counts: Counter[str] = Counter()
    unpack = packed.unpack

    def counting(asset: Asset, data: bytes) -> Examination:
        counts[asset.path] += 1
        return unpack(asset, data)

    monkeypatch.setattr(packed, "unpack", counting)
    return counts


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[Counter[str]]:
    """Of each pass over a store what was decoded in it."""
    made: list[Counter[str]] = []
    examinations = Store.examinations

    def counting(store: Store, *wanted: Any, **more: Any) -> Iterator[Examination]:
        made.append(Counter())
        for seen in examinations(store, *wanted, **more):
            made[-1][seen.asset.path] += 1
            yield seen

    monkeypatch.setattr(Store, "examinations", counting)
    return made


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    root = tmp_path / "EP101"
    for name in ("Final/EP101_0100_cover.png", "temp/EP101_0200_temp.png", "Artwork/EP101_0300.png", "notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".png"):
            Image.effect_noise((96, 64), 50).save(root / name)
        else:
            (root / name).write_text("words\n")
    sums = (f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in root.rglob("*.png"))
    (root / "checksum.md5").write_text("".join(sums))
    (root / "EP101.edl").write_text(
        "TITLE: EP101\nFCM: NON-DROP FRAME\n"
        "001  AX       V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
        "* FROM CLIP NAME: EP101_0200_temp.png\n"
    )
    return root


@pytest.mark.parametrize("formats", [("jsonl",), ("html", "csv")], ids=" ".join)
@pytest.mark.parametrize("matching", ["on", "off"])
def test_a_run_makes_three_passes_and_decodes_an_examination_once_in_each(
    delivery: Path,
    decoded: Counter[str],
    passes: list[Counter[str]],
    tmp_path: Path,
    matching: str,
    formats: tuple[str, ...],
) -> None:
    config = Config(executor="serial", matching=matching, cache=str(tmp_path / "cache"))
    for _ in range(2):  # everything is new, then everything is known
        decoded.clear()
        passes.clear()
        with run_scan([delivery], config, Output(folder=tmp_path / "out", formats=formats)) as run:
            assert run.summary.found == len(decoded) == 6
        assert max(decoded.values()) <= MOST, decoded
        assert len(passes) <= MOST
        assert all(count == 1 for each in passes for count in each.values()), passes
        if matching == "off":
            assert decoded["Final/EP101_0100_cover.png"] == 1
