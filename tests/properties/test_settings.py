"""Wherever a person stands and whatever is inspected: no settings file inside it is read, none is passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.config import Config
from scanner.settings import Settings, load_settings

FOLDERS = [".", "a", "a/b", "a/b/c", "a/d", "e", "e/f"]
LINKS = {"e/to-a": "a", "a/d/to-b": "a/b", "e/f/to-e": "e"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders, and links between them; nobody has settings."""
    base = Path(os.path.realpath(tmp_path_factory.mktemp("tree")))
    for folder in FOLDERS:
        (base / folder).mkdir(parents=True, exist_ok=True)
    for link, target in LINKS.items():
        (base / link).symlink_to(base / target)
    return base


@pytest.fixture(autouse=True)
def _back() -> Iterator[None]:
    """Each of these tests goes elsewhere."""
    before = Path.cwd()
    yield
    os.chdir(before)


def within(place: Path, roots: list[Path]) -> bool:
    return any(place.resolve().is_relative_to(root.resolve()) for root in roots)


def fill(base: Path, held: set[str]) -> None:
    for folder in FOLDERS:
        (base / folder / "provscan.toml").unlink(missing_ok=True)
    for number, folder in enumerate(sorted(held), 1):
        (base / folder / "provscan.toml").write_text(f"jobs = {number}\n", "utf-8")


def settings(base: Path, here: str, roots: list[Path], file: Path | None = None) -> Settings:
    os.chdir(base / here)
    return load_settings(roots, file=file, flags={}, environ={})


places = st.sampled_from([*FOLDERS, *LINKS])


@given(held=st.sets(st.sampled_from(FOLDERS)), here=places, named=st.lists(places, min_size=1, max_size=3))
def test_only_what_is_not_inspected_is_read_and_the_rest_is_named(
    tree: Path, held: set[str], here: str, named: list[str]
) -> None:
    fill(tree, held)
    roots = [tree / name for name in named]
    told = settings(tree, here, roots)
    (read,) = told.origins.read or {""}
    standing = (tree / here).resolve()
    files = [folder / "provscan.toml" for folder in (standing, *standing.parents)]
    nearest = next((str(file) for file in files if file.is_file() and file.is_relative_to(tree)), "")
    assert read == ("" if within(standing, roots) else nearest)
    assert (told.config == Config()) == (read == "")
    unread = {os.path.realpath(one.path) for one in told.origins.not_read}
    assert read not in unread
    for root in (root.resolve() for root in roots):
        for folder in (root, *root.parents):
            file = folder / "provscan.toml"
            assert not file.is_file() or str(file) in unread | {read}


@given(here=places, named=places, file=st.sampled_from(FOLDERS))
def test_a_named_file_is_read_wherever_it_lies(tree: Path, here: str, named: str, file: str) -> None:
    fill(tree, {file})
    told = settings(tree, here, [tree / named], tree / file / "provscan.toml")
    assert told.config.jobs == 1
    assert told.origins.not_read == ()
    assert told.origins.given(told.config) == ({"name": "jobs", "value": "1", "from": "provscan.toml, by --config"},)


def test_a_working_folder_that_is_gone_has_no_settings(tree: Path, tmp_path: Path) -> None:
    fill(tree, set())
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert load_settings([tree], file=None, flags={}, environ={}).config == Config()
    os.chdir(tree)


def test_a_relative_configuration_folder_is_nobodys(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tree, set())
    (tree / "e/provscan").mkdir(exist_ok=True)
    (tree / "e/provscan/provscan.toml").write_text("jobs = 9", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", "e")
    assert settings(tree, ".", [tree / "a"]).config.jobs == 0
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tree / "e"))
    assert settings(tree, ".", [tree / "a"]).config.jobs == 9
