"""Every fixture of every format, cut at each boundary of its structure and at random: none is inspected as if whole."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest

from media.containers.sound_tags import id3_end
from media.identify.elementary import mpeg_audio_frame
from tests.hostile.cuts import SEED, boundaries
from tests.hostile.mutants import SEEDS, inspect, seed
from tests.hostile.whole_stills import STILLS

_QUICK, _ALL = 1, 40
_LINES = frozenset({".md", ".vtt", ".edl"})
"""Texts of lines: any line may be the last."""
_BESIDE = frozenset({b"uuid", b"free", b"udta", b"xml ", b"Exif"})
"""Boxes that stand behind a whole movie or picture."""


def _is_unseen(name: str, data: bytes, at: int) -> bool:
    """Whether a fixture's format cannot show a cut before the byte at `at`."""
    suffix = PurePosixPath(name).suffix
    if suffix in _LINES or data[at:] == b"\0":  # the zero that makes the length of a last chunk even
        return True
    if suffix == ".mp3":
        return _is_frame(data, at)
    if "samsung-trailer" in name:
        return data[:at].endswith((b"\xff\xd9", b"IEND\xaeB`\x82"))
    if "motion-photo" in name:
        (still,) = (each for each in STILLS if each.name == "JPEG with a movie")
        return still.is_unseen(data, at) or data[at + 4 : at + 8] == b"uuid"
    if suffix in (".mp4", ".mov", ".jp2"):
        return data[at + 4 : at + 8] in _BESIDE and at + int.from_bytes(data[at : at + 4]) == len(data)
    if suffix in (".svg", ".ttml", ".xml", ".json", ".mpd", ".pdf"):
        return not data[at:].strip()
    if suffix == ".xmp":
        return at >= data.rfind(b"</x:xmpmeta>") + 12
    if suffix == ".xpm":
        return at > data.rfind(b"}")
    if suffix == ".docx":
        return at < 4
    if suffix == ".tga":
        return at == len(data) - 26
    if suffix == ".mxf":
        return data[at : at + 12] == bytes.fromhex("060e2b34020501010d010201")
    return False


def _is_frame(data: bytes, at: int) -> bool:
    place = id3_end(BytesIO(data))
    while place < at and (length := mpeg_audio_frame(data, place)):
        place += length
    return place == at


def _hold(name: str, count: int, folder: Path, *, every: bool) -> None:
    data, path, chance = seed(name), folder / name, random.Random(f"{SEED} {name}")
    places = boundaries(data, name)
    cuts = {*(places if every else chance.sample(places, min(count, len(places))))}
    cuts |= {chance.randrange(1, len(data)) for _ in range(count)}
    missed = []
    for at in sorted(cuts):
        path.write_bytes(data[:at])
        if not any(problem.blocking for problem in inspect(path).problems) and not _is_unseen(name, data, at):
            missed.append((at, data[max(0, at - 12) : at + 12]))
    assert missed == [], f"{name} of {len(data)} bytes"


@pytest.mark.parametrize("name", SEEDS)
def test_fixture_that_was_cut_is_not_inspected(name: str, tmp_path: Path) -> None:
    _hold(name, _QUICK, tmp_path, every=False)


@pytest.mark.thorough
@pytest.mark.parametrize("name", SEEDS)
def test_fixture_cut_at_every_boundary_and_at_random(name: str, tmp_path: Path) -> None:
    _hold(name, _ALL, tmp_path, every=True)
