"""Holes in files of the right length: how many of each size are seen, by the structure alone and where finals are decoded.

`python -m tests.hostile.holes [HOLES]` writes the table of `docs/whole.md`. To add a format: a line in `MADE`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from functools import cache
from io import BytesIO
from pathlib import Path

from fixtures.encode import encode
from media.ends import decode_ends
from media.errors import MediaError
from media.identify import identify
from media.whole import check_whole
from tests.benchmarks.table import table

__all__ = ["MADE", "filled", "is_seen", "made"]

PAGE = Path(__file__).parents[2] / "docs/whole.md"
SHARES = (0.20, 0.05, 0.01)
"""Parts of a file that a hole covers."""

NOISE = ("-f", "lavfi", "-i", "testsrc2=duration=8:size=320x180:rate=25,noise=alls=20:allf=t", "-threads", "1")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=duration=40:amplitude=0.3:sample_rate=48000:seed=1")
SHORT = ("-f", "lavfi", "-i", "anoisesrc=duration=8:amplitude=0.3:sample_rate=48000:seed=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")
MADE = {
    "movie.mp4": (*NOISE, *SHORT, *H264, "-c:a", "aac"),
    "fragments.mp4": (*NOISE, *SHORT, *H264, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"),
    "picture.mkv": (*NOISE, *SHORT, *H264, "-c:a", "aac", "-cluster_time_limit", "500"),
    "live.mkv": (*NOISE, *H264, "-live", "1"),
    "long-gop.mxf": (*NOISE, *SHORT, "-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "pcm_s16le"),
    "intra.mxf": (*NOISE, "-c:v", "jpeg2000"),
    "picture.avi": (*NOISE, *SHORT, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "picture.ts": (*NOISE, *SHORT, *H264, "-c:a", "aac"),
    "picture.mpg": (*NOISE, *SHORT, "-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "mp2"),
    "picture.wmv": (*NOISE, *SHORT, "-c:v", "wmv2", "-b:v", "4M", "-c:a", "wmav2"),
    "picture.flv": (*NOISE, "-c:v", "flv1", "-b:v", "4M"),
    "picture.h264": (*NOISE, *H264),
    "picture.dv": (*NOISE, "-target", "pal-dv", "-t", "0.8"),
    "sound.mp3": (*SOUND, "-c:a", "libmp3lame", "-b:a", "192k"),
    "sound.aac": (*SOUND, "-c:a", "aac", "-b:a", "192k"),
    "sound.ac3": (*SOUND, "-c:a", "ac3", "-b:a", "448k"),
    "sound.flac": (*SOUND, "-c:a", "flac"),
    "sound.ogg": (*SOUND, "-c:a", "libvorbis", "-ac", "2", "-b:a", "400k"),
}
"""Name → what FFmpeg is asked for."""


@cache
def made(name: str) -> bytes:
    """The whole file."""
    return encode("." + name.rpartition(".")[2], *MADE[name])


def filled(data: bytes, first: float, last: float, fill: bytes = b"\0") -> bytes:
    """The file with one byte from a part of it to another."""
    start, end = int(first * len(data)), int(last * len(data))
    return data[:start] + fill * (end - start) + data[end:]


def is_seen(data: bytes) -> bool:
    """Whether its structure shows that something is not there."""
    try:
        check_whole(BytesIO(data), identify(BytesIO(data), "clip", len(data)).media_type, len(data))
    except MediaError:
        return True
    return False


def _is_decoded(path: Path) -> bool:
    try:
        decode_ends(path)
    except MediaError:
        return False
    return True


def measure(count: int) -> list[list[str]]:
    """A row for each format: bytes, then of each size of hole those seen by structure, and with decoding."""
    rows: list[list[str]] = []
    draw = random.Random(15)
    with tempfile.TemporaryDirectory() as folder:
        for name in MADE:
            data, path = made(name), Path(folder) / name
            seen: Counter[tuple[float, str]] = Counter()
            for share in SHARES:
                for _ in range(count):
                    first = draw.uniform(0.02, 0.97 - share)  # without the headers and the last units
                    holed = filled(data, first, first + share)
                    path.write_bytes(holed)
                    by_structure = is_seen(holed)
                    seen[share, "structure"] += by_structure
                    seen[share, "decoding"] += by_structure or not _is_decoded(path)
            cells = [f"{seen[share, 'structure']} / {seen[share, 'decoding']}" for share in SHARES]
            rows.append([name, f"{len(data) / 1e6:.1f} MB", *cells])
            sys.stderr.write(f"{rows[-1]}\n")
    return rows


def main() -> None:
    """Measure, and write the page."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    heads = ["file", "size", *(f"hole of {share:.0%}" for share in SHARES)]
    rows = table(heads, measure(count))
    lead = f"Of {count} holes of each size: seen by the structure alone / and where finals are decoded too.\n"
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition("<!-- holes -->\n")
    text = f"{before}<!-- holes -->\n{lead}\n{rows}<!-- end -->{rest.partition('<!-- end -->')[2]}"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
