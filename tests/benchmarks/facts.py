"""`python -m tests.benchmarks.facts [--show] FOLDER…`: facts of picture and sound as provscan reads them beside ffprobe.

Compared are kind, raster, frame rate, start timecode and duration, and the files that either refuses. A fact agrees
where both give the same, rates as fractions, durations within 50 ms; what only one of them has is a difference.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.errors import MediaError
from media.identify import KINDS, Kind, identify
from media.probe import probe
from media.sound import sound_clock
from scanner.readers.container import facts
from tests.benchmarks.table import table

FACTS = ("kind", "raster", "rate", "start", "duration")
NEAR_SECONDS = 0.05


@dataclass(frozen=True)
class Seen:
    """What one of them says of a file; None where it says nothing."""

    kind: str | None = None
    raster: tuple[int, int] | None = None
    rate: Fraction | None = None
    start: str | None = None
    duration: float | None = None


def ours(path: Path) -> Seen | None:
    """As provscan reads it; None where its demultiplexers refuse it."""
    with path.open("rb") as file:
        kind = identify(file, path.name, path.stat().st_size).kind
    try:
        found = probe(path)
    except MediaError:
        return None
    said = facts(found, None if found.first("video") else sound_clock(path))
    raster = (said.width, said.height) if said.width and said.height else None
    rate = Fraction(said.rate) if said.rate and found.first("video") else None
    start = said.timecode if found.first("video") else None
    return Seen(kind.value, raster, rate, start, said.duration)


def theirs(path: Path) -> Seen | None:
    """As ffprobe prints it; None where it refuses the file."""
    command = ["ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-show_streams", str(path)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    try:
        said = json.loads(done.stdout or b"{}")
    except ValueError:  # it prints tags that break its own JSON
        return None
    if "format" not in said:
        return None
    streams = said.get("streams", [])
    shown = [one for one in streams if not one.get("disposition", {}).get("attached_pic")]
    video = next((one for one in shown if one.get("codec_type") == "video"), None)
    kind = "video" if video else "audio" if any(one.get("codec_type") == "audio" for one in shown) else None
    tags = [said["format"].get("tags", {}), *(one.get("tags", {}) for one in streams)]
    starts = (value for tag in tags for key, value in tag.items() if key.lower() == "timecode")
    duration = said["format"].get("duration")
    return Seen(
        kind,
        (video["width"], video["height"]) if video and video.get("width") else None,
        _rate(video) if video else None,
        next(starts, None) if video else None,
        float(duration) if duration else None,
    )


def _rate(video: dict[str, str]) -> Fraction | None:
    for name in ("r_frame_rate", "avg_frame_rate"):
        top, _, bottom = video.get(name, "0/0").partition("/")
        if int(bottom or 1) and int(top):
            return Fraction(int(top), int(bottom or 1))
    return None


def differs(fact: str, one: Seen, other: Seen) -> bool:
    """Whether a fact differs."""
    mine, yours = getattr(one, fact), getattr(other, fact)
    if fact == "duration" and mine is not None and yours is not None:
        return abs(mine - yours) > NEAR_SECONDS
    return bool(mine != yours)


def files(folders: list[Path]) -> Iterator[tuple[Path, str]]:
    """Files of picture and sound, and their media types."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    known = identify(file, path.name, path.stat().st_size)
                if KINDS[known.media_type] in (Kind.VIDEO, Kind.AUDIO):
                    yield path, known.media_type


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="print each difference")
    asked = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    for path, media_type in files(asked.folders):
        count = counts.setdefault(media_type, Counter())
        mine, yours = ours(path), theirs(path)
        count["files"] += 1
        if mine is None or yours is None:
            count[
                "refused by both" if mine is yours else "by provscan alone" if mine is None else "by ffprobe alone"
            ] += 1
            continue
        count["compared"] += 1
        for fact in FACTS:
            if differs(fact, mine, yours):
                count[fact] += 1
                if asked.show:
                    print(f"{fact}: {getattr(mine, fact)} / {getattr(yours, fact)}  {path}")
    heads = ("files", "refused by both", "by provscan alone", "by ffprobe alone", "compared", *FACTS)
    counts["all"] = sum(counts.values(), Counter())
    print(table(("format", *heads), [(name, *(str(count[head]) for head in heads)) for name, count in counts.items()]))


if __name__ == "__main__":
    main()
