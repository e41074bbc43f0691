"""Everything that lies under a root is found once, in a stable order, whatever it is."""

from __future__ import annotations

import os
import socket
import struct
import tracemalloc
from pathlib import Path

import pytest

from media.errors import Unreadable
from media.identify import Format
from scanner.discover.discover import DiscoverSettings, discover
from scanner.discover.formats import FileIdentify, Found, identify_file
from scanner.model import Asset, Category, Frames, Kind

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
NOT_ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind root")


def png(width: int = 64, height: int = 36) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0"


def dpx(width: int = 64, height: int = 36) -> bytes:
    return b"SDPX".ljust(772, b"\0") + struct.pack(">II", width, height).ljust(1276, b"\0")


def lay(root: Path, *paths: str, content: bytes | None = None) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if content is not None else png())


def found(*roots: Path, **settings: object) -> list[Asset]:
    return list(discover(roots, DiscoverSettings(**settings)))  # type: ignore[arg-type]


def paths(*roots: Path, **settings: object) -> list[str]:
    return [asset.path for asset in found(*roots, **settings)]


def test_files_come_by_bytes_then_subfolders(tmp_path: Path) -> None:
    lay(tmp_path, "b.png", "a/z.png", "a.png", "Z.png", "ä.png", "a/b/c.png", "a-b/x.png")
    assert paths(tmp_path) == ["Z.png", "a.png", "b.png", "ä.png", "a/z.png", "a/b/c.png", "a-b/x.png"]


def test_an_asset_says_what_lies_there(tmp_path: Path) -> None:
    lay(tmp_path / "EP101", "art/key.png")
    (asset,) = found(tmp_path / "EP101")
    status = (tmp_path / "EP101/art/key.png").stat()
    assert asset == Asset(
        path="art/key.png", root="EP101", location=str(tmp_path.resolve() / "EP101"), kind=Kind.IMAGE,
        media_type="image/png", size=status.st_size, mtime_ns=status.st_mtime_ns, category=Category.ARTWORK,
    )  # fmt: skip


def test_the_kind_is_by_content_and_not_by_name(tmp_path: Path) -> None:
    lay(tmp_path, "really.mov")
    assert [(asset.kind, asset.media_type) for asset in found(tmp_path)] == [(Kind.IMAGE, "image/png")]


class TestRoots:
    def test_equal_names_are_told_apart(self, tmp_path: Path) -> None:
        lay(tmp_path, "a/EP101/x.png", "b/EP101/x.png", "c/x.png")
        assets = found(tmp_path / "a/EP101", tmp_path / "b/EP101", tmp_path / "c")
        assert [asset.root for asset in assets] == ["a/EP101", "b/EP101", "c"]

    def test_files_of_one_folder_are_one_root(self, tmp_path: Path) -> None:
        lay(tmp_path, "art/b.png", "art/a.png", "art/not-named.png", "art/a.xmp")
        assets = found(tmp_path / "art/b.png", tmp_path / "art/a.png")
        assert [(asset.root, asset.path, asset.sidecars) for asset in assets] == [
            ("art", "a.png", ("a.xmp",)),
            ("art", "b.png", ()),
        ]

    def test_named_frames_are_a_sequence(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(10)), content=dpx())
        assert paths(*sorted(tmp_path.iterdir())) == ["f.%04d.dpx"]

    def test_what_lies_in_another_root_is_found_once(self, tmp_path: Path) -> None:
        lay(tmp_path, "a/x.png", "a/b/y.png")
        assert paths(tmp_path / "a/b", tmp_path / "a", tmp_path / "a/x.png", tmp_path / "a") == ["x.png", "b/y.png"]

    def test_a_root_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        (asset,) = found(tmp_path / "gone")
        assert (asset.root, asset.path, asset.problems[0].code) == ("gone", ".", "unreadable")

    @POSIX
    def test_a_root_that_is_a_link_is_followed(self, tmp_path: Path) -> None:
        lay(tmp_path, "real/x.png")
        (tmp_path / "link").symlink_to("real")
        assert paths(tmp_path / "link") == ["x.png"]

    @POSIX
    def test_a_named_file_that_is_a_link_is_followed(self, tmp_path: Path) -> None:
        lay(tmp_path, "store/x.png")
        (tmp_path / "y.png").symlink_to("store/x.png")
        (asset,) = found(tmp_path / "y.png")
        assert (asset.path, asset.kind, asset.problems) == ("y.png", Kind.IMAGE, ())


class TestSequences:
    def test_one_asset_with_ranges_and_holes(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"vfx/sh010.{n}.dpx" for n in range(1001, 1025) if n != 1007), content=dpx())
        (asset,) = found(tmp_path)
        assert asset.path == "vfx/sh010.%04d.dpx"
        assert asset.frames == Frames(ranges=((1001, 1006), (1008, 1024)), missing=((1007, 1007),))
        assert asset.size == 23 * len(dpx())
        assert asset.mtime_ns == max(file.stat().st_mtime_ns for file in (tmp_path / "vfx").iterdir())
        assert (asset.media_type, asset.category) == ("image/x-dpx", Category.VFX_ELEMENT)

    def test_too_few_are_stills(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(7)), content=dpx())
        assert len(found(tmp_path)) == 7
        assert len(found(tmp_path, min_frames=7)) == 1

    def test_another_raster_is_another_sequence(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(10)), content=dpx())
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(10, 20)), content=dpx(128, 72))
        assert [asset.frames for asset in found(tmp_path)] == [Frames(ranges=((0, 9),)), Frames(ranges=((10, 19),))]

    def test_odd_frames_are_their_own_assets_and_no_holes(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(12)), content=dpx())
        lay(tmp_path, "f.0004.dpx", content=dpx(128, 72))
        lay(tmp_path, "f.0005.dpx", content=png())
        sequence, *odd = found(tmp_path)
        assert sequence.frames == Frames(ranges=((0, 3), (6, 11)))
        assert [(asset.path, asset.frames) for asset in odd] == [("f.0004.dpx", None), ("f.0005.dpx", None)]

    def test_an_unreadable_frame_is_its_own_asset(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(12)), content=dpx())

        def identify(file: Found) -> Format:
            if file.name == "f.0004.dpx":
                raise Unreadable("no")
            return identify_file(file)

        sequence, odd = discover([tmp_path], identify=FileIdentify(identify))
        assert sequence.frames == Frames(ranges=((0, 3), (5, 11)))
        assert (odd.path, odd.problems[0].code) == ("f.0004.dpx", "unreadable")

    def test_folders_keep_their_frames(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"{folder}%/f.{n:04d}.dpx" for folder in "ab" for n in range(10)), content=dpx())
        assert paths(tmp_path) == ["a%%/f.%04d.dpx", "b%%/f.%04d.dpx"]


class TestSidecars:
    def test_they_are_paired_and_are_assets_too(self, tmp_path: Path) -> None:
        lay(tmp_path, "d/a.jpg", "d/A.XMP", "d/a.jpg.xmp", "d/a.c2pa", "d/b.jpg", "d/c.xmp")
        assets = {asset.path: asset.sidecars for asset in found(tmp_path)}
        assert len(assets) == 6
        assert assets["d/a.jpg"] == ("d/a.jpg.xmp", "d/A.XMP", "d/a.c2pa")
        assert assets["d/b.jpg"] == ()

    def test_a_sidecar_speaks_for_no_sidecar(self, tmp_path: Path) -> None:
        lay(tmp_path, "a.jpg")
        lay(tmp_path, "a.xmp", "a.jpg.xmp", content=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        assert [asset.path for asset in found(tmp_path) if asset.sidecars] == ["a.jpg"]

    def test_those_of_frames_belong_to_the_sequence(self, tmp_path: Path) -> None:
        lay(tmp_path, *(f"f.{n:04d}.dpx" for n in range(10)), content=dpx())
        lay(tmp_path, "f.0003.dpx.xmp", "f.0007.xmp", content=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        sequence = found(tmp_path)[0]
        assert sequence.sidecars == ("f.0003.dpx.xmp", "f.0007.xmp")


class TestWhatCannotBeRead:
    @POSIX
    def test_special_files_are_never_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(tmp_path / "socket"))
            assets = found(tmp_path)
        assert [(asset.path, asset.problems[0].code) for asset in assets] == [
            ("pipe", "unsupported"),
            ("socket", "unsupported"),
        ]
        assert "a named pipe" in assets[0].problems[0].message

    @POSIX
    def test_links(self, tmp_path: Path) -> None:
        lay(tmp_path, "out/secret.png", "in/real.png", "in/folder/x.png")
        root = tmp_path / "in"
        (root / "a-file").symlink_to("real.png")
        (root / "b-out").symlink_to("../out/secret.png")
        (root / "c-out-folder").symlink_to("../out")
        (root / "d-loop").symlink_to(".")
        (root / "e-broken").symlink_to("gone")
        (root / "f-itself").symlink_to("f-itself")
        told = {asset.path: [(problem.code, problem.blocking) for problem in asset.problems] for asset in found(root)}
        assert told == {
            "a-file": [],
            "b-out": [("unsupported", True)],
            "c-out-folder": [("unsupported", True)],
            "d-loop": [("unsupported", False)],
            "e-broken": [("unreadable", True)],
            "f-itself": [("unreadable", True)],
            "real.png": [],
            "folder/x.png": [],
        }

    @NOT_ROOT
    def test_permissions(self, tmp_path: Path) -> None:
        lay(tmp_path, "locked/x.png", "no.png", "yes.png")
        (tmp_path / "locked").chmod(0)
        (tmp_path / "no.png").chmod(0)
        try:
            told = {asset.path: [problem.code for problem in asset.problems] for asset in found(tmp_path)}
        finally:
            (tmp_path / "locked").chmod(0o700)
        assert told == {"no.png": ["unreadable"], "yes.png": [], "locked": ["unreadable"]}

    def test_a_folder_that_cannot_be_listed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lay(tmp_path, "bad/x.png", "good/y.png")
        scandir = os.scandir

        def refuse(path: str) -> object:
            if path.endswith("bad"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        bad, good = found(tmp_path)
        assert (bad.path, bad.problems[0].code, good.path) == ("bad", "unreadable", "good/y.png")

    def test_a_file_that_vanishes(self, tmp_path: Path) -> None:
        lay(tmp_path, "a.png", "b.png")
        flow = discover([tmp_path])
        next(flow)
        (tmp_path / "b.png").unlink()
        (asset,) = flow
        assert (asset.path, asset.problems[0].code) == ("b.png", "unreadable")

    @pytest.mark.parametrize(
        "head", [b"ID3", b"PK\x03\x04", b"\xff\xd8\xff", b"BM", b"II*\0", b"RIFF", b"\0\0\0\0ftyp"]
    )
    def test_a_few_bytes_end_no_run(self, tmp_path: Path, head: bytes) -> None:
        lay(tmp_path, "a", content=head)
        assert paths(tmp_path) == ["a"]

    @POSIX
    def test_odd_bytes_survive(self, tmp_path: Path) -> None:
        name = b"caf\xe9 \\ \n.png"
        (tmp_path / os.fsdecode(name)).write_bytes(png())
        (asset,) = found(tmp_path)
        assert os.fsencode(asset.path) == name
        assert (Path(asset.location) / asset.path).read_bytes() == png()

    def test_deep_folders(self, tmp_path: Path) -> None:
        folder = tmp_path.joinpath(*["d"] * 400)
        folder.mkdir(parents=True)
        lay(folder, "x.png")
        assert paths(tmp_path) == ["d/" * 400 + "x.png"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({"include": ("*.png",)}, ["a.png", "d/c.png", "d/e/f.png"], id="include-names"),
        pytest.param({"exclude": ("d",)}, ["a.png", "b.jpg"], id="exclude-a-folder-anywhere"),
        pytest.param({"exclude": ("d/e/**",)}, ["a.png", "b.jpg", "d/c.png"], id="exclude-below"),
        pytest.param({"exclude": ("**/*.PNG",)}, ["b.jpg"], id="case-does-not-count"),
        pytest.param({"include": ("d/*",)}, ["d/c.png"], id="star-stays-in-a-folder"),
        pytest.param({"include": ("*.png",), "exclude": ("e",)}, ["a.png", "d/c.png"], id="exclude-wins"),
    ],
)
def test_globs(tmp_path: Path, settings: dict[str, tuple[str, ...]], expected: list[str]) -> None:
    lay(tmp_path, "a.png", "b.jpg", "d/c.png", "d/e/f.png")
    assert paths(tmp_path, **settings) == expected


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("EP101/03_Key-Art/a.png", Category.ARTWORK),
        ("final/TEMP/a.png", Category.TEMP),
        ("Final/a.png", Category.FINAL_PICTURE),
        ("finality/a.png", Category.UNCATEGORISED),
        ("vfx/sh010/refs/a.png", Category.REFERENCE),
        ("vfx/plates/a.png", Category.VFX_ELEMENT),
        ("01. Archival Footage/a.png", Category.ARCHIVAL),
        ("a/5.1/a.png", Category.FINAL_AUDIO),
        ("temp.png", Category.UNCATEGORISED),
    ],
)
def test_usual_folder_names(tmp_path: Path, path: str, category: Category) -> None:
    lay(tmp_path / "show", path)
    assert [asset.category for asset in found(tmp_path / "show")] == [category]


@pytest.mark.parametrize(
    ("root", "path", "category"),
    [
        ("TMP", "Master/a.png", Category.FINAL_PICTURE),
        ("Docs", "Artwork/a.png", Category.ARTWORK),
        ("Temp", "a.png", Category.TEMP),
        ("Temp", "reel 1/a.png", Category.TEMP),
        ("DOC", "a.png", Category.UNCATEGORISED),
    ],
)
def test_a_production_may_be_called_as_its_folders_are(
    tmp_path: Path, root: str, path: str, category: Category
) -> None:
    lay(tmp_path / root, path)
    assert [asset.category for asset in found(tmp_path / root)] == [category]


def test_the_users_first_glob_wins(tmp_path: Path) -> None:
    lay(tmp_path, "temp/a.png", "temp/b.psd")
    globs = (("*.psd", Category.ARTWORK), ("temp/**", Category.IDEATION), ("**", Category.PROMO))
    categories = [asset.category for asset in found(tmp_path, categories=globs)]
    assert categories == [Category.IDEATION, Category.ARTWORK]


def test_the_roots_own_name_counts_and_its_parents_do_not(tmp_path: Path) -> None:
    lay(tmp_path, "temp/show/a.png", "promo/a.png")
    assets = found(tmp_path / "temp/show", tmp_path / "promo", tmp_path / "promo/a.png")
    assert [asset.category for asset in assets] == [Category.UNCATEGORISED, Category.PROMO]


def test_sound_among_masters_is_final_audio(tmp_path: Path) -> None:
    lay(tmp_path, "masters/a.wav", content=b"RIFF\0\0\0\0WAVEfmt ")
    assert [asset.category for asset in found(tmp_path)] == [Category.FINAL_AUDIO]


def test_it_is_lazy_and_holds_one_folder(tmp_path: Path) -> None:
    for folder in range(40):
        lay(tmp_path, *(f"{folder:02d}/x{name}.bin" for name in range(25)), content=b"")
    opened: list[str] = []

    def identify(file: Found) -> Format:
        opened.append(file.name)
        return Format("application/octet-stream")

    flow = discover([tmp_path], identify=FileIdentify(identify))
    next(flow)
    assert len(opened) == 1
    tracemalloc.start()
    assert sum(1 for _ in flow) == 999
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400_000
