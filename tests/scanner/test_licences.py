"""Licences as installed metadata state them."""

from __future__ import annotations

from email.message import Message
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from media import ffmpeg
from media.errors import MissingDecoder
from scanner import doctor, licences
from scanner.licences import GPL, find_licences, licence_of, name_licence_of_ffmpeg
from tests.e2e.conftest import Call, call

__all__ = ["call"]


def _distribution(folder: Path, files: tuple[str, ...] = (), text: str = "", **stated: str) -> SimpleNamespace:
    described = Message()
    for key, value in stated.items():
        described[key.replace("_", "-")] = value
    (folder / "LICENSE").write_text(text)
    paths = [metadata.PackagePath(name) for name in files]
    for path in paths:
        path.dist = SimpleNamespace(locate_file=lambda _: folder / "LICENSE")  # type: ignore[attr-defined]
    return SimpleNamespace(metadata=described, files=paths, version="1.0")


@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        ({"License_Expression": "MIT-CMU", "License": "other"}, "MIT-CMU"),
        ({"License": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        (
            {"License": "Copyright (c) 2001 " + "x" * 80, "Classifier": "License :: OSI Approved :: BSD License"},
            "BSD License",
        ),
        ({}, "BSD"),
    ],
)
def test_where_a_licence_is_stated(tmp_path: Path, stated: dict[str, str], licence: str) -> None:
    text = "Redistribution and use in source and binary forms, with or without modification, are permitted"
    found = _distribution(tmp_path, ("a-1.0.dist-info/licenses/LICENSE",), text, **stated)
    assert licence_of(found) == licence  # type: ignore[arg-type]


def test_a_licence_that_nobody_states_is_empty(tmp_path: Path) -> None:
    assert licence_of(_distribution(tmp_path, ("a/b.py",))) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("licence", "is_gpl"),
    [
        ("GPL-2.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GPLv2", True),
        ("LGPL", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("MIT", False),
    ],
)
def test_which_licence_is_the_gpl(licence: str, is_gpl: bool) -> None:
    assert bool(GPL.search(licence)) is is_gpl


def test_native_libraries_of_a_wheel_are_named_on_every_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = (
        "a.libs/libx264-d6533a8d.so.165",
        "a/.dylibs/libx265.216.dylib",
        "a.libs/libheif-1a2b3c.dll",
        "a.libs/avcodec-62-0123456789abcdef.dll",
        "a.libs/libpng16-529cb57a.so.16.58.0",
        "a/_x264.py",
        "a/codec.cpython-311-x86_64-linux-gnu.so",
    )
    monkeypatch.setattr(licences.metadata, "requires", lambda _: None)
    monkeypatch.setattr(licences.metadata, "distribution", lambda _: _distribution(tmp_path, files, License="MIT"))
    (found,) = find_licences([(Requirement("a"), "ffmpeg")])
    assert (found.licence, found.needed_by) == ("MIT", "provscan[ffmpeg]")
    assert [name for name, _ in found.carries] == ["libavcodec", "libheif", "libx264", "libx265"]
    assert dict(found.carries)["libx264"] == "GPL-2.0-or-later"


def test_libraries_of_libraries_are_listed_with_who_needs_them() -> None:
    found = {each.name: each for each in find_licences([(Requirement("rich<99"), "")])}
    assert found["rich"].needed_by == "provscan"
    assert found["markdown-it-py"].needed_by == "rich"
    assert found["rich"].version == metadata.version("rich")


@pytest.mark.parametrize(
    ("configuration", "licence"),
    [
        ("--enable-libx264 --enable-gpl --enable-version3", "GPL-3.0-or-later"),
        ("--enable-gpl", "GPL-2.0-or-later"),
        ("--enable-shared", "LGPL-2.1-or-later"),
        ("--enable-version3", "LGPL-3.0-or-later"),
        ("--enable-gpl --enable-nonfree", "not free: it may not be passed on"),
    ],
)
def test_the_licence_of_an_ffmpeg_program_is_that_of_its_options(configuration: str, licence: str) -> None:
    assert name_licence_of_ffmpeg(configuration) == licence


def test_the_command_lists_what_is_installed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["pillow-heif<9"] if name == "provscan" else None)
    done = call("doctor", "--licences")
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert ["library", "pillow-heif", metadata.version("pillow-heif"), "BSD-3-Clause", "for", "provscan"] in lines
    assert any(line[:2] == ["program", "ffmpeg"] and line[2] == ffmpeg.tool().version for line in lines)
    assert "All required checks" not in done.out


def test_the_command_says_that_there_is_no_program(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingDecoder(f"no ffmpeg program was found ({ffmpeg.HOW_TO_GET})")

    monkeypatch.setattr("scanner.cli.doctor.tool", missing)
    done = call("doctor", "--licences")
    assert done.code == 0
    assert "pip install 'provscan[ffmpeg]'" in done.out
