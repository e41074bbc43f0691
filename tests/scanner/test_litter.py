"""Desktop litter: known by its content, never a final picture, and nothing hides in it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from fixtures.delivery.papers import LITTER as LEFT_BEHIND
from media.identify import LITTER
from scanner.discover.discover import DiscoverSettings, discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Asset, Category, Examination, Kind

ATTRIBUTES = struct.pack(">II16xH", 0x00051607, 0x00020000, 1) + struct.pack(">III", 9, 38, 32) + bytes(32)
INI = b"[.ShellClassInfo]\r\nIconResource=C:\\x.ico,0\r\n"
THUMBNAILS = next(item.make() for item in LEFT_BEHIND if item.path.endswith("Thumbs.db"))


def found(root: Path, path: str, data: bytes) -> Asset:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    (asset,) = discover([root], DiscoverSettings(categories=(("**", Category.FINAL_PICTURE),)))
    return asset


def seen(root: Path, path: str, data: bytes) -> Examination:
    return examine(found(root, path, data), ExamineSettings())


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("Final/.DS_Store", b"\0\0\0\1Bud1" + bytes(60), id="Finder"),
        pytest.param("Final/._ep.mov", ATTRIBUTES, id="AppleDouble"),
        pytest.param("__MACOSX/Final/._ep.mov", ATTRIBUTES, id="AppleDouble of an archive"),
        pytest.param("Final/.AppleDouble/ep.mov", ATTRIBUTES, id="AppleDouble of a server"),
        pytest.param("Final/Thumbs.db", THUMBNAILS, id="Windows' thumbnails"),
        pytest.param("Final/desktop.ini", INI, id="Windows' folder settings"),
        pytest.param("Final/Desktop.ini", b"\xff\xfe" + INI.decode().encode("utf-16-le"), id="the same in UTF-16"),
        pytest.param(".Spotlight-V100/Store-V2/store.db", b"8tsd" + bytes(90), id="Spotlight"),
        pytest.param(".fseventsd/0000000000a1b2c3", b"\x1f\x8b\x08\0" + bytes(90), id="file events"),
        pytest.param("Final/@eaDir/ep.mov@SynoEAStream", b"\0\1SYNO" + bytes(90), id="Synology"),
        pytest.param("Final/.localized", b"", id="an empty mark"),
        pytest.param("Final/Icon\r", b"", id="a folder's icon"),
    ],
)
def test_litter_is_inert_and_no_final_picture_whatever_its_folder_is(path: str, data: bytes, tmp_path: Path) -> None:
    examination = seen(tmp_path, path, data)
    asset = examination.asset
    assert (asset.media_type, asset.kind, asset.category) == (LITTER, Kind.INERT, Category.UNCATEGORISED)
    assert not examination.problems


def picture(root: Path) -> bytes:
    Image.new("RGB", (8, 8), "teal").save(root.parent / "x.jpg")
    return (root.parent / "x.jpg").read_bytes()


@pytest.mark.parametrize("path", ["Final/._x.jpg", ".Trashes/501/x.jpg", "Final/@eaDir/x.jpg/SYNOPHOTO_THUMB_M.jpg",
                                  ".Spotlight-V100/x.jpg", "Final/Thumbs.db", "Final/.DS_Store", "Final/desktop.ini"])  # fmt: skip
def test_a_picture_is_a_picture_wherever_it_lies(path: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    asset = found(root, path, picture(root))
    assert (asset.media_type, asset.category) == ("image/jpeg", Category.FINAL_PICTURE)


def word() -> bytes:
    return THUMBNAILS.replace("Catalog".encode("utf-16-le"), "WordDoc".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("Final/._ep.mov", ATTRIBUTES + bytes(5000), id="something behind the attributes"),
        pytest.param("Final/ep.mov", ATTRIBUTES, id="attributes under the master's own name"),
        pytest.param("Final/._ep.mov", ATTRIBUTES.replace(b"\0\0\0\x09", b"\0\0\0\x01"), id="a data fork"),
        pytest.param("Final/._ep.mov", b"\0\5\x16\0" + ATTRIBUTES[4:], id="AppleSingle, which holds the file"),
        pytest.param("Final/Thumbs.db", word(), id="a document called Thumbs.db"),
        pytest.param("Final/letter.doc", THUMBNAILS, id="thumbnails called a document"),
        pytest.param(".Trashes/501/ep.r3d", b"\0\0\1\x60RED2" + bytes(90), id="a master in the trash"),
        pytest.param("Final/ep.mov@SynoEAStream", b"\0\1SYNO" + bytes(90), id="Synology's name in another folder"),
        pytest.param("Final/ep.mov", b"", id="an empty file"),
    ],
)
def test_what_only_looks_like_litter_is_not_inspected(path: str, data: bytes, tmp_path: Path) -> None:
    assert any(problem.blocking for problem in seen(tmp_path, path, data).problems)


def test_words_in_a_file_called_desktop_ini_are_read_as_words(tmp_path: Path) -> None:
    assert found(tmp_path, "desktop.ini", b"Made by an AI, all of it\n").media_type == "text/plain"
