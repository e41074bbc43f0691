"""One delivery whose folders have names in eight languages, names that say nothing, or none: what is found is the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fixtures import marks
from fixtures.photos import photograph
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

NAMES = {
    "English": ("01_Masters", "Key Art", "Ideation", "Legal"),
    "German": ("Endfassung_v2", "Plakate", "Entwürfe", "Verträge"),
    "French": ("PAD", "Affiches", "Maquettes", "Contrats"),
    "Spanish": ("Entregables", "Carteles", "Bocetos", "Contratos"),
    "Italian": ("Consegna", "Locandine", "Bozzetti", "Liberatorie"),
    "Portuguese": ("Versão final", "Cartazes", "Esboços", "Direitos"),
    "Dutch": ("Oplevering", "Filmposters", "Schetsen", "Contracten"),
    "Japanese": ("納品", "ポスター", "絵コンテ", "契約書"),
}
FILES = ("frame.png", "poster.png", "concept.png", "contract.txt")


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A marked concept, a master's frame that shows it without the mark, a marked poster, and a paper."""
    folder = tmp_path_factory.mktemp("media")
    mark = PngInfo()
    mark.add_text("parameters", marks.a1111())
    concept = photograph("rocket", (480, 320))
    concept.save(folder / "concept.png", pnginfo=mark)
    frame = photograph("coffee", (960, 540))
    frame.paste(concept.resize((420, 280), Image.Resampling.LANCZOS), (300, 120))
    frame.save(folder / "frame.png")
    photograph("cat", (400, 600)).save(folder / "poster.png", pnginfo=mark)
    (folder / "contract.txt").write_text("signed")
    return folder


def scanned(call: Call, media: Path, tmp_path: Path, folders: tuple[str, ...]) -> tuple[dict[str, Any], str, str]:
    """Each file's findings, matches and outcome by its name; what the command printed; the exit code."""
    root, out = tmp_path / "EP101", tmp_path / "out"
    for folder, name in zip(folders, FILES, strict=True):
        (root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(media / name, root / folder / name)
    answer = call("scan", root, "--out", out, "--no-cache", "-v")
    seen = {
        path.rpartition("/")[2]: {
            "found": [(one["id"], one["rule"], one["claim"]) for one in record["findings"]],
            "matched": [(one["role"], one["relation"]) for one in record["matches"]],
            "outcome": record["verdict"]["outcome"],
            "rules": [one["rule"] for one in record["verdict"]["reasons"]],
            "category": record["asset"]["category"],
        }
        for path, record in records_of(out).items()
    }
    return seen, answer.out, str(answer.code)


LANGUAGES = [
    pytest.param(name, marks=() if name == "German" else pytest.mark.thorough) for name in NAMES if name != "English"
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_delivery_is_judged_alike_in_every_language(call: Call, media: Path, tmp_path: Path, language: str) -> None:
    english = scanned(call, media, tmp_path / "english", NAMES["English"])
    assert english[0]["frame.png"]["matched"] == [("ai-made", "embedded")]
    assert {name: one["outcome"] for name, one in english[0].items()} == {
        "frame.png": "blocker", "poster.png": "blocker", "concept.png": "fyi", "contract.txt": "pass",
    }  # fmt: skip
    other = scanned(call, media, tmp_path / "other", NAMES[language])
    assert (other[0], other[2]) == (english[0], english[2])


@pytest.mark.parametrize("folders", [("A1", "A2", "A3", "A4"), ("",) * 4], ids=["names that say nothing", "flat"])
def test_without_names_that_are_known_the_same_is_found_and_nothing_is_milder(
    call: Call, media: Path, tmp_path: Path, folders: tuple[str, ...]
) -> None:
    seen, said, code = scanned(call, media, tmp_path, folders)
    assert {name: one["category"] for name, one in seen.items() if name != "contract.txt"} == dict.fromkeys(
        FILES[:3], "uncategorised"
    )
    assert seen["frame.png"]["matched"] == [("ai-made", "embedded")]
    assert {name: one["outcome"] for name, one in seen.items()} == {
        **dict.fromkeys(FILES[:3], "blocker"), "contract.txt": "pass",
    }  # fmt: skip
    assert seen["concept.png"]["matched"] == []
    assert code == "1"
    assert "Use not recognised: 3 pictures, programmes and sounds" in " ".join(said.split()[:60])


def test_names_that_disagree_are_an_issue_and_the_stricter_holds(call: Call, media: Path, tmp_path: Path) -> None:
    folders = ("Temp/Final_Masters", "Legal/S01/Artwork", "Ideation", "Legal")
    seen, said, _ = scanned(call, media, tmp_path, folders)
    assert seen["frame.png"]["category"] == "final-picture"
    assert seen["frame.png"]["outcome"] == "blocker"
    assert "delivery.use-disputed" in seen["frame.png"]["rules"]
    assert "delivery.use-disputed" in seen["poster.png"]["rules"]
    assert "Temp and Final_Masters: judged as final-picture" in " ".join(said.split())
    assert json.loads((tmp_path / "out/summary.json").read_text())["unrecognised"] == 0


def test_what_a_sources_folder_of_the_delivery_holds_is_not_found_in_itself(
    call: Call, media: Path, tmp_path: Path
) -> None:
    root = tmp_path / "EP101"
    for folder, name in (("Clips", "concept.png"), ("Masters", "frame.png")):
        (root / folder).mkdir(parents=True)
        shutil.copy(media / name, root / folder / name)
    call("scan", root, "--sources", root / "Clips", "--out", tmp_path / "out", "--no-cache")
    records = records_of(tmp_path / "out")
    assert records["Clips/concept.png"]["matches"] == []
    assert [one["role"] for one in records["Masters/frame.png"]["matches"]] == ["ai-made"]


def test_the_proposed_settings_say_what_was_understood_and_are_obeyed(call: Call, media: Path, tmp_path: Path) -> None:
    root = tmp_path / "EP101"
    for folder, name in (
        ("Projet", "frame.png"),
        ("Plakate", "poster.png"),
        ("Temp/Final", "concept.png"),
        ("", "frame.png"),
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(media / name, root / folder / name)
    shown = call("categories", root)
    assert shown.code == 0
    assert "4 folders: 2 not recognised, 1 with names that contradict each other." in shown.out
    proposed = call("categories", root, "--toml").out
    assert '"Projet/*" = "final-picture"   # not recognised' in proposed
    assert '"Temp/Final/*" = "final-picture"   # the names contradict each other: Temp and Final' in proposed
    assert proposed.splitlines()[-1].startswith('"*" = "final-picture"')
    settings = tmp_path / "provscan.toml"
    settings.write_text(proposed.replace('"Projet/*" = "final-picture"', '"Projet/*" = "ideation"'))
    call("scan", root, "--config", settings, "--out", tmp_path / "out", "--no-cache")
    seen = {path: record["asset"]["category"] for path, record in records_of(tmp_path / "out").items()}
    assert seen == {
        "frame.png": "final-picture", "Projet/frame.png": "ideation", "Plakate/poster.png": "artwork",
        "Temp/Final/concept.png": "final-picture",
    }  # fmt: skip
    assert json.loads((tmp_path / "out/summary.json").read_text())["unrecognised"] == 0
