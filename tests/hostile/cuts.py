"""Whole files of each format, cut at each boundary of their structure and at random: which cuts are seen.

`python -m tests.hostile.cuts [RANDOM]` writes `docs/cuts.md`. To add a format: a line in `FORMATS`. A format that cannot
show every cut names, in `unseen`, where it cannot, and in `is_unseen` holds a cut against that.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from fixtures.encode import encode
from media.containers import WALKERS, walk
from media.errors import MediaError
from media.identify import identify
from media.identify.elementary import ac3_frame, adts_frame, mpeg_audio_frame
from tests.benchmarks.table import table
from tests.hostile.mutants import inspect
from tests.hostile.whole_stills import STILLS

__all__ = ["FORMATS", "PAGE", "RELIABILITY", "Format", "boundaries", "cuts_of", "is_seen", "summary"]

PAGE = Path(__file__).parents[2] / "docs/cuts.md"
RELIABILITY = PAGE.with_name("reliability.md")
HEADING = "## Files that were cut off"
SEED = 15

PICTURE = ("-f", "lavfi", "-i", "testsrc2=duration=3:size=96x64:rate=25")
SOUND = ("-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000")
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "12")
AAC = ("-c:a", "aac", "-b:a", "96k")


def _never(_data: bytes, _at: int) -> bool:
    return False


def _always(_data: bytes, _at: int) -> bool:
    return True


@dataclass(frozen=True)
class Format:
    """A whole file, and the cuts that its format cannot show."""

    name: str
    suffix: str
    options: tuple[str, ...] = ()
    """For FFmpeg, where `data` makes no file of its own."""
    unseen: str = ""
    is_unseen: Callable[[bytes, int], bool] = _never
    """Whether a cut of the file, before the byte at an offset, is one that its format cannot show."""
    data: Callable[[], bytes] | None = None

    def make(self) -> bytes:
        """The file."""
        return _made(self)


@cache
def _made(each: Format) -> bytes:
    return each.data() if each.data is not None else encode(each.suffix, *each.options)


def _every(length: int) -> Callable[[bytes, int], bool]:
    return lambda data, at: at % length == 0


def _frames(frame: Callable[[bytes, int], int]) -> Callable[[bytes, int], bool]:
    """A cut where a frame begins."""

    def is_unseen(data: bytes, at: int) -> bool:
        place = 0
        while place < at and (length := frame(data, place)):
            place += length
        return place == at

    return is_unseen


def _before(*marks: bytes, lead: int = 0) -> Callable[[bytes, int], bool]:
    """A cut before a unit that begins so; `lead` bytes come before its mark."""
    return lambda data, at: any(data[at + lead : at + lead + len(mark)] == mark for mark in marks)


def _unseen_cluster(data: bytes, at: int) -> bool:
    """A cluster of Matroska, a block in one, or the marks behind the last: what a stream of unknown size may end with."""
    return data[at : at + 1] in (b"\xa3", b"\xa0") or data[at : at + 4] in (b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b")


FORMATS: tuple[Format, ...] = (
    Format("MP4, header last", ".mp4", (*PICTURE, *SOUND, *H264, *AAC)),
    Format("MP4, header first", ".mp4", (*PICTURE, *SOUND, *H264, *AAC, "-movflags", "+faststart")),
    Format(
        "MP4 of fragments", ".mp4", (*PICTURE, *H264, "-movflags", "+frag_keyframe+empty_moov"),
        "between two fragments, where no segment index states their sizes", _before(b"moof", b"mfra", lead=4),
    ),
    Format(
        "MP4 of fragments with an index", ".mp4",
        (*PICTURE, *H264, "-movflags", "+frag_keyframe+empty_moov+default_base_moof+global_sidx"),
        "before the index of random accesses, which is its last box", _before(b"mfra", lead=4),
    ),
    Format("MOV, ProRes and PCM", ".mov", (*PICTURE, *SOUND, "-c:v", "prores_ks", "-c:a", "pcm_s24le", "-timecode", "01:00:00:00")),
    Format("3GP", ".3gp", (*PICTURE, "-c:v", "h263", "-s", "176x144")),
    Format("M4A", ".m4a", (*SOUND, *AAC)),
    Format("MXF, MPEG-2", ".mxf", (*PICTURE, *SOUND, "-c:v", "mpeg2video", "-c:a", "pcm_s16le"),
           "before its random index, which is its last item and optional", _before(bytes.fromhex("060e2b34020501010d01020101110100"))),
    Format("Matroska", ".mkv", (*PICTURE, *SOUND, *H264, *AAC)),
    Format(
        "Matroska, live", ".mkv", (*PICTURE, *H264, "-live", "1"),
        "between two blocks, where neither segment nor duration states an end", _unseen_cluster,
    ),
    Format("Matroska, index first", ".mkv", (*PICTURE, *H264, "-cues_to_front", "1", "-cluster_time_limit", "400")),
    Format("Matroska, sound", ".mka", (*SOUND, "-c:a", "flac", "-metadata", "title=x")),
    Format("WebM, sound", ".webm", (*SOUND, "-c:a", "libopus")),
    Format("WebM", ".webm", (*PICTURE, "-c:v", "libvpx", "-b:v", "200k")),
    Format("AVI, DNxHD", ".avi", ("-f", "lavfi", "-i", "testsrc2=duration=0.2:size=1920x1080:rate=25", "-c:v", "dnxhd", "-b:v", "120M", "-pix_fmt", "yuv422p", "-vtag", "AVdn")),
    Format("AVI, MPEG-4", ".avi", (*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s16le")),
    Format("FLV", ".flv", (*PICTURE, "-c:v", "flv1")),
    Format("ASF, WMV", ".wmv", (*PICTURE, *SOUND, "-c:v", "wmv2", "-c:a", "wmav2")),
    Format("WMA", ".wma", (*SOUND, "-c:a", "wmav2")),
    Format("DV", ".dv", ("-f", "lavfi", "-i", "testsrc2=duration=0.2:size=720x576:rate=25", "-target", "pal-dv"), "between two frames", _every(144_000)),
    Format("MPEG transport stream", ".ts", (*PICTURE, *SOUND, *H264, *AAC), "between two packets of 188 bytes", _every(188)),
    Format("M2TS", ".m2ts", (*PICTURE, *H264, "-mpegts_m2ts_mode", "1"), "between two packets of 192 bytes", _every(192)),
    Format(
        "MPEG program stream", ".mpg", (*PICTURE, *SOUND, "-c:v", "mpeg2video", "-c:a", "mp2"),
        "between two packs or packets", _before(b"\0\0\1\xba", b"\0\0\1\xb9", b"\0\0\1\xe0", b"\0\0\1\xc0", b"\0\0\1\xbe"),
    ),
    Format("H.264, elementary", ".h264", (*PICTURE, *H264), "anywhere: it states neither a length nor a count", _always),
    Format("HEVC, elementary", ".hevc", (*PICTURE, "-c:v", "libx265", "-x265-params", "log-level=none"), "anywhere: it states neither a length nor a count", _always),
    Format("WAV", ".wav", (*SOUND, "-c:a", "pcm_s16le")),
    Format("RF64", ".wav", (*SOUND, "-c:a", "pcm_s24le", "-rf64", "always")),
    Format("AIFF", ".aiff", (*SOUND, "-c:a", "pcm_s16be")),
    Format("CAF", ".caf", (*SOUND, "-c:a", "pcm_s16be")),
    Format("Wave64", ".w64", (*SOUND, "-c:a", "pcm_s16le")),
    Format("AU", ".au", (*SOUND, "-c:a", "pcm_s16be")),
    Format("FLAC", ".flac", (*SOUND, "-c:a", "flac")),
    Format("Ogg Opus", ".opus", (*SOUND, "-c:a", "libopus")),
    Format("Ogg Vorbis", ".ogg", (*SOUND, "-c:a", "libvorbis")),
    Format("Ogg Theora", ".ogv", (*PICTURE, "-c:v", "libtheora", "-b:v", "300k")),
    Format("MXF, sound", ".mxf", (*SOUND, "-c:a", "pcm_s24le", "-f", "mxf_opatom"),
           "before its random index, which is its last item and optional", _before(bytes.fromhex("060e2b34020501010d01020101110100"))),
    Format("WavPack", ".wv", (*SOUND, "-c:a", "wavpack")),
    Format(
        "MP3 with Xing", ".mp3", (*SOUND, "-c:a", "libmp3lame", "-id3v2_version", "0"),
        "before its last frame", lambda data, at: len(data) - at <= mpeg_audio_frame(data, 0) and _frames(mpeg_audio_frame)(data, at),
    ),
    Format(
        "MP3 without Xing", ".mp3", (*SOUND, "-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"),
        "between two frames", _frames(mpeg_audio_frame),
    ),
    Format("AAC, ADTS", ".aac", (*SOUND, *AAC), "between two frames", _frames(adts_frame)),
    Format("AC-3", ".ac3", (*SOUND, "-c:a", "ac3"), "between two frames", _frames(ac3_frame)),
    *(Format(still.name, still.suffix, unseen=still.unseen, is_unseen=still.is_unseen, data=still.data) for still in STILLS),
)  # fmt: skip


_MARKS = {
    "video/x-matroska": (b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b", b"\x16\x54\xae\x6b", b"\xa3"),
    "audio/ogg": (b"OggS",),
    "audio/flac": (b"\xff\xf8",),
    "audio/x-wavpack": (b"wvpk",),
    "video/x-flv": (b"\x09\x00",),
    "video/mp2t": (b"\x47",),
    "video/mpeg": (b"\0\0\1",),
    "audio/mpeg": (b"\xff\xfb", b"\xff\xf3"),
    "audio/aac": (b"\xff\xf1",),
    "audio/ac3": (b"\x0b\x77",),
    "video/h264": (b"\0\0\0\1",),
    "video/hevc": (b"\0\0\0\1",),
    "video/x-dv": (b"\x1f\x07\x00",),
}
"""First bytes of the units of formats that have no walker."""


def boundaries(data: bytes, name: str) -> list[int]:
    """Where parts of a file's container begin and end."""
    places: set[int] = set()
    media_type = identify(BytesIO(data), name, len(data)).media_type
    if media_type in WALKERS:
        try:
            for part in walk(BytesIO(data), media_type, len(data)):
                places |= {part.offset, part.offset + part.size}
        except MediaError:
            pass
    for mark in _MARKS.get(media_type, ()):
        places |= {found.start() for found in re.finditer(re.escape(mark), data)}
    return sorted(place for place in places if 0 < place < len(data))


def cuts_of(each: Format, count: int, *, every: bool = False) -> Iterator[int]:
    """Every boundary, or at most `count` of them, and as many places at random as `count` says."""
    data, chance = each.make(), random.Random(f"{SEED} {each.name}")
    places = boundaries(data, "file" + each.suffix)
    yield from places if every else chance.sample(places, min(count, len(places)))
    yield from (chance.randrange(1, len(data)) for _ in range(count))


def is_seen(each: Format, at: int, folder: Path) -> bool:
    """Whether a scan calls the file, cut before the byte at `at`, not inspected."""
    path = folder / f"cut{each.suffix}"
    path.write_bytes(each.make()[:at])
    return any(problem.blocking for problem in inspect(path).problems)


def _row(each: Format, count: int, folder: Path) -> list[str]:
    tried = sorted(set(cuts_of(each, count, every=True)))
    missed = [at for at in tried if not is_seen(each, at, folder)]
    wrong = [at for at in missed if not each.is_unseen(each.make(), at)]
    return [
        each.name,
        str(len(tried)),
        str(len(tried) - len(missed)),
        str(len(missed)),
        str(len(wrong)),
        each.unseen or "–",
    ]


def summary(page: str) -> str:
    """What the page comes to, and every format that cannot show each cut: for `docs/reliability.md`."""
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line] for line in lines][2:]
    tried, seen, passed, wrong = (sum(int(row[column]) for row in rows) for column in range(1, 5))
    open_ = "\n".join(f"| {row[0]} | {row[5]} |" for row in rows if row[5] != "–")
    return (
        f"{HEADING}\n\n"
        f"{len(rows)} formats, {tried:,} cuts: at every boundary of the structure and at random. {seen:,} were not inspected; "
        f"{passed:,} passed,\n{wrong:,} of them although the format shows the cut. Each format by itself: [cuts.md](cuts.md).\n\n"
        "### Cannot be detected\n\n"
        "Nothing in such a file states that more should follow. Only a list with its digest shows the cut (MHL, packing list,\n"
        "checksum file).\n\n"
        f"| format | where a cut cannot be detected |\n|---|---|\n{open_}\n"
    )


def main() -> None:
    """Write the page, and its summary."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for each in FORMATS:
            rows.append(_row(each, count, Path(folder)))
            print(*rows[-1], sep=" | ", flush=True)
    head = ["format", "cuts tried", "not inspected", "passed", "of them wrongly", "cannot be detected"]
    PAGE.write_text(
        "# Files that were cut off\n\n"
        "A file that ends before its own structure does is *not inspected*, and never passes. A whole file of each format was cut at\n"
        f"every boundary of its structure and at {count} random places. The last column states where a cut in this format cannot be\n"
        "detected: nothing in such a file states that more should follow, so no program can know. Only a list with its digest (MHL,\n"
        "packing list, checksum file), or the length that the delivery requires, shows such a cut.\n\n"
        f"{table(head, rows)}\n"
        "Made by `python -m tests.hostile.cuts`.\n"
    )
    before = RELIABILITY.read_text().partition(f"\n{HEADING}")[0]
    RELIABILITY.write_text(f"{before}\n{summary(PAGE.read_text())}")


if __name__ == "__main__":
    main()
