"""Every file that lies in a tree is found once, whatever the tree looks like."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.discover import DiscoverSettings, discover
from scanner.discover.sequences import frame_paths

PARTS = st.sampled_from(["a", "b", "shot.0001", "sh_v002", "%d", "x%04d", "Ä", "two words", "\udcff", "=1+1", "新"])
FRAMES = st.builds(lambda stem, n, pad: f"{stem}.{n:0{pad}d}.png", PARTS, st.integers(0, 30), st.sampled_from([1, 4]))
NAMES = st.builds("{}{}".format, PARTS, st.sampled_from([".png", ".txt", "", ".xmp", ".c2pa"])) | FRAMES
RUNS = st.builds(
    lambda stem, first, count: [f"{stem}_{n:04d}.png" for n in range(first, first + count)],
    PARTS,
    st.integers(0, 20),
    st.integers(1, 12),
)
FOLDERS = st.lists(PARTS, max_size=2).map("/".join)
TREES = st.dictionaries(FOLDERS, st.lists(NAMES.map(lambda name: [name]) | RUNS, max_size=6), max_size=4)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\x02\0\0\0"


@pytest.mark.skipif(os.name != "posix", reason="names are bytes only on POSIX")
@settings(max_examples=60)
@given(TREES, st.integers(2, 10))
def test_every_file_is_found_once(tmp_path_factory, tree: dict[str, list[list[str]]], min_frames: int) -> None:
    root: Path = tmp_path_factory.mktemp("tree")
    laid = set()
    for folder, names in tree.items():
        for name in (name for run in names for name in run):
            path = f"{folder}/{name}" if folder else name
            try:
                (root / folder).mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(PNG if name.endswith(".png") else b"words")
            except (IsADirectoryError, FileExistsError, NotADirectoryError):
                continue
            laid.add(path)
    found: Counter[str] = Counter()
    for asset in discover([root], DiscoverSettings(min_frames=min_frames)):
        found.update([asset.path] if asset.frames is None else [str(path) for _, path in frame_paths(asset)])
        assert set(asset.sidecars) <= laid
    assert found == Counter(laid)
